"""Own the pairs of stores of a sandbox: how they are made, filled, put back, and where each one stands.

Knows no connector and no server. Each pair's stores stand under `/pair-{n}/woocommerce` and `/pair-{n}/shopify`; what
they answer is theirs alone.
"""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from starlette.routing import BaseRoute, Mount

from crossdock.sandbox.fault_plan import FaultPlan
from crossdock.sandbox.faults import FaultMiddleware
from crossdock.sandbox.options import ApiKeys, SandboxOptions
from crossdock.sandbox.people_views import shopify_customers, woo_records
from crossdock.sandbox.shopify.app import create_app as create_shopify_app
from crossdock.sandbox.shopify.records import SeedCustomer
from crossdock.sandbox.shopify.store import ShopifyStore
from crossdock.sandbox.woocommerce.app import create_app as create_woo_app
from crossdock.sandbox.woocommerce.sites import guess_timezone
from crossdock.sandbox.woocommerce.store import WooStore

_TIMEZONE = "Europe/Istanbul"
_SHOPIFY_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class SandboxPair:
    """The two stores of a pair, their fault plans and their keys."""

    number: int
    woo: WooStore
    shopify: ShopifyStore
    woo_faults: FaultPlan
    shopify_faults: FaultPlan
    keys: ApiKeys

    def faults_of(self, name: str) -> FaultPlan:
        """Return the fault plan in front of the store of that platform; raises KeyError for another name."""
        return {"woocommerce": self.woo_faults, "shopify": self.shopify_faults}[name]


class SandboxStores:
    """All pairs, and how they were filled."""

    def __init__(self, base_url: str, options: SandboxOptions, clock: Callable[[], datetime]) -> None:
        self.base_url = base_url.rstrip("/")
        self.options = options
        self.pairs = [self._make_pair(number, clock) for number in range(1, options.pairs + 1)]
        for pair in self.pairs:
            self._fill(pair)

    def routes(self) -> list[BaseRoute]:
        """Return the mounts of every store, each behind its faults."""
        mounts: list[BaseRoute] = []
        for pair in self.pairs:
            woo = FaultMiddleware(create_woo_app(pair.woo), pair.woo_faults)
            shopify = FaultMiddleware(create_shopify_app(pair.shopify), pair.shopify_faults)
            mounts.append(Mount(f"/pair-{pair.number}/woocommerce", woo))
            mounts.append(Mount(f"/pair-{pair.number}/shopify", shopify))
        return mounts

    def pair(self, number: int) -> SandboxPair:
        """Return a pair by its number, from 1; raises LookupError."""
        if not 1 <= number <= len(self.pairs):
            raise LookupError(f"there is no pair {number}")
        return self.pairs[number - 1]

    def reset(self, pair: SandboxPair) -> None:
        """Put a pair back to how it started: its people, no mails, no counts, no faults."""
        pair.woo.reset()
        pair.shopify.reset()
        pair.woo_faults.clear()
        pair.shopify_faults.clear()
        self._fill(pair)

    def _make_pair(self, number: int, clock: Callable[[], datetime]) -> SandboxPair:
        options = self.options
        woo = WooStore(f"{self.base_url}/pair-{number}/woocommerce", clock=clock, timezone=self._timezone(number))
        woo.modes.service_times = options.service_times
        woo.outbox.deferral_seconds = options.deferred_mails
        consumer_key, consumer_secret = woo.add_key(secret_seed=f"{options.seed}:{number}")
        domain = f"sandbox-{number}.myshopify.com"
        shopify = ShopifyStore(domain, clock=clock, plan=options.plan)
        shopify.behaviour.index_lag_seconds = options.index_lag
        shopify.behaviour.service_seconds = _SHOPIFY_SECONDS if options.service_times else 0.0
        client_id, client_secret = (_secret(options.seed, number, part) for part in ("client", "client-secret"))
        shopify.add_client(client_id, client_secret)
        keys = ApiKeys(
            pair=number,
            woo_url=woo.url,
            consumer_key=consumer_key,
            consumer_secret=consumer_secret,
            shopify_domain=domain,
            shopify_base_url=f"{self.base_url}/pair-{number}/shopify",
            shopify_token=shopify.issue_token(f"shpat_{_secret(options.seed, number, 'token')}"),
            shopify_client_id=client_id,
            shopify_client_secret=client_secret,
        )
        return SandboxPair(number, woo, shopify, FaultPlan(), FaultPlan(), keys)

    def _timezone(self, number: int) -> str:
        if self.options.timezone is None and self.options.load is not None and number == 1:
            return guess_timezone(read_records(self.options.load), _TIMEZONE)
        return self.options.timezone or _TIMEZONE

    def _fill(self, pair: SandboxPair) -> None:
        """Fill a pair's stores and put the starting faults in front of them."""
        options = self.options
        if options.load is not None:
            if pair.number == 1:
                pair.woo.load_customers(read_records(options.load))
        elif options.customers:
            seed = options.seed + pair.number - 1
            pair.woo.seed(woo_records(seed, options.customers))
            pair.shopify.seed(SeedCustomer(**fields) for fields in shopify_customers(seed, options.customers))
        for plan in (pair.woo_faults, pair.shopify_faults):
            plan.set_rules(options.faults, options.seed)


def read_records(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the WooCommerce records of a folder's `customers.jsonl.gz`, line by line; raises OSError or ValueError."""
    with gzip.open(folder / "customers.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield cast("dict[str, Any]", json.loads(line))


def _secret(seed: int, pair: int, part: str) -> str:
    return hashlib.sha256(f"{seed}:{pair}:{part}".encode()).hexdigest()[:32]
