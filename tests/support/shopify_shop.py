"""A Shopify sandbox on a port, connectors to it, and the customers that the tests of the connector move."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.applications import Starlette

from crossdock.connectors.contract import AccessToken
from crossdock.connectors.shopify.store import ShopifyConfig, ShopifyStore
from crossdock.domain.customer import Customer
from crossdock.domain.identity import Marker
from crossdock.domain.plan import Applied, Outcome, Step, StepResult
from crossdock.sandbox.fault_plan import FaultPlan
from crossdock.sandbox.faults import FaultMiddleware
from crossdock.sandbox.serving import address_of, listen, serving
from crossdock.sandbox.shopify.app import create_app
from crossdock.sandbox.shopify.records import SeedCustomer
from crossdock.sandbox.shopify.store import ShopifyStore as Sandbox

NOW = datetime(2026, 10, 20, tzinfo=UTC)


@dataclass
class Shop:
    """A sandbox on a port, and what is needed to connect to it."""

    sandbox: Sandbox
    faults: FaultPlan
    url: str
    kept: dict[str, AccessToken] = field(default_factory=dict[str, AccessToken])
    opened: list[ShopifyStore] = field(default_factory=list[ShopifyStore])

    async def load(self, store_key: str) -> AccessToken | None:
        return self.kept.get(store_key)

    async def save(self, store_key: str, token: AccessToken) -> None:
        self.kept[store_key] = token

    def connect(self, config: ShopifyConfig | None = None) -> ShopifyStore:
        """Open a connector; like a new process, it knows nothing of the last one."""
        store = ShopifyStore(config or self.config, tokens=self, sleep=brief)
        self.opened.append(store)
        return store

    @property
    def config(self) -> ShopifyConfig:
        return ShopifyConfig(
            self.sandbox.domain, token="fixed-token", base_url=self.url, settle_seconds=0.0, poll_seconds=(0.01,)
        )


def utc_now() -> datetime:
    return datetime.now(UTC)


async def brief(seconds: float) -> None:
    """Wait as asked, but never long."""
    await asyncio.sleep(min(seconds, 0.01))


@asynccontextmanager
async def open_shop() -> AsyncGenerator[Shop]:
    """Serve an empty sandbox for the length of a block."""
    listener = listen()
    shop = Shop(Sandbox("harbour-books.myshopify.com", clock=utc_now), FaultPlan(), address_of(listener))
    shop.sandbox.issue_token("fixed-token")
    shop.sandbox.behaviour.bulk_start_seconds = shop.sandbox.behaviour.bulk_run_seconds = 0.0
    outer = Starlette()
    outer.mount("/", FaultMiddleware(create_app(shop.sandbox), shop.faults))
    with serving(outer, listener):
        yield shop
        for store in shop.opened:
            await store.aclose()


def readers(count: int) -> list[SeedCustomer]:
    return [SeedCustomer(email=f"reader{number}@example.com", first_name="Ada") for number in range(count)]


def marker(record: Customer) -> Marker:
    return Marker("woocommerce", "shop.example.com", "customer", record.id)


def buyers(count: int) -> list[Customer]:
    return [Customer(id=str(number), email=f"buyer{number}@example.org", first_name="Eve") for number in range(count)]


def creations(store: ShopifyStore, records: Iterable[Customer]) -> list[Step]:
    return [store.sink("customer").steps(record, marker(record))[0] for record in records]


async def sent(store: ShopifyStore, steps: Sequence[Step], batch: str = "crossdock_run_1") -> dict[str, Outcome]:
    results: list[StepResult] = [result async for result in store.sink("customer").send(steps, batch)]
    assert sorted(result.step.marker.source_id for result in results) == sorted(s.marker.source_id for s in steps)
    return {result.step.marker.source_id: result.outcome for result in results}


async def created(store: ShopifyStore, record: Customer) -> Outcome:
    return (await sent(store, creations(store, [record])))[record.id]


def codes(outcome: Outcome) -> list[str]:
    assert isinstance(outcome, Applied)
    return [reason.code for reason in outcome.reasons]


async def whole(store: ShopifyStore, cursor: str | None = None) -> list[Customer]:
    return [record async for page in store.source("customer").read(cursor) for record in page.records]
