"""How late the event loop is: what a person who presses a button waits before anybody listens.

Owns the measuring and its buckets. It must not know what keeps the loop busy.
"""

import asyncio
import itertools
import time

BOUNDS_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.5, 1.0, 5.0)
_PAUSE_SECONDS = 0.1


class LoopDelay:
    """A histogram of how much later than asked the loop came back, measured ten times a second while `measure` runs."""

    def __init__(self) -> None:
        self.total_seconds = 0.0
        self._counts = [0] * (len(BOUNDS_SECONDS) + 1)

    @property
    def cumulative(self) -> list[int]:
        """Count, for each bound and then without one, the measurements that were no longer."""
        return list(itertools.accumulate(self._counts))

    def note(self, seconds: float) -> None:
        """Take one measurement in."""
        self.total_seconds += seconds
        place = next((at for at, bound in enumerate(BOUNDS_SECONDS) if seconds <= bound), len(BOUNDS_SECONDS))
        self._counts[place] += 1

    async def measure(self) -> None:
        """Measure for as long as the program runs; never returns."""
        while True:
            asked_at = time.monotonic()
            await asyncio.sleep(_PAUSE_SECONDS)
            self.note(max(0.0, time.monotonic() - asked_at - _PAUSE_SECONDS))
