"""The rules of the ledger by themselves, over many more sequences than a database could try."""

from datetime import UTC, datetime

from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from crossdock.domain.errors import StateError
from crossdock.state import LedgerRecord, PlannedRecord, RecordState, Result, StepOutcome, StepState
from crossdock.state.ledger import transitions

STEPS = ("create", "refund", "verify")
AT = datetime(2026, 1, 2, tzinfo=UTC)
PLANNED = PlannedRecord("1", "marker", "label", STEPS)
THERE = {RecordState.DONE, RecordState.LINKED}

results = st.sampled_from(Result)
calls = st.one_of(
    st.tuples(st.just("send"), st.one_of(st.just(Result.DONE), results)),
    st.tuples(st.just("plan"), st.none()),
    st.tuples(st.just("settle"), st.tuples(st.sampled_from(STEPS), results)),
    st.tuples(st.sampled_from(["gone", "undo"]), st.none()),
)


def entered() -> LedgerRecord:
    """Make a record as it is when it was just entered."""
    texts = ("shop.example.com", "customer", "1", "example.myshopify.com", "")
    return LedgerRecord(
        1, *texts, RecordState.PLANNED, 1, "", "run", "", "", (), None, None, None, "", "", AT, AT, None, None, steps=()
    )


def sent(record: LedgerRecord, result: Result) -> tuple[LedgerRecord, str]:
    """Send the step that is due, if one may be; tells which one was sent."""
    step = record.next_step
    if step is None:
        return record, ""
    try:
        begun = transitions.begin(record, step.name, "batch", "", AT)
    except StateError:
        return record, ""
    return transitions.settle(begun, StepOutcome(1, step.name, result, "d"), "run", AT), step.name


def changed(record: LedgerRecord, call: str, argument: object) -> LedgerRecord:
    """Make one call that sends nothing; one that is refused changes nothing."""
    try:
        match call, argument:
            case "plan", _:
                return transitions.plan(record, PLANNED, "run")
            case "gone", _:
                return transitions.plan_gone(record, "run")
            case "undo", _:
                return transitions.undo(record)
            case _, (str(step), Result() as result):
                return transitions.settle(record, StepOutcome(1, step, result, "d"), "run", AT)
            case _:
                raise AssertionError(call)
    except StateError:
        return record


@settings(max_examples=1500, deadline=None)
@given(st.lists(calls, min_size=3, max_size=20))
@example([("send", Result.DONE), ("send", Result.FAILED), ("plan", None), ("send", Result.DONE)])
@example([("send", Result.DONE), ("send", Result.NOT_SENT), ("plan", None), ("send", Result.DONE)])
@example([("send", Result.UNKNOWN), ("plan", None), ("send", Result.DONE), ("plan", None), ("send", Result.DONE)])
def test_what_exists_is_never_made_again(sequence: list[tuple[str, object]]) -> None:
    record = transitions.plan(entered(), PLANNED, "run")
    exists = False
    for call, argument in sequence:
        before = record
        if isinstance(argument, Result):
            record, step = sent(record, argument)
            assert not (step == "create" and exists), "a second one would have been made"
            assert not (step and before.state in THERE), "what is there was written to"
        else:
            record = changed(record, call, argument)
        if call in {"gone", "undo"} and record is not before:
            exists = False
        elif before.state in THERE:
            assert record == before
        exists = exists or (record.state != RecordState.UNDONE and bool(record.destination_id))
        assert record.attempt >= before.attempt
        assert (record.state == RecordState.DONE) == (
            record.state not in {RecordState.LINKED, RecordState.UNDONE}
            and all(step.state == StepState.DONE for step in record.steps)
        )
        assert record.state != RecordState.FAILED or not record.destination_id
    event(record.state)
