"""Preview: what a sync would send, shown and not sent.

Owns the dry run. It goes through the same planning as a real one and writes to no store.
"""

from collections.abc import Awaitable, Callable

from crossdock.connectors.contract import MAX_IDS
from crossdock.state import WorkOutcome, WorkResult, WorkRow
from crossdock.sync.context import SyncContext
from crossdock.sync.moving import fetch
from crossdock.sync.planning import Journey, check_identity, plan_steps, there_already


async def preview(context: SyncContext, on_progress: Callable[[], Awaitable[None]]) -> bool:
    """Give each record of the work list a result that holds the object that would be sent first.

    False when stopped before the end.
    """
    position = -1
    while not await context.should_stop():
        items = await context.journal.next_items(after=position, limit=MAX_IDS)
        if not items:
            return True
        position = items[-1].position
        records = await fetch(context.source, [item.source_id for item in items])
        entries = await context.journal.entries([item.source_id for item in items])
        results: list[WorkResult] = []
        for item in items:
            record = records.get(item.source_id)
            refusal = check_identity(context.kind, item, record)
            entry = entries.get(item.source_id)
            if refusal is not None:
                results.append(refusal)
            elif entry is not None and entry.is_there:
                results.append(there_already(item, entry.destination_id, entry.reasons))
            else:
                results.append(_planned(context, item, record))
        await context.journal.record(results)
        await on_progress()
    return False


def _planned(context: SyncContext, item: WorkRow, record: object | None) -> WorkResult:
    planned = plan_steps(context.sink, item, record, context.marker(item.source_id))
    if not isinstance(planned, Journey):
        return planned
    reasons = tuple(dict.fromkeys((*planned.step.reasons, *context.sink.losses(record))))
    return WorkResult(item.position, WorkOutcome.SUCCEEDED, warnings=reasons, payload=planned.step.payload)
