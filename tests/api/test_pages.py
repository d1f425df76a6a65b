"""The two plain pages and the probes: no request to anywhere else, and stores' text never markup."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from crossdock.sandbox.stores import SandboxPair
from crossdock.settings import Settings
from tests.api.conftest import Api, OpenApi


@pytest.mark.parametrize("path", ["/", "/docs/api", "/static/tokens.css", "/static/favicon.svg", "/openapi.json"])
async def test_a_page_asks_nobody_else_for_anything(api: Api, path: str) -> None:
    answer = await api.client.get(path)
    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert re.findall(r"(?:src|href|url)[=(]\W?(?:https?:)?//", answer.text) == []
    assert [script for script in re.findall(r"<script[^>]*>(.*?)</script>", answer.text, re.DOTALL) if script] == []
    assert " style=" not in answer.text


async def test_the_first_page_shows_stores_and_runs(api: Api) -> None:
    compared = await api.compare()
    page = (await api.client.get("/")).text
    assert compared["runId"] in page
    assert page.count(">Connected<") == 2
    assert 'href="/docs/api"' in page
    assert f"Compare {compared['runId'][-8:]}" in page
    assert f"{compared['summary']['customersOnlyInSource']} only in WooCommerce" in page
    assert "3 of 6 done" in page


async def test_a_sync_shows_what_became_of_it(api: Api) -> None:
    compared = await api.compare()
    selected = {"compareRunId": compared["runId"], "select": "all"}
    summary = (await api.client.post("/api/customers/sync", json=selected)).json()["summary"]
    await api.client.post("/api/customers/sync", json={**selected, "dryRun": True})
    page = (await api.client.get("/")).text
    assert f"{summary['succeeded']} of {summary['total']} created" in page
    assert "Preview, nothing written" not in page


async def test_who_has_no_stores_is_told_the_first_steps(open_api: OpenApi, tmp_path: Path) -> None:
    async with open_api(Settings.load({}, data_dir=tmp_path / "empty")) as api:
        page = (await api.client.get("/")).text
    assert page.count(">Not connected<") == 2
    assert "0 of 6 done" in page
    assert 'href="/connections"' in page
    assert "Last runs" not in page


@pytest.mark.parametrize("path", ["/static/favicon.svg", "/favicon.ico"])
async def test_the_icon_is_there(api: Api, path: str) -> None:
    answer = await api.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")


async def test_every_style_that_is_imported_is_there(api: Api) -> None:
    style = (await api.client.get("/static/crossdock.css")).text
    names = re.findall(r'@import url\("(.+?)"\)', style)
    assert len(names) > 4
    assert {(await api.client.get(f"/static/{name}")).status_code for name in names} == {200}


async def test_a_stores_name_is_text(api: Api, pair: SandboxPair) -> None:
    pair.woo.name = "<script>alert(1)</script>"
    page = (await api.client.get("/")).text
    assert "<script>" not in page


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"woocommerce_url": "http://127.0.0.1:9"}, "does not"),
        ({"woocommerce_key": SecretStr("ck_" + "0" * 40)}, "does not accept this key"),
    ],
    ids=["unreachable", "wrong key"],
)
async def test_a_store_that_refuses_is_said_on_the_page(
    open_api: OpenApi, settings: Settings, changed: dict[str, Any], sentence: str
) -> None:
    async with open_api(settings.model_copy(update=changed)) as api:
        answer = await api.client.get("/")
    assert answer.status_code == 200
    assert answer.text.count(">Not reached<") == 1
    assert sentence in answer.text
    assert ">Not connected<" not in answer.text


async def test_the_reference_lists_every_route(api: Api) -> None:
    document = (await api.client.get("/openapi.json")).json()
    page = (await api.client.get("/docs/api")).text
    assert [path for path in document["paths"] if path not in page] == []
    assert page.count("<pre") >= len(document["paths"])
    assert "customer@example.com" in page


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_the_probes_answer(api: Api, path: str) -> None:
    assert (await api.client.get(path)).status_code == 200


async def test_what_is_not_there_is_a_problem(api: Api) -> None:
    missing, wrong = await api.client.get("/nothing"), await api.client.get("/api/customers/compare")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "POST"
