"""Mutes and their holders, on both databases."""

import threading

import pytest

from crossdock.state import State
from tests.support.state import Place

pytest_plugins = ("tests.support.state_fixtures",)

STORE, SETTING = "shop.example.com", "customer_new_account"


def join(state: State, holder: str, original: str = "yes") -> tuple[str, ...]:
    mute = state.mutes.join(STORE, SETTING, holder=holder, original_value=original, muted_value="no")
    return mute.holders


def test_the_first_holder_s_value_is_kept(state: State) -> None:
    assert state.mutes.get(STORE, SETTING) is None
    assert join(state, "a") == ("a",)
    assert join(state, "b", original="no") == ("a", "b")
    assert join(state, "b", original="no") == ("a", "b")
    mute = state.mutes.get(STORE, SETTING)
    assert mute is not None
    assert (mute.original_value, mute.muted_value, mute.since.utcoffset() is not None) == ("yes", "no", True)


def test_only_the_last_holder_is_told_to_restore(state: State) -> None:
    join(state, "a")
    join(state, "b")
    assert state.mutes.leave(STORE, SETTING, holder="a") is None
    waiting = state.mutes.leave(STORE, SETTING, holder="b")
    assert waiting is not None
    assert (waiting.holders, waiting.original_value) == ((), "yes")
    assert state.mutes.leave(STORE, SETTING, holder="b") == waiting
    state.mutes.forget(STORE, SETTING)
    assert state.mutes.get(STORE, SETTING) is None
    assert state.mutes.leave(STORE, SETTING, holder="b") is None


def test_who_joins_while_it_is_restored_keeps_the_row(state: State) -> None:
    join(state, "a")
    state.mutes.leave(STORE, SETTING, holder="a")
    assert join(state, "b", original="no") == ("b",)
    state.mutes.forget(STORE, SETTING)
    mute = state.mutes.get(STORE, SETTING)
    assert mute is not None
    assert (mute.original_value, mute.holders) == ("yes", ("b",))


def test_settings_of_stores_are_apart(state: State) -> None:
    join(state, "a")
    other = state.mutes.join(STORE, "another", holder="a", original_value="1", muted_value="0")
    assert [(mute.setting, mute.holders) for mute in state.mutes.held()] == [("another", ("a",)), (SETTING, ("a",))]
    state.mutes.leave(STORE, SETTING, holder="a")
    state.mutes.forget(STORE, SETTING)
    assert state.mutes.held() == [other]


def test_a_mute_outlives_the_process(place: Place) -> None:
    first = place.open()
    join(first, "a")
    first.close()
    again = place.open()
    try:
        assert [mute.holders for mute in again.mutes.held()] == [("a",)]
    finally:
        again.close()


@pytest.mark.parametrize("count", [8])
def test_of_holders_that_leave_at_once_one_restores(state: State, count: int) -> None:
    for number in range(count):
        join(state, f"holder {number}")
    barrier = threading.Barrier(count)
    told: list[bool] = []

    def leave(number: int) -> None:
        barrier.wait()
        told.append(state.mutes.leave(STORE, SETTING, holder=f"holder {number}") is not None)

    threads = [threading.Thread(target=leave, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [False] * (count - 1) + [True]
