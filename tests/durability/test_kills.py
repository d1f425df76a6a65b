"""Killed between any two steps or at any moment, and taken up again: every customer is there once and whole.

3-matching-and-sync §3.5 and §3.7: exactly once, and no mail that a crash lets through.
"""

import asyncio
import multiprocessing
import random
import signal
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from crossdock.bootstrap import Services, Settings, open_services
from crossdock.domain.difference import Group
from crossdock.jobs.requests import CompareRequest, SelectAll, SyncRequest
from crossdock.sandbox import serving
from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.server import Sandbox, build_sandbox
from crossdock.state import Run, RunState, RunType
from tests.durability.victim import sync_and_die

_PEOPLE = 48
_SLICES = 3
_RANDOM_MOMENTS = 10
_LONGEST_VICTIM_SECONDS = 60
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.durability.victim"])


@dataclass(frozen=True, slots=True)
class Way:
    """A direction, and from how many records on Shopify is written in bulk."""

    source: str
    bulk_write_threshold: int = 2000


_WAYS = (Way("woocommerce"), Way("woocommerce", bulk_write_threshold=2), Way("shopify"))


@contextmanager
def _stores() -> Generator[Sandbox]:
    listener = serving.listen()
    stores = build_sandbox(serving.address_of(listener), SandboxOptions(seed=7, customers=_PEOPLE))
    with serving.serving(stores.app, listener):
        yield stores


def _settings(stores: Sandbox, folder: Path, way: Way) -> dict[str, Any]:
    keys = stores.keys[0]
    return {
        "data_dir": folder,
        "woocommerce_url": keys.woo_url,
        "woocommerce_key": keys.consumer_key,
        "woocommerce_secret": keys.consumer_secret,
        "shopify_domain": keys.shopify_domain,
        "shopify_token": keys.shopify_token,
        "shopify_base_url": keys.shopify_base_url,
        "bulk_write_threshold": way.bulk_write_threshold,
        "woocommerce_settle_seconds": 0.3,
        "shopify_settle_seconds": 0.3,
        "look_gap_seconds": 0.1,
        "mail_delay_seconds": 0,
        "bulk_poll_seconds": 0.05,
    }


async def _recover(settings: Settings, source: str) -> tuple[Run, Run, set[str], set[str]]:
    """Take up what was left; gives the sync, the comparison after it, what is still missing and what failed."""
    async with open_services(settings) as services:
        await _let_rest(services)
        syncs = [run for run in (await services.runs.list())[0] if run.type is RunType.SYNC]
        sync = syncs[0] if syncs else await _sync(services, source)
        compared = await _compare(services, source)
        missing = {
            row["source_id"]
            async for rows in services.runs.stream_differences(compared.id, Group.ONLY_IN_SOURCE)
            for row in rows
        }
        failed = {row.source_id async for rows in services.runs.stream_results(sync.id) for row in rows if row.code}
        await services.mutes.restore()
        assert not await services.mutes.status()
        return await services.runs.get(sync.id), compared, missing, failed


async def _let_rest(services: Services) -> None:
    for run in (await services.runs.list())[0]:
        assert (await services.runs.wait(run.id)).state in {RunState.DONE, RunState.FAILED}


async def _compare(services: Services, source: str) -> Run:
    run = await services.runs.start_compare(CompareRequest("customer", source))
    return await services.runs.wait(run.id)


async def _sync(services: Services, source: str) -> Run:
    compared = await _compare(services, source)
    run = await services.runs.start_sync(SyncRequest("customer", source, SelectAll(compared.id)))
    return await services.runs.wait(run.id)


def _check(stores: Sandbox, settings: dict[str, Any], source: str, moment: str) -> None:
    sync, compared, missing, failed = asyncio.run(_recover(Settings.load({}, **settings), source))
    pair = stores.pairs[0]
    woo, shopify = pair.woo.state(), pair.shopify.state()
    assert sync.state is RunState.DONE, moment
    assert sync.summary["total"] == sync.summary["succeeded"] + sync.summary["failed"], moment
    assert missing == failed, f"{moment}: lost {missing - failed}"
    assert not compared.summary["suspectMatches"], moment
    doubled = (woo["repeatedEmails"], woo["repeatedMarkers"], shopify["duplicateEmails"], shopify["duplicateMarkers"])
    assert not any(doubled), f"{moment}: doubled {doubled}"
    assert not woo["mails"]["sent"], moment
    assert not shopify["mails"], moment
    assert not woo["changedSettings"], f"{moment}: still muted"


def _victim(settings: dict[str, Any], source: str, at: int) -> BaseProcess:
    process = _FORKS.Process(target=sync_and_die, args=(settings, source, at))
    process.start()
    return process


@pytest.mark.parametrize("part", range(_SLICES))
@pytest.mark.parametrize("way", _WAYS, ids=lambda way: f"{way.source}-{way.bulk_write_threshold}")
def test_killed_between_any_two_steps(way: Way, part: int, tmp_path: Path) -> None:
    at = part + 1
    with _stores() as stores:
        while True:
            settings = _settings(stores, tmp_path / str(at), way)
            victim = _victim(settings, way.source, at)
            victim.join(_LONGEST_VICTIM_SECONDS)
            if victim.exitcode is None:
                victim.kill()
                victim.join()
            assert victim.exitcode in {0, -signal.SIGKILL}, f"crossing {at}: the victim ended with {victim.exitcode}"
            _check(stores, settings, way.source, f"crossing {at}")
            if victim.exitcode == 0:
                break
            at += _SLICES
            for pair in stores.pairs:
                pair.woo.reset()
                pair.shopify.reset()
    assert at > 3 * _SLICES


@pytest.mark.parametrize("way", _WAYS, ids=lambda way: f"{way.source}-{way.bulk_write_threshold}")
def test_killed_at_random_moments(way: Way, tmp_path: Path) -> None:
    moments = random.Random(20)
    with _stores() as stores:
        for number in range(_RANDOM_MOMENTS):
            settings = _settings(stores, tmp_path / str(number), way)
            victim = _victim(settings, way.source, 0)
            moment = moments.uniform(0.2, 2.5)
            victim.join(moment)
            victim.kill()
            victim.join()
            _check(stores, settings, way.source, f"{moment:.3f} s")
            for pair in stores.pairs:
                pair.woo.reset()
                pair.shopify.reset()
