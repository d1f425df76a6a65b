"""Runs that people steer at awkward moments, or that a failing database interrupts: each comes to rest as asked."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from pathlib import Path
from typing import Any

import pytest

from crossdock.bootstrap import Services, Settings, open_services
from crossdock.compare.engine import CompareEngine
from crossdock.domain.difference import Group
from crossdock.domain.errors import ConfigurationError, StateError
from crossdock.jobs.dispatch import Dispatcher
from crossdock.jobs.progress import Progress
from crossdock.jobs.requests import CompareRequest, SelectAll, SelectedItem, SyncRequest
from crossdock.state import Control, Run, RunState
from crossdock.state.runs import Runs
from tests.durability.stage import CUSTOMER_WAYS, Stage, Way, open_stage

TO_SHOPIFY, _, TO_WOOCOMMERCE = CUSTOMER_WAYS
_LONGEST_SECONDS = 30


@pytest.fixture
def way() -> Way:
    return TO_SHOPIFY


@pytest.fixture
def stage(way: Way) -> Generator[Stage]:
    with open_stage(way) as opened:
        yield opened


@pytest.fixture
def settings(stage: Stage, tmp_path: Path) -> Settings:
    return Settings.load({}, **stage.settings(tmp_path / "data"))


@pytest.fixture
async def services(settings: Settings) -> AsyncGenerator[Services]:
    async with open_services(settings) as opened:
        yield opened


async def rested(services: Services, run: Run) -> Run:
    """Wait until a run rests, but not for ever."""
    return await asyncio.wait_for(services.runs.wait(run.id), _LONGEST_SECONDS)


async def compare(services: Services, source: str) -> Run:
    return await rested(services, await services.runs.start_compare(CompareRequest("customer", source)))


async def start_sync(services: Services, source: str) -> Run:
    compared = await compare(services, source)
    return await services.runs.start_sync(SyncRequest("customer", source, SelectAll(compared.id)))


async def until(services: Services, run: Run, is_so: Callable[[Run], bool]) -> Run:
    """Look at a run until something is so."""
    async with asyncio.timeout(_LONGEST_SECONDS):
        while not is_so(run := await services.runs.get(run.id)):
            continue
    return run


def slow_creates(stage: Stage, seconds: float = 0.3) -> None:
    stage.set_faults([], [{"kind": "latency", "seconds": seconds, "body": "customerCreate(", "times": 0}])


async def test_a_run_resumed_while_its_worker_still_tells_of_the_pause_goes_on(
    services: Services, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_paused, may_go_on, say = asyncio.Event(), asyncio.Event(), Progress.say

    async def say_later(self: Progress, event: str, data: Mapping[str, Any]) -> None:
        if data.get("state") is RunState.PAUSED:
            is_paused.set()
            await may_go_on.wait()
        await say(self, event, data)

    monkeypatch.setattr(Progress, "say", say_later)
    slow_creates(stage)
    run = await start_sync(services, stage.way.source)
    await services.runs.pause(run.id)
    await asyncio.wait_for(is_paused.wait(), _LONGEST_SECONDS)
    await services.runs.resume(run.id)
    may_go_on.set()
    assert (await rested(services, run)).state is RunState.DONE


@pytest.mark.parametrize("way", [TO_WOOCOMMERCE])
@pytest.mark.parametrize("answer", ["cancel", "resume"])
async def test_what_is_asked_while_a_pause_is_carried_out_is_obeyed(
    settings: Settings, stage: Stage, answer: str
) -> None:
    patient = settings.model_copy(update={"mail_delay_seconds": 1.5})
    async with open_services(patient) as services:
        stage.set_faults([{"kind": "latency", "seconds": 0.4, "path": "customers/batch", "times": 1}], [])
        run = await start_sync(services, stage.way.source)
        await until(services, run, lambda now: now.phase == "writing")
        await services.runs.pause(run.id)
        await until(services, run, lambda now: now.phase == "releasing")
        steer: dict[str, Callable[[str], Awaitable[Run]]] = {
            "cancel": services.runs.cancel,
            "resume": services.runs.resume,
        }
        await steer[answer](run.id)
        ended = await rested(services, run)
    expected = {"cancel": RunState.CANCELLED, "resume": RunState.DONE}
    assert ended.state is expected[answer]
    assert ended.summary["total"] == ended.summary["succeeded"] + ended.summary["failed"]


async def test_a_pause_that_is_taken_back_never_happens(services: Services, stage: Stage) -> None:
    slow_creates(stage)
    run = await start_sync(services, stage.way.source)
    assert (await services.runs.pause(run.id)).control is Control.PAUSE
    assert (await services.runs.resume(run.id)).control is Control.NONE
    assert (await rested(services, run)).state is RunState.DONE


async def test_a_cancel_can_not_be_taken_back(services: Services, stage: Stage) -> None:
    slow_creates(stage)
    run = await start_sync(services, stage.way.source)
    await services.runs.cancel(run.id)
    await services.runs.resume(run.id)
    assert (await rested(services, run)).state is RunState.CANCELLED


async def test_a_paused_run_that_was_cancelled_elsewhere_ends_at_the_next_start(
    settings: Settings, stage: Stage
) -> None:
    slow_creates(stage)
    async with open_services(settings) as services:
        run = await start_sync(services, stage.way.source)
        await services.runs.pause(run.id)
        assert (await rested(services, run)).state is RunState.PAUSED
        services.state.runs.request_control(run.id, Control.CANCEL)
    async with open_services(settings) as services:
        assert (await rested(services, run)).state is RunState.CANCELLED


async def test_a_comparison_hears_a_cancel_long_before_its_lease_is_renewed(services: Services, stage: Stage) -> None:
    stage.set_faults([{"kind": "latency", "seconds": 1.5, "path": "/customers", "times": 0}], [])
    run = await services.runs.start_compare(CompareRequest("customer", stage.way.source))
    await services.runs.cancel(run.id)
    assert (await rested(services, run)).state is RunState.CANCELLED


@pytest.mark.parametrize("takes_up_runs", [True, False])
@pytest.mark.parametrize("step", ["claim", "finish"])
async def test_a_run_whose_state_could_not_be_written_is_taken_up_again(
    settings: Settings, stage: Stage, monkeypatch: pytest.MonkeyPatch, step: str, *, takes_up_runs: bool
) -> None:
    is_full, work = threading.Event(), getattr(Runs, step)

    def fail_while_full(self: Runs, *args: object, **kwargs: object) -> object:
        if is_full.is_set():
            raise StateError("disk_full", "The disk is full.")
        return work(self, *args, **kwargs)

    monkeypatch.setattr(Runs, step, fail_while_full)
    async with open_services(settings, takes_up_runs=takes_up_runs) as services:
        dispatcher = services.runs._dispatcher
        assert isinstance(dispatcher, Dispatcher)
        is_full.set()
        run = await services.runs.start_compare(CompareRequest("customer", stage.way.source))
        async with asyncio.timeout(_LONGEST_SECONDS):
            while dispatcher._tasks:
                await dispatcher.wait_for_change(1)
        assert not (await services.runs.get(run.id)).state.has_ended
        with pytest.raises(StateError, match="disk_full"):
            await rested(services, run)
        is_full.clear()
        await dispatcher.take_up()
        assert (await rested(services, run)).state is RunState.DONE


def test_a_lease_shorter_than_a_request_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="CROSSDOCK_LEASE_SECONDS"):
        Settings.load({"CROSSDOCK_LEASE_SECONDS": "110"})


async def test_eight_comparisons_leave_the_state_within_reach(
    services: Services, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_compare, really_compare = threading.Event(), CompareEngine.compare

    def compare_later(self: CompareEngine, *args: Any) -> object:  # noqa: ANN401 - whatever a comparison is given
        may_compare.wait(_LONGEST_SECONDS)
        return really_compare(self, *args)

    monkeypatch.setattr(CompareEngine, "compare", compare_later)
    request = CompareRequest("customer", stage.way.source)
    try:
        runs = [await services.runs.start_compare(request) for _ in range(8)]
        for run in runs:
            await until(services, run, lambda now: now.phase == "comparing")
    finally:
        may_compare.set()
    assert {(await rested(services, run)).state for run in runs} == {RunState.DONE}


async def some_missing(services: Services, source: str) -> tuple[SelectedItem, ...]:
    """Choose three customers that are missing, the first by an e-mail address that is not theirs."""
    compared = await compare(services, source)
    chunks = [chunk async for chunk in services.runs.stream_differences(compared.id, Group.ONLY_IN_SOURCE)]
    rows = [row for row in chunks[0] if row["label"]][:3]
    labels = ["someone-else@example.org", *(row["label"] for row in rows[1:])]
    return tuple(SelectedItem(row["source_id"], label) for row, label in zip(rows, labels, strict=True))


async def test_retrying_a_dry_run_is_a_dry_run(services: Services, stage: Stage) -> None:
    before = stage.picture()
    chosen = await some_missing(services, stage.way.source)
    run = await services.runs.start_sync(SyncRequest("customer", stage.way.source, chosen, is_dry_run=True))
    await rested(services, run)
    retried = await rested(services, await services.runs.retry_failed(run.id))
    assert retried.state is RunState.DONE
    assert retried.request["dryRun"] is True
    assert stage.picture() == before


async def test_what_failed_in_a_failed_run_can_be_retried(services: Services, stage: Stage) -> None:
    chosen = await some_missing(services, stage.way.source)
    stage.set_faults([], [{"kind": "error_before", "status": 401, "body": "customerCreate(", "times": 0}])
    run = await services.runs.start_sync(SyncRequest("customer", stage.way.source, chosen))
    assert (await rested(services, run)).state is RunState.FAILED
    stage.end_faults()
    retried = await rested(services, await services.runs.retry_failed(run.id))
    assert retried.summary["total"] == 1
