"""Stores in trouble at every kind of call: every customer is there once and whole, nobody is mailed, all is counted.

What a run ends with on the way is a documented code that fits the trouble, and it is resumed from there.
"""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest

from crossdock.bootstrap import Settings, open_services
from crossdock.domain.errors import StoreBusyError
from crossdock.jobs.requests import CompareRequest
from crossdock.state import Run, RunSpec, RunState, RunType, State
from tests.durability.haste import in_haste
from tests.durability.scripts import KINDS, Scripts, drawn, on_every_call
from tests.durability.stage import WAYS, Stage
from tests.durability.trial import Perseverance, disturbed, sync_request
from tests.durability.verdict import Aftermath, judge, look

Staged = tuple[Stage, Aftermath]

_SCHEDULES = 2
_LONGEST_SECONDS = 60
_FAILING = {"store_unavailable"}
_BREAKING_OFF = {"cut_body", "store_unavailable"}
_PAGES = {"html_answer"}
# What a run may end with when this strikes a call that is not tried again by itself.
_CODES: dict[str, set[str]] = {
    "latency": set(),
    "php_notice": set(),
    "rate_limited": {"rate_limited"},
    "error_before": _FAILING,
    "error_after": _FAILING,
    "drop_before": _BREAKING_OFF,
    "drop_after": _BREAKING_OFF,
    "late_commit": _BREAKING_OFF,
    "cut_body": _BREAKING_OFF,
    "truncated": _BREAKING_OFF,
    "hang": {"timed_out"},
    "hang_after": {"timed_out"},
    "html_page": _PAGES,
    "html_after": _PAGES,
    "challenge": _PAGES | {"access_forbidden"},
    "maintenance": _FAILING | _PAGES,
    "redirect": {"redirected", "mail_cannot_be_muted"},
}
# A store that goes on so until a person acts: the fault, and what the run then says of either platform.
_LASTING: tuple[tuple[str, dict[str, Any], set[str]], ...] = (
    ("not let in", {"kind": "error_before", "status": 401}, {"token_invalid", "site_password_protected"}),
    ("a page", {"kind": "html_page"}, {"html_answer"}),
    ("a challenge", {"kind": "challenge"}, {"html_answer", "access_forbidden"}),
    ("maintenance", {"kind": "maintenance"}, {"store_unavailable"}),
    ("a redirect", {"kind": "redirect"}, {"redirected"}),
    ("a failing server", {"kind": "error_before", "status": 500}, {"store_unavailable"}),
    ("slow down", {"kind": "rate_limited", "retry_after": 1}, {"rate_limited"}),
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_on_every_kind_of_call(staged: Staged, tmp_path: Path, kind: str) -> None:
    stage, expected = staged
    verdict = disturbed(stage, expected, tmp_path, on_every_call(kind, stage.way))
    assert verdict.is_clean, verdict.figures
    assert set(verdict.codes) <= _CODES[kind]


@pytest.mark.parametrize("seed", range(1, _SCHEDULES + 1))
def test_faults_by_seed(staged: Staged, tmp_path: Path, seed: int) -> None:
    stage, expected = staged
    verdict = disturbed(stage, expected, tmp_path, drawn(seed, stage.way))
    assert verdict.is_clean, verdict.figures


@pytest.mark.parametrize("staged", [way for way in WAYS if way.is_bulk], indirect=True, ids=lambda way: way.name)
@pytest.mark.parametrize("kind", ["error_before", "drop_before", "cut_body", "php_notice", "html_page", "truncated"])
def test_an_export_whose_file_is_spoilt_is_not_taken_for_the_store(staged: Staged, tmp_path: Path, kind: str) -> None:
    stage, expected = staged
    rule = {"kind": kind, **KINDS[kind], "method": "GET", "path": "/bulk-results/"}
    verdict = disturbed(stage, expected, tmp_path, Scripts(kind, [], [rule]))
    assert verdict.is_clean, verdict.figures


def test_a_refusal_that_is_still_being_told_is_in_no_writer_s_way(tmp_path: Path) -> None:
    state = State.open(tmp_path)
    spec = RunSpec(RunType.SYNC, "customer", "default", "woocommerce", "shop.example.com", "example.myshopify.com")
    run = state.runs.create(spec).run
    with pytest.raises(StoreBusyError) as refused:
        state.runs.create(spec)
    try:
        # The refused writer's connection is lent to a reader, so that the next write is made on another one.
        with state.database.read():
            state.runs.claim(run.id, "worker", 60)
        for _ in range(4):
            state.runs.claim(run.id, "worker", 60, owner_is_dead=True)
        assert refused.value.run_id == run.id
    finally:
        state.close()


@pytest.mark.parametrize("staged", [way for way in WAYS if not way.is_bulk], indirect=True, ids=lambda way: way.name)
@pytest.mark.parametrize("side", ["source", "destination"])
@pytest.mark.parametrize(("rule", "codes"), [entry[1:] for entry in _LASTING], ids=[entry[0] for entry in _LASTING])
def test_a_store_that_keeps_failing_ends_the_run_with_its_code_until_resumed(
    staged: Staged, tmp_path: Path, rule: dict[str, Any], codes: set[str], side: str
) -> None:
    stage, expected = staged
    stage.refill()
    platform = stage.way.source if side == "source" else stage.way.destination

    async def migrate() -> None:
        settings = Settings.load({}, **stage.settings(tmp_path))
        async with asyncio.timeout(_LONGEST_SECONDS), open_services(settings) as services:
            compared = await Perseverance(services, stage.way).compare()
            before = stage.picture()
            stage.pair.faults_of(platform).set_rules([{**rule, "times": 0}])
            request = sync_request(stage.way, compared.id)
            failed = await services.runs.wait((await services.runs.start_sync(request)).id)
            assert failed.state is RunState.FAILED
            assert failed.error_code in codes
            assert stage.picture() == before
            stage.end_faults()
            perseverance = Perseverance(services, stage.way)
            await services.runs.resume(failed.id)
            sync = await perseverance.finish(failed)
            await services.mutes.restore()
            verdict = judge(expected, await look(services, stage, sync), codes=perseverance.codes)
            assert verdict.is_clean, verdict.figures

    with in_haste():
        asyncio.run(migrate())


@pytest.mark.parametrize("after", [1, 4, 12])
def test_a_token_that_ends_in_the_midst_of_a_sync_is_renewed(
    staged: Staged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    stage, expected = staged
    stage.refill()
    keys, tokens = stage.stores.keys[0], stage.pair.shopify.tokens
    settings = stage.settings(
        tmp_path, shopify_client_id=keys.shopify_client_id, shopify_client_secret=keys.shopify_client_secret
    )
    del settings["shopify_token"]
    find, asked = tokens.find, 0

    def find_until_revoked(text: str | None) -> object:
        nonlocal asked
        asked += 1
        if asked == after:
            tokens.revoke_all()
        return find(text)

    async def migrate() -> None:
        async with asyncio.timeout(_LONGEST_SECONDS), open_services(Settings.load({}, **settings)) as services:
            perseverance = Perseverance(services, stage.way)
            compared = await perseverance.compare()
            monkeypatch.setattr(tokens, "find", find_until_revoked)
            sync = await perseverance.sync(compared)
            verdict = judge(expected, await look(services, stage, sync), codes=perseverance.codes)
            assert verdict.is_clean, verdict.figures
            assert not perseverance.codes
            assert asked >= after or stage.way.source == "shopify"

    try:
        with in_haste():
            asyncio.run(migrate())
    finally:
        stage.pair.shopify.issue_token(keys.shopify_token)


def test_a_second_sync_on_a_busy_destination_is_refused(staged: Staged, tmp_path: Path) -> None:
    stage, expected = staged
    stage.refill()

    async def migrate() -> None:
        settings = Settings.load({}, **stage.settings(tmp_path))
        async with asyncio.timeout(_LONGEST_SECONDS), open_services(settings) as services:
            perseverance = Perseverance(services, stage.way)
            compared = await perseverance.compare()
            request = sync_request(stage.way, compared.id)
            # While a store hangs its sync can't end.
            stage.pair.faults_of(stage.way.destination).set_rules([{"kind": "hang", "times": 2}])
            first = await services.runs.start_sync(request)
            compare = CompareRequest(stage.way.kind, stage.way.source)
            assert await _holder_named_by(services.runs.start_sync(request)) == first.id
            assert await _holder_named_by(services.runs.start_compare(compare)) == first.id
            sync = await perseverance.finish(first)
            verdict = judge(expected, await look(services, stage, sync), codes=perseverance.codes)
            assert verdict.is_clean, verdict.figures

    with in_haste(patience=1.0):
        asyncio.run(migrate())


async def _holder_named_by(refused: Awaitable[Run]) -> str:
    """Tell which run a refusal names."""
    try:
        await refused
    except StoreBusyError as busy:
        return busy.run_id
    raise AssertionError("the store was given to two runs")
