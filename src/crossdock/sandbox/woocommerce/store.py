"""Own one WooCommerce store's state: accounts, orders, products, settings, mails, counters, modes a test may switch.

Knows nothing of HTTP. What may be written into an account is ruled in `accounts`, what a request looks like in `app`.
"""

import hashlib
import itertools
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crossdock.sandbox.woocommerce.account import account_from_record
from crossdock.sandbox.woocommerce.catalogue import Catalogue
from crossdock.sandbox.woocommerce.directory import AccountDirectory
from crossdock.sandbox.woocommerce.keys import ApiKey, KeyRing
from crossdock.sandbox.woocommerce.ledger.book import OrderBook
from crossdock.sandbox.woocommerce.ledger.coupons import Coupon
from crossdock.sandbox.woocommerce.ledger.order import CORE_STATUSES
from crossdock.sandbox.woocommerce.ledger.records import order_from_record, refund_from_record
from crossdock.sandbox.woocommerce.ledger.taxes import TaxRate, TaxRules
from crossdock.sandbox.woocommerce.mails import Outbox
from crossdock.sandbox.woocommerce.options import StoreOptions


@dataclass(slots=True)
class StoreModes:
    """What a test may switch about a store's surroundings.

    `service_times`: answer as slowly as the measured store. `strips_authorization`: the host drops that header (§1.2).
    `plain_permalinks`: only `?rest_route=` works (§1.5). `races_emails`: two simultaneous creates of one e-mail may
    both succeed (appendix). `hpos`: orders have tables of their own, else they are posts (§4). `numbers_orders`: a
    plugin takes order numbers from `_order_number` (§5.11). `ignores_skus`: SKUs are switched off (§6).
    `dies_after_save`: so many next orders die after their first save (§5.9).
    """

    service_times: bool = False
    strips_authorization: bool = False
    plain_permalinks: bool = False
    races_emails: bool = False
    hpos: bool = True
    numbers_orders: bool = False
    ignores_skus: bool = False
    dies_after_save: int = 0


class WooStore:
    """One WooCommerce store; `url` is its home URL with its path, and what OAuth signatures are checked against."""

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], datetime],
        timezone: str = "Europe/Istanbul",
        currency: str = "USD",
        country: str = "US:CA",
        name: str = "Sandbox shop",
    ) -> None:
        self.url = url.rstrip("/")
        self.name = name
        self.timezone = timezone
        self.currency = currency
        self.clock = clock
        self.modes = StoreModes()
        self.options = StoreOptions(currency=currency, country=country)
        self.accounts = AccountDirectory()
        self.keys = KeyRing(clock)
        self.outbox = Outbox(clock, self.options.has_mail)
        self.webhooks: list[dict[str, Any]] = []
        self.orders = OrderBook()
        self.catalogue = Catalogue()
        self.tax_rates: list[TaxRate] = []
        self.coupons: dict[str, Coupon] = {}
        self.gateways: set[str] = set()
        self.money: dict[str, Decimal] = {}
        self.custom_statuses: dict[str, str] = {}
        self.counters: Counter[str] = Counter()
        self.made: set[int] = set()
        self.random = Random(0)
        self._meta_ids = itertools.count(1)

    @property
    def zone(self) -> ZoneInfo:
        """Return the site's time zone."""
        return ZoneInfo(self.timezone)

    def now_seconds(self) -> int:
        """Return the clock's time as an epoch second."""
        return int(self.clock().timestamp())

    def next_meta_id(self) -> int:
        """Return a fresh id for a row of meta."""
        return next(self._meta_ids)

    def add_key(
        self,
        permissions: str = "read_write",
        role: str | None = "administrator",
        *,
        secret_seed: str = "",
    ) -> tuple[str, str]:
        """Make an API key and return its consumer key and secret; the same seed always gives the same pair."""
        base = secret_seed or secrets.token_hex(16)
        consumer_key = "ck_" + hashlib.sha1(f"key:{base}".encode(), usedforsecurity=False).hexdigest()
        consumer_secret = "cs_" + hashlib.sha1(f"secret:{base}".encode(), usedforsecurity=False).hexdigest()
        self.keys.add(ApiKey(consumer_key, consumer_secret, permissions, role))
        return consumer_key, consumer_secret

    def add_webhook(self, topic: str, delivery_url: str, name: str = "Sandbox webhook") -> None:
        """Register a webhook; its deliveries are counted, never sent."""
        number = len(self.webhooks) + 1
        self.webhooks.append(
            {"id": number, "name": name, "status": "active", "topic": topic, "delivery_url": delivery_url},
        )

    def load_customers(self, records: Iterable[Mapping[str, Any]]) -> int:
        """Take REST records in as they stand and return their number; missing ids are given, missing fields empty."""
        count, now = 0, self.now_seconds()
        for record in records:
            account_id = int(record.get("id") or self.accounts.next_id())
            first_meta_id = self.next_meta_id()
            account = account_from_record(record, account_id=account_id, now=now, next_meta_id=first_meta_id)
            top = max((row.id for row in account.meta), default=first_meta_id)
            if top > first_meta_id:
                self._meta_ids = itertools.count(top + 1)
            self.accounts.add(account)
            count += 1
        return count

    def load_products(self, records: Iterable[Mapping[str, Any]]) -> int:
        """Take products in as they stand and return their number; missing ids are given, missing fields usual."""
        return self._load_catalogue(records, is_variation=False)

    def load_variations(self, records: Iterable[Mapping[str, Any]]) -> int:
        """Take variations in, each with its `parent_id`, and return their number."""
        return self._load_catalogue(records, is_variation=True)

    def load_orders(self, records: Iterable[Mapping[str, Any]]) -> int:
        """Take orders in as they stand, one at a time, and return their number; nobody is mailed, no stock moves.

        The refunds that a record lists are only a view: `load_refunds` brings them.
        """
        count, now = 0, self.now_seconds()
        for record in records:
            order_id = int(record.get("id") or 0) or self.orders.next_id()
            self.orders.put(order_from_record(record, order_id, now, self.orders))
            count += 1
        return count

    def load_refunds(self, records: Iterable[Mapping[str, Any]]) -> int:
        """Take refunds in, each naming its order by `order_id` or `parent_id`, and return their number."""
        count, now = 0, self.now_seconds()
        for record in records:
            refund_id = int(record.get("id") or 0) or self.orders.next_id()
            self.orders.put_refund(refund_from_record(record, refund_id, now, self.orders))
            count += 1
        return count

    def add_tax_rate(
        self,
        country: str,
        percent: str,
        name: str = "VAT",
        *,
        compound: bool = False,
        shipping: bool = True,
        tax_class: str = "",
    ) -> TaxRate:
        """Set up a flat rate for a country, in percent, and return it; one that is there already is not doubled."""
        wanted = (country, percent, name, compound, shipping, tax_class)
        for rate in self.tax_rates:
            if (rate.country, rate.percent, rate.name, rate.compound, rate.shipping, rate.tax_class) == wanted:
                return rate
        rate = TaxRate(len(self.tax_rates) + 1, *wanted)
        self.tax_rates.append(rate)
        return rate

    def add_coupon(self, code: str, kind: str, amount: str) -> Coupon:
        """Set up a coupon, `percent` or `fixed_cart`; its code is kept in lower case."""
        coupon = Coupon(self.orders.next_id(), code.lower(), kind, amount)
        self.coupons[coupon.code] = coupon
        return coupon

    def tax_rules(self) -> TaxRules:
        """Return what decides about tax at this moment."""
        options = self.options
        base = options.text("general", "woocommerce_default_country").partition(":")[0]
        return TaxRules(options.calculates_taxes(), self.tax_rates, base, options.decimals())

    def statuses(self) -> list[str]:
        """Return the registered order statuses, the plugins' own last."""
        return [*CORE_STATUSES, *(name for name in self.custom_statuses if name not in CORE_STATUSES)]

    def status_label(self, status: str) -> str:
        """Return how a status is called on an order's page."""
        return CORE_STATUSES.get(status) or self.custom_statuses.get(status, status)

    def mail_admin(self, kind: str, subject: str) -> None:
        """Send a mail to the shop's owner."""
        self.outbox.send(kind, f"admin@{urlsplit(self.url).hostname}", subject)

    def mail_buyer(self, kind: str, order_id: int, subject: str) -> None:
        """Send a mail to an order's billing address as it is when the mail leaves; without one there is no mail."""

        def recipient() -> str:
            order = self.orders.get(order_id)
            return order.billing_email if order else ""

        self.outbox.send(kind, recipient, subject)

    def seed(self, records: Iterable[Mapping[str, Any]]) -> int:
        """Fill the store with invented people: as `load_customers`, and nobody is mailed."""
        return self.load_customers(records)

    def fire(self, topic: str) -> None:
        """Count a delivery of each active webhook on that topic."""
        self.counters[f"webhooks:{topic}"] += sum(1 for hook in self.webhooks if hook["topic"] == topic)

    def state(self) -> dict[str, Any]:
        """Return counts that a test asserts on, with e-mails that the API doubled and markers that exist twice."""
        self.outbox.flush()
        markers = Counter(
            f"{row.key}={row.value}"
            for account in self.accounts
            for row in account.meta
            if row.key.endswith("_source_id")
        )
        repeated = (markers, self.orders.markers())
        return {
            "url": self.url,
            "customers": len(self.accounts),
            "roles": dict(Counter(account.role for account in self.accounts)),
            "mails": self.outbox.counts(),
            "orders": len(self.orders),
            "ordersByStatus": self.orders.count_by_status(),
            "refunds": self.orders.refund_count(),
            "products": len(self.catalogue),
            "orphans": len(self.orders.orphans),
            "stockChanges": self.catalogue.changes.total(),
            "salesChanges": self.catalogue.sales_changes,
            "money": {gateway: f"{amount:f}" for gateway, amount in self.money.items() if amount},
            "requests": self.counters["requests"],
            "created": self.counters["created"],
            "updated": self.counters["updated"],
            "deleted": self.counters["deleted"],
            "ordersCreated": self.counters["orders created"],
            "ordersUpdated": self.counters["orders updated"],
            "ordersDeleted": self.counters["orders deleted"],
            "refundsCreated": self.counters["refunds created"],
            "webhookDeliveries": sum(n for name, n in self.counters.items() if name.startswith("webhooks:")),
            "changedSettings": self.options.changed(),
            "repeatedEmails": self.accounts.repeated_emails(self.made),
            "repeatedMarkers": {marker: times for kind in repeated for marker, times in kind.items() if times > 1},
        }

    def reset(self) -> None:
        """Empty the store and put settings and counters back; keys, webhooks, modes and the shop's set-up stay.

        The set-up is its tax rates, coupons, gateways and custom statuses.
        """
        self.accounts.clear()
        self.orders.clear()
        self.catalogue.clear()
        self.money.clear()
        for coupon in self.coupons.values():
            coupon.used = 0
        self.options.reset()
        self.outbox.clear()
        self.counters.clear()
        self.made.clear()
        self.keys.clear_nonces()
        self.random = Random(0)
        self._meta_ids = itertools.count(1)

    def _load_catalogue(self, records: Iterable[Mapping[str, Any]], *, is_variation: bool) -> int:
        count = 0
        for record in records:
            product_id = int(record.get("id") or 0) or self.orders.next_id()
            self.orders.pass_ids(post=product_id)
            self.catalogue.add(record, product_id, is_variation=is_variation)
            count += 1
        return count
