"""What the tests of the WooCommerce connector share: a store connected to a sandbox in the process, on one clock."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from starlette.applications import Starlette

from crossdock.connectors.woocommerce.store import WooCommerceConfig, WooCommerceStore
from crossdock.domain.customer import Customer
from crossdock.domain.errors import RecordError
from crossdock.domain.identity import Marker
from crossdock.domain.order import Order
from crossdock.domain.plan import CREATE, Applied, Outcome, Resolution, Step
from crossdock.jobs.mutes import KeptMutes
from crossdock.sandbox.fault_plan import FaultPlan
from crossdock.sandbox.faults import FaultMiddleware
from crossdock.sandbox.woocommerce.app import create_app
from crossdock.sandbox.woocommerce.store import WooStore
from crossdock.state import State


class Connected:
    """A sandbox, the connector's store on it, and the clock of both: it moves when somebody sleeps."""

    def __init__(self, folder: Path, url: str = "https://shop.example.com", **config: Any) -> None:  # noqa: ANN401
        # OAuth signs with the time of day, so that the clock starts there.
        self.now = datetime.now(UTC)
        self.sandbox = WooStore(url, clock=lambda: self.now)
        self.faults = FaultPlan()
        self.app = Starlette()
        self.app.mount(urlsplit(url).path, FaultMiddleware(create_app(self.sandbox), self.faults, sleep=self.sleep))
        self.state = State.open(folder)
        self.key = self.sandbox.add_key()
        self.config: dict[str, Any] = config
        self.store = self.connect(self.key)

    def connect(self, key: tuple[str, str], url: str | None = None) -> WooCommerceStore:
        """Connect with another key, or as another process would."""
        config = WooCommerceConfig(url or self.sandbox.url, *key, **self.config)
        return WooCommerceStore(
            config,
            mutes=KeptMutes(self.state),
            clock=self.seconds,
            sleep=self.sleep,
            chance=lambda: 0.0,
            transport=httpx2.ASGITransport(self.app),
        )

    def seconds(self) -> float:
        return self.now.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    async def send(self, people: Sequence[Customer], store: WooCommerceStore | None = None) -> list[Outcome]:
        """Create people; gives the outcomes in their order."""
        steps = self.creates(people)
        sink = (store or self.store).sink("customer")
        outcomes = {str(r.step.marker): r.outcome async for r in sink.send(steps, "crossdock_1_1")}
        return [outcomes[str(step.marker)] for step in steps]

    def creates(self, people: Sequence[Customer]) -> list[Step]:
        sink = self.store.sink("customer")
        return [next(s for s in sink.steps(p, marker(p)) if s.name == CREATE) for p in people]

    async def resolution(self, order: Order, customer: str = "", **options: object) -> Resolution:
        """Look up what the plan of one order needs."""
        customers = {order.id: customer} if customer else {}
        (found,) = await self.store.sink("order").resolve([order], customers, options)
        assert not isinstance(found, RecordError), found
        return found

    async def carry(self, order: Order, customer: str = "") -> tuple[list[Step], list[Outcome]]:
        """Take one order through all its steps, with the waits that they ask for; stops where one fails."""
        sink = self.store.sink("order")
        number = ""
        sent: list[Step] = []
        outcomes: list[Outcome] = []
        for step in sink.steps(order, order_marker(order), await self.resolution(order, customer)):
            await self.sleep(step.delay_seconds)
            sent.append(step.at(number))
            (result,) = [result async for result in sink.send(sent[-1:], "crossdock_1_1")]
            outcomes.append(result.outcome)
            if not isinstance(result.outcome, Applied):
                break
            number = result.outcome.destination_id
        return sent, outcomes

    def emails(self) -> list[str]:
        return sorted(account.email for account in self.sandbox.accounts)

    def mails(self) -> list[str]:
        """Let every mail that is due go out, and tell to whom mails went."""
        self.sandbox.outbox.flush()
        return [mail.to for mail in self.sandbox.outbox.sent]

    def mail_switch(self) -> object:
        return self.sandbox.options.view("email_customer_new_account", "enabled")["value"]


def person(number: int, email: str = "") -> Customer:
    """Invent a customer of a Shopify store."""
    return Customer(
        id=f"gid://shopify/Customer/{number}",
        email=email or f"ada{number}@example.com",
        first_name="Ada",
        last_name="Byron",
    )


def marker(customer: Customer) -> Marker:
    return Marker("shopify", "harbour-books.myshopify.com", "customer", customer.id)


def order_marker(order: Order) -> Marker:
    return Marker("shopify", "harbour-books.myshopify.com", "order", order.id)
