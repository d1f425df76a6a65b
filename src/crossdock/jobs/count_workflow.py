"""The count before a sync: what would be lost, and what can't be created, of everything that is chosen.

Owns one such run. It writes nothing, is told how far it is, and gives way to whoever writes: see `is_count`.
"""

from crossdock.jobs.requests import COUNTS_ONLY
from crossdock.jobs.selected import selected_items
from crossdock.jobs.toolbox import Assignment, Toolbox
from crossdock.jobs.writing import Writing
from crossdock.state import Control, Run
from crossdock.sync.counting import CountingJournal
from crossdock.sync.people import people_of
from crossdock.sync.preview import preview


class CountWorkflow:
    """One count, always from its beginning: it keeps nothing but its sums."""

    def __init__(self, toolbox: Toolbox, assignment: Assignment) -> None:
        run, lease = assignment.run, assignment.keeper.lease
        stores = (run.source_store, run.destination_store)
        self._journal = CountingJournal(toolbox.state, lease, stores, run.kind, lambda: selected_items(toolbox, run))
        self._writing = Writing(toolbox, assignment, self._journal)

    async def perform(self) -> Control:
        """Go through all that is chosen; gives what a person asked for, if that ended it early."""
        await self._writing.enter("planning")
        try:
            is_whole = await self._writing.unless_asked(self._count)
        finally:
            await self._tell(is_last=True)
        return Control.NONE if is_whole else self._writing.keeper.control

    async def _count(self) -> bool:
        context = await self._writing.open()
        return await preview(context, self._tell, people_of(context))

    async def _tell(self, *, is_last: bool = False) -> None:
        self._writing.totals = self._journal.sums()
        await self._writing.tell(is_last=is_last)


def is_count(run: Run) -> bool:
    """Tell whether a run only counts: it may be cancelled for the sake of any other."""
    return bool(run.request.get(COUNTS_ONLY))
