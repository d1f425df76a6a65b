"""`/api/runs/*`: durable runs, listed, followed, re-read, exported and steered, whoever started them."""

import csv
import io
import json
from typing import Any

import httpx2
import pytest

from crossdock.sandbox.stores import SandboxPair
from tests.api.conftest import Api

RUNS = "/api/runs"


async def _get(api: Api, path: str, **params: Any) -> Any:  # noqa: ANN401 - any JSON
    answer = await api.client.get(f"{RUNS}{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


async def _sync_all(api: Api, source: str = "woocommerce") -> dict[str, Any]:
    compared = await api.compare(source)
    return await api.sync(compareRunId=compared["runId"], select="all")


async def test_runs_are_listed_newest_first_and_filtered(api: Api) -> None:
    first, second = await api.compare("woocommerce"), await api.compare("shopify")
    body = await _get(api, "")
    assert [run["runId"] for run in body["runs"]] == [second["runId"], first["runId"]]
    assert (body["total"], body["page"], body["pageSize"]) == (2, 1, 50)
    assert {run["state"] for run in body["runs"]} == {"done"}
    page = await _get(api, "", page=2, pageSize=1)
    assert [run["runId"] for run in page["runs"]] == [first["runId"]]
    assert (await _get(api, "", type="sync"))["total"] == 0
    assert (await _get(api, "", pair="default", kind="customer", type="compare", state="done"))["total"] == 2


async def test_a_run_is_read_again_as_it_was(api: Api) -> None:
    compared = await api.compare()
    run = await _get(api, f"/{compared['runId']}")
    assert run["summary"] == compared["summary"]
    assert (run["type"], run["kind"], run["pair"], run["sourceOfTruth"]) == (
        "compare",
        "customer",
        "default",
        "woocommerce",
    )
    assert run["createdAt"].endswith("Z")


@pytest.mark.parametrize("path", ["", "/events", "/differences", "/differences.csv", "/results", "/results.csv"])
async def test_an_unknown_run_is_not_found(api: Api, path: str) -> None:
    answer = await api.client.get(f"{RUNS}/nothing{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "run_not_found")


@pytest.mark.parametrize("act", ["pause", "resume", "cancel", "retry-failed", "undo"])
async def test_nothing_can_be_asked_of_an_unknown_run(api: Api, act: str) -> None:
    answer = await api.client.post(f"{RUNS}/nothing/{act}")
    assert (answer.status_code, answer.json()["code"]) == (404, "run_not_found")


async def test_differences_are_paged_and_sorted(api: Api) -> None:
    compared = await api.compare()
    path = f"/{compared['runId']}/differences"
    emails = sorted(row["email"].lower() for row in compared["differences"])
    pages = [await _get(api, path, sort="email", direction="asc", page=number, pageSize=4) for number in (1, 2)]
    assert [row["email"].lower() for page in pages for row in page["differences"]] == emails[:8]
    assert pages[0]["total"] == len(emails)
    falling = await _get(api, path, sort="email", direction="desc", pageSize=500)
    assert [row["email"].lower() for row in falling["differences"]] == emails[::-1]


async def test_differences_are_searched_and_filtered(api: Api) -> None:
    compared = await api.compare()
    path = f"/{compared['runId']}/differences"
    wanted = next(row for row in compared["differences"] if row["email"].isascii())
    found = await _get(api, path, search=wanted["email"].upper())
    assert [row["sourceCustomerId"] for row in found["differences"]] == [wanted["sourceCustomerId"]]
    for has_phone in (True, False):
        shown = await _get(api, path, hasPhone=str(has_phone).lower(), pageSize=500)
        assert {"phone" in row for row in shown["differences"]} <= {has_phone}


@pytest.mark.parametrize("group", ["onlyInSource", "fieldDifferences", "duplicates", "unmatchable"])
async def test_every_list_has_what_the_comparison_said(api: Api, group: str) -> None:
    compared = await api.compare()
    shown = await _get(api, f"/{compared['runId']}/differences", group=group, pageSize=500)
    member = "differences" if group == "onlyInSource" else group
    assert sorted(shown["differences"], key=json.dumps) == sorted(compared[member], key=json.dumps)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"group": "nothing"}, "group"),
        ({"page": 0}, "page"),
        ({"pageSize": 501}, "pageSize"),
        ({"page": "x"}, "page"),
        ({"direction": "up"}, "direction"),
        ({"sort": "colour"}, "sort"),
        ({"colour": "red"}, "where"),
        ({"hasPhone": "perhaps"}, "where.hasPhone"),
        ({"hasPhone": ["true", "false"]}, "hasPhone"),
    ],
)
@pytest.mark.parametrize("name", ["differences", "differences.csv"])
async def test_a_wrong_parameter_is_named(api: Api, name: str, params: dict[str, Any], field: str) -> None:
    compared = await api.compare()
    answer = await api.client.get(f"{RUNS}/{compared['runId']}/{name}", params=params)
    if name == "differences.csv" and field in {"page", "pageSize"}:
        assert answer.status_code in {200, 422}
        return
    assert answer.status_code == 422, answer.text
    named = [error["field"] for error in answer.json()["errors"]]
    assert any(field in one or one in field for one in named), named


async def test_differences_are_exported_safely(api: Api) -> None:
    compared = await api.compare()
    answer = await api.client.get(f"{RUNS}/{compared['runId']}/differences.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = _cells(answer.text)
    assert len(rows) == 1 + len(compared["differences"])
    assert rows[0][0] == "E-mail"
    unsafe = [cell for row in rows for cell in row if cell.startswith(("=", "-", "@", "\t", "\r"))]
    assert unsafe == []


async def test_results_are_paged_and_exported(api: Api) -> None:
    body = await _sync_all(api)
    path = f"/{body['runId']}/results"
    first = await _get(api, path, pageSize=3)
    assert first["results"] == body["results"][:3]
    assert first["total"] == len(body["results"])
    failed = await _get(api, path, failedOnly="true", pageSize=500)
    assert failed["results"] == [result for result in body["results"] if not result["success"]]
    rows = _cells((await api.client.get(f"{RUNS}{path}.csv")).text)
    assert [row[1] for row in rows[1:]] == [result["sourceCustomerId"] for result in body["results"]]


async def test_failures_of_one_cause_are_paged_and_exported(api: Api) -> None:
    compared = await api.compare()
    listed = [
        {"email": row["email"], "sourceCustomerId": row["sourceCustomerId"]} for row in compared["differences"][:3]
    ]
    gone = [{"email": "gone@example.com", "sourceCustomerId": f"99999{number}"} for number in range(3)]
    mistaken = {**listed[0], "email": "somebody.else@example.com"}
    body = await api.sync(sourceOfTruth="woocommerce", customers=[mistaken, *gone, *listed[1:]], dryRun=True)
    path = f"/{body['runId']}/results"
    page = await _get(api, path, code="source_not_found", page=2, pageSize=2)
    assert (page["total"], page["results"]) == (3, body["results"][3:4])
    assert (await _get(api, path, code="source_changed"))["results"] == body["results"][:1]
    assert (await _get(api, path, code="no_such_code"))["total"] == 0
    exported = (await api.client.get(f"{RUNS}{path}.csv", params={"code": "source_not_found"})).text
    assert [row[1] for row in _cells(exported)[1:]] == [one["sourceCustomerId"] for one in gone]


async def test_results_of_a_comparison_are_none(api: Api) -> None:
    compared = await api.compare()
    assert (await _get(api, f"/{compared['runId']}/results"))["results"] == []


async def test_differences_of_a_sync_are_refused(api: Api) -> None:
    body = await _sync_all(api)
    answer = await api.client.get(f"{RUNS}/{body['runId']}/differences")
    assert (answer.status_code, answer.json()["code"]) == (422, "compare_not_finished")


async def _events(client: httpx2.AsyncClient, run_id: str, after: int | None = None) -> list[dict[str, Any]]:
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    found: list[dict[str, Any]] = []
    async with client.stream("GET", f"{RUNS}/{run_id}/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        event: dict[str, Any] = {}
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if not line and event:
                found.append(event)
                event = {}
            elif name:
                event[name] = json.loads(value) if name == "data" else value
    return found


async def test_events_are_followed_from_anywhere_to_the_end(server: httpx2.AsyncClient) -> None:
    started = await server.post(
        "/api/customers/compare", json={"sourceOfTruth": "woocommerce"}, headers={"Prefer": "respond-async"}
    )
    run_id = started.json()["runId"]
    live = await _events(server, run_id)
    assert live[-1]["event"] == "end"
    assert live[-1]["data"]["state"] == "done"
    assert {"phase", "progress"} <= {event["event"] for event in live}
    again = await _events(server, run_id)
    seen = int(again[2]["id"])
    assert [event["id"] for event in (await _events(server, run_id, after=seen))[:-1]] == [
        event["id"] for event in again[3:-1]
    ]


async def test_a_malformed_last_event_id_is_refused(api: Api) -> None:
    compared = await api.compare()
    answer = await api.client.get(f"{RUNS}/{compared['runId']}/events", headers={"Last-Event-ID": "x"})
    assert answer.status_code == 422


async def test_a_paused_sync_is_resumed_to_the_end(api: Api, pair: SandboxPair) -> None:
    compared = await api.compare()
    pair.shopify_faults.set_rules([{"kind": "latency", "body": "customerCreate", "seconds": 1}], 1)
    started = await api.client.post(
        "/api/customers/sync",
        json={"compareRunId": compared["runId"], "select": "all"},
        headers={"Prefer": "respond-async"},
    )
    run_id = started.json()["runId"]
    answer = await api.client.post(f"{RUNS}/{run_id}/pause")
    assert answer.status_code == 202
    paused = await api.services.runs.wait(run_id)
    assert paused.state in {"paused", "done"}
    if paused.state == "paused":
        resumed = await api.client.post(f"{RUNS}/{run_id}/resume")
        assert resumed.headers["location"] == f"{RUNS}/{run_id}"
    ended = await api.services.runs.wait(run_id)
    assert (ended.state, ended.summary["total"]) == ("done", len(compared["differences"]))


async def test_a_cancelled_sync_says_what_was_not_attempted(api: Api, pair: SandboxPair) -> None:
    compared = await api.compare()
    pair.shopify_faults.set_rules([{"kind": "latency", "body": "customerCreate", "seconds": 1}], 1)
    started = await api.client.post(
        "/api/customers/sync",
        json={"compareRunId": compared["runId"], "select": "all"},
        headers={"Prefer": "respond-async"},
    )
    run_id = started.json()["runId"]
    assert (await api.client.post(f"{RUNS}/{run_id}/cancel")).status_code == 202
    ended = await api.services.runs.wait(run_id)
    assert ended.state == "cancelled"
    results = (await _get(api, f"/{run_id}/results", pageSize=500))["results"]
    assert {result["code"] for result in results if not result["success"]} == {"not_attempted"}


async def test_an_ended_run_can_not_be_paused(api: Api) -> None:
    compared = await api.compare()
    answer = await api.client.post(f"{RUNS}/{compared['runId']}/pause")
    assert (answer.status_code, answer.json()["code"]) == (422, "run_has_ended")


async def test_failed_records_are_tried_again(api: Api) -> None:
    row = (await api.compare())["differences"][0]
    wrong = {"email": "somebody.else@example.com", "sourceCustomerId": row["sourceCustomerId"]}
    body = await api.sync(sourceOfTruth="woocommerce", customers=[wrong])
    assert body["summary"]["failed"] == 1
    answer = await api.client.post(f"{RUNS}/{body['runId']}/retry-failed")
    assert answer.status_code == 202
    again = answer.json()
    assert (again["parentRunId"], again["type"]) == (body["runId"], "sync")
    assert answer.headers["location"] == f"{RUNS}/{again['runId']}"
    ended = await api.services.runs.wait(again["runId"])
    assert ended.summary["total"] == 1


async def test_undo_deletes_what_was_created_and_only_that(api: Api, pair: SandboxPair) -> None:
    before = pair.shopify.state()["customers"]
    body = await _sync_all(api)
    answer = await api.client.post(f"{RUNS}/{body['runId']}/undo")
    assert answer.status_code == 202, answer.text
    ended = await api.services.runs.wait(answer.json()["runId"])
    assert (ended.type, ended.state) == ("undo", "done")
    assert pair.shopify.state()["customers"] == before
