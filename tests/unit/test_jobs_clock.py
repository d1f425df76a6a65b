"""The clock that waits are measured by, and the day after which a run waits for a person."""

from datetime import UTC, datetime, timedelta

import pytest

from crossdock.jobs.clock import steady
from crossdock.jobs.lease import waits_for_a_person
from crossdock.state import Control, Run, RunState, RunType

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


class SetClock:
    """A clock of the day that can be set, and the seconds that really pass."""

    def __init__(self) -> None:
        self.day, self.passed = NOW, 0.0

    def wait(self, seconds: float) -> None:
        self.day += timedelta(seconds=seconds)
        self.passed += seconds


@pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(hours=1), timedelta(days=-400), timedelta()])
def test_a_steady_clock_goes_on_when_the_other_is_set(jump: timedelta) -> None:
    clock = SetClock()
    now = steady(lambda: clock.day, lambda: clock.passed)
    clock.wait(30)
    clock.day += jump
    clock.wait(12)
    assert now() == NOW + timedelta(seconds=42)


def run_left(*, started: timedelta, left: timedelta | None) -> Run:
    return Run(
        id="id",
        type=RunType.SYNC,
        kind="customer",
        pair="default",
        source_platform="woocommerce",
        source_store="shop.example.com",
        destination_store="example.myshopify.com",
        state=RunState.INTERRUPTED,
        phase="",
        request=dict[str, object](),
        summary=dict[str, object](),
        error_code="",
        error_message="",
        created_at=NOW - started,
        started_at=NOW - started,
        ended_at=None,
        control=Control.NONE,
        owner="",
        fence=1,
        lease_until=None if left is None else NOW - left,
        lease_seconds=60.0,
        parent_run_id="",
        is_preview=False,
    )


@pytest.mark.parametrize(
    ("started", "left", "waits"),
    [
        (timedelta(days=9), timedelta(hours=23), False),
        (timedelta(days=9), timedelta(hours=25), True),
        (timedelta(hours=25), None, True),
        (timedelta(hours=23), None, False),
        # Set back meanwhile: it was left in what is the future now.
        (timedelta(hours=1), timedelta(days=-400), False),
    ],
)
def test_the_day_counts_from_when_a_run_was_left(started: timedelta, left: timedelta | None, *, waits: bool) -> None:
    assert waits_for_a_person(run_left(started=started, left=left), NOW) is waits
