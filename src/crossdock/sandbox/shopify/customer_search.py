"""What customers can be searched by. Must not know the search syntax, or paging.

Source: reference §6.
"""

from typing import Final

from crossdock.sandbox.shopify import search
from crossdock.sandbox.shopify.records import Customer
from crossdock.sandbox.shopify.search import Filters, Predicate, Term
from crossdock.sandbox.shopify.store import ShopifyStore


def _country(term: Term) -> Predicate:
    wanted = term.value.casefold()

    def matches(customer: Customer) -> bool:
        return any(
            wanted in {(address.country or "").casefold(), (address.country_code_v2 or "").casefold()}
            for address in customer.addresses
        )

    return matches


def _default(term: Term) -> Predicate:
    wanted = term.value.casefold().rstrip("*")

    def matches(customer: Customer) -> bool:
        texts = (customer.first_name, customer.last_name, customer.email, customer.phone)
        return any(wanted in text.casefold() for text in texts if text)

    return matches


_FILTERS: Final[Filters] = {
    "default": _default,
    "accepts_marketing": search.truth(lambda customer: customer.email_consent.state == "SUBSCRIBED"),
    "country": _country,
    "created_at": search.time(lambda customer: customer.created_at),
    "customer_date": search.time(lambda customer: customer.created_at),
    "email": search.text(lambda customer: customer.email, is_tokenised=True),
    "first_name": search.text(lambda customer: customer.first_name),
    "id": search.record_id(lambda customer: customer.number),
    "last_name": search.text(lambda customer: customer.last_name),
    "phone": search.text(lambda customer: customer.phone),
    "state": search.text(lambda customer: customer.state),
    "tag": search.tag(lambda customer: customer.tags),
    "tag_not": search.tag(lambda customer: customer.tags, is_wanted=False),
    "updated_at": search.time(lambda customer: customer.updated_at, is_whole_day=True),
}
COUNT_FILTERS: Final[Filters] = {key: _FILTERS[key] for key in ("created_at", "id", "updated_at")}


def customer_filters(store: ShopifyStore) -> Filters:
    """Answer what the customers of a store can be searched by: two filters ask its orders."""
    return {
        **_FILTERS,
        "orders_count": search.number(store.order_count),
        "total_spent": search.number(lambda customer: float(store.spent_by(customer))),
    }
