"""customerSet: creates or changes the customer that an identifier names. Must not know the rules of a field.

Source: reference §3.6 (recorded answers).
"""

from collections.abc import Mapping
from typing import Final

from crossdock.sandbox.shopify.context import Info, Request, request_of
from crossdock.sandbox.shopify.customer_rules import to_e164
from crossdock.sandbox.shopify.customer_table import email_key
from crossdock.sandbox.shopify.customer_writing import CustomerRefusedError, write_customer
from crossdock.sandbox.shopify.errors import invalid_id
from crossdock.sandbox.shopify.owned_metafields import find_custom_id
from crossdock.sandbox.shopify.records import Customer, UserError, Wire, parse_gid
from crossdock.sandbox.shopify.store import ShopifyStore

_MISSING: Final = "The input field corresponding to the identifier is required."
_MISMATCH: Final = "The identifier value does not match the value of the corresponding field in the input."
_NOT_FOUND: Final = "Resource matching the identifier was not found."


def find_by_custom_id(store: ShopifyStore, custom_id: Mapping[str, Wire]) -> Customer | None:
    """Find a customer by its unique `id` metafield, at once and never by the search index.

    Raises:
        ShopError: NOT_FOUND, no definition of type `id` has that namespace and key.

    """
    return store.customers.get(find_custom_id(store, "CUSTOMER", custom_id))


def set_customer(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve customerSet: lists given are replaced, fields left out stay."""
    request = request_of(info, "write_customers", protects="Customer")
    request.store.counters.mutations += 1
    given, identifier = dict(args["input"]), args.get("identifier")
    if "taxExempt" in given and given["taxExempt"] is None:
        return _refused(UserError(["input", "taxExempt"], "Tax exempt is of unexpected type NilClass", "INVALID"))
    try:
        before = _find(request, given, identifier)
        if identifier and identifier.get("customId"):
            custom = identifier["customId"]
            given["metafields"] = [{**custom, "type": "id"}]
        return {"customer": write_customer(request.store, given, before, ["input"]), "userErrors": []}
    except CustomerRefusedError as refused:
        return {"customer": None, "userErrors": refused.errors}


def _find(request: Request, given: Mapping[str, Wire], identifier: Mapping[str, Wire] | None) -> Customer | None:
    customers = request.store.customers
    if identifier is None:
        return _by_id(request, given["id"]) if given.get("id") else None
    if identifier.get("id") is not None:
        return _by_id(request, identifier["id"])
    if identifier.get("customId") is not None:
        return find_by_custom_id(request.store, identifier["customId"])
    name = "email" if identifier.get("email") is not None else "phone"
    wanted, stated = identifier[name], given.get(name)
    if stated is None:
        raise CustomerRefusedError([UserError(["input"], _MISSING, "MISSING_FIELD_REQUIRED")])
    region = request.store.country
    if name == "email":
        if email_key(wanted) != email_key(stated):
            raise CustomerRefusedError([UserError(["input"], _MISMATCH, "INPUT_MISMATCH")])
        return customers.by_email(wanted)
    phone = to_e164(wanted, region)
    if (phone or wanted) != (to_e164(stated, region) or stated):
        raise CustomerRefusedError([UserError(["input"], _MISMATCH, "INPUT_MISMATCH")])
    return customers.by_phone(phone) if phone else None


def _by_id(request: Request, gid: str) -> Customer:
    number = parse_gid(gid, "Customer")
    if number is None:
        raise invalid_id(gid)
    customer = request.store.customers.get(number)
    if customer is None:
        raise CustomerRefusedError([UserError(["input"], _NOT_FOUND, "NOT_FOUND")])
    return customer


def _refused(error: UserError) -> dict[str, Wire]:
    return {"customer": None, "userErrors": [error]}
