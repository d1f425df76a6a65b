"""Events: numbers without gaps, also from several threads, on both databases."""

import threading

from crossdock.state import State
from tests.support.state import claimed

pytest_plugins = ("tests.support.state_fixtures",)


def test_a_reader_goes_on_where_it_stopped(state: State) -> None:
    run_id = claimed(state).run_id
    assert [state.events.append(run_id, "progress", {"read": number}) for number in range(3)] == [1, 2, 3]
    first, second = state.events.since(run_id, limit=2)
    assert (first.seq, first.type, first.data) == (1, "progress", {"read": 0})
    assert first.at <= second.at
    assert [event.seq for event in state.events.since(run_id, second.seq)] == [3]
    assert state.events.since(run_id, 3) == []
    assert state.events.since("another") == []


def test_numbers_have_no_gaps_whoever_writes(state: State) -> None:
    run_id = claimed(state).run_id
    barrier = threading.Barrier(4)

    def write() -> None:
        barrier.wait()
        for number in range(15):
            state.events.append(run_id, "progress", {"number": number})

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.seq for event in state.events.since(run_id)] == list(range(1, 61))
