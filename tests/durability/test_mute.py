"""The mail that is muted while customers are created: whatever ends a run, nobody is mailed, and it is given back.

A kill strikes between the steps of muting and restoring; the next start gives back what it left, or the command line.
"""

import asyncio
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from crossdock.bootstrap import Services, Settings, open_services
from crossdock.connectors.http import StoreHttp
from crossdock.jobs.requests import CompareRequest, SelectAll, SyncRequest
from crossdock.sandbox import serving
from crossdock.sandbox.options import ApiKeys, SandboxOptions
from crossdock.sandbox.server import build_sandbox
from crossdock.state import Run, RunState
from crossdock.state.mutes import Mutes
from tests.durability.haste import in_haste
from tests.durability.stage import CUSTOMER_WAYS, Stage, open_stage
from tests.durability.trial import Perseverance, sync_request, undisturbed
from tests.durability.verdict import Aftermath, judge, look
from tests.durability.victim import Killer

_TO_WOO = next(way for way in CUSTOMER_WAYS if way.destination == "woocommerce")
_LONGEST_SECONDS = 60
_COMMAND = str(Path(sys.executable).with_name("crossdock"))
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.durability.victim"])

_CROSSED: tuple[tuple[type, tuple[str, ...]], ...] = (
    (Mutes, ("join", "leave", "forget")),
    (StoreHttp, ("write",)),
)
# The writes are: a try of the permission, the mute, a batch of customers, the restoring.
_MUTED_NOT_READ_BACK, _CREATED, _RESTORED_NOT_FORGOTTEN = 6, 8, 12
_CREATE = {"method": "POST", "path": "/customers/batch", "body": '"create"', "times": 0}

Staged = tuple[Stage, Aftermath]


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Generator[Staged]:
    with open_stage(_TO_WOO) as stage:
        yield stage, undisturbed(stage, tmp_path_factory.mktemp("peace"))


def sync_and_die(settings: dict[str, Any], at: int) -> None:
    """Migrate customers until a crossing of the mute."""
    asyncio.run(_sync(Settings.load({}, **settings), at))


async def _sync(settings: Settings, at: int) -> None:
    async with open_services(settings, takes_up_runs=False) as services:
        compared = await Perseverance(services, _TO_WOO).compare()
        Killer(at).arm(_CROSSED)
        run = await services.runs.start_sync(sync_request(_TO_WOO, compared.id))
        await services.runs.wait(run.id)


def killed(stage: Stage, settings: dict[str, Any], at: int) -> None:
    stage.refill()
    victim = _FORKS.Process(target=sync_and_die, args=(settings, at))
    victim.start()
    victim.join(_LONGEST_SECONDS)
    assert victim.exitcode == -signal.SIGKILL


async def go_on(staged: Staged, settings: dict[str, Any]) -> None:
    """Start again, see the run through, and hold what is there against what peace leaves."""
    stage, expected = staged
    async with asyncio.timeout(_LONGEST_SECONDS), open_services(Settings.load({}, **settings)) as services:
        perseverance = Perseverance(services, _TO_WOO)
        (run, *_), _ = await services.runs.list()
        ended = await perseverance.finish(run)
        while await services.mutes.status():
            await services.mutes.restore()
        verdict = judge(expected, await look(services, stage, ended), codes=perseverance.codes)
    assert verdict.is_clean, verdict.figures


@pytest.mark.parametrize(
    ("at", "is_muted"),
    [(_MUTED_NOT_READ_BACK, True), (_RESTORED_NOT_FORGOTTEN, False)],
    ids=["muted and not read back", "restored and not forgotten"],
)
async def test_the_next_start_gives_back_what_a_kill_left(
    staged: Staged, tmp_path: Path, at: int, *, is_muted: bool
) -> None:
    stage, _ = staged
    settings = stage.settings(tmp_path)
    await asyncio.to_thread(killed, stage, settings, at)
    assert bool(stage.changed_settings()) is is_muted
    with in_haste():
        await go_on(staged, settings)


async def test_the_command_line_gives_back_what_a_kill_left_and_the_run_goes_on(staged: Staged, tmp_path: Path) -> None:
    stage, _ = staged
    settings = stage.settings(tmp_path)
    await asyncio.to_thread(killed, stage, settings, _CREATED)
    (held,) = json.loads(await said(settings, "mute", "status", "--json"))["mutes"]
    assert len(held["runIds"]) == 1
    assert stage.changed_settings()
    assert await said(settings, "mute", "restore") == "No mail is held back.\n"
    assert not stage.changed_settings()
    with in_haste():
        await go_on(staged, settings)


async def said(settings: dict[str, Any], *arguments: str) -> str:
    """Run a command to its end; gives what it prints."""
    variables = {f"CROSSDOCK_{name.upper()}": str(value) for name, value in settings.items()}
    command = await asyncio.create_subprocess_exec(
        _COMMAND, *arguments, env={**os.environ, **variables}, stdout=subprocess.PIPE
    )
    output, _ = await command.communicate()
    assert command.returncode == 0
    return output.decode()


@pytest.mark.parametrize("ending", [RunState.PAUSED, RunState.CANCELLED, RunState.FAILED])
async def test_whatever_ends_a_sync_gives_the_mail_back(staged: Staged, tmp_path: Path, ending: RunState) -> None:
    stage, _ = staged
    stage.refill()
    async with opened(stage.settings(tmp_path)) as services:
        compared = await Perseverance(services, _TO_WOO).compare()
        fault = {"kind": "error_before", "status": 401} if ending is RunState.FAILED else {"kind": "latency"}
        # Reading the mute back takes long enough to be asked before the first record, which may be in the last chunk.
        read_back = {
            "kind": "latency",
            "method": "GET",
            "path": "email_customer_new_account",
            "seconds": 0.5,
            "times": 0,
        }
        stage.set_faults([{**_CREATE, "seconds": 0.5, **fault}, read_back], [])
        run = await services.runs.start_sync(sync_request(_TO_WOO, compared.id))
        while not stage.changed_settings():
            await services.runs.get(run.id)
        if ending is RunState.PAUSED:
            await services.runs.pause(run.id)
        if ending is RunState.CANCELLED:
            await services.runs.cancel(run.id)
        assert (await services.runs.wait(run.id)).state is ending
        assert not stage.changed_settings()
        assert not await services.mutes.status()
    assert stage.mails() == 0


async def test_a_second_pair_on_the_shop_takes_the_mute_over_and_gives_the_first_value_back(tmp_path: Path) -> None:
    listener = serving.listen()
    address = serving.address_of(listener)
    stores = build_sandbox(address, SandboxOptions(customers=24, pairs=2))
    shop, faults = stores.pairs[0].woo, stores.pairs[0].woo_faults
    with serving.serving(stores.app, listener), in_haste():
        values = {"shopify_base_url": f"{address}/{{domain}}", "mail_delay_seconds": 0}
        async with opened({"data_dir": tmp_path, "woocommerce_settle_seconds": 0.3, **values}) as services:
            await connect_to_one_shop(services, stores.keys)
            faults.set_rules([{"kind": "error_before", "status": 401, "method": "PUT", "body": '"yes"', "times": 0}])
            first = await synced(services, "default")
            # The shop did not take its setting back: it waits, without a holder.
            assert [held.holders for held in await services.mutes.status()] == [()]
            assert shop.state()["changedSettings"]
            faults.set_rules([])
            second = await synced(services, "second")
            assert not shop.state()["changedSettings"]
            assert not await services.mutes.status()
    assert (first.state, second.state) == (RunState.DONE, RunState.DONE)
    assert not sum(shop.state()["mails"]["sent"].values())


@asynccontextmanager
async def opened(settings: dict[str, Any]) -> AsyncGenerator[Services]:
    async with asyncio.timeout(_LONGEST_SECONDS), open_services(Settings.load({}, **settings)) as services:
        yield services


async def connect_to_one_shop(services: Services, keys: list[ApiKeys]) -> None:
    """Connect two pairs: one WooCommerce shop, two of Shopify."""
    await services.connections.create_pair("second")
    shop = {"consumerKey": keys[0].consumer_key, "consumerSecret": keys[0].consumer_secret}
    for pair, other in (("default", keys[0]), ("second", keys[1])):
        await services.connections.put(pair, "woocommerce", {"url": keys[0].woo_url}, shop)
        await services.connections.put(
            pair, "shopify", {"domain": other.shopify_domain}, {"token": other.shopify_token}
        )


async def synced(services: Services, pair: str) -> Run:
    """Migrate all customers of a pair whom the shop lacks."""
    begun = await services.runs.start_compare(CompareRequest("customer", "shopify", pair))
    compared = await services.runs.wait(begun.id)
    request = SyncRequest("customer", "shopify", SelectAll(compared.id), pair=pair)
    return await services.runs.wait((await services.runs.start_sync(request)).id)
