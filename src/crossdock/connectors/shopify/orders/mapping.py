"""From Shopify's orders to ours: pure.

Owns which field becomes which, of orders read whole, in outline or as a header. It must not know how anything is read.

Source: Shopify Admin GraphQL API 2026-10, `Order`: `processedAt` is when the customer ordered, `createdAt` may be an
import; `totalPriceSet` is before returns; `displayFinancialStatus` may be null; enums grow.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from crossdock.connectors.shopify.customers.mapping import to_address
from crossdock.connectors.shopify.orders import parts, wire
from crossdock.connectors.shopify.orders.terms import NumberFormat
from crossdock.connectors.shopify.orders.words import DRAFT_TAG, NUMBER_ATTRIBUTE, PAYMENT_ATTRIBUTE
from crossdock.domain.money import Money, total
from crossdock.domain.order import Financial, Fulfillment, Order

_FINANCIAL: Final = frozenset(Financial)
_FULFILLMENT: Final = frozenset(Fulfillment) | {
    "in_progress",
    "on_hold",
    "open",
    "pending_fulfillment",
    "request_declined",
    "restocked",
    "scheduled",
}
_TAKES_MONEY: Final = frozenset({"sale", "capture"})


def to_header(node: wire.Order, form: NumberFormat) -> Order:
    """Give the order without what a light document leaves out."""
    charged = parts.money(node.total_price_set)
    financial = (node.display_financial_status or Financial.PENDING).lower()
    fulfillment = (node.display_fulfillment_status or Fulfillment.UNFULFILLED).lower()
    marker = node.metafield.value if node.metafield else ""
    return Order(
        id=node.id,
        number=node.name,
        bare_number=parts.attribute(node.custom_attributes, NUMBER_ATTRIBUTE) or form.bare(node.name),
        currency=charged.currency,
        total=charged,
        created_at=node.processed_at or node.created_at,
        email=node.email or "",
        phone=node.phone or "",
        status=_status(node),
        financial_status=financial,
        fulfillment_status=fulfillment,
        cancelled_at=node.cancelled_at,
        cancel_reason=(node.cancel_reason or "").lower(),
        is_cancelled=node.cancelled_at is not None,
        taxes_included=node.taxes_included,
        total_tax=parts.money(node.total_tax_set) if node.total_tax_set else None,
        refunded=parts.money(node.total_refunded_set) if node.total_refunded_set else None,
        presentment_total=presentment(node.total_price_set),
        customer_id=node.customer.id if node.customer else "",
        attributes=parts.foreign_attributes(node.custom_attributes),
        is_test=node.test,
        marker=marker,
        unknown=_unknown(financial, fulfillment),
    )


def to_outline(node: wire.Order | wire.Draft, lines: Sequence[wire.LineItem]) -> Order:
    """Give what an outline tells: when the order was made, and the counts of its lines."""
    counts = parts.counts_of(lines, parts.units_left(node, lines))
    charged = parts.money(node.total_price_set)
    return Order(
        id=node.id,
        number=node.name,
        currency=charged.currency,
        total=charged,
        created_at=node.created_at if isinstance(node, wire.Draft) else node.processed_at or node.created_at,
        is_draft=isinstance(node, wire.Draft),
        line_count=counts.shown,
        comparable_line_count=counts.comparable,
    )


def to_order(node: wire.Order, lines: Sequence[wire.LineItem], form: NumberFormat) -> Order:
    """Give the whole order; `lines` are all of its lines."""
    header = to_header(node, form)
    shipping = parts.shipping_of(node.shipping_lines.nodes)
    order = _with_positions(replace(header, shipping_lines=shipping), node, lines)
    refunds = parts.refunds_of(node.refunds)
    allocations = [one for line in (*lines, *node.shipping_lines.nodes) for one in line.discount_allocations]
    return replace(
        order,
        paid_at=_paid_at(node.transactions),
        completed_at=_completed_at(node),
        shipping_total=parts.shipping_without_tax(shipping, order.currency, taxes_included=order.taxes_included),
        discount_total=discounts(order),
        refunded=order.refunded or total((refund.amount for refund in refunds), order.currency),
        coupons=parts.coupons_from(node.custom_attributes, node.discount_codes, allocations, order.currency),
        refunds=refunds,
        transactions=parts.transactions_of(node.transactions),
        payment_title=parts.payment_title(node.payment_gateway_names)
        or parts.attribute(node.custom_attributes, PAYMENT_ATTRIBUTE),
        billing=to_address(node.billing_address) if node.billing_address else None,
        shipping=to_address(node.shipping_address) if node.shipping_address else None,
        note=node.note or "",
        tags=tuple(tag for tag in node.tags if tag != DRAFT_TAG),
    )


def _with_positions(order: Order, node: wire.Order, lines: Sequence[wire.LineItem]) -> Order:
    """Give the order with its lines: as edits have left them, unless only all of them make up what was charged."""
    units = parts.units_left(node, lines)
    left = parts.positions_of(lines, units, order.currency)
    if all(units[line.id] == line.quantity for line in lines):
        return with_positions(order, left, node.tax_lines)
    whole = parts.positions_of(lines, {}, order.currency)
    is_whole = not _adds_up(order, node, left) and _adds_up(order, node, whole)
    return with_positions(order, whole if is_whole else left, node.tax_lines)


def _adds_up(order: Order, node: wire.Order, positions: parts.Positions) -> bool:
    parted = with_positions(order, positions, node.tax_lines)
    as_line = total((tax.amount for tax in positions.taxes), order.currency)
    return parted.sum_of_parts() + as_line == order.total


def with_positions(order: Order, positions: parts.Positions, tax_lines: Iterable[wire.TaxLine]) -> Order:
    """Give the order with its lines, and with tax where a line of ours stands for it."""
    as_line = total((tax.amount for tax in positions.taxes), order.currency)
    return replace(
        order,
        lines=positions.lines,
        fees=positions.fees,
        taxes=(*parts.taxes_of(tax_lines), *positions.taxes),
        total_tax=(order.total_tax or Money.of(0, order.currency)) + as_line,
        line_count=positions.shown,
        comparable_line_count=positions.comparable,
    )


def discounts(order: Order) -> Money:
    """Add what lines were reduced by."""
    return total((line.subtotal - line.total for line in order.lines), order.currency)


def presentment(bag: wire.MoneyBag) -> Money | None:
    """Give what the customer paid in a currency of their own; None where it is the shop's."""
    told = bag.presentment_money
    if told is None or told.currency_code == bag.shop_money.currency_code:
        return None
    return Money.of(told.amount, told.currency_code)


def _status(node: wire.Order) -> str:
    if node.cancelled_at is not None:
        return "cancelled"
    return "closed" if node.closed_at is not None else "open"


def _unknown(financial: str, fulfillment: str) -> tuple[str, ...]:
    """Name the words that this version of Crossdock has never heard of."""
    found = [financial] if financial not in _FINANCIAL else []
    return (*found, fulfillment) if fulfillment not in _FULFILLMENT else tuple(found)


def _paid_at(transactions: Iterable[wire.Transaction]) -> datetime | None:
    moments = [
        one.processed_at
        for one in transactions
        if one.kind.lower() in _TAKES_MONEY and one.status.lower() == "success" and one.processed_at
    ]
    return min(moments, default=None)


def _completed_at(node: wire.Order) -> datetime | None:
    """Tell when all was delivered; where nobody noted that, when the order was closed."""
    if (node.display_fulfillment_status or "").lower() != Fulfillment.FULFILLED:
        return None
    moments = [one.created_at for one in node.fulfillments if one.created_at and one.status == "SUCCESS"]
    return max(moments, default=node.closed_at)
