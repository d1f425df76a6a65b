"""Connections that change or fail while runs and mutes need them."""

import asyncio
import ssl
import threading
from collections.abc import AsyncGenerator, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crossdock.bootstrap import Services, Settings, open_services
from crossdock.connectors import http
from crossdock.connectors.woocommerce.mute import SETTING
from crossdock.domain.errors import ConfigurationError
from crossdock.jobs.mutes import MuteService
from crossdock.jobs.requests import CompareRequest, SelectAll, SyncRequest
from crossdock.sandbox import serving
from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.server import Sandbox, build_sandbox
from crossdock.state import Run, RunSpec, RunState, RunType

_LONGEST_SECONDS = 30
_REFUSED = {"kind": "error_before", "status": 401, "times": 0}
Fields = tuple[dict[str, str], dict[str, str]]


@pytest.fixture
def stores() -> Generator[Sandbox]:
    """Serve two pairs of stores."""
    listener = serving.listen()
    sandbox = build_sandbox(serving.address_of(listener), SandboxOptions(customers=24, pairs=2))
    with serving.serving(sandbox.app, listener):
        yield sandbox


@pytest.fixture
def values(stores: Sandbox, tmp_path: Path) -> dict[str, Any]:
    """Give settings that name no store but where Shopify is played."""
    return {
        "data_dir": tmp_path / "data",
        "shopify_base_url": stores.keys[0].shopify_base_url,
        "woocommerce_settle_seconds": 0.3,
        "shopify_settle_seconds": 0.3,
        "look_gap_seconds": 0.1,
        "mail_delay_seconds": 0,
    }


@pytest.fixture
async def services(values: dict[str, Any]) -> AsyncGenerator[Services]:
    async with open_services(Settings.load({}, **values)) as opened:
        yield opened


@pytest.fixture
async def second_pair_services(values: dict[str, Any], stores: Sandbox) -> AsyncGenerator[Services]:
    """Open a product whose environment names the first shop, and whose pair “second” is connected to the second."""
    keys = stores.keys[0]
    named = {
        "woocommerce_url": keys.woo_url,
        "woocommerce_key": keys.consumer_key,
        "woocommerce_secret": keys.consumer_secret,
    }
    settings = Settings.load({}, **values, **named)
    async with open_services(settings) as opened:
        await opened.connections.create_pair("second")
        await opened.connections.put("second", "woocommerce", *woo(stores, 1))
        yield opened


async def rested(services: Services, run: Run) -> Run:
    """Wait until a run rests, but not for ever."""
    return await asyncio.wait_for(services.runs.wait(run.id), _LONGEST_SECONDS)


def woo(stores: Sandbox, number: int = 0) -> Fields:
    keys = stores.keys[number]
    return {"url": keys.woo_url}, {"consumerKey": keys.consumer_key, "consumerSecret": keys.consumer_secret}


def shopify(stores: Sandbox) -> Fields:
    return {"domain": stores.keys[0].shopify_domain}, {"token": stores.keys[0].shopify_token}


async def key_of(services: Services, pair: str) -> str:
    return (await (await services.connections.open(pair, "woocommerce")).info()).key


def mute(services: Services, store_key: str, holder: str = "ended") -> None:
    services.state.mutes.join(store_key, SETTING, holder=holder, original_value="yes", muted_value="no")


async def test_a_store_connected_anew_does_not_end_the_run_on_it(services: Services, stores: Sandbox) -> None:
    await services.connections.put("default", "woocommerce", *woo(stores))
    await services.connections.put("default", "shopify", *shopify(stores))
    request = CompareRequest("customer", "woocommerce")
    compared = await rested(services, await services.runs.start_compare(request))
    faults = stores.pairs[0].shopify_faults
    faults.set_rules([{"kind": "latency", "seconds": 0.3, "body": "customerCreate(", "times": 0}])
    run = await services.runs.start_sync(SyncRequest("customer", "woocommerce", SelectAll(compared.id)))
    async with asyncio.timeout(_LONGEST_SECONDS):
        while not any(rule.struck for rule in faults.rules):
            await services.runs.get(run.id)
    await services.connections.put("default", "shopify", *shopify(stores))
    ended = await rested(services, run)
    assert (ended.state, ended.summary["failed"]) == (RunState.DONE, 0)


async def test_no_store_is_opened_on_the_event_loop(
    services: Services, stores: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    read_authorities = http._trust

    def noted(ca_file: Path | None) -> ssl.SSLContext:
        threads.append(threading.current_thread())
        return read_authorities(ca_file)

    monkeypatch.setattr(http, "_trust", noted)
    await services.connections.put("default", "woocommerce", *woo(stores))
    await services.connections.open("default", "woocommerce")
    assert len(threads) > 1
    assert threading.current_thread() not in threads


async def test_space_around_what_was_copied_is_dropped(services: Services, stores: Sandbox) -> None:
    settings, secrets = shopify(stores)
    padded = {name: f" {value}\n" for name, value in settings.items()}
    kept = await services.connections.put(
        "default", "shopify", padded, {name: f"\t{value}\r\n" for name, value in secrets.items()}
    )
    assert kept.settings == settings
    assert await services.connections.open("default", "shopify")


@pytest.mark.parametrize("character", ["ä", "“", "\n", "\0", "\x7f"])
async def test_a_secret_that_can_not_be_sent_is_refused_by_its_name(
    services: Services, stores: Sandbox, character: str
) -> None:
    settings, _ = shopify(stores)
    with pytest.raises(ConfigurationError, match="token") as refused:
        await services.connections.put("default", "shopify", settings, {"token": f"shpat_{character}x"})
    assert refused.value.code == "credentials_malformed"
    assert "shpat_" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://[bad", "http://shop.example.com:99999", "http://shop.example.com:x", "//"])
async def test_an_address_that_is_none_is_refused(services: Services, stores: Sandbox, url: str) -> None:
    _, secrets = woo(stores)
    with pytest.raises(ConfigurationError) as refused:
        await services.connections.put("default", "woocommerce", {"url": url}, secrets)
    assert refused.value.code == "url_invalid"


async def test_one_store_in_trouble_does_not_keep_the_others_muted(
    second_pair_services: Services, stores: Sandbox
) -> None:
    services = second_pair_services
    keys = [await key_of(services, pair) for pair in ("default", "second")]
    for key in keys:
        mute(services, key)
    stores.pairs[0].woo_faults.set_rules([_REFUSED])
    with pytest.raises(ConfigurationError):
        await services.mutes.restore()
    assert [held.store_key for held in await services.mutes.status()] == [keys[0]]
    stores.pairs[0].woo_faults.set_rules([])
    restoring = asyncio.create_task(services.mutes.keep_restoring(0.01))
    async with asyncio.timeout(_LONGEST_SECONDS):
        while await services.mutes.status():
            continue
    restoring.cancel()


async def test_a_store_is_found_by_its_key_though_the_environments_can_not_be_asked(
    second_pair_services: Services, stores: Sandbox
) -> None:
    key = await key_of(second_pair_services, "second")
    stores.pairs[0].woo_faults.set_rules([_REFUSED])
    await second_pair_services.connections.aclose()
    assert await second_pair_services.connections.open_by_key(key) is not None
    assert await second_pair_services.connections.open_by_key("nobody.example.com") is None


async def test_a_run_left_for_more_than_a_day_needs_no_mute(second_pair_services: Services) -> None:
    services = second_pair_services
    key = await key_of(services, "default")
    spec = RunSpec(RunType.SYNC, "customer", "default", "shopify", "source.example.com", key)
    run = services.state.runs.create(spec).run
    assert services.state.runs.claim(run.id, "a process that is gone", 180) is not None
    mute(services, key, run.id)
    for hours, holders in ((23, [(run.id,)]), (25, [])):
        later = datetime.now(UTC) + timedelta(hours=hours)
        service = MuteService(
            services.state, services.connections, ["customer"], lambda now=later: now, are_runs_taken_up=True
        )
        assert [held.holders for held in await service.restore()] == holders


async def test_a_mute_that_a_run_at_work_has_just_left_is_the_runs_to_give_back(
    second_pair_services: Services,
) -> None:
    services = second_pair_services
    key = await key_of(services, "default")
    spec = RunSpec(RunType.SYNC, "customer", "default", "shopify", "source.example.com", key)
    run = services.state.runs.create(spec).run
    lease = services.state.runs.claim(run.id, "another process", 180)
    assert lease is not None
    mute(services, key, run.id)
    services.state.mutes.leave(key, SETTING, holder=run.id)
    assert len(await services.mutes.restore()) == 1
    services.state.runs.finish(lease, RunState.DONE)
    assert not await services.mutes.restore()
