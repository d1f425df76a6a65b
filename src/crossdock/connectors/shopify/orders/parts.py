"""The parts of a Shopify order in our words: lines, fees, taxes, shipping, coupons, payments, refunds.

Owns the arithmetic of what an order's edits, discounts and refunds leave of its lines. It must not know the order
around them.

Source: Shopify Admin GraphQL API 2026-10, `LineItem`: `quantity`, discounts and taxes include removed and refunded
units; `currentQuantity` counts neither. Which units were refunded is told by refunds alone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from crossdock.connectors.shopify.orders import wire
from crossdock.connectors.shopify.orders.words import (
    COUPONS_ATTRIBUTE,
    FEE_PROPERTY,
    GATEWAY_PREFIX,
    NO_COUPON,
    OURS,
    TAX_PROPERTY,
    coupons_of,
    refund_reason,
)
from crossdock.domain.money import Money, total
from crossdock.domain.order import Coupon, Fee, OrderLine, Refund, RefundLine, ShippingLine, TaxLine, Transaction

_NO_VARIANT: Final = "Default Title"


@dataclass(frozen=True, slots=True)
class Positions:
    """The lines of an order, those apart that stand for fees and for tax. `shown` counts all of them."""

    lines: tuple[OrderLine, ...] = ()
    fees: tuple[Fee, ...] = ()
    taxes: tuple[TaxLine, ...] = ()
    shown: int = 0

    @property
    def comparable(self) -> int:
        """How many of them another platform would hold as lines."""
        return len(self.lines) + sum(fee.amount.amount > 0 for fee in self.fees)


@dataclass(frozen=True, slots=True)
class LineCounts:
    """How many positions a shop shows, and how many of them another platform would hold as lines."""

    shown: int
    comparable: int


def money(bag: wire.MoneyBag) -> Money:
    """Give shop money."""
    return Money.of(bag.shop_money.amount, bag.shop_money.currency_code)


def units_left(order: wire.Order | wire.Draft, lines: Iterable[wire.LineItem]) -> Mapping[str, int]:
    """Tell how many units of each line the merchant's edits have left; refunded units are among them.

    What a cancellation takes off was ordered all the same. A refund of nothing records units that were removed unpaid.
    """
    if isinstance(order, wire.Draft) or not order.edited or order.cancelled_at is not None:
        return {line.id: line.quantity for line in lines}
    given_back = Counter[str]()
    for refund in order.refunds:
        if money(refund.total_refunded_set).amount > 0:
            for line in refund.refund_line_items.nodes:
                given_back[line.line_item.id] += line.quantity
    return {
        line.id: line.quantity
        if line.current_quantity is None
        else min(line.quantity, line.current_quantity + given_back[line.id])
        for line in lines
    }


def counts_of(lines: Iterable[wire.LineItem], units: Mapping[str, int]) -> LineCounts:
    """Count lines of which only an outline was read."""
    shown = [line for line in lines if units.get(line.id, line.quantity) > 0]
    return LineCounts(len(shown), sum(not _has(line, TAX_PROPERTY) for line in shown))


def positions_of(lines: Sequence[wire.LineItem], units: Mapping[str, int], currency: str) -> Positions:
    """Give the positions with as many units as `units` says; those without any are none."""
    kept = [(line, units.get(line.id, line.quantity)) for line in lines]
    kept = [(line, left) for line, left in kept if left > 0]
    read = [(line, _line(line, left, currency)) for line, left in kept]
    return Positions(
        lines=tuple(one for line, one in read if not _has(line, FEE_PROPERTY) and not _has(line, TAX_PROPERTY)),
        fees=tuple(Fee(one.title, one.total, one.id, one.taxes) for line, one in read if _has(line, FEE_PROPERTY)),
        taxes=tuple(TaxLine(one.title, one.total) for line, one in read if _has(line, TAX_PROPERTY)),
        shown=len(kept),
    )


def _has(line: wire.LineItem, key: str) -> bool:
    return any(attribute.key == key for attribute in line.custom_attributes)


def _line(line: wire.LineItem, units: int, currency: str) -> OrderLine:
    share = Decimal(units) / line.quantity if line.quantity else Decimal(1)
    unit_price = money(line.original_unit_price_set) if line.original_unit_price_set else Money.of(0, currency)
    subtotal = Money.of(unit_price.amount * units, unit_price.currency)
    if line.discounted_total_set is not None:
        after = _part(money(line.discounted_total_set), share)
    else:
        taken_off = total((money(one.allocated_amount_set) for one in line.discount_allocations), currency)
        after = subtotal - _part(taken_off, share)
    return OrderLine(
        title=line.title,
        quantity=units,
        subtotal=subtotal,
        total=after,
        id=line.id,
        sku=(line.sku or "").strip(),
        variant_title="" if line.variant_title in {None, _NO_VARIANT} else line.variant_title or "",
        product_id=line.product.id if line.product else "",
        variant_id=line.variant.id if line.variant else "",
        is_taxable=line.taxable,
        requires_shipping=line.requires_shipping,
        taxes=tuple(TaxLine(tax.title, _part(tax.amount, share), tax.rate) for tax in taxes_of(line.tax_lines)),
        attributes=foreign_attributes(line.custom_attributes),
    )


def _part(amount: Money, share: Decimal) -> Money:
    return amount if share == 1 else Money.of(amount.amount * share, amount.currency)


def taxes_of(lines: Iterable[wire.TaxLine]) -> tuple[TaxLine, ...]:
    """Give taxes as charged."""
    return tuple(
        TaxLine(line.title, money(line.price_set), None if line.rate is None else Decimal(str(line.rate)))
        for line in lines
    )


def foreign_attributes(attributes: Iterable[wire.Attribute]) -> tuple[tuple[str, str], ...]:
    """Give names and values, without ours."""
    return tuple((one.key, one.value or "") for one in attributes if not one.key.startswith(OURS))


def attribute(attributes: Iterable[wire.Attribute], key: str) -> str:
    """Give the value of an attribute; empty where there is none."""
    return next((one.value or "" for one in attributes if one.key == key), "")


def shipping_of(lines: Iterable[wire.ShippingLine]) -> tuple[ShippingLine, ...]:
    """Give shipping lines with what they cost after discounts."""
    return tuple(
        ShippingLine(
            title=line.title,
            price=money(line.discounted_price_set),
            id=line.id or "",
            code=line.code or "",
            taxes=taxes_of(line.tax_lines),
        )
        for line in lines
    )


def shipping_without_tax(lines: Iterable[ShippingLine], currency: str, *, taxes_included: bool) -> Money:
    """Add what shipping cost, without its tax."""
    amounts: list[Money] = []
    for line in lines:
        amounts.append(line.price)
        if taxes_included:
            amounts += [-tax.amount for tax in line.taxes]
    return total(amounts, currency)


def coupons_from(
    attributes: Iterable[wire.Attribute],
    codes: Sequence[str],
    allocations: Iterable[wire.DiscountAllocation],
    currency: str,
) -> tuple[Coupon, ...]:
    """Give the source's coupons where we kept them, else the codes of the shop with what each took off."""
    ours = coupons_of(attribute(attributes, COUPONS_ATTRIBUTE), currency)
    if ours is not None:
        return ours
    taken_off = defaultdict[str, list[Money]](list)
    for one in allocations:
        if one.discount_application.code:
            taken_off[one.discount_application.code.casefold()].append(money(one.allocated_amount_set))
    found = {code.casefold(): code for code in codes if code != NO_COUPON}
    return tuple(
        Coupon(code, total(taken_off[key], currency) if key in taken_off else None) for key, code in found.items()
    )


def transactions_of(lines: Iterable[wire.Transaction]) -> tuple[Transaction, ...]:
    """Give payments in the order in which the shop lists them."""
    return tuple(
        Transaction(
            kind=line.kind.lower(),
            amount=money(line.amount_set),
            gateway=_gateway(line.gateway or ""),
            status=line.status.lower(),
            reference=line.payment_id or "",
            processed_at=line.processed_at,
            id=line.id,
        )
        for line in lines
    )


def payment_title(gateways: Iterable[str]) -> str:
    """Name how an order was paid, without what we put before an imported payment."""
    names = dict.fromkeys(_gateway(gateway) for gateway in gateways)
    return ", ".join(name for name in names if name)


def _gateway(name: str) -> str:
    return name.removeprefix(GATEWAY_PREFIX).strip()


def refunds_of(refunds: Iterable[wire.Refund]) -> tuple[Refund, ...]:
    """Give the refunds that gave money back."""
    return tuple(
        Refund(
            id=refund.id,
            amount=money(refund.total_refunded_set),
            reason=refund_reason(refund.note or ""),
            created_at=refund.processed_at or refund.created_at,
            lines=tuple(_refund_line(line) for line in refund.refund_line_items.nodes),
        )
        for refund in refunds
        if money(refund.total_refunded_set).amount > 0
    )


def _refund_line(line: wire.RefundLine) -> RefundLine:
    amount = money(line.subtotal_set) if line.subtotal_set else None
    # Shopify answers zero for a line whose money it has not allotted yet.
    return RefundLine(line.line_item.id, line.quantity, amount if amount and amount.amount else None)
