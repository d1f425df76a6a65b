"""A pair of stores that tell every call they get, the product at work on them, and a clock that no wait takes long by.

Owns how a sync is begun, steered from within a call or a wait, and looked at. It must not know what is expected.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock import bootstrap
from crossdock.bootstrap import Services, Settings, open_services
from crossdock.domain.difference import Group
from crossdock.jobs.requests import CompareRequest, SelectAll, SelectedItem, SyncRequest
from crossdock.jobs.toolbox import Toolbox
from crossdock.sandbox import serving
from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.server import Sandbox, build_sandbox
from crossdock.sandbox.stores import SandboxPair
from crossdock.state import Run, WorkRow

Selection = SelectAll | tuple[SelectedItem, ...]
_LONGEST_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Call:
    """One call as a store got it; `path` has its query."""

    method: str
    path: str
    body: bytes
    at: datetime

    @property
    def is_write(self) -> bool:
        """Whether the call asks for a change."""
        if "graphql" in self.path:
            return b'"mutation ' in self.body
        return self.method != "GET"

    def creations(self) -> list[dict[str, Any]]:
        """Give the customers that the call asks for, as they were sent."""
        if b"mutation CrossdockCustomerCreate" in self.body:
            return [json.loads(self.body)["variables"]["input"]]
        if "/customers/batch" in self.path:
            return json.loads(self.body).get("create", [])
        return []


class Clock:
    """Time that passes by itself, and at once where it is slept; `on_sleep` is asked before each sleep."""

    def __init__(self) -> None:
        self._jumped = timedelta()
        self.slept = 0.0
        self.on_sleep: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        """Tell aware UTC, with every jump."""
        return datetime.now(UTC) + self._jumped

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self._jumped += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        """Let time pass that somebody waits for."""
        self.on_sleep()
        self.slept += seconds
        self.jump(seconds)
        await asyncio.sleep(0)


@dataclass(slots=True)
class Tap:
    """Notes every call before the stores get it; `on_call` is told of it, within the stores' thread."""

    clock: Clock
    calls: list[Call] = field(default_factory=list[Call])
    on_call: Callable[[Call], None] = field(default=lambda _: None)

    def over(self, app: ASGIApp) -> ASGIApp:
        """Put the tap in front of an application."""

        async def tapped(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            message = await receive()
            body: bytes = message.get("body", b"")
            while message.get("more_body"):
                message = await receive()
                body += message.get("body", b"")
            path = f"{scope['path']}?{bytes(scope['query_string']).decode('latin-1')}"
            call = Call(scope["method"], path, body, self.clock.now())
            self.calls.append(call)
            self.on_call(call)
            await app(scope, _replay(body, receive), send)

        return tapped

    @property
    def creations(self) -> list[dict[str, Any]]:
        """Give every customer that was asked for so far, as it was sent."""
        return [sent for call in self.calls for sent in call.creations()]


def _replay(body: bytes, receive: Receive) -> Receive:
    given = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def again() -> Message:
        return next(given, None) or await receive()

    return again


@dataclass(frozen=True, slots=True)
class Desk:
    """The product at work on a pair of stores, with records of one `kind`."""

    services: Services
    pair: SandboxPair
    tap: Tap
    clock: Clock
    kind: str = "customer"

    def of(self, kind: str) -> "Desk":
        """Give the same desk for records of another kind."""
        return replace(self, kind=kind)

    async def compare(self, source: str, **options: object) -> Run:
        """Compare to the end."""
        request = CompareRequest(self.kind, source, options=options)
        return await self.ended(await self.services.runs.start_compare(request))

    async def missing(self, source: str) -> list[SelectedItem]:
        """Compare, and list what is missing in the destination."""
        run = await self.compare(source)
        rows, _ = await self.services.runs.differences(run.id, Group.ONLY_IN_SOURCE, limit=500)
        return [SelectedItem(row["source_id"], row["label"]) for row in rows]

    async def start(
        self, source: str, selection: Selection | None = None, *, is_dry_run: bool = False, **options: object
    ) -> Run:
        """Begin to migrate what is selected, or else all that is missing."""
        chosen = selection or SelectAll((await self.compare(source)).id)
        request = SyncRequest(self.kind, source, chosen, options=options, is_dry_run=is_dry_run)
        return await self.services.runs.start_sync(request)

    async def sync(
        self, source: str, selection: Selection | None = None, *, is_dry_run: bool = False, **options: object
    ) -> Run:
        """Migrate until the run rests."""
        return await self.ended(await self.start(source, selection, is_dry_run=is_dry_run, **options))

    async def ended(self, run: Run) -> Run:
        """Wait until a run rests."""
        async with asyncio.timeout(_LONGEST_SECONDS):
            return await self.services.runs.wait(run.id)

    async def cancelled(self, run: Run) -> Run:
        """Cancel a run that rests, and wait until that is done."""
        await self.services.runs.cancel(run.id)
        async with asyncio.timeout(_LONGEST_SECONDS):
            while not (found := await self.services.runs.get(run.id)).state.has_ended:
                await self.services.runs._dispatcher.wait_for_change(0.05)
            return found

    async def rows(self, run: Run) -> list[WorkRow]:
        """Give what became of each record."""
        return [row async for rows in self.services.runs.stream_results(run.id) for row in rows]

    async def events(self, run: Run) -> list[str]:
        """Give the names of a run's events."""
        return [event.type async for event in self.services.runs.follow(run.id)]


@dataclass(frozen=True, slots=True)
class Premises:
    """A pair of stores on a port, where the product can be opened more than once."""

    stores: Sandbox
    tap: Tap
    clock: Clock
    folder: Path

    @property
    def pair(self) -> SandboxPair:
        """The stores themselves."""
        return self.stores.pairs[0]

    @asynccontextmanager
    async def open(self, *, takes_up_runs: bool = True, **changed: Any) -> AsyncGenerator[Desk]:  # noqa: ANN401
        """Open the product; what it was doing at the end of the block is left as by a process that stops."""
        keys = self.stores.keys[0]
        settings: dict[str, Any] = {
            "data_dir": self.folder,
            "woocommerce_url": keys.woo_url,
            "woocommerce_key": keys.consumer_key,
            "woocommerce_secret": keys.consumer_secret,
            "shopify_domain": keys.shopify_domain,
            "shopify_token": keys.shopify_token,
            "shopify_base_url": keys.shopify_base_url,
            "mail_delay_seconds": 0,
            **changed,
        }

        def toolbox(**parts: Any) -> Toolbox:  # noqa: ANN401 - whatever a toolbox is made of
            parts.update(now=self.clock.now, sleep=self.clock.sleep, elapsed=lambda: self.clock.now().timestamp())
            return Toolbox(**parts)

        with patch.object(bootstrap, "Toolbox", toolbox):
            async with open_services(Settings.load({}, **settings), takes_up_runs=takes_up_runs) as services:
                yield Desk(services, self.pair, self.tap, self.clock)


@contextmanager
def open_premises(folder: Path, *, customers: int = 24, **stores_are: Any) -> Generator[Premises]:  # noqa: ANN401
    """Serve a fresh pair of stores; `stores_are` goes into `SandboxOptions`."""
    clock = Clock()
    tap = Tap(clock)
    listener = serving.listen()
    stores = build_sandbox(serving.address_of(listener), SandboxOptions(seed=7, customers=customers, **stores_are))
    with serving.serving(tap.over(stores.app), listener):
        yield Premises(stores, tap, clock, folder)
