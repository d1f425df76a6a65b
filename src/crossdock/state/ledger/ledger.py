"""The ledger: what has been migrated, what is being sent this moment, and what is not known.

Owns every change of records and steps, in chunks of one transaction each under the run's lease, and every question
about them. It must not know how a step is sent.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, RowMapping, Select, select

from crossdock.domain.difference import Link
from crossdock.domain.plan import Resolution
from crossdock.state.database import Database
from crossdock.state.leases import HeldRun, check_lease
from crossdock.state.ledger import transitions
from crossdock.state.ledger.records import (
    LedgerRecord,
    OpenStep,
    PlannedRecord,
    RecordState,
    StepOutcome,
    StepState,
    records,
    with_steps,
)
from crossdock.state.ledger.storage import enter, load, load_by_source, save
from crossdock.state.run_rows import Lease
from crossdock.state.schema import storable

CHUNK = 100
"""How many records one commit holds."""

_PAGE = 2000
_OPEN = (RecordState.IN_FLIGHT, RecordState.UNKNOWN)
_OPEN_STEPS = frozenset({StepState.IN_FLIGHT, StepState.UNKNOWN})
_OURS = (RecordState.CREATED, RecordState.DONE, *_OPEN)

_Value = TypeVar("_Value")
_Change = Callable[[LedgerRecord, datetime, HeldRun], LedgerRecord]


class Ledger:
    """All records of a database. What is changed belongs to the stores and the kind of the lease's run."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def plan(self, lease: Lease, planned: Sequence[PlannedRecord], *, kind: str = "") -> list[LedgerRecord]:
        """Enter what is to be migrated; gives one record each, in the order given, as it stands now.

        `kind` is that of the records, the run's own unless said: orders bring their customers along.

        A record that failed or was undone is planned again with the next attempt. One that is done or linked is never
        changed; one that was begun is given to be continued at its `next_step`.

        Raises:
            LeaseLostError: another worker took the run over; earlier chunks are kept.
        """
        found: dict[str, LedgerRecord] = {}
        unique = list({storable(record.source_id): record for record in planned}.values())
        for chunk in _chunks(unique):
            with self._database.write() as connection:
                run = check_lease(connection, lease).about(kind)
                at = self._database.now(connection)
                enter(connection, run, chunk, at)
                by_source = {storable(record.source_id): record for record in chunk}
                before = load_by_source(connection, run, by_source)
                wanted = [transitions.plan(record, by_source[record.source_id], run.run_id) for record in before]
                after = save(connection, before, wanted, at)
            found.update((record.source_id, record) for record in after)
        return [found[storable(record.source_id)] for record in planned]

    def plan_gone(self, lease: Lease, source_ids: Sequence[str], *, kind: str = "") -> list[LedgerRecord]:
        """Plan records anew, with the next attempt, whose destination records turned out to be deleted.

        Raises:
            LeaseLostError: another worker took the run over; earlier chunks are kept.
        """
        changed: list[LedgerRecord] = []
        for chunk in _chunks(source_ids):
            with self._database.write() as connection:
                run = check_lease(connection, lease).about(kind)
                before = load_by_source(connection, run, chunk)
                wanted = [transitions.plan_gone(record, run.run_id) for record in before]
                changed += save(connection, before, wanted, self._database.now(connection))
        return changed

    def begin(
        self,
        lease: Lease,
        names: Mapping[int, str],
        batch: str,
        payload_hashes: Mapping[int, str] | None = None,
    ) -> list[LedgerRecord]:
        """Commit the intent to send the named step of each record, by its id; `batch` names the sending.

        Raises:
            LeaseLostError: another worker took the run over: send nothing.
            StateError: `ledger_out_of_step`, for one of them the step is not due: send nothing of its chunk.
        """
        hashes = payload_hashes or {}
        return self._change(
            lease,
            list(names),
            lambda record, at, _: transitions.begin(record, names[record.id], batch, hashes.get(record.id, ""), at),
        )

    def settle(self, lease: Lease, outcomes: Sequence[StepOutcome]) -> list[LedgerRecord]:
        """Commit what became of steps, at most one of each record; what was settled before stays as it is.

        Raises:
            LeaseLostError: another worker took the run over, which finds the outcomes out by itself.
        """
        of_record = {outcome.record_id: outcome for outcome in outcomes}
        return self._change(
            lease,
            list(of_record),
            lambda record, at, run: transitions.settle(record, of_record[record.id], run.run_id, at),
        )

    def mark_undone(self, lease: Lease, record_ids: Sequence[int]) -> list[LedgerRecord]:
        """Note that what we had made of these records has been deleted by us.

        Raises:
            LeaseLostError: another worker took the run over.
            StateError: `ledger_out_of_step`, one of them is not of our making.
        """
        return self._change(lease, record_ids, lambda record, _at, _run: transitions.undo(record))

    def records(
        self, source_store: str, kind: str, destination_store: str, source_ids: Sequence[str]
    ) -> dict[str, LedgerRecord]:
        """Look records up by source id; what the ledger doesn't know is absent."""
        found: dict[str, LedgerRecord] = {}
        for chunk in _chunks(source_ids):
            statement = select(records).where(_between(source_store, kind, destination_store))
            statement = statement.where(records.c.source_id.in_(chunk))
            with self._database.read() as connection:
                rows = connection.execute(statement).mappings().all()
                found.update((record.source_id, record) for record in with_steps(connection, rows))
        return found

    def open_steps(
        self, source_store: str, kind: str, destination_store: str, *, run_id: str = ""
    ) -> Iterator[OpenStep]:
        """Give every step that was sent and whose outcome is not known, of all runs or one, by record id."""
        condition = _between(source_store, kind, destination_store) & records.c.state.in_(_OPEN)
        if run_id:
            condition &= records.c.run_id == run_id
        statement = select(records).where(condition).order_by(records.c.id).limit(CHUNK)
        for record in self._stream(statement, lambda last: records.c.id > last["id"]):
            yield from (OpenStep(record, step) for step in record.steps if step.state in _OPEN_STEPS)

    def links(self, source_store: str, kind: str, destination_store: str) -> Iterator[Link]:
        """Give every link between two stores, by source id; memory stays flat."""
        statement = (
            select(records.c.source_id, records.c.destination_id, records.c.linked_at)
            .where(_between(source_store, kind, destination_store))
            .where(records.c.state.in_((RecordState.DONE, RecordState.LINKED)))
            .order_by(records.c.source_id)
            .limit(_PAGE)
        )
        last: str | None = None
        while True:
            with self._database.read() as connection:
                page = statement if last is None else statement.where(records.c.source_id > last)
                found = connection.execute(page).mappings().all()
            for row in found:
                linked_at: datetime = row["linked_at"]
                yield Link(row["source_id"], row["destination_id"], linked_at=_rfc3339(linked_at))
            if len(found) < _PAGE:
                return
            last = found[-1]["source_id"]

    def created_by_run(self, run_id: str, *, kind: str = "") -> Iterator[LedgerRecord]:
        """Give the records that a run made and that are not undone, the newest first; linked ones are none.

        `kind` narrows them to one kind.
        """
        statement = (
            select(records)
            .where(records.c.created_run_id == run_id, records.c.state.in_(_OURS))
            .order_by(records.c.written_at.desc(), records.c.id.desc())
            .limit(CHUNK)
        )
        if kind:
            statement = statement.where(records.c.kind == kind)
        return self._stream(
            statement,
            lambda last: (
                (records.c.written_at < last["written_at"])
                | ((records.c.written_at == last["written_at"]) & (records.c.id < last["id"]))
            ),
        )

    def resolutions(self, run_id: str, *, kind: str) -> Iterator[Resolution]:
        """Give what the records of a kind that a run made were planned with, in the order of their planning."""
        statement = (
            select(records)
            .where(records.c.created_run_id == run_id, records.c.kind == kind)
            .order_by(records.c.id)
            .limit(CHUNK)
        )
        found = self._stream(statement, lambda last: records.c.id > last["id"])
        return (record.resolution for record in found if record.resolution)

    def _change(self, lease: Lease, record_ids: Sequence[int], change: _Change) -> list[LedgerRecord]:
        changed: list[LedgerRecord] = []
        for chunk in _chunks(record_ids):
            with self._database.write() as connection:
                run = check_lease(connection, lease)
                at = self._database.now(connection)
                before = load(connection, run, chunk)
                wanted = [change(record, at, run) for record in before]
                changed += save(connection, before, wanted, at)
        return changed

    def _stream(
        self, statement: Select[Any], after: Callable[[RowMapping], ColumnElement[bool]]
    ) -> Iterator[LedgerRecord]:
        page = statement
        while True:
            with self._database.read() as connection:
                rows = connection.execute(page).mappings().all()
                found = with_steps(connection, rows)
            yield from found
            if len(rows) < CHUNK:
                return
            page = statement.where(after(rows[-1]))


def _between(source_store: str, kind: str, destination_store: str) -> ColumnElement[bool]:
    return (
        (records.c.source_store == source_store)
        & (records.c.kind == kind)
        & (records.c.destination_store == destination_store)
    )


def _chunks(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
