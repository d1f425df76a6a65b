"""Figures: the amounts of one record by which a migration is reconciled.

Owns the value and its form as JSON. It must not know what the amounts mean to a platform.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from crossdock.domain.money import Money


@dataclass(frozen=True, slots=True)
class Figures:
    """Amounts of one currency by name: `gross`, `tax`, `shipping`, `discount`, `refund`."""

    currency: str
    amounts: Mapping[str, Money]

    def to_json(self) -> dict[str, str]:
        """Write the figures as texts, exact to the currency's decimals."""
        return {"currency": self.currency, **{name: str(money) for name, money in self.amounts.items()}}

    @classmethod
    def from_json(cls, values: Mapping[str, str]) -> Self:
        """Read what `to_json` wrote."""
        currency = values["currency"]
        amounts = {name: Money.of(text, currency) for name, text in values.items() if name != "currency"}
        return cls(currency, amounts)
