"""Undo: deleting what one run created, and only that.

Owns which records may still be deleted: those that we made, by the ledger's ids, and that nobody has changed since. It
must not search for records, and never touches linked ones.
"""

from collections.abc import Awaitable, Callable, Sequence

from crossdock.connectors.contract import MAX_IDS, UnreadableRecord
from crossdock.domain.errors import ContractViolationError, OutcomeUnknownError, RecordError
from crossdock.domain.imprint import Imprint, changed_fields
from crossdock.state import LedgerRecord, RecordState, WorkOutcome, WorkResult, WorkRow
from crossdock.sync.context import SyncContext
from crossdock.sync.moving import ask_in_groups, fetch
from crossdock.sync.planning import refused
from crossdock.sync.waiting import patiently

_CHANGED = "It has been changed in the destination since it was migrated: {fields}. It is left as it is."
_BECAME_OTHER = "It was deleted and migrated again, or found again, since this list was made. It is left as it is."
_NO_PROOF = (
    "It was migrated by a version of Crossdock that did not note what the destination held, so it can't be proven "
    "unchanged. It is left as it is; delete it in the destination if nobody needs it."
)
_NOT_READABLE = (
    "The destination's answer for this record can't be understood, so it can't be proven unchanged; it is left."
)
_UNKNOWN = "It could not be found out whether the record was deleted. Look for it in the destination, then undo again."

Held = Imprint | RecordError | UnreadableRecord
"""What the destination tells of a record that is to be deleted."""


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
        ids = [entry.destination_id for entry in entries.values()]
        held = await patiently(context, lambda: ask_in_groups(context.sink.imprints, ids))
        for item in items:
            # Each deletion is committed by itself: a hundred take minutes, in which anything may happen.
            if await context.should_stop():
                return False
            entry = entries[item.source_id]
            await self._undo_one(item, entry, held.get(entry.destination_id))
            await self._on_progress()
        return True

    async def _undo_one(self, item: WorkRow, entry: LedgerRecord, held: Held | None) -> None:
        problem: WorkResult | None = None
        if entry.state is not RecordState.UNDONE:
            # A record that the store does not show is deleted all the same: absence is for the store to say.
            problem = self._belongs_to_another(item, entry) or _refusal(item, entry, held)
            problem = problem or await self._delete(item, entry)
        if problem is None:
            await self._context.journal.mark_undone([entry.id])
        done = WorkResult(item.position, WorkOutcome.SUCCEEDED, destination_id=entry.destination_id)
        await self._context.journal.record([problem or done])

    def _belongs_to_another(self, item: WorkRow, entry: LedgerRecord) -> WorkResult | None:
        """Refuse what has become something else since the list was made: linked, or migrated again by another run."""
        if entry.created_run_id == self._created_by and entry.destination_id == item.expected:
            return None
        return refused(item, "changed_since", _BECAME_OTHER)

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


def _refusal(item: WorkRow, entry: LedgerRecord, held: Held | None) -> WorkResult | None:
    """Refuse a record that is not as it was left; one that never was finished is nobody's but ours."""
    if isinstance(held, RecordError):
        return refused(item, held.code, held.message)
    if isinstance(held, UnreadableRecord):
        return refused(item, "undo_unproven", _NOT_READABLE)
    if held is None or (entry.imprint is None and entry.state is not RecordState.DONE):
        return None
    if entry.imprint is None:
        return refused(item, "undo_unproven", _NO_PROOF)
    fields = changed_fields(entry.imprint, held)
    return refused(item, "changed_since", _CHANGED.format(fields=", ".join(fields))) if fields else None
