"""What every workflow that writes to a store does alike: its context, its work list's figures, its stop.

Owns the parts that sync and undo share. It must not know what either writes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from crossdock.connectors.contract import CustomerSink, Store
from crossdock.domain.errors import ConfigurationError, TransientError, UnsupportedOperationError
from crossdock.domain.kinds import CUSTOMER
from crossdock.jobs.clock import steady
from crossdock.jobs.progress import Rate
from crossdock.jobs.rate_limits import RateLimits
from crossdock.jobs.requests import OLDEST_COMPARE
from crossdock.jobs.toolbox import Assignment, Toolbox
from crossdock.jobs.totals import totals
from crossdock.state import Control, Run, RunFilter, RunState, RunType, WorkCounts, WorkItem
from crossdock.sync.context import CustomerSide, SyncContext, Timing
from crossdock.sync.journal import Journal, Tally
from crossdock.sync.options import parse_options


class Writing:
    """One run that writes, with its lease, its stores and its figures."""

    def __init__(self, toolbox: Toolbox, assignment: Assignment, journal: Journal | None = None) -> None:
        self.box = toolbox
        self.run = assignment.run
        self.keeper = assignment.keeper
        self.progress = assignment.progress
        run = self.run
        stores = (run.source_store, run.destination_store)
        self.journal = journal or Journal(toolbox.state, self.keeper.lease, stores, run.kind, tally=Tally())
        self.totals: dict[str, Any] = {}
        self._rate = Rate(None)
        self._limits = RateLimits()

    async def enter(self, phase: str) -> None:
        """Begin a phase."""
        await asyncio.to_thread(self.box.state.runs.set_phase, self.keeper.lease, phase)
        await self.progress.say("phase", {"phase": phase})

    async def open(self) -> SyncContext:
        """Open both stores and count the work list, which is whole by now.

        Raises:
            ConfigurationError: the kind can't be written, or a store refuses.
            TransientError: a store can't be reached.
        """
        run, box = self.run, self.box
        tool = box.tools[run.kind]
        if tool.sync is None:
            raise ConfigurationError("kind_not_syncable", f"{tool.kind.title} can be compared but not migrated.")
        source = await box.connections.open(run.pair, run.source_platform)
        destination = await box.connections.open(run.pair, box.other_platform(run.source_platform))
        infos = await source.info(), await destination.info()
        if (infos[0].key, infos[1].key) != (run.source_store, run.destination_store):
            raise ConfigurationError(
                "store_changed", "The pair is connected to another store since this run began. Start a new run."
            )
        self._limits.look_at(source, destination)
        counts = await self.journal.load_counts()
        self._rate = Rate(counts.total, counts.total - counts.pending)
        return SyncContext(
            run_id=run.id,
            kind=tool.sync,
            source_info=infos[0],
            destination_info=infos[1],
            source=source.source(run.kind),
            destination=destination.source(run.kind),
            sink=destination.sink(run.kind),
            journal=self.journal,
            timing=Timing(destination.capabilities.settle_seconds, box.waits.look_gap_seconds),
            may_send=self._may_send,
            should_stop=self.should_stop,
            # A clock that is set while lost writes settle must not make their time seem over, nor endless.
            now=steady(box.now, box.elapsed),
            sleep=box.sleep,
            compared_at=await asyncio.to_thread(self._compared_at),
            options=parse_options(tool.sync.options, run.request["options"]),
            customers=self._customers(source, destination) if tool.sync.person else None,
        )

    def _customers(self, source: Store, destination: Store) -> CustomerSide:
        sink = destination.sink(CUSTOMER.name)
        if not isinstance(sink, CustomerSink):
            raise UnsupportedOperationError("customers_not_writable", "The destination takes no customers.")
        wanted = self.run.request["options"].get("createMissingCustomers")
        return CustomerSide(
            source=source.source(CUSTOMER.name),
            destination=destination.source(CUSTOMER.name),
            sink=sink,
            is_wanted=destination.capabilities.makes_customers if wanted is None else bool(wanted),
            is_dry_run=self.run.is_preview,
        )

    def _compared_at(self) -> datetime:
        """Tell when the destination was last read whole for this run: by the comparison it takes, or the pair's last.

        Without one, what is a day old was there when the caller chose.
        """
        run, runs = self.run, self.box.state.runs
        chosen = run.request.get("selection", {}).get("compareRunId")
        done = RunFilter(pair=run.pair, kind=run.kind, type=RunType.COMPARE, state=RunState.DONE)
        compares = [runs.get(chosen)] if chosen else runs.find(done, limit=1)
        times = [compare.started_at or compare.created_at for compare in compares]
        return max([*times, run.created_at - OLDEST_COMPARE])

    async def tell(self, *, is_last: bool = False) -> None:
        """Tell how far the run is; what is kept with the run follows at the same pace."""
        summary = self._summary()
        if await self.progress.tell(self._figures(summary), is_last=is_last):
            await asyncio.to_thread(self.box.state.runs.set_summary, self.keeper.lease, summary)

    async def _tell_wait(self) -> None:
        # What is kept with the run is left alone: nothing of it changes while a store makes wait.
        await self.progress.tell(self._figures(self._summary()))

    def _summary(self) -> dict[str, Any]:
        return {**summarise(self.run, self.journal.counts), **self.totals}

    def _figures(self, summary: Mapping[str, Any]) -> dict[str, Any]:
        figures = self._rate.figures(summary["succeeded"] + summary["failed"])
        return {"sync": {**figures, **summary}, **self._limits.figures()}

    async def _may_send(self) -> None:
        await asyncio.to_thread(self.keeper.check, self.box.waits.request_seconds)

    async def conduct(
        self,
        items: Callable[[], Awaitable[Iterator[WorkItem]]],
        work: Callable[[], Awaitable[bool]],
        give_up: Callable[[], Awaitable[None]],
    ) -> Control:
        """Go through the phases of a run that writes; gives what a person asked for, if that ended it early.

        `items` lists the records, the same in the same order each time; `work` is False when stopped before the end;
        `give_up` says what became of the records that a cancelled run leaves.
        """
        if self.run.phase in {"", "selecting"}:
            await self.enter("selecting")
            # After a crash in between the same list is entered again, from its beginning.
            await asyncio.to_thread(self.box.state.worklist.add, self.keeper.lease, await items())
        await self.journal.load_counts()
        try:
            is_whole = await self.unless_asked(work)
            control = Control.NONE if is_whole else self.keeper.control
            if control is Control.CANCEL:
                await give_up()
            return control
        finally:
            self.totals = await asyncio.to_thread(totals, self.box.state, self.run)
            await self.tell(is_last=True)

    async def unless_asked(self, work: Callable[[], Awaitable[bool]]) -> bool:
        """Do the work; False when it ended early since a person asked to stop, also while trouble was waited out."""
        if await self.should_stop():
            return False
        try:
            async with self._limits.told_by(self._tell_wait):
                return await work()
        except TransientError:
            if await self.should_stop():
                return False
            raise

    async def should_stop(self) -> bool:
        """Ask whether a person wants the run to pause or to be cancelled; a run that has nothing left only ends."""
        asked = await asyncio.to_thread(self.keeper.asked)
        return asked is Control.CANCEL or (asked is Control.PAUSE and self.journal.counts.pending > 0)


def summarise(run: Run, counts: WorkCounts) -> dict[str, Any]:
    """Write the figures of a run that writes in the words of the HTTP contract."""
    return {
        "sourceOfTruth": run.source_platform,
        "total": counts.total,
        "succeeded": counts.succeeded,
        "failed": counts.failed,
        "alreadyThere": counts.already_there,
    }
