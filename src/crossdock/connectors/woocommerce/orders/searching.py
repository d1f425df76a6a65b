"""Orders of ours found again: by marker, and by the marks on their refunds.

Owns the look-ups that are no reading of the store. Must not know steps or runs.

Source: WooCommerce REST API v3, orders: there is no search by meta, but a scan of what has changed is cheap, and right
after its creation an order's time of change is now, whatever date it is given later. An error in the midst of a
creation leaves an order as `pending`, a status that we never ask for.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from crossdock.connectors.contract import UnreadableRecord
from crossdock.connectors.http import Params
from crossdock.connectors.woocommerce.meta import MARKER_KEY, marker_of, meta_values
from crossdock.connectors.woocommerce.orders.fetching import fetch_orders, fetch_refunds
from crossdock.connectors.woocommerce.orders.statuses import HALF_MADE
from crossdock.connectors.woocommerce.orders.times import written_time
from crossdock.connectors.woocommerce.orders.wire import REFUND_KEY, WireOrder, order_of
from crossdock.connectors.woocommerce.transport import WooTransport, store_now
from crossdock.connectors.woocommerce.walking import newest_first
from crossdock.domain.errors import ContractViolationError, RecordConflictError

_OVERLAP = timedelta(seconds=60)
_EVERY: Params = {"status": "any", "include_meta": MARKER_KEY, "_fields": "id,status,meta_data"}


async def orders_by_marker(transport: WooTransport, markers: Collection[str]) -> dict[str, str]:
    """Find the orders that carry these markers: marker -> id. Half-made ones are left out."""
    return {marker: id_ for marker, (id_, status) in (await _marked(transport, markers)).items() if status != HALF_MADE}


async def made_orders(transport: WooTransport, markers: Collection[str], age: timedelta) -> dict[str, str]:
    """Find the orders of the last `age`: marker -> id; half-made ones are deleted, so that they can be made again.

    Call this only when the store is no longer at work on them.
    """
    found = await _marked(transport, markers, changed_within=age)
    for number, status in found.values():
        if status == HALF_MADE:
            await delete_order(transport, number)
    return {marker: number for marker, (number, status) in found.items() if status != HALF_MADE}


async def _marked(
    transport: WooTransport, markers: Collection[str], *, changed_within: timedelta | None = None
) -> dict[str, tuple[str, str]]:
    narrowing: Params = {}
    if changed_within is not None:
        narrowing = {"modified_after": written_time(await _now(transport) - changed_within - _OVERLAP)}
    found: dict[str, tuple[str, str]] = {}
    async for listed in newest_first(transport, "orders", {**_EVERY, **narrowing}):
        for raw in listed.rows:
            wire = order_of(raw)
            if isinstance(wire, UnreadableRecord) or wire.is_ignored:
                continue
            marker = marker_of(wire.meta_data)
            # Where there are two, the whole one counts, and of two such the older, which links name.
            if marker in markers and (marker not in found or wire.status != HALF_MADE):
                found[marker] = (str(wire.id), wire.status or "")
        if changed_within is None and len(found) == len(markers):
            break
    return found


async def refund_by_mark(transport: WooTransport, number: str, source_id: str) -> str | None:
    """Find the refund of an order that carries a source refund's id; gives its own id."""
    for refund in await fetch_refunds(transport, number):
        if meta_values(refund.meta_data, (REFUND_KEY,)).get(REFUND_KEY) == source_id:
            return str(refund.id)
    return None


async def delete_order(transport: WooTransport, number: str) -> None:
    """Delete an order of ours for good; one that is gone already counts as deleted.

    Raises:
        RecordConflictError: `not_ours` where our marker is missing, `delete_refused` where the store does not want to.
        ContractViolationError: `record_unreadable`, the order can't be read, and is left.
    """
    found = await _one(transport, number)
    if found is None:
        return
    if not marker_of(found.meta_data):
        text = "This order does not carry Crossdock's mark, so that it is not deleted."
        raise RecordConflictError("not_ours", text)
    reply = await transport.write("DELETE", f"orders/{number}", params={"force": "true"}, accept=(400, 404, 410))
    if not reply.is_success and await _one(transport, number) is not None:
        raise RecordConflictError("delete_refused", "WooCommerce refused to delete this order. Delete it there.")


async def readable_orders(transport: WooTransport, ids: Sequence[str]) -> dict[str, WireOrder]:
    """Fetch up to 100 orders by id, whole; what is absent is not there.

    Raises:
        ContractViolationError: `record_unreadable`, one of them is there and can't be read.
    """
    found: dict[str, WireOrder] = {}
    for wire in await fetch_orders(transport, ids):
        if isinstance(wire, UnreadableRecord):
            raise ContractViolationError("record_unreadable", wire.reason, wire.id)
        found[str(wire.id)] = wire
    return found


async def _one(transport: WooTransport, number: str) -> WireOrder | None:
    return (await readable_orders(transport, [number])).get(number)


async def _now(transport: WooTransport) -> datetime:
    """Ask what time it is by the store's clock."""
    return store_now(await transport.read("orders", {"per_page": 1, "_fields": "id"}))
