"""Own the invented orders of the demo and the tests: who ordered what, what it came to, and which store knows of it.

An order follows from seed, index and the number of people alone, in constant time, so that any number can be made
without holding them twice. Knows no store's format: `sales_woo` and `sales_shopify` write each order down. Messy on
purpose; `ODDITIES` say how, `sales_lines` what was bought.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from crossdock.sandbox.people import Person, Presence, person
from crossdock.sandbox.sales_lines import Basket, fill_basket
from crossdock.sandbox.sales_taxes import Amount, Currency, round_to

_CYCLE = 53
ODDITIES = {
    2: "no_email",
    4: "no_total",
    6: "uneven_lines",
    8: "deleted_account",
    10: "equal",
    11: "equal",
    12: "equal",
    14: "clock_change",
    16: "no_units",
    17: "negative_fee",
    18: "positive_fee",
    20: "plugin_status",
    21: "kwd",
    22: "jpy",
    23: "eur",
    25: "refunded_unrecorded",
    26: "refunded",
    27: "refunded_by_line",
    28: "refunded_by_amount",
    30: "refunded_twice",
    31: "test",
    33: "odd_note",
    34: "deleted_product",
    35: "presentment",
    37: "two_coupons",
    38: "authorized",
    40: "compound_tax",
    41: "other_email",
    42: "other_total",
    43: "other_status",
    45: "checkout_draft",
    47: "partially_paid",
    49: "expired",
    51: "long_note",
}
"""What is odd about an order, by its place in a cycle; the cycle has no divisor in common with the spread of orders."""

MANY_LINES_INDEX = 44
"""The one order of more lines than a store takes in one call; only WooCommerce has it."""

_PRESENCE_STEP, _SPREAD = 7, 20
_BOTH_OF_SPREAD, _WOO_OF_SPREAD = 11, 6
_FIRST_WOO_ID, _WOO_ID_STEP, _FIRST_NUMBER = 1100, 3, 1001
_OPENED_AT = datetime(2023, 1, 1, tzinfo=UTC)
_OPEN_SECONDS = 3 * 365 * 24 * 3600
_ACCOUNT_SHARE, _KEPT_NUMBER_SHARE = 0.75, 0.5
_CLOCK_CHANGES = (
    datetime(2024, 10, 27, 0, 30, tzinfo=UTC),
    datetime(2024, 10, 27, 1, 30, tzinfo=UTC),
    datetime(2025, 3, 30, 1, 15, tzinfo=UTC),
    datetime(2024, 11, 3, 5, 30, tzinfo=UTC),
    datetime(2024, 11, 3, 6, 30, tzinfo=UTC),
)
_STATUSES = (("completed", 60), ("processing", 16), ("on-hold", 6), ("pending", 4), ("cancelled", 8), ("failed", 6))
_PAID = frozenset({"completed", "processing", "refunded", "shipped"})
_FIXED_STATUSES = {
    **dict.fromkeys(("refunded_by_line", "refunded_by_amount", "presentment", "other_total", "equal"), "completed"),
    **dict.fromkeys(("refunded", "refunded_twice", "refunded_unrecorded"), "refunded"),
    **dict.fromkeys(("authorized", "partially_paid"), "on-hold"),
    "other_status": "processing",
    "expired": "cancelled",
    "plugin_status": "shipped",
    "checkout_draft": "checkout-draft",
}
_USD, _EUR = Currency("USD", 2), Currency("EUR", 2)
_CURRENCIES = {"kwd": Currency("KWD", 3, 3), "jpy": Currency("JPY", 0), "eur": _EUR}
_PAYMENTS = (
    ("bacs", "Direct bank transfer"),
    ("cod", "Cash on delivery"),
    ("stripe", "Credit card <b>(Stripe)</b>"),
    ("paypal", "PayPal & friends"),
    ("cheque", "Check payments"),
)
_NOTES = ("", "", "", "", "Leave at the door", "Ring twice & wait")
_ODD_NOTES = (
    "=cmd|' /C calc'!A0",
    "<script>alert('note')</script><b>fragile</b>",
    "Gift for 𠮷田 🌷\nsecond line",
    'Path C:\\gifts\\new "quoted"',
)
_REASONS = ("", "Damaged in transit", "<i>Wrong size</i>", "Changed mind 🙂")


@dataclass(frozen=True, slots=True)
class SaleRefund:
    """Money given back: in minor units, of so many units of the order's first line, or of none."""

    amount: int
    reason: str
    at: datetime
    units: int = 0


@dataclass(frozen=True, slots=True)
class Sale:
    """One invented order. Amounts are minor units; `status` is WooCommerce's word."""

    index: int
    presence: Presence
    oddity: str
    buyer: Person
    has_account: bool
    email: str
    status: str
    created_at: datetime
    currency: Currency
    basket: Basket
    refunds: tuple[SaleRefund, ...]
    payment_method: str
    payment_title: str
    note: str
    style: int
    shopify_number: int
    keeps_number: bool

    @property
    def woo_id(self) -> int:
        """Return the order's id on WooCommerce; its refunds have the two ids that follow."""
        return _FIRST_WOO_ID + _WOO_ID_STEP * self.index

    @property
    def shopify_at(self) -> datetime:
        """Return when Shopify says that it was ordered: what another system books is booked some hours later."""
        is_late = self.style % 2 == 1 and not self.keeps_number
        return self.created_at + timedelta(minutes=self.style % 180) if is_late else self.created_at

    @property
    def paid_at(self) -> datetime | None:
        """Return when it was paid, if ever."""
        return self.created_at + timedelta(seconds=30 + self.style % 1_800) if self.status in _PAID else None

    @property
    def completed_at(self) -> datetime | None:
        """Return when it was completed, if ever."""
        is_completed = self.status in ("completed", "refunded")
        return self.created_at + timedelta(days=1 + self.style % 6, minutes=7) if is_completed else None

    @property
    def total(self) -> int:
        """Return what was charged, before refunds."""
        return self.basket.total

    @property
    def refunded(self) -> int:
        """Return what was given back on record."""
        return sum(refund.amount for refund in self.refunds)

    @property
    def name(self) -> str:
        """Return what Shopify calls the order: WooCommerce's number where it was once carried over, else its own."""
        return f"#{self.woo_id if self.keeps_number else self.shopify_number}"


def sale(seed: int, index: int, customers: int) -> Sale:
    """Return the order of that number, always the same for a seed; accounts are the first `customers` people."""
    presence = _presence(seed, index)
    oddity = _oddity(index, presence)
    # Three orders in a row are equal but for the hour: one customer, one day, one total.
    told = index - (index % _CYCLE - 10) if oddity == "equal" else index
    random = Random(f"{seed}:order:{told}")
    has_account = customers > 0 and random.random() < _ACCOUNT_SHARE
    buyer = person(seed, random.randrange(customers) if has_account else customers + told // 2)
    status = _FIXED_STATUSES.get(oddity) or random.choices(*zip(*_STATUSES, strict=True))[0]
    currency = _CURRENCIES.get(oddity, _USD)
    # A shop shows two decimals whatever the currency has, so none of its orders can have three.
    grain = 10 if oddity == "kwd" and presence != "shopify" else 1
    basket = fill_basket(random, oddity, currency, grain, untaxed_fees=presence != "woocommerce")
    created_at = _created_at(random, oddity, index, told)
    method, title = random.choice(_PAYMENTS)
    keeps_number = presence == "both" and Random(f"{seed}:number:{index}").random() < _KEPT_NUMBER_SHARE
    return Sale(
        index=index,
        presence=presence,
        oddity=oddity,
        buyer=buyer,
        has_account=has_account,
        email="" if oddity == "no_email" else buyer.email,
        status=status,
        created_at=created_at,
        currency=currency,
        basket=basket,
        refunds=_refunds(random, oddity, basket, created_at, grain),
        payment_method=method,
        payment_title=title,
        note=_note(random, oddity),
        style=random.randrange(1 << 16),
        shopify_number=_FIRST_NUMBER + _rank_on_shopify(seed, index),
        keeps_number=keeps_number,
    )


def _oddity(index: int, presence: Presence) -> str:
    oddity = "many_lines" if index == MANY_LINES_INDEX else ODDITIES.get(index % _CYCLE, "plain")
    return "plain" if oddity == "checkout_draft" and presence != "woocommerce" else oddity


def _presence(seed: int, index: int) -> Presence:
    """Spread orders: of twenty, eleven are on both stores, six on WooCommerce alone, three on Shopify."""
    if index == MANY_LINES_INDEX:
        return "woocommerce"
    place = (index * _PRESENCE_STEP + seed) % _SPREAD
    if place < _BOTH_OF_SPREAD:
        return "both"
    return "woocommerce" if place < _BOTH_OF_SPREAD + _WOO_OF_SPREAD else "shopify"


def _rank_on_shopify(seed: int, index: int) -> int:
    """Return how many orders before this one have a number of Shopify's series."""
    before = _ranks(seed % _SPREAD)
    return index // _SPREAD * before[-1] + before[index % _SPREAD]


@cache
def _ranks(shift: int) -> tuple[int, ...]:
    counts = [0]
    for index in range(_SPREAD):
        place = (index * _PRESENCE_STEP + shift) % _SPREAD
        counts.append(counts[-1] + (place < _BOTH_OF_SPREAD or place >= _BOTH_OF_SPREAD + _WOO_OF_SPREAD))
    return tuple(counts)


def _created_at(random: Random, oddity: str, index: int, told: int) -> datetime:
    moment = _OPENED_AT + timedelta(seconds=random.randrange(_OPEN_SECONDS))
    if oddity == "equal":
        return moment.replace(hour=8) + timedelta(hours=2 * (index - told), seconds=index - told)
    return _CLOCK_CHANGES[index // _CYCLE % len(_CLOCK_CHANGES)] if oddity == "clock_change" else moment


def _refunds(random: Random, oddity: str, basket: Basket, at: datetime, grain: int) -> tuple[SaleRefund, ...]:
    reason, days = random.choice(_REASONS), timedelta(days=random.randrange(3, 40))
    first: Amount = basket.lines[0].after
    match oddity:
        case "refunded":
            return (SaleRefund(basket.total, reason, at + days),)
        case "refunded_by_line":
            one = round_to(first.gross, basket.lines[0].quantity, grain)
            return (SaleRefund(one, reason, at + days, units=1),)
        case "refunded_by_amount":
            return (SaleRefund(round_to(basket.total, 3, grain), reason, at + days),)
        case "refunded_twice":
            half = round_to(basket.total, 2, grain)
            last = SaleRefund(basket.total - half, "", at + 2 * days)
            return (SaleRefund(half, reason, at + days), last)
        case _:
            return ()


def _note(random: Random, oddity: str) -> str:
    if oddity == "long_note":
        return "Please read all of this. " * 260
    return random.choice(_ODD_NOTES if oddity == "odd_note" else _NOTES)
