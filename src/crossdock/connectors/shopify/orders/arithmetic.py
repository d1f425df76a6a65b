"""The amounts of an order in the form that Shopify adds up: unit prices, one discount, shipping, taxes. Pure.

Owns the sums, to the smallest unit of the currency. It must not know inputs or documents. Shopify's total is lines
minus the one discount, plus shipping, plus taxes where prices don't include them; it computes no tax of its own.

Source: Shopify Admin GraphQL API 2026-10, `orderCreate`: totals are stored as the given parts make them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Final

from crossdock.domain.errors import UnmappableValueError
from crossdock.domain.money import Money, exponent, total
from crossdock.domain.order import Fee, Order, OrderLine, ShippingLine, TaxLine

_RATE: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A position with the price of one unit. `part` is what it stands for in the source."""

    part: OrderLine | Fee
    quantity: int
    unit_price: Money
    taxes: tuple[TaxLine, ...]

    @property
    def price(self) -> Money:
        """The price of all units, before the discount."""
        return Money(self.unit_price.amount * self.quantity, self.unit_price.currency)


@dataclass(frozen=True, slots=True)
class PricedShipping:
    """A way of sending with its price, which is never negative."""

    part: ShippingLine
    price: Money
    taxes: tuple[TaxLine, ...]


@dataclass(frozen=True, slots=True)
class PricedOrder:
    """An order's amounts, which add up to `total` exactly.

    `discount` is all that goes off the lines; `beyond_coupons` is the part of it that the source knows as negative fees
    or that rounding unit prices up has added. `order_taxes` are taxes that the source knows for the whole order only;
    lines and shipping have none then.
    """

    lines: tuple[PricedLine, ...]
    shipping: tuple[PricedShipping, ...]
    discount: Money
    beyond_coupons: Money
    order_taxes: tuple[TaxLine, ...]
    total: Money

    def tax(self) -> Money:
        """Add all taxes."""
        parts = [tax.amount for part in (*self.lines, *self.shipping) for tax in part.taxes]
        return total([*parts, *(tax.amount for tax in self.order_taxes)], self.total.currency)

    def shipping_price(self) -> Money:
        """Add what all ways of sending cost, in the order's sense of tax."""
        return total((part.price for part in self.shipping), self.total.currency)


def priced(order: Order) -> PricedOrder:
    """Give the amounts of an order.

    Raises:
        UnmappableValueError: the parts don't add up to the order's total, or more goes off than the lines cost.
    """
    zero = Money.of(0, order.currency)
    parts: list[OrderLine | Fee] = [line for line in order.lines if line.quantity > 0]
    parts += [fee for fee in order.fees if fee.amount.amount > 0]
    reductions = [fee for fee in order.fees if fee.amount.amount < 0]
    taxes = _without_negative(
        [_rated(part, order) for part in (*parts, *order.shipping_lines, *reductions)], lines=len(parts)
    )
    lines = tuple(_line(part, tax) for part, tax in zip(parts, taxes, strict=False))
    shipping = tuple(
        PricedShipping(part, max(part.price, zero, key=lambda money: money.amount), tax)
        for part, tax in zip(order.shipping_lines, taxes[len(parts) :], strict=False)
    )
    after = [part.amount if isinstance(part, Fee) else part.total for part in parts]
    after += [fee.amount for fee in reductions] + [part.price for part in order.shipping_lines]
    before = total((*(line.price for line in lines), *(part.price for part in shipping)), order.currency)
    discount = before - total(after, order.currency)
    known = total((line.subtotal - line.total for line in order.lines if line.quantity > 0), order.currency)
    result = PricedOrder(lines, shipping, discount, discount - known, _order_taxes(order, taxes), order.total)
    _check(result, order)
    return result


def _line(part: OrderLine | Fee, taxes: tuple[TaxLine, ...]) -> PricedLine:
    if isinstance(part, Fee):
        return PricedLine(part, 1, part.amount, taxes)
    currency = part.subtotal.currency
    # Where a line was raised in price, or stands for money given, what it costs before the discount is the larger.
    price = max(part.subtotal.amount, part.total.amount, Decimal(0))
    quantum = Decimal(1).scaleb(-exponent(currency))
    unit = (price / part.quantity).quantize(quantum, rounding=ROUND_CEILING)
    return PricedLine(part, part.quantity, Money(unit, currency), taxes)


def _rated(part: OrderLine | Fee | ShippingLine, order: Order) -> list[TaxLine]:
    """Give the taxes of a part, each with a rate: Shopify wants one, and where none is known it is tax by price."""
    charged = part.total if isinstance(part, OrderLine) else part.amount if isinstance(part, Fee) else part.price
    base = charged.amount
    if order.taxes_included:
        base -= sum(tax.amount.amount for tax in part.taxes)
    return [_with_rate(tax, base) for tax in part.taxes if tax.amount.amount or tax.rate]


def _with_rate(tax: TaxLine, base: Decimal) -> TaxLine:
    if tax.rate is not None:
        return tax
    rate = (tax.amount.amount / base).quantize(_RATE, rounding=ROUND_HALF_UP) if base else Decimal(0)
    return replace(tax, rate=max(rate, Decimal(0)))


def _without_negative(parts: Sequence[list[TaxLine]], lines: int) -> list[tuple[TaxLine, ...]]:
    """Take negative taxes (of reductions) off positive ones: of the same name first, of lines first, the largest first.

    The first `lines` parts are lines; shipping, whose tax a reconciliation looks at, comes behind them.
    """
    owed = {title: Decimal(0) for taxes in parts for title in {tax.title for tax in taxes}}
    cells: list[list[TaxLine]] = []
    for taxes in parts:
        cells.append([tax for tax in taxes if tax.amount.amount >= 0])
        for tax in taxes:
            if tax.amount.amount < 0:
                owed[tax.title] -= tax.amount.amount
    if any(owed.values()):
        rest = sum(_taken(cells, amount, title, lines) for title, amount in owed.items() if amount)
        if rest and _taken(cells, Decimal(rest), None, lines):
            raise UnmappableValueError(
                "total_not_representable", "The order's taxes are negative in all: Shopify can't hold that."
            )
    return [tuple(taxes) for taxes in cells]


def _taken(cells: list[list[TaxLine]], amount: Decimal, title: str | None, lines: int) -> Decimal:
    """Lower taxes of a name (any where it is None) by `amount` in all; gives what could not be taken."""
    places = [
        (row, at)
        for row, taxes in enumerate(cells)
        for at, tax in enumerate(taxes)
        if title is None or tax.title == title
    ]
    for row, at in sorted(places, key=lambda place: (place[0] >= lines, -cells[place[0]][place[1]].amount.amount)):
        tax = cells[row][at]
        share = min(amount, tax.amount.amount)
        cells[row][at] = replace(tax, amount=Money(tax.amount.amount - share, tax.amount.currency))
        amount -= share
    return amount


def _order_taxes(order: Order, of_parts: Sequence[tuple[TaxLine, ...]]) -> tuple[TaxLine, ...]:
    """Give taxes that are known for the whole order only: Shopify takes taxes of the order or of its parts."""
    if any(of_parts) or any(tax.amount.amount < 0 for tax in order.taxes):
        return ()
    tax = sum(tax.amount.amount for tax in order.taxes)
    base = order.total.amount - tax
    return tuple(_with_rate(tax, base) for tax in order.taxes if tax.amount.amount)


def _check(result: PricedOrder, order: Order) -> None:
    lines = total((line.price for line in result.lines), order.currency)
    made = lines - result.discount + result.shipping_price()
    if not order.taxes_included:
        made += result.tax()
    if made != order.total:
        raise UnmappableValueError(
            "total_not_representable",
            f"The parts of this order add up to {made} {order.currency}, but its total is {order.total} "
            f"{order.currency}: Shopify would show {made}.",
        )
    if result.discount.amount > lines.amount:
        raise UnmappableValueError(
            "total_not_representable",
            f"Discounts and reductions of {result.discount} {order.currency} are more than the lines of the order, "
            f"{lines} {order.currency}: Shopify can't hold that.",
        )
