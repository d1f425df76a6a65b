"""The worklist: what a sync has to move, in order, and what became of each.

Owns its table. Written by the run's worker under its lease, read by anybody. It must not know how a record is moved.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, RowMapping, Select, Table, bindparam, func, select, update

from crossdock.domain.plan import Reason
from crossdock.state.database import Database
from crossdock.state.leases import check_lease
from crossdock.state.reasons import reasons_from_json, reasons_to_json
from crossdock.state.run_rows import Lease
from crossdock.state.schema import JsonValue, StoreText, metadata
from crossdock.state.upserts import insert_or_ignore

_CHUNK = 1000
_ENTERED_AT_ONCE = 10_000
"""A list that a caller may name record by record is entered whole or not at all: its order is looked up."""

_OUTCOME_COLUMNS = ("outcome", "destination_id", "code", "error", "warnings", "payload")

worklist = Table(
    "worklist",
    metadata,
    Column("run_id", StoreText, ForeignKey("runs.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("source_id", StoreText, nullable=False),
    Column("label", StoreText, nullable=False),
    Column("expected", StoreText, nullable=False),
    Column("outcome", StoreText, nullable=False),
    Column("code", StoreText, nullable=False, default=""),
    Column("error", StoreText, nullable=False, default=""),
    Column("destination_id", StoreText, nullable=False, default=""),
    Column("warnings", JsonValue, nullable=False, default=list),
    Column("payload", JsonValue),
    Column("kind", StoreText, nullable=False, default=""),
    # One index gives the next pending row, the figures, and the pages of failures.
    Index(None, "run_id", "outcome", "position"),
)


class WorkOutcome(StrEnum):
    """What became of a row."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    ALREADY_THERE = "already_there"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A record to move. `expected` is the e-mail or number that the caller gave; empty where none was given.

    `kind` is empty where it is the run's own.
    """

    source_id: str
    label: str = ""
    expected: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class WorkResult:
    """What became of the row at `position`; `code` and `error` only with FAILED, `payload` only of a dry run."""

    position: int
    outcome: WorkOutcome
    destination_id: str = ""
    code: str = ""
    error: str = ""
    warnings: Sequence[Reason] = ()
    payload: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A record to move, and what became of it so far."""

    position: int
    source_id: str
    label: str
    expected: str
    outcome: WorkOutcome
    destination_id: str
    code: str
    error: str
    warnings: tuple[Reason, ...]
    payload: Mapping[str, Any] | None
    kind: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the record is in the destination now."""
        return self.outcome in {WorkOutcome.SUCCEEDED, WorkOutcome.ALREADY_THERE}


@dataclass(frozen=True, slots=True)
class WorkCounts:
    """The figures of a run: `total = pending + succeeded + failed`; `already_there` is part of `succeeded`."""

    total: int = 0
    pending: int = 0
    succeeded: int = 0
    failed: int = 0
    already_there: int = 0


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """The failures of one code, with the sentence of the first of them."""

    code: str
    count: int
    example: str


class Worklist:
    """The worklists of all runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, lease: Lease, items: Iterable[WorkItem]) -> int:
        """Enter the run's whole list, chunk by chunk, and give its length.

        Rows are numbered from 0. After a crash the same list is entered again: what is there already stays.

        Raises:
            LeaseLostError: another worker took the run over.
        """
        numbered = enumerate(items)
        total = 0
        while chunk := list(islice(numbered, _ENTERED_AT_ONCE)):
            rows = [
                {
                    "run_id": lease.run_id,
                    "position": position,
                    "source_id": item.source_id,
                    "label": item.label,
                    "expected": item.expected,
                    "outcome": WorkOutcome.PENDING,
                    "kind": item.kind,
                }
                for position, item in chunk
            ]
            with self._database.write() as connection:
                check_lease(connection, lease)
                connection.execute(insert_or_ignore(connection, worklist), rows)
            total += len(rows)
        return total

    def next_pending(self, run_id: str, limit: int, *, after: int = -1, kind: str | None = None) -> Sequence[WorkRow]:
        """List the first rows behind the position `after` whose outcome is not known, in order; of one kind if said."""
        statement = (
            select(worklist)
            .where(worklist.c.run_id == run_id, worklist.c.outcome == WorkOutcome.PENDING)
            .where(worklist.c.position > after)
            .order_by(worklist.c.position)
            .limit(limit)
        )
        if kind is not None:
            statement = statement.where(worklist.c.kind == kind)
        with self._database.read() as connection:
            return [_row_of(row) for row in connection.execute(statement).mappings()]

    def set_results(self, lease: Lease, results: Sequence[WorkResult]) -> None:
        """Write outcomes, in one transaction; a later outcome of a row replaces the former.

        Raises:
            LeaseLostError: another worker took the run over.
        """
        if not results:
            return
        statement = (
            update(worklist)
            .where(worklist.c.run_id == lease.run_id, worklist.c.position == bindparam("at"))
            .values({name: bindparam(name) for name in _OUTCOME_COLUMNS})
        )
        rows: list[dict[str, Any]] = [
            {
                "at": result.position,
                "outcome": result.outcome,
                "destination_id": result.destination_id,
                "code": result.code,
                "error": result.error,
                "warnings": reasons_to_json(result.warnings),
                "payload": result.payload,
            }
            for result in results
        ]
        with self._database.write() as connection:
            check_lease(connection, lease)
            connection.execute(statement, rows)

    def skip_pending(self, lease: Lease, code: str, message: str) -> int:
        """Fail every row whose outcome is not known with `code`, chunk by chunk, and give their number.

        Raises:
            LeaseLostError: another worker took the run over.
        """
        total = 0
        while rows := self.next_pending(lease.run_id, _CHUNK):
            failed = [WorkResult(row.position, WorkOutcome.FAILED, code=code, error=message) for row in rows]
            self.set_results(lease, failed)
            total += len(failed)
        return total

    def counts(self, run_id: str) -> WorkCounts:
        """Count the rows by outcome."""
        statement = (
            select(worklist.c.outcome, func.count().label("number"))
            .where(worklist.c.run_id == run_id)
            .group_by(worklist.c.outcome)
        )
        with self._database.read() as connection:
            found: dict[str, int] = {row["outcome"]: row["number"] for row in connection.execute(statement).mappings()}
        already_there = found.get(WorkOutcome.ALREADY_THERE, 0)
        return WorkCounts(
            total=sum(found.values()),
            pending=found.get(WorkOutcome.PENDING, 0),
            succeeded=found.get(WorkOutcome.SUCCEEDED, 0) + already_there,
            failed=found.get(WorkOutcome.FAILED, 0),
            already_there=already_there,
        )

    def brought(self, run_id: str) -> int:
        """Count the rows that succeeded and are not of the run's own kind."""
        statement = select(func.count()).where(
            worklist.c.run_id == run_id, worklist.c.outcome == WorkOutcome.SUCCEEDED, worklist.c.kind != ""
        )
        with self._database.read() as connection:
            return connection.execute(statement).scalar_one()

    def failures(self, run_id: str) -> Sequence[FailureGroup]:
        """Group the failures by code, the most frequent first."""
        of_run = worklist.c.run_id == run_id, worklist.c.outcome == WorkOutcome.FAILED
        groups = (
            select(worklist.c.code, func.count().label("number"), func.min(worklist.c.position).label("first"))
            .where(*of_run)
            .group_by(worklist.c.code)
            .subquery()
        )
        statement = (
            select(groups.c.code, groups.c.number, worklist.c.error)
            .join_from(groups, worklist, worklist.c.position == groups.c.first)
            .where(worklist.c.run_id == run_id)
            .order_by(groups.c.number.desc(), groups.c.code)
        )
        with self._database.read() as connection:
            rows = connection.execute(statement).mappings()
            return [FailureGroup(row["code"], row["number"], row["error"]) for row in rows]

    def page(
        self, run_id: str, *, offset: int = 0, limit: int = 50, outcome: WorkOutcome | None = None, code: str = ""
    ) -> Sequence[WorkRow]:
        """List rows in order: all, those of one outcome, or those that failed with one code."""
        statement = _rows_of(run_id, outcome, code).offset(offset).limit(limit)
        with self._database.read() as connection:
            return [_row_of(row) for row in connection.execute(statement).mappings()]

    def stream(self, run_id: str, *, outcome: WorkOutcome | None = None, code: str = "") -> Iterator[WorkRow]:
        """Give rows in order: all, those of one outcome, or those that failed with one code; memory stays flat."""
        statement = _rows_of(run_id, outcome, code).limit(_CHUNK)
        last = -1
        while True:
            with self._database.read() as connection:
                found = connection.execute(statement.where(worklist.c.position > last)).mappings().all()
            yield from map(_row_of, found)
            if len(found) < _CHUNK:
                return
            last = found[-1]["position"]


def _rows_of(run_id: str, outcome: WorkOutcome | None, code: str) -> Select[Any]:
    statement = select(worklist).where(worklist.c.run_id == run_id).order_by(worklist.c.position)
    if code:
        # Only failures have a code, and there is an index that leads to them.
        return statement.where(worklist.c.outcome == WorkOutcome.FAILED, worklist.c.code == code)
    return statement if outcome is None else statement.where(worklist.c.outcome == outcome)


def _row_of(row: RowMapping) -> WorkRow:
    return WorkRow(
        position=row["position"],
        source_id=row["source_id"],
        label=row["label"],
        expected=row["expected"],
        outcome=WorkOutcome(row["outcome"]),
        destination_id=row["destination_id"],
        code=row["code"],
        error=row["error"],
        warnings=reasons_from_json(row["warnings"]),
        payload=row["payload"],
        kind=row["kind"],
    )
