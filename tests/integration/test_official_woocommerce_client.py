"""The official WooCommerce client for Python judges the sandbox: OAuth over http on a real socket, Basic over https."""

import ssl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, cast

import httpx2
import pytest
import trustme
from woocommerce import API

from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.server import Sandbox, build_sandbox
from crossdock.sandbox.serving import address_of, listen, serving


@contextmanager
def served(tls: ssl.SSLContext | None = None) -> Generator[Sandbox]:
    listener = listen()
    scheme = "https" if tls else "http"
    sandbox = build_sandbox(address_of(listener, scheme), SandboxOptions(customers=40))
    with serving(sandbox.app, listener, tls):
        yield sandbox


class OfficialClient(Protocol):
    """The part of the official client that is used here; its replies look like our HTTP library's."""

    def get(self, endpoint: str, **options: object) -> httpx2.Response: ...
    def post(self, endpoint: str, data: object, **options: object) -> httpx2.Response: ...
    def put(self, endpoint: str, data: object, **options: object) -> httpx2.Response: ...
    def delete(self, endpoint: str, **options: object) -> httpx2.Response: ...


def official(sandbox: Sandbox, **options: bool) -> OfficialClient:
    keys = sandbox.keys[0]
    client = API(
        url=keys.woo_url,
        consumer_key=keys.consumer_key,
        consumer_secret=keys.consumer_secret,
        version="wc/v3",
        timeout=10,
        **options,
    )
    return cast("OfficialClient", client)


@pytest.fixture
def api() -> Generator[OfficialClient]:
    with served() as sandbox:
        yield official(sandbox)


def test_it_walks_every_customer(api: OfficialClient) -> None:
    seen: list[int] = []
    total = 0
    for page in range(1, 9):
        reply = api.get(
            "customers", params={"role": "all", "orderby": "id", "order": "asc", "per_page": 7, "page": page}
        )
        assert reply.status_code == 200
        seen += [item["id"] for item in reply.json()]
        total = int(reply.headers["X-WP-Total"])
    assert len(set(seen)) == len(seen) == total


def test_it_creates_changes_finds_and_deletes(api: OfficialClient) -> None:
    made = api.post("customers", {"email": "ada+news@example.com", "first_name": "Ada", "billing": {"city": "Kraków"}})
    assert made.status_code == 201
    path = f"customers/{made.json()['id']}"
    assert api.put(path, {"last_name": "Lovelace & Co"}).json()["last_name"] == "Lovelace &amp; Co"
    found = api.get("customers", params={"email": "ADA+news@example.com"}).json()
    assert [item["billing"]["city"] for item in found] == ["Kraków"]
    assert api.delete(path, params={"force": True}).status_code == 200
    assert api.get(path).status_code == 404


def test_it_batches_and_switches_mails(api: OfficialClient) -> None:
    switch = "settings/email_customer_new_account/enabled"
    assert api.put(switch, {"value": "no"}).json()["value"] == "no"
    answer = api.post("customers/batch", {"create": [{"email": "a@example.com"}, {"email": "A@example.com"}]}).json()
    assert [item["id"] > 0 for item in answer["create"]] == [True, False]
    assert api.get("system_status", params={"_fields": "environment.version"}).json()["environment"]["version"]


def test_it_makes_reads_refunds_and_notes_an_order(api: OfficialClient) -> None:
    line = {"sku": "not-in-the-catalogue", "name": "Mug & cup", "quantity": 2, "subtotal": "20.00", "total": "18.00"}
    meta = [{"key": "_mark_source_id", "value": "gid-1"}]
    made = api.post("orders", {"status": "processing", "line_items": [line], "meta_data": meta})
    assert made.status_code == 201
    path = f"orders/{made.json()['id']}"
    api.put(path, {"meta_data": [{"key": "_date_created", "value": "2021-05-06T07:08:09Z"}]})
    read = api.get(path).json()
    assert (read["total"], read["discount_total"], read["date_created_gmt"]) == ("18.00", "2.00", "2021-05-06T07:08:09")
    refund = api.post(f"{path}/refunds", {"amount": "5.00", "api_refund": False, "api_restock": False})
    assert refund.status_code == 201
    assert api.post(f"{path}/notes", {"note": "Imported"}).status_code == 201
    found = api.get("orders", params={"include_meta": "_mark_source_id", "_fields": "id,refunds", "per_page": 1}).json()
    assert found[0]["refunds"][0]["total"] == "-5.00"
    assert api.delete(path, params={"force": True}).status_code == 200
    assert api.get(path).status_code == 404


@pytest.mark.parametrize("options", [{}, {"query_string_auth": True}])
def test_it_speaks_basic_and_query_keys_over_https(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, bool],
) -> None:
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with served(tls) as sandbox:
        assert official(sandbox, **options).get("customers").status_code == 200
