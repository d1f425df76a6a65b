"""Ids of runs."""

import threading
import uuid

from crossdock.state.identifiers import new_id


def test_ids_sort_by_the_time_at_which_they_were_made() -> None:
    ids = [new_id() for _ in range(5000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 5000


def test_ids_are_uuids_of_version_7() -> None:
    parsed = uuid.UUID(new_id())
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)


def test_threads_share_no_id() -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.extend(new_id() for _ in range(1000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 4000
