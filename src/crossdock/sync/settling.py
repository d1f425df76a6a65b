"""Settling: finding out what became of steps whose outcome is unknown.

Owns when to look and what two empty looks prove. "Not there" is concluded from two looks that found nothing, the first
no sooner than the platform can still be at work. It must not send anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crossdock.domain.errors import OutcomeUnknownError, RecordRejectedError, TransientError
from crossdock.domain.plan import NotSent, Refused, StepResult, Unknown
from crossdock.sync.context import SyncContext
from crossdock.sync.planning import Journey

_LOOKS_THAT_PROVE = 2
_MOST_SET = timedelta(hours=24)
"""How far the clock may have been set since an earlier process wrote down when it sent a step."""
MAX_WAITING = 200
"""How many steps may wait to be settled before no further ones are sent: a store that loses so many is ill."""

_MAX_SENDINGS = 5
_MAX_FAILED_LOOKS = 20

LOST = TransientError("write_lost", "The store never got this write; it is sent again.")
NEVER_ARRIVED = RecordRejectedError(
    "write_lost",
    "The store lost this record each time that it was sent. Nothing was written; try again when the store is well.",
)
UNDECIDED = OutcomeUnknownError(
    "outcome_unknown",
    "It could not be found out whether the store has this record: the answer to it was lost. Look for it there by its "
    "e-mail address or number. To retry is safe: that looks first, and sends only what is not there.",
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
        fresh = {waiting.batch: waiting for waiting in self._waiting if not waiting.empty_looks}
        for journey in journeys:
            known = fresh.get(journey.batch)
            if known is None:
                known = _Waiting([], journey.batch, journey.started_at, self._first_look(journey))
                fresh[journey.batch] = known
                self._waiting.append(known)
            known.journeys.append(journey)
            known.next_look = max(known.next_look, self._first_look(journey))

    def _first_look(self, journey: Journey) -> datetime:
        # When an earlier process died is not known: it may have been a moment ago.
        return (journey.lost_at or self._context.now()) + timedelta(seconds=self._context.timing.settle_seconds)

    def _age(self, waiting: _Waiting) -> timedelta:
        age = self._context.now() - waiting.since
        is_of_this_process = all(journey.lost_at for journey in waiting.journeys)
        return age if is_of_this_process else max(age, timedelta(0)) + _MOST_SET

    @property
    def is_full(self) -> bool:
        """Whether so much is unsettled that nothing further should be sent."""
        return sum(len(waiting.journeys) for waiting in self._waiting) >= MAX_WAITING

    @property
    def next_look(self) -> datetime | None:
        """When there is something to look at; None when nothing waits."""
        return min((waiting.next_look for waiting in self._waiting), default=None)

    async def look(self) -> list[tuple[Journey, StepResult]]:
        """Look for what is due now; gives every step that is settled, with its outcome.

        A step that is proven lost comes as `NotSent`; one that was lost too often to be a coincidence as `Refused`.
        """
        now = self._context.now()
        due = [waiting for waiting in self._waiting if waiting.next_look <= now]
        settled: list[tuple[Journey, StepResult]] = []
        for waiting in due:
            settled += await self._look_at(waiting)
        self._waiting = [waiting for waiting in self._waiting if waiting.journeys]
        return settled

    async def _look_at(self, waiting: _Waiting) -> list[tuple[Journey, StepResult]]:
        gap = timedelta(seconds=self._context.timing.look_gap_seconds)
        steps = [journey.step for journey in waiting.journeys]
        try:
            effects = await self._context.sink.find_effects(steps, waiting.batch, self._age(waiting))
        except OutcomeUnknownError:
            waiting.empty_looks = 0
            return []
        except TransientError:
            waiting.failed_looks += 1
            return await self._given_up(waiting) if waiting.failed_looks > _MAX_FAILED_LOOKS else []
        finally:
            # From the answer on: nobody knows at what moment of a slow look the store looked.
            waiting.next_look = self._context.now() + max(gap, timedelta(seconds=0.1))
        waiting.empty_looks += 1
        found = {str(marker): result for marker, result in effects.items()}
        settled = [(j, found[j.key]) for j in waiting.journeys if j.key in found]
        waiting.journeys = [j for j in waiting.journeys if j.key not in found]
        if waiting.empty_looks >= _LOOKS_THAT_PROVE:
            settled += [(journey, self._lost(journey)) for journey in waiting.journeys]
            waiting.journeys = []
        return settled

    async def _given_up(self, waiting: _Waiting) -> list[tuple[Journey, StepResult]]:
        """Leave undecided what the store keeps failing to show, while it answers otherwise.

        Raises:
            CrossdockError: it does not: whoever resumes the run looks again.
        """
        await self._context.destination.count()
        undecided = [(journey, StepResult(journey.step, Unknown(UNDECIDED))) for journey in waiting.journeys]
        waiting.journeys = []
        return undecided

    def _lost(self, journey: Journey) -> StepResult:
        sendings = self._sendings[journey.key] = self._sendings.get(journey.key, 1) + 1
        if sendings > _MAX_SENDINGS:
            # What exists and is never shown is a riddle; what never came to exist has simply failed.
            return StepResult(journey.step, Unknown(UNDECIDED) if journey.destination_id else Refused(NEVER_ARRIVED))
        return StepResult(journey.step, NotSent(LOST))
