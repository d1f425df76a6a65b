"""Settling: finding out what became of steps whose outcome is unknown.

Owns when to look and what two empty looks prove. "Not there" is concluded from two looks that found nothing, the first
no sooner than the platform can still be at work. It must not send anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crossdock.domain.errors import OutcomeUnknownError, TransientError
from crossdock.domain.plan import NotSent, StepResult, Unknown
from crossdock.sync.context import SyncContext
from crossdock.sync.planning import Journey

_LOOKS_THAT_PROVE = 2
_MAX_SENDINGS = 3
_MAX_FAILED_LOOKS = 20

LOST = TransientError("write_lost", "The store never got this write; it is sent again.")
UNDECIDED = OutcomeUnknownError(
    "outcome_unknown",
    "It could not be found out whether the store has this record. Look for it there by its e-mail address or number; "
    "compare again before you sync it once more.",
)


@dataclass(slots=True)
class _Waiting:
    journeys: list[Journey]
    batch: str
    since: datetime
    next_look: datetime
    empty_looks: int = 0
    failed_looks: int = 0


class Settler:
    """The steps of one run whose outcome is unknown, grouped as they were sent."""

    def __init__(self, context: SyncContext) -> None:
        self._context = context
        self._waiting: list[_Waiting] = []
        self._sendings: dict[str, int] = {}

    def add(self, journeys: Sequence[Journey]) -> None:
        """Take in steps that may or may not have taken effect."""
        for journey in journeys:
            known = next((w for w in self._waiting if w.batch == journey.batch and not w.empty_looks), None)
            if known is not None:
                known.journeys.append(journey)
                continue
            first_look = journey.started_at + timedelta(seconds=self._context.timing.settle_seconds)
            self._waiting.append(_Waiting([journey], journey.batch, journey.started_at, first_look))

    @property
    def journeys(self) -> list[Journey]:
        """All that is not settled."""
        return [journey for waiting in self._waiting for journey in waiting.journeys]

    @property
    def next_look(self) -> datetime | None:
        """When there is something to look at; None when nothing waits."""
        return min((waiting.next_look for waiting in self._waiting), default=None)

    async def look(self) -> list[tuple[Journey, StepResult]]:
        """Look for what is due now; gives every step that is settled, with its outcome.

        A step that is proven lost comes as `NotSent`; one that was lost too often to be a coincidence as `Unknown`.
        """
        now = self._context.now()
        due = [waiting for waiting in self._waiting if waiting.next_look <= now]
        settled: list[tuple[Journey, StepResult]] = []
        for waiting in due:
            settled += await self._look_at(waiting, now)
        self._waiting = [waiting for waiting in self._waiting if waiting.journeys]
        return settled

    async def _look_at(self, waiting: _Waiting, now: datetime) -> list[tuple[Journey, StepResult]]:
        gap = timedelta(seconds=self._context.timing.look_gap_seconds)
        waiting.next_look = now + max(gap, timedelta(seconds=0.1))
        steps = [journey.step for journey in waiting.journeys]
        try:
            effects = await self._context.sink.find_effects(steps, waiting.batch, waiting.since)
        except OutcomeUnknownError:
            waiting.empty_looks = 0
            return []
        except TransientError:
            waiting.failed_looks += 1
            if waiting.failed_looks > _MAX_FAILED_LOOKS:
                raise
            return []
        waiting.empty_looks += 1
        found = {str(marker): result for marker, result in effects.items()}
        settled = [(j, found[j.key]) for j in waiting.journeys if j.key in found]
        waiting.journeys = [j for j in waiting.journeys if j.key not in found]
        if waiting.empty_looks >= _LOOKS_THAT_PROVE:
            settled += [(journey, self._lost(journey)) for journey in waiting.journeys]
            waiting.journeys = []
        return settled

    def _lost(self, journey: Journey) -> StepResult:
        sendings = self._sendings[journey.key] = self._sendings.get(journey.key, 1) + 1
        if sendings > _MAX_SENDINGS:
            return StepResult(journey.step, Unknown(UNDECIDED))
        return StepResult(journey.step, NotSent(LOST))
