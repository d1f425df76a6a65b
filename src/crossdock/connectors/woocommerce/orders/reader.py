"""Orders read from WooCommerce: the whole store without lines, or some by id with everything.

Owns which orders and fields are asked for. Must not know what readers do with the records.

Source: WooCommerce REST API v3, `GET orders`: without a status asked for, every registered one is listed; bounds of
time are exclusive, and right only with `Z`.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime, timedelta

from crossdock.connectors.contract import MAX_IDS, Cursor, Page, UnreadableRecord
from crossdock.connectors.http import Params
from crossdock.connectors.throttle import AdaptiveConcurrency
from crossdock.connectors.woocommerce.orders.fetching import fetch_orders, fetch_refunds
from crossdock.connectors.woocommerce.orders.mapping import mapped, readable
from crossdock.connectors.woocommerce.orders.times import written_time
from crossdock.connectors.woocommerce.orders.wire import (
    INCLUDE_META,
    LIGHT_FIELDS,
    OUTLINE_FIELDS,
    WHOLE_DECIMALS,
    WireOrder,
)
from crossdock.connectors.woocommerce.transport import WooTransport, total_of
from crossdock.connectors.woocommerce.walking import WINDOW, ListWalk
from crossdock.domain.errors import ContractViolationError
from crossdock.domain.kinds import ORDER, RecordKind
from crossdock.domain.order import Order

_EVERY: Params = {"status": "any", "dp": WHOLE_DECIMALS, "_fields": LIGHT_FIELDS, "include_meta": INCLUDE_META}
_PRECISION = timedelta(seconds=1)


class OrderReader:
    """The `DetailedSource` of a WooCommerce store's orders: every status but drafts and what is thrown away."""

    def __init__(self, transport: WooTransport, concurrency: AdaptiveConcurrency) -> None:
        self._transport = transport
        self._concurrency = concurrency

    @property
    def kind(self) -> RecordKind:
        """The kind that is read."""
        return ORDER

    async def count(self) -> int | None:
        """Tell how many orders the store lists."""
        reply = await self._transport.read("orders", {"status": "any", "per_page": 1, "_fields": "id"})
        return total_of(reply)

    def read(self, cursor: Cursor | None = None) -> AsyncGenerator[Page[Order]]:
        """Read every order in ascending order of ids, without lines."""
        return self._walk({}).read(cursor)

    def changed_since(self, moment: datetime) -> AsyncGenerator[Page[Order]]:
        """Read, without lines, what was made or changed at `moment` or later.

        Of orders kept as posts a change of their meta alone does not count (observed).
        """
        return self._walk({"modified_after": written_time(moment - _PRECISION)}).read()

    async def outline(self, ids: Sequence[str]) -> Mapping[str, Order]:
        """Fetch orders with their counts of lines, and little else."""
        found: dict[str, Order] = {}
        for start in range(0, len(ids), MAX_IDS):
            chunk = ids[start : start + MAX_IDS]
            params = {"include": ",".join(chunk), "per_page": WINDOW, "status": "any", "_fields": OUTLINE_FIELDS}
            async with self._concurrency.slot():
                listed = await self._transport.rows("orders", params)
            for raw in listed.rows:
                order = readable(raw)
                if isinstance(order, Order) and order.id in chunk:
                    found[order.id] = order
        return found

    async def get(self, ids: Sequence[str]) -> Mapping[str, Order]:
        """Fetch orders by id, whole, with their refunds.

        Raises:
            ContractViolationError: `record_unreadable`, one of them does not fit our wire model.
        """
        numbers = [number for number in dict.fromkeys(ids) if number.isdecimal()]
        found: dict[str, Order] = {}
        for start in range(0, len(numbers), MAX_IDS):
            wires = await fetch_orders(self._transport, numbers[start : start + MAX_IDS])
            for order in await asyncio.gather(*(self._with_refunds(wire) for wire in wires)):
                if isinstance(order, UnreadableRecord):
                    raise ContractViolationError("record_unreadable", order.reason, order.id)
                found[order.id] = order
        return found

    async def _with_refunds(self, wire: WireOrder | UnreadableRecord) -> Order | UnreadableRecord:
        if isinstance(wire, UnreadableRecord) or not wire.refunds:
            return wire if isinstance(wire, UnreadableRecord) else mapped(wire)
        async with self._concurrency.slot():
            return mapped(wire, await fetch_refunds(self._transport, str(wire.id)))

    def _walk(self, narrowing: Params) -> ListWalk[Order]:
        return ListWalk(self._transport, self._concurrency, "orders", {**_EVERY, **narrowing}, readable)
