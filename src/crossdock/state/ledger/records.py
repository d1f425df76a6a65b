"""What the ledger remembers: one record a source record and destination store, one step a write.

Owns the two tables and their values. It must not know which change is allowed: `transitions.py` does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Index, Integer, RowMapping, Table, and_, select
from sqlalchemy.schema import UniqueConstraint

from crossdock.domain.imprint import Imprint
from crossdock.domain.plan import Reason, Resolution
from crossdock.state.reasons import reasons_from_json
from crossdock.state.schema import JsonValue, Moment, SerialId, StoreText, metadata


class RecordState(StrEnum):
    """Where a record's migration stands."""

    PLANNED = "planned"
    IN_FLIGHT = "in_flight"
    CREATED = "created"
    DONE = "done"
    LINKED = "linked"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNDONE = "undone"


class StepState(StrEnum):
    """Where one write stands."""

    PLANNED = "planned"
    IN_FLIGHT = "in_flight"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LedgerStep:
    """One write of the record's present attempt. `started_at` is of its last sending, `batch` names that sending."""

    name: str
    position: int
    state: StepState = StepState.PLANNED
    batch: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    destination_id: str = ""
    payload_hash: str = ""


@dataclass(frozen=True, slots=True)
class LedgerRecord:
    """One source record's migration to one store.

    `run_id` is the run that worked on it last, `created_run_id` the one whose write made the destination record
    (empty where nothing was made by us). `written_at` is when it was made, `linked_at` when it became done or linked.
    `resolution` is what its present attempt was planned with; `figures` are amounts as read back, by side, and
    `imprint` is what the destination then held.
    """

    id: int
    source_store: str
    kind: str
    source_id: str
    destination_store: str
    destination_id: str
    state: RecordState
    attempt: int
    marker: str
    run_id: str
    created_run_id: str
    label: str
    reasons: tuple[Reason, ...]
    resolution: Resolution | None
    figures: Mapping[str, Any] | None
    imprint: Imprint | None
    error_code: str
    error_message: str
    created_at: datetime
    updated_at: datetime
    written_at: datetime | None
    linked_at: datetime | None
    steps: tuple[LedgerStep, ...]

    @property
    def is_there(self) -> bool:
        """Whether the record may be called already there."""
        return self.state in {RecordState.DONE, RecordState.LINKED}

    @property
    def next_step(self) -> LedgerStep | None:
        """The first step that is not done; None when all are."""
        return next((step for step in self.steps if step.state != StepState.DONE), None)


@dataclass(frozen=True, slots=True)
class PlannedRecord:
    """A source record that is to be migrated by the named steps, in their order, as its resolution has it."""

    source_id: str
    marker: str
    label: str
    steps: Sequence[str]
    resolution: Resolution | None = None


class Result(StrEnum):
    """What became of a step: it took effect, the record was there, refused, known not sent, or nobody knows."""

    DONE = "done"
    LINKED = "linked"
    FAILED = "failed"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What became of the step `name` of a record. `destination_id` is needed where the result makes or links one.

    Where the step has read the record back, `figures` are its amounts by side (`source`, `destination`), and `imprint`
    is what the destination holds.
    """

    record_id: int
    name: str
    result: Result
    destination_id: str = ""
    reasons: Sequence[Reason] = ()
    error_code: str = ""
    error_message: str = ""
    figures: Mapping[str, Any] | None = None
    imprint: Imprint | None = None


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that was sent and whose outcome is not known, with its record."""

    record: LedgerRecord
    step: LedgerStep = field(compare=False)


records = Table(
    "ledger_records",
    metadata,
    Column("id", SerialId, primary_key=True),
    Column("source_store", StoreText, nullable=False),
    Column("kind", StoreText, nullable=False),
    Column("source_id", StoreText, nullable=False),
    Column("destination_store", StoreText, nullable=False),
    Column("destination_id", StoreText, nullable=False, default=""),
    Column("state", StoreText, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("marker", StoreText, nullable=False),
    Column("run_id", StoreText, ForeignKey("runs.id"), nullable=False),
    Column("created_run_id", StoreText, nullable=False, default=""),
    Column("label", StoreText, nullable=False),
    Column("reasons", JsonValue, nullable=False, default=list),
    Column("resolution", JsonValue),
    Column("figures", JsonValue),
    Column("imprint", JsonValue),
    Column("error_code", StoreText, nullable=False, default=""),
    Column("error_message", StoreText, nullable=False, default=""),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("written_at", Moment),
    Column("linked_at", Moment),
    UniqueConstraint("source_store", "kind", "destination_store", "source_id", name="uq_ledger_records_source"),
    Index("ix_ledger_records_state", "source_store", "kind", "destination_store", "state", "id"),
    Index("ix_ledger_records_created", "created_run_id", "written_at", "id"),
)

steps = Table(
    "ledger_steps",
    metadata,
    Column("record_id", SerialId, ForeignKey("ledger_records.id"), primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("name", StoreText, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("state", StoreText, nullable=False),
    Column("batch", StoreText, nullable=False, default=""),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    Column("destination_id", StoreText, nullable=False, default=""),
    Column("payload_hash", StoreText, nullable=False, default=""),
)


def with_steps(connection: Connection, rows: Sequence[RowMapping]) -> list[LedgerRecord]:
    """Make the values of record rows, in the order given, each with the steps of its present attempt."""
    found: dict[int, list[LedgerStep]] = {row["id"]: [] for row in rows}
    statement = (
        select(steps)
        .join(records, and_(records.c.id == steps.c.record_id, records.c.attempt == steps.c.attempt))
        .where(steps.c.record_id.in_(found))
        .order_by(steps.c.record_id, steps.c.position)
    )
    for row in connection.execute(statement).mappings():
        values: dict[str, Any] = {name: row[name] for name in LedgerStep.__slots__}
        values["state"] = StepState(values["state"])
        found[row["record_id"]].append(LedgerStep(**values))
    return [_record_of(row, found[row["id"]]) for row in rows]


def _record_of(row: RowMapping, of_record: list[LedgerStep]) -> LedgerRecord:
    values: dict[str, Any] = {name: row[name] for name in LedgerRecord.__slots__ if name != "steps"}
    values["state"] = RecordState(values["state"])
    values["reasons"] = reasons_from_json(values["reasons"])
    return LedgerRecord(**values, steps=tuple(of_record))
