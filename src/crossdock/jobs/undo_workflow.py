"""The phases of an undo: list what a run created, newest first, and delete it.

Owns their order. It must not know which record may be deleted.
"""

import asyncio
from collections.abc import Iterator

from crossdock.jobs.toolbox import Assignment, Toolbox
from crossdock.jobs.writing import Writing
from crossdock.state import Control, WorkItem
from crossdock.sync.undo import Undo


class UndoWorkflow:
    """One undo, from its first phase or from where it stopped."""

    def __init__(self, toolbox: Toolbox, assignment: Assignment) -> None:
        self._writing = Writing(toolbox, assignment)
        self._box = toolbox
        self._run = assignment.run

    async def perform(self) -> Control:
        """Go through all phases; gives what a person asked for, if that ended it early."""
        writing = self._writing
        if self._run.phase in {"", "selecting"}:
            await writing.enter("selecting")
            await asyncio.to_thread(self._box.state.worklist.add, writing.keeper.lease, self._created())
        context = await writing.open()
        await writing.enter("deleting")
        is_whole = await Undo(context, lambda: writing.tell(context)).run()
        return await writing.conclude(context, is_whole=is_whole)

    def _created(self) -> Iterator[WorkItem]:
        for record in self._box.state.ledger.created_by_run(self._run.parent_run_id):
            yield WorkItem(record.source_id, record.label, record.destination_id)
