"""What becomes of single records: shown before, deleted since, unreadable, there already, tried again, undone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crossdock.connectors.shopify.gid import legacy_number
from crossdock.domain.difference import Group
from crossdock.jobs.requests import SelectedItem
from crossdock.sandbox.woocommerce.account import Account
from crossdock.state import RunState, WorkOutcome
from tests.support.sync_desk import Desk, Premises, open_premises

BY_IDS = "CrossdockCustomersByIds"


@pytest.fixture
def premises(tmp_path: Path) -> Iterator[Premises]:
    with open_premises(tmp_path / "data") as opened:
        yield opened


def _account(desk: Desk, number: str) -> Account:
    account = desk.pair.woo.accounts.get(int(number))
    assert account is not None
    return account


def _spoil(account: Account) -> None:
    """Let a plugin make an account such as no reader expects."""
    odd: Any = {"not": "text"}
    account.first_name = odd


def _emails(desk: Desk, platform: str) -> set[str]:
    customers = desk.pair.shopify.customers if platform == "shopify" else desk.pair.woo.accounts
    return {(customer.email or "").lower() for customer in customers}


@pytest.mark.parametrize("source", ["woocommerce", "shopify"])
async def test_a_dry_run_writes_nothing_and_shows_what_is_then_sent(premises: Premises, source: str) -> None:
    async with premises.open() as desk:
        chosen = tuple(await desk.missing(source))
        premises.tap.calls.clear()
        shown = await desk.rows(await desk.sync(source, chosen, is_dry_run=True))
        assert not [call for call in premises.tap.calls if call.is_write]
        payloads = [row.payload for row in shown if row.payload]
        assert len(payloads) >= 3
        sent = {row.source_id for row in await desk.rows(await desk.sync(source, chosen)) if not row.code}
        assert sent <= {row.source_id for row in shown if row.payload}
        assert all(payload in premises.tap.creations for payload in payloads)


@pytest.mark.parametrize("source", ["woocommerce", "shopify"])
async def test_what_was_deleted_since_is_missing_again_and_moved_again(premises: Premises, source: str) -> None:
    destination = "shopify" if source == "woocommerce" else "woocommerce"
    async with premises.open() as desk:
        sync = await desk.sync(source)
        row = next(row for row in await desk.rows(sync) if row.is_success)
        if destination == "shopify":
            desk.pair.shopify.customers.remove(legacy_number(row.destination_id))
        else:
            desk.pair.woo.accounts.remove(_account(desk, row.destination_id))
        compared = await desk.compare(source)
        found, _ = await desk.services.runs.differences(compared.id, Group.ONLY_IN_SOURCE, limit=500)
        missing = next(one for one in found if one["source_id"] == row.source_id)
        assert missing["stale_destination_id"] == row.destination_id
        chosen = (SelectedItem(row.source_id, row.label),)
        shown = (await desk.rows(await desk.sync(source, chosen, is_dry_run=True)))[0]
        assert shown.payload is not None
        moved = (await desk.rows(await desk.sync(source, chosen)))[0]
        assert moved.outcome is WorkOutcome.SUCCEEDED
        assert moved.destination_id != row.destination_id
        assert row.label.lower() in _emails(desk, destination)


async def test_what_was_deleted_before_it_was_read_back_is_moved_again(premises: Premises) -> None:
    async with premises.open() as desk:
        desk.pair.shopify_faults.set_rules([{"kind": "error_before", "status": 401, "body": BY_IDS, "times": 0}])
        failed = await desk.sync("woocommerce")
        assert failed.state is RunState.FAILED
        desk.pair.shopify_faults.set_rules([])
        made = next(desk.services.state.ledger.created_by_run(failed.id))
        desk.pair.shopify.customers.remove(legacy_number(made.destination_id))
        await desk.services.runs.resume(failed.id)
        done = await desk.ended(failed)
        rows = {row.source_id: row for row in await desk.rows(done)}
        assert done.state is RunState.DONE
        assert rows[made.source_id].outcome is WorkOutcome.SUCCEEDED
        assert rows[made.source_id].destination_id != made.destination_id
        assert made.label.lower() in _emails(desk, "shopify")


@pytest.mark.parametrize("source", ["woocommerce", "shopify"])
async def test_what_the_destination_has_anyway_is_linked_and_never_written(premises: Premises, source: str) -> None:
    destination = "shopify" if source == "woocommerce" else "woocommerce"
    async with premises.open() as desk:
        both = sorted((_emails(desk, "shopify") & _emails(desk, "woocommerce")) - {""})
        account = next(one for one in desk.pair.woo.accounts if one.email.lower() in both and one.role == "customer")
        customer = desk.pair.shopify.customers.by_email(account.email)
        assert customer is not None
        ids = {"woocommerce": str(account.id), "shopify": f"gid://shopify/Customer/{customer.number}"}
        chosen = (SelectedItem(ids[source], account.email),)
        first, second = await desk.sync(source, chosen), await desk.sync(source, chosen)
        for run in (first, second):
            row = (await desk.rows(run))[0]
            assert (row.outcome, row.destination_id) == (WorkOutcome.ALREADY_THERE, ids[destination])
        asked = [sent for sent in premises.tap.creations if sent["email"].lower() == account.email.lower()]
        assert len(asked) == 1
        assert customer == desk.pair.shopify.customers.by_email(account.email)
        undo = await desk.ended(await desk.services.runs.undo(first.id))
        assert undo.summary["total"] == 0


async def test_a_record_that_the_source_garbles_fails_alone_and_is_tried_again(premises: Premises) -> None:
    async with premises.open() as desk:
        chosen = tuple(await desk.missing("woocommerce"))
        account = _account(desk, chosen[1].source_id)
        name = account.first_name
        _spoil(account)
        run = await desk.sync("woocommerce", chosen)
        rows = {row.source_id: row for row in await desk.rows(run)}
        assert rows.pop(chosen[1].source_id).code == "source_unreadable"
        assert any(row.is_success for row in rows.values())
        assert "source_unreadable" not in {row.code for row in rows.values()}
        account.first_name = name
        retried = await desk.ended(await desk.services.runs.retry_failed(run.id))
        again = {row.source_id: row for row in await desk.rows(retried)}
        assert set(again) == {chosen[1].source_id} | {key for key, row in rows.items() if row.code}
        assert again[chosen[1].source_id].outcome is WorkOutcome.SUCCEEDED


async def test_a_record_that_the_destination_garbles_is_neither_made_again_nor_deleted(premises: Premises) -> None:
    async with premises.open() as desk:
        sync = await desk.sync("shopify")
        rows = await desk.rows(sync)
        spoilt = rows[0]
        account = _account(desk, spoilt.destination_id)
        _spoil(account)
        premises.tap.calls.clear()
        again = await desk.sync("shopify", tuple(SelectedItem(row.source_id, row.expected) for row in rows))
        assert {row.outcome for row in await desk.rows(again)} == {WorkOutcome.ALREADY_THERE}
        assert not premises.tap.creations
        undo = await desk.ended(await desk.services.runs.undo(sync.id))
        assert undo.state is RunState.DONE
        codes = {row.source_id: row.code for row in await desk.rows(undo)}
        assert codes.pop(spoilt.source_id) == "undo_unproven"
        assert set(codes.values()) == {""}
        assert _account(desk, spoilt.destination_id) is account
        assert not [call for call in premises.tap.calls if f"/customers/{spoilt.destination_id}" in call.path]


async def test_an_undo_that_is_resumed_leaves_what_another_sync_has_made(premises: Premises) -> None:
    async with premises.open() as desk:
        before = len(desk.pair.woo.accounts)
        first = await desk.sync("shopify")
        made = [_account(desk, row.destination_id) for row in await desk.rows(first)]
        desk.pair.woo_faults.set_rules(
            [{"kind": "error_before", "status": 401, "method": "DELETE", "nth": 3, "times": 0}]
        )
        failed = await desk.ended(await desk.services.runs.undo(first.id))
        assert failed.state is RunState.FAILED
        assert failed.summary["succeeded"] == 2
        desk.pair.woo_faults.set_rules([])
        for account in made:
            if account in desk.pair.woo.accounts:
                desk.pair.woo.accounts.remove(account)
        second = await desk.sync("shopify")
        assert len(desk.pair.woo.accounts) == before + len(made)
        await desk.services.runs.resume(failed.id)
        resumed = await desk.ended(failed)
        assert resumed.state is RunState.DONE
        assert len(desk.pair.woo.accounts) == before + len(made)
        assert {row.code for row in await desk.rows(resumed)} == {"", "changed_since"}
        undone = await desk.ended(await desk.services.runs.undo(second.id))
        assert (undone.summary["succeeded"], len(desk.pair.woo.accounts)) == (len(made), before)


async def test_an_undo_waits_out_a_store_that_asks_it_to(premises: Premises) -> None:
    async with premises.open() as desk:
        before = len(desk.pair.woo.accounts)
        sync = await desk.sync("shopify")
        slow_down = {"kind": "rate_limited", "retry_after": 100}
        desk.pair.woo_faults.set_rules(
            [
                {**slow_down, "method": "GET", "path": "include=", "nth": 2},
                {**slow_down, "method": "DELETE", "nth": 2, "retry_after": 30},
                {"kind": "error_after", "status": 502, "method": "DELETE", "nth": 3},
            ]
        )
        undo = await desk.ended(await desk.services.runs.undo(sync.id))
        assert (undo.state, undo.summary["failed"]) == (RunState.DONE, 0)
        assert premises.clock.slept >= 130
        assert len(desk.pair.woo.accounts) == before


async def test_a_deletion_that_may_have_failed_is_told_and_undone_by_the_next_undo(premises: Premises) -> None:
    async with premises.open() as desk:
        before = len(desk.pair.woo.accounts)
        sync = await desk.sync("shopify")
        desk.pair.woo_faults.set_rules([{"kind": "error_before", "status": 502, "method": "DELETE", "nth": 2}])
        undo = await desk.ended(await desk.services.runs.undo(sync.id))
        assert [row.code for row in await desk.rows(undo) if row.code] == ["outcome_unknown"]
        assert len(desk.pair.woo.accounts) == before + 1
        again = await desk.ended(await desk.services.runs.undo(sync.id))
        assert (again.summary["total"], again.summary["succeeded"]) == (1, 1)
        assert len(desk.pair.woo.accounts) == before


async def test_a_setting_that_can_not_be_given_back_does_not_fail_a_sync_that_is_complete(premises: Premises) -> None:
    async with premises.open() as desk:
        fault = {"kind": "html_page", "method": "PUT", "path": "settings", "nth": 2, "times": 0}
        desk.pair.woo_faults.set_rules([fault])
        done = await desk.sync("shopify")
        assert (done.state, done.summary["failed"]) == (RunState.DONE, 0)
        assert "release_failed" in await desk.events(done)
        assert await desk.services.mutes.status()
        desk.pair.woo_faults.set_rules([])
        assert not await desk.services.mutes.restore()
        assert not desk.pair.woo.state()["changedSettings"]


async def test_a_sync_that_fails_tells_how_far_it_came(premises: Premises) -> None:
    async with premises.open() as desk:
        desk.pair.shopify_faults.set_rules(
            [{"kind": "error_before", "status": 401, "body": "mutation CrossdockCustomerCreate", "nth": 5, "times": 0}]
        )
        before = len(desk.pair.shopify.customers)
        failed = await desk.sync("woocommerce")
        assert failed.state is RunState.FAILED
        rows = await desk.rows(failed)
        succeeded = sum(row.is_success for row in rows)
        told = {name: failed.summary[name] for name in ("total", "succeeded", "failed")}
        assert told == {"total": len(rows), "succeeded": succeeded, "failed": 0}
        assert 0 < succeeded == len(desk.pair.shopify.customers) - before
        assert succeeded < len(rows)
