"""Orders moved from store to store: nothing missing that did not fail; no mail, no stock, no money; all dates."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crossdock.domain.difference import Group
from crossdock.domain.order import Order
from crossdock.domain.plan import Level
from crossdock.jobs.requests import SelectAll, SelectedItem
from crossdock.state import Run, RunState, WorkOutcome, WorkRow
from tests.support.sync_desk import Desk, Premises, open_premises

BOTH = ("woocommerce", "shopify")
DRAFT_WARNING = "Created as draft order - requires manual completion"


@pytest.fixture
def premises(tmp_path: Path) -> Iterator[Premises]:
    with open_premises(tmp_path / "data", customers=16, orders=45) as opened:
        yield opened


def other(platform: str) -> str:
    return next(one for one in BOTH if one != platform)


def harm(desk: Desk) -> Mapping[str, Any]:
    """Tell what must never happen: mails to customers, stock, money."""
    woo, shopify = desk.pair.woo.state(), desk.pair.shopify.state()
    return {
        "mails": {name: number for name, number in woo["mails"]["sent"].items() if name.startswith("customer")},
        "shopify mails": shopify["mails"],
        "stock": (woo["stockChanges"], shopify["stockChanges"]),
        "money": (woo["money"], shopify["money"]),
        "doubled": (woo["repeatedMarkers"], shopify["repeatedMarkers"]),
        "addresses": shopify["defaultAddressChanges"],
    }


HARMLESS: Mapping[str, Any] = {
    "mails": {},
    "shopify mails": 0,
    "stock": (0, 0),
    "money": ({}, 0),
    "doubled": ({}, []),
    "addresses": 0,
}


async def list_of(desk: Desk, run: Run, group: Group) -> Sequence[Mapping[str, Any]]:
    rows, _ = await desk.services.runs.differences(run.id, group, limit=500)
    return rows


async def orders_of(desk: Desk, platform: str, ids: Sequence[str]) -> Mapping[str, Order]:
    store = await desk.services.connections.open("default", platform)
    found: dict[str, Order] = {}
    for start in range(0, len(ids), 100):
        found.update(await store.source("order").get(ids[start : start + 100]))
    return found


async def by_the_merchant(premises: Premises, mutation: str, record_id: str) -> Any:  # noqa: ANN401 - what the store says
    """Change something in Shopify past our back."""
    keys = premises.stores.keys[0]
    async with httpx2.AsyncClient(headers={"X-Shopify-Access-Token": keys.shopify_token}) as client:
        reply = await client.post(
            f"{keys.shopify_base_url}/admin/api/2026-10/graphql.json",
            json={"query": mutation, "variables": {"id": record_id}},
        )
    return reply.json()["data"]


@dataclass(frozen=True)
class Moved:
    """A sync of all that was missing, with what was found before and after it."""

    sync: Run
    rows: Sequence[WorkRow]
    missing_after: Sequence[Mapping[str, Any]]
    after: Run

    @property
    def made(self) -> Mapping[str, str]:
        return {row.source_id: row.destination_id for row in self.rows if row.outcome is WorkOutcome.SUCCEEDED}

    @property
    def failed(self) -> set[str]:
        return {row.source_id for row in self.rows if not row.is_success}


async def move(desk: Desk, source: str, **options: Any) -> Moved:  # noqa: ANN401 - any option
    sync = await desk.sync(source, **options)
    assert (sync.state, sync.error_message) == (RunState.DONE, "")
    after = await desk.compare(source)
    return Moved(sync, await desk.rows(sync), await list_of(desk, after, Group.ONLY_IN_SOURCE), after)


@pytest.mark.parametrize("source", BOTH)
async def test_all_that_is_missing_is_moved_and_only_coded_failures_are_left(premises: Premises, source: str) -> None:
    async with premises.open(finish_delay_seconds=0) as desk:
        orders = desk.of("order")
        moved = await move(orders, source, createAs="order")
        assert len(moved.made) >= 4
        assert {row["source_id"] for row in moved.missing_after} == moved.failed
        assert all(row.code and row.error for row in moved.rows if not row.is_success)
        suspects = {row["source_id"] for row in await list_of(orders, moved.after, Group.SUSPECT_MATCHES)}
        assert not suspects & set(moved.made)
        assert harm(desk) == HARMLESS


@pytest.mark.parametrize("source", BOTH)
async def test_dates_totals_and_people_are_as_they_were(premises: Premises, source: str) -> None:
    async with premises.open(finish_delay_seconds=0) as desk:
        moved = await move(desk.of("order"), source, createAs="order")
        originals = await orders_of(desk, source, list(moved.made))
        copies = await orders_of(desk, other(source), list(moved.made.values()))
        told = {row.source_id: {reason.code for reason in row.warnings} for row in moved.rows}
        for source_id, destination_id in moved.made.items():
            one, copy = originals[source_id], copies[destination_id]
            assert copy.created_at == one.created_at, source_id
            assert copy.total == one.total or "total_differs" in told[source_id]
            # Shopify gives an order without an address that of its customer.
            assert one.email_key() in {copy.email_key(), None}, source_id
            assert copy.status_key() == one.status_key(), source_id
            assert (copy.refunded or copy.total).currency == one.currency
        for line in moved.sync.summary["reconciliation"]:
            assert set(line["difference"]) == {"gross", "tax", "shipping", "discount", "refund"}
            assert float(line["difference"]["gross"]) == 0
            assert float(line["difference"]["refund"]) == 0


async def test_a_list_in_any_order_is_moved_oldest_first(premises: Premises) -> None:
    async with premises.open() as desk:
        orders = desk.of("order")
        rows = await list_of(orders, await orders.compare("woocommerce"), Group.ONLY_IN_SOURCE)
        newest_first = sorted(rows, key=lambda row: row["created_at"], reverse=True)
        chosen = tuple(SelectedItem(row["source_id"], row["label"]) for row in newest_first)
        made = await orders.rows(await orders.sync("woocommerce", chosen, createAs="order"))
        moments = {row["source_id"]: row["created_at"] for row in rows}
        assert {row.source_id for row in made} == {item.source_id for item in chosen}
        assert [moments[row.source_id] for row in made] == sorted(moments.values())
        steps = [call for call in premises.tap.calls if b"mutation CrossdockOrderCreate" in call.body]
        asked = [json.loads(call.body)["variables"]["order"] for call in steps]
        by_person: dict[str, list[str]] = {}
        for order in asked:
            by_person.setdefault(str(order.get("customer")), []).append(order["processedAt"])
        assert max(map(len, by_person.values())) > 1
        assert all(moments == sorted(moments) for moments in by_person.values())


async def test_drafts_are_made_with_a_warning_and_are_found_again(premises: Premises) -> None:
    async with premises.open() as desk:
        orders = desk.of("order")
        moved = await move(orders, "woocommerce")
        made = [row for row in moved.rows if row.outcome is WorkOutcome.SUCCEEDED]
        assert all(row.destination_id.startswith("gid://shopify/DraftOrder/") for row in made)
        assert all(row.warnings[0].message == DRAFT_WARNING for row in made)
        assert {row["source_id"] for row in moved.missing_after} == moved.failed
        assert moved.after.summary["matchedAsDraft"] == len(made)
        again = await orders.sync("woocommerce", tuple(SelectedItem(row.source_id, row.label) for row in made))
        assert again.summary["alreadyThere"] == len(made)
        assert harm(desk) == HARMLESS


async def test_a_dry_run_tells_the_losses_and_writes_nothing(premises: Premises) -> None:
    async with premises.open() as desk:
        orders = desk.of("order")
        run = SelectAll((await orders.compare("woocommerce")).id)
        premises.tap.calls.clear()
        shown = await orders.sync("woocommerce", run, is_dry_run=True)
        assert not [call for call in premises.tap.calls if call.is_write]
        losses = {loss["code"]: loss for loss in shown.summary["losses"]}
        assert losses["created_as_draft"]["count"] == shown.summary["succeeded"]
        assert all(loss["message"] and loss["level"] in set(Level) for loss in losses.values())
        assert any(row.payload for row in await orders.rows(shown))


async def test_customers_come_along_and_undo_takes_both_away(premises: Premises) -> None:
    async with premises.open() as desk:
        orders = desk.of("order")
        before = desk.pair.shopify.state()
        sync = await orders.sync("woocommerce", createAs="order")
        made = desk.pair.shopify.state()
        assert made["customers"] > before["customers"]
        assert made["orders"] - before["orders"] == sync.summary["succeeded"] - sync.summary["alreadyThere"]
        undo = await orders.ended(await orders.services.runs.undo(sync.id))
        assert [row.error for row in await orders.rows(undo) if not row.is_success] == []
        after = desk.pair.shopify.state()
        assert (after["orders"], after["customers"]) == (before["orders"], before["customers"])
        assert harm(desk) == HARMLESS


async def test_orders_go_without_customers_where_that_is_asked(premises: Premises) -> None:
    async with premises.open() as desk:
        await desk.of("order").sync("woocommerce", createAs="order", createMissingCustomers=False)
        assert not [call for call in premises.tap.calls if b"mutation CrossdockCustomerCreate" in call.body]


async def test_undo_in_woocommerce_takes_every_order_away_again(premises: Premises) -> None:
    async with premises.open(finish_delay_seconds=0) as desk:
        orders = desk.of("order")
        before = desk.pair.woo.state()
        sync = await orders.sync("shopify")
        assert desk.pair.woo.state()["orders"] > before["orders"]
        undo = await orders.ended(await orders.services.runs.undo(sync.id))
        assert [row.error for row in await orders.rows(undo) if not row.is_success] == []
        after = desk.pair.woo.state()
        assert {name: after[name] for name in ("orders", "customers", "stockChanges")} == {
            name: before[name] for name in ("orders", "customers", "stockChanges")
        }


async def test_orders_in_woocommerce_wait_before_they_are_finished(premises: Premises) -> None:
    async with premises.open(finish_delay_seconds=120) as desk:
        orders = desk.of("order")
        sync = await orders.sync("shopify")
        assert sync.summary["succeeded"] > 0
        posts = [call.at for call in premises.tap.calls if call.method == "POST" and "/orders?" in call.path]
        puts = [call.at for call in premises.tap.calls if call.method == "PUT" and "/orders/" in call.path]
        assert (min(puts) - min(posts)).total_seconds() >= 120
        assert premises.clock.slept < 600


async def test_an_order_that_came_meanwhile_is_linked_and_not_made(premises: Premises) -> None:
    async with premises.open(finish_delay_seconds=0) as desk:
        orders = desk.of("order")
        run = await orders.compare("woocommerce")
        everything = SelectAll(run.id)
        row = next(one for one in await list_of(orders, run, Group.ONLY_IN_SOURCE) if one["email"])
        first = await orders.sync("woocommerce", (SelectedItem(row["source_id"], row["label"]),), createAs="order")
        (made,) = await orders.rows(first)
        # Whoever loses what was remembered still finds the mark on what it made.
        orders.services.state.database.close()
        async with premises.open(finish_delay_seconds=0, data_dir=premises.folder.with_name("new")) as fresh:
            again = fresh.of("order")
            await again.compare("woocommerce")
            (linked,) = await again.rows(
                await again.sync("woocommerce", (SelectedItem(row["source_id"], row["label"]),), createAs="order")
            )
        assert (linked.outcome, linked.destination_id) == (WorkOutcome.ALREADY_THERE, made.destination_id)
        assert everything.compare_run_id


async def test_what_is_deleted_or_completed_since_is_known(premises: Premises) -> None:
    async with premises.open() as desk:
        orders = desk.of("order")
        sync = await orders.sync("woocommerce")
        completed, deleted = [row for row in await orders.rows(sync) if row.outcome is WorkOutcome.SUCCEEDED][:2]
        text = "mutation Complete($id: ID!) { draftOrderComplete(id: $id) { draftOrder { order { id } } } }"
        done = await by_the_merchant(premises, text, completed.destination_id)
        became = done["draftOrderComplete"]["draftOrder"]["order"]["id"]
        text = "mutation Drop($id: ID!) { draftOrderDelete(input: { id: $id }) { deletedId } }"
        await by_the_merchant(premises, text, deleted.destination_id)
        after = await orders.compare("woocommerce")
        missing = {row["source_id"]: row for row in await list_of(orders, after, Group.ONLY_IN_SOURCE)}
        assert missing[deleted.source_id]["stale_destination_id"] == deleted.destination_id
        assert completed.source_id not in missing
        assert became.startswith("gid://shopify/Order/")
