"""Sharing runs among processes: this one hands them to the queue, and works on what the queue hands out if it may.

Owns what is queued when, and the sweep that queues again what a crash has left. Whoever works is decided by the lease
on the run's row, never by the queue. It must not know how a queue is made, nor how a run is carried out.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Protocol

import structlog

from crossdock.domain.errors import CrossdockError
from crossdock.jobs.dispatch import Background, tell_of_failure
from crossdock.jobs.lease import WAITING, goes_on_by_itself, waits_for_worker
from crossdock.jobs.performing import Performer
from crossdock.jobs.toolbox import Toolbox
from crossdock.state import Run

_LOG = structlog.get_logger()
_LONGEST_SWEEP_SECONDS = 10.0
_SWEEPS_A_LEASE = 6
_RECONNECT_SECONDS = 2.0
_PUTTING_SECONDS = 5.0
# News wake a worker at once; this is for those that were missed, and for a connection that was lost unnoticed.
_POLL_SECONDS = 5.0


class Arrivals(Protocol):
    """What one worker takes out of the queue."""

    async def take(self) -> str | None:
        """Take the run that was queued first; None when none is."""
        ...

    async def wait(self, seconds: float) -> None:
        """Wait until something is queued, at most `seconds`."""
        ...


class RunQueue(Protocol):
    """A messenger of run ids, as `queue.py` is."""

    async def prepare(self) -> None:
        """Make the queue usable."""
        ...

    async def put(self, run_id: str, key: str) -> None:
        """Queue a run, unless the same `key` is in the queue already."""
        ...

    def open(self) -> AbstractAsyncContextManager[Arrivals]:
        """Give what is queued, over one connection."""
        ...


class SharedDispatcher:
    """Gives runs to the workers of all processes; takes some itself once `work` has been called."""

    def __init__(self, toolbox: Toolbox, queue: RunQueue) -> None:
        self._box = toolbox
        self._queue = queue
        self._background = Background()
        self._putting: set[asyncio.Task[None]] = set()
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._waiting: set[str] = set()
        self._is_worker = False
        self._is_closed = False

    async def start(self) -> None:
        """Make the queue usable, and sweep from now on.

        Raises:
            StateError: the database can't be reached, or refuses.
        """
        await self._queue.prepare()
        self._background.add(self._keep_sweeping(self._sweep_seconds))

    def work(self, performer: Performer, at_once: int) -> None:
        """Take runs from the queue from now on, `at_once` side by side at most."""
        self._is_worker = True
        self._background.add(self._keep_taking(performer, at_once))

    def submit(self, run_id: str) -> None:
        """Queue a run; what can't be queued now is found by the next sweep, here or elsewhere."""
        task = asyncio.create_task(self._put(run_id))
        self._putting.add(task)
        task.add_done_callback(self._putting.discard)

    async def wait_for_change(self, seconds: float) -> None:
        """Wait: what becomes of a run elsewhere is seen in its row alone."""
        await asyncio.sleep(seconds)

    def trouble_with(self, run_id: str) -> CrossdockError | None:  # noqa: ARG002
        """Tell of no trouble: a worker that can't write tells its own log, and another tries."""
        return None

    async def sweep(self) -> None:
        """Queue every run that goes on by itself and that nobody works on."""
        unfinished = await asyncio.to_thread(self._box.state.runs.unfinished)
        for run in unfinished:
            if run.id not in self._at_work and self._is_left(run):
                await self._queue.put(run.id, _key(run))
        if not self._is_worker:
            await self._tell_of_waiting(unfinished)

    async def _tell_of_waiting(self, unfinished: Sequence[Run]) -> None:
        """Tell whoever watches a run that no worker comes for it, once until one has come."""
        waiting = {run.id for run in unfinished if waits_for_worker(run, self._box.now())}
        for run_id in waiting - self._waiting:
            await asyncio.to_thread(self._box.state.events.append, run_id, "no_worker", WAITING)
        self._waiting = waiting

    async def aclose(self) -> None:
        """Leave all runs to other workers, who are told of it at once."""
        self._is_closed = True
        await self._background.aclose()
        at_work = list(self._at_work.values())
        for task in at_work:
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)
        if self._putting:
            _, late = await asyncio.wait(self._putting, timeout=_PUTTING_SECONDS)
            for task in late:
                task.cancel()

    @property
    def _sweep_seconds(self) -> float:
        return min(_LONGEST_SWEEP_SECONDS, self._box.waits.lease_seconds / _SWEEPS_A_LEASE)

    def _is_left(self, run: Run) -> bool:
        """Whether nobody works on a run that goes on by itself, as far as this machine's clock can tell.

        A lease that ends later than any could was written before a clock was set back: the claim looks into it.
        """
        now = self._box.now()
        if not goes_on_by_itself(run, now):
            return False
        if not run.owner or run.lease_until is None:
            return True
        settle = timedelta(seconds=self._box.settle_seconds(run))
        longest = timedelta(seconds=2 * run.lease_seconds)
        return not run.lease_until - longest < now < run.lease_until + settle

    async def _keep_sweeping(self, pause_seconds: float) -> None:
        while True:
            try:
                await self.sweep()
            except CrossdockError as error:
                _LOG.warning("runs_not_queued", code=error.code, detail=error.detail)
            await asyncio.sleep(pause_seconds)

    async def _keep_taking(self, performer: Performer, at_once: int) -> None:
        """Take runs, over every loss of the connection; those at work go on meanwhile."""
        is_lost = False
        while True:
            try:
                async with self._queue.open() as arrivals:
                    if is_lost:
                        _LOG.warning("queue_found_again")
                    is_lost = False
                    await self._take(arrivals, performer, at_once)
            except CrossdockError as error:
                _LOG.warning("queue_lost", code=error.code, detail=error.detail)
            except Exception:  # noqa: BLE001 - the outermost handler: a worker that takes nothing more helps nobody
                _LOG.exception("queue_failed_unexpectedly")
            is_lost = True
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _take(self, arrivals: Arrivals, performer: Performer, at_once: int) -> None:
        """Take runs, one by one so that workers who are free at the same time share what waits; never returns."""
        while True:
            if len(self._at_work) >= at_once:
                await asyncio.wait(self._at_work.values(), return_when=asyncio.FIRST_COMPLETED)
            elif run_id := await arrivals.take():
                self._begin(performer, run_id)
            else:
                await arrivals.wait(_POLL_SECONDS)

    def _begin(self, performer: Performer, run_id: str) -> None:
        if run_id in self._at_work:
            # Perhaps it is about to rest and was asked to go on.
            self._again.add(run_id)
            return
        task = self._at_work[run_id] = asyncio.create_task(self._perform(performer, run_id), name=f"run-{run_id}")
        task.add_done_callback(lambda ended: self._left(run_id, ended))

    async def _perform(self, performer: Performer, run_id: str) -> None:
        try:
            run = await asyncio.to_thread(self._box.state.runs.get, run_id)
        except CrossdockError as error:
            _LOG.warning("run_not_begun", run_id=run_id, code=error.code, detail=error.detail)
            return
        # It can have lain in the queue for days, while no worker was there.
        if goes_on_by_itself(run, self._box.now()):
            await performer.perform(run_id)

    def _left(self, run_id: str, task: asyncio.Task[None]) -> None:
        del self._at_work[run_id]
        tell_of_failure(task)
        if self._is_closed or run_id in self._again:
            self._again.discard(run_id)
            self.submit(run_id)

    async def _put(self, run_id: str) -> None:
        try:
            run = await asyncio.to_thread(self._box.state.runs.get, run_id)
            if not run.state.has_ended:
                await self._queue.put(run_id, _key(run))
        except CrossdockError as error:
            _LOG.warning("run_not_queued", run_id=run_id, code=error.code, detail=error.detail)


def _key(run: Run) -> str:
    """Name a run's turn: what a dead worker has taken must not keep the next turn out of the queue."""
    return f"{run.id}:{run.fence}"
