"""The leaky bucket that limits an app's points on a store. Must not know how a request's cost is computed.

Source: reference §1.1 (plans) and §1.4 (throttled replies).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

PLANS: Final[dict[str, tuple[float, float]]] = {"standard": (2000.0, 100.0), "plus": (20000.0, 1000.0)}


class Rate:
    """The rate of a plan, which the platform may lower for a while."""

    def __init__(self, plan: str) -> None:
        self.maximum, self._restore = PLANS[plan]
        self._factor = 1.0

    @property
    def restore(self) -> float:
        """Answer the points that come back in a second, now."""
        return self._restore * self._factor

    def lower(self, factor: float) -> None:
        """Set the restore rate to a share of the plan's; 1 is the plan's own."""
        self._factor = factor


class Bucket:
    """The points of one app on one store."""

    def __init__(self, rate: Rate, clock: Callable[[], datetime]) -> None:
        self._rate = rate
        self._clock = clock
        self._level = rate.maximum
        self._at = clock()

    @property
    def available(self) -> float:
        """Answer the points available now."""
        now = self._clock()
        elapsed = max(0.0, (now - self._at).total_seconds())
        self._level = min(self._rate.maximum, self._level + elapsed * self._rate.restore)
        self._at = now
        return self._level

    def take(self, points: float) -> bool:
        """Take points out; False, and nothing taken, when there are too few."""
        if self.available < points:
            return False
        self._level -= points
        return True

    def refund(self, points: float) -> None:
        """Put back what a request turned out not to cost."""
        self._level = min(self._rate.maximum, self._level + points)

    def status(self) -> dict[str, float]:
        """Report the bucket as `throttleStatus` does."""
        return {
            "maximumAvailable": self._rate.maximum,
            "currentlyAvailable": int(self.available),
            "restoreRate": self._rate.restore,
        }
