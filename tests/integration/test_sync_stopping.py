"""Syncs that a person stops, whatever they are doing then: what is told of each record is the truth."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crossdock.jobs.requests import SelectedItem, SyncRequest, dump_sync
from crossdock.state import Control, Run, RunSpec, RunState, RunType, WorkOutcome
from tests.support.sync_desk import Call, Desk, Premises, open_premises

CREATE = "mutation CrossdockCustomerCreate"


@pytest.fixture
def premises(tmp_path: Path) -> Iterator[Premises]:
    with open_premises(tmp_path / "data") as opened:
        yield opened


def _ask(desk: Desk, control: Control) -> None:
    """Ask the run at work to stop, as another process would."""
    at_work = next(run for run in desk.services.state.runs.unfinished() if run.type is not RunType.COMPARE)
    desk.services.state.runs.request_control(at_work.id, control)


def _at_the_first(matches: Callable[[Call], bool], act: Callable[[], None]) -> Callable[[Call], None]:
    is_over = False

    def see(call: Call) -> None:
        nonlocal is_over
        if not is_over and matches(call):
            is_over = True
            act()

    return see


def _is_creation(call: Call) -> bool:
    return bool(call.creations())


async def _outcomes(desk: Desk, run: Run) -> Counter[str]:
    return Counter(row.code or row.outcome for row in await desk.rows(run))


async def test_cancelled_after_a_pause_it_tells_of_what_the_store_may_have(premises: Premises) -> None:
    async with premises.open() as desk:
        desk.pair.shopify_faults.set_rules([{"kind": "error_after", "body": CREATE, "nth": 3, "times": 2}])
        premises.tap.on_call = _at_the_first(_is_creation, lambda: _ask(desk, Control.PAUSE))
        paused = await desk.sync("woocommerce")
        assert paused.state is RunState.PAUSED
        made = desk.pair.shopify.state()["customers"]
        calls = len(premises.tap.calls)
        cancelled = await desk.cancelled(paused)
        assert cancelled.state is RunState.CANCELLED
        assert len(premises.tap.calls) == calls
        told = await _outcomes(desk, cancelled)
        assert told["outcome_unknown"] == 2
        assert "not_attempted" not in told
        assert cancelled.summary["succeeded"] == told[WorkOutcome.SUCCEEDED]
        # Nobody is lost or made twice by migrating once more: what was made unseen is linked by its e-mail address.
        await desk.sync("woocommerce")
        assert desk.pair.shopify.state()["customers"] == made


async def test_cancelled_after_the_process_died_it_tells_of_what_was_under_way(premises: Premises) -> None:
    async with premises.open() as desk:
        compared = await desk.missing("woocommerce")
        desk.pair.shopify_faults.set_rules([{"kind": "hang_after", "body": CREATE, "nth": 2, "times": 0}])
        run = await desk.start("woocommerce", tuple(compared))
        while not any(call.kind == "hang_after" and call.committed for call in desk.pair.shopify_faults.calls):
            await desk.services.runs.get(run.id)
    desk.pair.shopify_faults.set_rules([])
    made = {customer.email for customer in premises.pair.shopify.customers}
    async with premises.open(takes_up_runs=False) as desk:
        calls = len(premises.tap.calls)
        cancelled = await desk.cancelled(run)
        assert cancelled.state is RunState.CANCELLED
        assert len(premises.tap.calls) == calls
        rows = await desk.rows(cancelled)
        assert any(row.code == "outcome_unknown" for row in rows)
        untouched = {row.label for row in rows if row.code == "not_attempted"}
        assert not made & untouched


async def test_what_was_created_and_not_yet_read_back_is_told_as_there(premises: Premises) -> None:
    async with premises.open() as desk:
        desk.pair.shopify_faults.set_rules(
            [{"kind": "error_before", "status": 401, "body": "CrossdockCustomersByIds", "times": 0}]
        )
        failed = await desk.sync("woocommerce")
        assert failed.state is RunState.FAILED
        desk.pair.shopify_faults.set_rules([])
        desk.services.state.runs.requeue(failed.id)
        cancelled = await desk.cancelled(failed)
        told = [row for row in await desk.rows(cancelled) if row.outcome is WorkOutcome.SUCCEEDED]
        assert told
        assert all([warning.code for warning in row.warnings][-1:] == ["not_verified"] for row in told)
        assert {row.code for row in await desk.rows(cancelled)} <= {"", "value_refused", "no_identity"}


async def test_a_queued_sync_that_is_cancelled_contacts_no_store(premises: Premises) -> None:
    async with premises.open() as desk:
        chosen = tuple(await desk.missing("shopify"))
        compared = (await desk.services.runs.list())[0][0]
        spec = RunSpec(
            type=RunType.SYNC,
            kind="customer",
            pair="default",
            source_platform="shopify",
            source_store=compared.source_store,
            destination_store=compared.destination_store,
            request=dump_sync(SyncRequest("customer", "shopify", chosen)),
        )
        queued = desk.services.state.runs.create(spec).run
        calls = len(premises.tap.calls)
        cancelled = await desk.cancelled(queued)
        assert cancelled.state is RunState.CANCELLED
        assert await _outcomes(desk, cancelled) == {"not_attempted": len(chosen)}
        assert len(premises.tap.calls) == calls
        assert not await desk.services.mutes.status()


async def test_a_cancelled_sync_gives_back_what_its_dead_process_muted(premises: Premises) -> None:
    async with premises.open() as desk:
        chosen = tuple(await desk.missing("shopify"))
        desk.pair.woo_faults.set_rules([{"kind": "hang", "method": "POST", "body": '"create"', "times": 0}])
        run = await desk.start("shopify", chosen)
        while not any(call.kind == "hang" for call in desk.pair.woo_faults.calls):
            await desk.services.runs.get(run.id)
    desk.pair.woo_faults.set_rules([])
    assert premises.pair.woo.state()["changedSettings"]
    async with premises.open(takes_up_runs=False, woocommerce_settle_seconds=0.2) as desk:
        cancelled = await desk.cancelled(run)
        assert cancelled.state is RunState.CANCELLED
        assert not await desk.services.mutes.status()
    assert not premises.pair.woo.state()["changedSettings"]


@pytest.mark.parametrize(("control", "state"), [(Control.PAUSE, RunState.PAUSED), (Control.CANCEL, RunState.CANCELLED)])
async def test_a_store_that_asks_to_wait_does_not_deafen_a_sync(
    premises: Premises, control: Control, state: RunState
) -> None:
    async with premises.open() as desk:
        slow_down = {"kind": "rate_limited", "retry_after": 250, "method": "POST", "body": '"create"'}
        desk.pair.woo_faults.set_rules([slow_down])
        premises.clock.on_sleep = lambda: _ask(desk, control)
        stopped = await desk.sync("shopify")
        assert (stopped.state, stopped.error_code) == (state, "")
        assert premises.clock.slept < 5
        assert not premises.pair.woo.state()["changedSettings"]
        premises.clock.on_sleep = lambda: None
        if state is RunState.PAUSED:
            await desk.services.runs.resume(stopped.id)
            done = await desk.ended(stopped)
            assert (done.state, done.summary["failed"]) == (RunState.DONE, 0)


async def test_a_store_that_asks_for_a_day_ends_the_sync_to_be_resumed(premises: Premises) -> None:
    async with premises.open() as desk:
        desk.pair.woo_faults.set_rules(
            [{"kind": "rate_limited", "retry_after": 86_400, "method": "POST", "body": '"create"'}]
        )
        failed = await desk.sync("shopify")
        assert (failed.state, failed.error_code) == (RunState.FAILED, "rate_limited")
        assert premises.clock.slept == 0
        assert not premises.pair.woo.state()["changedSettings"]


async def test_a_dry_run_is_cancelled(premises: Premises) -> None:
    async with premises.open() as desk:
        nobody = tuple(SelectedItem(str(900_000 + number), "nobody@example.org") for number in range(150))
        premises.tap.on_call = _at_the_first(lambda call: "include=" in call.path, lambda: _ask(desk, Control.CANCEL))
        cancelled = await desk.sync("woocommerce", nobody, is_dry_run=True)
        assert cancelled.state is RunState.CANCELLED
        assert await _outcomes(desk, cancelled) == {"source_not_found": 100, "not_attempted": 50}


async def test_an_undo_stops_after_the_record_in_hand(premises: Premises) -> None:
    async with premises.open() as desk:
        sync = await desk.sync("woocommerce")
        made = desk.pair.shopify.state()["customers"]
        premises.tap.on_call = _at_the_first(
            lambda call: b"CrossdockCustomerDelete" in call.body, lambda: _ask(desk, Control.PAUSE)
        )
        paused = await desk.ended(await desk.services.runs.undo(sync.id))
        assert paused.state is RunState.PAUSED
        assert desk.pair.shopify.state()["customers"] == int(str(made)) - 1
        await desk.services.runs.resume(paused.id)
        undone = await desk.ended(paused)
        assert (undone.state, undone.summary["failed"]) == (RunState.DONE, 0)


@pytest.mark.parametrize(("control", "state"), [(Control.PAUSE, RunState.DONE), (Control.CANCEL, RunState.CANCELLED)])
async def test_a_sync_asked_to_pause_at_its_last_record_is_done(
    premises: Premises, control: Control, state: RunState
) -> None:
    async with premises.open() as desk:
        chosen = tuple(await desk.missing("shopify"))
        premises.tap.on_call = _at_the_first(_is_creation, lambda: _ask(desk, control))
        ended = await desk.sync("shopify", chosen)
        told = await _outcomes(desk, ended)
        assert (ended.state, told[WorkOutcome.PENDING], told["not_attempted"], told.total()) == (
            state,
            0,
            0,
            len(chosen),
        )
        assert ended.summary["succeeded"] == told[WorkOutcome.SUCCEEDED] > 0
        assert not await desk.services.mutes.status()
        assert not premises.pair.woo.state()["changedSettings"]


async def test_an_undo_asked_to_pause_at_its_last_record_is_done(premises: Premises) -> None:
    async with premises.open() as desk:
        sync = await desk.sync("woocommerce", tuple(await desk.missing("woocommerce"))[:1])
        premises.tap.on_call = _at_the_first(
            lambda call: b"CrossdockCustomerDelete" in call.body, lambda: _ask(desk, Control.PAUSE)
        )
        undone = await desk.ended(await desk.services.runs.undo(sync.id))
        assert (undone.state, undone.summary["succeeded"]) == (RunState.DONE, 1)
