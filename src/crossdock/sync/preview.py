"""Preview: what a sync would send, shown and not sent.

Owns the dry run. It goes through the same planning as a real one and writes to no store.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from crossdock.connectors.contract import MAX_IDS
from crossdock.state import LedgerRecord, WorkOutcome, WorkResult, WorkRow
from crossdock.sync.context import SyncContext
from crossdock.sync.moving import fetch, find_gone
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
        gone = await find_gone(context, entries)
        there = {source_id: entry for source_id, entry in entries.items() if entry.is_there and source_id not in gone}
        # As in a real run: planning takes longer than the event loop may be held up.
        results = await asyncio.to_thread(_shown, context, items, records, there)
        await context.journal.record(results)
        await on_progress()
    return False


def _shown(
    context: SyncContext, items: Sequence[WorkRow], records: Mapping[str, Any], there: Mapping[str, LedgerRecord]
) -> list[WorkResult]:
    results: list[WorkResult] = []
    for item in items:
        record = records.get(item.source_id)
        refusal = check_identity(context.kind, item, record)
        entry = there.get(item.source_id)
        if refusal is not None:
            results.append(refusal)
        elif entry is not None:
            results.append(there_already(item, entry.destination_id, entry.reasons))
        else:
            results.append(_planned(context, item, record))
    return results


def _planned(context: SyncContext, item: WorkRow, record: object | None) -> WorkResult:
    planned = plan_steps(context.sink, item, record, context.marker(item.source_id))
    if not isinstance(planned, Journey):
        return planned
    reasons = tuple(dict.fromkeys((*planned.step.reasons, *context.sink.losses(record))))
    return WorkResult(item.position, WorkOutcome.SUCCEEDED, warnings=reasons, payload=planned.step.payload)
