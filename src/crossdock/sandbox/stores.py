"""Own the pairs of stores of a sandbox: how they are made, filled, put back, and where each one stands.

Knows no connector and no server. Each pair's stores stand under `/pair-{n}/woocommerce` and `/pair-{n}/shopify`; what
they answer is theirs alone.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.routing import BaseRoute, Mount

from crossdock.sandbox.fault_plan import FaultPlan
from crossdock.sandbox.faults import FaultMiddleware
from crossdock.sandbox.filling import invent, load
from crossdock.sandbox.loading import LoadedShop, open_shop
from crossdock.sandbox.options import ApiKeys, SandboxOptions
from crossdock.sandbox.shopify.app import create_app as create_shopify_app
from crossdock.sandbox.shopify.store import ShopifyStore
from crossdock.sandbox.woocommerce.app import create_app as create_woo_app
from crossdock.sandbox.woocommerce.store import WooStore

_TIMEZONE, _CURRENCY = "Europe/Istanbul", "USD"
_SHOPIFY_SECONDS = 0.3
_REAL_GATEWAYS = ("stripe", "paypal")
_PLUGIN_STATUSES = {"shipped": "Shipped"}
_TAX_RATES = {"US": "8.25", "DE": "19", "FR": "20", "GB": "20", "TR": "20", "JP": "10", "AU": "10", "BR": "17"}


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
        self._shop = None if options.load is None else open_shop(options.load, timezone=_TIMEZONE, currency=_CURRENCY)
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
            # By name too, so that one address with a place for the name leads a program to every pair's store.
            mounts.append(Mount(f"/{pair.keys.shopify_domain}", shopify))
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
        options, shop = self.options, self._shop_of(number)
        woo = self._make_woo(number, clock, shop)
        consumer_key, consumer_secret = woo.add_key(secret_seed=f"{options.seed}:{number}")
        domain = f"sandbox-{number}.myshopify.com"
        shopify = ShopifyStore(
            domain,
            clock=clock,
            plan=options.plan,
            currency=shop.currency if shop else _CURRENCY,
            is_development=options.development,
        )
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

    def _make_woo(self, number: int, clock: Callable[[], datetime], shop: LoadedShop | None) -> WooStore:
        options = self.options
        woo = WooStore(
            f"{self.base_url}/pair-{number}/woocommerce",
            clock=clock,
            timezone=options.timezone or (shop.timezone if shop else _TIMEZONE),
            currency=shop.currency if shop else _CURRENCY,
        )
        if shop:
            woo.options.put("general", "woocommerce_price_num_decimals", str(shop.decimals))
        woo.modes.service_times = options.service_times
        woo.modes.hpos = options.hpos
        woo.outbox.deferral_seconds = options.deferred_mails
        woo.gateways.update(_REAL_GATEWAYS)
        woo.custom_statuses.update(_PLUGIN_STATUSES)
        woo.add_coupon("welcome10", "percent", "10")
        for country, percent in _TAX_RATES.items() if options.tax else ():
            woo.add_tax_rate(country, percent)
        return woo

    def _shop_of(self, number: int) -> LoadedShop | None:
        return self._shop if number == 1 else None

    def _fill(self, pair: SandboxPair) -> None:
        """Fill a pair's stores and put the starting faults in front of them."""
        options, shop = self.options, self._shop_of(pair.number)
        if shop is not None:
            load(pair.woo, pair.shopify, shop)
        elif options.load is None:
            invent(pair.woo, pair.shopify, options.seed + pair.number - 1, options.customers, options.orders)
        for plan in (pair.woo_faults, pair.shopify_faults):
            plan.set_rules(options.faults, options.seed)


def _secret(seed: int, pair: int, part: str) -> str:
    return hashlib.sha256(f"{seed}:{pair}:{part}".encode()).hexdigest()[:32]
