"""Telling that a run stands still because a store takes no more for now, so that nobody takes it for stuck.

Owns when that is said, and how it looks in a progress event. It must not know how a store counts.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from crossdock.connectors.contract import Store

_GAP_SECONDS = 1.0


class RateLimits:
    """The stores of one run, once they are open, and the wait of the one that makes it wait longest."""

    def __init__(self) -> None:
        self._stores: Sequence[Store] = ()
        self._was_told = False

    def look_at(self, *stores: Store) -> None:
        """Say which stores the run uses."""
        self._stores = stores

    def figures(self) -> Mapping[str, Any]:
        """Give `waiting`, with the platform and the whole seconds left, where a store makes its next request wait."""
        slowest = max(self._stores, key=lambda store: store.waiting_seconds, default=None)
        self._was_told = slowest is not None and slowest.waiting_seconds > 0
        if slowest is None or not self._was_told:
            return {}
        # A wait that is nearly over is no wait of 0 seconds.
        seconds = max(1, round(slowest.waiting_seconds))
        return {"waiting": {"platform": slowest.capabilities.platform, "seconds": seconds}}

    @asynccontextmanager
    async def told_by(self, tell: Callable[[], Awaitable[object]]) -> AsyncGenerator[None]:
        """Let `tell` be called every second while a store makes wait, and once when that is over."""
        task = asyncio.create_task(self._watch(tell))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _watch(self, tell: Callable[[], Awaitable[object]]) -> None:
        while True:
            await asyncio.sleep(_GAP_SECONDS)
            if self._was_told or any(store.waiting_seconds > 0 for store in self._stores):
                await tell()
