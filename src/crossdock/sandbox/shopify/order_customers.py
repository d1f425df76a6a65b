"""The customer of a new order: found, created or changed by the order itself. Must not know lines or payments.

Source: reference §4.1 (`customer`, `email` alone, the default address that an order overwrites).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from crossdock.sandbox.shopify.address_rules import AddressRefusedError, build_address
from crossdock.sandbox.shopify.customer_rules import is_email
from crossdock.sandbox.shopify.customer_writing import CustomerRefusedError, write_customer
from crossdock.sandbox.shopify.errors import invalid_id
from crossdock.sandbox.shopify.order_amounts import OrderRefusedError
from crossdock.sandbox.shopify.records import Address, Customer, UserError, Wire, parse_gid
from crossdock.sandbox.shopify.store import ShopifyStore
from crossdock.sandbox.shopify.zones import find_country

_NO_CUSTOMER: Final = "Customer does not exist"


def choose_customer(store: ShopifyStore, given: Mapping[str, Wire]) -> Customer | None:
    """Answer the customer of an order input, created where an e-mail names nobody yet; None without any hint.

    Raises:
        OrderRefusedError: both ways to name one, nobody of that id, or rules of customers that are broken.

    """
    wanted: Mapping[str, Wire] = given.get("customer") or {}
    if wanted and given.get("customerId"):
        text = "Only one of customer and customerId can be given"
        raise OrderRefusedError([UserError(["order", "customer"], text, "REDUNDANT_CUSTOMER_FIELDS")])
    associated = wanted.get("toAssociate")
    if associated is not None and associated.get("id"):
        return _by_gid(store, associated["id"], ["order", "customer", "toAssociate", "id"])
    if given.get("customerId"):
        return _by_gid(store, given["customerId"], ["order", "customerId"])
    if wanted.get("toUpsert") is not None:
        return _upsert(store, wanted["toUpsert"], given.get("email"))
    email: str | None = (associated["email"] if associated and associated.get("email") else None) or given.get("email")
    return find_or_create(store, email, given.get("buyerAcceptsMarketing") or False) if email else None


def find_or_create(store: ShopifyStore, email: str, accepts_marketing: object = None) -> Customer:
    """Answer the customer of an e-mail address, created where there is none: that is what a guest's order does."""
    known = store.customers.by_email(email)
    if known is not None:
        return known
    given: dict[str, Wire] = {"email": email}
    if accepts_marketing:
        given["emailMarketingConsent"] = {"marketingState": "SUBSCRIBED", "marketingOptInLevel": "SINGLE_OPT_IN"}
    return write_customer(store, given, None)


def give_default_address(store: ShopifyStore, customer: Customer, address: Address | None) -> Customer:
    """Make the order's address the customer's default, added where it isn't there, and fill a missing name from it."""
    if address is None:
        return customer
    store.remember_default_address(customer)
    same = next((one for one in customer.addresses if replace(one, number=address.number) == address), None)
    kept = customer.addresses
    if same is None:
        same = replace(address, number=store.next_number())
        kept = (*kept, same)
    changed = replace(customer, addresses=kept, default_address_number=same.number, updated_at=store.now())
    if not (customer.first_name or customer.last_name):
        changed = replace(changed, first_name=address.first_name, last_name=address.last_name)
    return store.save(changed)


def read_address(
    store: ShopifyStore, given: Mapping[str, Wire] | None, path: list[str], errors: list[UserError]
) -> Address | None:
    """Read an order's address: as it is, unless the store is told to check it as it checks a customer's.

    Whether orderCreate checks addresses is not known (reference §4.3), so both are offered.
    """
    if given is None or not any(str(value or "").strip() for value in given.values()):
        return None
    try:
        return build_address(store.next_number(), given, path, (None, None))
    except AddressRefusedError as refused:
        if store.behaviour.checks_order_addresses:
            errors.extend(refused.errors)
    return _as_given(store.next_number(), given)


def is_known_email(text: str | None) -> bool:
    """Tell whether an order's e-mail is none or a possible one."""
    return not text or is_email("".join(text.split()))


def _as_given(number: int, given: Mapping[str, Wire]) -> Address:
    texts = {key: str(value).strip() or None for key, value in given.items() if value is not None}
    country = find_country(texts.get("countryCode") or texts.get("country") or "")
    return Address(
        number,
        address1=texts.get("address1"),
        address2=texts.get("address2"),
        city=texts.get("city"),
        company=texts.get("company"),
        country=country[1] if country else texts.get("country"),
        country_code_v2=country[0] if country else None,
        first_name=texts.get("firstName"),
        last_name=texts.get("lastName"),
        phone=texts.get("phone"),
        province=texts.get("province"),
        province_code=texts.get("provinceCode"),
        zip=texts.get("zip"),
    )


def _by_gid(store: ShopifyStore, text: str, path: list[str]) -> Customer:
    number = parse_gid(text, "Customer")
    if number is None:
        raise invalid_id(text)
    customer = store.customers.get(number)
    if customer is None:
        raise OrderRefusedError([UserError(path, _NO_CUSTOMER, "INVALID")])
    return customer


def _upsert(store: ShopifyStore, wanted: Mapping[str, Wire], email: str | None) -> Customer:
    path = ["order", "customer", "toUpsert"]
    given = {key: value for key, value in wanted.items() if key != "id"}
    if not given.get("email") and email:
        given["email"] = email
    if wanted.get("id"):
        known: Customer | None = _by_gid(store, wanted["id"], [*path, "id"])
    else:
        known = store.customers.by_email(given["email"]) if given.get("email") else None
    try:
        return write_customer(store, given, known, path)
    except CustomerRefusedError as refused:
        raise OrderRefusedError(refused.errors) from None
