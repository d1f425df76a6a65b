"""Turns a draft order input into a draft: prices, discounts, taxes by the shop's settings. Must not know payloads.

Source: reference §5 (recorded messages; errors have no code).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from crossdock.sandbox.shopify.catalogue import Variant
from crossdock.sandbox.shopify.customer_rules import is_email, normalise_tags
from crossdock.sandbox.shopify.draft_records import DraftDiscount, DraftLine, DraftOrder
from crossdock.sandbox.shopify.errors import invalid_id
from crossdock.sandbox.shopify.money_bag import ZERO, MoneyBag, add_up, no_money, spread
from crossdock.sandbox.shopify.order_amounts import OrderRefusedError
from crossdock.sandbox.shopify.order_customers import find_or_create, read_address
from crossdock.sandbox.shopify.order_input import tag_errors
from crossdock.sandbox.shopify.order_parts import ShippingLine
from crossdock.sandbox.shopify.owned_metafields import Owner, change_metafields
from crossdock.sandbox.shopify.records import UserError, Wire, parse_gid
from crossdock.sandbox.shopify.shop_taxes import compute_taxes
from crossdock.sandbox.shopify.store import ShopifyStore

_MAX_PERCENTAGE: Final = 100


def write_draft(
    store: ShopifyStore, given: Mapping[str, Wire], before: DraftOrder | None, prefix: Sequence[str] = ()
) -> DraftOrder:
    """Create a draft, or replace what was given of one, calculate it and store it.

    Raises:
        OrderRefusedError: the first broken rule, as recorded.

    """
    _check(store, given, before, prefix)
    zero = no_money(store.currency, given.get("presentmentCurrencyCode") or store.currency)
    draft = before or _open(store, zero)
    now = store.now()
    values = _texts(store, given)
    if given.get("lineItems") is not None:
        values["lines"] = tuple(
            _read_line(store, one, zero, [*prefix, "lineItems", str(index)])
            for index, one in enumerate(given["lineItems"])
        )
    if given.get("shippingLine") is not None:
        values["shipping_line"] = _read_shipping(store, given["shippingLine"], zero)
    ready_at = store.exact_now() + timedelta(seconds=store.behaviour.draft_ready_seconds)
    draft = replace(draft, **values, updated_at=now, ready_at=ready_at)
    kept, errors = change_metafields(
        store,
        Owner("DRAFTORDER", draft.number, draft.metafields),
        given.get("metafields") or (),
        [*prefix, "metafields"],
    )
    if errors:
        raise OrderRefusedError(errors)
    draft = replace(draft, metafields=kept, customer_number=_customer(store, given, draft))
    return store.save_draft(_calculate(store, draft, given.get("appliedDiscount"), prefix))


def _open(store: ShopifyStore, zero: MoneyBag) -> DraftOrder:
    number, now = store.next_number(), store.now()
    link = f"https://{store.domain}/{store.number}/invoices/{number:032x}"
    shown = zero.presentment_currency
    return DraftOrder(number, store.next_draft_count(), now, now, now, store.currency, shown, link, ())


def _check(store: ShopifyStore, given: Mapping[str, Wire], before: DraftOrder | None, prefix: Sequence[str]) -> None:
    lines = given.get("lineItems")
    if not lines and (before is None or lines is not None):
        raise _refusal(None, "Add at least 1 product")
    email = given.get("email")
    if email and not is_email("".join(email.split())):
        raise _refusal([*prefix, "email"], "Email is invalid")
    errors = tag_errors(normalise_tags(given.get("tags") or ()), [*prefix, "tags"])
    if errors:
        raise OrderRefusedError(errors)
    terms = given.get("paymentTerms")
    if terms is not None and not terms.get("paymentTermsTemplateId"):
        raise _refusal(None, "Payment terms template id can not be empty.")
    until: datetime | None = given.get("reserveInventoryUntil")
    if until is not None and until < store.now():
        raise _refusal(None, "Reserve until can't be in the past")


def _texts(store: ShopifyStore, given: Mapping[str, Wire]) -> dict[str, Wire]:
    plain = {
        "note": "note2",
        "email": "email",
        "phone": "phone",
        "poNumber": "po_number",
        "sourceName": "source_name",
        "reserveInventoryUntil": "reserve_inventory_until",
    }
    values: dict[str, Wire] = {attribute: given[key] for key, attribute in plain.items() if key in given}
    if given.get("taxExempt") is not None:
        values["tax_exempt"] = given["taxExempt"]
    if given.get("tags") is not None:
        values["tags"] = normalise_tags(given["tags"])
    if given.get("customAttributes") is not None:
        values["attributes"] = tuple((one["key"], one["value"]) for one in given["customAttributes"])
    if given.get("paymentTerms") is not None:
        values["payment_terms"] = store.payment_terms(given["paymentTerms"]["paymentTermsTemplateId"])
    for key, attribute in (("billingAddress", "billing_address"), ("shippingAddress", "shipping_address")):
        if key in given:
            values[attribute] = read_address(store, given[key], [key], [])
    return values


def _read_line(store: ShopifyStore, given: Mapping[str, Wire], zero: MoneyBag, path: Sequence[str]) -> DraftLine:
    variant = _variant(store, given.get("variantId"))
    if given["quantity"] < 1:
        raise _refusal([*path, "quantity"], "Quantity must be greater than or equal to 1")
    if variant is None and not (given.get("title") or "").strip():
        raise _refusal(None, "Merchandise title is empty.")
    override = given.get("priceOverride")
    price = _price(given, override, variant)
    if price < ZERO:
        raise _refusal(None, "Cannot send negative price for line_item")
    line = DraftLine(
        store.next_number(),
        given.get("title") or "",
        given["quantity"],
        zero.of(price),
        sku=given.get("sku"),
        requires_shipping=bool(given.get("requiresShipping", True)),
        taxable=bool(given.get("taxable", True)),
        attributes=tuple((one["key"], one["value"]) for one in given.get("customAttributes") or ()),
    )
    if variant is not None:
        line = replace(
            line,
            title=variant.product_title,
            variant_title=variant.title_on_line,
            sku=variant.sku,
            vendor=variant.vendor,
            variant_number=variant.number,
            product_number=variant.product_number,
            requires_shipping=variant.requires_shipping,
            taxable=variant.taxable,
            price_override=override,
        )
    discount = _discount(given.get("appliedDiscount"), line.original_total_set, [*path, "appliedDiscount"])
    return replace(line, applied_discount=discount)


def _price(given: Mapping[str, Wire], override: Mapping[str, Wire] | None, variant: Variant | None) -> Decimal:
    """Answer a unit's price: a variant's own unless it is overridden, a custom line's as given."""
    if override is not None:
        return override["amount"]
    if variant is not None:
        return variant.price
    with_currency = given.get("originalUnitPriceWithCurrency")
    return with_currency["amount"] if with_currency is not None else given.get("originalUnitPrice") or ZERO


def _variant(store: ShopifyStore, text: str | None) -> Variant | None:
    if text is None:
        return None
    number = parse_gid(text, "ProductVariant")
    if number is None:
        raise invalid_id(text)
    variant = store.catalogue.variants.get(number)
    if variant is None:
        raise _refusal(None, f"Product with ID {number} is no longer available.")
    return variant


def _discount(given: Mapping[str, Wire] | None, whole: MoneyBag, path: Sequence[str]) -> DraftDiscount | None:
    if given is None:
        return None
    value = Decimal(str(given["value"]))
    if value != round(value, 2):
        raise _refusal([*path, "value"], "Applied discount value can have at most 2 digits after decimal point")
    if given["valueType"] == "PERCENTAGE":
        if value > _MAX_PERCENTAGE:
            raise _refusal([*path, "value"], "Applied discount value must be less than or equal to 100%")
        amount = whole.share(value, 100)
    else:
        amount = whole.of(min(value, whole.shop))
    return DraftDiscount(value, given["valueType"], amount, given.get("title"), given.get("description") or "")


def _read_shipping(store: ShopifyStore, given: Mapping[str, Wire], zero: MoneyBag) -> ShippingLine:
    with_currency = given.get("priceWithCurrency")
    price = with_currency["amount"] if with_currency is not None else given.get("price") or ZERO
    return ShippingLine(store.next_number(), given.get("title") or "", zero.of(price), "custom", custom=True)


def _customer(store: ShopifyStore, given: Mapping[str, Wire], draft: DraftOrder) -> int | None:
    entity: Mapping[str, Wire] = given.get("purchasingEntity") or {}
    wanted = entity.get("customerId") or given.get("customerId")
    if wanted:
        number = parse_gid(wanted, "Customer")
        if number is None:
            raise invalid_id(wanted)
        if store.customers.get(number) is None:
            raise _refusal(None, "Customer does not exist")
        return number
    if draft.customer_number is None and draft.email:
        return find_or_create(store, draft.email).number
    return draft.customer_number


def _calculate(
    store: ShopifyStore, draft: DraftOrder, given: Mapping[str, Wire] | None, prefix: Sequence[str]
) -> DraftOrder:
    """Spread the draft's discount over its lines, and tax what is left of the taxable ones."""
    whole = add_up((line.discounted_total_set for line in draft.lines), draft.zero)
    discount = _discount(given, whole, [*prefix, "appliedDiscount"]) if given else draft.applied_discount
    shares = spread(discount.amount_set, [line.discounted_total_set.shop for line in draft.lines]) if discount else ()
    lines = [
        replace(line, share_of_order_discount=shares[index] if discount else None)
        for index, line in enumerate(draft.lines)
    ]
    taxed = (
        replace(line, tax_lines=compute_taxes(store, line.final_total, taxes_included=draft.taxes_included))
        if line.taxable and not draft.tax_exempt
        else replace(line, tax_lines=())
        for line in lines
    )
    return replace(draft, lines=tuple(taxed), applied_discount=discount)


def _refusal(field: list[str] | None, message: str) -> OrderRefusedError:
    return OrderRefusedError([UserError(field, message)])
