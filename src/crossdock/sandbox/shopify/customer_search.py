"""What customers can be searched by. Must not know the search syntax, or paging.

Source: reference §6.
"""

from typing import Final

from crossdock.sandbox.shopify import search
from crossdock.sandbox.shopify.records import Customer
from crossdock.sandbox.shopify.search import Filters, Predicate, Term


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


CUSTOMER_FILTERS: Final[Filters] = {
    "default": _default,
    "accepts_marketing": search.truth(lambda customer: customer.email_consent.state == "SUBSCRIBED"),
    "country": _country,
    "created_at": search.time(lambda customer: customer.created_at),
    "customer_date": search.time(lambda customer: customer.created_at),
    "email": search.text(lambda customer: customer.email, is_tokenised=True),
    "first_name": search.text(lambda customer: customer.first_name),
    "id": search.record_id(lambda customer: customer.number),
    "last_name": search.text(lambda customer: customer.last_name),
    "orders_count": search.number(lambda customer: customer.number_of_orders),
    "phone": search.text(lambda customer: customer.phone),
    "state": search.text(lambda customer: customer.state),
    "tag": search.tag(lambda customer: customer.tags),
    "tag_not": search.tag(lambda customer: customer.tags, is_wanted=False),
    "total_spent": search.number(lambda customer: float(customer.spent)),
    "updated_at": search.time(lambda customer: customer.updated_at, is_whole_day=True),
}
COUNT_FILTERS: Final[Filters] = {key: CUSTOMER_FILTERS[key] for key in ("created_at", "id", "updated_at")}
