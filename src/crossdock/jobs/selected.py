"""The records that a sync is to move: what its request selects, listed the same in the same order each time.

Owns how a selection becomes a list. It must not know what becomes of the records.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from crossdock.compare.differences import Differences
from crossdock.connectors.contract import MAX_IDS, DetailedSource, Source
from crossdock.jobs.requests import SelectAll, load_selection
from crossdock.jobs.toolbox import Toolbox
from crossdock.state import Run, WorkItem, WorkOutcome

_LATEST = datetime.max.replace(tzinfo=UTC)


def is_named_one_by_one(run: Run) -> bool:
    """Tell whether a person has named the records of a sync, which are then few and in no order."""
    return not run.request.get("retryOf") and not isinstance(load_selection(run.request["selection"]), SelectAll)


async def oldest_first(
    items: Sequence[WorkItem], source: Source[Any], moment: Callable[[Any], datetime | None]
) -> list[WorkItem]:
    """Put records in the order in which they came to be; undated and unknown ones come last, as they were named.

    Raises:
        CrossdockError: the source refuses or can't be reached.
    """
    if len(items) <= 1 or not isinstance(source, DetailedSource):
        return list(items)
    moments: dict[str, datetime | None] = {}
    for start in range(0, len(items), MAX_IDS):
        found = await source.outline([item.source_id for item in items[start : start + MAX_IDS]])
        moments.update((source_id, moment(record)) for source_id, record in found.items())
    return sorted(items, key=lambda item: moments.get(item.source_id) or _LATEST)


def selected_items(box: Toolbox, run: Run) -> Iterator[WorkItem]:
    """List the records of a sync; memory stays flat. Blocks."""
    retried = run.request.get("retryOf")
    if retried:
        for row in box.state.worklist.stream(retried, outcome=WorkOutcome.FAILED):
            yield WorkItem(source_id=row.source_id, label=row.label, expected=row.expected)
        return
    selection = load_selection(run.request["selection"])
    if isinstance(selection, SelectAll):
        kind = box.tools[run.kind].compare
        found = Differences(box.engine.database, kind, box.result_dir(selection.compare_run_id))
        chosen = found.selected(
            group=selection.group, where=selection.where, search=selection.search, excluded=selection.except_ids
        )
        for chunk in chosen:
            yield from (WorkItem(source_id, label, label) for source_id, label in chunk)
        yield from (WorkItem(item.source_id, item.expected, item.expected) for item in selection.also)
        return
    yield from (WorkItem(item.source_id, item.expected, item.expected) for item in selection)
