"""The cost bucket and the adaptive number of readers, on a clock of their own."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from crossdock.connectors.throttle import AdaptiveConcurrency, CostBucket, ThrottleStatus
from crossdock.domain.errors import RateLimitedError, StoreUnavailableError


class FakeTime:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class LeakyStore:
    """The store's own bucket, kept apart from the one under test: it charges at the start and repays at the end."""

    def __init__(self, time: FakeTime, maximum: float, rate: float) -> None:
        self.time, self.maximum, self.rate = time, maximum, rate
        self.level, self.at, self.throttled = maximum, time.now, 0

    def refill(self) -> None:
        self.level = min(self.maximum, self.level + (self.time.now - self.at) * self.rate)
        self.at = self.time.now

    def status(self) -> ThrottleStatus:
        self.refill()
        return ThrottleStatus(self.maximum, int(self.level), self.rate)

    async def ask(self, bucket: CostBucket, requested: float, actual: float) -> bool:
        await bucket.reserve(requested)
        self.refill()
        if self.level < requested:
            self.throttled += 1
            bucket.throttled(requested, requested=requested, status=self.status())
            return False
        self.level -= requested
        await asyncio.sleep(0)
        self.level = min(self.maximum, self.level + requested - actual)
        bucket.settle(requested, actual=actual, status=self.status())
        return True


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def bucket(time: FakeTime) -> CostBucket:
    return CostBucket(clock=time.clock, sleep=time.sleep)


async def learn(bucket: CostBucket, available: float, maximum: float = 2000.0, rate: float = 100.0) -> None:
    await bucket.reserve(10)
    bucket.settle(10, actual=10, status=ThrottleStatus(maximum, available, rate))


async def test_waits_exactly_until_the_points_are_there(bucket: CostBucket, time: FakeTime) -> None:
    await learn(bucket, available=51)
    await bucket.reserve(50)
    assert time.slept == []
    await bucket.reserve(100)
    assert time.slept == [pytest.approx(1.0)]


async def test_unused_points_come_back(bucket: CostBucket, time: FakeTime) -> None:
    await learn(bucket, available=101)
    await bucket.reserve(100)
    bucket.settle(100, actual=40)
    await bucket.reserve(60)
    assert time.slept == []


async def test_no_reply_leaves_the_reservation_used(bucket: CostBucket, time: FakeTime) -> None:
    await learn(bucket, available=101)
    await bucket.reserve(100)
    bucket.settle(100)
    await bucket.reserve(100)
    assert sum(time.slept) == pytest.approx(1.0)


async def test_a_throttled_request_waits_for_its_refill_but_at_least_a_second(
    bucket: CostBucket, time: FakeTime
) -> None:
    await learn(bucket, available=2000)
    await bucket.reserve(500)
    bucket.throttled(500, requested=500, status=ThrottleStatus(2000, 100, 100))
    await bucket.reserve(500)
    assert sum(time.slept) == pytest.approx(4.0, abs=0.02)
    bucket.throttled(500, requested=10, status=ThrottleStatus(2000, 2000, 100))
    before = time.now
    await bucket.reserve(10)
    assert time.now - before == pytest.approx(1.0)


async def test_a_cost_above_the_bucket_goes_out_when_the_bucket_is_full(bucket: CostBucket, time: FakeTime) -> None:
    await learn(bucket, available=1900, maximum=2000)
    await bucket.reserve(5000)
    assert time.slept == [pytest.approx(1.0)]


async def test_only_one_request_goes_out_before_the_bucket_is_known(bucket: CostBucket) -> None:
    await bucket.reserve(10)
    second = asyncio.create_task(bucket.reserve(10))
    await asyncio.sleep(0)
    assert not second.done()
    bucket.settle(10, actual=10, status=ThrottleStatus(2000, 1990, 100))
    await second
    assert bucket.restore_rate == 100


async def test_requests_leave_in_the_order_in_which_they_asked(bucket: CostBucket) -> None:
    await learn(bucket, available=0)
    left: list[int] = []

    async def ask(number: int) -> None:
        await bucket.reserve(500 if number == 0 else 1)
        left.append(number)

    await asyncio.gather(*(ask(number) for number in range(5)))
    assert left == [0, 1, 2, 3, 4]


async def test_tells_how_long_the_next_request_waits(time: FakeTime) -> None:
    seen: list[float] = []

    async def sleep(seconds: float) -> None:
        seen.append(bucket.waiting_seconds)
        await time.sleep(seconds)

    bucket = CostBucket(clock=time.clock, sleep=sleep)
    await learn(bucket, available=0)
    await bucket.reserve(199)
    assert seen == [pytest.approx(2.0)]
    assert bucket.waiting_seconds == 0.0


@pytest.mark.parametrize("others", [0.0, 350.0])
async def test_never_throttled_where_the_rate_holds(bucket: CostBucket, time: FakeTime, others: float) -> None:
    store = LeakyStore(time, 1000, 50)
    store.level -= others
    started = time.now

    async def worker() -> None:
        for _ in range(40):
            assert await store.ask(bucket, requested=30, actual=20)

    await asyncio.gather(*(worker() for _ in range(6)))
    assert store.throttled == 0
    points = 6 * 40 * 20 - (1000 - others)
    assert time.now - started <= points / 50 * 1.1


async def test_recovers_from_a_rate_that_drops(bucket: CostBucket, time: FakeTime) -> None:
    store = LeakyStore(time, 1000, 100)
    assert await store.ask(bucket, requested=500, actual=500)
    store.rate, store.level = 10, 0
    assert not await store.ask(bucket, requested=200, actual=200)
    assert await store.ask(bucket, requested=200, actual=200)
    assert store.throttled == 1


async def read_at(
    concurrency: AdaptiveConcurrency,
    time: FakeTime,
    seconds: float,
    during: Callable[[], Awaitable[None]] | None = None,
) -> None:
    async with concurrency.slot():
        if during is not None:
            await during()
        time.now += seconds


async def test_readers_grow_to_the_limit_and_no_further(time: FakeTime) -> None:
    concurrency = AdaptiveConcurrency(clock=time.clock, sleep=time.sleep)
    assert concurrency.limit == 2
    for _ in range(40):
        await read_at(concurrency, time, 0.2)
    assert concurrency.limit == 4


async def test_trouble_and_slow_answers_halve(time: FakeTime) -> None:
    concurrency = AdaptiveConcurrency(start=4, clock=time.clock, sleep=time.sleep)
    concurrency.trouble(StoreUnavailableError("store_unavailable", "no"))
    assert concurrency.limit == 2
    await read_at(concurrency, time, 20.0)
    assert concurrency.limit == 1
    concurrency.trouble(StoreUnavailableError("store_unavailable", "no"))
    assert concurrency.limit == 1


async def test_gives_a_reader_back_when_answers_slow_down(time: FakeTime) -> None:
    concurrency = AdaptiveConcurrency(start=4, clock=time.clock, sleep=time.sleep)
    await read_at(concurrency, time, 0.2)
    await read_at(concurrency, time, 0.5)
    assert concurrency.limit == 3


async def test_everyone_waits_when_the_store_asks_for_it(time: FakeTime) -> None:
    concurrency = AdaptiveConcurrency(clock=time.clock, sleep=time.sleep)
    concurrency.trouble(RateLimitedError("rate_limited", "slow", retry_after=30))
    assert concurrency.waiting_seconds == 30
    await read_at(concurrency, time, 0.2)
    assert time.slept == [30]


async def test_never_more_readers_than_the_limit(time: FakeTime) -> None:
    concurrency = AdaptiveConcurrency(highest=2, clock=time.clock, sleep=time.sleep)
    running = most = 0

    async def look() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    await asyncio.gather(*(read_at(concurrency, time, 0.1, look) for _ in range(9)))
    assert most == 2
