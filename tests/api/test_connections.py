"""`/api/pairs` and `/api/connections`: stores connected by their owner, secrets never shown."""

from typing import Any

import pytest

from crossdock.sandbox.server import Sandbox
from crossdock.sandbox.stores import SandboxPair
from tests.api.conftest import Api

WOO = "/api/connections/woocommerce"


def _second(stores: Sandbox) -> dict[str, Any]:
    keys = stores.keys[1]
    return {
        "settings": {"url": keys.woo_url},
        "secrets": {"consumerKey": keys.consumer_key, "consumerSecret": keys.consumer_secret},
    }


async def _make_pair(api: Api) -> None:
    assert (await api.client.post("/api/pairs", json={"name": "second"})).status_code == 201


async def test_pairs_are_made_listed_and_deleted(api: Api) -> None:
    await _make_pair(api)
    listed = await api.client.get("/api/pairs")
    assert listed.json() == {"pairs": [{"name": "default"}, {"name": "second"}]}
    again = await api.client.post("/api/pairs", json={"name": "second"})
    assert (again.status_code, again.json()["code"]) == (422, "pair_exists")
    assert (await api.client.delete("/api/pairs", params={"name": "second"})).status_code == 204
    gone = await api.client.delete("/api/pairs", params={"name": "second"})
    assert (gone.status_code, gone.json()["code"]) == (404, "pair_not_found")
    default = await api.client.delete("/api/pairs", params={"name": "default"})
    assert (default.status_code, default.json()["code"]) == (422, "pair_is_default")


@pytest.mark.parametrize("name", ["", "Ünicode", "a b", "x" * 41, 3, None])
async def test_a_malformed_pair_is_refused(api: Api, name: object) -> None:
    answer = await api.client.post("/api/pairs", json={"name": name})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")


async def test_the_environments_stores_are_shown_without_secrets(api: Api, pair: SandboxPair) -> None:
    answer = await api.client.get("/api/connections")
    shown = answer.json()["connections"]
    assert [(one["platform"], one["isConnected"], one["isFromEnvironment"]) for one in shown] == [
        ("woocommerce", True, True),
        ("shopify", True, True),
    ]
    assert shown[0]["info"]["currency"]
    keys = pair.keys
    for secret in (keys.consumer_key, keys.consumer_secret, keys.shopify_token, keys.shopify_client_secret):
        assert secret not in answer.text


async def test_a_store_is_connected_checked_and_forgotten(api: Api, stores: Sandbox) -> None:
    await _make_pair(api)
    pair = {"pair": "second"}
    assert (await api.client.get(WOO, params=pair)).json()["isConnected"] is False
    put = await api.client.put(WOO, params=pair, json=_second(stores))
    assert put.status_code == 200, put.text
    assert put.json()["storeKey"]
    for secret in _second(stores)["secrets"].values():
        assert secret not in put.text
    assert (await api.client.get(WOO, params=pair)).json() == put.json()
    checked = await api.client.post(f"{WOO}/check", params=pair)
    assert checked.json()["ok"] is True
    assert {finding["level"] for finding in checked.json()["findings"]} <= {"pass", "warning"}
    assert (await api.client.delete(WOO, params=pair)).status_code == 204
    assert (await api.client.delete(WOO, params=pair)).status_code == 404
    unconnected = await api.client.post(f"{WOO}/check", params=pair)
    assert (unconnected.status_code, unconnected.json()["code"]) == (424, "not_connected")


async def test_a_refused_store_is_not_kept(api: Api, stores: Sandbox) -> None:
    await _make_pair(api)
    wanted = _second(stores)
    wanted["secrets"]["consumerKey"] = "ck_" + "0" * 40
    answer = await api.client.put(WOO, params={"pair": "second"}, json=wanted)
    assert (answer.status_code, answer.json()["code"]) == (424, "key_invalid")
    assert (await api.client.get(WOO, params={"pair": "second"})).json()["isConnected"] is False


@pytest.mark.parametrize(
    "body",
    [
        {"settings": {"url": "https://shop.example.com", "colour": "red"}},
        {"settings": {"url": "https://shop.example.com"}, "secrets": {"colour": "red"}},
        {"settings": {"url": 3}},
        {"settings": []},
        {},
    ],
)
async def test_a_wrong_connection_is_refused(api: Api, body: dict[str, Any]) -> None:
    await _make_pair(api)
    answer = await api.client.put(WOO, params={"pair": "second"}, json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"]


async def test_the_environments_stores_are_not_replaced(api: Api, stores: Sandbox) -> None:
    answer = await api.client.put(WOO, json=_second(stores))
    assert (answer.status_code, answer.json()["code"]) == (422, "set_by_environment")
    deleted = await api.client.delete(WOO)
    assert (deleted.status_code, deleted.json()["code"]) == (422, "set_by_environment")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_an_unknown_platform_is_not_found(api: Api, method: str) -> None:
    body: object = {"settings": {"url": ""}} if method == "PUT" else None
    answer = await api.client.request(method, "/api/connections/magento", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "platform_unknown")


async def test_an_unknown_pair_is_not_found(api: Api) -> None:
    answer = await api.client.get(WOO, params={"pair": "nowhere"})
    assert (answer.status_code, answer.json()["code"]) == (404, "pair_not_found")
