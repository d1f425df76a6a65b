"""The phases of a sync: choose the records, make the destination ready, write, release, sum up.

Owns their order, and that whatever was changed for the time of the writes is released however it ends. It must not know
how a record is moved or what a platform needs.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

from crossdock.compare.differences import Differences
from crossdock.connectors.contract import Sink
from crossdock.domain.errors import CrossdockError, LeaseLostError
from crossdock.jobs.requests import SelectAll, load_selection
from crossdock.jobs.toolbox import Assignment, Toolbox
from crossdock.jobs.writing import Writing
from crossdock.state import Control, WorkItem, WorkOutcome
from crossdock.sync.context import SyncContext
from crossdock.sync.execution import Execution, put_back
from crossdock.sync.giving_up import give_up
from crossdock.sync.people import People
from crossdock.sync.preview import preview


class SyncWorkflow:
    """One sync, from its first phase or from where it stopped."""

    def __init__(self, toolbox: Toolbox, assignment: Assignment) -> None:
        self._writing = Writing(toolbox, assignment)
        self._box = toolbox
        self._run = assignment.run

    async def perform(self) -> Control:
        """Go through all phases; gives what a person asked for, if that ended it early."""
        return await self._writing.conduct(self._items, self._work, self._give_up)

    async def _give_up(self) -> None:
        await give_up(self._writing.journal, self._run.id)
        await self._let_go()

    async def _work(self) -> bool:
        """Show what would be sent, or send it; False when stopped before the end."""
        context = await self._writing.open()
        if self._run.request.get("dryRun"):
            await self._writing.enter("planning")
            return await preview(context, self._writing.tell, _people(context))
        try:
            is_whole = await self._write(context)
        except asyncio.CancelledError:
            # The program is being stopped: what is muted is released by the next start, not awaited now.
            raise
        except BaseException:
            await self._release(context)
            raise
        await self._release(context)
        return is_whole

    async def _write(self, context: SyncContext) -> bool:
        await self._writing.enter("preparing")
        for sink in _sinks(context):
            await sink.prepare(self._run.id)
        await self._writing.enter("writing")
        execution = Execution(context, self._writing.tell, _people(context))
        return await execution.run(context.journal.counts.total)

    async def _release(self, context: SyncContext) -> None:
        """Undo what was changed for the time of the writes; what can't be undone now is tried at the next start."""
        await self._writing.enter("releasing")
        try:
            for sink in _sinks(context):
                await sink.release(self._run.id)
            await put_back(context)
        except LeaseLostError:
            raise
        except CrossdockError as error:
            await self._writing.progress.say("release_failed", {"code": error.code, "message": error.message})

    async def _let_go(self) -> None:
        """Release what a killed process of this run has left; a run that holds nothing contacts no store."""
        held = await asyncio.to_thread(self._box.state.mutes.held)
        is_held = any(self._run.id in mute.holders for mute in held)
        if not is_held and not [True async for _ in self._writing.journal.resolutions()]:
            return
        try:
            context = await self._writing.open()
        except CrossdockError:
            # The next start releases it: a cancelled run holds nothing by right.
            return
        await self._release(context)

    def _items(self) -> Iterator[WorkItem]:
        """Give the records to move, the same in the same order each time."""
        retried = self._run.request.get("retryOf")
        if retried:
            for row in self._box.state.worklist.stream(retried, outcome=WorkOutcome.FAILED):
                yield WorkItem(source_id=row.source_id, label=row.label, expected=row.expected)
            return
        selection = load_selection(self._run.request["selection"])
        if isinstance(selection, SelectAll):
            kind = self._box.tools[self._run.kind].compare
            found = Differences(self._box.engine.database, kind, self._box.result_dir(selection.compare_run_id))
            chosen = found.selected(
                group=selection.group, where=selection.where, search=selection.search, excluded=selection.except_ids
            )
            for chunk in chosen:
                yield from (WorkItem(source_id, label, label) for source_id, label in chunk)
            yield from (WorkItem(item.source_id, item.expected, item.expected) for item in selection.also)
            return
        yield from (WorkItem(item.source_id, item.expected, item.expected) for item in selection)


def _people(context: SyncContext) -> People | None:
    return None if context.customers is None else People(context, context.customers)


def _sinks(context: SyncContext) -> list[Sink[Any]]:
    """Give every sink that the run writes to: customers come along with orders."""
    brought = [context.customers.sink] if context.customers is not None and context.customers.writes else []
    return [context.sink, *brought]
