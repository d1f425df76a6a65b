"""`/metrics`: what moved is counted, nobody is named, and the documentation lists it all."""

import re
from pathlib import Path

import httpx2
from pydantic import SecretStr

from crossdock.sandbox.stores import SandboxPair
from crossdock.settings import Settings
from tests.api.conftest import Api, OpenApi

_SAMPLE = re.compile(r'([a-z_]+)(\{(?:[a-z]+="[^"\\\n]*",?)*\})? ([0-9.e+-]+)')


async def figures(client: httpx2.AsyncClient) -> dict[str, float]:
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = [line for line in answer.text.splitlines() if not line.startswith("# ")]
    matches = [_SAMPLE.fullmatch(line) for line in lines]
    assert all(matches), lines
    return {match[1] + (match[2] or ""): float(match[3]) for match in matches if match}


async def test_what_moved_is_counted(api: Api, pair: SandboxPair) -> None:
    before = await figures(api.client)
    assert not any(before.values())
    rule = {"kind": "drop_after", "body": "customerCreate(", "times": 1}
    pair.shopify_faults.set_rules([rule, {"kind": "rate_limited", "retry_after": 0.1, "body": "query CrossdockShop"}])
    compared = await api.compare()
    synced = await api.sync(sourceOfTruth="woocommerce", compareRunId=compared["runId"], select="all")
    found = await figures(api.client)
    moved = synced["summary"]["succeeded"]
    assert moved > 0
    assert found['crossdock_records{kind="customer",state="done"}'] == moved
    assert found['crossdock_records{kind="customer",state="unknown"}'] == 0
    assert found['crossdock_runs{type="compare",kind="customer",state="done"}'] == 1
    assert found['crossdock_runs{type="sync",kind="customer",state="done"}'] == 1
    assert found["crossdock_mutes_held"] == 0
    requests = "crossdock_store_requests_total"
    assert found[requests + '{platform="woocommerce",intent="read",outcome="answered"}'] > 0
    assert found[requests + '{platform="shopify",intent="write",outcome="answered"}'] >= moved - 1
    assert found[requests + '{platform="shopify",intent="write",outcome="unknown"}'] == 1
    assert found[requests + '{platform="shopify",intent="read",outcome="throttled"}'] == 1


async def test_a_muted_setting_is_counted_until_it_is_given_back(api: Api) -> None:
    mutes = api.services.state.mutes
    mutes.join("shop.example.com", "a/b", holder="run", original_value="yes", muted_value="no")
    assert (await figures(api.client))["crossdock_mutes_held"] == 1


async def test_nobody_is_named(api: Api, settings: Settings) -> None:
    await api.compare()
    text = (await api.client.get("/metrics")).text
    assert "@" not in text
    assert "127.0.0.1" not in text
    assert (settings.shopify_domain or "") not in text


async def test_a_token_guards_it(settings: Settings, open_api: OpenApi) -> None:
    guarded = settings.model_copy(update={"api_token": SecretStr("word")})
    async with open_api(guarded) as api:
        assert (await api.client.get("/metrics")).status_code == 401
        assert (await api.client.get("/metrics", headers={"Authorization": "Bearer word"})).status_code == 200


async def test_a_foreign_name_is_refused(api: Api) -> None:
    assert (await api.client.get("/metrics", headers={"Host": "elsewhere.example.com"})).status_code == 403


async def test_a_state_that_fails_is_a_503(api: Api) -> None:
    engine = api.services.state.database._engine
    engine.dispose()
    folder = api.services.settings.data_dir
    database = folder / "crossdock.db"
    (folder / "aside").mkdir()
    database.rename(folder / "aside" / "crossdock.db")
    database.write_bytes(b"no database" * 1000)
    # The program looks after its runs all the time: what it has opened in between would still show the old content.
    for log in folder.glob("crossdock.db-*"):
        log.unlink()
    engine.dispose()
    answer = await api.client.get("/metrics")
    assert answer.status_code == 503
    assert answer.json()["code"] == "database_damaged"
    database.unlink()
    (folder / "aside" / "crossdock.db").rename(database)


async def test_every_metric_is_documented(api: Api, repository: Path) -> None:
    names = {name.partition("{")[0] for name in await figures(api.client)}
    families = {re.sub("_(bucket|sum|count)$", "", name) for name in names}
    page = (repository / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(crossdock_\w+)`", page, re.MULTILINE))
    assert documented == families
