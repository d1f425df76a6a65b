"""A fleet: stores of several pairs, a desk that begins runs, and workers as processes on one PostgreSQL.

Owns their life and death. It must not know what is expected of a run.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import cast

import psycopg

from crossdock.bootstrap import Duty, Services, Settings, open_services
from crossdock.cli import main
from crossdock.jobs.requests import CompareRequest, SelectAll, SyncRequest
from crossdock.sandbox import serving
from crossdock.sandbox.options import ApiKeys, SandboxOptions
from crossdock.sandbox.server import Sandbox, build_sandbox
from crossdock.state import Run, RunState

LEASE_SECONDS = 3
SETTLE_SECONDS = 1
LONGEST_SECONDS = 120
_POLL_SECONDS = 0.02
_OUTAGE_SECONDS = 1.0
_HANG_UP = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
# A worker that is forked from a process which has loaded everything is at work at once.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.durability.victim", "tests.durability.fleet", "crossdock.jobs.queue"])


@dataclass(slots=True)
class Worker:
    """One `crossdock worker`, with what it says."""

    process: BaseProcess
    log: Path

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process.pid is not None
        os.kill(self.process.pid, number)

    def ended(self) -> int | None:
        """Wait for its end, and give its exit code."""
        self.process.join(LONGEST_SECONDS)
        return self.process.exitcode

    def said(self) -> str:
        """Read its log."""
        return self.log.read_text(encoding="utf-8")


@dataclass(slots=True)
class Fleet:
    """The stores and the workers; `variables` are those of every process."""

    stores: Sandbox
    variables: dict[str, str]
    folder: Path
    workers: list[Worker] = field(default_factory=list[Worker])

    def start_workers(self, count: int, *arguments: str) -> None:
        """Add workers."""
        for _ in range(count):
            log = self.folder / f"worker-{len(self.workers)}.log"
            log.touch()
            process = _FORKS.Process(target=_command, args=(("worker", *arguments), self.variables, log))
            process.start()
            self.workers.append(Worker(process, log))

    def worker_of(self, run: Run) -> Worker:
        """Give the worker that holds a run."""
        pid = int(run.owner.split(":")[1])
        return next(worker for worker in self.workers if worker.process.pid == pid)

    def stop_workers(self) -> list[int | None]:
        """Stop all that live, as an operator does; gives how each ended."""
        for worker in self.workers:
            worker.signal(signal.SIGTERM)
        return [worker.ended() for worker in self.workers]

    def hang_up_on_all(self) -> None:
        """Cut every connection to the database for a while, as its restart would."""
        until_then = time.monotonic() + _OUTAGE_SECONDS
        with psycopg.connect(self.variables["CROSSDOCK_DATABASE_URL"], autocommit=True) as connection:
            while time.monotonic() < until_then:
                connection.execute(_HANG_UP)

    def doubled(self) -> int:
        """Count the records that a store has twice."""
        found = 0
        for pair in self.stores.pairs:
            woo, shopify = pair.woo.state(), pair.shopify.state()
            parts = ("duplicateMarkers", "repeatedMarkers", "repeatedSourceIdentifiers")
            found += len(woo["repeatedMarkers"]) + sum(len(_listed(shopify[part])) for part in parts)
        return found

    @asynccontextmanager
    async def desk(self) -> AsyncGenerator[Services]:
        """Open services that begin runs and work on none."""
        settings = Settings.load(self.variables)
        async with asyncio.timeout(LONGEST_SECONDS), open_services(settings, duty=Duty.DESK) as services:
            yield services

    async def connect(self, services: Services) -> list[str]:
        """Connect every pair; gives their names."""
        return await asyncio.gather(*(_connect(services, keys) for keys in self.stores.keys))


@contextmanager
def open_fleet(folder: Path, database_url: str, options: SandboxOptions) -> Generator[Fleet]:
    """Serve stores, and stop every worker in the end."""
    # It loads what a worker needs while the stores are made and connected.
    forkserver.ensure_running()
    listener = serving.listen()
    address = serving.address_of(listener)
    stores = build_sandbox(address, options)
    quick = {
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": database_url,
        "SHOPIFY_BASE_URL": f"{address}/{{domain}}",
        "REQUEST_SECONDS": "2.2",
        "LEASE_SECONDS": str(LEASE_SECONDS),
        "WOOCOMMERCE_SETTLE_SECONDS": str(SETTLE_SECONDS),
        "SHOPIFY_SETTLE_SECONDS": str(SETTLE_SECONDS),
        "LOOK_GAP_SECONDS": "0.2",
        "MAIL_DELAY_SECONDS": "0",
        "FINISH_DELAY_SECONDS": "0.2",
        "BULK_POLL_SECONDS": "0.1",
    }
    fleet = Fleet(stores, {f"CROSSDOCK_{name}": value for name, value in quick.items()}, folder)
    with serving.serving(stores.app, listener):
        try:
            yield fleet
        finally:
            for worker in fleet.workers:
                worker.process.kill()
                worker.process.join()


async def compare(services: Services, pairs: Iterable[str], kind: str, source: str) -> list[Run]:
    """Compare all pairs at once, to the end."""
    begun = [await services.runs.start_compare(CompareRequest(kind, source, pair)) for pair in pairs]
    ended = [await services.runs.wait(run.id) for run in begun]
    assert {run.state for run in ended} == {RunState.DONE}, [run.error_code for run in ended]
    return ended


async def begin_sync(services: Services, compared: Run) -> Run:
    """Begin to migrate all that a comparison has found missing."""
    selection = SelectAll(compared.id)
    request = SyncRequest(compared.kind, compared.source_platform, selection, pair=compared.pair)
    return await services.runs.start_sync(request)


async def until(services: Services, run: Run, is_so: Callable[[Run], bool]) -> Run:
    """Look at a run now and then until something is so: whoever looks all the time leaves the workers no processor."""
    while not is_so(run := await services.runs.get(run.id)):
        assert not run.state.has_ended, (run.state, run.error_code)
        await asyncio.sleep(_POLL_SECONDS)
    return run


async def heard(worker: Worker, *words: str) -> None:
    """Wait until a worker has said all of these."""
    async with asyncio.timeout(LONGEST_SECONDS):
        said = ""
        while not all(word in said for word in words):
            await asyncio.sleep(_POLL_SECONDS)
            said = worker.said()


def _command(arguments: tuple[str, ...], variables: dict[str, str], log: Path) -> None:
    os.environ.update(variables)
    with log.open("ab", buffering=0) as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
    sys.argv = ["crossdock", *arguments]
    main()


async def _connect(services: Services, keys: ApiKeys) -> str:
    name = f"pair-{keys.pair}"
    secrets = {"consumerKey": keys.consumer_key, "consumerSecret": keys.consumer_secret}
    await services.connections.create_pair(name)
    await asyncio.gather(
        services.connections.put(name, "woocommerce", {"url": keys.woo_url}, secrets),
        services.connections.put(name, "shopify", {"domain": keys.shopify_domain}, {"token": keys.shopify_token}),
    )
    return name


def _listed(value: object) -> list[object]:
    assert isinstance(value, list)
    return cast("list[object]", value)
