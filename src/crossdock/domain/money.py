"""Money: an exact amount in one currency.

Owns exponents, rounding and arithmetic. It must not know prices, taxes or what an amount is for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Self

from babel.numbers import get_currency_precision

from crossdock.domain.errors import UnmappableValueError


@lru_cache(maxsize=256)
def exponent(currency: str) -> int:
    """Give the number of decimals of an ISO 4217 currency (0 for JPY, 3 for KWD; 2 where the code is unknown)."""
    return int(get_currency_precision(currency))


def _finite(amount: str | int | Decimal) -> Decimal:
    value = Decimal(amount)
    if not value.is_finite():
        raise InvalidOperation
    return value


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in major units, always at the currency's exponent, so that equal money is an equal value."""

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> Self:
        """Read an amount and round it half up to the currency's exponent.

        Raises:
            UnmappableValueError: `amount` is no finite decimal number.
        """
        try:
            value = _finite(amount)
            quantum = Decimal(1).scaleb(-exponent(currency))
            return cls(value.quantize(quantum, rounding=ROUND_HALF_UP), currency)
        except InvalidOperation as error:
            raise UnmappableValueError("amount_invalid", f"“{amount}” is not an amount of money.") from error

    def __add__(self, other: "Money") -> "Money":
        self._check(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._check(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __str__(self) -> str:
        return f"{self.amount:f}"

    def _check(self, other: "Money") -> None:
        if other.currency != self.currency:
            raise UnmappableValueError(
                "currency_mismatch", f"{self.currency} and {other.currency} can't be added; convert neither."
            )


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Add amounts of one currency; the sum of none is zero."""
    result = Money.of(0, currency)
    for amount in amounts:
        result += amount
    return result
