"""What web and command line can ask of runs: start, watch, steer, read.

Owns the checks that a request passes before a run is made of it. It must not know HTTP, and how a run is carried out.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from crossdock.compare.differences import Differences
from crossdock.compare.export import export_group
from crossdock.compare.query import narrow
from crossdock.domain.difference import Group
from crossdock.domain.errors import InvalidRequestError, NotFoundError
from crossdock.jobs.dispatch import Dispatch
from crossdock.jobs.giving_way import end_other_counts, making_way
from crossdock.jobs.lease import waits_for_worker
from crossdock.jobs.requests import OLDEST_COMPARE, CompareRequest, SelectAll, SyncRequest, check_selection, dump_sync
from crossdock.jobs.toolbox import Toolbox
from crossdock.jobs.tools import Tool
from crossdock.state import (
    Control,
    Event,
    FailureGroup,
    Idempotency,
    Run,
    RunFilter,
    RunSpec,
    RunState,
    RunType,
    WorkOutcome,
    WorkRow,
)
from crossdock.sync.options import parse_options

_T = TypeVar("_T")
_POLL_SECONDS = 0.25
_RESULT_CHUNK = 1_000


class RunService:
    """All that can be asked of runs. Every method that takes a run's id raises `NotFoundError` for an unknown one."""

    def __init__(self, toolbox: Toolbox, dispatcher: Dispatch) -> None:
        self._box = toolbox
        self._dispatcher = dispatcher

    async def start_compare(self, request: CompareRequest) -> Run:
        """Begin a comparison.

        Raises:
            InvalidRequestError: an option is unknown or wrong.
            ConfigurationError: a store is not connected or refuses.
            TransientError: a store can't be reached.
            StoreBusyError: a sync writes to one of the stores.
        """
        tool = self._tool(request.kind)
        tool.compare.parse_options(request.options)
        return await self._create(RunType.COMPARE, request, {"options": dict(request.options)})

    async def start_sync(self, request: SyncRequest, *, idempotency_key: str | None = None, body: bytes = b"") -> Run:
        """Begin a sync, or give the run that the same key and body made before.

        Raises:
            InvalidRequestError: the selection or an option is wrong, the comparison too old, the key used otherwise.
            ConfigurationError: a store is not connected or refuses.
            TransientError: a store can't be reached.
            StoreBusyError: another run holds one of the stores.
        """
        tool = self._tool(request.kind)
        check_selection(request.selection, tool.kind.plural)
        if tool.sync is not None:
            parse_options(tool.sync.options, request.options)
        if isinstance(request.selection, SelectAll):
            await self._check_compare(request, request.selection)
        idempotency = Idempotency.of(idempotency_key, body) if idempotency_key else None
        run = await self._create(RunType.SYNC, request, dump_sync(request), idempotency=idempotency)
        if request.counts_only:
            await end_other_counts(self._box.state, self._dispatcher, run)
        return run

    async def get(self, run_id: str) -> Run:
        """Look a run up."""
        return await asyncio.to_thread(self._box.state.runs.get, run_id)

    async def list(
        self, which: RunFilter | None = None, *, offset: int = 0, limit: int = 50
    ) -> tuple[Sequence[Run], int]:
        """List runs, newest first, and how many there are in all."""
        runs = self._box.state.runs
        # Counted first: a run that is made in between is listed, never counted and missing.
        total = await asyncio.to_thread(runs.count, which)
        return await asyncio.to_thread(runs.find, which, limit=limit, offset=offset), total

    async def wait(self, run_id: str, *, gives_up: bool = False) -> Run:
        """Wait until a run has ended or paused, and give it as it is then.

        `gives_up`: do not wait for ever where no worker comes for the run.

        Raises:
            StateError: how it stands can't be written down, for want of room on the disk perhaps; it is tried again.
        """
        while True:
            run = await self.get(run_id)
            if _rests(run) or (gives_up and waits_for_worker(run, self._box.now())):
                return run
            if trouble := self._dispatcher.trouble_with(run_id):
                raise trouble
            await self._dispatcher.wait_for_change(_POLL_SECONDS)

    async def follow(self, run_id: str, after: int = 0) -> AsyncIterator[Event]:
        """Give the events of a run after the number `after`, as they come, until it rests."""
        events = self._box.state.events
        while True:
            run = await self.get(run_id)
            while batch := await asyncio.to_thread(events.since, run_id, after):
                for event in batch:
                    after = event.seq
                    yield event
            if _rests(run):
                return
            await self._dispatcher.wait_for_change(_POLL_SECONDS)

    async def pause(self, run_id: str) -> Run:
        """Ask a run to stop after the records in hand, to be resumed.

        Raises:
            InvalidRequestError: it has ended.
        """
        return await asyncio.to_thread(self._box.state.runs.request_control, run_id, Control.PAUSE)

    async def cancel(self, run_id: str) -> Run:
        """Ask a run to stop after the records in hand, for good.

        Raises:
            InvalidRequestError: it has ended.
        """
        run = await asyncio.to_thread(self._box.state.runs.request_control, run_id, Control.CANCEL)
        self._dispatcher.submit(run_id)
        return run

    async def resume(self, run_id: str) -> Run:
        """Let a paused, failed or interrupted run go on at its first unfinished step; a cancel stays final.

        A run that is about to pause does not.

        Raises:
            InvalidRequestError: it has ended otherwise.
            StoreBusyError: another run holds one of the stores.
        """
        state = self._box.state
        run = await making_way(state, self._dispatcher, lambda: state.runs.resume(run_id))
        self._dispatcher.submit(run_id)
        return run

    async def retry_failed(self, run_id: str) -> Run:
        """Begin a sync of the records that failed in an ended one; that of a dry run is a dry run.

        Raises:
            InvalidRequestError: the run is no sync, has not ended, or nothing failed.
            StoreBusyError: another run holds one of the stores.
        """
        run = await self.get(run_id)
        counts = await asyncio.to_thread(self._box.state.worklist.counts, run_id)
        if run.type is not RunType.SYNC or not run.state.has_ended or not counts.failed:
            raise InvalidRequestError(
                "nothing_to_retry",
                "This run has no failed records to retry.",
                field="id",
                allowed="an ended sync with failed records",
            )
        kept = {"options": run.request.get("options", {}), "dryRun": run.is_preview}
        return await self._queue(_spec_like(run, RunType.SYNC, {**kept, "retryOf": run_id}))

    async def undo(self, run_id: str) -> Run:
        """Begin to delete what a sync created, and only that.

        Raises:
            InvalidRequestError: the run is no sync that has ended.
            StoreBusyError: another run holds one of the stores.
        """
        run = await self.get(run_id)
        if run.type is not RunType.SYNC or not run.state.has_ended or run.is_preview:
            raise InvalidRequestError(
                "nothing_to_undo", "Only a sync that has ended can be undone.", field="id", allowed="an ended sync"
            )
        return await self._queue(_spec_like(run, RunType.UNDO, {"options": {}}))

    async def differences(
        self,
        run_id: str,
        group: Group,
        *,
        sort: str | None = None,
        descending: bool | None = None,
        search: str = "",
        where: Mapping[str, object] | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[Sequence[Mapping[str, Any]], int]:
        """Give one page of a comparison's list, and how many rows match in all.

        Raises:
            InvalidRequestError: the run is no finished comparison, or a parameter is unknown or wrong.
        """
        found = await self._differences(run_id)
        return await asyncio.to_thread(
            found.page,
            group,
            sort=sort,
            descending=descending,
            search=search,
            where=where or {},
            offset=offset,
            limit=limit,
        )

    async def stream_differences(self, run_id: str, group: Group) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
        """Give a comparison's whole list in chunks, memory flat."""
        found = await self._differences(run_id)
        chunks = await asyncio.to_thread(found.stream, group)
        async for chunk in _in_threads(lambda: next(chunks, None)):
            yield chunk

    async def differences_csv(
        self,
        run_id: str,
        group: Group,
        *,
        sort: str | None = None,
        descending: bool | None = None,
        search: str = "",
        where: Mapping[str, object] | None = None,
    ) -> AsyncIterator[bytes]:
        """Give a comparison's list, narrowed and sorted, as CSV in chunks."""
        found = await self._differences(run_id)
        chunks = await asyncio.to_thread(
            export_group, found, group, sort=sort, descending=descending, search=search, where=where or {}
        )
        async for chunk in _in_threads(lambda: next(chunks, None)):
            yield chunk

    async def results(
        self, run_id: str, *, offset: int = 0, limit: int = 50, failed_only: bool = False, code: str = ""
    ) -> tuple[Sequence[WorkRow], int]:
        """Give one page of what became of a sync's records, and how many there are in all.

        `code` leaves those that failed for this cause.
        """
        await self.get(run_id)
        worklist = self._box.state.worklist
        outcome = WorkOutcome.FAILED if failed_only else None
        rows = await asyncio.to_thread(worklist.page, run_id, offset=offset, limit=limit, outcome=outcome, code=code)
        if code:
            groups = await self.failures(run_id)
            return rows, sum(group.count for group in groups if group.code == code)
        counts = await asyncio.to_thread(worklist.counts, run_id)
        return rows, counts.failed if failed_only else counts.total

    async def failures(self, run_id: str) -> Sequence[FailureGroup]:
        """Give the causes of a run's failures with their numbers, the most frequent first."""
        await self.get(run_id)
        return await asyncio.to_thread(self._box.state.worklist.failures, run_id)

    async def stream_results(self, run_id: str, *, code: str = "") -> AsyncIterator[Sequence[WorkRow]]:
        """Give the results of a sync in chunks, in the order of its list: all, or what failed for one cause."""
        await self.get(run_id)
        rows = self._box.state.worklist.stream(run_id, code=code)
        async for chunk in _in_threads(lambda: list(islice(rows, _RESULT_CHUNK)) or None):
            yield chunk

    def _tool(self, kind: str) -> Tool:
        tool = self._box.tools.get(kind)
        if tool is None:
            raise NotFoundError("kind_unknown", f"There is no kind of record “{kind[:40]}”.")
        return tool

    async def _create(
        self,
        type_: RunType,
        request: CompareRequest | SyncRequest,
        kept: Mapping[str, Any],
        *,
        idempotency: Idempotency | None = None,
    ) -> Run:
        platforms = self._box.platforms
        if request.source_platform not in platforms:
            raise InvalidRequestError(
                "source_unknown",
                f"There is no platform “{request.source_platform[:40]}”.",
                field="sourceOfTruth",
                allowed=", ".join(platforms),
            )
        source = await self._box.connections.open(request.pair, request.source_platform)
        other = self._box.other_platform(request.source_platform)
        destination = await self._box.connections.open(request.pair, other)
        infos = await asyncio.gather(source.info(), destination.info())
        spec = RunSpec(
            type=type_,
            kind=request.kind,
            pair=request.pair,
            source_platform=request.source_platform,
            source_store=infos[0].key,
            destination_store=infos[1].key,
            request=kept,
            is_preview=bool(kept.get("dryRun")),
            idempotency=idempotency,
        )
        return await self._queue(spec)

    async def _queue(self, spec: RunSpec) -> Run:
        state = self._box.state
        created = await making_way(state, self._dispatcher, lambda: state.runs.create(spec))
        if created.is_new:
            self._dispatcher.submit(created.run.id)
        return created.run

    async def _check_compare(self, request: SyncRequest, selection: SelectAll) -> None:
        run = await self.get(selection.compare_run_id)
        await self._differences(selection.compare_run_id)
        if (run.kind, run.pair, run.source_platform) != (request.kind, request.pair, request.source_platform):
            raise InvalidRequestError(
                "compare_of_another",
                "That comparison is of another kind, pair or direction.",
                field="compareRunId",
                allowed="a comparison of this kind, pair and source",
            )
        if (run.started_at or run.created_at) < self._box.now() - OLDEST_COMPARE:
            raise InvalidRequestError(
                "compare_too_old",
                "That comparison is older than 24 hours. Compare again.",
                field="compareRunId",
                allowed="a comparison of the last 24 hours",
            )
        narrow(self._tool(run.kind).compare, selection.group, selection.where, selection.search)

    async def _differences(self, run_id: str) -> Differences:
        run = await self.get(run_id)
        if run.type is not RunType.COMPARE or run.state is not RunState.DONE:
            raise InvalidRequestError(
                "compare_not_finished",
                f"The run {run_id} is no finished comparison.",
                field="runId",
                allowed="a comparison that is done",
            )
        return Differences(self._box.engine.database, self._tool(run.kind).compare, self._box.result_dir(run_id))


async def _in_threads(take: Callable[[], _T | None]) -> AsyncIterator[_T]:
    """Pull an iterator that blocks, one item at a time, outside the event loop."""
    while (item := await asyncio.to_thread(take)) is not None:
        yield item


def _rests(run: Run) -> bool:
    """Whether nothing more happens by itself: a run that was cancelled while it paused has yet to end."""
    return run.state.has_ended or (run.state is RunState.PAUSED and run.control is not Control.CANCEL)


def _spec_like(run: Run, type_: RunType, request: Mapping[str, Any]) -> RunSpec:
    return RunSpec(
        type=type_,
        kind=run.kind,
        pair=run.pair,
        source_platform=run.source_platform,
        source_store=run.source_store,
        destination_store=run.destination_store,
        request=request,
        parent_run_id=run.id,
        is_preview=run.is_preview and type_ is RunType.SYNC,
    )
