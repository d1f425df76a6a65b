"""The stage of every trial: a pair of stores, the product's settings over them, and what a look into the stores shows.

Owns how stores are filled and emptied, and the ways. It must not know kills, faults, or what is expected of a run.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock.sandbox import serving
from crossdock.sandbox.catalogue_views import shopify_variants, woo_products, woo_variations
from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.sales import Sale, sale
from crossdock.sandbox.sales_shopify import shopify_order
from crossdock.sandbox.sales_woo import woo_order, woo_order_refunds
from crossdock.sandbox.server import Sandbox, build_sandbox
from crossdock.sandbox.stores import SandboxPair
from tests.durability.pictures import Picture, picture_of_shopify, picture_of_woo

_SEED = 7
_PEOPLE = 56
_BUYERS = 12
_WITHOUT_EMAIL = 4
# Shopify is written in bulk from 101 customers on that are sent together, whatever the threshold.
_CROWD = 112
# One order of each fate that takes steps of its own, and equal ones, by their places among the invented orders.
_ODDITIES = ("refunded_by_line", "refunded_by_amount", "refunded_twice", "refunded", "positive_fee", "negative_fee")
_EQUAL = range(10, 13)
_STATUSES = ("cancelled", "failed", "on-hold", "processing")


@dataclass(frozen=True, slots=True)
class Way:
    """A direction and a kind, and whether Shopify is read and written in bulk, for which very many are missing."""

    name: str
    source: str
    is_bulk: bool = False
    kind: str = "customer"
    create_as: str = ""

    @property
    def destination(self) -> str:
        """The other platform."""
        return "shopify" if self.source == "woocommerce" else "woocommerce"

    @property
    def options(self) -> dict[str, object]:
        """What a sync is asked to do."""
        return {"createAs": self.create_as} if self.create_as else {}

    @property
    def has_orders(self) -> bool:
        """Whether orders go this way."""
        return self.kind == "order"


WAYS = (
    Way("woocommerce-shopify", "woocommerce"),
    Way("woocommerce-shopify-bulk", "woocommerce", is_bulk=True),
    Way("shopify-woocommerce", "shopify"),
    Way("orders-woocommerce-shopify", "woocommerce", kind="order", create_as="order"),
    Way("orders-woocommerce-drafts", "woocommerce", kind="order", create_as="draft"),
    Way("orders-shopify-woocommerce", "shopify", kind="order"),
)
CUSTOMER_WAYS = tuple(way for way in WAYS if not way.has_orders)
ORDER_WAYS = tuple(way for way in WAYS if way.has_orders)


@dataclass(slots=True)
class Traffic:
    """Stands before the stores and counts the requests that they are at work on."""

    app: ASGIApp
    at_work: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through."""
        self.at_work += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.at_work -= 1


@dataclass(frozen=True, slots=True)
class Stage:
    """One pair of stores at work, for one way."""

    stores: Sandbox
    way: Way
    traffic: Traffic

    @property
    def pair(self) -> SandboxPair:
        """The stores themselves."""
        return self.stores.pairs[0]

    def settings(self, folder: Path, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - any setting
        """Give settings for a product in `folder`, with waits shrunk to what these stores need."""
        keys = self.stores.keys[0]
        return {
            "data_dir": folder,
            "woocommerce_url": keys.woo_url,
            "woocommerce_key": keys.consumer_key,
            "woocommerce_secret": keys.consumer_secret,
            "shopify_domain": keys.shopify_domain,
            "shopify_token": keys.shopify_token,
            "shopify_base_url": keys.shopify_base_url,
            "bulk_write_threshold": 100 if self.way.is_bulk else 2000,
            "bulk_read_threshold": 10 if self.way.is_bulk else 5000,
            "woocommerce_settle_seconds": 0.3,
            "shopify_settle_seconds": 0.3,
            "look_gap_seconds": 0.1,
            "mail_delay_seconds": 0,
            "finish_delay_seconds": 0.2,
            "bulk_poll_seconds": 0.05,
            **changed,
        }

    def refill(self) -> None:
        """Put both stores back to how they were, faults and counters gone; what is still to happen late happens first.

        The control route does it, since it runs within the stores' own loop.
        """
        self.end_faults()
        httpx2.post(f"{self.stores.base_url}/_sandbox/reset", json={"pair": 1}).raise_for_status()
        if self.way.has_orders:
            self._bring_orders()
        else:
            self.pair.woo.load_customers(_more_people(_CROWD if self.way.is_bulk else 0))

    def _bring_orders(self) -> None:
        """Give the source every order, the destination one of them and the products."""
        woo, shopify = self.pair.woo, self.pair.shopify
        woo.load_products(woo_products())
        woo.load_variations(woo_variations())
        shopify.seed_variants(shopify_variants())
        sold = _sales()
        in_woo, in_shopify = (sold, sold[:1]) if self.way.source == "woocommerce" else (sold[:1], sold)
        woo.load_orders(woo_order(one) for one in in_woo)
        woo.load_refunds(refund for one in in_woo for refund in woo_order_refunds(one))
        shopify.seed_orders(shopify_order(one) for one in in_shopify)

    def quieten(self) -> None:
        """Wait until the stores are done with what a dead process had sent.

        They have the settle time for it. That is shrunk here to less than a busy machine may keep a store waiting.
        """
        while self._faults() and self.traffic.at_work:
            continue

    def end_faults(self) -> None:
        """Let no further fault strike, and wait for what was committed late."""
        for plan in (self.pair.woo_faults, self.pair.shopify_faults):
            plan.set_rules([])
        while any(entry["late"] for entry in self._faults()):
            continue

    def set_faults(self, woocommerce: list[dict[str, Any]], shopify: list[dict[str, Any]], seed: int = 0) -> None:
        """Put scripts in front of both stores."""
        self.pair.woo_faults.set_rules(woocommerce, seed)
        self.pair.shopify_faults.set_rules(shopify, seed)

    def picture(self) -> Picture:
        """Look at every record of the destination."""
        with_orders = self.way.has_orders
        if self.way.destination == "shopify":
            return picture_of_shopify(self.pair.shopify, with_orders=with_orders)
        return picture_of_woo(self.pair.woo, with_orders=with_orders)

    def mails(self) -> int:
        """Count the mails that went to customers of either store."""
        woo, shopify = self.pair.woo.state(), self.pair.shopify.state()
        return sum(woo["mails"]["sent"].values()) + int(str(shopify["mails"]))

    def stock_changes(self) -> int:
        """Count how often stock was changed in either store."""
        return int(self.pair.woo.state()["stockChanges"]) + int(str(self.pair.shopify.state()["stockChanges"]))

    def money(self) -> int:
        """Count the gateways of WooCommerce, and the movements of Shopify, by which money moved."""
        return len(self.pair.woo.state()["money"]) + int(str(self.pair.shopify.state()["money"]))

    def doubled(self) -> int:
        """Count the markers that two records of a store carry."""
        woo, shopify = self.pair.woo.state(), self.pair.shopify.state()
        on_shopify = (shopify["duplicateMarkers"], shopify["repeatedMarkers"], shopify["repeatedSourceIdentifiers"])
        return len(woo["repeatedMarkers"]) + sum(map(len, on_shopify))

    def changed_settings(self) -> object:
        """Tell which settings of the WooCommerce store are not as they were."""
        return self.pair.woo.state()["changedSettings"]

    def _faults(self) -> list[dict[str, Any]]:
        answer = httpx2.get(f"{self.stores.base_url}/_sandbox/faults").raise_for_status().json()
        return [entry for pair in answer["pairs"] for entry in (pair["woocommerce"], pair["shopify"])]


def _unwatched(app: ASGIApp) -> ASGIApp:
    return app


@contextmanager
def open_stage(way: Way, in_front: Callable[[ASGIApp], ASGIApp] = _unwatched) -> Generator[Stage]:
    """Serve a fresh pair of stores, with what `in_front` makes of them before them."""
    listener = serving.listen()
    people = _BUYERS if way.has_orders else _PEOPLE
    stores = build_sandbox(serving.address_of(listener), SandboxOptions(seed=_SEED, customers=people))
    traffic = Traffic(in_front(stores.app))
    with serving.serving(traffic, listener):
        stage = Stage(stores, way, traffic)
        stage.refill()
        yield stage


def _more_people(crowd: int) -> Iterator[dict[str, Any]]:
    """Add people whom only WooCommerce knows: some known by name and telephone alone, and as many as bulk needs."""
    for number in range(_WITHOUT_EMAIL + crowd):
        has_email = number >= _WITHOUT_EMAIL
        phone = "" if has_email else f"+4930901820{number:02}"
        yield {
            "email": f"crowd-{number}@example.org" if has_email else "",
            "username": f"crowd-{number}",
            "first_name": f"Noor {number}",
            "last_name": "Vance",
            "role": "customer",
            "billing": {"first_name": f"Noor {number}", "last_name": "Vance", "country": "DE", "phone": phone},
            "date_created_gmt": "2024-05-01T10:00:00",
        }


def _sales() -> list[Sale]:
    """Choose some invented orders, wherever they would be known: paid, given back, cancelled, equal and by guests."""
    sales = [sale(_SEED, index, _BUYERS) for index in range(120)]
    plain = [sold for sold in sales if sold.oddity == "plain"]
    chosen = [sold for sold in plain if sold.status == "completed" and sold.has_account][:2]
    chosen += [next(sold for sold in plain if not sold.has_account)]
    chosen += [next(sold for sold in sales if sold.oddity == oddity) for oddity in _ODDITIES]
    chosen += [next(sold for sold in plain if sold.status == status) for status in _STATUSES]
    chosen += [sales[place] for place in _EQUAL]
    return list({sold.index: sold for sold in chosen}.values())
