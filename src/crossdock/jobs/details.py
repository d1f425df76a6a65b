"""Details: what the reading of two stores left out, fetched for the records that a comparison lists.

Owns how many requests are on their way at a time, and that a stopped comparison goes on where it was. It must not know
what a detail is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from crossdock.compare.details import SIDES, MissingDetails
from crossdock.connectors.contract import DetailedSource, Source

_AT_ONCE = 4
"""How many requests are begun at a time; a store's own limit holds them back further."""


async def fetch_details(
    missing: MissingDetails,
    sources: tuple[Source[Any], Source[Any]],
    should_stop: Callable[[], bool],
    on_progress: Callable[[str, int], Awaitable[None]],
) -> bool:
    """Fetch and keep all details, then put them into the lists; False when stopped before the end.

    `on_progress` hears the side and how many records of it have been fetched.

    Raises:
        CrossdockError: a store refuses or can't be reached, or the result can't be written.
    """
    for side, source in zip(SIDES, sources, strict=True):
        if not isinstance(source, DetailedSource):
            continue
        chunks = missing.wanted(side)
        done = 0
        while some := await asyncio.to_thread(_take, chunks):
            if should_stop():
                return False
            found = await _outline(source, some)
            await asyncio.to_thread(missing.keep, side, found)
            done += sum(map(len, some))
            await on_progress(side, done)
    await asyncio.to_thread(missing.join)
    return True


def _take(chunks: Iterator[list[str]]) -> list[list[str]]:
    return [chunk for _, chunk in zip(range(_AT_ONCE), chunks, strict=False)]


async def _outline(source: DetailedSource[Any], chunks: Sequence[Sequence[str]]) -> list[Any]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_found(source, chunk)) for chunk in chunks]
    return [record for task in tasks for record in task.result()]


async def _found(source: DetailedSource[Any], ids: Sequence[str]) -> list[Any]:
    return list((await source.outline(ids)).values())
