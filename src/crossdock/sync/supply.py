"""Supply: the work list in chunks with their source records, the next chunk read while the present one is written.

Owns how far ahead is read: one chunk, so that memory stays flat and records are fresh. It must not know what is done
with a record.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from crossdock.state import WorkRow
from crossdock.sync.context import SyncContext
from crossdock.sync.moving import fetch


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows without a result, and the source records that go with them; no rows mean the end of the list."""

    items: Sequence[WorkRow]
    records: Mapping[str, Any]


class Supply:
    """Gives chunk after chunk of at most `size` rows; leaving the context stops what is read ahead."""

    def __init__(self, context: SyncContext, size: int) -> None:
        self._context = context
        self._size = size
        self._position = -1
        self._ahead: asyncio.Task[Chunk] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._ahead is not None:
            self._ahead.cancel()
            await asyncio.gather(self._ahead, return_exceptions=True)

    async def take(self) -> Chunk:
        """Give the next chunk, and begin to read the one behind it.

        Raises:
            CrossdockError: what reading the source raised.
        """
        reading, self._ahead = self._ahead, None
        chunk = await (reading or self._read(self._position))
        if chunk.items:
            self._position = chunk.items[-1].position
            self._ahead = asyncio.create_task(self._read(self._position))
        return chunk

    async def _read(self, after: int) -> Chunk:
        items = await self._context.journal.next_items(after=after, limit=self._size)
        return Chunk(items, await fetch(self._context.source, [item.source_id for item in items]))
