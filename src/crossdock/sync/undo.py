"""Undo: deleting what one run created, and only that.

Owns which records may still be deleted: those that we made, by the ledger's ids, and that nobody has changed since. It
must not search for records, and never touches linked ones.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from crossdock.connectors.contract import MAX_IDS, UnreadableRecord
from crossdock.domain.errors import ContractViolationError, OutcomeUnknownError, RecordError
from crossdock.domain.plan import Applied, NotSent, StepResult
from crossdock.state import LedgerRecord, RecordState, WorkOutcome, WorkResult, WorkRow
from crossdock.sync.context import SyncContext
from crossdock.sync.moving import fetch
from crossdock.sync.planning import Journey, refused
from crossdock.sync.resolving import Resolved, plan_record
from crossdock.sync.waiting import patiently

_CHANGED = "The record has been changed in the destination since it was migrated; it is left as it is."
_NO_PROOF = "The source no longer has this record as it was migrated, so it can't be proven unchanged; it is left."
_NOT_READABLE = (
    "The destination's answer for this record can't be understood, so it can't be proven unchanged; it is left."
)
_UNKNOWN = "It could not be found out whether the record was deleted. Look for it in the destination, then undo again."


class Undo:
    """Undoes chunks of one run's records; after a crash the same records are gone through again."""

    def __init__(self, context: SyncContext, created_by: str, on_progress: Callable[[], Awaitable[None]]) -> None:
        self._context = context
        self._created_by = created_by
        self._on_progress = on_progress

    async def run(self) -> bool:
        """Delete everything that may be deleted; False when stopped before the end."""
        position = -1
        while not await self._context.should_stop():
            items = await self._context.journal.next_items(after=position, limit=MAX_IDS)
            if not items:
                return True
            position = items[-1].position
            if not await self._undo(items):
                return False
        return False

    async def _undo(self, items: Sequence[WorkRow]) -> bool:
        context = self._context
        entries = await context.journal.entries([item.source_id for item in items])
        there = await fetch(context.destination, [entry.destination_id for entry in entries.values()])
        refusals = await self._unchanged(items, entries, there)
        for item in items:
            # Each deletion is committed by itself: a hundred take minutes, in which anything may happen.
            if await context.should_stop():
                return False
            await self._undo_one(item, entries[item.source_id], refusals.get(item.source_id))
            await self._on_progress()
        return True

    async def _undo_one(self, item: WorkRow, entry: LedgerRecord, refusal: WorkResult | None) -> None:
        problem: WorkResult | None = None
        if entry.state is not RecordState.UNDONE:
            # A record that the store does not show is deleted all the same: absence is for the store to say.
            problem = self._belongs_to_another(item, entry) or refusal or await self._delete(item, entry)
        if problem is None:
            await self._context.journal.mark_undone([entry.id])
        done = WorkResult(item.position, WorkOutcome.SUCCEEDED, destination_id=entry.destination_id)
        await self._context.journal.record([problem or done])

    def _belongs_to_another(self, item: WorkRow, entry: LedgerRecord) -> WorkResult | None:
        """Refuse what has become something else since the list was made: linked, or migrated again by another run."""
        if entry.created_run_id == self._created_by and entry.destination_id == item.expected:
            return None
        return refused(item, "changed_since", _CHANGED)

    async def _unchanged(
        self, items: Sequence[WorkRow], entries: Mapping[str, LedgerRecord], there: Mapping[str, Any]
    ) -> dict[str, WorkResult]:
        """Read the mapped fields back; gives a refusal for every record that is not as we left it."""
        context = self._context
        records = await fetch(context.source, [item.source_id for item in items])
        plans = await asyncio.to_thread(self._plans, items, records, entries)
        refusals: dict[str, WorkResult] = {}
        journeys: dict[str, Journey] = {}
        for item in items:
            entry = entries[item.source_id]
            if entry.destination_id not in there:
                continue
            if isinstance(there[entry.destination_id], UnreadableRecord):
                refusals[item.source_id] = refused(item, "undo_unproven", _NOT_READABLE)
                continue
            plan = plans.get(item.source_id)
            if not isinstance(plan, Journey):
                refusals[item.source_id] = refused(item, "undo_unproven", _NO_PROOF)
                continue
            plan.at, plan.destination_id = len(plan.steps) - 1, entry.destination_id
            journeys[plan.key] = plan
        for result in await patiently(context, lambda: self._read_back(list(journeys.values()))):
            journey = journeys[str(result.step.marker)]
            if not _is_as_left(result, entries[journey.item.source_id]):
                refusals[journey.item.source_id] = refused(journey.item, "changed_since", _CHANGED)
        return refusals

    def _plans(
        self, items: Sequence[WorkRow], records: Mapping[str, Any], entries: Mapping[str, LedgerRecord]
    ) -> dict[str, Journey | WorkResult]:
        context = self._context
        return {
            item.source_id: plan_record(context, item, record, Resolved(entries[item.source_id].resolution or {}))
            for item in items
            if (record := records.get(item.source_id)) is not None and not isinstance(record, UnreadableRecord)
        }

    async def _read_back(self, journeys: Sequence[Journey]) -> list[StepResult]:
        steps = [journey.step for journey in journeys]
        results = [result async for result in self._context.sink.send(steps, "undo")]
        for result in results:
            if isinstance(result.outcome, NotSent):
                raise result.outcome.error
        return results

    async def _delete(self, item: WorkRow, entry: LedgerRecord) -> WorkResult | None:
        await self._context.may_send()
        try:
            await patiently(self._context, lambda: self._context.sink.delete(entry.destination_id))
        except (RecordError, ContractViolationError) as error:
            return refused(item, error.code, error.message)
        except OutcomeUnknownError:
            if await patiently(self._context, lambda: fetch(self._context.destination, [entry.destination_id])):
                return refused(item, "outcome_unknown", _UNKNOWN)
        return None


def _is_as_left(result: StepResult, entry: LedgerRecord) -> bool:
    """Whether a read-back finds what the last one found: no difference that was not told at the time."""
    if not isinstance(result.outcome, Applied):
        return False
    told = {(reason.code, reason.message) for reason in entry.reasons}
    return all((reason.code, reason.message) in told for reason in result.outcome.reasons)
