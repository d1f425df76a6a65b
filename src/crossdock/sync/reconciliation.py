"""Reconciliation: what was migrated, added up on both sides, by currency and to the cent.

Owns the sums. It must not know what the amounts are called, or where they were read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from crossdock.domain.figures import Figures
from crossdock.domain.money import Money


@dataclass(slots=True)
class _Sums:
    records: int = 0
    source: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    destination: dict[str, Decimal] = field(default_factory=dict[str, Decimal])


def reconcile(figures: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Add up the figures of records, each `{"source": …, "destination": …}`; one line for each currency of the source.

    A destination that holds a record in another currency has a line of its own, so that nothing is added across.
    """
    sums: dict[str, _Sums] = {}
    for pair in figures:
        source, destination = Figures.from_json(pair["source"]), Figures.from_json(pair["destination"])
        line = sums.setdefault(source.currency, _Sums())
        line.records += 1
        _add(line.source, source)
        other = line if destination.currency == source.currency else sums.setdefault(destination.currency, _Sums())
        _add(other.destination, destination)
    return [_line(currency, sums[currency]) for currency in sorted(sums)]


def _add(sums: dict[str, Decimal], figures: Figures) -> None:
    for name, money in figures.amounts.items():
        sums[name] = sums.get(name, Decimal(0)) + money.amount


def _line(currency: str, sums: _Sums) -> dict[str, Any]:
    names = list(dict.fromkeys((*sums.source, *sums.destination)))

    def text(amount: Decimal) -> str:
        return str(Money.of(amount, currency))

    source = {name: sums.source.get(name, Decimal(0)) for name in names}
    destination = {name: sums.destination.get(name, Decimal(0)) for name in names}
    return {
        "currency": currency,
        "records": sums.records,
        "source": {name: text(amount) for name, amount in source.items()},
        "destination": {name: text(amount) for name, amount in destination.items()},
        "difference": {name: text(destination[name] - source[name]) for name in names},
    }
