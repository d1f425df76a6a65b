"""Shopify's own Python client talks to the sandbox over a socket, as it would to a shop."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import shopify
import uvicorn

from crossdock.sandbox.shopify.app import create_app
from crossdock.sandbox.shopify.store import ShopifyStore


@pytest.fixture
def store() -> ShopifyStore:
    return ShopifyStore("harbour-books.myshopify.com", clock=lambda: datetime.now(UTC))


@pytest.fixture
def client(store: ShopifyStore) -> Iterator[shopify.GraphQL]:
    config = uvicorn.Config(create_app(store), port=0, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        # The client builds https addresses of myshopify.com only; its site is set to the sandbox afterwards.
        shopify.ShopifyResource.set_site(f"http://127.0.0.1:{port}/admin/api/2026-10")
        shopify.ShopifyResource.headers["X-Shopify-Access-Token"] = store.issue_token()
        yield shopify.GraphQL()
    finally:
        shopify.ShopifyResource.clear_session()
        server.should_exit = True
        thread.join()


def test_it_reads_the_shop(client: shopify.GraphQL) -> None:
    body = json.loads(client.execute("{ shop { name myshopifyDomain } }"))
    assert body["data"]["shop"] == {"name": "harbour-books", "myshopifyDomain": "harbour-books.myshopify.com"}
    assert body["extensions"]["cost"]["requestedQueryCost"] == 1


def test_it_creates_a_customer(client: shopify.GraphQL, store: ShopifyStore) -> None:
    query = """mutation Create($input: CustomerInput!) { customerCreate(input: $input) {
      customer { id email tags } userErrors { field message } } }"""
    given = {"input": {"email": "ada@example.com", "tags": ["vip"]}}
    body = json.loads(client.execute(query, variables=given, operation_name="Create"))
    (customer,) = store.customers
    assert body["data"]["customerCreate"] == {
        "customer": {"id": customer.id, "email": "ada@example.com", "tags": ["vip"]},
        "userErrors": [],
    }
