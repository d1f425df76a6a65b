"""Many workers, real processes on a real PostgreSQL: they share the work, die, freeze and wake, and double nothing."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import update

from crossdock.bootstrap import Duty, Services, Settings, open_services
from crossdock.domain.errors import ConfigurationError, StateError
from crossdock.jobs import lease
from crossdock.jobs.bodies.runs import run_body
from crossdock.jobs.requests import CompareRequest
from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.woocommerce.store import WooStore
from crossdock.state import Run, RunState
from crossdock.state.run_rows import runs
from crossdock.web.pages.run_words import WAITING_FOR_WORKER, phase_of
from tests.durability.fleet import (
    LEASE_SECONDS,
    SETTLE_SECONDS,
    Fleet,
    begin_sync,
    compare,
    heard,
    open_fleet,
    until,
)
from tests.support.state import Place

pytest_plugins = ("tests.support.state_fixtures",)
pytestmark = pytest.mark.xdist_group("workers")

_TO_WOO_SLOWLY = [{"kind": "latency", "seconds": 0.15, "method": "POST", "path": "/orders", "times": 0}]
_TO_SHOPIFY_SLOWLY = [{"kind": "latency", "seconds": 0.3, "body": "customerCreate(", "times": 0}]
_ONE_SLOW_ORDER = {"kind": "latency", "seconds": 1.5, "method": "POST", "path": "/orders?", "nth": 4}


@pytest.fixture
def fleet(request: pytest.FixtureRequest, tmp_path: Path, postgres_place: Place) -> Generator[Fleet]:
    """Serve the stores that a test's options ask for; by default one pair with orders."""
    options: SandboxOptions = getattr(request, "param", SandboxOptions(customers=12, orders=60))
    assert postgres_place.url is not None
    with open_fleet(tmp_path, postgres_place.url, options) as opened:
        yield opened


@pytest.mark.parametrize("fleet", [SandboxOptions(customers=10, pairs=8)], indirect=True)
async def test_two_workers_share_eight_pairs_and_migrate_each_record_once(fleet: Fleet) -> None:
    for pair in fleet.stores.pairs:
        pair.shopify_faults.set_rules(_TO_SHOPIFY_SLOWLY)
    before = [pair.shopify.state()["customers"] for pair in fleet.stores.pairs]
    owners: set[str] = set()
    async with fleet.desk() as services:
        names = await fleet.connect(services)
        fleet.start_workers(2)
        compared = await compare(services, names, "customer", "woocommerce")
        syncs = [await begin_sync(services, run) for run in compared]
        ids = {sync.id for sync in syncs}
        while working := [run for run in await _runs(services, ids) if not run.state.has_ended]:
            owners.update(run.owner for run in working if run.owner)
            await asyncio.sleep(0.02)
        ended = [await services.runs.get(sync.id) for sync in syncs]
    assert {run.state for run in ended} == {RunState.DONE}
    missing = [run.summary["customersOnlyInSource"] for run in compared]
    assert [run.summary["succeeded"] for run in ended] == missing
    there = [pair.shopify.state()["customers"] for pair in fleet.stores.pairs]
    assert there == [were + came for were, came in zip(before, missing, strict=True)]
    assert fleet.doubled() == 0
    assert len(owners) == 2
    assert fleet.stop_workers() == [0, 0]


async def test_another_worker_takes_over_what_a_killed_one_left(fleet: Fleet) -> None:
    fleet.stores.pairs[0].woo_faults.set_rules(_TO_WOO_SLOWLY)
    async with fleet.desk() as services:
        sync = await _sync_at_work(fleet, services)
        killed = fleet.worker_of(sync)
        killed.signal(signal.SIGKILL)
        since = time.monotonic()
        taken = await until(services, sync, lambda run: run.owner not in {sync.owner, ""})
        seconds = time.monotonic() - since
        fleet.stores.pairs[0].woo_faults.set_rules([])
        await _all_there_once(fleet, services, sync)
    assert taken.fence > sync.fence
    # A sweep, and the processors that this machine has left, come on top.
    assert LEASE_SECONDS / 2 < seconds < 2 * (LEASE_SECONDS + SETTLE_SECONDS)


@pytest.mark.parametrize("fleet", [SandboxOptions(customers=380)], indirect=True)
async def test_a_worker_that_froze_with_most_of_a_chunk_ahead_sends_none_of_it(fleet: Fleet) -> None:
    pair = fleet.stores.pairs[0]
    async with fleet.desk() as services:
        names = await fleet.connect(services)
        fleet.start_workers(2)
        (compared,) = await compare(services, names, "customer", "woocommerce")
        pair.shopify_faults.set_rules(_TO_SHOPIFY_SLOWLY)
        (slow,) = pair.shopify_faults.rules
        sync = await begin_sync(services, compared)
        held = await until(services, sync, lambda run: bool(run.owner) and slow.matched > 1)
        frozen = fleet.worker_of(held)
        frozen.signal(signal.SIGSTOP)
        assert compared.summary["customersOnlyInSource"] > slow.matched + 20
        await until(services, sync, lambda run: run.owner not in {held.owner, ""})
        pair.shopify_faults.set_rules(_TO_SHOPIFY_SLOWLY)
        (counted,) = pair.shopify_faults.rules
        counted.seconds = 0
        assert (await services.runs.wait(sync.id)).state is RunState.DONE
        sent = counted.matched
        frozen.signal(signal.SIGCONT)
        await heard(frozen, "lease_lost")
    assert counted.matched == sent
    assert fleet.doubled() == 0
    assert fleet.stop_workers() == [0, 0]


async def test_a_worker_that_froze_within_a_request_writes_nothing_more(fleet: Fleet) -> None:
    pair = fleet.stores.pairs[0]
    pair.woo_faults.set_rules([_ONE_SLOW_ORDER])
    (slow,) = pair.woo_faults.rules
    async with fleet.desk() as services:
        names = await fleet.connect(services)
        fleet.start_workers(2)
        (compared,) = await compare(services, names, "order", "shopify")
        sync = await begin_sync(services, compared)
        held = await until(services, sync, lambda run: bool(run.owner) and slow.struck == 1)
        frozen = fleet.worker_of(held)
        frozen.signal(signal.SIGSTOP)
        # What it was sending comes to pass while it hears nothing.
        made = pair.woo.state()["ordersCreated"]
        await until(services, sync, lambda _: pair.woo.state()["ordersCreated"] > made)
        await _all_there_once(fleet, services, held)
        before = _written(pair.woo)
        frozen.signal(signal.SIGCONT)
        await heard(frozen, "lease_lost")
    assert _written(pair.woo) == before
    assert fleet.doubled() == 0
    assert fleet.stop_workers() == [0, 0]


async def test_what_is_asked_at_the_desk_reaches_the_worker(fleet: Fleet) -> None:
    fleet.stores.pairs[0].woo_faults.set_rules(_TO_WOO_SLOWLY)
    async with fleet.desk() as services:
        sync = await _sync_at_work(fleet, services)
        await services.runs.pause(sync.id)
        paused = await services.runs.wait(sync.id)
        assert paused.state is RunState.PAUSED
        await services.runs.resume(sync.id)
        await until(services, sync, lambda run: run.owner != "")
        await services.runs.cancel(sync.id)
        cancelled = await services.runs.wait(sync.id)
    assert cancelled.state is RunState.CANCELLED
    assert cancelled.summary["total"] == cancelled.summary["succeeded"] + cancelled.summary["failed"]


async def test_a_worker_that_is_stopped_leaves_its_runs_to_another_at_once(fleet: Fleet) -> None:
    fleet.stores.pairs[0].woo_faults.set_rules(_TO_WOO_SLOWLY)
    async with fleet.desk() as services:
        sync = await _sync_at_work(fleet, services)
        stopped = fleet.worker_of(sync)
        stopped.signal(signal.SIGTERM)
        await until(services, sync, lambda run: run.owner not in {sync.owner, ""})
        fleet.stores.pairs[0].woo_faults.set_rules([])
        await _all_there_once(fleet, services, sync)
    assert stopped.ended() == 0


@pytest.mark.parametrize("fleet", [SandboxOptions(customers=12, orders=60, pairs=2)], indirect=True)
async def test_a_worker_that_lost_its_database_goes_on_and_takes_new_runs(fleet: Fleet) -> None:
    pair = fleet.stores.pairs[0]
    async with fleet.desk() as services:
        names = await fleet.connect(services)
        fleet.start_workers(1)
        compared = await compare(services, names[:1], "order", "shopify")
        pair.woo_faults.set_rules([{**_TO_WOO_SLOWLY[0], "seconds": 1.5, "nth": 3}])
        sync = await begin_sync(services, compared[0])
        await until(services, sync, lambda _: pair.woo.state()["ordersCreated"] > 1)
        struck = await services.runs.start_compare(CompareRequest("order", "shopify", names[1]))
        await until(services, struck, lambda run: run.owner != "")
        fleet.hang_up_on_all()
        await heard(fleet.workers[0], "queue_lost", "queue_found_again")
        await compare(services, names[1:], "customer", "woocommerce")
        assert (await services.runs.wait(struck.id)).state is RunState.DONE
        assert not (await services.runs.get(sync.id)).state.has_ended
        pair.woo_faults.set_rules([])
        await _all_there_once(fleet, services, sync)
    assert fleet.stop_workers() == [0]


async def test_a_run_that_no_worker_comes_for_says_so_until_one_comes(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_A_WORKER_COMES_WITHIN", timedelta(seconds=0.5))
    async with fleet.desk() as services:
        names = await fleet.connect(services)
        begun = await services.runs.start_compare(CompareRequest("customer", "shopify", names[0]))
        waiting = await services.runs.wait(begun.id, gives_up=True)
        assert (waiting.state, phase_of(waiting)) == (RunState.QUEUED, WAITING_FOR_WORKER)
        assert run_body(waiting)["waiting"]["code"] == "waiting_for_worker"
        told = await anext(services.runs.follow(begun.id))
        assert (told.type, told.data["code"]) == ("no_worker", "waiting_for_worker")
        fleet.start_workers(1)
        ended = await services.runs.wait(begun.id)
    assert ended.state is RunState.DONE
    assert "waiting" not in run_body(ended)


async def test_a_run_that_was_left_for_more_than_a_day_is_begun_by_no_worker_until_a_person_asks(fleet: Fleet) -> None:
    async with fleet.desk() as services:
        names = await fleet.connect(services)
        left = await services.runs.start_compare(CompareRequest("customer", "shopify", names[0]))
        with services.state.database.write() as connection:
            connection.execute(update(runs).values(created_at=left.created_at - timedelta(hours=25)))
        fleet.start_workers(2)
        # It was queued first, and a sweep has come by before the other has ended.
        await compare(services, names, "customer", "woocommerce")
        assert (await services.runs.get(left.id)).fence == 0
        await services.runs.resume(left.id)
        assert (await services.runs.wait(left.id)).state is RunState.DONE


def test_an_application_without_a_worker_is_ready_and_lists_runs(fleet: Fleet) -> None:
    command = [str(Path(sys.executable).parent / "crossdock"), "serve", "--no-worker", "--port", "0"]
    with subprocess.Popen(command, env={**os.environ, **fleet.variables}, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            address = next(line for line in process.stderr if "Crossdock is at" in line).split()[-1]
            assert httpx2.get(f"{address}/readyz").json() == {"status": "ready"}
            assert httpx2.get(f"{address}/api/runs").status_code == 200
        finally:
            process.terminate()
    # The server ends itself by the signal that it was sent, once everything is closed.
    assert process.returncode in {0, -signal.SIGTERM}


def test_processes_with_another_data_directory_are_refused(postgres_place: Place, tmp_path: Path) -> None:
    postgres_place.open().close()
    with pytest.raises(StateError) as caught:
        Place(tmp_path / "elsewhere", postgres_place.url).open()
    assert caught.value.code == "data_directory_not_shared"
    assert not (tmp_path / "elsewhere" / "directory.id").exists()
    postgres_place.open().close()


async def test_workers_without_postgresql_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="CROSSDOCK_DATABASE_URL"):
        async with open_services(Settings.load({}, data_dir=tmp_path), duty=Duty.WORKER):
            pass


def _written(store: WooStore) -> dict[str, Any]:
    counted = ("created", "updated", "deleted", "ordersCreated", "ordersUpdated", "ordersDeleted", "refundsCreated")
    return {name: store.state()[name] for name in counted}


async def _runs(services: Services, ids: set[str]) -> list[Run]:
    return [run for run in (await services.runs.list())[0] if run.id in ids]


async def _sync_at_work(fleet: Fleet, services: Services) -> Run:
    """Begin a sync of orders with two workers, and wait until some of them are made and others are not."""
    names = await fleet.connect(services)
    fleet.start_workers(2)
    (compared,) = await compare(services, names, "order", "shopify")
    assert compared.summary["ordersOnlyInSource"] > 5
    sync = await begin_sync(services, compared)
    woo = fleet.stores.pairs[0].woo
    before = woo.state()["ordersCreated"]
    return await until(services, sync, lambda run: bool(run.owner) and woo.state()["ordersCreated"] > before + 1)


async def _all_there_once(fleet: Fleet, services: Services, sync: Run) -> None:
    ended = await services.runs.wait(sync.id)
    assert ended.state is RunState.DONE, ended.error_code
    (again,) = await compare(services, [sync.pair], "order", "shopify")
    assert again.summary["ordersOnlyInSource"] == ended.summary["failed"]
    assert fleet.doubled() == 0
