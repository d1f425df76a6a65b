"""Turns the lines, shipping and discount of an order input into the order's. Must not know customers or payments.

Source: reference §4.1 to §4.4. Where no text is recorded, ours names the rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from crossdock.sandbox.shopify.catalogue import Variant
from crossdock.sandbox.shopify.errors import invalid_id
from crossdock.sandbox.shopify.money_bag import MoneyBag, add_up, spread
from crossdock.sandbox.shopify.order_amounts import AmountReader
from crossdock.sandbox.shopify.order_parts import (
    Allocation,
    Discount,
    DiscountValue,
    OrderLine,
    ShippingLine,
    spread_taxes,
)
from crossdock.sandbox.shopify.records import Wire, parse_gid
from crossdock.sandbox.shopify.store import ShopifyStore

_NO_LINES: Final = "Line items must have at least one line item"
_CODES: Final = ("itemFixedDiscountCode", "itemPercentageDiscountCode", "freeShippingDiscountCode")


def read_lines(store: ShopifyStore, given: Mapping[str, Wire], reader: AmountReader) -> tuple[OrderLine, ...]:
    """Read the line items: what is given overrides the variant, and what the variant doesn't say must be given."""
    if not given.get("lineItems"):
        reader.refuse(["order", "lineItems"], _NO_LINES)
        return ()
    return tuple(
        _read_line(store, one, reader, ["order", "lineItems", str(index)])
        for index, one in enumerate(given["lineItems"])
    )


def _read_line(store: ShopifyStore, given: Mapping[str, Wire], reader: AmountReader, path: Sequence[str]) -> OrderLine:
    variant = _variant(store, given.get("variantId"), reader, path)
    product = parse_gid(given.get("productId") or "", "Product")
    title = given.get("title") or (variant.product_title if variant else None)
    if not title:
        reader.refuse([*path, "title"], "Title can't be blank")
    quantity: int = given["quantity"]
    if quantity < 1:
        reader.refuse([*path, "quantity"], "Quantity must be greater than 0")
    price = reader.bag(given.get("priceSet"), [*path, "priceSet"])
    if given.get("priceSet") is None:
        if variant is None:
            reader.refuse([*path, "priceSet"], "Price can't be blank")
        else:
            price = price.of(variant.price)
    shown = given.get("variantTitle") or (variant.title_on_line if variant else None)
    return OrderLine(
        store.next_number(),
        title or "",
        quantity,
        price,
        quantity,
        sku=given.get("sku") if given.get("sku") is not None else (variant.sku if variant else None),
        variant_title=shown,
        vendor=given.get("vendor") or (variant.vendor if variant else None),
        variant_number=variant.number if variant else None,
        product_number=variant.product_number if variant else product,
        requires_shipping=bool(given.get("requiresShipping")),
        taxable=bool(given.get("taxable", True)),
        is_gift_card=bool(given.get("giftCard")),
        tax_lines=reader.taxes(given.get("taxLines"), path),
        attributes=tuple((one["name"], one["value"]) for one in given.get("properties") or ()),
    )


def _variant(store: ShopifyStore, text: str | None, reader: AmountReader, path: Sequence[str]) -> Variant | None:
    if text is None:
        return None
    number = parse_gid(text, "ProductVariant")
    if number is None:
        raise invalid_id(text)
    variant = store.catalogue.variants.get(number)
    if variant is None:
        reader.refuse([*path, "variantId"], "Variant does not exist")
    return variant


def read_shipping(store: ShopifyStore, given: Mapping[str, Wire], reader: AmountReader) -> tuple[ShippingLine, ...]:
    """Read the shipping lines; a price can't be negative."""
    return tuple(
        ShippingLine(
            store.next_number(),
            one["title"],
            reader.bag(one["priceSet"], ["order", "shippingLines", str(index), "priceSet"]),
            one.get("code"),
            one.get("source"),
            reader.taxes(one.get("taxLines"), ["order", "shippingLines", str(index)]),
        )
        for index, one in enumerate(given.get("shippingLines") or ())
    )


def apply_order_taxes(
    given: Mapping[str, Wire], lines: tuple[OrderLine, ...], shipping: Sequence[ShippingLine], reader: AmountReader
) -> tuple[OrderLine, ...]:
    """Spread the order's own tax lines over its taxable lines; they exclude tax lines anywhere else."""
    taxes = reader.taxes(given.get("taxLines"), ["order"])
    if not taxes:
        return lines
    if any(part.tax_lines for part in (*lines, *shipping)):
        reader.refuse(["order", "taxLines"], "Tax lines can be given on the order or on its lines, but not on both")
        return lines
    return spread_taxes(taxes, lines)


def apply_discount_code(
    given: Mapping[str, Wire],
    lines: tuple[OrderLine, ...],
    shipping: tuple[ShippingLine, ...],
    reader: AmountReader,
) -> tuple[tuple[OrderLine, ...], tuple[ShippingLine, ...], tuple[str, ...]]:
    """Apply the one discount code, and answer lines, shipping and codes."""
    wanted: Mapping[str, Wire] = given.get("discountCode") or {}
    chosen = [name for name in _CODES if wanted.get(name) is not None]
    if not wanted:
        return lines, shipping, ()
    if len(chosen) != 1:
        reader.refuse(["order", "discountCode"], "Exactly one type of discount code must be given")
        return lines, shipping, ()
    code = wanted[chosen[0]]
    if chosen[0] == "freeShippingDiscountCode":
        return lines, _free_shipping(code["code"], shipping), (code["code"],)
    subtotal = add_up((line.original_total_set for line in lines), reader.zero)
    if chosen[0] == "itemPercentageDiscountCode":
        percentage = Decimal(str(code.get("percentage") or 0))
        discount = Discount(0, DiscountValue(percentage), code["code"])
        parts = [line.original_total_set.share(percentage, 100) for line in lines]
    else:
        amount = reader.bag(code.get("amountSet"), ["order", "discountCode", chosen[0], "amountSet"])
        amount = amount if amount.shop <= subtotal.shop else subtotal
        discount = Discount(0, DiscountValue(amount.shop, amount.currency), code["code"])
        parts = spread(amount, [line.original_total_set.shop for line in lines])
    return _allocate(discount, lines, parts), shipping, (code["code"],)


def _allocate(discount: Discount, lines: Sequence[OrderLine], parts: Sequence[MoneyBag]) -> tuple[OrderLine, ...]:
    return tuple(
        replace(line, discount_allocations=(*line.discount_allocations, Allocation(part, discount))) if part else line
        for line, part in zip(lines, parts, strict=True)
    )


def _free_shipping(code: str, shipping: Sequence[ShippingLine]) -> tuple[ShippingLine, ...]:
    discount = Discount(0, DiscountValue(Decimal(100)), code, target_type="SHIPPING_LINE", allocation_method="EACH")
    return tuple(
        replace(line, discount_allocations=(Allocation(line.original_price_set, discount),))
        if line.original_price_set
        else line
        for line in shipping
    )
