"""The sandbox as a whole: pairs, keys, filling, faults by route, control routes, and its own command line."""

import gzip
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.server import Sandbox, build_sandbox, describe, describe_json

BASE = "http://127.0.0.1:9"


def client(sandbox: Sandbox, caller: str = "127.0.0.1") -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(sandbox.app, client=(caller, 1)), base_url=BASE)


async def states(sandbox: Sandbox) -> list[dict[str, Any]]:
    async with client(sandbox) as http:
        return (await http.get("/_sandbox/state")).json()["pairs"]


async def shopify(http: httpx2.AsyncClient, token: str, pair: int = 1) -> httpx2.Response:
    return await http.post(
        f"/pair-{pair}/shopify/admin/api/2026-10/graphql.json",
        json={"query": "query Shop { shop { name } }"},
        headers={"X-Shopify-Access-Token": token},
    )


async def test_pairs_are_stores_of_their_own_with_keys_that_work() -> None:
    sandbox = build_sandbox(BASE, SandboxOptions(customers=60, pairs=2))
    woo = [pair["woocommerce"]["customers"] for pair in await states(sandbox)]
    assert all(count > 40 for count in woo)
    assert len({keys.consumer_key for keys in sandbox.keys} | {keys.shopify_token for keys in sandbox.keys}) == 4
    async with client(sandbox) as http:
        index = await http.get("/pair-2/woocommerce/wp-json/")
        assert index.json()["url"] == sandbox.keys[1].woo_url == f"{BASE}/pair-2/woocommerce"
        assert (await shopify(http, sandbox.keys[1].shopify_token, pair=2)).json()["data"]["shop"]["name"]
        assert (await shopify(http, sandbox.keys[0].shopify_token, pair=2)).status_code == 401


async def test_the_same_seed_gives_the_same_stores_and_keys() -> None:
    first, second = (build_sandbox(BASE, SandboxOptions(customers=30, seed=4)) for _ in range(2))
    other = build_sandbox(BASE, SandboxOptions(customers=30, seed=5))
    assert first.keys == second.keys != other.keys
    emails = [[account.email for account in sandbox.pairs[0].woo.accounts] for sandbox in (first, second, other)]
    assert emails[0] == emails[1] != emails[2]


async def test_no_customers_leave_both_stores_empty() -> None:
    state = (await states(build_sandbox(BASE, SandboxOptions(customers=0))))[0]
    assert (state["woocommerce"]["customers"], state["shopify"]["customers"]) == (0, 0)


async def test_records_are_loaded_into_woocommerce_with_the_zone_they_show(tmp_path: Path) -> None:
    record = {
        "id": 77,
        "email": "Ada@Example.com",
        "date_created": "2026-01-05T02:00:00",
        "date_created_gmt": "2026-01-05T10:00:00",
        "first_name": "Tom &amp; Ann",
        "billing": {"city": "Lyon"},
        "meta_data": [{"id": 900, "key": "legacy_id", "value": "L1"}],
    }
    with gzip.open(tmp_path / "customers.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")
    sandbox = build_sandbox(BASE, SandboxOptions(load=tmp_path, pairs=2))
    pair = sandbox.pairs[0]
    assert pair.woo.timezone == "America/Los_Angeles"
    account = pair.woo.accounts.get(77)
    assert account is not None
    assert (account.email, account.first_name, account.meta[0].id) == ("Ada@Example.com", "Tom &amp; Ann", 900)
    assert [state["shopify"]["customers"] for state in await states(sandbox)] == [0, 0]
    assert len(sandbox.pairs[1].woo.accounts) == 0


def write_records(folder: Path, **kinds: list[dict[str, Any]]) -> None:
    for kind, records in kinds.items():
        with gzip.open(folder / f"{kind}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)


async def test_orders_are_in_both_stores_and_nobody_is_told() -> None:
    sandbox = build_sandbox(BASE, SandboxOptions(customers=40, orders=120, pairs=2))
    for state in await states(sandbox):
        woo, shopify_state = state["woocommerce"], state["shopify"]
        assert (woo["orders"], shopify_state["orders"]) == (102, 83)
        assert woo["refunds"] > shopify_state["refunds"] > 0
        assert min(woo["products"], shopify_state["variants"]) > 50
        assert (woo["mails"]["sent"], woo["money"], woo["stockChanges"], woo["salesChanges"]) == ({}, {}, 0, 0)
        assert (shopify_state["mails"], shopify_state["stockChanges"]) == (0, 0)
        assert not shopify_state["money"]
    numbers = [[order.name for order in pair.shopify.orders] for pair in sandbox.pairs]
    assert numbers[0] != numbers[1]


async def test_orders_on_shopify_belong_to_the_customers_of_their_address() -> None:
    pair = build_sandbox(BASE, SandboxOptions(customers=60, orders=200)).pairs[0]
    emails = {customer.number: customer.email for customer in pair.shopify.customers}
    owned = [order for order in pair.shopify.orders if order.customer_number is not None]
    assert len(owned) > 40
    assert all(order.email == emails[order.customer_number or 0] for order in owned)


async def test_the_merchant_left_drafts_that_no_migration_made() -> None:
    pair = build_sandbox(BASE, SandboxOptions(customers=20, orders=130)).pairs[0]
    drafts = list(pair.shopify.drafts)
    assert [draft.name for draft in drafts] == ["#D1", "#D2", "#D3"]
    assert all(draft.lines and not draft.metafields and draft.total_price_set.shop > 0 for draft in drafts)
    assert any("crossdock" in draft.tags for draft in drafts)


async def test_a_reset_brings_the_orders_back_as_they_were() -> None:
    sandbox = build_sandbox(BASE, SandboxOptions(customers=20, orders=60))
    before = await states(sandbox)
    pair = sandbox.pairs[0]
    pair.woo.orders.remove(next(entry.id for entry in pair.woo.orders.entries()))
    async with client(sandbox) as http:
        await http.post("/_sandbox/reset", json={})
    assert await states(sandbox) == before


async def test_a_shop_s_orders_and_products_are_loaded_with_its_currency_and_decimals(tmp_path: Path) -> None:
    order = {
        "id": 900,
        "number": "900",
        "status": "completed",
        "currency": "KWD",
        "total": "12.500",
        "date_created": "2026-01-05T13:00:00",
        "date_created_gmt": "2026-01-05T10:00:00",
        "line_items": [{"id": 1, "name": "Mug", "quantity": 1, "total": "12.500", "sku": "MUG"}],
    }
    write_records(
        tmp_path,
        orders=[order],
        products=[
            {"id": 5, "name": "Mug", "type": "simple", "sku": "MUG", "price": "12.5"},
            {"id": 6, "type": "variable"},
        ],
        variations=[{"id": 7, "parent_id": 6, "name": "S", "sku": "TEE-S"}],
        refunds=[{"id": 901, "order_id": 900, "amount": "1.000"}],
    )
    pair = build_sandbox(BASE, SandboxOptions(load=tmp_path, orders=50)).pairs[0]
    assert (pair.woo.currency, pair.woo.options.decimals(), pair.shopify.currency) == ("KWD", 3, "KWD")
    assert pair.woo.state()["changedSettings"] == {}
    kept = pair.woo.orders.get(900)
    assert kept is not None
    assert (kept.total, kept.currency, [refund.amount for refund in pair.woo.orders.refunds_of(900)]) == (
        "12.500",
        "KWD",
        ["1.000"],
    )
    assert sorted(variant.sku or "" for variant in pair.shopify.catalogue.variants) == ["MUG", "TEE-S"]
    assert len(pair.shopify.orders) == 0


def test_the_shop_s_ways_are_chosen() -> None:
    usual = build_sandbox(BASE, SandboxOptions(customers=0)).pairs[0]
    other = build_sandbox(BASE, SandboxOptions(customers=0, hpos=False, tax=True, development=True)).pairs[0]
    assert (usual.woo.modes.hpos, other.woo.modes.hpos) == (True, False)
    assert (usual.woo.tax_rates, len(other.woo.tax_rates) > 3) == ([], True)
    assert (usual.shopify.is_development, other.shopify.is_development) == (False, True)
    assert "shipped" in usual.woo.statuses()


async def test_faults_are_set_for_one_store_and_end_with_a_reset() -> None:
    sandbox = build_sandbox(BASE, SandboxOptions(customers=20))
    token = sandbox.keys[0].shopify_token
    script = {
        "platform": "shopify",
        "rules": [{"kind": "error_after", "body": "query Shop", "status": 502, "times": 0}],
    }
    async with client(sandbox) as http:
        assert (await http.post("/_sandbox/faults", json=script)).status_code == 200
        assert (await shopify(http, token)).status_code == 502
        assert (await http.get("/pair-1/woocommerce/wp-json/")).status_code == 200
        record = (await http.get("/_sandbox/faults")).json()["pairs"][0]
        assert [write["committed"] for write in record["shopify"]["writes"]] == [True]
        before = await states(sandbox)
        sandbox.pairs[0].woo.accounts.clear()
        assert (await http.post("/_sandbox/reset", json={})).json() == {"reset": [1]}
        assert (await shopify(http, token)).status_code == 200
    assert (await states(sandbox))[0]["woocommerce"]["customers"] == before[0]["woocommerce"]["customers"]


async def test_a_script_given_at_the_start_stands_before_every_store() -> None:
    sandbox = build_sandbox(BASE, SandboxOptions(customers=0, faults=({"kind": "maintenance"},)))
    async with client(sandbox) as http:
        first = await http.get("/pair-1/woocommerce/wp-json/")
        graphql = await shopify(http, sandbox.keys[0].shopify_token)
    assert (first.status_code, graphql.status_code, first.headers["retry-after"]) == (503, 503, "600")


async def test_mail_and_stock_are_told() -> None:
    sandbox = build_sandbox(BASE, SandboxOptions(customers=0))
    sandbox.pairs[0].woo.outbox.send("customer_new_account", "ada@example.com", "Welcome")
    async with client(sandbox) as http:
        mail = (await http.get("/_sandbox/mail")).json()["pairs"][0]
        stock = (await http.get("/_sandbox/stock")).json()["pairs"][0]
    assert [sent["to"] for sent in mail["woocommerce"]["outbox"]] == ["ada@example.com"]
    assert stock == {"pair": 1, "woocommerce": 0, "shopify": 0}


@pytest.mark.parametrize("caller", ["192.0.2.7", "2001:db8::1", "somewhere"])
async def test_control_routes_are_for_loopback_only(caller: str) -> None:
    sandbox = build_sandbox(BASE, SandboxOptions(customers=0))
    async with client(sandbox, caller) as http:
        assert (await http.get("/_sandbox/state")).status_code == 403
        assert (await http.post("/_sandbox/reset", json={})).status_code == 403
        assert (await http.get("/pair-1/woocommerce/wp-json/")).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("faults", {"platform": "magento", "rules": []}, 400),
        ("faults", {"platform": "shopify", "rules": [{"kind": "explode"}]}, 400),
        ("faults", {"platform": "shopify", "rules": ["explode"]}, 400),
        ("faults", {"platform": "shopify", "rules": [], "pair": 9}, 404),
        ("reset", {"pair": 0}, 404),
        ("reset", [], 400),
    ],
)
async def test_wrong_questions_are_refused(path: str, body: object, status: int) -> None:
    async with client(build_sandbox(BASE, SandboxOptions(customers=0))) as http:
        assert (await http.post(f"/_sandbox/{path}", json=body)).status_code == status


async def test_a_form_cannot_post_to_the_control_routes() -> None:
    async with client(build_sandbox(BASE, SandboxOptions(customers=0))) as http:
        assert (await http.post("/_sandbox/reset", data={"pair": "1"})).status_code == 400


def test_addresses_and_keys_are_described() -> None:
    sandbox = build_sandbox(BASE, SandboxOptions(customers=0, pairs=2))
    text, told = describe(sandbox), json.loads(describe_json(sandbox))
    assert all(keys.woo_url in text and keys.shopify_token in text for keys in sandbox.keys)
    assert told["baseUrl"] == BASE
    assert told["pairs"][1]["shopify_domain"] == "sandbox-2.myshopify.com"


def test_the_command_line_serves_says_where_and_ends_quietly() -> None:
    command = [sys.executable, "-m", "crossdock.sandbox", "--customers", "5", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines: list[str] = []
            while not lines or lines[-1] != "}\n":
                lines.append(process.stdout.readline())
                assert lines[-1], "the sandbox ended before it told its address"
            told = json.loads("".join(lines))
            state = httpx2.get(f"{told['baseUrl']}/_sandbox/state").json()
        finally:
            process.send_signal(signal.SIGINT)
            _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (0, "")
    assert state["pairs"][0]["woocommerce"]["customers"] > 0


def test_the_command_line_refuses_what_it_cannot_use(tmp_path: Path) -> None:
    script = tmp_path / "faults.json"
    script.write_text('[{"kind": "explode"}]')
    for arguments in (["--load", str(tmp_path)], ["--faults", str(script)]):
        done = subprocess.run(
            [sys.executable, "-m", "crossdock.sandbox", *arguments],
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
