"""Progress: how far a run is, told often enough to be watched and seldom enough to cost nothing.

Owns the shape of progress events and their rate. It must not know who watches.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from crossdock.state import State

_MIN_GAP_SECONDS = 0.4


class Progress:
    """The events of one run. `tell` drops figures that come too soon after the last ones, `say` never."""

    def __init__(self, state: State, run_id: str) -> None:
        self._state = state
        self._run_id = run_id
        self._told_at = 0.0

    async def say(self, event: str, data: Mapping[str, Any]) -> None:
        """Write an event."""
        await asyncio.to_thread(self._state.events.append, self._run_id, event, dict(data))

    async def tell(self, data: Mapping[str, Any], *, is_last: bool = False) -> bool:
        """Write figures, unless some were written a moment ago and these are not the last; gives whether it did."""
        now = time.monotonic()
        if not is_last and now - self._told_at < _MIN_GAP_SECONDS:
            return False
        self._told_at = now
        await self.say("progress", data)
        return True


class Rate:
    """Counts what is done against a clock; gives `done`, `total`, records per second and seconds left as JSON."""

    def __init__(self, total: int | None, already_done: int = 0) -> None:
        self._total = total
        self._first = already_done
        self._began_at = time.monotonic()

    def figures(self, done: int) -> dict[str, Any]:
        """Give the figures after `done` records in all."""
        elapsed = time.monotonic() - self._began_at
        rate = (done - self._first) / elapsed if elapsed > 0 else 0.0
        left = (self._total - done) / rate if self._total is not None and rate > 0 else None
        return {
            "done": done,
            "total": self._total,
            "perSecond": round(rate, 1),
            "secondsLeft": None if left is None else max(0, round(left)),
        }
