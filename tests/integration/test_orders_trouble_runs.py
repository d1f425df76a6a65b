"""Runs of orders in trouble, end to end: lost answers, crashes, retries and undo lose, double and half-make nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crossdock.domain.difference import Group
from crossdock.jobs.requests import SelectedItem
from crossdock.sandbox.shopify.order_seeds import SeedRefund, SeedVariant
from crossdock.state import RunState, WorkOutcome
from tests.support.odd_orders import (
    ORDERED_AT,
    by_the_merchant,
    codes,
    missing_numbers,
    off_balance,
    results,
    shopify_line,
    shopify_order,
    stock_up,
    woo_line,
    woo_order,
)
from tests.support.sync_desk import Premises, open_premises

BOTH = ("woocommerce", "shopify")
Rule = dict[str, Any]


@pytest.fixture
def premises(tmp_path: Path) -> Iterator[Premises]:
    with open_premises(tmp_path / "data", customers=4) as opened:
        stock_up(opened.pair)
        yield opened


def bring(premises: Premises, source: str, *numbers: int, **told: Any) -> None:  # noqa: ANN401 - any field
    """Give the source paid orders of one line."""
    if source == "woocommerce":
        premises.pair.woo.load_orders([woo_order(number, [woo_line("10.00")], **told) for number in numbers])
    else:
        line = shopify_line("10.00")
        premises.pair.shopify.seed_orders([shopify_order(number, [line], "10.00", **told) for number in numbers])


def bring_by_hand(premises: Premises, store: str, number: int) -> None:
    """Enter an order as a merchant does: it is of long ago, and came to be just now."""
    now = premises.clock.now()
    told = {"date_modified_gmt": now.isoformat()} if store == "woocommerce" else {"updated_at": now, "created_at": now}
    bring(premises, store, number, **told)


def bring_refunded_and_cancelled(premises: Premises, source: str) -> None:
    """Give the source an order of two refunds, and a cancelled one."""
    if source == "woocommerce":
        bring(premises, source, 1)
        bring(premises, source, 2, status="cancelled")
        refund = {"order_id": 1, "amount": "2.00"}
        premises.pair.woo.load_refunds([refund, {**refund, "amount": "3.00"}])
    else:
        bring(premises, source, 1, refunds=(SeedRefund("2.00"), SeedRefund("3.00")))
        bring(premises, source, 2, cancelled_at=ORDERED_AT)


def faults_of(premises: Premises, source: str) -> Any:  # noqa: ANN401 - the plan of the destination
    return premises.pair.shopify_faults if source == "woocommerce" else premises.pair.woo_faults


def destination_orders(premises: Premises, source: str) -> int:
    store = premises.pair.shopify if source == "woocommerce" else premises.pair.woo
    state = store.state()
    return int(str(state["orders"])) + int(str(state.get("drafts", 0)))


def is_unharmed(premises: Premises) -> bool:
    woo, shopify = premises.pair.woo.state(), premises.pair.shopify.state()
    mails = [kind for kind in woo["mails"]["sent"] if kind.startswith("customer")]
    doubled = (woo["repeatedMarkers"], shopify["repeatedMarkers"], shopify["repeatedSourceIdentifiers"])
    moved = (shopify["mails"], shopify["money"], shopify["stockChanges"], woo["stockChanges"])
    return not mails and not any(doubled) and not any(moved) and not woo["money"]


WRITES = [
    ("woocommerce", "order", {"body": "mutation CrossdockOrderCreate"}),
    ("woocommerce", "order", {"body": "mutation CrossdockRefundCreate"}),
    ("woocommerce", "order", {"body": "mutation CrossdockOrderCancel"}),
    ("woocommerce", "draft", {"body": "mutation CrossdockDraftCreate"}),
    ("shopify", "order", {"method": "POST", "path": "/orders?"}),
    ("shopify", "order", {"method": "POST", "path": "/refunds"}),
    ("shopify", "order", {"method": "PUT", "path": "/orders/"}),
]


@pytest.mark.parametrize("kind", ["error_after", "drop_after", "drop_before"])
@pytest.mark.parametrize(("source", "create_as", "call"), WRITES)
async def test_a_lost_answer_loses_and_doubles_nothing(
    premises: Premises, source: str, create_as: str, call: Rule, kind: str
) -> None:
    bring_refunded_and_cancelled(premises, source)
    faults_of(premises, source).set_rules([{"kind": kind, **call}])
    async with premises.open() as opened:
        desk = opened.of("order")
        run = await desk.sync(source, createAs=create_as)
        assert (run.state, run.error_message) == (RunState.DONE, "")
        assert [row.outcome for row in await desk.rows(run)] == [WorkOutcome.SUCCEEDED] * 2
        assert [rule.struck for rule in faults_of(premises, source).rules] == [1]
        assert destination_orders(premises, source) == 2
        if create_as == "order":
            assert off_balance(run) == {}
        assert await missing_numbers(desk, source) == set()
        assert is_unharmed(premises)


@pytest.mark.parametrize("died", [1, 99])
async def test_orders_that_a_shop_leaves_half_made_are_made_whole_or_taken_away(premises: Premises, died: int) -> None:
    bring(premises, "shopify", 1, 2, 3)
    premises.pair.woo.modes.dies_after_save = died
    # The store has a clock of its own, so that little time may pass here that does not pass there.
    async with premises.open(woocommerce_settle_seconds=0.2, look_gap_seconds=0.1, finish_delay_seconds=0) as opened:
        desk = opened.of("order")
        rows = (await results(desk, await desk.sync("shopify"))).values()
        lost = [row for row in rows if not row.is_success]
        assert {row.code for row in lost} == (set() if died == 1 else {"write_lost"})
        assert premises.pair.woo.state()["ordersByStatus"] == ({"completed": 3} if not lost else {})
        premises.pair.woo.modes.dies_after_save = 0
        await desk.sync("shopify")
        assert premises.pair.woo.state()["ordersByStatus"] == {"completed": 3}
        assert await missing_numbers(desk, "shopify") == set()
        assert is_unharmed(premises)


async def test_a_retry_moves_exactly_the_failures(premises: Premises) -> None:
    bring(premises, "woocommerce", 1, 2)
    premises.pair.woo.load_orders([woo_order(number, [woo_line("9.00", product_id=6)]) for number in (3, 4)])
    async with premises.open() as opened:
        desk = opened.of("order")
        first = await desk.sync("woocommerce", createAs="order", requireProducts=True)
        assert first.summary["failed"] == 2
        store = premises.pair.shopify
        store.catalogue = type(store.catalogue)(store.country, store.opened_at)
        store.seed_variants([SeedVariant("MUG", "Mug"), SeedVariant("TWICE", "Lamp")])
        retry = await desk.ended(await desk.services.runs.retry_failed(first.id))
        told = await results(desk, retry)
        assert {number: row.outcome for number, row in told.items()} == dict.fromkeys((3, 4), WorkOutcome.SUCCEEDED)
        assert destination_orders(premises, "woocommerce") == 4
        assert await missing_numbers(desk, "woocommerce") == set()


@pytest.mark.parametrize("source", BOTH)
async def test_an_order_that_somebody_brought_meanwhile_is_linked(premises: Premises, source: str) -> None:
    bring(premises, source, 901)
    async with premises.open() as opened:
        desk = opened.of("order")
        chosen = tuple(await desk.missing(source))
        bring_by_hand(premises, next(other for other in BOTH if other != source), 901)
        row = (await results(desk, await desk.sync(source, chosen, createAs="order")))[901]
        assert (row.outcome, codes(row)) == (WorkOutcome.ALREADY_THERE, {"came_meanwhile"})
        assert premises.pair.shopify.state()["orders"] == premises.pair.woo.state()["orders"] == 1


async def test_a_failed_order_that_somebody_brought_since_is_linked_and_not_made(premises: Premises) -> None:
    bring(premises, "shopify", 901, currency="LVL")
    async with premises.open() as opened:
        desk = opened.of("order")
        failed = await desk.sync("shopify")
        assert (await results(desk, failed))[901].code == "currency_unsupported"
        bring_by_hand(premises, "woocommerce", 901)
        row = (await results(desk, await desk.ended(await desk.services.runs.retry_failed(failed.id))))[901]
        assert (row.outcome, codes(row)) == (WorkOutcome.ALREADY_THERE, {"came_meanwhile"})
        assert premises.pair.woo.state()["orders"] == 1


@pytest.mark.parametrize(
    ("source", "create_as"), [("woocommerce", "order"), ("woocommerce", "draft"), ("shopify", "order")]
)
async def test_what_was_deleted_since_is_missing_and_moved_again_once(
    premises: Premises, source: str, create_as: str
) -> None:
    bring(premises, source, 1, 2)
    async with premises.open() as opened:
        desk = opened.of("order")
        first = await results(desk, await desk.sync(source, createAs=create_as))
        destination = await opened.services.connections.open("default", next(one for one in BOTH if one != source))
        await destination.sink("order").delete(first[1].destination_id)
        compared = await desk.compare(source)
        (row,), _ = await desk.services.runs.differences(compared.id, Group.ONLY_IN_SOURCE, limit=500)
        assert row["stale_destination_id"] == first[1].destination_id
        second = await results(desk, await desk.sync(source, createAs=create_as))
        assert {number: one.outcome for number, one in second.items()} == {1: WorkOutcome.SUCCEEDED}
        assert second[1].destination_id != first[1].destination_id
        assert await missing_numbers(desk, source) == set()
        assert destination_orders(premises, source) == 2
        assert is_unharmed(premises)


@pytest.mark.parametrize("change", ["more", "fewer"])
@pytest.mark.parametrize("source", BOTH)
async def test_a_source_that_changes_while_a_run_is_down_stops_nobody(
    premises: Premises, source: str, change: str
) -> None:
    bring_refunded_and_cancelled(premises, source)
    call = (
        {"body": "mutation CrossdockRefundCreate"}
        if source == "woocommerce"
        else {"path": "/refunds", "method": "POST"}
    )
    async with premises.open() as opened:
        desk = opened.of("order")
        chosen = tuple(await desk.missing(source))
        faults_of(premises, source).set_rules([{"kind": "hang", **call, "times": 0}])
        run = await desk.start(source, chosen, createAs="order")
        while not any(one.kind == "hang" for one in faults_of(premises, source).calls):
            await desk.services.runs.get(run.id)
    faults_of(premises, source).set_rules([])
    change_refunds(premises, source, change)
    async with premises.open() as opened:
        desk = opened.of("order")
        over = await desk.ended(run)
        assert (over.state, over.error_code) == (RunState.DONE, "")
        told = await results(desk, over)
        assert told[2].outcome is WorkOutcome.SUCCEEDED
        assert (told[1].outcome, "changed_meanwhile" in codes(told[1])) == (WorkOutcome.SUCCEEDED, True)
    assert destination_orders(premises, source) == 2


def change_refunds(premises: Premises, source: str, change: str) -> None:
    """Let the source's first order have another refund, or none of those that it had."""
    if source == "woocommerce":
        if change == "more":
            premises.pair.woo.load_refunds([{"order_id": 1, "amount": "1.00"}])
            return
        premises.pair.woo.orders.remove(1)
        bring(premises, source, 1)
        return
    store = premises.pair.shopify
    held = next(order for order in store.orders if order.name == "#1")
    made = held.refunds_made
    if change == "more":
        newest = replace(made[-1], number=made[-1].number + 1)
        store.orders.put(replace(held, refunds_made=(*made, newest)), store.now())
    else:
        store.orders.put(replace(held, refunds_made=()), store.now())


async def test_numbers_are_kept_where_they_are_free_and_prefixed_where_not(premises: Premises) -> None:
    bring(premises, "shopify", 1500, email="other@example.com", processed_at=ORDERED_AT.replace(year=2023))
    bring(premises, "woocommerce", 900, 1500, 9000)
    async with premises.open() as opened:
        desk = opened.of("order")
        compared = await desk.compare("woocommerce")
        suspects, _ = await desk.services.runs.differences(compared.id, Group.SUSPECT_MATCHES, limit=9)
        chosen = [
            *await desk.missing("woocommerce"),
            *(SelectedItem(row["source_id"], row["label"]) for row in suspects),
        ]
        told = await results(desk, await desk.sync("woocommerce", tuple(chosen), createAs="order"))
        assert {number for number, row in told.items() if "number_taken" in codes(row)} == {1500}
        assert {order.name for order in premises.pair.shopify.orders} == {"#1500", "#900", "#W1500", "#W9000"}
        assert await missing_numbers(desk, "woocommerce") == set()
        bring(premises, "woocommerce", 901)
        await desk.sync("woocommerce", createAs="order", keepNumber="prefix", numberPrefix="OLD-")
        assert "#OLD-901" in {order.name for order in premises.pair.shopify.orders}
        after = await desk.compare("woocommerce")
        assert (after.summary["ordersOnlyInSource"], after.summary["suspectMatches"]) == (0, 0)


SHORT_SIGHTED = ("read_customers", "write_customers", "read_orders", "write_orders", "read_products")


async def test_a_window_of_60_days_is_never_taken_for_the_whole(premises: Premises) -> None:
    bring(premises, "woocommerce", 1)
    async with premises.open() as opened:
        chosen = tuple(await opened.of("order").missing("woocommerce"))
    scopes = (*SHORT_SIGHTED, "read_draft_orders", "write_draft_orders")
    token = premises.pair.shopify.issue_token("shpat_short_sighted", scopes)
    premises.tap.calls.clear()
    async with premises.open(shopify_token=token, data_dir=premises.folder) as opened:
        desk = opened.of("order")
        for source in BOTH:
            compared = await desk.compare(source)
            assert (compared.state, compared.error_code) == (RunState.FAILED, "orders_older_than_60_days_hidden")
            assert "read_all_orders" in compared.error_message
        sync = await desk.sync("woocommerce", chosen, createAs="order")
        assert (sync.state, sync.error_code) == (RunState.FAILED, "orders_older_than_60_days_hidden")
        report = await (await opened.services.connections.open("default", "shopify")).check()
        assert any("read_all_orders" in found.advice + found.message for found in report if found.level != "pass")
    assert premises.pair.shopify.state()["orders"] == 0


async def test_a_draft_that_the_merchant_completed_is_there_already(premises: Premises) -> None:
    bring(premises, "woocommerce", 1)
    async with premises.open() as opened:
        desk = opened.of("order")
        chosen = tuple(await desk.missing("woocommerce"))
        first = await desk.sync("woocommerce", chosen)
        made = (await results(desk, first))[1]
        text = "mutation Complete($id: ID!) { draftOrderComplete(id: $id) { draftOrder { order { id } } } }"
        await by_the_merchant(premises, text, made.destination_id)
        again = (await results(desk, await desk.sync("woocommerce", chosen)))[1]
        assert again.outcome is WorkOutcome.ALREADY_THERE
        after = await desk.compare("woocommerce")
        assert (after.summary["ordersOnlyInSource"], after.summary["matchedAsDraft"]) == (0, 0)
        undo = await desk.ended(await desk.services.runs.undo(first.id))
        assert {left.code for left in await desk.rows(undo)} == {"draft_completed", "delete_refused"}
    assert premises.pair.shopify.state()["orders"] == 1
