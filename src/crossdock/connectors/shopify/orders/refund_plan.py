"""How the refunds of an order are entered: how much, and for which lines. Pure.

Owns what a refund's step holds before the order exists. What only the store knows, the ids of its payment and its
lines, is added when it is sent.

Source: Shopify Admin GraphQL API 2026-10, `refundCreate`: a refund is never more than what was paid and not yet given
back.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec

from crossdock.connectors.shopify.customers.mapping import MOST_NOTE
from crossdock.connectors.shopify.orders.details import iso
from crossdock.connectors.shopify.orders.payload import gateway_of
from crossdock.connectors.shopify.orders.wire_out import MoneyInput, plain
from crossdock.connectors.shopify.orders.words import refund_tag
from crossdock.domain.money import Money, exponent, total
from crossdock.domain.order import Order, OrderLine, Refund
from crossdock.domain.plan import REFUND

_MOST_REASON: Final = MOST_NOTE - 100


class RefundedUnits(msgspec.Struct, frozen=True):
    """Units of the line at a place among those sent, counted from 0."""

    place: int
    quantity: int


class PlannedRefund(msgspec.Struct, rename="camel", frozen=True):
    """One refund. `tag` ends its note, and it is known by that."""

    amount: MoneyInput
    gateway: str
    note: str
    tag: str
    processed_at: str = ""
    lines: tuple[RefundedUnits, ...] = ()


def planned_refunds(order: Order) -> Sequence[tuple[str, PlannedRefund]]:
    """Give the steps' names and what each enters, in the source's order; what was not paid is not given back."""
    planned: list[tuple[str, PlannedRefund]] = []
    for refund, amount in _clipped(order):
        tag = refund_tag(refund.id)
        lines = _lines(order, refund) if amount == refund.amount else ()
        one = PlannedRefund(
            amount=plain(amount),
            gateway=gateway_of(order),
            note=f"{refund.reason.strip()[:_MOST_REASON]} {tag}".strip(),
            tag=tag,
            processed_at=iso(refund.created_at),
            lines=lines,
        )
        planned.append((f"{REFUND}:{refund.id}", one))
    return planned


def refunded_in_all(order: Order) -> Money:
    """Add what will have been given back."""
    return total((amount for _, amount in _clipped(order)), order.currency)


def has_clipped_refund(order: Order) -> bool:
    """Tell whether more was given back than was paid."""
    return refunded_in_all(order).amount < sum(refund.amount.amount for refund in order.refunds)


def has_refund_by_amount(order: Order) -> bool:
    """Tell whether a refund will be entered without the lines that it was for."""
    return any(refund.lines and not _lines(order, refund) for refund, _ in _clipped(order))


def _clipped(order: Order) -> Sequence[tuple[Refund, Money]]:
    rest = order.total
    kept: list[tuple[Refund, Money]] = []
    for refund in order.refunds:
        amount = min(refund.amount, rest, key=lambda money: money.amount)
        if amount.amount > 0:
            kept.append((refund, amount))
            rest -= amount
    return kept


def _lines(order: Order, refund: Refund) -> tuple[RefundedUnits, ...]:
    """Give the units that a refund was for; none where its amount is not what they cost."""
    sent = [line for line in order.lines if line.quantity > 0]
    places = {line.id: place for place, line in enumerate(sent) if line.id}
    units: dict[int, int] = {}
    for line in refund.lines:
        place = places.get(line.line_id)
        if place is None or line.quantity <= 0:
            return ()
        units[place] = units.get(place, 0) + line.quantity
    if any(quantity > sent[place].quantity for place, quantity in units.items()):
        return ()
    cost = sum((_cost(sent[place], quantity, order) for place, quantity in units.items()), Decimal(0))
    allowed = Decimal(len(units)).scaleb(-exponent(order.currency))
    if abs(cost - refund.amount.amount) > allowed:
        return ()
    return tuple(RefundedUnits(place, quantity) for place, quantity in units.items())


def _cost(line: OrderLine, quantity: int, order: Order) -> Decimal:
    charged = line.total.amount
    if not order.taxes_included:
        charged += sum(tax.amount.amount for tax in line.taxes)
    return charged * quantity / line.quantity
