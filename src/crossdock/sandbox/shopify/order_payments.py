"""Payments of an order as an input says them. Must not know lines, or what status follows.

Source: reference §4.1.
"""

from collections.abc import Mapping

from crossdock.sandbox.shopify.order_amounts import AmountReader
from crossdock.sandbox.shopify.order_events import Transaction
from crossdock.sandbox.shopify.records import Wire
from crossdock.sandbox.shopify.store import ShopifyStore


def read_transactions(
    store: ShopifyStore, given: Mapping[str, Wire], reader: AmountReader, order_number: int
) -> tuple[Transaction, ...]:
    """Read the transactions of an input: records of payments, no money moves."""
    now = store.now()
    return tuple(
        Transaction(
            store.next_number(),
            order_number,
            one.get("kind") or "SALE",
            one.get("status") or "SUCCESS",
            one.get("gateway") or "",
            reader.bag(one["amountSet"], ["order", "transactions", str(index), "amountSet"]),
            now,
            one.get("processedAt") or now,
            is_real=store.is_real_gateway(one.get("gateway")),
            test=bool(one.get("test")),
            authorization_code=one.get("authorizationCode"),
            receipt_json=one.get("receiptJson"),
        )
        for index, one in enumerate(given.get("transactions") or ())
    )
