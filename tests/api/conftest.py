"""A whole application for each test: sandbox stores on a port, services over a fresh data directory, the API on top."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from crossdock.bootstrap import Services, open_services
from crossdock.sandbox import serving
from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.server import Sandbox, build_sandbox
from crossdock.sandbox.stores import SandboxPair
from crossdock.settings import Settings
from crossdock.web.app import create_app

CUSTOMERS = 24
Rule = dict[str, Any]


@pytest.fixture
def stores() -> Generator[Sandbox]:
    """Serve two pairs of stores on a free port."""
    listener = serving.listen()
    sandbox = build_sandbox(serving.address_of(listener), SandboxOptions(customers=CUSTOMERS, pairs=2))
    with serving.serving(sandbox.app, listener):
        yield sandbox


@pytest.fixture
def pair(stores: Sandbox) -> SandboxPair:
    """Give the pair of stores that `default` is connected to."""
    return stores.pairs[0]


@pytest.fixture
def settings(stores: Sandbox, tmp_path: Path) -> Settings:
    """Point a fresh data directory at the stores, with waits that suit them."""
    keys = stores.keys[0]
    return Settings.load(
        {},
        data_dir=tmp_path / "data",
        woocommerce_url=keys.woo_url,
        woocommerce_key=keys.consumer_key,
        woocommerce_secret=keys.consumer_secret,
        shopify_domain=keys.shopify_domain,
        shopify_base_url=keys.shopify_base_url,
        shopify_token=keys.shopify_token,
        woocommerce_settle_seconds=0.2,
        shopify_settle_seconds=0.2,
        look_gap_seconds=0.1,
        mail_delay_seconds=0,
        bulk_poll_seconds=0.05,
        finish_delay_seconds=0.1,
    )


@dataclass(frozen=True, slots=True)
class Api:
    """An application with its services, and a client that calls it without a socket between."""

    services: Services
    client: httpx2.AsyncClient

    async def compare(self, source: str = "woocommerce", *, kind: str = "customers") -> dict[str, Any]:
        """Compare, wait, and give the body."""
        answer = await self.client.post(f"/api/{kind}/compare", json={"sourceOfTruth": source})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def sync(self, *, kind: str = "customers", **body: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        """Sync, wait, and give the body."""
        answer = await self.client.post(f"/api/{kind}/sync", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


OpenApi = Callable[[Settings], AbstractAsyncContextManager[Api]]


@asynccontextmanager
async def _open_api(settings: Settings) -> AsyncGenerator[Api]:
    async with open_services(settings) as services:
        transport = httpx2.ASGITransport(app=create_app(services))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60) as client:
            yield Api(services, client)


@pytest.fixture
def open_api() -> OpenApi:
    """Give what opens an application over any settings."""
    return _open_api


@pytest.fixture
async def api(settings: Settings) -> AsyncGenerator[Api]:
    """Open an application that is connected to the stores."""
    async with _open_api(settings) as opened:
        yield opened


@pytest.fixture
async def server(api: Api) -> AsyncGenerator[httpx2.AsyncClient]:
    """Serve the application on a real socket: endless streams and cut connections need one."""
    listener = serving.listen()
    # Connections wait in the queue until the server takes them: nothing has to ask whether it has started.
    listener.listen()
    config = uvicorn.Config(create_app(api.services), log_config=None, timeout_graceful_shutdown=1, lifespan="off")
    running = uvicorn.Server(config)
    # `serve` would take over the signals of the test run.
    task = asyncio.create_task(running._serve([listener]))
    async with httpx2.AsyncClient(base_url=serving.address_of(listener), timeout=60) as client:
        yield client
    running.should_exit = True
    await task
