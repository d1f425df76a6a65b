"""The phases of a sync: choose the records, make the destination ready, write, release, sum up.

Owns their order, and that whatever was changed for the time of the writes is released however it ends. It must not know
how a record is moved or what a platform needs.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

from crossdock.connectors.contract import Sink
from crossdock.domain.errors import CrossdockError, LeaseLostError
from crossdock.jobs.selected import is_named_one_by_one, oldest_first, selected_items
from crossdock.jobs.toolbox import Assignment, Toolbox
from crossdock.jobs.writing import Writing
from crossdock.state import Control, WorkItem
from crossdock.sync.context import SyncContext
from crossdock.sync.execution import Execution, put_back
from crossdock.sync.giving_up import give_up
from crossdock.sync.people import people_of
from crossdock.sync.preview import preview


class SyncWorkflow:
    """One sync, from its first phase or from where it stopped."""

    def __init__(self, toolbox: Toolbox, assignment: Assignment) -> None:
        self._writing = Writing(toolbox, assignment)
        self._box = toolbox
        self._run = assignment.run

    async def perform(self) -> Control:
        """Go through all phases; gives what a person asked for, if that ended it early."""
        return await self._writing.conduct(self._listed, self._work, self._give_up)

    async def _listed(self) -> Iterator[WorkItem]:
        items = selected_items(self._box, self._run)
        sync = self._box.tools[self._run.kind].sync
        if sync is None or sync.moment is None or not is_named_one_by_one(self._run):
            return items
        source = await self._box.connections.open(self._run.pair, self._run.source_platform)
        return iter(await oldest_first(list(items), source.source(self._run.kind), sync.moment))

    async def _give_up(self) -> None:
        await give_up(self._writing.journal, self._run.id)
        await self._let_go()

    async def _work(self) -> bool:
        """Show what would be sent, or send it; False when stopped before the end."""
        context = await self._writing.open()
        if self._run.request.get("dryRun"):
            await self._writing.enter("planning")
            return await preview(context, self._writing.tell, people_of(context))
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
        execution = Execution(context, self._writing.tell, people_of(context))
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


def _sinks(context: SyncContext) -> list[Sink[Any]]:
    """Give every sink that the run writes to: customers come along with orders."""
    brought = [context.customers.sink] if context.customers is not None and context.customers.writes else []
    return [context.sink, *brought]
