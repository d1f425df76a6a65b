"""The ledger: intents, outcomes, what is continued and what is never written again, on both databases."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from crossdock.domain.difference import Link, LinkOrigin
from crossdock.domain.errors import LeaseLostError, StateError
from crossdock.domain.plan import Level, Reason
from crossdock.state import (
    Lease,
    LedgerRecord,
    PlannedRecord,
    RecordState,
    Result,
    RunState,
    State,
    StepOutcome,
    StepState,
)
from tests.support.state import claimed, sync_spec

pytest_plugins = ("tests.support.state_fixtures",)

SOURCE, DESTINATION = "shop.example.com", "example.myshopify.com"
BETWEEN = (SOURCE, "customer", DESTINATION)


def planned(*source_ids: str) -> list[PlannedRecord]:
    return [
        PlannedRecord(one, f"woocommerce:{SOURCE}:customer:{one}", f"{one}@example.com", ("create", "verify"))
        for one in source_ids
    ]


@pytest.fixture
def lease(state: State) -> Lease:
    return claimed(state)


@pytest.fixture
def record(state: State, lease: Lease) -> LedgerRecord:
    return state.ledger.plan(lease, planned("1"))[0]


def settle(state: State, lease: Lease, outcome: StepOutcome) -> LedgerRecord:
    state.ledger.begin(lease, {outcome.record_id: outcome.name}, "batch")
    return state.ledger.settle(lease, [outcome])[0]


def moved(state: State, lease: Lease, record: LedgerRecord) -> LedgerRecord:
    settle(state, lease, StepOutcome(record.id, "create", Result.DONE, f"d{record.source_id}"))
    return settle(state, lease, StepOutcome(record.id, "verify", Result.DONE))


def next_lease(state: State, lease: Lease) -> Lease:
    """End the run and give the lease of another between the same stores."""
    state.runs.finish(lease, RunState.DONE)
    return claimed(state)


def test_a_plan_is_given_back_in_its_order(state: State, lease: Lease) -> None:
    ids = [str(number) for number in reversed(range(250))]
    found = state.ledger.plan(lease, planned(*ids, "7"))
    assert [record.source_id for record in found] == [*ids, "7"]
    first = found[0]
    assert (first.state, first.attempt, first.run_id, first.label) == (
        RecordState.PLANNED,
        1,
        lease.run_id,
        "249@example.com",
    )
    assert (first.source_store, first.kind, first.destination_store) == BETWEEN
    assert [(step.name, step.state) for step in first.steps] == [
        ("create", StepState.PLANNED),
        ("verify", StepState.PLANNED),
    ]
    assert state.ledger.records(*BETWEEN, [*ids, "unknown"]) == {record.source_id: record for record in found}


def test_an_intent_is_kept_with_its_batch_and_time(state: State, lease: Lease, record: LedgerRecord) -> None:
    state.ledger.begin(lease, {record.id: "create"}, "crossdock_run_1", {record.id: "hash"})
    (step,) = list(state.ledger.open_steps(*BETWEEN))
    assert (step.step.name, step.step.batch, step.step.payload_hash) == ("create", "crossdock_run_1", "hash")
    assert step.step.started_at is not None
    assert step.step.started_at >= record.created_at
    assert step.record.state == RecordState.IN_FLIGHT
    assert list(state.ledger.open_steps(*BETWEEN, run_id=lease.run_id)) == [step]
    assert list(state.ledger.open_steps(*BETWEEN, run_id="other")) == []
    assert list(state.ledger.open_steps(DESTINATION, "customer", SOURCE)) == []


def test_a_record_is_done_with_its_last_step(state: State, lease: Lease, record: LedgerRecord) -> None:
    created = settle(state, lease, StepOutcome(record.id, "create", Result.DONE, "d1"))
    assert (created.state, created.destination_id, created.created_run_id) == (RecordState.CREATED, "d1", lease.run_id)
    assert created.next_step is not None
    assert created.next_step.name == "verify"
    assert list(state.ledger.links(*BETWEEN)) == []
    done = settle(state, lease, StepOutcome(record.id, "verify", Result.DONE))
    assert (done.state, done.next_step) == (RecordState.DONE, None)
    assert done.linked_at is not None
    (link,) = list(state.ledger.links(*BETWEEN))
    assert link == Link("1", "d1", LinkOrigin.LEDGER, f"{done.linked_at:%Y-%m-%dT%H:%M:%S}Z")
    assert list(state.ledger.open_steps(*BETWEEN)) == []
    assert state.ledger.records(*BETWEEN, ["1"])["1"] == done


def test_a_record_that_was_there_is_linked_and_not_ours(state: State, lease: Lease, record: LedgerRecord) -> None:
    linked = settle(state, lease, StepOutcome(record.id, "create", Result.LINKED, "d1"))
    assert (linked.state, linked.is_there, linked.created_run_id) == (RecordState.LINKED, True, "")
    assert [link.destination_id for link in state.ledger.links(*BETWEEN)] == ["d1"]
    assert list(state.ledger.created_by_run(lease.run_id)) == []
    with pytest.raises(StateError):
        state.ledger.mark_undone(lease, [record.id])


@pytest.mark.parametrize("is_linked", [False, True])
def test_what_is_there_is_never_planned_or_sent_again(
    state: State, lease: Lease, record: LedgerRecord, *, is_linked: bool
) -> None:
    there = (
        settle(state, lease, StepOutcome(record.id, "create", Result.LINKED, "d1"))
        if is_linked
        else moved(state, lease, record)
    )
    later = next_lease(state, lease)
    assert state.ledger.plan(later, [replace(planned("1")[0], label="changed")]) == [there]
    for name in ("create", "verify"):
        with pytest.raises(StateError) as caught:
            state.ledger.begin(later, {record.id: name}, "batch")
        assert caught.value.code == "ledger_out_of_step"
    assert state.ledger.settle(later, [StepOutcome(record.id, "create", Result.FAILED)]) == [there]
    assert state.ledger.records(*BETWEEN, ["1"]) == {"1": there}


def test_one_record_out_of_step_stops_its_whole_chunk(state: State, lease: Lease, record: LedgerRecord) -> None:
    moved(state, lease, record)
    (fresh,) = state.ledger.plan(lease, planned("2"))
    with pytest.raises(StateError):
        state.ledger.begin(lease, {fresh.id: "create", record.id: "create"}, "batch")
    assert state.ledger.records(*BETWEEN, ["2"])["2"] == fresh


def test_a_step_is_not_sent_before_its_turn(state: State, lease: Lease, record: LedgerRecord) -> None:
    for name in ("verify", "refund"):
        with pytest.raises(StateError):
            state.ledger.begin(lease, {record.id: name}, "batch")


def test_a_refused_record_is_planned_again_with_the_next_attempt(
    state: State, lease: Lease, record: LedgerRecord
) -> None:
    state.ledger.begin(lease, {record.id: "create"}, "batch")
    reason = Reason("phone_dropped", Level.WARNING, "The telephone was dropped.")
    outcome = StepOutcome(record.id, "create", Result.FAILED, "", (reason,), "rejected", "The store said “no”.")
    (failed,) = state.ledger.settle(lease, [outcome])
    assert (failed.state, failed.error_code, failed.error_message) == (
        RecordState.FAILED,
        "rejected",
        "The store said “no”.",
    )
    assert failed.reasons == (reason,)
    with pytest.raises(StateError):
        state.ledger.begin(lease, {record.id: "create"}, "batch")
    (again,) = state.ledger.plan(lease, planned("1"))
    assert (again.id, again.attempt, again.state, again.error_code, again.reasons) == (
        record.id,
        2,
        RecordState.PLANNED,
        "",
        (),
    )
    assert moved(state, lease, again).state == RecordState.DONE


def test_what_exists_cannot_fail_but_is_finished(state: State, lease: Lease, record: LedgerRecord) -> None:
    settle(state, lease, StepOutcome(record.id, "create", Result.DONE, "d1"))
    kept = settle(state, lease, StepOutcome(record.id, "verify", Result.FAILED))
    assert (kept.state, kept.destination_id) == (RecordState.CREATED, "d1")
    later = next_lease(state, lease)
    (again,) = state.ledger.plan(later, planned("1"))
    assert (again.attempt, again.destination_id, again.run_id) == (1, "d1", later.run_id)
    assert again.next_step is not None
    assert again.next_step.name == "verify"
    done = settle(state, later, StepOutcome(record.id, "verify", Result.DONE))
    assert (done.state, done.created_run_id) == (RecordState.DONE, lease.run_id)


def test_an_unknown_outcome_stays_open_until_it_is_found(state: State, lease: Lease, record: LedgerRecord) -> None:
    unknown = settle(state, lease, StepOutcome(record.id, "create", Result.UNKNOWN))
    assert unknown.state == RecordState.UNKNOWN
    later = next_lease(state, lease)
    (again,) = state.ledger.plan(later, planned("1"))
    assert (again.state, again.attempt) == (RecordState.UNKNOWN, 1)
    (open_step,) = list(state.ledger.open_steps(*BETWEEN))
    assert open_step.step.state == StepState.UNKNOWN
    (found,) = state.ledger.settle(later, [StepOutcome(record.id, "create", Result.DONE, "d1")])
    assert (found.state, found.created_run_id) == (RecordState.CREATED, later.run_id)


def test_a_step_that_was_not_sent_may_be_sent_again(state: State, lease: Lease, record: LedgerRecord) -> None:
    waiting = settle(state, lease, StepOutcome(record.id, "create", Result.NOT_SENT))
    assert (waiting.state, waiting.attempt) == (RecordState.PLANNED, 1)
    assert list(state.ledger.open_steps(*BETWEEN)) == []
    (again,) = state.ledger.plan(lease, [replace(planned("1")[0], steps=("create", "finish"))])
    assert [(step.name, step.state) for step in again.steps] == [
        ("create", StepState.PLANNED),
        ("finish", StepState.PLANNED),
    ]
    assert state.ledger.records(*BETWEEN, ["1"])["1"] == again
    settle(state, lease, StepOutcome(record.id, "create", Result.DONE, "d1"))
    assert settle(state, lease, StepOutcome(record.id, "finish", Result.NOT_SENT)).state == RecordState.CREATED


def test_an_outcome_without_an_id_makes_nothing(state: State, lease: Lease, record: LedgerRecord) -> None:
    state.ledger.begin(lease, {record.id: "create"}, "batch")
    with pytest.raises(StateError):
        state.ledger.settle(lease, [StepOutcome(record.id, "create", Result.DONE)])
    assert len(list(state.ledger.open_steps(*BETWEEN))) == 1


@pytest.mark.parametrize("is_linked", [False, True])
def test_what_was_deleted_since_is_planned_anew(
    state: State, lease: Lease, record: LedgerRecord, *, is_linked: bool
) -> None:
    if is_linked:
        settle(state, lease, StepOutcome(record.id, "create", Result.LINKED, "d1"))
    else:
        moved(state, lease, record)
    state.ledger.plan(lease, planned("2"))
    again, untouched = state.ledger.plan_gone(lease, ["1", "2", "unknown"])
    assert (again.state, again.attempt, again.destination_id, again.linked_at) == (RecordState.PLANNED, 2, "", None)
    assert [step.name for step in again.steps] == ["create", "verify"]
    assert untouched.attempt == 1
    assert list(state.ledger.links(*BETWEEN)) == []
    settle(state, lease, StepOutcome(record.id, "create", Result.DONE, "d1-again"))
    assert settle(state, lease, StepOutcome(record.id, "verify", Result.DONE)).destination_id == "d1-again"


def test_an_undo_finds_what_its_run_made_newest_first(state: State, lease: Lease) -> None:
    ids = [str(number) for number in range(230)]
    made = state.ledger.plan(lease, planned(*ids))
    linked, failed, *rest = made
    settle(state, lease, StepOutcome(linked.id, "create", Result.LINKED, "d"))
    settle(state, lease, StepOutcome(failed.id, "create", Result.FAILED))
    state.ledger.begin(lease, {one.id: "create" for one in rest}, "batch")
    state.ledger.settle(lease, [StepOutcome(one.id, "create", Result.DONE, f"d{one.id}") for one in rest])
    later = next_lease(state, lease)
    found: list[int] = []
    for one in state.ledger.created_by_run(lease.run_id):
        found.append(one.id)
        state.ledger.mark_undone(later, [one.id])
    assert set(found) == {one.id for one in rest}
    assert list(state.ledger.created_by_run(lease.run_id)) == []
    times = [one.written_at for one in state.ledger.records(*BETWEEN, ids).values() if one.id in found]
    assert found == [
        one for _, one in sorted(zip(times, sorted(found), strict=True), key=lambda both: both, reverse=True)
    ]
    (again,) = state.ledger.plan(later, planned(rest[0].source_id))
    assert (again.attempt, again.state) == (2, RecordState.PLANNED)


def test_undone_is_said_twice_without_harm(state: State, lease: Lease, record: LedgerRecord) -> None:
    moved(state, lease, record)
    undone = state.ledger.mark_undone(lease, [record.id])
    assert undone[0].state == RecordState.UNDONE
    assert state.ledger.mark_undone(lease, [record.id]) == undone
    assert list(state.ledger.links(*BETWEEN)) == []


def test_links_stream_in_pages(state: State, lease: Lease) -> None:
    made = state.ledger.plan(lease, planned(*(str(number) for number in range(2100))))
    state.ledger.settle(lease, [StepOutcome(one.id, "create", Result.LINKED, f"d{one.source_id}") for one in made])
    found = {link.source_id: link.destination_id for link in state.ledger.links(*BETWEEN)}
    assert found == {str(number): f"d{number}" for number in range(2100)}


def test_another_direction_is_another_ledger(state: State, lease: Lease, record: LedgerRecord) -> None:
    moved(state, lease, record)
    other = claimed(state, sync_spec("x.example.com", "y.example.com"))
    (fresh,) = state.ledger.plan(other, planned("1"))
    assert (fresh.id != record.id, fresh.state) == (True, RecordState.PLANNED)
    with pytest.raises(StateError) as caught:
        state.ledger.mark_undone(other, [record.id])
    assert caught.value.code == "ledger_record_missing"


def test_a_lost_lease_refuses_every_write(state: State, lease: Lease, record: LedgerRecord) -> None:
    moved(state, lease, record)
    (second,) = state.ledger.plan(lease, planned("2"))
    state.ledger.begin(lease, {second.id: "create"}, "batch")
    assert state.runs.claim(lease.run_id, "other", 60, owner_is_dead=True) is not None
    before = state.ledger.records(*BETWEEN, ["1", "2", "3"])
    writes: list[Callable[[], object]] = [
        lambda: state.ledger.plan(lease, planned("3")),
        lambda: state.ledger.plan_gone(lease, ["1"]),
        lambda: state.ledger.begin(lease, {second.id: "create"}, "again"),
        lambda: state.ledger.settle(lease, [StepOutcome(second.id, "create", Result.DONE, "d2")]),
        lambda: state.ledger.mark_undone(lease, [record.id]),
    ]
    for write in writes:
        with pytest.raises(LeaseLostError):
            write()
    assert state.ledger.records(*BETWEEN, ["1", "2", "3"]) == before


def test_hostile_text_is_kept_as_far_as_a_database_can(state: State, lease: Lease) -> None:
    hostile = "guest:\x00\ud800'; DROP TABLE runs; --<script>@example.com"
    (made,) = state.ledger.plan(lease, [PlannedRecord(hostile, hostile, hostile, ("create",))])
    assert state.ledger.plan(lease, [PlannedRecord(hostile, hostile, hostile, ("create",))])[0].id == made.id
    assert made.source_id == "guest:\ufffd\ufffd'; DROP TABLE runs; --<script>@example.com"


def test_plans_at_once_make_one_row_each(state: State, lease: Lease) -> None:
    ids = [str(number) for number in range(150)]
    orders = [ids, ids[::-1], ids[75:] + ids[:75], ids]
    barrier = threading.Barrier(len(orders))
    answers: list[dict[str, int]] = []

    def plan(order: list[str]) -> None:
        barrier.wait()
        answers.append({record.source_id: record.id for record in state.ledger.plan(lease, planned(*order))})

    threads = [threading.Thread(target=plan, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == len(orders)
    assert all(answer == answers[0] for answer in answers)
    assert len(set(answers[0].values())) == 150
    assert {len(record.steps) for record in state.ledger.records(*BETWEEN, ids).values()} == {2}


def test_a_record_keeps_what_it_was_planned_with_until_it_is_planned_anew(state: State, lease: Lease) -> None:
    (first,) = state.ledger.plan(
        lease, [replace(planned("1")[0], resolution={"name": "#1001", "variants": {"A": "v"}})]
    )
    settle(state, lease, StepOutcome(first.id, "create", Result.DONE, "d1"))
    (begun,) = state.ledger.plan(lease, [replace(planned("1")[0], resolution={"name": "#other"})])
    assert begun.resolution == {"name": "#1001", "variants": {"A": "v"}}
    state.ledger.plan_gone(lease, ["1"])
    (anew,) = state.ledger.plan(lease, [replace(planned("1")[0], resolution={"name": "#other"})])
    assert (anew.resolution, anew.figures) == ({"name": "#other"}, None)


def test_figures_are_kept_from_the_step_that_read_them(state: State, lease: Lease, record: LedgerRecord) -> None:
    figures = {"source": {"currency": "EUR", "gross": "1.00"}, "destination": {"currency": "EUR", "gross": "1.01"}}
    settle(state, lease, StepOutcome(record.id, "create", Result.DONE, "d1"))
    settle(state, lease, StepOutcome(record.id, "verify", Result.DONE, figures=figures))
    assert [one.figures for one in state.ledger.created_by_run(lease.run_id)] == [figures]


def test_a_run_plans_records_of_another_kind_beside_its_own(state: State, lease: Lease, record: LedgerRecord) -> None:
    (brought,) = state.ledger.plan(lease, planned("1"), kind="order")
    assert brought.id != record.id
    settle(state, lease, StepOutcome(brought.id, "create", Result.DONE, "o1"))
    settle(state, lease, StepOutcome(record.id, "create", Result.DONE, "c1"))
    assert [one.kind for one in state.ledger.created_by_run(lease.run_id, kind="order")] == ["order"]
    assert len(list(state.ledger.created_by_run(lease.run_id))) == 2
    state.ledger.plan_gone(lease, ["1"], kind="order")
    assert state.ledger.records(*BETWEEN, ["1"])["1"].destination_id == "c1"
    assert state.ledger.records(SOURCE, "order", DESTINATION, ["1"])["1"].destination_id == ""


def test_resolutions_come_in_the_order_of_planning_however_late_a_record_was_written(
    state: State, lease: Lease
) -> None:
    wanted = [replace(record, resolution={"n": n}) for n, record in enumerate(planned("1", "2", "3"))]
    made = state.ledger.plan(lease, wanted)
    for record in (made[2], made[0]):
        settle(state, lease, StepOutcome(record.id, "create", Result.DONE, f"d{record.source_id}"))
    assert list(state.ledger.resolutions(lease.run_id, kind="customer")) == [{"n": 0}, {"n": 2}]
