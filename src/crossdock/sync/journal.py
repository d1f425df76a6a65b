"""The journal of one sync run: its ledger and its work list, asked from the event loop.

Owns the translation between journeys and what is remembered, and the run's figures. Every write carries the lease. It
must not decide what happens next.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice

import msgspec

from crossdock.domain.plan import CREATE, Applied, Linked, NotSent, Reason, Refused, Resolution, StepResult, Unknown
from crossdock.state import (
    Lease,
    LedgerRecord,
    PlannedRecord,
    Result,
    State,
    StepOutcome,
    WorkCounts,
    WorkOutcome,
    WorkResult,
    WorkRow,
)
from crossdock.sync.planning import Journey

_CHUNK = 250


@dataclass(slots=True)
class Tally:
    """The figures of a run, shared by all that record its results."""

    counts: WorkCounts = field(default_factory=WorkCounts)


class Journal:
    """Remembers for one run, between one source store and one destination store.

    `brought` names the kind of records that the run's own bring along; empty for the run's own.
    """

    def __init__(
        self, state: State, lease: Lease, stores: tuple[str, str], kind: str, *, brought: str = "", tally: Tally
    ) -> None:
        self._state = state
        self._lease = lease
        self._stores = stores
        self._kind = kind
        self._brought = brought
        self._tally = tally

    @property
    def counts(self) -> WorkCounts:
        """The figures of the whole run."""
        return self._tally.counts

    @property
    def _scope(self) -> tuple[str, str, str]:
        return self._stores[0], self._brought or self._kind, self._stores[1]

    def of_brought(self, kind: str) -> "Journal":
        """Give the journal of the rows of this run that are of another kind."""
        return Journal(self._state, self._lease, self._stores, self._kind, brought=kind, tally=self._tally)

    def of_companions(self, kind: str) -> "CompanionJournal":
        """Give the journal of records that are brought along without rows of their own."""
        return CompanionJournal(self._state, self._lease, self._stores, self._kind, brought=kind, tally=self._tally)

    async def load_counts(self) -> WorkCounts:
        """Count the work list once; from here on the figures follow what is recorded."""
        self._tally.counts = await asyncio.to_thread(self._state.worklist.counts, self._lease.run_id)
        return self.counts

    async def next_items(self, *, after: int, limit: int) -> Sequence[WorkRow]:
        """Give the next rows without a result behind the position `after`."""
        return await asyncio.to_thread(
            self._state.worklist.next_pending, self._lease.run_id, limit, after=after, kind=self._brought
        )

    async def entries(self, source_ids: Sequence[str]) -> Mapping[str, LedgerRecord]:
        """Look records up in the ledger by their source ids."""
        return await asyncio.to_thread(self._state.ledger.records, *self._scope, source_ids)

    async def plan_gone(self, source_ids: Sequence[str]) -> None:
        """Note that the destination records of these have been deleted since."""
        await asyncio.to_thread(self._state.ledger.plan_gone, self._lease, source_ids, kind=self._brought)

    async def leave_undecided(self, entries: Sequence[LedgerRecord]) -> None:
        """Commit that nobody knows what became of the steps that these have under way."""
        due = [(entry, entry.next_step) for entry in entries]
        outcomes = [StepOutcome(entry.id, step.name, Result.UNKNOWN) for entry, step in due if step is not None]
        await asyncio.to_thread(self._state.ledger.settle, self._lease, outcomes)

    async def plan(self, journeys: Sequence[Journey]) -> list[tuple[Journey, LedgerRecord]]:
        """Enter journeys with all their steps; gives each with how the ledger knows it."""
        planned = [
            PlannedRecord(
                source_id=journey.item.source_id,
                marker=str(journey.steps[0].marker),
                label=journey.item.label,
                steps=[step.name for step in journey.steps],
                resolution=journey.resolution or None,
            )
            for journey in journeys
        ]
        entries = await asyncio.to_thread(self._state.ledger.plan, self._lease, planned, kind=self._brought)
        return list(zip(journeys, entries, strict=True))

    async def link(self, item: WorkRow, marker: str, destination_id: str, reasons: Sequence[Reason] = ()) -> None:
        """Enter a record that was found in the destination, not made by us."""
        planned = PlannedRecord(source_id=item.source_id, marker=marker, label=item.label, steps=[CREATE])
        (entry,) = await asyncio.to_thread(self._state.ledger.plan, self._lease, [planned], kind=self._brought)
        outcome = StepOutcome(entry.id, CREATE, Result.LINKED, destination_id, reasons)
        await asyncio.to_thread(self._state.ledger.settle, self._lease, [outcome])

    async def begin(self, journeys: Sequence[Journey], batch: str, now: datetime) -> None:
        """Commit the intent to send the next step of each journey."""
        await asyncio.to_thread(self._begin, journeys, batch)
        for journey in journeys:
            journey.batch, journey.started_at = batch, now

    def _begin(self, journeys: Sequence[Journey], batch: str) -> None:
        names = {journey.record_id: journey.step.name for journey in journeys}
        hashes = {journey.record_id: _digest(journey.step.payload) for journey in journeys}
        self._state.ledger.begin(self._lease, names, batch, hashes)

    async def settle(self, pairs: Sequence[tuple[Journey, StepResult]]) -> None:
        """Commit what became of steps."""
        outcomes = [_outcome_of(journey, result) for journey, result in pairs]
        await asyncio.to_thread(self._state.ledger.settle, self._lease, outcomes)

    async def skip(self, entry: LedgerRecord, name: str, reason: Reason) -> LedgerRecord:
        """Commit that the step that is due need not be taken; gives the record as it then stands."""
        done = StepOutcome(entry.id, name, Result.DONE, entry.destination_id, (reason,))
        (changed,) = await asyncio.to_thread(self._state.ledger.settle, self._lease, [done])
        return changed

    async def mark_undone(self, record_ids: Sequence[int]) -> None:
        """Commit that what we had made of these has been deleted by us."""
        await asyncio.to_thread(self._state.ledger.mark_undone, self._lease, record_ids)

    async def resolutions(self) -> AsyncIterator[list[Resolution]]:
        """Give what this run's records were planned with, in chunks.

        First come those that it made, in their order, then those that it may have made.
        """
        ledger, run_id = self._state.ledger, self._lease.run_id
        made = ledger.resolutions(run_id, kind=self._scope[1])
        unknown = (step.record.resolution for step in ledger.open_steps(*self._scope, run_id=run_id))
        found = chain(made, (resolution for resolution in unknown if resolution))
        while chunk := await asyncio.to_thread(lambda: list(islice(found, _CHUNK))):
            yield chunk

    async def record(self, results: Sequence[WorkResult]) -> None:
        """Commit what became of records; each row gets one result in a run."""
        await asyncio.to_thread(self._state.worklist.set_results, self._lease, results)
        self.tally(results)

    def tally(self, results: Sequence[WorkResult]) -> None:
        """Add results to the figures."""
        succeeded = sum(result.outcome is not WorkOutcome.FAILED for result in results)
        there = sum(result.outcome is WorkOutcome.ALREADY_THERE for result in results)
        self._tally.counts = replace(
            self.counts,
            pending=self.counts.pending - len(results),
            succeeded=self.counts.succeeded + succeeded,
            failed=self.counts.failed + len(results) - succeeded,
            already_there=self.counts.already_there + there,
        )


class CompanionJournal(Journal):
    """Remembers records that a run's own bring along: in the same ledger, with results of their own."""

    def __init__(
        self, state: State, lease: Lease, stores: tuple[str, str], kind: str, *, brought: str, tally: Tally
    ) -> None:
        super().__init__(state, lease, stores, kind, brought=brought, tally=tally)
        self._results: dict[int, WorkResult] = {}

    async def record(self, results: Sequence[WorkResult]) -> None:
        """Keep what became of records until somebody takes it."""
        self._results.update((result.position, result) for result in results)

    def take(self) -> dict[int, WorkResult]:
        """Give what became of records, by position, and forget it."""
        taken, self._results = self._results, {}
        return taken


def _digest(payload: Mapping[str, object]) -> str:
    return hashlib.sha256(msgspec.json.encode(payload, order="sorted")).hexdigest()


def _outcome_of(journey: Journey, result: StepResult) -> StepOutcome:
    record_id, name = journey.record_id, result.step.name
    match result.outcome:
        case Applied(destination_id, reasons, found, imprint):
            known = journey.figures
            figures = {"source": known.to_json(), "destination": found.to_json()} if known and found else None
            return StepOutcome(record_id, name, Result.DONE, destination_id, reasons, figures=figures, imprint=imprint)
        case Linked(destination_id, reasons):
            return StepOutcome(record_id, name, Result.LINKED, destination_id, reasons)
        case Refused(error):
            return StepOutcome(record_id, name, Result.FAILED, error_code=error.code, error_message=error.message)
        case NotSent(error):
            return StepOutcome(record_id, name, Result.NOT_SENT, error_code=error.code, error_message=error.message)
        case Unknown(error):
            return StepOutcome(record_id, name, Result.UNKNOWN, error_code=error.code, error_message=error.message)
