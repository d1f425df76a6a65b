"""Own what happens when an order changes its status: dates, notes, mails, stock, sales, an automatic refund (§5.7).

Knows no request. Whoever changes a status calls `change_status`, stores the order, then runs the effects.
"""

from dataclasses import dataclass

from crossdock.sandbox.woocommerce.ledger.order import Order
from crossdock.sandbox.woocommerce.orders.refund_ledger import refund_the_rest
from crossdock.sandbox.woocommerce.orders.stock import count_coupons, count_sales, note, reduce_stock, restore_stock
from crossdock.sandbox.woocommerce.orders.views import needs_processing
from crossdock.sandbox.woocommerce.store import WooStore

UNLISTED = ("auto-draft", "trash")
_SOLD = ("processing", "on-hold", "completed")
_UNPAID = ("pending", "failed", "cancelled")
_PAYABLE = ("on-hold", "pending", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of status that has still to take effect."""

    old: str
    new: str


def change_status(store: WooStore, order: Order, asked: str, *, since: str | None = None) -> Transition | None:
    """Give an order another status with the dates that follow; None where nothing changes.

    An unknown status becomes pending without a word, and an unknown old one counts as pending (§5.2). `since` is the
    status before this request, where it changed already.
    """
    known = store.statuses()
    new = asked.removeprefix("wc-")
    if new not in known and new not in UNLISTED:
        new = "pending"
    old = order.status if order.status in known or order.status in UNLISTED else "pending"
    order.status = new
    if old == new:
        return None
    now = store.now_seconds()
    if order.paid_at is None and _is_paid(store, order):
        order.paid_at = now
    if new == "completed":
        order.completed_at = now
    return Transition(since or old, new)


def complete_payment(store: WooStore, order: Order) -> Transition | None:
    """Mark an order paid: it becomes processing, or completed when there is nothing to send (§5.2)."""
    if order.status not in _PAYABLE:
        return None
    if order.paid_at is None:
        order.paid_at = store.now_seconds()
    return change_status(store, order, "processing" if needs_processing(order, store.catalogue) else "completed")


def store_order(store: WooStore, order: Order) -> None:
    """Store an order; one with a customer and no billing e-mail gets the customer's first (§5.7)."""
    if order.customer_id and not order.billing_email:
        account = store.accounts.get(order.customer_id)
        order.billing_email = account.email if account else ""
    store.orders.put(order)


def run_effects(store: WooStore, order: Order, change: Transition | None) -> None:
    """Run what a change of status sets off, and store the order with the flags that remember it."""
    if change is None:
        return
    if change.new in _SOLD:
        reduce_stock(store, order)
        count_sales(store, order, takes_back=False)
        count_coupons(store, order, takes_back=False)
    elif change.new in ("cancelled", "pending"):
        restore_stock(store, order)
        if change.new == "cancelled":
            count_sales(store, order, takes_back=True)
            count_coupons(store, order, takes_back=True)
    if change.new in ("processing", "completed"):
        order.download_permissions_granted = True
    if change.new == "completed":
        _mark_paying(store, order)
    old, new = store.status_label(change.old), store.status_label(change.new)
    store.orders.put(order)
    if change.new == "refunded":
        refund_the_rest(store, order)
    note(store, order, f"Order status changed from {old} to {new}.")
    _send_mails(store, order, change)
    store_order(store, order)


def _is_paid(store: WooStore, order: Order) -> bool:
    """Tell whether a status counts as paid: processing where there is something to send, completed always."""
    if order.status == "completed":
        return True
    return order.status == "processing" and needs_processing(order, store.catalogue)


def _mark_paying(store: WooStore, order: Order) -> None:
    account = store.accounts.get(order.customer_id) if order.customer_id else None
    if account is not None:
        account.is_paying = True


def _send_mails(store: WooStore, order: Order, change: Transition) -> None:
    is_sold = change.old in _UNPAID and change.new in _SOLD
    if is_sold and not order.new_order_email_sent:
        order.new_order_email_sent = True
        store.mail_admin("new_order", f"[{store.name}]: New order #{order.id}")
    if change.new == "processing" and change.old in (*_UNPAID, "on-hold"):
        store.mail_buyer("customer_processing_order", order.id, f"Your {store.name} order has been received!")
    elif change.new == "on-hold" and change.old in _UNPAID:
        store.mail_buyer("customer_on_hold_order", order.id, f"Your {store.name} order has been received!")
    elif change.new == "completed":
        store.mail_buyer("customer_completed_order", order.id, f"Your {store.name} order is now complete")
    elif change.new == "cancelled" and change.old in ("processing", "on-hold"):
        store.mail_admin("cancelled_order", f"[{store.name}]: Order #{order.id} has been cancelled")
    elif change.new == "failed" and change.old in ("pending", "on-hold"):
        store.mail_admin("failed_order", f"[{store.name}]: Order #{order.id} has failed")
