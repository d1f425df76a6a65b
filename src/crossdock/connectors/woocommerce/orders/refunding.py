"""Which refunds are written for an order, and how its status comes about by them.

Owns the amounts, so that they never exceed what was paid. Must not know requests.

Source: WooCommerce REST API v3, order refunds: when nothing is left to refund, the order becomes `refunded`; creating
an order as `refunded` makes a refund of its own.
"""

from dataclasses import dataclass

from crossdock.connectors.woocommerce.orders.statuses import CANCELLED, COMPLETED, REFUNDED, status_for
from crossdock.domain.money import Money, total
from crossdock.domain.order import Order
from crossdock.domain.plan import Level, Reason

REST_ID = "rest"
"""Stands for the id of a refund that the source does not list, though it calls the order refunded."""

_CLIPPED = Reason(
    "refund_clipped",
    Level.WARNING,
    "More was refunded than the order's total: WooCommerce holds refunds up to the total.",
)
_ASSUMED = Reason(
    "refund_assumed",
    Level.WARNING,
    "The order counts as refunded, but the source lists no refund: one of its whole total is entered.",
)
_LEFT = Reason(
    "refunded_in_part",
    Level.WARNING,
    "The order counts as refunded, but its refunds don't reach its total: WooCommerce shows it as completed.",
)


@dataclass(frozen=True, slots=True)
class PlannedRefund:
    """A refund to be written."""

    source_id: str
    amount: Money
    reason: str


@dataclass(frozen=True, slots=True)
class RefundPlan:
    """The refunds of an order and the statuses around them: as made, after the refunds, and in the end."""

    refunds: tuple[PlannedRefund, ...]
    first_status: str
    last_status: str
    needs_status: bool
    reasons: tuple[Reason, ...]

    def refunded(self, currency: str) -> Money:
        """Add the refunds up."""
        return total((refund.amount for refund in self.refunds), currency)


def refund_plan(order: Order) -> RefundPlan:
    """Plan the refunds of an order."""
    zero = Money.of(0, order.currency)
    left, is_clipped = order.total, False
    planned: list[PlannedRefund] = []
    for refund in order.refunds:
        amount = min(refund.amount, left, key=lambda money: money.amount)
        is_clipped = is_clipped or amount != refund.amount
        if amount.amount > 0:
            planned.append(PlannedRefund(refund.id, amount, refund.reason))
            left -= amount
    wanted = status_for(order)
    told = min(order.refunded or zero, order.total, key=lambda money: money.amount)
    is_unlisted = wanted == REFUNDED and not planned and not told.amount
    rest = left if is_unlisted else told - (order.total - left)
    if rest.amount > 0:
        planned.append(PlannedRefund(REST_ID, rest, ""))
        left -= rest
    is_all = bool(planned) and not left.amount
    first = COMPLETED if wanted == REFUNDED and order.total.amount else wanted
    after = REFUNDED if is_all else first
    last = CANCELLED if wanted == CANCELLED else after
    reasons = [reason for reason, is_so in ((_CLIPPED, is_clipped), (_ASSUMED, is_unlisted and rest.amount)) if is_so]
    if wanted == REFUNDED != last:
        reasons.append(_LEFT)
    return RefundPlan(tuple(planned), first, last, last != after, tuple(reasons))
