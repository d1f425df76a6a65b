"""The stage of every trial: a pair of stores, the product's settings over them, and what a look into the stores shows.

Owns how stores are filled, emptied and pictured. It must not know kills, faults, or what is expected of a run.
"""

from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from crossdock.sandbox import serving
from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.server import Sandbox, build_sandbox
from crossdock.sandbox.shopify.records import Customer as ShopifyCustomer
from crossdock.sandbox.stores import SandboxPair
from crossdock.sandbox.woocommerce.account import Account

_PEOPLE = 56
_WITHOUT_EMAIL = 4
# Shopify is written in bulk from 101 customers on that are sent together, whatever the threshold.
_CROWD = 112


@dataclass(frozen=True, slots=True)
class Way:
    """A direction, and whether Shopify is read and written in bulk, for which very many are missing."""

    name: str
    source: str
    is_bulk: bool = False

    @property
    def destination(self) -> str:
        """The other platform."""
        return "shopify" if self.source == "woocommerce" else "woocommerce"


WAYS = (
    Way("woocommerce-shopify", "woocommerce"),
    Way("woocommerce-shopify-bulk", "woocommerce", is_bulk=True),
    Way("shopify-woocommerce", "shopify"),
)


@dataclass(frozen=True, slots=True)
class Content:
    """What of a destination's record must be right; neither ids nor times, and no number that a household shares."""

    email: str
    first_name: str
    last_name: str
    addresses: int


Picture = Counter[tuple[str, Content]]
"""How often each record is there: by the id that it has in the source, empty for records that no run made."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One pair of stores at work, for one way."""

    stores: Sandbox
    way: Way

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
            "bulk_poll_seconds": 0.05,
            **changed,
        }

    def refill(self) -> None:
        """Put both stores back to how they were, faults and counters gone; what is still to happen late happens first.

        The control route does it, since it runs within the stores' own loop.
        """
        self.end_faults()
        httpx2.post(f"{self.stores.base_url}/_sandbox/reset", json={"pair": 1}).raise_for_status()
        self.pair.woo.load_customers(_more_people(_CROWD if self.way.is_bulk else 0))

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
        if self.way.destination == "shopify":
            return Counter(map(_shopify_view, self.pair.shopify.customers))
        return Counter(map(_woo_view, self.pair.woo.accounts))

    def mails(self) -> int:
        """Count the mails that went to customers of either store."""
        woo, shopify = self.pair.woo.state(), self.pair.shopify.state()
        return sum(woo["mails"]["sent"].values()) + int(str(shopify["mails"]))

    def changed_settings(self) -> object:
        """Tell which settings of the WooCommerce store are not as they were."""
        return self.pair.woo.state()["changedSettings"]

    def _faults(self) -> list[dict[str, Any]]:
        answer = httpx2.get(f"{self.stores.base_url}/_sandbox/faults").raise_for_status().json()
        return [entry for pair in answer["pairs"] for entry in (pair["woocommerce"], pair["shopify"])]


@contextmanager
def open_stage(way: Way) -> Generator[Stage]:
    """Serve a fresh pair of stores."""
    listener = serving.listen()
    stores = build_sandbox(serving.address_of(listener), SandboxOptions(seed=7, customers=_PEOPLE))
    with serving.serving(stores.app, listener):
        stage = Stage(stores, way)
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


def _shopify_view(customer: ShopifyCustomer) -> tuple[str, Content]:
    marker = customer.metafield_of("crossdock", "source_id")
    content = Content(
        (customer.email or "").lower(),
        customer.first_name or "",
        customer.last_name or "",
        len(customer.addresses),
    )
    return _source_id(marker.value if marker else ""), content


def _woo_view(account: Account) -> tuple[str, Content]:
    marker = next((row.value for row in account.meta if row.key == "_crossdock_source_id"), "")
    addresses = sum(any(fields) for fields in (account.billing, account.shipping))
    return _source_id(marker), Content(account.email.lower(), account.first_name, account.last_name, addresses)


def _source_id(marker: str) -> str:
    """Take the source's id out of a marker: the rest names the store, whose port is another each time."""
    return marker.rpartition(":customer:")[2]
