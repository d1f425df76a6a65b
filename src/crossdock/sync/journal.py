"""The journal of one sync run: its ledger and its work list, asked from the event loop.

Owns the translation between journeys and what is remembered, and the run's figures. Every write carries the lease. It
must not decide what happens next.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from crossdock.domain.plan import Applied, Linked, NotSent, Refused, StepResult, Unknown
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


class Journal:
    """Remembers for one run, between one source store and one destination store."""

    def __init__(self, state: State, lease: Lease, source_store: str, kind: str, destination_store: str) -> None:
        self._state = state
        self._lease = lease
        self._scope = (source_store, kind, destination_store)
        self.counts = WorkCounts()

    async def load_counts(self) -> WorkCounts:
        """Count the work list once; from here on the figures follow what is recorded."""
        self.counts = await asyncio.to_thread(self._state.worklist.counts, self._lease.run_id)
        return self.counts

    async def next_items(self, *, after: int, limit: int) -> Sequence[WorkRow]:
        """Give the next rows without a result behind the position `after`."""
        return await asyncio.to_thread(self._state.worklist.next_pending, self._lease.run_id, limit, after=after)

    async def entries(self, source_ids: Sequence[str]) -> Mapping[str, LedgerRecord]:
        """Look records up in the ledger by their source ids."""
        return await asyncio.to_thread(self._state.ledger.records, *self._scope, source_ids)

    async def plan_gone(self, source_ids: Sequence[str]) -> None:
        """Note that the destination records of these have been deleted since."""
        await asyncio.to_thread(self._state.ledger.plan_gone, self._lease, source_ids)

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
            )
            for journey in journeys
        ]
        entries = await asyncio.to_thread(self._state.ledger.plan, self._lease, planned)
        return list(zip(journeys, entries, strict=True))

    async def begin(self, journeys: Sequence[Journey], batch: str, now: datetime) -> None:
        """Commit the intent to send the next step of each journey; all are of one name, or of one stage."""
        by_name: dict[str, list[Journey]] = {}
        for journey in journeys:
            by_name.setdefault(journey.step.name, []).append(journey)
        for name, group in by_name.items():
            await asyncio.to_thread(self._begin, name, group, batch)
        for journey in journeys:
            journey.batch, journey.started_at = batch, now

    def _begin(self, name: str, journeys: Sequence[Journey], batch: str) -> None:
        hashes = {journey.record_id: _digest(journey.step.payload) for journey in journeys}
        self._state.ledger.begin(self._lease, name, list(hashes), batch, hashes)

    async def settle(self, pairs: Sequence[tuple[Journey, StepResult]]) -> None:
        """Commit what became of steps."""
        outcomes = [_outcome_of(journey, result) for journey, result in pairs]
        await asyncio.to_thread(self._state.ledger.settle, self._lease, outcomes)

    async def mark_undone(self, record_ids: Sequence[int]) -> None:
        """Commit that what we had made of these has been deleted by us."""
        await asyncio.to_thread(self._state.ledger.mark_undone, self._lease, record_ids)

    async def record(self, results: Sequence[WorkResult]) -> None:
        """Commit what became of records; each row gets one result in a run."""
        await asyncio.to_thread(self._state.worklist.set_results, self._lease, results)
        succeeded = sum(result.outcome is not WorkOutcome.FAILED for result in results)
        there = sum(result.outcome is WorkOutcome.ALREADY_THERE for result in results)
        self.counts = replace(
            self.counts,
            pending=self.counts.pending - len(results),
            succeeded=self.counts.succeeded + succeeded,
            failed=self.counts.failed + len(results) - succeeded,
            already_there=self.counts.already_there + there,
        )


def _digest(payload: Mapping[str, object]) -> str:
    return hashlib.sha256(msgspec.json.encode(payload, order="sorted")).hexdigest()


def _outcome_of(journey: Journey, result: StepResult) -> StepOutcome:
    record_id, name = journey.record_id, result.step.name
    match result.outcome:
        case Applied(destination_id, reasons):
            return StepOutcome(record_id, name, Result.DONE, destination_id, reasons)
        case Linked(destination_id, reasons):
            return StepOutcome(record_id, name, Result.LINKED, destination_id, reasons)
        case Refused(error):
            return StepOutcome(record_id, name, Result.FAILED, error_code=error.code, error_message=error.message)
        case NotSent(error):
            return StepOutcome(record_id, name, Result.NOT_SENT, error_code=error.code, error_message=error.message)
        case Unknown(error):
            return StepOutcome(record_id, name, Result.UNKNOWN, error_code=error.code, error_message=error.message)
