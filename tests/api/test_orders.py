"""`/api/orders/*`: the contract's bodies, exactly, in both directions, over stores full of odd orders."""

import csv
import io
import re
from collections.abc import Generator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from crossdock.cli.rehearsal import Effects, effects_of
from crossdock.sandbox import serving
from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.server import Sandbox, build_sandbox
from crossdock.sandbox.shopify.order_seeds import SeedLine, SeedOrder
from crossdock.sandbox.stores import SandboxPair
from tests.api.conftest import Api

COMPARE = "/api/orders/compare"
SYNC = "/api/orders/sync"
RUNS = "/api/runs"
DRAFT = "Created as draft order - requires manual completion"
DIFFERENCE = {
    "orderNumber": str,
    "email": str,
    "totalPrice": str,
    "createdAt": str,
    "sourceOrderId": str,
    "existsInSource": bool,
    "existsInDestination": bool,
    "sourcePlatform": str,
    "destinationPlatform": str,
    "lineItemCount": int,
    "financialStatus": str,
    "fulfillmentStatus": str,
}
DECIMALS = {"JPY": 0, "KWD": 3}
BOTH_WAYS = [("woocommerce", "shopify"), ("shopify", "woocommerce")]
SOURCE = {"sourceOfTruth": "woocommerce"}
ONE = [{"orderNumber": "1001", "sourceOrderId": "1"}]


@pytest.fixture
def stores() -> Generator[Sandbox]:
    """Serve one pair of stores with orders on a free port."""
    listener = serving.listen()
    sandbox = build_sandbox(serving.address_of(listener), SandboxOptions(customers=16, orders=40))
    with serving.serving(sandbox.app, listener):
        yield sandbox


def _item(row: dict[str, Any]) -> dict[str, str]:
    return {"orderNumber": row["orderNumber"], "sourceOrderId": row["sourceOrderId"]}


def _decimals(amount: str) -> int:
    return len(amount.partition(".")[2])


def _nothing_happened(pair: SandboxPair) -> bool:
    return effects_of([pair.woo.state(), pair.shopify.state()]) == Effects(mails=0, stock_changes=0, money_moved=0)


@pytest.mark.parametrize(("source", "destination"), BOTH_WAYS)
async def test_compare_answers_the_contract(api: Api, source: str, destination: str) -> None:
    body = await api.compare(source, kind="orders")
    summary, rows = body["summary"], body["differences"]
    assert summary["sourceOfTruth"] == source
    assert summary["ordersOnlyInSource"] == len(rows) > 0
    assert summary["sourceOrderCount"] == (
        summary["matchedOrders"] + len(rows) + summary["duplicates"] + summary["unmatchable"]
    )
    for member in ("suspectMatches", "fieldDifferences", "duplicates", "unmatchable"):
        assert len(body[member]) == summary[member], member
    for row in rows:
        assert {name: type(row[name]) for name in DIFFERENCE} == DIFFERENCE
        assert (row["sourcePlatform"], row["destinationPlatform"]) == (source, destination)
        assert (row["existsInSource"], row["existsInDestination"]) == (True, False)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["createdAt"])
        assert _decimals(row["totalPrice"]) == DECIMALS.get(row["currency"], 2)
        assert not row["orderNumber"].startswith("#")


async def test_orders_become_drafts_unless_orders_are_asked_for(api: Api, pair: SandboxPair) -> None:
    rows = (await api.compare(kind="orders"))["differences"][:6]
    body = await api.sync(kind="orders", sourceOfTruth="woocommerce", orders=[_item(row) for row in rows])
    summary, results = body["summary"], body["results"]
    assert summary["total"] == summary["succeeded"] + summary["failed"] == len(rows)
    oldest_first = sorted(rows, key=lambda row: row["createdAt"])
    assert [result["orderNumber"] for result in results] == [row["orderNumber"] for row in oldest_first]
    made = [result for result in results if result["success"]]
    assert made
    for result in made:
        assert result["newOrderId"].startswith("gid://shopify/DraftOrder/")
        assert DRAFT in result["warnings"]
        assert "code" not in result
    told = {one["code"]: one for one in summary["warnings"]}
    assert (told["created_as_draft"]["message"], told["created_as_draft"]["count"]) == (DRAFT, len(made))
    assert _nothing_happened(pair)
    again = await api.compare(kind="orders")
    assert again["summary"]["matchedAsDraft"] == len(made)
    moved = {result["sourceOrderId"] for result in made}
    assert not moved & {row["sourceOrderId"] for row in again["differences"]}


@pytest.mark.parametrize(("source", "destination"), BOTH_WAYS)
async def test_a_sync_of_all_leaves_what_failed_and_adds_up(
    api: Api, pair: SandboxPair, source: str, destination: str
) -> None:
    compared = await api.compare(source, kind="orders")
    body = await api.sync(kind="orders", compareRunId=compared["runId"], select="all", options={"createAs": "order"})
    wanted = r"gid://shopify/Order/\d+" if destination == "shopify" else r"\d+"
    made = [result for result in body["results"] if result["success"]]
    assert made
    assert [result for result in made if not re.fullmatch(wanted, result["newOrderId"])] == []
    for result in body["results"]:
        assert result["success"] or (result["code"] and result["error"])
    for line in body["summary"]["reconciliation"]:
        assert {name for name, amount in line["difference"].items() if Decimal(amount)} == set(), line
    assert sum(line["records"] for line in body["summary"]["reconciliation"]) == len(made)
    assert _nothing_happened(pair)
    again = await api.compare(source, kind="orders")
    failed = {result["sourceOrderId"] for result in body["results"] if not result["success"]}
    assert {row["sourceOrderId"] for row in again["differences"]} == failed


async def test_what_was_moved_before_is_already_there(api: Api) -> None:
    rows = (await api.compare("shopify", kind="orders"))["differences"][:2]
    orders = [_item(row) for row in rows]
    first = await api.sync(kind="orders", sourceOfTruth="shopify", orders=orders)
    second = await api.sync(kind="orders", sourceOfTruth="shopify", orders=orders)
    ids = [[result.get("newOrderId") for result in body["results"]] for body in (first, second)]
    assert ids[0] == ids[1]
    assert second["summary"]["alreadyThere"] == first["summary"]["succeeded"] > 0


@pytest.mark.parametrize("source", ["woocommerce", "shopify"])
async def test_a_dry_run_tells_what_is_lost_and_writes_nothing(api: Api, pair: SandboxPair, source: str) -> None:
    compared = await api.compare(source, kind="orders")
    before = (pair.woo.state()["orders"], pair.shopify.state()["orders"], pair.shopify.state()["drafts"])
    body = await api.sync(kind="orders", compareRunId=compared["runId"], select="all", dryRun=True)
    planned = [result for result in body["results"] if result["success"]]
    assert planned
    assert all(result["payload"] and "newOrderId" not in result for result in planned)
    assert body["summary"]["losses"]
    for loss in body["summary"]["losses"]:
        assert loss["code"]
        assert loss["message"]
        assert 0 < loss["count"] <= len(body["results"])
    after = (pair.woo.state()["orders"], pair.shopify.state()["orders"], pair.shopify.state()["drafts"])
    assert after == before


async def test_a_wrong_order_does_not_stop_the_others(api: Api) -> None:
    good, changed = (await api.compare("shopify", kind="orders"))["differences"][:2]
    gone = "gid://shopify/Order/999999999"
    orders = [
        {"orderNumber": "7", "sourceOrderId": gone},
        {"orderNumber": "no-such-number", "sourceOrderId": changed["sourceOrderId"]},
        _item(good),
    ]
    body = await api.sync(kind="orders", sourceOfTruth="shopify", orders=orders)
    by_id = {result["sourceOrderId"]: result for result in body["results"]}
    assert by_id[gone]["code"] == "source_not_found"
    assert by_id[changed["sourceOrderId"]]["code"] == "source_changed"
    assert by_id[good["sourceOrderId"]]["success"]


async def test_suspect_matches_can_be_selected(api: Api, pair: SandboxPair) -> None:
    wanted = (await api.compare(kind="orders"))["differences"][0]
    stranger = SeedOrder(
        lines=[SeedLine("Something else", unit_price="4321.09")],
        processed_at=datetime(2001, 2, 3, tzinfo=UTC),
        name=f"#{wanted['orderNumber']}",
        email="somebody.else@example.com",
    )
    pair.shopify.seed_orders([stranger])
    compared = await api.compare(kind="orders")
    row = next(row for row in compared["suspectMatches"] if row["sourceOrderId"] == wanted["sourceOrderId"])
    assert row["destinationOrderId"].startswith("gid://shopify/Order/")
    assert set(row["source"]) == set(row["destination"]) == {"email", "total", "currency", "createdAt"}
    assert row["destination"] | {"email": "somebody.else@example.com", "total": "4321.09"} == row["destination"]
    assert row["destination"]["createdAt"] == "2001-02-03T00:00:00Z"
    selected = {"compareRunId": compared["runId"], "select": "all", "group": "suspectMatches"}
    body = await api.sync(kind="orders", **selected)
    result = next(one for one in body["results"] if one["sourceOrderId"] == wanted["sourceOrderId"])
    assert result["success"], result
    again = await api.compare(kind="orders")
    assert again["summary"]["suspectMatches"] == compared["summary"]["suspectMatches"] - len(body["results"])
    assert again["summary"]["matchedAsDraft"] == body["summary"]["succeeded"]


async def test_what_narrows_a_comparison_is_counted_as_left_out(api: Api) -> None:
    whole = (await api.compare(kind="orders"))["summary"]
    options = {"createdAfter": "2100-01-01"}
    narrowed = (await api.client.post(COMPARE, json={**SOURCE, "options": options})).json()
    assert narrowed["differences"] == []
    assert narrowed["summary"]["sourceFiltered"] == narrowed["summary"]["sourceRead"] == whole["sourceRead"]
    assert narrowed["summary"]["destinationOrderCount"] == whole["destinationOrderCount"]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        pytest.param(COMPARE, {**SOURCE, "options": {"includeGuests": True}}, "options", id="another kind's option"),
        pytest.param(COMPARE, {**SOURCE, "options": {"matchWindowHours": -1}}, "options.matchWindowHours", id="hours"),
        pytest.param(COMPARE, {**SOURCE, "options": {"statuses": []}}, "options.statuses", id="no status"),
        pytest.param(SYNC, SOURCE, "orders", id="no orders"),
        pytest.param(SYNC, {**SOURCE, "orders": []}, "orders", id="empty list"),
        pytest.param(SYNC, {**SOURCE, "customers": ONE}, "customers", id="customers"),
        pytest.param(SYNC, {**SOURCE, "orders": [{"sourceOrderId": "1"}]}, "orders[0].orderNumber", id="no number"),
        pytest.param(
            SYNC,
            {**SOURCE, "orders": [{"orderNumber": "1", "sourceOrderId": "gid://shopify/Order/1"}]},
            "orders[0].sourceOrderId",
            id="the other platform's id",
        ),
        pytest.param(SYNC, {**SOURCE, "orders": ONE * 2}, "orders", id="one twice"),
        pytest.param(SYNC, {**SOURCE, "orders": ONE, "options": {"createAs": "x"}}, "options.createAs", id="create as"),
        pytest.param(SYNC, {**SOURCE, "orders": ONE, "options": {"colour": 1}}, "options.colour", id="unknown option"),
        pytest.param(
            SYNC, {**SOURCE, "orders": ONE, "options": {"requireProducts": "yes"}}, "options.requireProducts", id="flag"
        ),
        pytest.param(SYNC, {"compareRunId": "x", "select": "all", "group": "duplicates"}, "group", id="a report"),
    ],
)
async def test_what_is_wrong_is_named(api: Api, path: str, body: dict[str, Any], field: str) -> None:
    answer = await api.client.post(path, json=body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("sort", ["createdAt", "orderNumber", "email", "totalPrice", "status", "items"])
async def test_every_column_sorts_both_ways(api: Api, sort: str) -> None:
    run_id = (await api.compare(kind="orders"))["runId"]
    pages = [
        (await api.client.get(f"{RUNS}/{run_id}/differences", params={"sort": sort, "direction": way, "pageSize": 500}))
        for way in ("asc", "desc")
    ]
    rising, falling = ([row["sourceOrderId"] for row in page.json()["differences"]] for page in pages)
    assert sorted(rising) == sorted(falling)
    assert len(rising) > 1
    if sort == "totalPrice":
        amounts = [Decimal(row["totalPrice"]) for row in pages[0].json()["differences"]]
        assert amounts == sorted(amounts)


async def test_orders_are_searched_and_filtered(api: Api) -> None:
    compared = await api.compare(kind="orders")
    path, wanted = f"{RUNS}/{compared['runId']}/differences", compared["differences"][0]
    found = (await api.client.get(path, params={"search": f"#{wanted['orderNumber']}", "pageSize": 500})).json()
    assert wanted["sourceOrderId"] in {row["sourceOrderId"] for row in found["differences"]}
    params = {"currency": wanted["currency"].lower(), "status": wanted["financialStatus"], "pageSize": "500"}
    narrowed = (await api.client.get(path, params=params)).json()["differences"]
    assert wanted["sourceOrderId"] in {row["sourceOrderId"] for row in narrowed}
    assert {(row["currency"], row["financialStatus"]) for row in narrowed} == {
        (wanted["currency"], wanted["financialStatus"])
    }


async def test_lists_and_results_are_exported(api: Api) -> None:
    compared = await api.compare(kind="orders")
    text = (await api.client.get(f"{RUNS}/{compared['runId']}/differences.csv")).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["Source id"] for row in rows} == {row["sourceOrderId"] for row in compared["differences"]}
    assert {"Order", "E-mail", "Total", "Currency", "Date", "Items"} <= set(rows[0])
    synced = await api.sync(kind="orders", compareRunId=compared["runId"], select="all", dryRun=True)
    answer = await api.client.get(f"{RUNS}/{synced['runId']}/results.csv")
    assert "orders-results-" in answer.headers["content-disposition"]
    results = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["Source id"] for row in results] == [result["sourceOrderId"] for result in synced["results"]]


async def test_undo_deletes_the_orders_that_were_made_and_only_those(api: Api, pair: SandboxPair) -> None:
    before = pair.shopify.state()["orders"]
    rows = (await api.compare(kind="orders"))["differences"][:4]
    body = await api.sync(
        kind="orders", sourceOfTruth="woocommerce", orders=[_item(row) for row in rows], options={"createAs": "order"}
    )
    assert body["summary"]["succeeded"] > 0
    answer = await api.client.post(f"{RUNS}/{body['runId']}/undo")
    ended = await api.services.runs.wait(answer.json()["runId"])
    assert (ended.type, ended.state) == ("undo", "done")
    assert pair.shopify.state()["orders"] == before


async def test_the_first_page_counts_orders(api: Api) -> None:
    compared = await api.compare(kind="orders")
    page = (await api.client.get("/")).text
    assert f"{compared['summary']['ordersOnlyInSource']} only in WooCommerce" in page
    assert f"{compared['summary']['ordersOnlyInDestination']} only in Shopify" in page
