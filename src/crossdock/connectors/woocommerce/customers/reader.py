"""Customers read from WooCommerce: the whole store in windows, or some by id.

Owns the walk. Must not know what readers do with the records.

Source: WooCommerce REST API v3, `GET customers`. There is no cursor; with ascending ids new accounts only append, and
a deletion moves later rows to earlier places. Windows therefore overlap by one record: where the overlap is broken,
rows were deleted, and the walk goes back. `role=all&orderby=id` is several times cheaper than the default.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import msgspec

from crossdock.connectors.contract import MAX_IDS, Cursor, Page, UnreadableRecord
from crossdock.connectors.replies import Reply
from crossdock.connectors.throttle import AdaptiveConcurrency
from crossdock.connectors.woocommerce.customers.mapping import customer_from_wire
from crossdock.connectors.woocommerce.customers.wire import FIELDS, WireCustomer, customer_of, id_of
from crossdock.connectors.woocommerce.transport import WooTransport, total_of
from crossdock.domain.customer import Customer
from crossdock.domain.errors import ContractViolationError
from crossdock.domain.kinds import CUSTOMER, RecordKind

WINDOW = 100
_STRIDE = WINDOW - 1
_MOST_SETBACKS = 20


@dataclass(frozen=True, slots=True)
class _Window:
    offset: int
    rows: list[msgspec.Raw]
    total: int | None

    @property
    def first_id(self) -> int | None:
        return int(id_of(self.rows[0]) or 0) if self.rows else None

    @property
    def is_last(self) -> bool:
        """Whether nothing can follow: the list said so in the same answer, or the window is not full."""
        end = self.offset + len(self.rows)
        return len(self.rows) < WINDOW or (self.total is not None and end >= self.total)


class CustomerReader:
    """The `Source` of a WooCommerce store's customers: every account, whatever its role."""

    def __init__(self, transport: WooTransport, concurrency: AdaptiveConcurrency) -> None:
        self._transport = transport
        self._concurrency = concurrency

    @property
    def kind(self) -> RecordKind:
        """The kind that is read."""
        return CUSTOMER

    async def count(self) -> int | None:
        """Tell how many accounts the store has."""
        reply = await self._transport.read("customers", {"role": "all", "per_page": 1, "_fields": "id"})
        return total_of(reply)

    async def get(self, ids: Sequence[str]) -> Mapping[str, Customer]:
        """Fetch accounts by id; guests are no accounts and thus absent.

        Raises:
            ContractViolationError: `record_unreadable`, one of them does not fit our wire model.
        """
        numbers = [number for number in dict.fromkeys(ids) if number.isdecimal()]
        found: dict[str, Customer] = {}
        for start in range(0, len(numbers), MAX_IDS):
            chunk = numbers[start : start + MAX_IDS]
            for wire in await readable_by_id(self._transport, chunk):
                found[str(wire.id)] = customer_from_wire(wire)
        return found

    async def read(self, cursor: Cursor | None = None) -> AsyncGenerator[Page[Customer]]:
        """Read every account in ascending order of ids. The cursor is the place and id of the last record."""
        offset, last_id = _parse(cursor)
        setbacks = 0
        while True:
            walk = self._windows(offset)
            try:
                async for window in walk:
                    if _is_broken(window, last_id):
                        setbacks += 1
                        offset = _further_back(window.offset, setbacks)
                        break
                    page, last_id = _page(window, last_id)
                    if page.records or page.unreadable:
                        setbacks = 0
                        yield page
                else:
                    return
            finally:
                await walk.aclose()

    async def _windows(self, offset: int) -> AsyncGenerator[_Window]:
        """Fetch windows from `offset` on, several at once, and give them in order up to the last."""
        tasks: deque[asyncio.Task[_Window]] = deque()
        ahead, total = offset, None
        try:
            while True:
                # Until the first window has told the total, only one is asked for.
                while len(tasks) < self._concurrency.limit and (not tasks or (total is not None and ahead < total)):
                    tasks.append(asyncio.create_task(self._window(ahead)))
                    ahead += _STRIDE
                window = await tasks.popleft()
                total = window.total
                yield window
                if window.is_last:
                    return
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _window(self, offset: int) -> _Window:
        params = {"role": "all", "orderby": "id", "order": "asc", "per_page": WINDOW, "offset": offset}
        async with self._concurrency.slot():
            listed = await self._transport.rows("customers", {**params, "_fields": FIELDS})
        return _Window(offset, listed.rows, listed.total)


async def fetch_by_id(transport: WooTransport, ids: Sequence[str]) -> list[WireCustomer]:
    """Fetch up to 100 accounts by id in one request, in no order; what can't be read is left out."""
    return [account for account in await _by_id(transport, ids) if isinstance(account, WireCustomer)]


async def readable_by_id(transport: WooTransport, ids: Sequence[str]) -> list[WireCustomer]:
    """Fetch up to 100 accounts by id in one request, in no order; what is absent is not there.

    Raises:
        ContractViolationError: `record_unreadable`, one of them is there and can't be read.
    """
    accounts = await _by_id(transport, ids)
    for account in accounts:
        if isinstance(account, UnreadableRecord):
            raise ContractViolationError("record_unreadable", account.reason, account.id)
    return [account for account in accounts if isinstance(account, WireCustomer)]


async def _by_id(transport: WooTransport, ids: Sequence[str]) -> list[WireCustomer | UnreadableRecord]:
    if not ids:
        return []
    params = {"role": "all", "include": ",".join(ids), "per_page": WINDOW, "_fields": FIELDS}
    listed = await transport.rows("customers", params)
    # An unknown parameter is ignored and everything returned: only what was asked for counts.
    accounts = [customer_of(raw) for raw in listed.rows]
    return [account for account in accounts if str(account.id) in ids]


async def newest_first(transport: WooTransport) -> AsyncGenerator[tuple[list[WireCustomer], datetime | None]]:
    """Walk the accounts from the newest back, a page at a time, with the store's time of each answer if it told it.

    Accounts added meanwhile push rows to later pages: some come twice, none is missed.
    """
    offset = 0
    while True:
        params = {"role": "all", "orderby": "id", "order": "desc", "per_page": WINDOW, "offset": offset}
        listed = await transport.rows("customers", {**params, "_fields": FIELDS})
        wires = [wire for raw in listed.rows if isinstance(wire := customer_of(raw), WireCustomer)]
        yield wires, _store_time(listed.reply)
        if len(listed.rows) < WINDOW:
            return
        offset += _STRIDE


def _store_time(reply: Reply) -> datetime | None:
    try:
        return parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return None


def _page(window: _Window, last_id: int) -> tuple[Page[Customer], int]:
    """Map what a window adds after `last_id`."""
    records: list[Customer] = []
    unreadable: list[UnreadableRecord] = []
    for raw in window.rows:
        wire = customer_of(raw)
        number = int(wire.id or 0)
        if number and number <= last_id:
            continue
        last_id = max(last_id, number)
        if isinstance(wire, WireCustomer):
            records.append(customer_from_wire(wire))
        else:
            unreadable.append(wire)
    place = window.offset + max(0, len(window.rows) - 1)
    return Page(records, f"{place}:{last_id}", unreadable), last_id


def _is_broken(window: _Window, last_id: int) -> bool:
    """Whether rows before the window were deleted since `last_id` was read, so that some after it were not seen."""
    if window.offset == 0 or last_id == 0:
        return False
    return window.first_id is None or window.first_id > last_id


def _further_back(offset: int, setbacks: int) -> int:
    """Choose where to read again: ever further back, since any number of rows may be gone."""
    if setbacks > _MOST_SETBACKS:
        text = "The store's list of customers changes from one look to the next. Try again when it is quiet."
        raise ContractViolationError("unstable_listing", text)
    return max(0, offset - WINDOW * 2 ** (setbacks - 1))


def _parse(cursor: Cursor | None) -> tuple[int, int]:
    if cursor is None:
        return 0, 0
    place, _, last_id = cursor.partition(":")
    return int(place), int(last_id)
