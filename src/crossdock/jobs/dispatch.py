"""Dispatch within this process: runs are taken up, worked on side by side, and left in order.

Owns who works on what now, and that a run comes to rest whatever happened to it. It must not know the phases of a
workflow.
"""

import asyncio
import os
import socket
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

from crossdock.domain.errors import CrossdockError, LeaseLostError
from crossdock.jobs.compare_workflow import CompareWorkflow
from crossdock.jobs.lease import LeaseKeeper, waits_for_a_person
from crossdock.jobs.progress import Progress
from crossdock.jobs.sync_workflow import SyncWorkflow
from crossdock.jobs.toolbox import Assignment, Toolbox
from crossdock.jobs.undo_workflow import UndoWorkflow
from crossdock.logs import log_context
from crossdock.state import Control, Lease, Run, RunState, RunType

_LOG = structlog.get_logger()
_SIDE_BY_SIDE = 8
_UNEXPECTED = "Crossdock itself failed here. Nothing is lost: resume the run; if it fails again, report the code."


@dataclass(frozen=True, slots=True)
class _Rest:
    """How a workflow left its run; `code` and `message` only with FAILED."""

    state: RunState
    code: str = ""
    message: str = ""


class Dispatcher:
    """Works on runs in this process's event loop.

    `is_alone` says that no other process can share the state, `takes_up_runs` that this one is there to go on with
    what others left. Whoever lets a run go on holds `steering`, so that none is paused in the middle of that.
    """

    def __init__(self, toolbox: Toolbox, *, is_alone: bool, takes_up_runs: bool) -> None:
        self.steering = asyncio.Lock()
        self._box = toolbox
        self._is_alone = is_alone
        self._takes_up_runs = takes_up_runs
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._restless: set[str] = set()
        self._troubles: dict[str, CrossdockError] = {}
        self._is_closed = False
        self._places = asyncio.Semaphore(_SIDE_BY_SIDE)
        self._changed = asyncio.Event()
        self._background: set[asyncio.Task[None]] = set()

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Do some work of the process beside its runs; closing cancels it."""
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background_left)

    def submit(self, run_id: str) -> None:
        """Work on a run as soon as there is a place; one that is worked on is looked at once more afterwards."""
        if self._is_closed:
            return
        if run_id in self._tasks:
            self._again.add(run_id)
            return
        self._restless.add(run_id)
        self._troubles.pop(run_id, None)
        task = asyncio.create_task(self._work(run_id), name=f"run-{run_id}")
        self._tasks[run_id] = task
        task.add_done_callback(lambda ended: self._left(run_id, ended))

    def trouble_with(self, run_id: str) -> CrossdockError | None:
        """Tell why this process had to leave a run without being able to write that down; it will try again."""
        return self._troubles.get(run_id)

    async def take_up(self) -> None:
        """Take up what nobody works on though it is unfinished; what has waited for more than a day waits on."""
        for run in await asyncio.to_thread(self._box.state.runs.unfinished):
            if run.id not in self._tasks and self._can_be_taken_up(run):
                self.submit(run.id)

    async def keep_taking_up(self, pause_seconds: float) -> None:
        """Take up after each pause what a worker lost, here or elsewhere; never returns."""
        while True:
            await asyncio.sleep(pause_seconds)
            try:
                await self.take_up()
            except CrossdockError as error:
                _LOG.warning("runs_not_taken_up", code=error.code, detail=error.detail)

    async def wait_for_change(self, seconds: float) -> None:
        """Wait until a run of this process ends, at most `seconds`."""
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return

    async def aclose(self) -> None:
        """Leave all runs so that the next start takes them up."""
        self._is_closed = True
        tasks = [*self._tasks.values(), *self._background]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _left(self, run_id: str, task: asyncio.Task[None]) -> None:
        _tell_of_failure(task)
        self._tasks.pop(run_id, None)
        if run_id in self._again:
            self._again.discard(run_id)
            self.submit(run_id)
        self._changed.set()
        self._changed = asyncio.Event()

    def _background_left(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        _tell_of_failure(task)

    def _can_be_taken_up(self, run: Run) -> bool:
        """Whether a run goes on by itself; the claim decides whether nobody works on it."""
        is_to_end = run.control is Control.CANCEL
        if run.state is RunState.PAUSED and not is_to_end:
            return False
        waits = not is_to_end and waits_for_a_person(run, self._box.now())
        return run.id in self._restless or (self._takes_up_runs and not waits)

    async def _work(self, run_id: str) -> None:
        async with self._places:
            with log_context(run_id=run_id):
                try:
                    await self._claim(run_id)
                except LeaseLostError:
                    _LOG.warning("lease_lost")
                except CrossdockError as error:
                    # The state can't be written: the run stays as it is and is taken up again.
                    _LOG.error("run_left", code=error.code, detail=error.detail)
                    self._troubles[run_id] = error

    async def _claim(self, run_id: str) -> None:
        lease = await asyncio.to_thread(
            self._box.state.runs.claim,
            run_id,
            self._owner,
            self._box.waits.lease_seconds,
            owner_is_dead=self._is_alone,
        )
        if lease is None:
            return
        progress = Progress(self._box.state, run_id)
        try:
            await progress.say("state", {"state": RunState.RUNNING})
            while not await self._rest(lease, await self._perform(lease, progress)):
                continue
        except asyncio.CancelledError:
            await self._interrupt(lease)
            raise
        self._restless.discard(run_id)
        after = await asyncio.to_thread(self._box.state.runs.get, run_id)
        if after.state is RunState.PAUSED and after.control is Control.CANCEL:
            self.submit(run_id)
        await progress.say("state", {"state": after.state, "code": after.error_code, "message": after.error_message})

    async def _perform(self, lease: Lease, progress: Progress) -> _Rest:
        """Carry a run out from where it is.

        Raises:
            LeaseLostError: another worker has it.
        """
        runs = self._box.state.runs
        try:
            run = await asyncio.to_thread(runs.get, lease.run_id)
            # Leaving the context waits for the thread, which may be in the middle of a renewal: a short wait.
            with LeaseKeeper(runs, lease, self._box.waits.lease_seconds) as keeper:
                workflow = _WORKFLOWS[run.type](self._box, Assignment(run, keeper, progress))
                return _RESTS[await workflow.perform()]
        except LeaseLostError:
            raise
        except CrossdockError as error:
            return _failed(error)
        except ExceptionGroup as group:
            first = _first(group)
            if isinstance(first, LeaseLostError):
                raise first from group
            return _failed(first)
        except Exception:  # noqa: BLE001 - the outermost handler: a run must end with its state written
            _LOG.exception("run_failed_unexpectedly")
            return _failed(CrossdockError("internal_error", _UNEXPECTED))

    async def _rest(self, lease: Lease, rest: _Rest) -> bool:
        """Write how a run is left; False when it was to pause and a person has changed their mind meanwhile."""
        runs = self._box.state.runs
        async with self.steering:
            if rest.state is RunState.PAUSED:
                if (await asyncio.to_thread(runs.get, lease.run_id)).control is not Control.PAUSE:
                    return False
                await asyncio.to_thread(runs.pause, lease)
                return True
            await asyncio.to_thread(runs.finish, lease, rest.state, error_code=rest.code, error_message=rest.message)
            return True

    async def _interrupt(self, lease: Lease) -> None:
        """Leave a run for the next start, even when told to hurry up."""
        try:
            await asyncio.shield(asyncio.to_thread(self._box.state.runs.interrupt, lease))
        except CrossdockError as error:
            _LOG.warning("run_not_interrupted", code=error.code)


_WORKFLOWS = {RunType.COMPARE: CompareWorkflow, RunType.SYNC: SyncWorkflow, RunType.UNDO: UndoWorkflow}
_RESTS = {
    Control.NONE: _Rest(RunState.DONE),
    Control.PAUSE: _Rest(RunState.PAUSED),
    Control.CANCEL: _Rest(RunState.CANCELLED),
}


def _tell_of_failure(task: asyncio.Task[None]) -> None:
    """Log what nobody foresaw; nobody waits for the task."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _LOG.error("task_failed", task=task.get_name(), exc_info=error)


def _failed(error: CrossdockError) -> _Rest:
    _LOG.warning("run_failed", code=error.code, detail=error.detail)
    return _Rest(RunState.FAILED, error.code, error.message)


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
