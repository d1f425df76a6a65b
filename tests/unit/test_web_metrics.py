"""The text that Prometheus reads, and the figures of the event loop's delay."""

import asyncio
import time

from crossdock.connectors.tally import Outcome, StoreTally
from crossdock.domain.errors import (
    AuthenticationError,
    CrossdockError,
    OutcomeUnknownError,
    RateLimitedError,
    StoreUnavailableError,
)
from crossdock.web.exposition import Metric, Sample, exposition
from crossdock.web.loop_delay import BOUNDS_SECONDS, LoopDelay


def test_metrics_are_written_as_prometheus_reads_them() -> None:
    samples = [
        Sample(3),
        Sample(0.25, {"kind": 'a "b" \\ c\nd', "state": "done"}),
        Sample(123456789012, {"le": "+Inf"}, "_bucket"),
    ]
    text = exposition([Metric("one_total", "counter", "What it is.", samples), Metric("two", "gauge", "None.", [])])
    assert text == (
        "# HELP one_total What it is.\n"
        "# TYPE one_total counter\n"
        "one_total 3\n"
        'one_total{kind="a \\"b\\" \\\\ c\\nd",state="done"} 0.25\n'
        'one_total_bucket{le="+Inf"} 123456789012\n'
        "# HELP two None.\n"
        "# TYPE two gauge\n"
    )


def test_a_delay_is_counted_under_every_bound_that_it_keeps() -> None:
    delay = LoopDelay()
    for seconds in (0.0, 0.005, 0.03, 9.0):
        delay.note(seconds)
    assert dict(zip((*BOUNDS_SECONDS, None), delay.cumulative, strict=True)) == {
        **dict.fromkeys((0.005, 0.02), 2),
        **dict.fromkeys((0.05, 0.1, 0.5, 1.0, 5.0), 3),
        None: 4,
    }
    assert delay.total_seconds == 9.035


async def test_a_loop_that_is_kept_busy_is_seen_to_be() -> None:
    delay = LoopDelay()
    measuring = asyncio.create_task(delay.measure())
    while not delay.cumulative[-1]:
        await asyncio.sleep(0.01)
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            continue
    measuring.cancel()
    assert delay.total_seconds > 0.1


def test_requests_are_counted_by_what_became_of_them() -> None:
    tally = StoreTally()
    tally.answered(is_write=False, is_refusal=False)
    tally.answered(is_write=True, is_refusal=True)
    tally.answered(is_write=True, is_refusal=False)
    tally.throttled(is_write=True)
    errors: dict[Outcome, CrossdockError] = {
        Outcome.UNKNOWN: OutcomeUnknownError("timed_out", "…"),
        Outcome.THROTTLED: RateLimitedError("rate_limited", "…", retry_after=1.0),
        Outcome.FAILED: StoreUnavailableError("connect_failed", "…"),
        Outcome.REFUSED: AuthenticationError("key_invalid", "…"),
    }
    for error in errors.values():
        tally.failed(error, is_write=True)
    assert {key: count for key, count in tally.counts().items() if count} == {
        (False, Outcome.ANSWERED): 1,
        (True, Outcome.REFUSED): 2,
        (True, Outcome.THROTTLED): 2,
        (True, Outcome.UNKNOWN): 1,
        (True, Outcome.FAILED): 1,
    }
