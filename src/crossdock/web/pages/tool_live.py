"""A comparison while it runs: how far each store is read, and what comes next.

Owns these figures in words. It must not know how they are sent to a page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crossdock.jobs.lease import waits_for_a_person, waits_for_worker
from crossdock.state import Run, RunState
from crossdock.web.pages.run_words import WAITING_FOR_WORKER
from crossdock.web.pages.tool_stores import Direction, StoreCard

_PHASES = {
    "": "Waiting to begin",
    "reading": "Reading both stores",
    "comparing": "Matching records and comparing their fields",
    "details": "Reading details of the listed records",
}
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Lane:
    """One store while it is read. `total` is 0 where the store can't say how many there are."""

    card: StoreCard
    role: str
    done: int
    total: int
    rate: str
    left: str
    percent: int


@dataclass(frozen=True, slots=True)
class Live:
    """A comparison as it stands; `seq` is the event that says so. `spoken` is what a screen reader is told."""

    seq: int
    phase: str
    lanes: tuple[Lane, Lane]
    is_moving: bool
    spoken: str
    is_stopping: bool
    waits_for: str
    """The store that takes no more requests for `wait_seconds`; empty where none makes it wait."""

    wait_seconds: int


def live_of(run: Run, direction: Direction, figures: Mapping[str, Any], seq: int) -> Live:
    """Describe a comparison from what it told last."""
    lanes = (
        _lane(direction.source, "source", run, figures.get("source") or {}),
        _lane(direction.destination, "destination", run, figures.get("destination") or {}),
    )
    waits = waits_for_a_person(run, datetime.now(UTC))
    waiting: Mapping[str, Any] = figures.get("waiting") or {}
    phase = _PHASES.get(run.phase, run.phase)
    if run.state is RunState.PAUSED:
        phase = "Paused"
    elif waits_for_worker(run, datetime.now(UTC)):
        phase = WAITING_FOR_WORKER
    elif waits:
        phase = "Left for more than a day: it goes on only when you say so"
    elif run.state is RunState.INTERRUPTED:
        phase = "Waiting for the program to take it up again"
    # Told in tens, so that a screen reader is not kept talking.
    spoken = f"{phase}: " + ", ".join(f"{lane.card.title} {lane.percent // 10 * 10} %" for lane in lanes)
    return Live(
        seq=seq,
        phase=phase,
        lanes=lanes,
        is_moving=run.state is not RunState.PAUSED and not waits,
        spoken=spoken,
        is_stopping=bool(run.control),
        waits_for=next((lane.card.title for lane in lanes if lane.card.platform == waiting.get("platform")), ""),
        wait_seconds=int(waiting.get("seconds", 0)),
    )


def duration(seconds: float) -> str:
    """Write a duration: `1 min 13 s`, `2 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        minutes, rest = divmod(whole, _MINUTE)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(whole, _HOUR)
    return f"{hours:,} h {rest // _MINUTE} min"


def _lane(card: StoreCard, role: str, run: Run, told: Mapping[str, Any]) -> Lane:
    done, total = int(told.get("done") or 0), int(told.get("total") or 0)
    is_read = run.phase in {"comparing", "details"}
    total = max(total, done) if total else (done if is_read else 0)
    left, rate = told.get("secondsLeft"), told.get("perSecond") or 0
    return Lane(
        card=card,
        role=role,
        done=done,
        total=total,
        rate=f"{rate:,.0f} a second" if rate >= 1 else "",
        left="" if left is None or is_read or done >= total else f"{duration(float(left))} left",
        percent=100 if is_read else round(100 * done / total) if total else 0,
    )
