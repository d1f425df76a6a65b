"""The platforms on which the contract suite runs: for each, a connected store with its sandbox on a real port.

A platform is one function that gives a `Platform`; `PLATFORMS` lists them by name.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette

from crossdock.connectors.contract import AccessToken, Store
from crossdock.connectors.shopify.store import ShopifyConfig, ShopifyStore
from crossdock.domain.customer import Address, ConsentState, Customer
from crossdock.domain.order import Order
from crossdock.sandbox.fault_plan import FaultPlan
from crossdock.sandbox.faults import FaultMiddleware
from crossdock.sandbox.serving import address_of, listen, serving
from crossdock.sandbox.shopify.app import create_app as create_shopify
from crossdock.sandbox.shopify.order_seeds import SeedLine, SeedOrder, SeedTransaction
from crossdock.sandbox.shopify.records import SeedCustomer
from crossdock.sandbox.shopify.store import ShopifyStore as ShopifySandbox


@dataclass(frozen=True, slots=True)
class Platform:
    """A store under test.

    `seed` and `seed_orders` fill the sandbox past its API; of an order they take number, e-mail address, time, lines
    and whether it is paid. `create_fault` and `order_fault` are the words of a fault rule that strikes the request that
    creates customers, or an order. `unknown_id` and `unknown_order_id` have the form of an id and name nobody.
    """

    name: str
    store: Store
    seed: Callable[[Sequence[Customer]], None]
    mails: Callable[[], int]
    faults: FaultPlan
    create_fault: dict[str, Any]
    unknown_id: str
    seed_orders: Callable[[Sequence[Order]], None]
    order_fault: dict[str, Any]
    unknown_order_id: str


class KeptTokens:
    """A token store in memory."""

    def __init__(self) -> None:
        self.tokens: dict[str, AccessToken] = {}

    async def load(self, store_key: str) -> AccessToken | None:
        return self.tokens.get(store_key)

    async def save(self, store_key: str, token: AccessToken) -> None:
        self.tokens[store_key] = token


async def brief(seconds: float) -> None:
    """Wait as asked, but never long: the sandbox recovers as soon as it is asked again."""
    await asyncio.sleep(min(seconds, 0.02))


@asynccontextmanager
async def shopify() -> AsyncGenerator[Platform]:
    """Connect to a Shopify sandbox."""
    sandbox = ShopifySandbox("harbour-books.myshopify.com", clock=lambda: datetime.now(UTC), country="US")
    sandbox.behaviour.bulk_start_seconds = sandbox.behaviour.bulk_run_seconds = 0.0
    plan = FaultPlan()
    listener = listen()
    with serving(_behind(FaultMiddleware(create_shopify(sandbox), plan)), listener):
        config = ShopifyConfig(
            sandbox.domain,
            token=sandbox.issue_token(),
            base_url=address_of(listener),
            settle_seconds=0.0,
            poll_seconds=(0.02,),
        )
        store = ShopifyStore(config, tokens=KeptTokens(), sleep=brief)
        try:
            yield Platform(
                name="shopify",
                store=store,
                seed=lambda customers: sandbox.seed(map(shopify_seed, customers)),
                mails=lambda: sandbox.counters.mails,
                faults=plan,
                create_fault={"body": "customerCreate"},
                unknown_id="gid://shopify/Customer/1",
                seed_orders=lambda orders: sandbox.seed_orders(map(shopify_order_seed, orders)),
                order_fault={"body": "orderCreate"},
                unknown_order_id="gid://shopify/Order/1",
            )
        finally:
            await store.aclose()


PLATFORMS: dict[str, Callable[[], AbstractAsyncContextManager[Platform]]] = {"shopify": shopify}


def shopify_seed(customer: Customer) -> SeedCustomer:
    """Give a customer as the Shopify sandbox is filled with one."""
    consent = customer.email_consent
    return SeedCustomer(
        email=customer.email or None,
        first_name=customer.first_name or None,
        last_name=customer.last_name or None,
        phone=customer.phone or None,
        note=customer.note or None,
        tags=customer.tags,
        tax_exempt=customer.is_tax_exempt,
        addresses=[_shopify_address(address) for address in customer.addresses],
        email_marketing_state=(consent.state if consent else ConsentState.NOT_SUBSCRIBED).name,
        number_of_orders=customer.order_count or 0,
    )


def shopify_order_seed(order: Order) -> SeedOrder:
    """Give an order as the Shopify sandbox is filled with one."""
    return SeedOrder(
        lines=[SeedLine(line.title, line.quantity, line.subtotal.amount / line.quantity) for line in order.lines],
        processed_at=order.created_at or datetime.now(UTC),
        updated_at=order.created_at,
        name=f"#{order.number}",
        email=order.email or None,
        transactions=[SeedTransaction(order.total.amount, gateway="Card")] if order.paid_at else (),
        financial_status=None if order.paid_at else "PENDING",
    )


def _shopify_address(address: Address) -> dict[str, str | None]:
    return {
        "first_name": address.first_name or None,
        "last_name": address.last_name or None,
        "company": address.company or None,
        "address1": address.address1 or None,
        "address2": address.address2 or None,
        "city": address.city or None,
        "province_code": address.province_code or None,
        "zip": address.postcode or None,
        "country_code_v2": address.country_code or None,
        "phone": address.phone or None,
    }


def _behind(app: FaultMiddleware) -> Starlette:
    outer = Starlette()
    outer.mount("/", app)
    return outer
