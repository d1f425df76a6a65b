"""Undo: deleting what one run created, and only that.

Owns which records may still be deleted: those that we made, by the ledger's ids, and that nobody has changed since. It
must not search for records, and never touches linked ones.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from crossdock.connectors.contract import MAX_IDS, UnreadableRecord
from crossdock.domain.errors import ContractViolationError, OutcomeUnknownError, RecordError
from crossdock.domain.plan import Applied, NotSent, StepResult
from crossdock.state import LedgerRecord, RecordState, WorkOutcome, WorkResult, WorkRow
from crossdock.sync.context import SyncContext
from crossdock.sync.moving import fetch
from crossdock.sync.planning import Journey, plan_steps, refused
from crossdock.sync.waiting import patiently

_CHANGED = "The record has been changed in the destination since it was migrated; it is left as it is."
_NO_PROOF = "The source no longer has this record as it was migrated, so it can't be proven unchanged; it is left."
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
            await self._undo(items)
            await self._on_progress()
        return False

    async def _undo(self, items: Sequence[WorkRow]) -> None:
        context = self._context
        entries = await context.journal.entries([item.source_id for item in items])
        there = await fetch(context.destination, [entry.destination_id for entry in entries.values()])
        unchanged = await self._unchanged(items, entries, there)
        results: list[WorkResult] = []
        undone: list[int] = []
        for item in items:
            entry = entries[item.source_id]
            problem: WorkResult | None = None
            if entry.state is not RecordState.UNDONE:
                problem = self._belongs_to_another(item, entry) or unchanged.get(item.source_id)
                # A record that the store does not show is deleted all the same: absence is for the store to say.
                problem = problem or await self._delete(item, entry)
            if problem is None:
                undone.append(entry.id)
                results.append(WorkResult(item.position, WorkOutcome.SUCCEEDED, destination_id=entry.destination_id))
            else:
                results.append(problem)
        await context.journal.mark_undone(undone)
        await context.journal.record(results)

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
        refusals: dict[str, WorkResult] = {}
        journeys: dict[str, Journey] = {}
        for item in items:
            entry = entries[item.source_id]
            if entry.destination_id not in there:
                continue
            record = records.get(item.source_id)
            is_known = record is not None and not isinstance(record, UnreadableRecord)
            plan = plan_steps(context.sink, item, record, context.marker(item.source_id)) if is_known else None
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
            if await patiently(self._context, lambda: self._context.destination.get([entry.destination_id])):
                return refused(item, "outcome_unknown", _UNKNOWN)
        return None


def _is_as_left(result: StepResult, entry: LedgerRecord) -> bool:
    """Whether a read-back finds what the last one found: no difference that was not told at the time."""
    if not isinstance(result.outcome, Applied):
        return False
    told = {(reason.code, reason.message) for reason in entry.reasons}
    return all((reason.code, reason.message) in told for reason in result.outcome.reasons)
