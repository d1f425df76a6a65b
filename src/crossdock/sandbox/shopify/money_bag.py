"""An amount in the shop's currency beside the same amount as the customer saw it. Must not know what it pays for.

Source: reference §4.1 (MoneyBagInput) and §4.2 (both kept side by side in every total).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.numbers import get_currency_precision

from crossdock.sandbox.shopify.records import Wire

ZERO = Decimal(0)


@lru_cache(maxsize=256)
def _quantum(currency: str) -> Decimal:
    return Decimal(1).scaleb(-int(get_currency_precision(currency)))


def round_money(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the currency's minor unit."""
    return amount.quantize(_quantum(currency), rounding=ROUND_HALF_UP)


@dataclass(slots=True, frozen=True)
class MoneyBag:
    """One amount in two currencies, which are the same one where the customer paid in the shop's."""

    shop: Decimal
    currency: str
    presentment: Decimal
    presentment_currency: str

    @property
    def shop_money(self) -> Mapping[str, Wire]:
        """Answer the amount in the shop's currency."""
        return {"amount": self.shop, "currencyCode": self.currency}

    @property
    def presentment_money(self) -> Mapping[str, Wire]:
        """Answer the amount in the customer's currency."""
        return {"amount": self.presentment, "currencyCode": self.presentment_currency}

    def of(self, shop: Decimal, presentment: Decimal | None = None) -> "MoneyBag":
        """Answer another amount in the same currencies, both rounded to their minor units."""
        shown = shop if presentment is None else presentment
        return MoneyBag(
            round_money(shop, self.currency),
            self.currency,
            round_money(shown, self.presentment_currency),
            self.presentment_currency,
        )

    def share(self, part: Decimal | int, whole: Decimal | int) -> "MoneyBag":
        """Answer `part` of `whole` of this amount; none of nothing."""
        if not whole:
            return self.of(ZERO)
        return self.of(self.shop * part / whole, self.presentment * part / whole)

    def __add__(self, other: "MoneyBag") -> "MoneyBag":
        shop, shown = self.shop + other.shop, self.presentment + other.presentment
        return MoneyBag(shop, self.currency, shown, self.presentment_currency)

    def __sub__(self, other: "MoneyBag") -> "MoneyBag":
        shop, shown = self.shop - other.shop, self.presentment - other.presentment
        return MoneyBag(shop, self.currency, shown, self.presentment_currency)

    def __mul__(self, times: int) -> "MoneyBag":
        return MoneyBag(self.shop * times, self.currency, self.presentment * times, self.presentment_currency)

    def __bool__(self) -> bool:
        return bool(self.shop or self.presentment)


def no_money(currency: str, presentment_currency: str | None = None) -> MoneyBag:
    """Answer nothing, in those currencies."""
    return MoneyBag(ZERO, currency, ZERO, presentment_currency or currency)


def add_up(bags: Iterable[MoneyBag], zero: MoneyBag) -> MoneyBag:
    """Add amounts of one pair of currencies."""
    total = zero
    for bag in bags:
        total += bag
    return total


def spread(whole: MoneyBag, weights: Sequence[Decimal]) -> list[MoneyBag]:
    """Split an amount in proportion; what rounding leaves over goes to the last part that has a weight."""
    total = sum(weights, ZERO)
    parts = [whole.share(weight, total) for weight in weights]
    weighted = [index for index, weight in enumerate(weights) if weight]
    if weighted:
        rest = whole - add_up(parts, whole.of(ZERO))
        parts[weighted[-1]] += rest
    return parts
