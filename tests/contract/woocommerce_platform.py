"""WooCommerce for the contract suite: a connected store, its sandbox on a real port, its mutes in a real SQLite."""

import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from crossdock.connectors.woocommerce.store import WooCommerceConfig, WooCommerceStore
from crossdock.domain.customer import Address, Customer
from crossdock.domain.order import Order
from crossdock.jobs.mutes import KeptMutes
from crossdock.sandbox.fault_plan import FaultPlan
from crossdock.sandbox.faults import FaultMiddleware
from crossdock.sandbox.serving import address_of, listen, serving
from crossdock.sandbox.woocommerce.app import create_app
from crossdock.sandbox.woocommerce.store import WooStore
from crossdock.state import State
from tests.contract.platforms import Platform, brief


@asynccontextmanager
async def woocommerce() -> AsyncGenerator[Platform]:
    """Connect to a WooCommerce sandbox, over http and thus by OAuth."""
    listener = listen()
    sandbox = WooStore(address_of(listener) + "/shop", clock=lambda: datetime.now(UTC))

    def seed(customers: Sequence[Customer]) -> None:
        sandbox.seed(map(woo_record, customers))

    def mails() -> int:
        sandbox.outbox.flush()
        return len(sandbox.outbox.sent)

    plan = FaultPlan()
    outer = Starlette()
    outer.mount("/shop", FaultMiddleware(create_app(sandbox), plan))
    key, secret = sandbox.add_key()
    with tempfile.TemporaryDirectory() as folder, serving(outer, listener):
        state = State.open(Path(folder))
        config = WooCommerceConfig(
            sandbox.url, key, secret, settle_seconds=0.0, mail_delay_seconds=0.0, finish_delay_seconds=0.0
        )
        store = WooCommerceStore(config, mutes=KeptMutes(state), sleep=brief)
        try:
            yield Platform(
                name="woocommerce",
                store=store,
                seed=seed,
                mails=mails,
                faults=plan,
                create_fault={"path": "customers/batch", "body": '"email"'},
                unknown_id="9000000",
                seed_orders=lambda orders: seed_orders(sandbox, orders),
                order_fault={"path": "/orders", "body": "_crossdock_source_id"},
                unknown_order_id="9000000",
            )
        finally:
            await store.aclose()
            state.close()


def woo_record(customer: Customer) -> dict[str, Any]:
    """Give a customer as the WooCommerce sandbox is filled with one."""
    addresses = [_address(address) for address in customer.addresses]
    return {
        "email": customer.email,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "role": customer.role or "customer",
        "billing": {**(addresses[0] if addresses else {}), "phone": customer.phone},
        "shipping": addresses[-1] if addresses else {},
        "is_paying_customer": customer.has_past_order,
    }


def seed_orders(sandbox: WooStore, orders: Sequence[Order]) -> None:
    """Fill the sandbox with orders."""
    sandbox.load_orders(map(woo_order, orders))


def woo_order(order: Order) -> dict[str, Any]:
    """Give an order as the WooCommerce sandbox is filled with one."""
    created = order.created_at.strftime("%Y-%m-%dT%H:%M:%S") if order.created_at else None
    return {
        "number": order.number,
        "status": "completed" if order.paid_at else "on-hold",
        "currency": order.currency,
        "total": str(order.total),
        "date_created_gmt": created,
        "date_modified_gmt": created,
        "date_paid_gmt": created if order.paid_at else None,
        "billing": {"email": order.email},
        "line_items": [
            {"name": line.title, "quantity": line.quantity, "subtotal": str(line.subtotal), "total": str(line.total)}
            for line in order.lines
        ],
    }


def _address(address: Address) -> dict[str, str]:
    return {
        "first_name": address.first_name,
        "last_name": address.last_name,
        "company": address.company,
        "address_1": address.address1,
        "address_2": address.address2,
        "city": address.city,
        "state": address.province_code,
        "postcode": address.postcode,
        "country": address.country_code,
    }
