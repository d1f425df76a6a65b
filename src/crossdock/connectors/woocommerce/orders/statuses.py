"""Order statuses between WooCommerce's words and Shopify's, in which the domain speaks.

Owns both tables. Must not know anything else of an order.

Source: WooCommerce REST API v3, orders: `status`; plugins register further ones.
"""

from crossdock.connectors.replies import store_words
from crossdock.domain.order import Financial, Fulfillment, Order, OrderStatus
from crossdock.domain.plan import Level, Reason

COMPLETED, PROCESSING, ON_HOLD, CANCELLED, REFUNDED = "completed", "processing", "on-hold", "cancelled", "refunded"
HALF_MADE = "pending"
"""What WooCommerce saves an order as before it has looked at all of it; we never ask for this status."""

_UNPAID = frozenset({"pending", ON_HOLD})
_DEAD = frozenset({CANCELLED, "failed"})
_WORDS = {
    OrderStatus.OPEN: ON_HOLD,
    OrderStatus.PROCESSING: PROCESSING,
    OrderStatus.COMPLETED: COMPLETED,
    OrderStatus.CANCELLED: CANCELLED,
    OrderStatus.REFUNDED: REFUNDED,
}
_KNOWN = frozenset(Financial)


def financial_of(status: str, *, is_paid: bool, is_refunded: bool, is_all_refunded: bool) -> str:
    """Tell whether an order is paid. Statuses of plugins count as paid where the order has a date of payment."""
    if status in _DEAD:
        return Financial.VOIDED
    if status == REFUNDED or is_all_refunded:
        return Financial.REFUNDED
    if status in _UNPAID or not (is_paid or status in (COMPLETED, PROCESSING)):
        return Financial.PENDING
    return Financial.PARTIALLY_REFUNDED if is_refunded else Financial.PAID


def fulfillment_of(status: str, *, is_completed: bool) -> str:
    """Tell whether an order is fulfilled; of refunded ones the date of completion tells."""
    if status == COMPLETED or (status == REFUNDED and is_completed):
        return Fulfillment.FULFILLED
    return Fulfillment.UNFULFILLED


def is_known(status: str) -> bool:
    """Whether a status is WooCommerce's own, not a plugin's."""
    return status in _UNPAID or status in _DEAD or status in (COMPLETED, PROCESSING, REFUNDED)


def status_for(order: Order) -> str:
    """Give the status in which an order ends in WooCommerce."""
    return _WORDS[order.status_key()]


def status_reasons(order: Order) -> tuple[Reason, ...]:
    """Warn of words that the table above does not know."""
    unknown = order.unknown or (() if order.financial_status in _KNOWN else (order.financial_status,))
    if not unknown:
        return ()
    words = store_words(", ".join(unknown))
    text = f"The order has a status that Crossdock does not know ({words}): check it in WooCommerce."
    return (Reason("status_unknown", Level.WARNING, text),)
