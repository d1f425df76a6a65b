"""Performing a run: claimed, carried out under its lease, and brought to rest whatever happened to it.

Owns one run's way from the claim to its rest. It must not know who chose the run, nor the phases of a workflow.
"""

import asyncio
import os
import socket
import uuid
from dataclasses import dataclass

import structlog

from crossdock.connectors.leave import writing_by_leave
from crossdock.domain.errors import CrossdockError, LeaseLostError, StateError
from crossdock.jobs.compare_workflow import CompareWorkflow
from crossdock.jobs.count_workflow import CountWorkflow, is_count
from crossdock.jobs.lease import LeaseKeeper
from crossdock.jobs.progress import Progress
from crossdock.jobs.sync_workflow import SyncWorkflow
from crossdock.jobs.toolbox import Assignment, Toolbox
from crossdock.jobs.undo_workflow import UndoWorkflow
from crossdock.logs import log_context
from crossdock.state import Control, Lease, Run, RunState, RunType

_LOG = structlog.get_logger()
_AWAY = "database_unavailable"
_UNEXPECTED = "Crossdock itself failed here. Nothing is lost: resume the run; if it fails again, report the code."


@dataclass(frozen=True, slots=True)
class _Rest:
    """How a workflow left its run; `code` and `message` only with FAILED."""

    state: RunState
    code: str = ""
    message: str = ""


class Performer:
    """Carries runs out for this process. `is_alone` says that no other process can share the state.

    `troubles` has, by run, why it had to be left without that being written down.
    """

    def __init__(self, toolbox: Toolbox, *, is_alone: bool) -> None:
        self._box = toolbox
        self._is_alone = is_alone
        self.troubles: dict[str, CrossdockError] = {}
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    async def perform(self, run_id: str) -> RunState | None:
        """Carry a run out until it rests; gives how it rests, None when it isn't ours or could not be left in order.

        A cancelled call leaves the run, interrupted, for the next worker.
        """
        with log_context(run_id=run_id):
            try:
                lease = await asyncio.to_thread(self._claim, run_id)
                return None if lease is None else await self._hold(lease)
            except LeaseLostError:
                _LOG.warning("lease_lost")
            except CrossdockError as error:
                # The state can't be written: the run stays as it is and is taken up again.
                _LOG.error("run_left", code=error.code, detail=error.detail)
                self.troubles[run_id] = error
        return None

    def _claim(self, run_id: str) -> Lease | None:
        runs, seconds = self._box.state.runs, self._box.waits.lease_seconds
        settle_seconds = self._box.settle_seconds(runs.get(run_id))
        return runs.claim(run_id, self._owner, seconds, settle_seconds=settle_seconds, owner_is_dead=self._is_alone)

    async def _hold(self, lease: Lease) -> RunState:
        progress = Progress(self._box.state, lease.run_id)
        try:
            await progress.say("state", {"state": RunState.RUNNING})
            while not await self._rest(lease, await self._carry_out(lease, progress)):
                continue
        except (asyncio.CancelledError, StateError):
            await self._interrupt(lease)
            raise
        after = await asyncio.to_thread(self._box.state.runs.get, lease.run_id)
        await progress.say("state", {"state": after.state, "code": after.error_code, "message": after.error_message})
        return after.state

    async def _carry_out(self, lease: Lease, progress: Progress) -> _Rest:
        """Carry a run out from where it is.

        Raises:
            LeaseLostError: another worker has it.
            StateError: the database is away; the run goes on once it is back.
        """
        runs = self._box.state.runs
        try:
            run = await asyncio.to_thread(runs.get, lease.run_id)
            # Leaving the context waits for the thread, which may be in the middle of a renewal: a short wait.
            with LeaseKeeper(runs, lease, self._box.waits.lease_seconds) as keeper:
                return _RESTS[await self._work(run, keeper, progress)]
        except CrossdockError as error:
            return _failed(error)
        except ExceptionGroup as group:
            return _failed(_first(group))
        except Exception:  # noqa: BLE001 - the outermost handler: a run must end with its state written
            _LOG.exception("run_failed_unexpectedly")
            return _failed(CrossdockError("internal_error", _UNEXPECTED))

    async def _work(self, run: Run, keeper: LeaseKeeper, progress: Progress) -> Control:
        needed = self._box.waits.request_seconds

        async def ask() -> None:
            # A chunk takes many requests: whoever froze in the middle of it must not send the rest of it.
            if not keeper.outlasts(needed):
                await asyncio.to_thread(keeper.check, needed)

        with writing_by_leave(ask):
            workflow = CountWorkflow if is_count(run) else _WORKFLOWS[run.type]
            return await workflow(self._box, Assignment(run, keeper, progress)).perform()

    async def _rest(self, lease: Lease, rest: _Rest) -> bool:
        """Write how a run is left; False when it was to pause and a person has changed their mind meanwhile."""
        runs = self._box.state.runs
        if rest.state is RunState.PAUSED:
            return await asyncio.to_thread(runs.pause, lease)
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


def _failed(error: CrossdockError) -> _Rest:
    """Let a run end by what went wrong, unless it is not the run that went wrong."""
    if isinstance(error, LeaseLostError) or error.code == _AWAY:
        raise error
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
