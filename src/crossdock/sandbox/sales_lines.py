"""Own what was bought in an invented order: lines, shipping, fees and coupons, and what each came to.

Knows neither who bought it nor any store.
"""

from dataclasses import dataclass
from random import Random

from crossdock.sandbox.catalogue import Variant, variants
from crossdock.sandbox.sales_taxes import COMPOUND, REGIMES, UNTAXED, Amount, Currency, Regime, amount_of, round_to

_MANY_LINES = 260
_COUPON_SHARE, _FEE_SHARE, _ENGRAVED_SHARE, _LOST_SHARE = 0.15, 0.04, 0.12, 0.04
_SHIPPINGS = (
    ("Flat rate", "flat_rate", 595),
    ("Express <b>24h</b>", "flat_rate", 1495),
    ("Free shipping", "free_shipping", 0),
    None,
)
_COUPONS = ("welcome10", "summer-2019", "été", "vip & friends")
_NO_LONGER_SOLD = (("Shirt “Spring 2018”", "OLD-SHIRT-1"), ("Discontinued <em>gift set</em>", ""))
_ENGRAVINGS = ("For Ada", "<3", "=SUM(A1)", "Åse & Per 🎁")


@dataclass(frozen=True, slots=True)
class SaleLine:
    """A position: `before` and `after` discounts, of all units. `variant` is None for what is no longer sold."""

    variant: Variant | None
    title: str
    quantity: int
    before: Amount
    after: Amount
    sku: str = ""
    engraving: str = ""

    @property
    def size(self) -> str:
        """Return which size it was, or empty."""
        return self.variant.size if self.variant else ""


@dataclass(frozen=True, slots=True)
class SaleShipping:
    """How it was sent, and for how much."""

    title: str
    method: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class Basket:
    """All that was bought at once. `fees` are titles and amounts, negative ones reductions."""

    regime: Regime
    lines: tuple[SaleLine, ...]
    shipping: SaleShipping | None
    fees: tuple[tuple[str, Amount], ...]
    coupons: tuple[str, ...]

    @property
    def total(self) -> int:
        """Return what is paid for all of it, in minor units."""
        sent = self.shipping.amount.gross if self.shipping else 0
        return sum(line.after.gross for line in self.lines) + sum(fee.gross for _, fee in self.fees) + sent


@dataclass(frozen=True, slots=True)
class _Till:
    """What every price of one order is rung up with."""

    random: Random
    oddity: str
    currency: Currency
    grain: int
    regime: Regime

    def price(self, cents: int) -> int:
        """Return a price of the catalogue in minor units of the currency."""
        return round_to(cents * self.currency.units_per_cent, 1, self.grain)

    def amount(self, price: int, *, is_taxable: bool = True) -> Amount:
        """Return what a price comes to."""
        return amount_of(price, self.regime, self.grain, is_taxable=is_taxable)


def fill_basket(random: Random, oddity: str, currency: Currency, grain: int, *, untaxed_fees: bool) -> Basket:
    """Return what somebody bought; `untaxed_fees` for orders that a store without fees must be able to hold."""
    till = _Till(random, oddity, currency, grain, _regime(random, oddity))
    coupons = _coupons(random, oddity)
    percent = 100 if oddity == "no_total" else 10 * len(coupons)
    lines = tuple(_line(till, percent, place) for place in range(_line_count(random, oddity)))
    if oddity == "no_units":
        nothing = till.amount(0)
        lines = (*lines, SaleLine(variants()[0], "Mug Classic", 0, nothing, nothing, variants()[0].sku))
    return Basket(
        regime=till.regime,
        lines=lines,
        shipping=_shipping(till),
        fees=_fees(till, sum(line.after.net for line in lines), is_taxable=not untaxed_fees),
        coupons=coupons,
    )


def _regime(random: Random, oddity: str) -> Regime:
    regimes, weights = zip(*REGIMES, strict=True)
    drawn = random.choices(regimes, weights)[0]
    if oddity == "compound_tax":
        return COMPOUND
    return UNTAXED if oddity == "jpy" else drawn


def _coupons(random: Random, oddity: str) -> tuple[str, ...]:
    if oddity in ("two_coupons", "no_total"):
        return _COUPONS[:2]
    return (random.choice(_COUPONS),) if random.random() < _COUPON_SHARE else ()


def _line_count(random: Random, oddity: str) -> int:
    drawn = random.choices((1, 2, 3, 4, 7), (40, 30, 15, 10, 5))[0]
    return _MANY_LINES if oddity == "many_lines" else drawn


def _line(till: _Till, percent: int, place: int) -> SaleLine:
    random = till.random
    variant = random.choice(variants())
    quantity = random.choices((1, 2, 3, 12), (60, 25, 12, 3))[0]
    is_lost = random.random() < _LOST_SHARE or (till.oddity == "deleted_product" and place == 0)
    before = till.price(variant.product.price_cents) * quantity
    if till.oddity == "uneven_lines":
        quantity, before = 3, till.price(variant.product.price_cents) * 3 + till.grain
    is_taxable = variant.product.is_taxable
    after = before - round_to(before * percent, 100, till.grain)
    amounts = till.amount(before, is_taxable=is_taxable), till.amount(after, is_taxable=is_taxable)
    engraving = random.choice(_ENGRAVINGS) if random.random() < _ENGRAVED_SHARE else ""
    if is_lost:
        title, sku = random.choice(_NO_LONGER_SOLD)
        return SaleLine(None, title, quantity, *amounts, sku, engraving)
    return SaleLine(variant, variant.product.title, quantity, *amounts, variant.sku, engraving)


def _shipping(till: _Till) -> SaleShipping | None:
    drawn = till.random.choices(_SHIPPINGS, (50, 20, 15, 15))[0]
    if drawn is None or till.oddity == "no_total":
        return None
    title, method, cents = drawn
    return SaleShipping(title, method, till.amount(till.price(cents), is_taxable=till.regime.is_on_shipping))


def _fees(till: _Till, goods: int, *, is_taxable: bool) -> tuple[tuple[str, Amount], ...]:
    is_wanted = till.random.random() < _FEE_SHARE and till.oddity not in ("no_total", "equal")
    if till.oddity == "negative_fee":
        reduction = min(till.price(300), round_to(goods, 2, till.grain))
        return (("Loyalty discount", till.amount(-reduction, is_taxable=is_taxable)),)
    if till.oddity == "positive_fee" or is_wanted:
        return (("Gift wrap & card", till.amount(till.price(250), is_taxable=is_taxable)),)
    return ()
