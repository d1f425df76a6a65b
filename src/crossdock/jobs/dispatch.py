"""Dispatch within this process: runs are taken up, and worked on side by side.

Owns who works on what now, here, and the background work of the process. It must not know how a run is carried out;
`queue.py` is the dispatch to other processes.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

import structlog

from crossdock.domain.errors import CrossdockError
from crossdock.jobs.lease import goes_on_by_itself
from crossdock.jobs.performing import Performer
from crossdock.jobs.toolbox import Toolbox
from crossdock.state import Control, Run, RunState

_LOG = structlog.get_logger()
_SIDE_BY_SIDE = 8


class Dispatch(Protocol):
    """What the services ask of whoever gives runs to workers."""

    def submit(self, run_id: str) -> None:
        """Let a run that waits, or was left, be worked on soon."""
        ...

    async def wait_for_change(self, seconds: float) -> None:
        """Wait until something may have become of a run, at most `seconds`."""
        ...

    def trouble_with(self, run_id: str) -> CrossdockError | None:
        """Tell why this process had to leave a run without being able to write that down."""
        ...


class Background:
    """Work of the process beside its runs: begun at any time, cancelled all at once."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin some work; nobody waits for it, and what nobody foresaw is logged."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._left)

    async def aclose(self) -> None:
        """Cancel what is still at work."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _left(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        tell_of_failure(task)


class Dispatcher:
    """Works on runs in this process's event loop.

    `takes_up_runs` says that this process is there to go on with what others left.
    """

    def __init__(self, toolbox: Toolbox, performer: Performer, *, takes_up_runs: bool) -> None:
        self._box = toolbox
        self._performer = performer
        self._takes_up_runs = takes_up_runs
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._restless: set[str] = set()
        self._is_closed = False
        self._places = asyncio.Semaphore(_SIDE_BY_SIDE)
        self._changed = asyncio.Event()

    def submit(self, run_id: str) -> None:
        """Work on a run as soon as there is a place; one that is worked on is looked at once more afterwards."""
        if self._is_closed:
            return
        if run_id in self._tasks:
            self._again.add(run_id)
            return
        self._restless.add(run_id)
        self._performer.troubles.pop(run_id, None)
        task = asyncio.create_task(self._work(run_id), name=f"run-{run_id}")
        self._tasks[run_id] = task
        task.add_done_callback(lambda ended: self._left(run_id, ended))

    def trouble_with(self, run_id: str) -> CrossdockError | None:
        """Tell why this process had to leave a run without being able to write that down; it will try again."""
        return self._performer.troubles.get(run_id)

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
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _left(self, run_id: str, task: asyncio.Task[None]) -> None:
        tell_of_failure(task)
        self._tasks.pop(run_id, None)
        if run_id in self._again:
            self._again.discard(run_id)
            self.submit(run_id)
        self._changed.set()
        self._changed = asyncio.Event()

    def _can_be_taken_up(self, run: Run) -> bool:
        """Whether a run goes on by itself; the claim decides whether nobody works on it."""
        if run.id in self._restless:
            return run.state is not RunState.PAUSED or run.control is Control.CANCEL
        return self._takes_up_runs and goes_on_by_itself(run, self._box.now())

    async def _work(self, run_id: str) -> None:
        async with self._places:
            if await self._performer.perform(run_id) is not None:
                self._restless.discard(run_id)


def tell_of_failure(task: asyncio.Task[Any]) -> None:
    """Log what nobody foresaw; nobody waits for the task."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _LOG.error("task_failed", task=task.get_name(), exc_info=error)
