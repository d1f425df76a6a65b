"""One Shopify store of the sandbox: shop, data, apps, counters. Must not know HTTP or GraphQL documents."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from crossdock.sandbox.shopify.bucket import Bucket, Rate
from crossdock.sandbox.shopify.bulk_ledger import BulkLedger
from crossdock.sandbox.shopify.customer_rules import normalise_tags
from crossdock.sandbox.shopify.customer_table import CustomerTable, email_key
from crossdock.sandbox.shopify.metafields import Definitions
from crossdock.sandbox.shopify.records import Address, Consent, Customer, Metafield, SeedCustomer, Wire
from crossdock.sandbox.shopify.tokens import ALL_SCOPES, Tokens
from crossdock.sandbox.shopify.zones import find_country, find_province

_FIRST_NUMBER: Final = 7_000_000_000_000
# Ids of a real store are far apart; a client must not count on the next one.
_NUMBER_STEP: Final = 32_768


@dataclass(slots=True)
class Behaviour:
    """What a test or a demo may change while the store runs; every duration is in seconds of the store's clock."""

    index_lag_seconds: float = 0.0
    bulk_start_seconds: float = 0.2
    bulk_run_seconds: float = 0.3
    bulk_fails_after: int | None = None
    is_bulk_enabled: bool = True
    is_customer_data_approved: bool = True
    service_seconds: float = 0.0


@dataclass(slots=True)
class Counters:
    """What happened since the last reset. A sandbox store can't mail and has no stock: both stay 0 by construction."""

    requests: int = 0
    throttled: int = 0
    points_used: float = 0.0
    mutations: int = 0
    mails: int = 0
    stock_changes: int = 0


class ShopifyStore:
    """A store, served by `app.create_app`."""

    def __init__(
        self,
        domain: str,
        *,
        clock: Callable[[], datetime],
        plan: str = "standard",
        country: str = "US",
        currency: str = "USD",
        timezone: str = "America/New_York",
        is_development: bool = False,
    ) -> None:
        """Open an empty store; `plan` is `standard` or `plus`, the clock answers aware times."""
        self.domain, self.plan, self.country, self.currency, self.timezone = domain, plan, country, currency, timezone
        self.name = domain.partition(".")[0]
        self.is_development = is_development
        self._clock = clock
        self.behaviour = Behaviour()
        self.tokens = Tokens(clock)
        self.rate = Rate(plan)
        self.opened_at = self.now()
        # Whether a customer has orders that forbid deleting: the orders' part of the sandbox will answer this.
        self.has_orders: Callable[[Customer], bool] = lambda customer: customer.number_of_orders > 0
        self._fill()

    def _fill(self) -> None:
        self.customers = CustomerTable()
        self.definitions = Definitions()
        self.bulk = BulkLedger()
        self.counters = Counters()
        self.webhooks: list[Mapping[str, Wire]] = []
        self._buckets: dict[str, Bucket] = {}
        self._last_number = _FIRST_NUMBER

    def now(self) -> datetime:
        """Answer the store's time, to the second, in UTC."""
        return self._clock().astimezone(UTC).replace(microsecond=0)

    def exact_now(self) -> datetime:
        """Answer the store's time unrounded, for durations."""
        return self._clock().astimezone(UTC)

    def next_number(self) -> int:
        """Hand out the next id; all kinds share one ascending series."""
        self._last_number += _NUMBER_STEP
        return self._last_number

    def bucket(self, app: str) -> Bucket:
        """Answer the bucket of an app on this store."""
        return self._buckets.setdefault(app, Bucket(self.rate, self._clock))

    def save(self, customer: Customer) -> Customer:
        """Store a customer; the search index follows after its lag."""
        lag = timedelta(seconds=self.behaviour.index_lag_seconds)
        self.customers.put(customer, self.exact_now(), lag)
        return customer

    def issue_token(self, token: str | None = None, scopes: Iterable[str] = ALL_SCOPES) -> str:
        """Issue a token that never expires, as an app made in the shop's admin has it."""
        return self.tokens.issue(token, scopes).text

    def add_client(self, client_id: str, client_secret: str, scopes: Iterable[str] = ALL_SCOPES) -> None:
        """Register an app for the client-credentials grant."""
        self.tokens.add_client(client_id, client_secret, scopes)

    def use_service_times(self, seconds: float = 0.3) -> None:
        """Make each request take as long as measured on real stores; 0 switches it off."""
        self.behaviour.service_seconds = seconds

    def revoke_tokens(self) -> None:
        """Make every token invalid; the next request gets 401."""
        self.tokens.revoke_all()

    def lower_rate(self, factor: float) -> None:
        """Lower the restore rate to a share of the plan's, for every app; 1 restores it."""
        self.rate.lower(factor)

    def seed(self, customers: Iterable[SeedCustomer]) -> None:
        """Fill the store past the API.

        Raises:
            ValueError: an e-mail or a phone that a customer of the store already has.

        """
        now = self.now()
        for given in customers:
            if given.email is not None and self.customers.by_email(given.email) is not None:
                raise ValueError("a seeded e-mail is already in the store")
            if given.phone is not None and self.customers.by_phone(given.phone) is not None:
                raise ValueError("a seeded phone is already in the store")
            self.customers.put(self._seeded(given, now), now)

    def _seeded(self, given: SeedCustomer, now: datetime) -> Customer:
        created_at = given.created_at or now
        addresses = tuple(self._seeded_address(address) for address in given.addresses)
        return Customer(
            number=self.next_number(),
            created_at=created_at,
            updated_at=given.updated_at or created_at,
            email="".join(given.email.split()) if given.email else None,
            phone=given.phone,
            first_name=given.first_name,
            last_name=given.last_name,
            note=given.note,
            locale=given.locale,
            tags=normalise_tags(given.tags),
            tax_exempt=given.tax_exempt,
            email_consent=Consent(given.email_marketing_state),
            sms_consent=Consent(given.sms_marketing_state),
            addresses=addresses,
            default_address_number=addresses[0].number if addresses else None,
            metafields=tuple(
                Metafield(self.next_number(), *metafield, created_at, created_at) for metafield in given.metafields
            ),
            number_of_orders=given.number_of_orders,
            spent=given.amount_spent,
        )

    def _seeded_address(self, given: Mapping[str, str | None]) -> Address:
        country = find_country(given.get("country_code_v2") or given.get("country") or "")
        wanted = given.get("province_code") or given.get("province")
        province = find_province(country[0], wanted) if country and wanted else None
        code, name = province or (given.get("province_code"), given.get("province"))
        places = {"country": country[1], "country_code_v2": country[0]} if country else {}
        return Address(self.next_number(), **{**given, **places, "province": name, "province_code": code})

    def state(self) -> dict[str, Wire]:
        """Report counts, effects on people, and every customer that exists twice, as JSON-able values."""
        emails = Counter(email_key(customer.email) for customer in self.customers if customer.email)
        markers = Counter(
            f"{metafield.namespace}.{metafield.key}={metafield.value}"
            for customer in self.customers
            for metafield in customer.metafields
            if metafield.type == "id"
        )
        return {
            "domain": self.domain,
            "plan": self.plan,
            "customers": len(self.customers),
            "metafieldDefinitions": len(self.definitions),
            "bulkOperations": len(self.bulk),
            "mails": self.counters.mails,
            "stockChanges": self.counters.stock_changes,
            "requests": self.counters.requests,
            "mutations": self.counters.mutations,
            "throttled": self.counters.throttled,
            "pointsUsed": self.counters.points_used,
            "duplicateEmails": sorted(email for email, times in emails.items() if times > 1),
            "duplicateMarkers": sorted(marker for marker, times in markers.items() if times > 1),
        }

    def reset(self) -> None:
        """Empty the store and its counters; tokens, apps and behaviour stay."""
        self._fill()
