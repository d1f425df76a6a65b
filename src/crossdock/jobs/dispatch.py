"""Dispatch within this process: runs are taken up, worked on side by side, and left in order.

Owns who works on what now, and the end of a run whatever it was. It must not know the phases of a workflow.
"""

import asyncio
import os
import socket
import uuid
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import structlog

from crossdock.domain.errors import CrossdockError, LeaseLostError
from crossdock.jobs.compare_workflow import CompareWorkflow
from crossdock.jobs.lease import LeaseKeeper
from crossdock.jobs.progress import Progress
from crossdock.jobs.sync_workflow import SyncWorkflow
from crossdock.jobs.toolbox import Assignment, Toolbox
from crossdock.jobs.undo_workflow import UndoWorkflow
from crossdock.logs import log_context
from crossdock.state import Control, Lease, Run, RunState, RunType

_LOG = structlog.get_logger()
_SIDE_BY_SIDE = 8
_WAITS_FOR_A_PERSON_AFTER = timedelta(hours=24)
_UNEXPECTED = "Crossdock itself failed here. Nothing is lost: resume the run; if it fails again, report the code."


class Dispatcher:
    """Works on runs in this process's event loop. `is_alone` says that no other process can share the state."""

    def __init__(self, toolbox: Toolbox, *, is_alone: bool) -> None:
        self._box = toolbox
        self._is_alone = is_alone
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(_SIDE_BY_SIDE)
        self._changed = asyncio.Event()
        self._background: set[asyncio.Task[None]] = set()

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Do some work of the process beside its runs; closing cancels it."""
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def submit(self, run_id: str) -> None:
        """Work on a queued run as soon as there is a place; one that is worked on already stays where it is."""
        if run_id not in self._tasks:
            task = asyncio.create_task(self._work(run_id), name=f"run-{run_id}")
            self._tasks[run_id] = task
            task.add_done_callback(lambda _: self._left(run_id))

    async def take_up(self) -> None:
        """Take up what was running when the last process ended; what has waited for more than a day waits on."""
        oldest = self._box.now() - _WAITS_FOR_A_PERSON_AFTER
        for run in await asyncio.to_thread(self._box.state.runs.unfinished):
            seen_at = run.lease_until or run.started_at or run.created_at
            if run.state is not RunState.PAUSED and seen_at >= oldest:
                self.submit(run.id)

    async def wait_for_change(self, seconds: float) -> None:
        """Wait until a run of this process ends, at most `seconds`."""
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return

    async def aclose(self) -> None:
        """Leave all runs so that the next start takes them up."""
        tasks = [*self._tasks.values(), *self._background]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _left(self, run_id: str) -> None:
        self._tasks.pop(run_id, None)
        self._changed.set()
        self._changed = asyncio.Event()

    async def _work(self, run_id: str) -> None:
        async with self._places:
            lease = await asyncio.to_thread(
                self._box.state.runs.claim,
                run_id,
                self._owner,
                self._box.waits.lease_seconds,
                owner_is_dead=self._is_alone,
            )
            if lease is None:
                return
            run = await asyncio.to_thread(self._box.state.runs.get, run_id)
            with log_context(run_id=run_id):
                await self._perform(run, lease)

    async def _perform(self, run: Run, lease: Lease) -> None:
        runs, progress = self._box.state.runs, Progress(self._box.state, run.id)
        await progress.say("state", {"state": RunState.RUNNING})
        try:
            # Leaving the context waits for the thread, which may be in the middle of a renewal: a short wait.
            with LeaseKeeper(runs, lease, self._box.waits.lease_seconds) as keeper:
                workflow = _WORKFLOWS[run.type](self._box, Assignment(run, keeper, progress))
                control = await workflow.perform()
            if control is Control.PAUSE:
                await asyncio.to_thread(runs.pause, lease)
            else:
                ended = RunState.CANCELLED if control is Control.CANCEL else RunState.DONE
                await asyncio.to_thread(runs.finish, lease, ended)
        except asyncio.CancelledError:
            runs.interrupt(lease)
            raise
        except LeaseLostError:
            _LOG.warning("lease_lost")
            return
        except CrossdockError as error:
            await self._fail(lease, error)
        except ExceptionGroup as group:
            await self._fail(lease, _first(group))
        except Exception:  # noqa: BLE001 - the outermost handler: a run must end with its state written
            _LOG.exception("run_failed_unexpectedly")
            await self._fail(lease, CrossdockError("internal_error", _UNEXPECTED))
        after = await asyncio.to_thread(runs.get, run.id)
        await progress.say("state", {"state": after.state, "code": after.error_code, "message": after.error_message})

    async def _fail(self, lease: Lease, error: CrossdockError) -> None:
        _LOG.warning("run_failed", code=error.code, detail=error.detail)
        try:
            await asyncio.to_thread(
                self._box.state.runs.finish,
                lease,
                RunState.FAILED,
                error_code=error.code,
                error_message=error.message,
            )
        except LeaseLostError:
            _LOG.warning("lease_lost")


_WORKFLOWS = {RunType.COMPARE: CompareWorkflow, RunType.SYNC: SyncWorkflow, RunType.UNDO: UndoWorkflow}


def _first(group: BaseExceptionGroup[Exception]) -> CrossdockError:
    """Give the first error of a group that a person can act on; any other is logged whole."""
    known, others = group.split(CrossdockError)
    if others is not None or known is None:
        _LOG.error("run_failed_unexpectedly", exc_info=group)
        return CrossdockError("internal_error", _UNEXPECTED)
    first = known.exceptions[0]
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first
