"""A write whose answer is lost in a store that keeps failing to show what it has: told as unknown, never sent again."""

from collections.abc import Generator
from pathlib import Path

import pytest

from crossdock.jobs.requests import SelectedItem
from crossdock.state import RunState, WorkOutcome
from crossdock.sync import settling
from tests.durability.haste import in_haste
from tests.support.sync_desk import Call, Desk, Premises, open_premises

_CREATE, _FIND = "mutation CrossdockCustomerCreate", "query CrossdockCustomersByIdentifier"
_HIDDEN = {"kind": "error_before", "status": 502, "body": _FIND, "times": 0}


@pytest.fixture
def premises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Premises]:
    monkeypatch.setattr(settling, "_MAX_FAILED_LOOKS", 1)
    with in_haste(), open_premises(tmp_path / "data") as opened:
        yield opened


async def _wanted(desk: Desk) -> tuple[SelectedItem, ...]:
    return tuple(item for item in await desk.missing("woocommerce") if "@" in item.expected)[:3]


async def test_what_can_not_be_looked_for_is_told_and_a_retry_looks_before_it_sends(premises: Premises) -> None:
    async with premises.open() as desk:
        chosen = await _wanted(desk)
        faults = desk.pair.shopify_faults
        faults.set_rules([{"kind": "error_after", "status": 504, "body": _CREATE, "nth": 2}, _HIDDEN])
        run = await desk.sync("woocommerce", chosen)
        (lost,) = [row for row in await desk.rows(run) if not row.is_success]
        assert (run.state, lost.code) == (RunState.DONE, "outcome_unknown")
        assert "Look for it there" in lost.error
        assert "retry" in lost.error
        for is_hidden, outcome in ((True, WorkOutcome.FAILED), (False, WorkOutcome.SUCCEEDED)):
            faults.set_rules([_HIDDEN] if is_hidden else [])
            run = await desk.ended(await desk.services.runs.retry_failed(run.id))
            (row,) = await desk.rows(run)
            assert (row.source_id, row.outcome) == (lost.source_id, outcome)
        assert row.destination_id
        # Whoever was lost was asked for once, and is known as ours: an undo may take it back.
        assert len(premises.tap.creations) == len(chosen)
        assert (await desk.ended(await desk.services.runs.undo(run.id))).summary["succeeded"] == 1


async def test_a_store_that_is_down_altogether_ends_the_run_to_be_resumed(premises: Premises) -> None:
    async with premises.open() as desk:
        chosen = await _wanted(desk)
        down = [{"kind": "error_after", "status": 504, "body": _CREATE}, {**_HIDDEN, "body": "query "}]

        def fall(call: Call) -> None:
            if call.creations():
                premises.tap.on_call = lambda _: None
                desk.pair.shopify_faults.set_rules(down)

        premises.tap.on_call = fall
        failed = await desk.sync("woocommerce", chosen)
        assert (failed.state, failed.error_code) == (RunState.FAILED, "store_unavailable")
        desk.pair.shopify_faults.set_rules([])
        await desk.services.runs.resume(failed.id)
        ended = await desk.ended(failed)
        assert (ended.state, ended.summary["succeeded"]) == (RunState.DONE, len(chosen))
        assert len(premises.tap.creations) == len(chosen)
