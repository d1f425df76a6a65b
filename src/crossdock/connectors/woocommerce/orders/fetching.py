"""Single orders of a store: fetched by id, with their refunds.

Owns requests for orders that are known by id. Must not know steps or runs.

Source: WooCommerce REST API v3, `GET orders`, `GET orders/{id}`, `GET orders/{id}/refunds`.
"""

from collections.abc import Sequence
from http import HTTPStatus

import msgspec

from crossdock.connectors.contract import UnreadableRecord
from crossdock.connectors.replies import Reply
from crossdock.connectors.woocommerce.orders.wire import (
    INCLUDE_META,
    REFUND_FIELDS,
    WHOLE_DECIMALS,
    WHOLE_FIELDS,
    WireOrder,
    WireRefund,
    order_of,
)
from crossdock.connectors.woocommerce.problems import error_of, problem_of
from crossdock.connectors.woocommerce.transport import WooTransport, decode
from crossdock.connectors.woocommerce.walking import WINDOW

_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


async def fetch_orders(transport: WooTransport, ids: Sequence[str]) -> list[WireOrder | UnreadableRecord]:
    """Fetch up to 100 orders by id, whole, in no order; what is absent is not there, or thrown away.

    With orders in tables of their own, lists leave out those in the status of a plugin that is gone: these are asked
    for one by one.
    """
    if not ids:
        return []
    params = {"include": ",".join(ids), "per_page": WINDOW, "status": "any", "dp": WHOLE_DECIMALS}
    listed = await transport.rows("orders", {**params, "_fields": WHOLE_FIELDS, "include_meta": INCLUDE_META})
    # An unknown parameter is ignored and everything returned: only what was asked for counts.
    orders = [order for raw in listed.rows if str((order := order_of(raw)).id) in ids]
    seen = {str(order.id) for order in orders}
    for number in ids:
        if number not in seen:
            orders += await _fetch_one(transport, number)
    return [order for order in orders if isinstance(order, UnreadableRecord) or not order.is_ignored]


async def _fetch_one(transport: WooTransport, number: str) -> list[WireOrder | UnreadableRecord]:
    params = {"dp": WHOLE_DECIMALS, "_fields": WHOLE_FIELDS, "include_meta": INCLUDE_META}
    reply = await transport.read(f"orders/{number}", params, accept=_GONE)
    return [] if _is_gone(reply) else [order_of(msgspec.Raw(reply.body))]


async def fetch_refunds(transport: WooTransport, number: str) -> list[WireRefund]:
    """Fetch the refunds of one order, oldest first; none where the order is gone.

    Raises:
        ContractViolationError: one of them does not fit our wire model.
    """
    params = {"per_page": WINDOW, "orderby": "id", "order": "asc", "_fields": REFUND_FIELDS}
    reply = await transport.read(f"orders/{number}/refunds", params, accept=_GONE)
    return [] if _is_gone(reply) else decode(reply, list[WireRefund])


def _is_gone(reply: Reply) -> bool:
    """Whether WooCommerce itself says that the order is not there: a route that is missing says nothing of orders."""
    if reply.is_success:
        return False
    if problem_of(reply).code.startswith("woocommerce_rest"):
        return True
    raise error_of(reply, is_write=False, has_read=True)
