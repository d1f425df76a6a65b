"""The financial status that payments and refunds make. Must not know inputs or requests.

Source: reference §4.2 (recorded: none, PAID, AUTHORIZED) and §4.6 (refunds).
"""

from dataclasses import replace
from typing import Final

from crossdock.sandbox.shopify.order_records import Order

_RECEIVING: Final = frozenset({"SALE", "CAPTURE"})


def derive_financial_status(order: Order) -> str | None:
    """Answer the status that the transactions and refunds make; None where nothing was said of payment."""
    made = order.transactions_made
    if not made:
        return None
    received, refunded = order.total_received_set.shop, order.total_refunded_set.shop
    if refunded:
        return "REFUNDED" if refunded >= received else "PARTIALLY_REFUNDED"
    if received:
        return "PAID" if received >= order.total_price_set.shop else "PARTIALLY_PAID"
    if order.capturable:
        return "AUTHORIZED"
    if any(one.kind == "VOID" and one.status == "SUCCESS" for one in made):
        return "VOIDED"
    # A free order is paid by a payment of nothing.
    is_free = any(one.kind in _RECEIVING and one.status == "SUCCESS" for one in made) and not order.total_price_set
    return "PAID" if is_free else "PENDING"


def settle(order: Order) -> Order:
    """Answer the order with the financial status that its payments and refunds make now."""
    return replace(order, financial_status=derive_financial_status(order))
