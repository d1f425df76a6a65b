"""The walk through one of WooCommerce's lists: each record once, in ascending order of ids, or the newest first.

Owns windows, how they overlap and what is done where rows go missing. Must not know what the records are.

Source: WooCommerce REST API v3, lists. There is no cursor; with ascending ids new records only append, and a deletion
moves later rows to earlier places. Windows therefore overlap by one record: where the overlap is broken, rows were
deleted, and the walk goes back.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from crossdock.connectors.contract import Cursor, Page, UnreadableRecord
from crossdock.connectors.http import Params
from crossdock.connectors.throttle import AdaptiveConcurrency
from crossdock.connectors.woocommerce.transport import Listed, WooTransport
from crossdock.domain.errors import ContractViolationError

WINDOW = 100
"""How many rows WooCommerce gives at most."""
_STRIDE = WINDOW - 1
_MOST_SETBACKS = 20

T = TypeVar("T")

Reading = Callable[[msgspec.Raw], T | UnreadableRecord | None]
"""Makes a record of a row; None leaves the row out."""


class _Id(msgspec.Struct, frozen=True):
    id: int


_ID = msgspec.json.Decoder(_Id)


def id_of(raw: msgspec.Raw) -> str:
    """Give the id of a row that may not fit otherwise; empty where there is none."""
    try:
        return str(_ID.decode(raw).id)
    except (msgspec.DecodeError, RecursionError):
        return ""


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


class ListWalk(Generic[T]):
    """Walks the list at `path`; `params` narrow it and choose the fields, of which `id` must be one."""

    def __init__(
        self,
        transport: WooTransport,
        concurrency: AdaptiveConcurrency,
        path: str,
        params: Params,
        reading: Reading[T],
    ) -> None:
        self._transport = transport
        self._concurrency = concurrency
        self._path = path
        self._params = params
        self._reading = reading

    async def read(self, cursor: Cursor | None = None) -> AsyncGenerator[Page[T]]:
        """Read every record in ascending order of ids. The cursor is the place and id of the last one."""
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
                    before = last_id
                    page, last_id = self._page(window, last_id)
                    if last_id > before or page.unreadable:
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
        place = {"orderby": "id", "order": "asc", "per_page": WINDOW, "offset": offset}
        async with self._concurrency.slot():
            listed = await self._transport.rows(self._path, {**self._params, **place})
        return _Window(offset, listed.rows, listed.total)

    def _page(self, window: _Window, last_id: int) -> tuple[Page[T], int]:
        """Read what a window adds after `last_id`."""
        records: list[T] = []
        unreadable: list[UnreadableRecord] = []
        for raw in window.rows:
            number = int(id_of(raw) or 0)
            if number and number <= last_id:
                continue
            last_id = max(last_id, number)
            record = self._reading(raw)
            if isinstance(record, UnreadableRecord):
                unreadable.append(record)
            elif record is not None:
                records.append(record)
        place = window.offset + max(0, len(window.rows) - 1)
        return Page(records, f"{place}:{last_id}", unreadable), last_id


async def newest_first(transport: WooTransport, path: str, params: Params) -> AsyncGenerator[Listed]:
    """Walk a list from the newest record back, a part at a time.

    Records added meanwhile push rows to later parts: some come twice, none is missed.
    """
    offset = 0
    while True:
        place = {"orderby": "id", "order": "desc", "per_page": WINDOW, "offset": offset}
        listed = await transport.rows(path, {**params, **place})
        yield listed
        if len(listed.rows) < WINDOW:
            return
        offset += _STRIDE


def _is_broken(window: _Window, last_id: int) -> bool:
    """Whether rows before the window were deleted since `last_id` was read, so that some after it were not seen."""
    if window.offset == 0 or last_id == 0:
        return False
    return window.first_id is None or window.first_id > last_id


def _further_back(offset: int, setbacks: int) -> int:
    """Choose where to read again: ever further back, since any number of rows may be gone."""
    if setbacks > _MOST_SETBACKS:
        text = "The store's list changes from one look to the next. Try again when it is quiet."
        raise ContractViolationError("unstable_listing", text)
    return max(0, offset - WINDOW * 2 ** (setbacks - 1))


def _parse(cursor: Cursor | None) -> tuple[int, int]:
    if cursor is None:
        return 0, 0
    place, _, last_id = cursor.partition(":")
    return int(place), int(last_id)
