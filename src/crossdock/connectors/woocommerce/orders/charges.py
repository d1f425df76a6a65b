"""What an order charges, taken apart as WooCommerce can hold it: net parts, and taxes by rate beside them.

Owns the arithmetic from the domain's amounts to net ones, exact to the cent. Must not know WooCommerce's fields.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crossdock.connectors.woocommerce.orders.rounding import shared, taken_from
from crossdock.domain.errors import UnmappableValueError
from crossdock.domain.money import Money, total
from crossdock.domain.order import Fee, Order, OrderLine, ShippingLine, TaxLine

Taxes = tuple[TaxLine, ...]

_UNNAMED_TAX = "Tax"


@dataclass(frozen=True, slots=True)
class Charge:
    """One part of an order without tax. `taxes` is what was charged on it, `subtotal_tax` before discounts."""

    part: OrderLine | ShippingLine | Fee
    net: Money
    net_subtotal: Money
    taxes: Taxes
    subtotal_tax: Money


@dataclass(frozen=True, slots=True)
class Charges:
    """All parts of an order without tax, reductions of the whole order already taken off; and its taxes, one a rate."""

    lines: tuple[Charge, ...]
    shipping: tuple[Charge, ...]
    fees: tuple[Charge, ...]
    taxes: Taxes


def charges_of(order: Order) -> Charges:
    """Take an order apart.

    Raises:
        UnmappableValueError: `total_not_representable`, its parts don't add up to its total.
    """
    taxes = _part_taxes(order)
    parts = (*order.lines, *order.shipping_lines, *order.fees)
    charges = [_charge(part, own, is_included=order.taxes_included) for part, own in zip(parts, taxes, strict=True)]
    first, second = len(order.lines), len(order.lines) + len(order.shipping_lines)
    by_rate = _by_rate([tax for own in taxes for tax in own])
    positive = [charge for charge in charges[second:] if charge.net.amount >= 0]
    off = -total((charge.net for charge in charges[second:] if charge.net.amount < 0), order.currency)
    lines, shipping, fees = _reduced(off, charges[:first], charges[first:second], positive)
    whole = Charges(tuple(lines), tuple(shipping), tuple(fees), by_rate)
    _must_add_up(whole, order)
    return whole


def _must_add_up(charges: Charges, order: Order) -> None:
    parts = [charge.net for charge in (*charges.lines, *charges.shipping, *charges.fees)]
    parts += [tax.amount for tax in charges.taxes]
    held = total(parts, order.currency)
    if held != order.total:
        text = (
            f"The order's total is {order.total} {order.currency}, but its parts add up to {held}. Enter it by hand, "
            "or correct it in the source store."
        )
        raise UnmappableValueError("total_not_representable", text)


def _part_taxes(order: Order) -> list[Taxes]:
    """Give the taxes of each part; where only the order as a whole tells them they are shared out by amount."""
    parts = (*order.lines, *order.shipping_lines, *order.fees)
    taxes = [part.taxes for part in parts]
    zero = Money.of(0, order.currency)
    whole = order.taxes
    if not whole and order.total_tax is not None and order.total_tax != zero:
        whole = (TaxLine(_UNNAMED_TAX, order.total_tax),)
    if any(taxes) or not whole or not parts:
        return taxes
    weights = [max(_amount(part).amount, zero.amount) for part in parts]
    shares = [shared(tax.amount, weights) for tax in whole]
    return [
        tuple(replace(tax, amount=share[at]) for tax, share in zip(whole, shares, strict=True) if share[at].amount)
        for at in range(len(parts))
    ]


def _amount(part: OrderLine | ShippingLine | Fee) -> Money:
    if isinstance(part, OrderLine):
        return part.total
    return part.price if isinstance(part, ShippingLine) else part.amount


def _charge(part: OrderLine | ShippingLine | Fee, taxes: Taxes, *, is_included: bool) -> Charge:
    amount = _amount(part)
    zero = Money.of(0, amount.currency)
    subtotal = part.subtotal if isinstance(part, OrderLine) else amount
    if not is_included:
        return Charge(part, amount, subtotal, taxes, zero)
    tax = total((line.amount for line in taxes), amount.currency)
    subtotal_tax = tax
    if amount.amount and subtotal != amount:
        subtotal_tax = Money.of(tax.amount * subtotal.amount / amount.amount, amount.currency)
    return Charge(part, amount - tax, subtotal - subtotal_tax, taxes, subtotal_tax)


def _reduced(
    off: Money, lines: Sequence[Charge], shipping: Sequence[Charge], fees: Sequence[Charge]
) -> tuple[Sequence[Charge], Sequence[Charge], Sequence[Charge]]:
    """Take a reduction of the whole order off its lines, or off everything where the lines are not enough."""
    if not off.amount:
        return lines, shipping, fees
    left = taken_from(off, [line.net for line in lines])
    if left is not None:
        return _with_nets(lines, left), shipping, fees
    every = [*lines, *shipping, *fees]
    left = taken_from(off, [charge.net for charge in every])
    if left is None:
        text = "The order's reductions are greater than what they reduce. Enter it by hand."
        raise UnmappableValueError("total_not_representable", text)
    every = _with_nets(every, left)
    end = len(lines) + len(shipping)
    return every[: len(lines)], every[len(lines) : end], every[end:]


def _with_nets(charges: Sequence[Charge], nets: Sequence[Money]) -> list[Charge]:
    return [replace(charge, net=net) for charge, net in zip(charges, nets, strict=True)]


def _by_rate(taxes: Sequence[TaxLine]) -> Taxes:
    """Add up taxes of the same name and rate; those that come to nothing are left out."""
    sums: dict[object, TaxLine] = {}
    for tax in taxes:
        key = (tax.title, tax.rate, tax.is_compound)
        sums[key] = replace(tax, amount=sums[key].amount + tax.amount) if key in sums else tax
    return tuple(tax for tax in sums.values() if tax.amount.amount)
