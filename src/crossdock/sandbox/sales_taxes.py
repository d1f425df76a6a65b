"""Own the sums of invented orders: amounts with their taxes, and the ways a shop can charge them.

Amounts are whole minor units of their currency; `grain` is how many of them a shop's smallest price step has. Knows no
order and no store.
"""

from dataclasses import dataclass

_WHOLE = 100_000
"""A hundred per cent, in thousandths of a per cent."""


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency: its decimals, and how many minor units a cent of the catalogue's prices becomes."""

    code: str
    exponent: int
    units_per_cent: int = 1


@dataclass(frozen=True, slots=True)
class Rate:
    """A tax rate in thousandths of a per cent; a compound one is charged on the taxes before it as well."""

    id: int
    code: str
    label: str
    thousandths: int
    is_compound: bool = False


@dataclass(frozen=True, slots=True)
class Regime:
    """How a shop charges taxes: by which rates, within its prices or on top, and whether on shipping too."""

    rates: tuple[Rate, ...] = ()
    is_included: bool = False
    is_on_shipping: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount without taxes, and its tax by each rate of the regime."""

    net: int
    taxes: tuple[int, ...] = ()

    @property
    def tax(self) -> int:
        """Return all taxes."""
        return sum(self.taxes)

    @property
    def gross(self) -> int:
        """Return what is paid."""
        return self.net + self.tax


UNTAXED = Regime()
COMPOUND = Regime(
    (Rate(5, "CA-QC-GST-1", "GST", 5_000), Rate(6, "CA-QC-QST-2", "QST", 9_975, is_compound=True)),
    is_on_shipping=True,
)
REGIMES: tuple[tuple[Regime, int], ...] = (
    (UNTAXED, 30),
    (Regime((Rate(1, "US-TX-SALES TAX-1", "Sales tax", 8_250),)), 20),
    (Regime((Rate(2, "US-STATE-1", "State tax", 6_250), Rate(3, "US-COUNTY-2", "County & city tax", 1_500))), 10),
    (Regime((Rate(4, "DE-VAT-1", "VAT", 19_000),), is_included=True, is_on_shipping=True), 25),
    (Regime((Rate(7, "GB-VAT-1", "VAT", 20_000),), is_on_shipping=True), 10),
    (COMPOUND, 5),
)
"""The regimes, and how many of a hundred orders are charged by each."""


def amount_of(price: int, regime: Regime, grain: int, *, is_taxable: bool = True) -> Amount:
    """Return what a price in the regime's sense comes to: without taxes, and by rate, each rounded half up."""
    if not regime.rates or not is_taxable:
        return Amount(price, (0,) * len(regime.rates))
    if not regime.is_included:
        return Amount(price, _taxes_on(price, regime.rates, grain))
    share = sum(rate.thousandths for rate in regime.rates)
    net = round_to(price * _WHOLE, _WHOLE + share, grain)
    taxes = [round_to(net * rate.thousandths, _WHOLE, grain) for rate in regime.rates[:-1]]
    return Amount(net, (*taxes, price - net - sum(taxes)))


def round_to(dividend: int, divisor: int, grain: int = 1) -> int:
    """Return the quotient rounded half up, away from zero, to a multiple of the grain."""
    sign = -1 if dividend < 0 else 1
    step = divisor * grain
    return sign * ((2 * abs(dividend) + step) // (2 * step)) * grain


def _taxes_on(net: int, rates: tuple[Rate, ...], grain: int) -> tuple[int, ...]:
    taxes: list[int] = []
    for rate in rates:
        base = net + sum(taxes) if rate.is_compound else net
        taxes.append(round_to(base * rate.thousandths, _WHOLE, grain))
    return tuple(taxes)
