"""What the tests of the WooCommerce sandbox share: a clock to turn, and a shop called over its own ASGI application."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from crossdock.sandbox.woocommerce.app import create_app
from crossdock.sandbox.woocommerce.store import WooStore

HOME = "https://shop.example.com"


class TurnedClock:
    """A clock that stands still until a test turns it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 7, 1, 12, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Shop:
    """A store with an administrator's key, called over https."""

    def __init__(self, home: str = HOME, timezone: str = "Europe/Istanbul") -> None:
        self.clock = TurnedClock()
        self.store = WooStore(home, clock=self.clock, timezone=timezone)
        self.key = self.store.add_key()
        self.app = create_app(self.store)

    def client(self, key: tuple[str, str] | None = None, base_url: str = HOME) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(self.app), base_url=base_url, auth=key)

    async def call(self, method: str, path: str, body: object = None, **params: str | int) -> httpx2.Response:
        """Call `/wp-json/wc/v3/<path>` with the administrator's key."""
        async with self.client(self.key) as http:
            return await http.request(method, f"/wp-json/wc/v3/{path}", json=body, params=params or None)

    async def make(self, email: str, **fields: object) -> dict[str, Any]:
        """Create a customer and return it."""
        reply = await self.call("POST", "customers", {"email": email, **fields})
        assert reply.status_code == 201, reply.text
        return reply.json()

    async def batch(self, **lists: object) -> dict[str, Any]:
        reply = await self.call("POST", "customers/batch", lists)
        assert reply.status_code == 200
        return reply.json()

    async def read(self, customer_id: int) -> dict[str, Any]:
        return (await self.call("GET", f"customers/{customer_id}")).json()

    def mails(self) -> list[tuple[str, str]]:
        self.store.outbox.flush()
        return [(mail.kind, mail.to) for mail in self.store.outbox.sent]


def code(reply: httpx2.Response) -> tuple[int, str]:
    """Return a refusal's status and code, having seen that its body repeats the status."""
    body = json.loads(reply.text)
    assert body["data"]["status"] == reply.status_code
    return reply.status_code, body["code"]
