"""Own the tax engine: which rates apply where, and what they take of a line (reference §5.5).

Knows no request. Lines are always priced without tax. Rates are flat per country; a compound one is taken of the price
with the taxes before it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crossdock.sandbox.woocommerce.amounts import decimal, plain, rounded
from crossdock.sandbox.woocommerce.ledger.order import ADDRESS_FIELDS, SHIPPING_ADDRESS_FIELDS, Order, TaxLine, TaxShare

TAX_CLASSES = ("", "reduced-rate", "zero-rate")
_NO_TAX_CLASS = "0"


@dataclass(frozen=True, slots=True)
class TaxRate:
    """One rate of a store; `percent` is decimal text, `country` empty for everywhere, `shipping` taxes shipping too."""

    id: int
    country: str
    percent: str
    name: str = "VAT"
    compound: bool = False
    shipping: bool = True
    tax_class: str = ""
    priority: int = 1

    @property
    def code(self) -> str:
        """Return the code by which an order's tax line names the rate."""
        return "-".join(filter(None, (self.country, self.name.upper(), str(self.priority))))


@dataclass(frozen=True, slots=True)
class TaxRules:
    """What of a store decides about tax: whether it is on, its rates, its base country, its decimals."""

    is_on: bool
    rates: Sequence[TaxRate]
    base_country: str
    places: int

    def rates_for(self, order: Order) -> list[TaxRate]:
        """Return the rates of an order's address: shipping, else billing, else the store's base; none if exempt."""
        if not self.is_on or order.meta_value("is_vat_exempt") == "yes":
            return []
        country = (
            order.shipping[SHIPPING_ADDRESS_FIELDS.index("country")]
            or order.billing[ADDRESS_FIELDS.index("country")]
            or self.base_country
        )
        return self.rates_in(country)

    def rates_in(self, country: str) -> list[TaxRate]:
        """Return a country's rates, those that compound last."""
        found = [rate for rate in self.rates if rate.country in ("", country)]
        return sorted(found, key=lambda rate: (rate.compound, rate.priority, rate.id))

    def net_price(self, price: Decimal, tax_class: str) -> Decimal:
        """Return a catalogue price that includes the base country's tax without it."""
        rates = [rate for rate in self.rates_in(self.base_country) if rate.tax_class == tax_class]
        gross = Decimal(1) + sum(taxes_of(Decimal(1), rates).values()) if self.is_on else Decimal(1)
        return price / gross


def taxes_of(price: Decimal, rates: Iterable[TaxRate]) -> dict[int, Decimal]:
    """Return what each rate takes of a price; compounding ones come last and see what was taken before."""
    taken: dict[int, Decimal] = {}
    for rate in rates:
        base = price + sum(taken.values()) if rate.compound else price
        taken[rate.id] = base * decimal(rate.percent) / 100
    return taken


def calculate_taxes(order: Order, rules: TaxRules, next_item_id: Iterable[int]) -> None:
    """Tax every line, fee and shipping line anew, and make the order's tax lines and tax sums of it."""
    rates = rules.rates_for(order)
    places = rules.places
    for line in order.lines:
        fitting = _fitting(rates, line.tax_class)
        totals, subtotals = taxes_of(decimal(line.total), fitting), taxes_of(decimal(line.subtotal), fitting)
        line.taxes = [TaxShare(rate.id, plain(totals[rate.id]), plain(subtotals[rate.id])) for rate in fitting]
        line.total_tax, line.subtotal_tax = _sum(totals.values(), places), _sum(subtotals.values(), places)
    for shipping in order.shipping_lines:
        taken = taxes_of(decimal(shipping.total), [rate for rate in _fitting(rates, "") if rate.shipping])
        shipping.taxes, shipping.total_tax = _shares(taken), _sum(taken.values(), places)
    for fee in order.fees:
        if decimal(fee.total) < 0:
            taken = _apportioned(order, decimal(fee.total), rates)
        elif fee.tax_status == "taxable":
            taken = taxes_of(decimal(fee.total), _fitting(rates, fee.tax_class))
        else:
            taken = {}
        fee.taxes, fee.total_tax = _shares(taken), _sum(taken.values(), places)
    _collect(order, rates, places, next_item_id)


def _fitting(rates: list[TaxRate], tax_class: str) -> list[TaxRate]:
    return [] if tax_class == _NO_TAX_CLASS else [rate for rate in rates if rate.tax_class == tax_class]


def _apportioned(order: Order, total: Decimal, rates: list[TaxRate]) -> dict[int, Decimal]:
    """Return the negative tax of a negative fee, spread over what is taxed, whatever the fee's own tax status says."""
    costs: dict[str, Decimal] = {}
    for line in (*order.lines, *order.shipping_lines, *order.fees):
        amount = decimal(line.total)
        if amount >= 0:
            is_taxed = getattr(line, "tax_status", "taxable") == "taxable"
            name = str(getattr(line, "tax_class", "")) if is_taxed else _NO_TAX_CLASS
            costs[name] = costs.get(name, Decimal(0)) + amount
    whole = sum(costs.values())
    taken: dict[int, Decimal] = {}
    for name, cost in costs.items() if whole else ():
        for rate_id, tax in taxes_of(total * cost / whole, _fitting(rates, name)).items():
            taken[rate_id] = taken.get(rate_id, Decimal(0)) + tax
    return taken


def _shares(taken: dict[int, Decimal]) -> list[TaxShare]:
    return [TaxShare(rate_id, plain(tax)) for rate_id, tax in taken.items()]


def _sum(taxes: Iterable[Decimal], places: int) -> str:
    """Return the sum of taxes, each rounded first: the store rounds per line, not at the subtotal."""
    return str(sum((rounded(tax, places) for tax in taxes), Decimal(0)))


def _collect(order: Order, rates: list[TaxRate], places: int, next_item_id: Iterable[int]) -> None:
    kept, ids = {line.rate_id: line for line in order.taxes}, iter(next_item_id)
    order.taxes = []
    for rate in rates:
        cart = _of_rate(rate.id, (*order.lines, *order.fees), places)
        shipping = _of_rate(rate.id, order.shipping_lines, places)
        if cart is None and shipping is None:
            continue
        old = kept.get(rate.id)
        order.taxes.append(
            TaxLine(
                id=old.id if old else next(ids),
                rate_code=rate.code,
                rate_id=rate.id,
                label=rate.name,
                compound=rate.compound,
                tax_total=str(cart or 0),
                shipping_tax_total=str(shipping or 0),
                rate_percent=float(rate.percent),
            ),
        )
    order.cart_tax = str(sum((decimal(line.tax_total) for line in order.taxes), Decimal(0)))
    order.shipping_tax = str(sum((decimal(line.shipping_tax_total) for line in order.taxes), Decimal(0)))
    order.total_tax = str(decimal(order.cart_tax) + decimal(order.shipping_tax))


def _of_rate(rate_id: int, lines: Iterable[object], places: int) -> Decimal | None:
    """Return what a rate took of some lines, rounded line by line; None where it applied to none of them."""
    shares = [share for line in lines for share in getattr(line, "taxes", list[TaxShare]()) if share.rate_id == rate_id]
    return sum((rounded(decimal(share.total), places) for share in shares), Decimal(0)) if shares else None
