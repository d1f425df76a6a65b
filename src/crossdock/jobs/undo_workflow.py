"""The phases of an undo: list what a run created, newest first, and delete it.

Owns their order. It must not know which record may be deleted.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

from crossdock.domain.kinds import CUSTOMER
from crossdock.jobs.toolbox import Assignment, Toolbox
from crossdock.jobs.writing import Writing
from crossdock.state import Control, WorkItem
from crossdock.sync.context import SyncContext
from crossdock.sync.kinds import CUSTOMERS
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
        return await self._writing.conduct(self._listed, self._delete, self._give_up)

    async def _give_up(self) -> None:
        skip = self._box.state.worklist.skip_pending
        await asyncio.to_thread(skip, self._writing.keeper.lease, "not_attempted", _NOT_ATTEMPTED)
        await self._writing.journal.load_counts()

    async def _delete(self) -> bool:
        context = await self._writing.open()
        await self._writing.enter("deleting")
        for part in (context, _of_customers(context)):
            if part is not None and not await Undo(part, self._run.parent_run_id, self._writing.tell).run():
                return False
        return True

    async def _listed(self) -> Iterator[WorkItem]:
        return self._created()

    def _created(self) -> Iterator[WorkItem]:
        """List what the run made: its own records, then the customers that these brought along."""
        ledger, made_by = self._box.state.ledger, self._run.parent_run_id
        for record in ledger.created_by_run(made_by, kind=self._run.kind):
            yield WorkItem(record.source_id, record.label, record.destination_id)
        if self._run.kind != CUSTOMER.name:
            for record in ledger.created_by_run(made_by, kind=CUSTOMER.name):
                yield WorkItem(record.source_id, record.label, record.destination_id, CUSTOMER.name)


def _of_customers(context: SyncContext) -> SyncContext | None:
    side = context.customers
    if side is None:
        return None
    return replace(
        context,
        kind=CUSTOMERS,
        source=side.source,
        destination=side.destination,
        sink=side.sink,
        journal=context.journal.of_brought(CUSTOMER.name),
        customers=None,
    )
