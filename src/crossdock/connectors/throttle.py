"""How fast a store may be asked: a bucket of query costs (Shopify), a number of simultaneous reads (WooCommerce).

Owns waiting. It must not know HTTP or any platform's reply: callers hand in figures. Time comes from outside.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from crossdock.domain.errors import TransientError

Sleep = Callable[[float], Awaitable[object]]
Clock = Callable[[], float]

_LEAST_WAIT = 1.0
_HEADROOM = 1.0
"""Points left in the bucket, since the store reports whole points."""
_LEAST_SLEEP = 1e-3
"""Shorter waits are none: the rest that a division leaves could be too small to move the clock at all."""


@dataclass(frozen=True, slots=True)
class ThrottleStatus:
    """What a reply says of the bucket (`extensions.cost.throttleStatus`); `restore_rate` in points a second."""

    maximum_available: float
    currently_available: float
    restore_rate: float


class CostBucket:
    """Keeps requests within a leaky bucket of cost points that the store reports with each reply.

    Reserve before sending, then call exactly one of `settle` and `throttled`. Requests go out in the order in which
    they asked. Until the first reply has told the bucket's size only one request is under way.

    Source: Shopify Admin GraphQL API 2026-10, API limits. A request is charged its requested cost when it starts and
    gets back what it did not use.
    """

    def __init__(self, *, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._settled = asyncio.Event()
        self._is_learned = False
        self._maximum = 1.0
        self._rate = 1.0
        self._level = 1.0
        self._level_at = clock()
        self._not_before = 0.0
        self._in_flight = 0.0
        self._requests = 0
        self._wait_ends: float | None = None

    @property
    def waiting_seconds(self) -> float:
        """How long the next request still waits for points; 0 while none waits."""
        return 0.0 if self._wait_ends is None else max(0.0, self._wait_ends - self._clock())

    @property
    def restore_rate(self) -> float | None:
        """Points a second that the store gives back; None before the first reply."""
        return self._rate if self._is_learned else None

    async def reserve(self, cost: float) -> None:
        """Wait until `cost` points are there, and take them."""
        async with self._turn:
            await self._wait_to_learn()
            try:
                while (seconds := self._missing_seconds(cost)) > _LEAST_SLEEP:
                    self._wait_ends = self._clock() + seconds
                    await self._sleep(seconds)
            finally:
                self._wait_ends = None
            self._level -= cost
            self._in_flight += cost
            self._requests += 1

    def settle(self, reserved: float, *, actual: float | None = None, status: ThrottleStatus | None = None) -> None:
        """Take note of a reply: give back what was reserved and not used, and believe the store's figures.

        Without `actual` (no reply came) the whole reservation counts as used.
        """
        self._close(reserved)
        if actual is not None:
            self._level += reserved - actual
        self._believe(status)

    def throttled(self, reserved: float, *, requested: float, status: ThrottleStatus | None = None) -> None:
        """Take note that the store did not execute a request for lack of points; everything waits for the refill."""
        self._close(reserved)
        self._level += reserved
        self._believe(status)
        available = status.currently_available if status else 0.0
        if status is None:
            self._level = min(self._level, 0.0)
        wait = max(_LEAST_WAIT, (requested - available) / self._rate)
        self._not_before = max(self._not_before, self._clock() + wait)

    async def _wait_to_learn(self) -> None:
        while not self._is_learned and self._requests:
            self._settled.clear()
            await self._settled.wait()

    def _missing_seconds(self, cost: float) -> float:
        pause = self._not_before - self._clock()
        if not self._is_learned:
            return max(0.0, pause)
        self._refill()
        wanted = min(cost + _HEADROOM, self._maximum)
        return max(pause, (wanted - self._level) / self._rate, 0.0)

    def _refill(self) -> None:
        now = self._clock()
        self._level = min(self._maximum, self._level + (now - self._level_at) * self._rate)
        self._level_at = now

    def _close(self, reserved: float) -> None:
        if self._is_learned:
            self._refill()
        self._in_flight = max(0.0, self._in_flight - reserved)
        self._requests -= 1
        self._settled.set()

    def _believe(self, status: ThrottleStatus | None) -> None:
        if status is None or status.restore_rate <= 0:
            return
        self._maximum, self._rate = status.maximum_available, status.restore_rate
        available = status.currently_available
        # Replies overtake each other: a figure above our own may be older than what others have used since.
        self._level = min(available, self._level) if self._is_learned else available - self._in_flight
        self._level_at = self._clock()
        self._is_learned = True


class AdaptiveConcurrency:
    """Lets as many reads run at once as the store answers well; none while it has asked to wait.

    Grows by one after a run of good answers, halves after trouble or an answer slower than `slow_seconds`, gives one
    back when answers take over twice as long as at their best: more readers than the store has workers add nothing.
    """

    def __init__(
        self,
        *,
        start: int = 2,
        highest: int = 4,
        slow_seconds: float = 15.0,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.limit = min(start, highest)
        self._highest = highest
        self._slow_seconds = slow_seconds
        self._clock = clock
        self._sleep = sleep
        self._running = 0
        self._good = 0
        self._best_seconds: float | None = None
        self._not_before = 0.0
        self._changed = asyncio.Condition()

    @property
    def waiting_seconds(self) -> float:
        """How long the store has asked to be left alone; 0 when it has not."""
        return max(0.0, self._not_before - self._clock())

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[None]:
        """Hold one of the places while reading; trouble inside makes the limit smaller."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._running < self.limit)
            self._running += 1
        try:
            while (seconds := self.waiting_seconds) > _LEAST_SLEEP:
                await self._sleep(seconds)
            started = self._clock()
            yield
            self._answered(self._clock() - started)
        finally:
            async with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def trouble(self, error: TransientError) -> None:
        """Halve the limit and obey what the store asked for; to be told of every failed try."""
        self._good = 0
        self.limit = max(1, self.limit // 2)
        asked: float | None = getattr(error, "retry_after", None)
        if asked:
            self._not_before = max(self._not_before, self._clock() + asked)

    def _answered(self, seconds: float) -> None:
        best = seconds if self._best_seconds is None else min(self._best_seconds, seconds)
        self._best_seconds = best
        if seconds > self._slow_seconds:
            self._good = 0
            self.limit = max(1, self.limit // 2)
        elif seconds > 2 * best and self.limit > 1:
            self._good = 0
            self.limit -= 1
        else:
            self._good += 1
            if self._good >= 2 * self.limit and self.limit < self._highest:
                self._good = 0
                self.limit += 1
