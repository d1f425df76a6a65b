"""Own one WooCommerce store's state: accounts, keys, settings, mails, counters and the modes a test may switch.

Knows nothing of HTTP. What may be written into an account is ruled in `accounts`, what a request looks like in `app`.
"""

import hashlib
import itertools
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from crossdock.sandbox.woocommerce.account import account_from_record
from crossdock.sandbox.woocommerce.directory import AccountDirectory
from crossdock.sandbox.woocommerce.keys import ApiKey, KeyRing
from crossdock.sandbox.woocommerce.mails import Outbox
from crossdock.sandbox.woocommerce.options import StoreOptions


@dataclass(slots=True)
class StoreModes:
    """What a test may switch about a store's surroundings.

    `service_times`: answer as slowly as the measured store. `strips_authorization`: the host drops that header (§1.2).
    `plain_permalinks`: only `?rest_route=` works (§1.5). `races_emails`: two simultaneous creates of one e-mail may
    both succeed (appendix).
    """

    service_times: bool = False
    strips_authorization: bool = False
    plain_permalinks: bool = False
    races_emails: bool = False


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
        return {
            "url": self.url,
            "customers": len(self.accounts),
            "roles": dict(Counter(account.role for account in self.accounts)),
            "mails": self.outbox.counts(),
            "stockChanges": 0,
            "requests": self.counters["requests"],
            "created": self.counters["created"],
            "updated": self.counters["updated"],
            "deleted": self.counters["deleted"],
            "webhookDeliveries": sum(n for name, n in self.counters.items() if name.startswith("webhooks:")),
            "changedSettings": self.options.changed(),
            "repeatedEmails": self.accounts.repeated_emails(self.made),
            "repeatedMarkers": {marker: times for marker, times in markers.items() if times > 1},
        }

    def reset(self) -> None:
        """Empty the store and put settings and counters back; keys, webhooks and modes stay."""
        self.accounts.clear()
        self.options.reset()
        self.outbox.clear()
        self.counters.clear()
        self.made.clear()
        self.keys.clear_nonces()
        self.random = Random(0)
        self._meta_ids = itertools.count(1)
