"""orderUpdate: the few fields of an order that may change, and the tax that a new address recalculates.

Must not know payloads. Source: reference §0.1 and §4.3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from crossdock.sandbox.shopify.customer_rules import normalise_tags, to_e164
from crossdock.sandbox.shopify.order_amounts import OrderRefusedError
from crossdock.sandbox.shopify.order_customers import is_known_email, read_address
from crossdock.sandbox.shopify.order_input import tag_errors
from crossdock.sandbox.shopify.order_parts import OrderLine
from crossdock.sandbox.shopify.order_records import Order
from crossdock.sandbox.shopify.owned_metafields import Owner, change_metafields
from crossdock.sandbox.shopify.records import UserError, Wire
from crossdock.sandbox.shopify.shop_taxes import compute_taxes
from crossdock.sandbox.shopify.store import ShopifyStore
from crossdock.sandbox.shopify.zones import find_province, zones_of

_NOTHING: Final = "No valid update parameters have been provided"


def update_order(store: ShopifyStore, order: Order, given: Mapping[str, Wire]) -> Order:
    """Change and store an order.

    Raises:
        OrderRefusedError: every broken rule at once, or nothing to change.

    """
    if not [key for key in given if key != "id"]:
        raise OrderRefusedError([UserError(None, _NOTHING)])
    errors: list[UserError] = []
    values = _scalars(store, given, errors)
    if given.get("shippingAddress") is not None:
        errors.extend(_address_errors(given["shippingAddress"]))
        values["shipping_address"] = read_address(store, given["shippingAddress"], ["shippingAddress"], errors)
        if order.fulfillment_status == "UNFULFILLED":
            values["lines"] = _retaxed(store, order.lines, taxes_included=order.taxes_included)
    if given.get("metafields"):
        path = ["metafields"]
        kept, problems = change_metafields(
            store, Owner("ORDER", order.id_number, order.metafields), given["metafields"], path
        )
        errors.extend(problems)
        values["metafields"] = kept
    if errors:
        raise OrderRefusedError(errors)
    return store.save_order(replace(order, **values, updated_at=store.now()))


def _scalars(store: ShopifyStore, given: Mapping[str, Wire], errors: list[UserError]) -> dict[str, Wire]:
    values: dict[str, Wire] = {}
    for key, attribute in (("note", "note"), ("poNumber", "po_number"), ("email", "email")):
        if key in given:
            values[attribute] = given[key]
    if not is_known_email(given.get("email")):
        errors.append(UserError(["email"], "Email is invalid"))
    if (given.get("phone") or "").strip():
        values["phone"] = to_e164(given["phone"], store.country)
        if values["phone"] is None:
            errors.append(UserError(["phone"], "Phone is invalid"))
    if given.get("tags") is not None:
        values["tags"] = normalise_tags(given["tags"])
        errors.extend(tag_errors(values["tags"], ["tags"]))
    if given.get("customAttributes") is not None:
        values["attributes"] = tuple((one["key"], one["value"]) for one in given["customAttributes"])
    return values


def _address_errors(given: Mapping[str, Wire]) -> list[UserError]:
    errors: list[UserError] = []
    for key, message in (("lastName", "Enter a last name"), ("zip", "Enter a ZIP code")):
        if not (given.get(key) or "").strip():
            errors.append(UserError(["shippingAddress", key], message))
    country, province = given.get("countryCode") or "", given.get("provinceCode") or given.get("province") or ""
    if country == "US" and zones_of(country) and find_province(country, province) is None:
        message = "State is not a valid state in United States"
        errors.append(UserError(["shippingAddress", "province"], message))
    return errors


def _retaxed(store: ShopifyStore, lines: Sequence[OrderLine], *, taxes_included: bool) -> tuple[OrderLine, ...]:
    return tuple(
        replace(line, tax_lines=compute_taxes(store, line.final_total, taxes_included=taxes_included))
        if line.taxable
        else line
        for line in lines
    )
