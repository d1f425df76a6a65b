"""Selections and their marks, on both databases."""

import pytest

from crossdock.domain.errors import InvalidRequestError
from crossdock.state import RunSpec, RunType, State
from crossdock.state.selections import MAX_MARKS, Selection

pytest_plugins = ("tests.support.state_fixtures",)

LIST = "onlyInSource"


@pytest.fixture
def run_id(state: State) -> str:
    spec = RunSpec(RunType.COMPARE, "order", "default", "woocommerce", "one.example.com", "two.example.com")
    return state.runs.create(spec).run.id


def test_nothing_is_chosen_at_first(state: State, run_id: str) -> None:
    assert state.selections.get(run_id, LIST) == Selection()
    assert state.selections.marks(run_id, LIST, ["1"]) == {}


def test_rows_are_marked_and_unmarked_one_by_one(state: State, run_id: str) -> None:
    state.selections.mark(run_id, LIST, {"2": "#1002", "1": "#1001", "3": "nul\x00"}, is_chosen=True)
    state.selections.mark(run_id, LIST, {"3": "#1003"}, is_chosen=False)
    state.selections.unmark(run_id, LIST, ["2", "missing"])
    assert state.selections.marks(run_id, LIST, ["1", "2", "3"]) == {"1": True, "3": False}
    assert state.selections.marked(run_id, LIST, is_chosen=True) == {"1": "#1001"}
    assert state.selections.get(run_id, LIST) == Selection(added=1, left_out=1)


def test_a_filter_replaces_what_was_chosen(state: State, run_id: str) -> None:
    state.selections.mark(run_id, LIST, {"1": "#1001"}, is_chosen=True)
    state.selections.replace(run_id, LIST, is_all=True, where={"status": "paid"}, search="é\x00")
    assert state.selections.get(run_id, LIST) == Selection(is_all=True, where={"status": "paid"}, search="é\ufffd")
    state.selections.replace(run_id, LIST, is_all=False)
    assert state.selections.get(run_id, LIST) == Selection()


def test_each_list_has_a_selection_of_its_own(state: State, run_id: str) -> None:
    state.selections.mark(run_id, LIST, {"1": "#1001"}, is_chosen=True)
    state.selections.replace(run_id, "suspectMatches", is_all=True)
    assert state.selections.get(run_id, LIST).added == 1
    assert state.selections.get(run_id, "suspectMatches").is_all


def test_too_many_marks_are_refused_whole(state: State, run_id: str) -> None:
    state.selections.mark(run_id, LIST, {str(number): "" for number in range(MAX_MARKS)}, is_chosen=True)
    with pytest.raises(InvalidRequestError) as refused:
        state.selections.mark(run_id, LIST, {"one more": ""}, is_chosen=True)
    assert refused.value.code == "selection_too_long"
    assert state.selections.get(run_id, LIST).added == MAX_MARKS
