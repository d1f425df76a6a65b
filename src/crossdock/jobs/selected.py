"""The records that a sync is to move: what its request selects, listed the same in the same order each time.

Owns how a selection becomes a list. It must not know what becomes of the records.
"""

from collections.abc import Iterator

from crossdock.compare.differences import Differences
from crossdock.jobs.requests import SelectAll, load_selection
from crossdock.jobs.toolbox import Toolbox
from crossdock.state import Run, WorkItem, WorkOutcome


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
