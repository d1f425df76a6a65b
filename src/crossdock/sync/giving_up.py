"""Giving up: what a cancelled sync says of the records that it did not finish.

Owns the truth about them, read from the ledger alone: no store is asked. It must not stop anything itself.
"""

from crossdock.domain.plan import Level, Reason
from crossdock.state import LedgerRecord, RecordState, WorkResult, WorkRow
from crossdock.sync.journal import Journal
from crossdock.sync.planning import arrived, refused, there_already
from crossdock.sync.settling import UNDECIDED

_CHUNK = 100
_NOT_ATTEMPTED = "The run was cancelled before this record's turn. Nothing was written."
_NOT_VERIFIED = Reason(
    "not_verified", Level.WARNING, "The run was cancelled before this record was read back. Compare again to check it."
)


async def give_up(journal: Journal, run_id: str) -> None:
    """Give every row without a result the one that the ledger supports."""
    position = -1
    while items := await journal.next_items(after=position, limit=_CHUNK):
        position = items[-1].position
        entries = await journal.entries([item.source_id for item in items])
        known = [entry for entry in entries.values() if entry.run_id == run_id]
        await journal.leave_undecided([entry for entry in known if _is_open(entry)])
        await journal.record([_result(item, entries.get(item.source_id), run_id) for item in items])


def _is_open(entry: LedgerRecord) -> bool:
    return entry.state in {RecordState.IN_FLIGHT, RecordState.UNKNOWN}


def _result(item: WorkRow, entry: LedgerRecord | None, run_id: str) -> WorkResult:
    if entry is not None and entry.is_there:
        made_now = entry.created_run_id == run_id
        return (arrived if made_now else there_already)(item, entry.destination_id, entry.reasons)
    if entry is not None and entry.destination_id:
        return arrived(item, entry.destination_id, (*entry.reasons, _NOT_VERIFIED))
    if entry is not None and _is_open(entry):
        return refused(item, UNDECIDED.code, UNDECIDED.message)
    if entry is not None and entry.state is RecordState.FAILED and entry.run_id == run_id:
        return refused(item, entry.error_code, entry.error_message)
    return refused(item, "not_attempted", _NOT_ATTEMPTED)
