"""What is chosen of a comparison: kept by the server whatever page is shown, and taken by a sync as it stood."""

from typing import NamedTuple

import pytest

from crossdock.domain.difference import Group
from crossdock.domain.errors import InvalidRequestError
from crossdock.jobs.requests import SelectAll, SyncRequest
from crossdock.jobs.selections import Chosen, SelectionService
from crossdock.state import RunState
from tests.api.conftest import Api

MISSING = Group.ONLY_IN_SOURCE


class Compared(NamedTuple):
    """A finished comparison, its missing records, and a filter that leaves the later half of them."""

    chosen: SelectionService
    run_id: str
    ids: list[str]
    where: dict[str, object]


@pytest.fixture
async def compared(api: Api) -> Compared:
    body = await api.compare()
    rows = sorted(body["differences"], key=lambda row: row["createdAt"])
    return Compared(
        api.services.selections,
        body["runId"],
        [row["sourceCustomerId"] for row in rows],
        {"createdAfter": rows[len(rows) // 2]["createdAt"], "hasName": ""},
    )


async def test_single_rows_are_chosen_and_dropped(compared: Compared) -> None:
    chosen, run_id, ids, _ = compared
    await chosen.choose(run_id, MISSING, [*ids[:3], "no such row", ""])
    await chosen.choose(run_id, MISSING, ids[:1], is_chosen=False)
    assert await chosen.read(run_id, MISSING) == Chosen(2)
    assert await chosen.chosen_among(run_id, MISSING, ids) == frozenset(ids[1:3])
    await chosen.clear(run_id, MISSING)
    assert await chosen.read(run_id, MISSING) == Chosen(0)


async def test_all_of_a_filter_with_exceptions_both_ways(compared: Compared) -> None:
    chosen, run_id, ids, where = compared
    await chosen.choose_all(run_id, MISSING, where=where)
    matching = await chosen.chosen_among(run_id, MISSING, ids)
    others = [one for one in ids if one not in matching]
    assert matching
    assert others
    await chosen.choose(run_id, MISSING, [others[0], *matching])
    await chosen.choose(run_id, MISSING, [min(matching)], is_chosen=False)
    kept = await chosen.read(run_id, MISSING)
    assert (kept.count, kept.is_filtered, kept.where) == (len(matching), True, {"createdAfter": where["createdAfter"]})
    wanted = await chosen.wanted(run_id, MISSING)
    assert isinstance(wanted, SelectAll)
    assert (wanted.except_ids, [item.source_id for item in wanted.also]) == ((min(matching),), [others[0]])


async def test_a_sync_takes_the_selection_as_it_stood(api: Api, compared: Compared) -> None:
    chosen, run_id, ids, where = compared
    await chosen.choose_all(run_id, MISSING, where=where)
    others = set(ids) - await chosen.chosen_among(run_id, MISSING, ids)
    await chosen.choose(run_id, MISSING, [min(others)])
    expected = await chosen.chosen_among(run_id, MISSING, ids)
    request = SyncRequest("customer", "woocommerce", await chosen.wanted(run_id, MISSING), is_dry_run=True)
    run = await api.services.runs.start_sync(request)
    await chosen.clear(run_id, MISSING)
    assert (await api.services.runs.wait(run.id)).state is RunState.DONE
    rows, total = await api.services.runs.results(run.id)
    assert ({row.source_id for row in rows}, total) == (expected, len(expected))


async def test_of_a_report_nothing_is_chosen(compared: Compared) -> None:
    chosen, run_id, ids, _ = compared
    for act in (chosen.choose(run_id, Group.DUPLICATES, ids), chosen.choose_all(run_id, Group.DUPLICATES)):
        with pytest.raises(InvalidRequestError):
            await act
