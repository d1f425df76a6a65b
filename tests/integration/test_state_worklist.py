"""The worklist: order, outcomes, figures, failures and what a cancel leaves, on both databases."""

import pytest

from crossdock.domain.plan import Level, Reason
from crossdock.state import FailureGroup, Lease, State, WorkCounts, WorkItem, WorkOutcome, WorkResult
from tests.support.state import claimed

pytest_plugins = ("tests.support.state_fixtures",)

WARNING = Reason("phone_dropped", Level.WARNING, "Created without the telephone.")


@pytest.fixture
def lease(state: State) -> Lease:
    return claimed(state)


def items(count: int) -> list[WorkItem]:
    return [WorkItem(str(number), f"label {number}", f"{number}@example.com") for number in range(count)]


def test_the_list_keeps_its_order_and_entering_it_again_changes_nothing(state: State, lease: Lease) -> None:
    state.worklist.add(lease, items(2500)[:1700])
    state.worklist.set_results(lease, [WorkResult(0, WorkOutcome.SUCCEEDED, "d0")])
    assert state.worklist.add(lease, iter(items(2500))) == 2500
    rows = list(state.worklist.stream(lease.run_id))
    assert [row.source_id for row in rows] == [str(number) for number in range(2500)]
    assert [row.position for row in rows] == list(range(2500))
    assert (rows[0].outcome, rows[0].destination_id) == (WorkOutcome.SUCCEEDED, "d0")
    assert [row.position for row in state.worklist.next_pending(lease.run_id, 3)] == [1, 2, 3]
    assert [row.position for row in state.worklist.next_pending(lease.run_id, 3, after=7)] == [8, 9, 10]
    assert [row.position for row in state.worklist.page(lease.run_id, offset=1000, limit=2)] == [1000, 1001]


def test_outcomes_are_counted_and_given_back(state: State, lease: Lease) -> None:
    state.worklist.add(lease, items(5))
    state.worklist.set_results(
        lease,
        [
            WorkResult(0, WorkOutcome.SUCCEEDED, "d0", warnings=(WARNING,)),
            WorkResult(1, WorkOutcome.ALREADY_THERE, "d1", payload={"email": "1@example.com"}),
            WorkResult(2, WorkOutcome.FAILED, code="refused", error="The store said \x00 “no”."),
        ],
    )
    assert state.worklist.counts(lease.run_id) == WorkCounts(total=5, pending=2, succeeded=2, failed=1, already_there=1)
    first, second, third = state.worklist.page(lease.run_id, limit=3)
    assert (first.warnings, first.is_success) == ((WARNING,), True)
    assert second.is_success
    assert (first.payload, second.payload) == (None, {"email": "1@example.com"})
    assert (third.is_success, third.code, third.error) == (False, "refused", "The store said \ufffd “no”.")
    assert third.expected == "2@example.com"
    assert list(state.worklist.stream(lease.run_id, outcome=WorkOutcome.FAILED)) == [third]
    assert state.worklist.page(lease.run_id, outcome=WorkOutcome.FAILED) == [third]


def test_an_empty_list_counts_nothing(state: State, lease: Lease) -> None:
    assert state.worklist.add(lease, []) == 0
    state.worklist.set_results(lease, [])
    assert state.worklist.counts(lease.run_id) == WorkCounts()
    assert list(state.worklist.stream(lease.run_id)) == []


def test_failures_are_grouped_by_code_with_the_first_sentence(state: State, lease: Lease) -> None:
    state.worklist.add(lease, items(6))
    codes = ["rare", "often", "often", "often", "rare"]
    state.worklist.set_results(
        lease,
        [
            WorkResult(number, WorkOutcome.FAILED, code=code, error=f"Sentence {number}.")
            for number, code in enumerate(codes)
        ],
    )
    assert state.worklist.failures(lease.run_id) == [
        FailureGroup("often", 3, "Sentence 1."),
        FailureGroup("rare", 2, "Sentence 0."),
    ]
    rare = [row.position for row in state.worklist.stream(lease.run_id, code="rare")]
    assert rare == [row.position for row in state.worklist.page(lease.run_id, code="rare")] == [0, 4]
    assert [row.position for row in state.worklist.page(lease.run_id, code="often", offset=1, limit=1)] == [2]


def test_what_a_cancel_leaves_is_failed_and_nothing_else_is(state: State, lease: Lease) -> None:
    state.worklist.add(lease, items(1203))
    done = WorkResult(1, WorkOutcome.SUCCEEDED, "d1")
    state.worklist.set_results(lease, [done])
    assert state.worklist.skip_pending(lease, "not_attempted", "Cancelled before its turn.") == 1202
    assert state.worklist.counts(lease.run_id) == WorkCounts(total=1203, succeeded=1, failed=1202)
    assert state.worklist.failures(lease.run_id) == [FailureGroup("not_attempted", 1202, "Cancelled before its turn.")]


def test_the_lists_of_two_runs_are_two(state: State, lease: Lease) -> None:
    state.worklist.add(lease, items(2))
    assert state.worklist.counts("another") == WorkCounts()
