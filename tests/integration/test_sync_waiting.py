"""Syncs of stores that lose answers: nothing is concluded too soon, nothing sent twice, and an ill store is braked."""

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crossdock.connectors.shopify.customers.writer import CustomerWriter
from crossdock.domain.customer import Customer
from crossdock.domain.identity import Marker
from crossdock.domain.plan import Resolution, Step
from crossdock.jobs.requests import SelectedItem
from crossdock.state import Control, RunState, WorkOutcome
from crossdock.sync.settling import MAX_WAITING
from tests.support.sync_desk import Call, Desk, Premises, open_premises

CREATE = "mutation CrossdockCustomerCreate"
LOOK = b"query CrossdockCustomersByIdentifier"
SETTLE = timedelta(seconds=60)
GAP = timedelta(seconds=30)


@pytest.fixture
def premises(tmp_path: Path) -> Iterator[Premises]:
    with open_premises(tmp_path / "data") as opened:
        yield opened


def _people(desk: Desk, count: int) -> tuple[SelectedItem, ...]:
    """Add people whom only WooCommerce knows."""
    emails = [f"reader-{number}@example.org" for number in range(count)]
    desk.pair.woo.load_customers(
        {"email": email, "username": email, "first_name": "Noor", "last_name": "Vance", "role": "customer"}
        for email in emails
    )
    return tuple(SelectedItem(str(desk.pair.woo.accounts.by_email(email)[0].id), email) for email in emails)


class Slowness:
    """A store that needs `seconds` for each creation; notes when it had begun and ended the last."""

    def __init__(self, premises: Premises, seconds: float) -> None:
        self._clock = premises.clock
        self._seconds = seconds
        self.ended_at: datetime | None = None
        self.looks: list[datetime] = []
        premises.tap.on_call = self._see

    def _see(self, call: Call) -> None:
        if call.creations():
            self._clock.jump(self._seconds)
            self.ended_at = self._clock.now()
        elif LOOK in call.body:
            self.looks.append(call.at)


async def test_the_first_look_waits_from_when_the_answer_was_lost(premises: Premises) -> None:
    async with premises.open() as desk:
        chosen = _people(desk, 1)
        desk.pair.shopify_faults.set_rules([{"kind": "drop_after", "body": CREATE}])
        slowness = Slowness(premises, 500)
        done = await desk.sync("woocommerce", chosen)
        assert (done.state, done.summary["succeeded"], done.summary["alreadyThere"]) == (RunState.DONE, 1, 0)
        assert slowness.ended_at is not None
        assert slowness.looks[0] >= slowness.ended_at + SETTLE
        assert len(premises.tap.creations) == 1


async def test_what_was_lost_is_sent_again_after_two_looks_apart(premises: Premises) -> None:
    async with premises.open() as desk:
        chosen = _people(desk, 1)
        desk.pair.shopify_faults.set_rules([{"kind": "drop_before", "body": CREATE}])
        slowness = Slowness(premises, 0)
        done = await desk.sync("woocommerce", chosen)
        assert [row.outcome for row in await desk.rows(done)] == [WorkOutcome.SUCCEEDED]
        first, second = slowness.looks
        assert second >= first + GAP
        assert len(premises.tap.creations) == 2


async def test_what_is_lost_again_and_again_fails_as_lost(premises: Premises) -> None:
    async with premises.open() as desk:
        chosen = _people(desk, 2)
        desk.pair.shopify_faults.set_rules([{"kind": "drop_before", "body": chosen[0].expected, "times": 0}])
        done = await desk.sync("woocommerce", chosen)
        assert [row.code for row in await desk.rows(done)] == ["write_lost", ""]
        assert (done.state, done.summary["failed"]) == (RunState.DONE, 1)
        desk.pair.shopify_faults.set_rules([])
        retried = await desk.ended(await desk.services.runs.retry_failed(done.id))
        assert [row.outcome for row in await desk.rows(retried)] == [WorkOutcome.SUCCEEDED]


async def test_a_store_that_loses_everything_is_sent_no_more(premises: Premises) -> None:
    async with premises.open() as desk:
        chosen = _people(desk, MAX_WAITING + 150)
        desk.pair.shopify_faults.set_rules([{"kind": "error_before", "body": CREATE, "times": 0}])

        def stop() -> None:
            for run in desk.services.state.runs.unfinished():
                desk.services.state.runs.request_control(run.id, Control.CANCEL)

        premises.clock.on_sleep = stop
        cancelled = await desk.sync("woocommerce", chosen)
        assert cancelled.state is RunState.CANCELLED
        assert len(premises.tap.creations) == MAX_WAITING
        codes = [row.code for row in await desk.rows(cancelled)]
        assert codes == ["outcome_unknown"] * MAX_WAITING + ["not_attempted"] * 150


async def test_planning_does_not_hold_the_event_loop_up(premises: Premises, monkeypatch: pytest.MonkeyPatch) -> None:
    planned_by: set[threading.Thread] = set()
    plan = CustomerWriter.steps

    def watched(writer: CustomerWriter, record: Customer, marker: Marker, resolution: Resolution) -> Sequence[Step]:
        planned_by.add(threading.current_thread())
        return plan(writer, record, marker, resolution)

    monkeypatch.setattr(CustomerWriter, "steps", watched)
    async with premises.open() as desk:
        chosen = _people(desk, 3)
        await desk.sync("woocommerce", chosen, is_dry_run=True)
        sync = await desk.sync("woocommerce", chosen)
        await desk.ended(await desk.services.runs.undo(sync.id))
    assert planned_by
    assert threading.main_thread() not in planned_by
