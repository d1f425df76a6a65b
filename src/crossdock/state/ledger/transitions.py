"""Which change of a ledger record is allowed, and what it makes of the record: pure functions on values.

Owns the rule that nothing is made twice: a record that is done or linked is never planned or sent again, one that has
become something in the destination never counts as failed. It must not know SQL.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from crossdock.domain.errors import StateError
from crossdock.state.ledger.records import (
    LedgerRecord,
    LedgerStep,
    PlannedRecord,
    RecordState,
    Result,
    StepOutcome,
    StepState,
)

_CONTINUED = frozenset({RecordState.IN_FLIGHT, RecordState.CREATED, RecordState.UNKNOWN})
_SENDABLE = frozenset({RecordState.PLANNED, *_CONTINUED})
_SETTLED = frozenset({RecordState.DONE, RecordState.LINKED, RecordState.UNDONE})


def plan(record: LedgerRecord, planned: PlannedRecord, run_id: str) -> LedgerRecord:
    """Plan a record anew, go on with one that was begun, or leave one that is there as it is."""
    if record.is_there:
        return record
    if record.state in _CONTINUED:
        return replace(record, run_id=run_id)
    is_new_attempt = record.state in {RecordState.FAILED, RecordState.UNDONE}
    renewed = replace(record, marker=planned.marker, label=planned.label)
    return replace(
        _fresh(renewed, record.attempt + is_new_attempt, planned.steps, run_id), resolution=planned.resolution
    )


def plan_gone(record: LedgerRecord, run_id: str) -> LedgerRecord:
    """Plan a record anew whose destination record has been deleted; one that never became anything stays."""
    if not record.destination_id or record.state == RecordState.UNDONE:
        return record
    return _fresh(record, record.attempt + 1, [step.name for step in record.steps], run_id)


def begin(record: LedgerRecord, name: str, batch: str, payload_hash: str, at: datetime) -> LedgerRecord:
    """Note that the step is about to be sent.

    Raises:
        StateError: `ledger_out_of_step`, the record is there already or another step is due.
    """
    step = record.next_step
    if record.state not in _SENDABLE or step is None or step.name != name:
        raise _out_of_step(record, name)
    sent = replace(
        step, state=StepState.IN_FLIGHT, batch=batch, payload_hash=payload_hash, started_at=at, ended_at=None
    )
    return replace(_with(record, sent), state=RecordState.IN_FLIGHT)


def settle(record: LedgerRecord, outcome: StepOutcome, run_id: str, at: datetime) -> LedgerRecord:
    """Note what became of a step. What is settled already stays: the same outcome may be told twice.

    Raises:
        StateError: `ledger_out_of_step`, another step is due, or the result needs a destination id and has none.
    """
    step = next((step for step in record.steps if step.name == outcome.name), None)
    if step is None:
        raise _out_of_step(record, outcome.name)
    if record.state in _SETTLED or step.state == StepState.DONE:
        return record
    if step != record.next_step:
        raise _out_of_step(record, step.name)
    told = replace(
        record,
        reasons=(*record.reasons, *(reason for reason in outcome.reasons if reason not in record.reasons)),
        error_code=outcome.error_code,
        error_message=outcome.error_message,
        figures=outcome.figures or record.figures,
        imprint=outcome.imprint or record.imprint,
    )
    if outcome.result in {Result.DONE, Result.LINKED}:
        return _reached(told, step, outcome, run_id, at)
    # What exists must be finished, never made again: only a record that became nothing can fail as a whole.
    exists = bool(record.destination_id)
    if outcome.result == Result.UNKNOWN:
        return replace(_with(told, replace(step, state=StepState.UNKNOWN)), state=RecordState.UNKNOWN)
    if outcome.result == Result.NOT_SENT:
        state = RecordState.CREATED if exists else RecordState.PLANNED
        return replace(_with(told, replace(step, state=StepState.PLANNED, ended_at=at)), state=state)
    state = RecordState.CREATED if exists else RecordState.FAILED
    return replace(_with(told, replace(step, state=StepState.FAILED, ended_at=at)), state=state)


def undo(record: LedgerRecord) -> LedgerRecord:
    """Note that the destination record was deleted by us again.

    Raises:
        StateError: `ledger_out_of_step`, the record is not of our making.
    """
    if record.state == RecordState.UNDONE:
        return record
    if not record.created_run_id or record.state == RecordState.LINKED:
        raise _out_of_step(record, "undo")
    return replace(record, state=RecordState.UNDONE, linked_at=None)


def _reached(record: LedgerRecord, step: LedgerStep, outcome: StepOutcome, run_id: str, at: datetime) -> LedgerRecord:
    destination_id = outcome.destination_id or record.destination_id
    if not destination_id:
        raise _out_of_step(record, step.name)
    done = replace(step, state=StepState.DONE, ended_at=at, destination_id=destination_id)
    reached = replace(_with(record, done), destination_id=destination_id)
    if outcome.result == Result.LINKED:
        return replace(reached, state=RecordState.LINKED, linked_at=at)
    made = replace(reached, created_run_id=record.created_run_id or run_id, written_at=record.written_at or at)
    if made.next_step is None:
        return replace(made, state=RecordState.DONE, linked_at=at)
    return replace(made, state=RecordState.CREATED)


def _fresh(record: LedgerRecord, attempt: int, names: Sequence[str], run_id: str) -> LedgerRecord:
    return replace(
        record,
        state=RecordState.PLANNED,
        attempt=attempt,
        run_id=run_id,
        destination_id="",
        created_run_id="",
        reasons=(),
        resolution=None,
        figures=None,
        imprint=None,
        error_code="",
        error_message="",
        written_at=None,
        linked_at=None,
        steps=tuple(LedgerStep(name, position) for position, name in enumerate(names)),
    )


def _with(record: LedgerRecord, changed: LedgerStep) -> LedgerRecord:
    return replace(record, steps=tuple(changed if step.name == changed.name else step for step in record.steps))


def _out_of_step(record: LedgerRecord, name: str) -> StateError:
    return StateError(
        "ledger_out_of_step",
        "A record was about to be written out of turn; the run was stopped before anything was sent.",
        f"record {record.id}, {record.state}, {name}",
    )
