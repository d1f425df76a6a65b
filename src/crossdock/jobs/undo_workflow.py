"""The phases of an undo: list what a run created, newest first, and delete it.

Owns their order. It must not know which record may be deleted.
"""

import asyncio
from collections.abc import Iterator

from crossdock.jobs.toolbox import Assignment, Toolbox
from crossdock.jobs.writing import Writing
from crossdock.state import Control, WorkItem
from crossdock.sync.undo import Undo

_NOT_ATTEMPTED = "The undo was cancelled before this record was deleted, or known to be. Compare again to see."


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
        await writing.journal.load_counts()
        try:
            is_whole = await writing.unless_asked(self._delete)
            control = Control.NONE if is_whole else writing.keeper.control
            if control is Control.CANCEL:
                await asyncio.to_thread(
                    self._box.state.worklist.skip_pending, writing.keeper.lease, "not_attempted", _NOT_ATTEMPTED
                )
                await writing.journal.load_counts()
            return control
        finally:
            await writing.tell(is_last=True)

    async def _delete(self) -> bool:
        context = await self._writing.open()
        await self._writing.enter("deleting")
        return await Undo(context, self._run.parent_run_id, self._writing.tell).run()

    def _created(self) -> Iterator[WorkItem]:
        for record in self._box.state.ledger.created_by_run(self._run.parent_run_id):
            yield WorkItem(record.source_id, record.label, record.destination_id)
