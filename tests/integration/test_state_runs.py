"""Runs: holds on stores, leases and fences, pausing and ending, on both databases."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from crossdock.domain.errors import InvalidRequestError, LeaseLostError, NotFoundError, StoreBusyError
from crossdock.state import (
    Control,
    Idempotency,
    Lease,
    RunFilter,
    RunSpec,
    RunState,
    State,
    WorkItem,
    WorkOutcome,
    WorkResult,
)
from crossdock.state.run_rows import runs
from tests.support.state import claimed, compare_spec, sync_spec

pytest_plugins = ("tests.support.state_fixtures",)


def at_once(count: int, work: Callable[[int], object]) -> list[object]:
    """Call `work` from several threads that start together; an exception is an answer."""
    barrier = threading.Barrier(count)
    answers: list[object] = [None] * count

    def one(number: int) -> None:
        barrier.wait()
        try:
            answers[number] = work(number)
        except (StoreBusyError, InvalidRequestError, LeaseLostError) as error:
            answers[number] = error

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_a_run_is_kept_as_it_was_asked_for(state: State) -> None:
    spec = replace(sync_spec(), request={"options": {"tags": ["a"]}, "name": "zero \x00 byte"}, parent_run_id="p")
    created = state.runs.create(spec)
    run = state.runs.get(created.run.id)
    assert created.is_new
    assert run == created.run
    assert (run.state, run.control, run.fence, run.owner, run.phase) == (RunState.QUEUED, Control.NONE, 0, "", "")
    assert run.request == spec.request
    assert run.parent_run_id == "p"
    assert run.created_at.utcoffset() is not None
    assert (run.started_at, run.ended_at, run.lease_until) == (None, None, None)


def test_an_unknown_run_is_not_found(state: State) -> None:
    with pytest.raises(NotFoundError):
        state.runs.get("none")
    with pytest.raises(NotFoundError):
        state.runs.claim("none", "worker", 60)


def test_runs_are_listed_newest_first_and_filtered(state: State) -> None:
    ids = [state.runs.create(compare_spec(pair_source, "d.example.com")).run.id for pair_source in "abc"]
    other = state.runs.create(replace(compare_spec("x", "y"), pair="second")).run.id
    assert [run.id for run in state.runs.find()] == [other, *reversed(ids)]
    assert [run.id for run in state.runs.find(RunFilter(pair="default"), limit=2)] == [ids[2], ids[1]]
    assert [run.id for run in state.runs.find(RunFilter(pair="default"), limit=2, offset=2)] == [ids[0]]
    assert state.runs.count(RunFilter(pair="default", type="compare", kind="customer", state="queued")) == 3
    assert state.runs.count(RunFilter(type="sync")) == 0


@pytest.mark.parametrize(
    ("first", "second", "excluded"),
    [
        (sync_spec("a", "b"), sync_spec("c", "b"), True),
        (sync_spec("a", "b"), sync_spec("b", "a"), True),
        (sync_spec("a", "b"), sync_spec("a", "c"), False),
        (sync_spec("a", "b"), compare_spec("b", "c"), True),
        (sync_spec("a", "b"), compare_spec("a", "c"), False),
        (compare_spec("a", "b"), sync_spec("a", "b"), True),
        (compare_spec("a", "b"), sync_spec("b", "c"), False),
        (compare_spec("a", "b"), compare_spec("b", "a"), False),
    ],
)
def test_who_excludes_whom(state: State, first: RunSpec, second: RunSpec, *, excluded: bool) -> None:
    holder = state.runs.create(first).run
    if not excluded:
        assert state.runs.create(second).is_new
        return
    with pytest.raises(StoreBusyError) as caught:
        state.runs.create(second)
    assert caught.value.run_id == holder.id
    assert state.runs.count() == 1


def test_of_runs_created_at_once_one_gets_the_destination(state: State) -> None:
    answers = at_once(6, lambda number: state.runs.create(sync_spec(f"s{number}")))
    assert sum(isinstance(answer, StoreBusyError) for answer in answers) == 5
    assert state.runs.count() == 1


@pytest.mark.parametrize("end", [RunState.DONE, RunState.FAILED, RunState.CANCELLED])
def test_an_ended_run_gives_its_stores_free(state: State, end: RunState) -> None:
    lease = claimed(state)
    state.runs.set_summary(lease, {"moved": 1})
    state.runs.finish(lease, end, error_code="code", error_message="Message.")
    run = state.runs.get(lease.run_id)
    assert (run.state, run.error_code, run.error_message, run.summary) == (end, "code", "Message.", {"moved": 1})
    assert run.ended_at is not None
    assert state.runs.claim(run.id, "other", 60) is None
    assert state.runs.create(sync_spec()).is_new


def test_the_same_idempotency_key_gives_the_same_run(state: State) -> None:
    spec = replace(sync_spec(), idempotency=Idempotency.of("key", b"{}"))
    first = state.runs.create(spec)
    second = state.runs.create(spec)
    assert (second.run, second.is_new) == (first.run, False)
    with pytest.raises(InvalidRequestError) as caught:
        state.runs.create(replace(sync_spec("x", "y"), idempotency=Idempotency.of("key", b"[]")))
    assert (caught.value.code, caught.value.field) == ("idempotency_key_reused", "Idempotency-Key")


def test_equal_requests_at_once_make_one_run(state: State) -> None:
    spec = replace(sync_spec(), idempotency=Idempotency.of("key", b"{}"))
    answers = at_once(6, lambda _: state.runs.create(spec).run.id)
    assert len(set(answers)) == 1
    assert state.runs.count() == 1


def test_a_live_lease_excludes_other_workers(state: State) -> None:
    lease = claimed(state)
    assert state.runs.claim(lease.run_id, "other", 60) is None
    run = state.runs.get(lease.run_id)
    assert (run.state, run.owner, run.fence) == (RunState.RUNNING, "worker", 1)
    assert run.lease_until is not None
    assert run.started_at is not None
    assert 59 < (run.lease_until - run.started_at).total_seconds() <= 60


def test_of_workers_that_claim_at_once_one_wins(state: State) -> None:
    run = state.runs.create(sync_spec()).run
    answers = at_once(6, lambda number: state.runs.claim(run.id, f"w{number}", 60))
    assert Counter(type(answer) for answer in answers) == {Lease: 1, type(None): 5}


def test_an_ended_lease_can_be_taken_over_once_its_writes_have_settled(state: State) -> None:
    run = state.runs.create(sync_spec()).run
    state.runs.claim(run.id, "first", 0)
    assert state.runs.claim(run.id, "second", 60, settle_seconds=60) is None
    assert state.runs.claim(run.id, "second", 60) == Lease(run.id, 2)


def test_a_dead_owners_live_lease_can_be_taken_over(state: State) -> None:
    first = claimed(state)
    assert state.runs.claim(first.run_id, "second", 60, owner_is_dead=True) == Lease(first.run_id, 2)


def test_a_lost_lease_refuses_every_write(state: State) -> None:
    lost = claimed(state)
    state.worklist.add(lost, [WorkItem("1")])
    kept = state.runs.claim(lost.run_id, "second", 60, owner_is_dead=True)
    assert kept is not None
    writes: list[Callable[[], object]] = [
        lambda: state.runs.renew(lost, 60),
        lambda: state.runs.set_phase(lost, "late"),
        lambda: state.runs.set_summary(lost, {"late": True}),
        lambda: state.runs.finish(lost, RunState.DONE),
        lambda: state.runs.pause(lost),
        lambda: state.runs.interrupt(lost),
        lambda: state.worklist.add(lost, [WorkItem("2"), WorkItem("3")]),
        lambda: state.worklist.set_results(lost, [WorkResult(0, WorkOutcome.SUCCEEDED)]),
        lambda: state.worklist.skip_pending(lost, "late", "Late."),
    ]
    before = state.runs.get(lost.run_id)
    for write in writes:
        with pytest.raises(LeaseLostError):
            write()
    assert state.runs.get(lost.run_id) == before
    assert [row.outcome for row in state.worklist.page(lost.run_id)] == [WorkOutcome.PENDING]
    state.runs.set_phase(kept, "on")
    assert state.runs.get(lost.run_id).phase == "on"


def test_renewing_moves_the_end_and_tells_what_is_asked(state: State) -> None:
    lease = claimed(state)
    before = state.runs.get(lease.run_id).lease_until
    assert state.runs.renew(lease, 600) == Control.NONE
    state.runs.request_control(lease.run_id, Control.PAUSE)
    assert state.runs.renew(lease, 600) == Control.PAUSE
    after = state.runs.get(lease.run_id).lease_until
    assert before is not None
    assert after is not None
    assert (after - before).total_seconds() > 500


def test_a_paused_run_gives_its_stores_free_and_takes_them_again(state: State) -> None:
    lease = claimed(state)
    state.runs.request_control(lease.run_id, Control.PAUSE)
    state.runs.pause(lease)
    paused = state.runs.get(lease.run_id)
    assert (paused.state, paused.control, paused.owner) == (RunState.PAUSED, Control.NONE, "")
    assert state.runs.claim(lease.run_id, "other", 60) is None
    other = claimed(state)
    with pytest.raises(StoreBusyError):
        state.runs.requeue(lease.run_id)
    assert state.runs.get(lease.run_id) == paused
    state.runs.finish(other, RunState.DONE)
    assert state.runs.requeue(lease.run_id).state == RunState.QUEUED
    with pytest.raises(StoreBusyError):
        state.runs.create(sync_spec())
    with pytest.raises(LeaseLostError):
        state.runs.set_phase(lease, "late")
    assert state.runs.claim(lease.run_id, "worker", 60) is not None


def test_a_paused_run_can_be_claimed_to_be_cancelled(state: State) -> None:
    lease = claimed(state)
    state.runs.request_control(lease.run_id, Control.PAUSE)
    assert state.runs.pause(lease)
    state.runs.request_control(lease.run_id, Control.CANCEL)
    again = state.runs.claim(lease.run_id, "worker", 60)
    assert again is not None
    state.runs.finish(again, RunState.CANCELLED)
    assert state.runs.get(lease.run_id).state == RunState.CANCELLED


def test_a_cancel_is_final_until_the_run_is_resumed(state: State) -> None:
    lease = claimed(state)
    state.runs.request_control(lease.run_id, Control.CANCEL)
    for weaker in (Control.PAUSE, Control.NONE):
        assert state.runs.request_control(lease.run_id, weaker).control == Control.CANCEL
    assert not state.runs.pause(lease)
    run = state.runs.get(lease.run_id)
    assert (run.state, run.control) == (RunState.RUNNING, Control.CANCEL)


def test_a_pause_that_was_taken_back_is_not_carried_out(state: State) -> None:
    lease = claimed(state)
    state.runs.request_control(lease.run_id, Control.PAUSE)
    assert state.runs.resume(lease.run_id).control == Control.NONE
    assert not state.runs.pause(lease)
    assert state.runs.get(lease.run_id).state == RunState.RUNNING


def test_resuming_queues_a_paused_run_and_leaves_a_cancelled_one_to_its_end(state: State) -> None:
    lease = claimed(state)
    state.runs.request_control(lease.run_id, Control.PAUSE)
    state.runs.pause(lease)
    assert state.runs.resume(lease.run_id).state == RunState.QUEUED
    again = state.runs.claim(lease.run_id, "worker", 60)
    assert again is not None
    state.runs.request_control(lease.run_id, Control.CANCEL)
    assert state.runs.resume(lease.run_id).control == Control.CANCEL


def test_an_ended_run_takes_no_wishes_and_is_not_resumed(state: State) -> None:
    lease = claimed(state)
    state.runs.finish(lease, RunState.DONE)
    for refused in (
        lambda: state.runs.request_control(lease.run_id, Control.CANCEL),
        lambda: state.runs.requeue(lease.run_id),
    ):
        with pytest.raises(InvalidRequestError):
            refused()


def test_a_failed_run_can_be_resumed_and_is_clean_then(state: State) -> None:
    lease = claimed(state)
    state.runs.finish(lease, RunState.FAILED, error_code="auth", error_message="Refused.")
    run = state.runs.requeue(lease.run_id)
    assert (run.state, run.error_code, run.error_message, run.ended_at) == (RunState.QUEUED, "", "", None)


def test_an_interrupted_run_keeps_its_stores_and_waits_for_a_worker(state: State) -> None:
    lease = claimed(state)
    state.runs.interrupt(lease)
    with pytest.raises(StoreBusyError):
        state.runs.create(sync_spec())
    assert [run.state for run in state.runs.unfinished()] == [RunState.INTERRUPTED]
    assert state.runs.claim(lease.run_id, "worker", 60) is not None


@pytest.mark.parametrize("leave", ["interrupt", "requeue"])
def test_a_run_that_nobody_holds_tells_when_it_was_left_or_resumed(state: State, leave: str) -> None:
    lease = claimed(state)
    with state.database.read() as connection:
        before = state.database.now(connection)
    if leave == "interrupt":
        state.runs.interrupt(lease)
    else:
        state.runs.request_control(lease.run_id, Control.PAUSE)
        state.runs.pause(lease)
        state.runs.requeue(lease.run_id)
    run = state.runs.get(lease.run_id)
    with state.database.read() as connection:
        after = state.database.now(connection)
    assert run.owner == ""
    assert run.lease_until is not None
    assert before <= run.lease_until <= after


def test_a_lease_from_before_the_clock_was_set_back_ends_in_time(state: State) -> None:
    run = state.runs.create(sync_spec()).run
    a_day = 24 * 3600
    lease = state.runs.claim(run.id, "dead", a_day)
    assert lease is not None
    # The worker leases for a minute; the clock was a day ahead when it did.
    with state.database.write() as connection:
        connection.execute(update(runs).values(lease_seconds=60))
    with state.database.read() as connection:
        latest = state.database.now(connection) + timedelta(seconds=600)
    assert state.runs.claim(run.id, "next", 60, settle_seconds=60) is None
    cut = state.runs.get(run.id)
    assert cut.lease_until is not None
    assert cut.lease_until < latest
    assert (cut.owner, cut.fence) == ("dead", lease.fence)
    state.runs.renew(lease, 60)
    assert state.runs.get(run.id).owner == "dead"


def test_a_longer_lease_than_the_next_worker_s_own_is_left_to_its_owner(state: State) -> None:
    run = state.runs.create(sync_spec()).run
    lease = state.runs.claim(run.id, "patient", 600)
    assert lease is not None
    before = state.runs.get(run.id).lease_until
    assert state.runs.claim(run.id, "hasty", 6, settle_seconds=1) is None
    assert state.runs.get(run.id).lease_until == before


def test_the_end_must_be_one(state: State) -> None:
    lease = claimed(state)
    with pytest.raises(ValueError, match="paused"):
        state.runs.finish(lease, RunState.PAUSED)
