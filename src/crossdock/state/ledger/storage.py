"""How ledger records are read for a change and written after it, in a transaction of the caller's.

Owns the statements that change the two tables: few and set-wise, whatever the chunk's size. It must not know which
change is allowed.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, select, update

from crossdock.domain.errors import StateError
from crossdock.state.leases import HeldRun
from crossdock.state.ledger.records import (
    LedgerRecord,
    LedgerStep,
    PlannedRecord,
    RecordState,
    records,
    steps,
    with_steps,
)
from crossdock.state.reasons import reasons_to_json
from crossdock.state.upserts import insert_or_ignore, insert_or_replace

_CHANGEABLE = (
    "destination_id",
    "state",
    "attempt",
    "marker",
    "run_id",
    "created_run_id",
    "label",
    "reasons",
    "resolution",
    "figures",
    "imprint",
    "error_code",
    "error_message",
    "written_at",
    "linked_at",
    "updated_at",
)


def enter(connection: Connection, run: HeldRun, planned: Sequence[PlannedRecord], at: datetime) -> None:
    """Make a row for each source record that has none, as planned for the first time."""
    rows = [
        {
            "source_store": run.source_store,
            "kind": run.kind,
            "source_id": record.source_id,
            "destination_store": run.destination_store,
            "state": RecordState.PLANNED,
            "attempt": 1,
            "marker": record.marker,
            "run_id": run.run_id,
            "label": record.label,
            "created_at": at,
            "updated_at": at,
        }
        # In one order for all: two runs that enter the same records must not wait for each other in a circle.
        for record in sorted(planned, key=lambda record: record.source_id)
    ]
    connection.execute(insert_or_ignore(connection, records), rows)


def load_by_source(connection: Connection, run: HeldRun, source_ids: Collection[str]) -> list[LedgerRecord]:
    """Read the records of these source ids that are there, by id; nobody else can change them meanwhile."""
    return _load(
        connection,
        select(records).where(
            records.c.source_store == run.source_store,
            records.c.kind == run.kind,
            records.c.destination_store == run.destination_store,
            records.c.source_id.in_(source_ids),
        ),
    )


def load(connection: Connection, run: HeldRun, record_ids: Collection[int]) -> list[LedgerRecord]:
    """Read these records, by id; nobody else can change them before the transaction ends.

    Raises:
        StateError: `ledger_record_missing`, one of them is not between the run's stores.
    """
    found = _load(
        connection,
        select(records).where(
            records.c.id.in_(record_ids),
            records.c.source_store == run.source_store,
            records.c.destination_store == run.destination_store,
        ),
    )
    if len(found) != len(set(record_ids)):
        raise StateError(
            "ledger_record_missing",
            "What was remembered of some records is gone; the run was stopped before anything was sent.",
        )
    return found


def save(
    connection: Connection, before: Sequence[LedgerRecord], wanted: Sequence[LedgerRecord], at: datetime
) -> list[LedgerRecord]:
    """Write what differs between two sequences of the same records, and give the records as they are now."""
    after = [old if old == new else replace(new, updated_at=at) for old, new in zip(before, wanted, strict=True)]
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old is not new]
    if changed:
        _write_records(connection, [new for _, new in changed])
        _write_steps(connection, changed)
    return after


def _write_records(connection: Connection, changed: Sequence[LedgerRecord]) -> None:
    connection.execute(
        update(records)
        .where(records.c.id == bindparam("record"))
        .values({name: bindparam(name) for name in _CHANGEABLE}),
        [_record_row(record) for record in changed],
    )


def _write_steps(connection: Connection, changed: Sequence[tuple[LedgerRecord, LedgerRecord]]) -> None:
    dropped = [
        {"record": old.id, "in_attempt": old.attempt, "step": step.name}
        for old, new in changed
        if old.attempt == new.attempt
        for step in old.steps
        if step.name not in {kept.name for kept in new.steps}
    ]
    if dropped:
        statement = delete(steps).where(
            steps.c.record_id == bindparam("record"),
            steps.c.attempt == bindparam("in_attempt"),
            steps.c.name == bindparam("step"),
        )
        connection.execute(statement, dropped)
    written = [
        _step_row(new, step)
        for old, new in changed
        for step in new.steps
        if old.attempt != new.attempt or step not in old.steps
    ]
    if written:
        connection.execute(insert_or_replace(connection, steps), written)


def _load(connection: Connection, statement: Select[Any]) -> list[LedgerRecord]:
    # SQLite knows no row locks and needs none: its writer is alone. The order of ids keeps lockers out of a circle.
    locked = statement.order_by(records.c.id).with_for_update()
    return with_steps(connection, connection.execute(locked).mappings().all())


def _record_row(record: LedgerRecord) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(record, name) for name in _CHANGEABLE}
    return row | {"record": record.id, "reasons": reasons_to_json(record.reasons)}


def _step_row(record: LedgerRecord, step: LedgerStep) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(step, name) for name in LedgerStep.__slots__}
    return row | {"record_id": record.id, "attempt": record.attempt}
