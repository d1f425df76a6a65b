"""A whole Crossdock for the browser: sandbox stores, services and pages on free ports, in a thread of their own."""

import asyncio
import socket
import sqlite3
import threading
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from crossdock.bootstrap import Services, open_services
from crossdock.sandbox import serving
from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.server import build_sandbox
from crossdock.sandbox.stores import SandboxPair
from crossdock.settings import Settings
from crossdock.web.app import create_app

Inspect = Callable[[Page, str], None]


@dataclass(frozen=True, slots=True)
class Site:
    """A running Crossdock: its address, and the stores behind it."""

    address: str
    pair: SandboxPair
    running: "Running"

    @property
    def services(self) -> Services:
        """The services, for a look behind the pages; others after a restart."""
        return self.running.services


@pytest.fixture
def site(tmp_path: Path) -> Generator[Site]:
    """Serve Crossdock over a pair of stores that differ."""
    listener = serving.listen()
    sandbox = build_sandbox(serving.address_of(listener), SandboxOptions(customers=24, orders=30, pairs=1))
    keys = sandbox.keys[0]
    settings = Settings.load(
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
    with serving.serving(sandbox.app, listener), Running(settings) as running:
        yield Site(running.address, sandbox.pairs[0], running)


class Running:
    """The web application in a thread: the browser's tests hold the main one. It can be restarted on its port."""

    def __init__(self, settings: Settings) -> None:
        self.services: Services
        self.address = ""
        self._settings = settings
        self._port = 0
        self._server: uvicorn.Server
        self._thread: threading.Thread

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Serve, on the port of the last time."""
        listener = serving.listen(self._port)
        self._port, self.address = listener.getsockname()[1], serving.address_of(listener)
        is_open = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(listener, is_open)), name="crossdock")
        self._thread.start()
        assert is_open.wait(30)

    def stop(self) -> None:
        """Stop as a signal to end does: runs are left for the next start."""
        self._server.should_exit = True
        self._thread.join(30)

    def age_runs(self, *, days: int) -> None:
        """Let every run have been left so many days ago; only while it is stopped."""
        with closing(sqlite3.connect(self._settings.data_dir / "crossdock.db")) as database, database:
            database.execute("update runs set lease_until = lease_until - ?", [days * 86_400_000])

    async def _serve(self, listener: socket.socket, is_open: threading.Event) -> None:
        async with open_services(self._settings) as services:
            self.services = services
            config = uvicorn.Config(create_app(services), log_config=None, timeout_graceful_shutdown=1, lifespan="off")
            self._server = uvicorn.Server(config)
            is_open.set()
            # `serve` would take over the signals of the test run.
            await self._server._serve([listener])


@pytest.fixture
def inspect(request: pytest.FixtureRequest, repository: Path) -> Inspect:
    """Give what looks at a page as people and as screen readers do: no fault, nothing too wide, and a picture."""
    folder = repository / "test-results" / "screens"
    folder.mkdir(parents=True, exist_ok=True)

    def look(page: Page, name: str) -> None:
        wide = page.viewport_size or {"width": 1280, "height": 720}
        for width in (1440, 768, 320):
            page.set_viewport_size({"width": width, "height": 900})
            picture = folder / f"{request.node.name}-{name}-{width}.png".replace("/", "-")
            page.screenshot(path=picture, full_page=not page.locator("dialog[open]").count())
            overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(overflow) <= 0, (name, width)
        page.set_viewport_size(wide)
        found = Axe().run(page)
        assert found.violations_count == 0, (name, found.generate_report())

    return look
