"""Keeping a lease: the proof that this process, and no other, works on a run.

Owns the thread that renews it, so that a busy event loop can't lose it, the question whether a write may still be
sent, and how long a run that nobody works on is taken up by itself. It must not know what the run does.
"""

import contextlib
import threading
from datetime import datetime, timedelta
from typing import Self

from crossdock.domain.errors import CrossdockError, LeaseLostError
from crossdock.jobs.clock import elapsed_seconds
from crossdock.state import Control, Lease, Run, RunState
from crossdock.state.runs import Runs

_RENEWALS_A_LEASE = 6
_WAITS_FOR_A_PERSON_AFTER = timedelta(hours=24)
_A_WORKER_COMES_WITHIN = timedelta(seconds=10)

WAITING = {
    "code": "waiting_for_worker",
    "message": "Nobody works on this run at the moment: all workers are busy, or none is there. "
    "Where workers are processes of their own, see whether `crossdock worker` runs.",
}
"""What is said of a run that `waits_for_worker`."""


def goes_on_by_itself(run: Run, now: datetime) -> bool:
    """Whether a run that has not ended goes on without being asked for; not whether somebody works on it already."""
    if run.control is Control.CANCEL:
        return True
    return run.state is not RunState.PAUSED and not waits_for_a_person(run, now)


def waits_for_a_person(run: Run, now: datetime) -> bool:
    """Whether a run has been left alone for so long that it goes on only when a person asks for it."""
    seen_at = run.lease_until or run.started_at or run.created_at
    return seen_at < now - _WAITS_FOR_A_PERSON_AFTER


def waits_for_worker(run: Run, now: datetime) -> bool:
    """Whether a run that goes on by itself has had nobody to work on it for longer than a worker needs to come."""
    if run.state.has_ended or not goes_on_by_itself(run, now):
        return False
    return (run.lease_until or run.created_at) + _A_WORKER_COMES_WITHIN < now


class LeaseKeeper(contextlib.AbstractContextManager["LeaseKeeper"]):
    """Renews `lease` while the context is open; `seconds` is its length.

    `control` is what a person asked for first; only a cancel still replaces it. So a workflow that has begun to stop
    stops to the end, and whether that is still wanted is asked afterwards.
    """

    def __init__(self, runs: Runs, lease: Lease, seconds: float) -> None:
        self.lease = lease
        self.control = Control.NONE
        self._runs = runs
        self._seconds = seconds
        self._until = elapsed_seconds() + seconds
        self._is_lost = False
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._renew_until_stopped, name=f"lease-{lease.run_id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def outlasts(self, needed_seconds: float) -> bool:
        """Whether the lease, as far as is known without asking, outlasts a request of `needed_seconds`."""
        return not self._is_lost and self._until - elapsed_seconds() >= needed_seconds

    def check(self, needed_seconds: float) -> None:
        """Make sure that the lease outlasts a request of `needed_seconds`.

        Raises:
            LeaseLostError: another worker holds the run, or the lease ends too soon and can't be renewed.
        """
        if not self._is_lost and not self.outlasts(needed_seconds):
            self._renew()
        if not self.outlasts(needed_seconds):
            raise LeaseLostError("lease_lost", "Another worker has taken this run over; this one stops.")

    def asked(self) -> Control:
        """Look up, with the lease renewed, what a person has asked of the run.

        Raises:
            LeaseLostError: another worker holds the run.
        """
        self._renew()
        self.check(0.0)
        return self.control

    def _renew_until_stopped(self) -> None:
        while not self._stopped.wait(self._seconds / _RENEWALS_A_LEASE):
            self._renew()

    def _renew(self) -> None:
        asked_at = elapsed_seconds()
        try:
            heard = self._runs.renew(self.lease, self._seconds)
            self._until = asked_at + self._seconds
            if heard is Control.CANCEL or self.control is Control.NONE:
                self.control = heard
        except LeaseLostError:
            self._is_lost = True
        except CrossdockError:
            return
