"""What would be lost is counted over everything that is chosen, and the count stands in nobody's way."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossdock.domain.errors import StoreBusyError
from crossdock.jobs.requests import SelectAll, SelectedItem, SyncRequest, dump_sync
from crossdock.state import Run, RunSpec, RunState, RunType
from tests.support.sync_desk import Desk, Premises, open_premises


@pytest.fixture
def premises(tmp_path: Path) -> Iterator[Premises]:
    with open_premises(tmp_path / "data") as opened:
        yield opened


async def _count(desk: Desk, selection: tuple[SelectedItem, ...] | SelectAll) -> Run:
    return await desk.services.runs.start_sync(SyncRequest("customer", "woocommerce", selection, counts_only=True))


def _waiting(desk: Desk, compared: Run, *, counts_only: bool) -> Run:
    """Enter a dry run that nobody works on yet."""
    chosen = SyncRequest("customer", "woocommerce", SelectAll(compared.id), is_dry_run=True, counts_only=counts_only)
    stores = compared.source_store, compared.destination_store
    spec = RunSpec(RunType.SYNC, "customer", compared.pair, "woocommerce", *stores, dump_sync(chosen))
    return desk.services.state.runs.create(spec).run


async def test_a_count_has_the_sums_of_a_dry_run_and_no_rows(premises: Premises) -> None:
    async with premises.open() as desk:
        compared = await desk.compare("woocommerce")
        before = desk.pair.shopify.state()["customers"]
        shown = await desk.sync("woocommerce", SelectAll(compared.id), is_dry_run=True)
        counted = await desk.ended(await _count(desk, SelectAll(compared.id)))
        assert counted.state is RunState.DONE
        assert counted.summary["total"] == shown.summary["total"] > 0
        assert {**counted.summary, "failures": []} == {**shown.summary, "failures": []}
        causes = {group.code: group.count for group in await desk.services.runs.failures(shown.id)}
        assert {one["code"]: one["count"] for one in counted.summary["failures"]} == causes
        assert await desk.rows(counted) == []
        assert desk.pair.shopify.state()["customers"] == before


async def test_more_than_one_request_asks_for_are_counted_whole(premises: Premises) -> None:
    async with premises.open() as desk:
        nobody = tuple(SelectedItem(str(900_000 + number), "nobody@example.org") for number in range(250))
        counted = await desk.ended(await _count(desk, nobody))
        assert (counted.summary["total"], counted.summary["failed"]) == (250, 250)
        assert [(one["code"], one["count"]) for one in counted.summary["failures"]] == [("source_not_found", 250)]


async def test_a_count_gives_way_to_a_sync_and_a_dry_run_does_not(premises: Premises) -> None:
    async with premises.open() as desk:
        compared = await desk.compare("woocommerce")
        count = _waiting(desk, compared, counts_only=True)
        synced = await desk.sync("woocommerce", SelectAll(compared.id))
        assert synced.state is RunState.DONE
        assert (await desk.services.runs.get(count.id)).state is RunState.CANCELLED
        dry_run = _waiting(desk, compared, counts_only=False)
        with pytest.raises(StoreBusyError) as refused:
            await desk.start("woocommerce", SelectAll(compared.id))
        assert refused.value.run_id == dry_run.id


async def test_who_only_reads_is_let_in_beside_a_dry_run_and_a_new_count_ends_the_former(premises: Premises) -> None:
    async with premises.open() as desk:
        compared = await desk.compare("woocommerce")
        dry_run = _waiting(desk, compared, counts_only=False)
        count = _waiting(desk, compared, counts_only=True)
        assert (await desk.compare("woocommerce")).state is RunState.DONE
        other = await desk.ended(await _count(desk, SelectAll(compared.id)))
        assert other.state is RunState.DONE
        async with asyncio.timeout(60):
            while not (ended := await desk.services.runs.get(count.id)).state.has_ended:
                await desk.services.runs._dispatcher.wait_for_change(0.05)
        assert ended.state is RunState.CANCELLED
        assert (await desk.services.runs.get(dry_run.id)).state is RunState.QUEUED
