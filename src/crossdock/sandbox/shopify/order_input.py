"""Turns an orderCreate input into an order: every rule in one place, and nothing stored before all hold.

Must not know payloads. Source: reference §4.1 to §4.3. Texts that are not recorded name the rule in our words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from crossdock.sandbox.shopify.customer_rules import normalise_tags, to_e164
from crossdock.sandbox.shopify.errors import invalid_id
from crossdock.sandbox.shopify.order_amounts import AmountReader, OrderRefusedError
from crossdock.sandbox.shopify.order_customers import (
    choose_customer,
    give_default_address,
    is_known_email,
    read_address,
)
from crossdock.sandbox.shopify.order_events import Fulfillment
from crossdock.sandbox.shopify.order_lines import apply_discount_code, apply_order_taxes, read_lines, read_shipping
from crossdock.sandbox.shopify.order_parts import OrderLine
from crossdock.sandbox.shopify.order_payments import read_transactions
from crossdock.sandbox.shopify.order_records import Order
from crossdock.sandbox.shopify.order_status import derive_financial_status
from crossdock.sandbox.shopify.owned_metafields import Owner, change_metafields
from crossdock.sandbox.shopify.records import Metafield, UserError, Wire, parse_gid
from crossdock.sandbox.shopify.store import ShopifyStore

MAX_TAG: Final = 40
MAX_NOTE: Final = 5000
_FULFILLMENT: Final = {"FULFILLED": "FULFILLED", "PARTIAL": "PARTIALLY_FULFILLED", "RESTOCKED": "RESTOCKED"}


def create_order(store: ShopifyStore, given: Mapping[str, Wire], options: Mapping[str, Wire], app: str) -> Order:
    """Create and store the order of an input.

    Raises:
        OrderRefusedError: every broken rule at once; nothing was stored.

    """
    reader = AmountReader(given, store.currency)
    draft = _assemble(store, given, reader, app)
    reader.errors.extend(_text_errors(store, given))
    metafields, errors = _metafields(store, given)
    reader.errors.extend(errors)
    reader.errors.extend(_stock_errors(store, draft.lines, options))
    if reader.errors:
        raise OrderRefusedError(reader.errors)
    customer = choose_customer(store, given)
    if customer is not None:
        customer = give_default_address(store, customer, draft.shipping_address or draft.billing_address)
    order = replace(
        draft,
        customer_number=customer.number if customer else None,
        email=draft.email or (customer.email if customer else None),
        metafields=metafields,
    )
    if (options.get("inventoryBehaviour") or "BYPASS") != "BYPASS":
        store.take_stock(order.lines)
    return store.save_order(order)


def _assemble(store: ShopifyStore, given: Mapping[str, Wire], reader: AmountReader, app: str) -> Order:
    now, id_number, number = store.now(), store.next_number(), store.next_order_number()
    lines, shipping = read_lines(store, given, reader), read_shipping(store, given, reader)
    lines, shipping, codes = apply_discount_code(given, lines, shipping, reader)
    lines = apply_order_taxes(given, lines, shipping, reader)
    order = Order(
        id_number,
        given.get("name") or f"{store.order_prefix}{number}{store.order_suffix}",
        number,
        now,
        now,
        min(given.get("processedAt") or now, now),
        reader.currency,
        reader.presentment,
        lines,
        shipping,
        read_transactions(store, given, reader, id_number),
        taxes_included=bool(given.get("taxesIncluded")),
        email="".join((given.get("email") or "").split()) or None,
        phone=_phone(store, given),
        billing_address=read_address(store, given.get("billingAddress"), ["order", "billingAddress"], reader.errors),
        shipping_address=read_address(store, given.get("shippingAddress"), ["order", "shippingAddress"], reader.errors),
        discount_codes=codes,
        note=given.get("note"),
        po_number=given.get("poNumber"),
        tags=normalise_tags(given.get("tags") or ()),
        attributes=tuple((one["key"], one["value"]) for one in given.get("customAttributes") or ()),
        source_name=given.get("sourceName") or app,
        source_identifier=given.get("sourceIdentifier"),
        test=bool(given.get("test")),
        closed_at=given.get("closedAt"),
    )
    order = replace(order, financial_status=given.get("financialStatus") or derive_financial_status(order))
    return _fulfil(store, given, order, reader)


def _fulfil(store: ShopifyStore, given: Mapping[str, Wire], order: Order, reader: AmountReader) -> Order:
    status = _FULFILLMENT.get(given.get("fulfillmentStatus") or "", "UNFULFILLED")
    wanted = given.get("fulfillment")
    if wanted is None:
        return replace(order, fulfillment_status=status)
    location = parse_gid(wanted["locationId"], "Location")
    if location is None:
        raise invalid_id(wanted["locationId"])
    if store.catalogue.find_location(location) is None:
        reader.refuse(["order", "fulfillment", "locationId"], "Location does not exist", "FULFILLMENT_SERVICE_INVALID")
    numbers = wanted.get("trackingNumber") or wanted.get("trackingNumbers") or ()
    numbers = [numbers] if isinstance(numbers, str) else numbers
    company = wanted.get("trackingCompany")
    tracking = tuple({"company": company, "number": number, "url": None} for number in numbers)
    if company and not tracking:
        tracking = ({"company": company, "number": None, "url": None},)
    quantity = sum(line.quantity for line in order.lines)
    made = Fulfillment(
        store.next_number(), order.id_number, f"{order.name}.1", store.now(), location, quantity, tracking
    )
    return replace(order, fulfillments_made=(made,), fulfillment_status="FULFILLED")


def tag_errors(tags: Sequence[str], path: Sequence[str]) -> list[UserError]:
    """List the tags that are too long for an order or a draft, each at its place in the sorted list."""
    message = f"Title Tag exceeds the maximum length of {MAX_TAG} characters"
    return [UserError([*path, str(at)], message, "INVALID") for at, tag in enumerate(tags) if len(tag) > MAX_TAG]


def _text_errors(store: ShopifyStore, given: Mapping[str, Wire]) -> list[UserError]:
    errors = tag_errors(normalise_tags(given.get("tags") or ()), ["order", "tags"])
    if len(given.get("note") or "") > MAX_NOTE:
        message = f"Note is too long (maximum is {MAX_NOTE} characters)"
        errors.append(UserError(["order", "note"], message, "INVALID"))
    if not is_known_email(given.get("email")):
        errors.append(UserError(["order", "email"], "Email is invalid", "INVALID"))
    if (given.get("phone") or "").strip() and _phone(store, given) is None:
        errors.append(UserError(["order", "phone"], "Phone is invalid", "INVALID"))
    return errors


def _phone(store: ShopifyStore, given: Mapping[str, Wire]) -> str | None:
    text = (given.get("phone") or "").strip()
    return to_e164(text, store.country) if text else None


def _metafields(store: ShopifyStore, given: Mapping[str, Wire]) -> tuple[tuple[Metafield, ...], list[UserError]]:
    return change_metafields(store, Owner("ORDER"), given.get("metafields") or (), ["order", "metafields"])


def _stock_errors(store: ShopifyStore, lines: Sequence[OrderLine], options: Mapping[str, Wire]) -> list[UserError]:
    if options.get("inventoryBehaviour") != "DECREMENT_OBEYING_POLICY":
        return []
    wanted: dict[int, int] = {}
    for line in lines:
        if line.variant_number is not None:
            wanted[line.variant_number] = wanted.get(line.variant_number, 0) + line.quantity
    for number, quantity in wanted.items():
        variant = store.catalogue.variants.get(number)
        is_short = variant is not None and variant.is_tracked and variant.inventory_quantity < quantity
        if variant is not None and is_short and not variant.may_oversell:
            return [UserError(["order", "lineItems"], "Unable to reserve inventory", "INVENTORY_CLAIM_FAILED")]
    return []
