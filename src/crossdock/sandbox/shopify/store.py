"""One Shopify store of the sandbox: shop, data, apps, counters. Must not know HTTP or GraphQL documents."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from crossdock.sandbox.shopify.behaviour import Behaviour, Counters
from crossdock.sandbox.shopify.bucket import Bucket, Rate
from crossdock.sandbox.shopify.bulk_ledger import BulkLedger
from crossdock.sandbox.shopify.catalogue import Catalogue
from crossdock.sandbox.shopify.customer_seeding import build_customer
from crossdock.sandbox.shopify.customer_table import CustomerTable, email_key
from crossdock.sandbox.shopify.draft_records import DraftOrder
from crossdock.sandbox.shopify.jobs import Jobs
from crossdock.sandbox.shopify.metafields import Definitions
from crossdock.sandbox.shopify.money_bag import MoneyBag
from crossdock.sandbox.shopify.order_parts import OrderLine
from crossdock.sandbox.shopify.order_records import Order
from crossdock.sandbox.shopify.order_seeding import OrderSeeder
from crossdock.sandbox.shopify.order_seeds import SeedOrder, SeedVariant
from crossdock.sandbox.shopify.order_status import settle
from crossdock.sandbox.shopify.order_table import DraftTable, OrderTable
from crossdock.sandbox.shopify.payment_terms import find_terms
from crossdock.sandbox.shopify.records import Customer, Metafield, SeedCustomer, Wire
from crossdock.sandbox.shopify.refund_keys import RefundKeys
from crossdock.sandbox.shopify.tokens import ALL_SCOPES, Tokens

SHOP_NUMBER: Final = 92_000_000_001
_FIRST_NUMBER: Final = 7_000_000_000_000
# Ids of a real store are far apart; a client must not count on the next one.
_NUMBER_STEP: Final = 32_768


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
        self.name, self.number = domain.partition(".")[0], SHOP_NUMBER
        self.is_development = is_development
        self._clock = clock
        self.behaviour = Behaviour()
        self.tokens = Tokens(clock)
        self.rate = Rate(plan)
        self.opened_at = self.now()
        self.order_prefix, self.order_suffix = "#", ""
        self.presentment_currencies: tuple[str, ...] = (currency,)
        self._fill()

    def _fill(self) -> None:
        self.customers = CustomerTable()
        self.orders = OrderTable()
        self.drafts = DraftTable()
        self.catalogue = Catalogue(self.country, self.opened_at)
        self.definitions = Definitions()
        self.bulk = BulkLedger()
        self.jobs = Jobs()
        self.refund_keys = RefundKeys()
        self._order_times: deque[datetime] = deque()
        self._defaults_before: dict[int, int | None] = {}
        self._last_order_number = 1000
        self._last_draft_count = 0
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

    def save_order(self, order: Order) -> Order:
        """Store an order; the search index follows after its lag."""
        self.orders.put(order, self.exact_now(), timedelta(seconds=self.behaviour.index_lag_seconds))
        return order

    def save_draft(self, draft: DraftOrder) -> DraftOrder:
        """Store a draft; the search index follows after its lag."""
        self.drafts.put(draft, self.exact_now(), timedelta(seconds=self.behaviour.index_lag_seconds))
        return draft

    def next_order_number(self) -> int:
        """Hand out the next order number, from 1001."""
        self._last_order_number += 1
        return self._last_order_number

    def next_draft_count(self) -> int:
        """Hand out the next number of a draft's name, from 1."""
        self._last_draft_count += 1
        return self._last_draft_count

    def payment_terms(self, template_id: str | None) -> Mapping[str, Wire] | None:
        """Build the payment terms of a template; None for an unknown one."""
        return find_terms(self.next_number(), template_id)

    def may_create_order(self) -> bool:
        """Tell whether a development store takes one more order in this minute, and count it if so."""
        if not self.is_development:
            return True
        now = self.exact_now()
        while self._order_times and now - self._order_times[0] >= timedelta(minutes=1):
            self._order_times.popleft()
        if len(self._order_times) >= self.behaviour.orders_per_minute:
            return False
        self._order_times.append(now)
        return True

    def has_orders(self, customer: Customer) -> bool:
        """Tell whether a customer has orders that forbid deleting."""
        return self.order_count(customer) > 0

    def order_count(self, customer: Customer) -> int:
        """Count a customer's orders, with those that it was seeded to have had."""
        return customer.number_of_orders + self.orders.count_of(customer.number)

    def spent_by(self, customer: Customer) -> Decimal:
        """Add up a customer's net payments, with those that it was seeded to have made."""
        return customer.spent + self.orders.spent_by(customer.number)

    def holder_of_custom_id(self, owner_type: str, namespace: str, key: str, value: str) -> int | None:
        """Answer the number of the record that holds a unique metafield value; kinds don't share values."""
        if owner_type == "ORDER":
            order = self.orders.by_custom_id(namespace, key, value)
            return None if order is None else order.id_number
        table = self.drafts if owner_type == "DRAFTORDER" else self.customers
        found = table.by_custom_id(namespace, key, value)
        return None if found is None else found.number

    def make_unique(self, owner_type: str, namespace: str, key: str) -> None:
        """Begin to keep a metafield's values unique among the owners of a type."""
        tables = {"CUSTOMER": self.customers, "ORDER": self.orders, "DRAFTORDER": self.drafts}
        if owner_type in tables:
            tables[owner_type].make_unique(namespace, key)

    def is_real_gateway(self, gateway: str | None) -> bool:
        """Tell whether a gateway of this name would move money."""
        return (gateway or "").strip().casefold().replace(" ", "_") in self.behaviour.real_gateways

    def book_money(self, gateway: str | None, amount: MoneyBag) -> None:
        """Book money that a refund moves; nothing where the gateway isn't a real one."""
        if self.is_real_gateway(gateway) and amount:
            self.counters.money_movements += 1
            minor = int((amount.shop * 1000).to_integral_value())
            self.counters.money[amount.currency] += minor

    def change_stock(self, variant_number: int | None, by: int) -> None:
        """Change a variant's stock and count the change."""
        self.counters.stock_changes += self.catalogue.change_stock(variant_number, by, self.now())

    def take_stock(self, lines: Sequence[OrderLine]) -> None:
        """Take the units of an order's lines out of the stock."""
        for line in lines:
            self.change_stock(line.variant_number, -line.quantity)

    def remember_default_address(self, customer: Customer) -> None:
        """Remember which address was a customer's default before an order overwrote it the first time."""
        self._defaults_before.setdefault(customer.number, customer.default_address_number)

    def issue_token(self, token: str | None = None, scopes: Iterable[str] = ALL_SCOPES) -> str:
        """Issue a token that never expires, as an app made in the shop's admin has it."""
        return self.tokens.issue(token, scopes).text

    def add_client(self, client_id: str, client_secret: str, scopes: Iterable[str] = ALL_SCOPES) -> None:
        """Register an app for the client-credentials grant."""
        self.tokens.add_client(client_id, client_secret, scopes)

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
            self.customers.put(build_customer(given, now, self.next_number), now)

    def seed_variants(self, variants: Iterable[SeedVariant]) -> None:
        """Fill the catalogue past the API."""
        for given in variants:
            self.catalogue.seed(given, self.next_number(), self.next_number(), self.now())

    def seed_orders(self, orders: Iterable[SeedOrder]) -> None:
        """Fill the store with orders past the API; variants and customers that they name must be there before."""
        now = self.now()
        seeder = OrderSeeder(
            self.next_number, self.catalogue, self._number_of_email, self.currency, self.is_real_gateway
        )
        for given in orders:
            number = given.number if given.number is not None else self.next_order_number()
            self._last_order_number = max(self._last_order_number, number)
            order = seeder.build(given, number, given.name or f"{self.order_prefix}{number}{self.order_suffix}")
            self.orders.put(order if order.financial_status is not None else settle(order), now)

    def _number_of_email(self, email: str) -> int | None:
        customer = self.customers.by_email(email)
        return None if customer is None else customer.number

    def state(self) -> dict[str, Wire]:
        """Report counts, effects on people and money, and every record that exists twice, as JSON-able values."""
        self.jobs.advance(self.exact_now())
        emails = Counter(email_key(customer.email) for customer in self.customers if customer.email)
        identifiers = Counter(order.source_identifier for order in self.orders if order.source_identifier)
        owned = (row.metafields for rows in (self.orders, self.drafts) for row in rows)
        return {
            "domain": self.domain,
            "plan": self.plan,
            "customers": len(self.customers),
            "orders": len(self.orders),
            "drafts": len(self.drafts),
            "refunds": sum(len(order.refunds_made) for order in self.orders),
            "variants": len(self.catalogue.variants),
            "metafieldDefinitions": len(self.definitions),
            "bulkOperations": len(self.bulk),
            "mails": self.counters.mails,
            "stockChanges": self.counters.stock_changes,
            "stock": dict(self.catalogue.stock()),
            "money": self.counters.money_movements,
            "moneyAmounts": {code: str(Decimal(sum_) / 1000) for code, sum_ in self.counters.money.items()},
            "requests": self.counters.requests,
            "mutations": self.counters.mutations,
            "throttled": self.counters.throttled,
            "pointsUsed": self.counters.points_used,
            "defaultAddressChanges": self._changed_defaults(),
            "duplicateEmails": _repeated(emails),
            "duplicateMarkers": _repeated(_markers(customer.metafields for customer in self.customers)),
            "repeatedMarkers": _repeated(_markers(owned)),
            "repeatedSourceIdentifiers": _repeated(identifiers),
        }

    def _changed_defaults(self) -> int:
        """Count the customers whose default address is another one than before an order overwrote it."""
        found = ((self.customers.get(number), before) for number, before in self._defaults_before.items())
        return sum(1 for customer, before in found if customer and customer.default_address_number != before)

    def reset(self) -> None:
        """Empty the store and its counters; tokens, apps and behaviour stay."""
        self._fill()


def _markers(owned: Iterable[Sequence[Metafield]]) -> Counter[str]:
    return Counter(f"{one.namespace}.{one.key}={one.value}" for rows in owned for one in rows if one.type == "id")


def _repeated(counts: Counter[str]) -> list[str]:
    return sorted(value for value, times in counts.items() if times > 1)
