"""Runs: who asked for what, who works on it, and how it ended.

Owns how a run changes: created, claimed under a lease with a fence, paused, resumed, ended, and with it the holds on
stores. A lease is judged by the database's clock alone. It must not know what a phase does.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, func, insert, select, true, update

from crossdock.domain.errors import InvalidRequestError, NotFoundError
from crossdock.state.database import Database
from crossdock.state.identifiers import new_id
from crossdock.state.leases import fenced_update, lease_lost
from crossdock.state.run_rows import (
    ENDED,
    Control,
    CreatedRun,
    Lease,
    Run,
    RunFilter,
    RunSpec,
    RunState,
    RunType,
    run_of,
    runs,
)
from crossdock.state.store_holds import drop_holds, take_holds

_RESUMABLE = frozenset({RunState.PAUSED, RunState.INTERRUPTED, RunState.FAILED})
_CLAIMABLE = frozenset({RunState.QUEUED, RunState.RUNNING, RunState.INTERRUPTED})


class Runs:
    """All runs of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, spec: RunSpec) -> CreatedRun:
        """Queue a run and take its stores, in one transaction; or give the run that the idempotency key made.

        A sync and an undo hold the destination alone and the source shared; a compare and a dry run hold both shared.

        Raises:
            StoreBusyError: another run holds a store.
            InvalidRequestError: `idempotency_key_reused`, the key came with another body before.
        """
        with self._database.write() as connection:
            self._database.serialize(connection, "store_holds")
            earlier = _earlier(connection, spec)
            if earlier is not None:
                return CreatedRun(earlier, is_new=False)
            run_id = new_id()
            connection.execute(
                insert(runs).values(
                    id=run_id,
                    type=spec.type,
                    kind=spec.kind,
                    pair=spec.pair,
                    source_platform=spec.source_platform,
                    source_store=spec.source_store,
                    destination_store=spec.destination_store,
                    state=RunState.QUEUED,
                    request=spec.request,
                    created_at=self._database.now(connection),
                    parent_run_id=spec.parent_run_id,
                    is_preview=spec.is_preview,
                    idempotency_key=spec.idempotency.key if spec.idempotency else None,
                    body_digest=spec.idempotency.body_digest if spec.idempotency else "",
                )
            )
            run = _get(connection, run_id)
            take_holds(self._database, connection, run_id, _holds(run))
            return CreatedRun(run, is_new=True)

    def get(self, run_id: str) -> Run:
        """Look a run up.

        Raises:
            NotFoundError: there is none of that id.
        """
        with self._database.read() as connection:
            return _get(connection, run_id)

    def find(self, which: RunFilter | None = None, *, limit: int = 50, offset: int = 0) -> Sequence[Run]:
        """List runs, newest first."""
        statement = select(runs).where(_condition(which)).order_by(runs.c.id.desc()).limit(limit).offset(offset)
        with self._database.read() as connection:
            return [run_of(row) for row in connection.execute(statement).mappings()]

    def count(self, which: RunFilter | None = None) -> int:
        """Count the runs that `find` would list in all."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(runs).where(_condition(which))).scalar_one()

    def unfinished(self) -> Sequence[Run]:
        """List runs that have not ended, paused ones too, oldest first."""
        statement = select(runs).where(runs.c.state.not_in(ENDED)).order_by(runs.c.id)
        with self._database.read() as connection:
            return [run_of(row) for row in connection.execute(statement).mappings()]

    def claim(
        self,
        run_id: str,
        owner: str,
        lease_seconds: float,
        *,
        settle_seconds: float = 0.0,
        owner_is_dead: bool = False,
    ) -> Lease | None:
        """Win the right to work on a run that waits, or whose worker let its lease end; None when another has it.

        A lease counts as live until `settle_seconds` after its end: what its worker sent last may still be at work.
        `owner_is_dead` takes a live one over: for callers who know that no other worker can be alive. A paused run
        can be claimed only when it is to be cancelled; it holds no store then. A lease that reaches further than its
        owner leases for was written before the clock was set back, and is cut to that time.

        Raises:
            NotFoundError: there is no such run.
        """
        with self._database.write() as connection:
            run = _get(connection, run_id, is_locked=True)
            now = self._database.now(connection)
            is_live = run.lease_until is not None and run.lease_until + timedelta(seconds=settle_seconds) > now
            if run.owner and is_live and not owner_is_dead:
                # A worker that lives renews it long before; a dead one's would hold for as long as the clock went back.
                furthest = now + timedelta(seconds=run.lease_seconds)
                too_far = (runs.c.id == run_id) & (runs.c.lease_until > furthest)
                connection.execute(update(runs).where(too_far).values(lease_until=furthest))
                return None
            may_end = run.state == RunState.PAUSED and run.control == Control.CANCEL
            if run.state not in _CLAIMABLE and not may_end:
                return None
            connection.execute(
                update(runs)
                .where(runs.c.id == run_id)
                .values(
                    state=RunState.RUNNING,
                    owner=owner,
                    fence=run.fence + 1,
                    lease_until=now + timedelta(seconds=lease_seconds),
                    lease_seconds=lease_seconds,
                    started_at=run.started_at or now,
                )
            )
            return Lease(run_id, run.fence + 1)

    def renew(self, lease: Lease, seconds: float) -> Control:
        """Let the lease end `seconds` from now, and tell what a person has asked of the run meanwhile.

        Raises:
            LeaseLostError: another worker took the run over.
        """
        with self._database.write() as connection:
            until = self._database.now(connection) + timedelta(seconds=seconds)
            statement = fenced_update(lease).values(lease_until=until, lease_seconds=seconds).returning(runs.c.control)
            control = connection.execute(statement).scalar_one_or_none()
            if control is None:
                raise lease_lost(lease)
            return Control(control)

    def set_phase(self, lease: Lease, phase: str) -> None:
        """Say which phase has begun.

        Raises:
            LeaseLostError: another worker took the run over.
        """
        with self._database.write() as connection:
            _execute(connection, lease, fenced_update(lease).values(phase=phase))

    def set_summary(self, lease: Lease, summary: Mapping[str, Any]) -> None:
        """Keep the figures so far in place of the former ones.

        Raises:
            LeaseLostError: another worker took the run over.
        """
        with self._database.write() as connection:
            _execute(connection, lease, fenced_update(lease).values(summary=summary))

    def finish(
        self,
        lease: Lease,
        state: RunState,
        *,
        summary: Mapping[str, Any] | None = None,
        error_code: str = "",
        error_message: str = "",
    ) -> None:
        """End the run as done, failed or cancelled and give its stores free; without `summary` the former one stays.

        Raises:
            LeaseLostError: another worker took the run over.
            ValueError: `state` is no end.
        """
        if state not in ENDED:
            raise ValueError(state)
        values: dict[str, Any] = {"error_code": error_code, "error_message": error_message}
        if summary is not None:
            values["summary"] = summary
        with self._database.write() as connection:
            ended_at = self._database.now(connection)
            _execute(connection, lease, _leave(lease, state).values(control="", ended_at=ended_at, **values))
            drop_holds(connection, lease.run_id)

    def pause(self, lease: Lease) -> bool:
        """Leave the run until a person resumes it, and give its stores free; False when that is no longer wanted.

        Raises:
            LeaseLostError: another worker took the run over.
        """
        with self._database.write() as connection:
            own = (runs.c.id == lease.run_id) & (runs.c.fence == lease.fence)
            control = connection.execute(select(runs.c.control).where(own).with_for_update()).scalar_one_or_none()
            if control is None:
                raise lease_lost(lease)
            if control != Control.PAUSE:
                return False
            _execute(connection, lease, _leave(lease, RunState.PAUSED).values(control=""))
            drop_holds(connection, lease.run_id)
            return True

    def interrupt(self, lease: Lease) -> None:
        """Leave the run for the next worker: this one is being stopped. The stores stay held, the lease ends now.

        Raises:
            LeaseLostError: another worker took the run over.
        """
        with self._database.write() as connection:
            left = _leave(lease, RunState.INTERRUPTED).values(lease_until=self._database.now(connection))
            _execute(connection, lease, left)

    def resume(self, run_id: str) -> Run:
        """Let a run go on: take the wish to pause back, or queue it again; a cancel stays final.

        Raises:
            StoreBusyError, InvalidRequestError, NotFoundError: as for `requeue`.
        """
        with self._database.write() as connection:
            self._database.serialize(connection, "store_holds")
            run = _get(connection, run_id, is_locked=True)
            if run.control is Control.CANCEL:
                return run
            if run.state not in {RunState.QUEUED, RunState.RUNNING}:
                return self._requeue(connection, run)
            connection.execute(update(runs).where(runs.c.id == run_id).values(control=""))
            # One that nobody works on any more has been cared about just now, as one that is queued again.
            now = self._database.now(connection)
            is_left = runs.c.lease_until.is_(None) | (runs.c.lease_until < now)
            connection.execute(update(runs).where(runs.c.id == run_id, is_left).values(lease_until=now))
            return _get(connection, run_id)

    def requeue(self, run_id: str) -> Run:
        """Queue a paused, interrupted or failed run again and take its stores anew.

        Raises:
            StoreBusyError: another run holds a store meanwhile.
            InvalidRequestError: `run_not_resumable`.
            NotFoundError: there is no such run.
        """
        with self._database.write() as connection:
            self._database.serialize(connection, "store_holds")
            return self._requeue(connection, _get(connection, run_id, is_locked=True))

    def request_control(self, run_id: str, control: Control) -> Run:
        """Ask the run's worker to pause or to cancel, or with `Control.NONE` no longer to pause; a cancel is final.

        Raises:
            InvalidRequestError: `run_has_ended`.
            NotFoundError: there is no such run.
        """
        with self._database.write() as connection:
            run = _get(connection, run_id, is_locked=True)
            if run.state.has_ended:
                raise InvalidRequestError(
                    "run_has_ended", f"This run is {run.state} already.", field="id", allowed="a run that has not ended"
                )
            if run.control != Control.CANCEL:
                connection.execute(update(runs).where(runs.c.id == run_id).values(control=control))
            return _get(connection, run_id)

    def _requeue(self, connection: Connection, run: Run) -> Run:
        if run.state not in _RESUMABLE:
            raise InvalidRequestError(
                "run_not_resumable",
                f"This run is {run.state} and can't be resumed.",
                field="id",
                allowed="a run that is paused, interrupted or failed",
            )
        take_holds(self._database, connection, run.id, _holds(run))
        # Nobody holds it, and a person cares about it now: it has not been left alone since it began.
        seen_at = self._database.now(connection)
        values = {"control": "", "ended_at": None, "error_code": "", "error_message": "", "lease_until": seen_at}
        connection.execute(update(runs).where(runs.c.id == run.id).values(state=RunState.QUEUED, **values))
        return _get(connection, run.id)


def unfinished_run_of(connection: Connection, pair: str) -> str | None:
    """Find a run of the pair that has not ended; None when there is none."""
    statement = select(runs.c.id).where(runs.c.pair == pair, runs.c.state.not_in(ENDED)).limit(1)
    return connection.execute(statement).scalar_one_or_none()


def _get(connection: Connection, run_id: str, *, is_locked: bool = False) -> Run:
    statement = select(runs).where(runs.c.id == run_id)
    row = connection.execute(statement.with_for_update() if is_locked else statement).mappings().one_or_none()
    if row is None:
        raise NotFoundError("run_not_found", "There is no run of that id.")
    return run_of(row)


def _earlier(connection: Connection, spec: RunSpec) -> Run | None:
    if spec.idempotency is None:
        return None
    statement = select(runs).where(runs.c.idempotency_key == spec.idempotency.key)
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        return None
    if row["body_digest"] != spec.idempotency.body_digest:
        raise InvalidRequestError(
            "idempotency_key_reused",
            "This Idempotency-Key came with another request before.",
            field="Idempotency-Key",
            allowed="a new key for each request, or the same request again",
        )
    return run_of(row)


def _holds(run: Run) -> dict[str, bool]:
    is_writing = run.type is not RunType.COMPARE and not run.request.get("dryRun")
    return {run.source_store: False, run.destination_store: is_writing}


def _condition(which: RunFilter | None) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = true()
    for name in RunFilter.__slots__:
        wanted = getattr(which, name) if which else None
        if wanted not in ("", None):
            condition &= runs.c[name] == wanted
    return condition


def _leave(lease: Lease, state: RunState) -> Update:
    # The fence rises, so that the worker that leaves can write no more either.
    return fenced_update(lease).values(state=state, owner="", lease_until=None, fence=lease.fence + 1)


def _execute(connection: Connection, lease: Lease, statement: Update) -> None:
    if connection.execute(statement).rowcount != 1:
        raise lease_lost(lease)
