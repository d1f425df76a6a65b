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
from crossdock.sync.newcomers import CAME_MEANWHILE, Newcomers
from crossdock.sync.planning import Journey, check_identity, there_already
from crossdock.sync.resolving import FindsPeople, Resolved, Resolver, is_begun, plan_record
from crossdock.sync.waiting import patiently


async def preview(
    context: SyncContext, on_progress: Callable[[], Awaitable[None]], people: FindsPeople | None = None
) -> bool:
    """Give each record of the work list a result that holds the object that would be sent first.

    False when stopped before the end.
    """
    position = -1
    resolver, newcomers = Resolver(context, people), Newcomers(context)
    while not await context.should_stop():
        items = await context.journal.next_items(after=position, limit=MAX_IDS)
        if not items:
            return True
        position = items[-1].position
        records = await fetch(context.source, [item.source_id for item in items])
        entries = await context.journal.entries([item.source_id for item in items])
        gone = await find_gone(context, entries)
        there = {source_id: entry for source_id, entry in entries.items() if entry.is_there and source_id not in gone}
        begun = {source_id: entry for source_id, entry in entries.items() if source_id not in gone}
        results: list[WorkResult] = []
        left: list[WorkRow] = []
        for item in items:
            result = check_identity(context.kind, item, records.get(item.source_id))
            if result is None and (entry := there.get(item.source_id)) is not None:
                result = there_already(item, entry.destination_id, entry.reasons)
            if result is None and (found := await _newcomer(context, newcomers, item, records, begun)):
                result = there_already(item, found, (CAME_MEANWHILE,))
            if result is None:
                left.append(item)
            else:
                results.append(result)
        resolved = await resolver.resolve(left, records, begun)
        # As in a real run: planning takes longer than the event loop may be held up.
        results += await asyncio.to_thread(_planned, context, left, records, resolved)
        await context.journal.record(results)
        await on_progress()
    return False


async def _newcomer(
    context: SyncContext,
    newcomers: Newcomers,
    item: WorkRow,
    records: Mapping[str, Any],
    entries: Mapping[str, LedgerRecord],
) -> str:
    if is_begun(entries.get(item.source_id)):
        return ""
    return await patiently(context, lambda: newcomers.match(item.source_id, records[item.source_id]))


def _planned(
    context: SyncContext, items: Sequence[WorkRow], records: Mapping[str, Any], resolved: Mapping[str, Resolved]
) -> list[WorkResult]:
    return [_shown(context, item, records[item.source_id], resolved[item.source_id]) for item in items]


def _shown(context: SyncContext, item: WorkRow, record: object, resolved: Resolved) -> WorkResult:
    planned = plan_record(context, item, record, resolved)
    if not isinstance(planned, Journey):
        return planned
    losses = context.sink.losses(record, planned.resolution)
    reasons = tuple(dict.fromkeys((*planned.reasons, *planned.step.reasons, *losses)))
    return WorkResult(item.position, WorkOutcome.SUCCEEDED, warnings=reasons, payload=planned.step.payload)
