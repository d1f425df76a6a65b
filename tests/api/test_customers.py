"""`/api/customers/*`: the contract's bodies, exactly, and every way in which a request can be wrong."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from crossdock.sandbox.stores import SandboxPair
from crossdock.settings import Settings
from crossdock.state import RunFilter
from tests.api.conftest import Api, OpenApi

COMPARE = "/api/customers/compare"
SYNC = "/api/customers/sync"
DIFFERENCE = {
    "email": str,
    "firstName": str,
    "lastName": str,
    "sourceCustomerId": str,
    "existsInSource": bool,
    "existsInDestination": bool,
    "sourcePlatform": str,
    "destinationPlatform": str,
}


def _item(row: dict[str, Any]) -> dict[str, str]:
    return {"email": row["email"], "sourceCustomerId": row["sourceCustomerId"]}


def _problem(answer: httpx2.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert {"type", "title", "detail", "code"} <= set(body)
    return body


@pytest.mark.parametrize(("source", "destination"), [("woocommerce", "shopify"), ("shopify", "woocommerce")])
async def test_compare_answers_the_contract(api: Api, source: str, destination: str) -> None:
    body = await api.compare(source)
    summary, rows = body["summary"], body["differences"]
    assert body["runId"]
    assert summary["sourceOfTruth"] == source
    assert summary["customersOnlyInSource"] == len(rows) > 0
    assert summary["sourceCustomerCount"] == (
        summary["matchedCustomers"] + len(rows) + summary["duplicates"] + summary["unmatchable"]
    )
    for member in ("suspectMatches", "fieldDifferences", "duplicates", "unmatchable"):
        assert len(body[member]) == summary[member], member
    for row in rows:
        assert {name: type(row[name]) for name in DIFFERENCE} == DIFFERENCE
        assert (row["sourcePlatform"], row["destinationPlatform"]) == (source, destination)
        assert (row["existsInSource"], row["existsInDestination"]) == (True, False)
        assert row.get("phone") != ""
        assert None not in row.values()


async def test_a_comparison_of_a_store_with_faults_loses_nothing(api: Api, pair: SandboxPair) -> None:
    before = await api.compare()
    pair.woo_faults.set_rules(
        [
            {"kind": "rate_limited", "path": "/customers", "retry_after": 0},
            {"kind": "error_before", "path": "/customers", "nth": 2},
            {"kind": "truncated", "path": "/customers", "nth": 3},
        ],
        1,
    )
    after = await api.compare()
    assert after["summary"] == before["summary"]
    assert after["differences"] == before["differences"]


async def test_sync_answers_the_contract_and_mails_nobody(api: Api, pair: SandboxPair) -> None:
    rows = (await api.compare())["differences"]
    body = await api.sync(sourceOfTruth="woocommerce", customers=[_item(row) for row in rows])
    summary, results = body["summary"], body["results"]
    assert summary["total"] == summary["succeeded"] + summary["failed"] == len(results) == len(rows)
    assert [result["email"] for result in results] == [row["email"] for row in rows]
    for result in results:
        if result["success"]:
            assert result["newCustomerId"].startswith("gid://shopify/Customer/")
            assert "code" not in result
        else:
            assert result["code"]
            assert result["error"]
            assert "newCustomerId" not in result
    assert summary["succeeded"] > 0
    assert pair.shopify.state()["mails"] == 0
    again = await api.compare()
    failed = {result["sourceCustomerId"] for result in results if not result["success"]}
    assert {row["sourceCustomerId"] for row in again["differences"]} == failed


async def test_what_was_moved_before_is_already_there(api: Api, pair: SandboxPair) -> None:
    rows = (await api.compare())["differences"][:2]
    first = await api.sync(sourceOfTruth="woocommerce", customers=[_item(row) for row in rows])
    mutations = pair.shopify.state()["customers"]
    second = await api.sync(sourceOfTruth="woocommerce", customers=[_item(row) for row in rows])
    assert [result["newCustomerId"] for result in second["results"]] == [
        result["newCustomerId"] for result in first["results"]
    ]
    assert all(result["success"] and result["alreadyThere"] for result in second["results"])
    counts = {"sourceOfTruth": "woocommerce", "total": 2, "succeeded": 2, "failed": 0, "alreadyThere": 2}
    assert second["summary"] == {**counts, "warnings": first["summary"]["warnings"]}
    assert pair.shopify.state()["customers"] == mutations


async def test_all_of_a_comparison_less_exceptions(api: Api) -> None:
    compared = await api.compare("shopify")
    left_out = compared["differences"][0]["sourceCustomerId"]
    selected: dict[str, Any] = {"compareRunId": compared["runId"], "select": "all", "except": [left_out]}
    body = await api.sync(**selected)
    moved = {result["sourceCustomerId"] for result in body["results"]}
    assert moved == {row["sourceCustomerId"] for row in compared["differences"]} - {left_out}
    assert body["summary"]["sourceOfTruth"] == "shopify"


async def test_all_of_a_comparison_narrowed_by_where(api: Api) -> None:
    compared = await api.compare()
    body = await api.sync(compareRunId=compared["runId"], select="all", where={"hasPhone": True}, dryRun=True)
    with_phone = {row["sourceCustomerId"] for row in compared["differences"] if "phone" in row}
    assert {result["sourceCustomerId"] for result in body["results"]} == with_phone


@pytest.mark.parametrize("source", ["woocommerce", "shopify"])
async def test_a_dry_run_shows_what_would_be_sent_and_writes_nothing(api: Api, pair: SandboxPair, source: str) -> None:
    compared = await api.compare(source)
    before = (pair.woo.state()["customers"], pair.shopify.state()["customers"])
    body = await api.sync(compareRunId=compared["runId"], select="all", dryRun=True)
    planned = [result for result in body["results"] if result["success"]]
    assert planned
    assert all(result["payload"] and "newCustomerId" not in result for result in planned)
    assert (pair.woo.state()["customers"], pair.shopify.state()["customers"]) == before
    assert not pair.woo.state()["changedSettings"]


async def test_a_wrong_record_does_not_stop_the_others(api: Api) -> None:
    good, changed = (await api.compare())["differences"][:2]
    gone = "999999999"
    body = await api.sync(
        sourceOfTruth="woocommerce",
        customers=[
            {"email": "gone@example.com", "sourceCustomerId": gone},
            {"email": "somebody.else@example.com", "sourceCustomerId": changed["sourceCustomerId"]},
            _item(good),
        ],
    )
    by_id = {result["sourceCustomerId"]: result for result in body["results"]}
    assert by_id[gone]["code"] == "source_not_found"
    assert by_id[changed["sourceCustomerId"]]["code"] == "source_changed"
    assert by_id[good["sourceCustomerId"]]["success"]
    assert body["summary"] | {"failed": 2, "succeeded": 1, "total": 3} == body["summary"]


@pytest.mark.parametrize("path", [COMPARE, SYNC])
async def test_respond_async_is_answered_at_once(api: Api, path: str) -> None:
    body: dict[str, Any] = {"sourceOfTruth": "woocommerce"}
    if path == SYNC:
        body["customers"] = [_item((await api.compare())["differences"][0])]
    answer = await api.client.post(path, json=body, headers={"Prefer": "wait=5, respond-async"})
    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "respond-async"
    run_id = answer.json()["runId"]
    assert answer.headers["location"] == f"/api/runs/{run_id}"
    assert (await api.services.runs.wait(run_id)).state == "done"


async def test_the_same_key_and_body_give_the_same_run(api: Api) -> None:
    rows = (await api.compare())["differences"]
    body = {"sourceOfTruth": "woocommerce", "customers": [_item(rows[0])]}
    key = {"Idempotency-Key": "order-42"}
    first = await api.client.post(SYNC, json=body, headers=key)
    second = await api.client.post(SYNC, json=body, headers=key)
    assert first.json() == second.json()
    assert first.json()["results"][0]["success"]
    other = await api.client.post(SYNC, json={**body, "customers": [_item(rows[1])]}, headers=key)
    problem = _problem(other, 422)
    assert (problem["code"], problem["errors"][0]["field"]) == ("idempotency_key_reused", "Idempotency-Key")


SOURCE = {"sourceOfTruth": "woocommerce"}
ONE = [{"email": "a@example.com", "sourceCustomerId": "1"}]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        pytest.param(COMPARE, {}, "sourceOfTruth", id="nothing"),
        pytest.param(COMPARE, {"sourceOfTruth": "magento"}, "sourceOfTruth", id="unknown source"),
        pytest.param(COMPARE, {"sourceOfTruth": 1}, "sourceOfTruth", id="number for text"),
        pytest.param(COMPARE, {"sourceOfTruth": None}, "sourceOfTruth", id="null"),
        pytest.param(COMPARE, {**SOURCE, "colour": "red"}, "colour", id="unknown member"),
        pytest.param(COMPARE, {**SOURCE, "source_of_truth": "x"}, "source_of_truth", id="snake case"),
        pytest.param(COMPARE, {**SOURCE, "options": []}, "options", id="list for object"),
        pytest.param(COMPARE, {**SOURCE, "options": {"colour": 1}}, "options", id="unknown option"),
        pytest.param(COMPARE, {**SOURCE, "options": {"requireName": 3}}, "options.requireName", id="wrong option"),
        pytest.param(COMPARE, {**SOURCE, "pair": "../x"}, "pair", id="malformed pair"),
        pytest.param(COMPARE, [], "body", id="list for body"),
        pytest.param(COMPARE, "text", "body", id="text for body"),
        pytest.param(SYNC, SOURCE, "customers", id="no customers"),
        pytest.param(SYNC, {**SOURCE, "customers": []}, "customers", id="empty list"),
        pytest.param(SYNC, {**SOURCE, "customers": "all"}, "customers", id="text for list"),
        pytest.param(SYNC, {**SOURCE, "customers": [{"sourceCustomerId": "1"}]}, "customers[0].email", id="no e-mail"),
        pytest.param(
            SYNC, {**SOURCE, "customers": [{"email": "a@example.com"}]}, "customers[0].sourceCustomerId", id="no id"
        ),
        pytest.param(
            SYNC,
            {**SOURCE, "customers": [{"email": "a@example.com", "sourceCustomerId": 1}]},
            "customers[0].sourceCustomerId",
            id="number for id",
        ),
        pytest.param(
            SYNC,
            {**SOURCE, "customers": [*ONE, {"email": "a@example.com", "sourceCustomerId": "1; drop"}]},
            "customers[1].sourceCustomerId",
            id="malformed id",
        ),
        pytest.param(
            SYNC,
            {"sourceOfTruth": "shopify", "customers": ONE},
            "customers[0].sourceCustomerId",
            id="the other platform's id",
        ),
        pytest.param(SYNC, {"customers": ONE}, "sourceOfTruth", id="list without source"),
        pytest.param(SYNC, {**SOURCE, "customers": ONE, "dryRun": "yes"}, "dryRun", id="text for boolean"),
        pytest.param(SYNC, {**SOURCE, "customers": ONE, "options": {"x": 1}}, "options.x", id="option of sync"),
        pytest.param(SYNC, {**SOURCE, "customers": ONE, "select": "all"}, "select", id="list and selection"),
        pytest.param(SYNC, {"compareRunId": "x", "select": "some"}, "select", id="unknown selection"),
        pytest.param(SYNC, {"compareRunId": "x"}, "select", id="comparison without selection"),
        pytest.param(
            SYNC,
            {**SOURCE, "customers": [{"email": "a@example.com", "sourceCustomerId": str(n)} for n in range(1, 10_002)]},
            "customers",
            id="10,001 records",
        ),
    ],
)
async def test_a_wrong_request_names_its_field(api: Api, path: str, body: object, field: str) -> None:
    problem = _problem(await api.client.post(path, json=body), 422)
    assert field in [error["field"] for error in problem["errors"]]
    assert (await api.services.runs.list())[1] == 0


async def test_what_is_allowed_is_said(api: Api) -> None:
    answer = await api.client.post(COMPARE, json={"sourceOfTruth": "magento"})
    assert _problem(answer, 422)["errors"] == [
        {"field": "sourceOfTruth", "message": "This value is not known.", "allowed": "woocommerce, shopify"}
    ]


@pytest.mark.parametrize("content", [b"{", b"", b"\xff\xfe", b'{"sourceOfTruth": "woo', b"[" * 100_000])
async def test_what_is_no_json_is_refused(api: Api, content: bytes) -> None:
    answer = await api.client.post(COMPARE, content=content, headers={"content-type": "application/json"})
    assert _problem(answer, 422)["errors"][0]["field"] == "body"


async def _in_chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1 << 20):
        yield content[start : start + (1 << 20)]


@pytest.mark.parametrize("is_declared", [True, False], ids=["declared", "in chunks"])
async def test_a_huge_body_is_refused(api: Api, is_declared: bool) -> None:  # noqa: FBT001 - a parameter of the test
    huge = b" " * (8 * 1024 * 1024 + 1)
    answer = await api.client.post(
        COMPARE, content=huge if is_declared else _in_chunks(huge), headers={"content-type": "application/json"}
    )
    assert _problem(answer, 413)["code"] == "body_too_large"


async def test_a_sync_of_an_unknown_or_other_comparison_is_refused(api: Api) -> None:
    unknown = await api.client.post(SYNC, json={"compareRunId": "nothing", "select": "all"})
    assert _problem(unknown, 404)["code"] == "run_not_found"
    compared = await api.compare()
    selection = {"compareRunId": compared["runId"], "select": "all"}
    other = await api.client.post(SYNC, json={**selection, "sourceOfTruth": "shopify"})
    assert _problem(other, 422)["errors"][0]["field"] == "sourceOfTruth"
    where = await api.client.post(SYNC, json={**selection, "where": {"colour": "red"}})
    assert "colour" in _problem(where, 422)["detail"]


async def test_an_unknown_pair_is_not_found(api: Api) -> None:
    answer = await api.client.post(COMPARE, json={**SOURCE, "pair": "nowhere"})
    assert answer.status_code in {404, 424}
    assert _problem(answer, answer.status_code)["code"] in {"pair_not_found", "not_connected"}


async def test_a_busy_store_names_the_run_that_holds_it(api: Api, pair: SandboxPair) -> None:
    compared = await api.compare()
    pair.shopify_faults.set_rules([{"kind": "latency", "body": "customerCreate", "seconds": 3, "times": 0}], 1)
    selection = {"compareRunId": compared["runId"], "select": "all"}
    first = await api.client.post(SYNC, json=selection, headers={"Prefer": "respond-async"})
    second = await api.client.post(SYNC, json=selection)
    problem = _problem(second, 409)
    assert problem["code"] == "store_busy"
    assert problem["runId"] == first.json()["runId"]
    assert second.headers["location"] == f"/api/runs/{problem['runId']}"
    pair.shopify_faults.clear()
    await api.services.runs.wait(problem["runId"])


async def _started_sync(api: Api) -> str:
    while True:
        found, total = await api.services.runs.list(RunFilter(type="sync"))
        if total:
            return found[0].id


async def test_a_run_goes_on_when_its_caller_hangs_up(api: Api, server: httpx2.AsyncClient, pair: SandboxPair) -> None:
    compared = await api.compare()
    pair.shopify_faults.set_rules([{"kind": "latency", "body": "customerCreate", "seconds": 0.5}], 1)
    call = asyncio.create_task(server.post(SYNC, json={"compareRunId": compared["runId"], "select": "all"}))
    run_id = await _started_sync(api)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    run = await api.services.runs.wait(run_id)
    assert run.state == "done"
    assert run.summary["total"] == len(compared["differences"])


async def test_a_store_that_refuses_the_key_is_named(open_api: OpenApi, settings: Settings) -> None:
    wrong = settings.model_copy(update={"woocommerce_key": SecretStr("ck_" + "0" * 40)})
    async with open_api(wrong) as api:
        problem = _problem(await api.client.post(COMPARE, json=SOURCE), 424)
    assert problem["code"] == "key_invalid"


async def test_a_store_that_answers_with_a_page_is_refused(api: Api, pair: SandboxPair) -> None:
    pair.woo_faults.set_rules([{"kind": "html_page", "times": 0}], 1)
    assert _problem(await api.client.post(COMPARE, json=SOURCE), 424)["code"] == "html_answer"


async def test_a_store_that_can_not_be_reached_is_worth_another_try(open_api: OpenApi, settings: Settings) -> None:
    away = settings.model_copy(update={"woocommerce_url": "http://127.0.0.1:9"})
    async with open_api(away) as api:
        answer = await api.client.post(COMPARE, json=SOURCE)
    assert _problem(answer, 503)["code"] == "connect_failed"
    assert int(answer.headers["retry-after"]) > 0


async def test_a_failure_within_the_run_names_the_run(api: Api, pair: SandboxPair) -> None:
    await api.compare()
    pair.woo_faults.set_rules([{"kind": "challenge", "path": "/customers", "times": 0}], 1)
    problem = _problem(await api.client.post(COMPARE, json=SOURCE), 424)
    run = await api.services.runs.get(problem["runId"])
    assert (run.state, run.error_code) == ("failed", problem["code"])


async def test_a_connection_that_is_missing_is_said(open_api: OpenApi, settings: Settings) -> None:
    async with open_api(settings.model_copy(update={"shopify_domain": None})) as api:
        problem = _problem(await api.client.post(COMPARE, json=SOURCE), 424)
    assert problem["code"] == "not_connected"


async def test_hostile_names_stay_text(api: Api) -> None:
    body = await api.compare()
    assert json.loads(json.dumps(body)) == body
    answer = await api.client.get(f"/api/runs/{body['runId']}/differences", params={"pageSize": 500})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
