"""Lines, shipping and fees of a WooCommerce order in the domain's terms, exact to the cent.

Owns how net amounts and taxes of parts become amounts in the order's sense of tax. Must not know the order around
them.

Source: WooCommerce REST API v3, orders: line totals never include tax, whatever `prices_include_tax` says; they are
kept finer than the cent, and only their sum was charged.
"""

import html
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from crossdock.connectors.woocommerce.meta import meta_values
from crossdock.connectors.woocommerce.orders.rounding import rounded_to_sum
from crossdock.connectors.woocommerce.orders.wire import (
    PART_KEYS,
    PARTS_KEY,
    SKU_KEY,
    TAX_KEY,
    WireFee,
    WireLine,
    WireOrder,
    WireShipping,
    WireTaxLine,
    attributes_of,
    decimal_of,
)
from crossdock.domain.money import Money, total
from crossdock.domain.order import Fee, OrderLine, ShippingLine, TaxLine

_PERCENT = Decimal(100)
_UNNAMED_TAX = "Tax"

WirePart = WireLine | WireShipping | WireFee
Taxes = tuple[TaxLine, ...]


class _OwnTaxes(msgspec.Struct, frozen=True):
    taxes: list[tuple[str, str | None, str, bool]] = msgspec.field(
        default_factory=list[tuple[str, str | None, str, bool]]
    )
    subtotal_tax: str = "0"


def taxes_note(taxes: Taxes, subtotal_tax: Money) -> str:
    """Write down what taxes a part was charged, for `PARTS_KEY`."""
    rows = [(tax.title, None if tax.rate is None else str(tax.rate), str(tax.amount), tax.is_compound) for tax in taxes]
    return msgspec.json.encode(_OwnTaxes(rows, str(subtotal_tax))).decode()


def tax_fee_note(tax: TaxLine) -> str:
    """Write down which tax a fee line stands for, for `TAX_KEY`."""
    return msgspec.json.encode((tax.title, None if tax.rate is None else str(tax.rate), tax.is_compound)).decode()


def tax_of_fee(fee: WireFee, currency: str) -> TaxLine | None:
    """Turn a fee line that we wrote in place of a tax back into the tax; None of any other fee."""
    note = meta_values(fee.meta_data, (TAX_KEY,)).get(TAX_KEY)
    if note is None:
        return None
    amount = Money.of(decimal_of(fee.total), currency)
    try:
        title, rate, is_compound = msgspec.json.decode(note, type=tuple[str, str | None, bool])
        return TaxLine(title, amount, None if rate is None else Decimal(rate), is_compound)
    except (msgspec.DecodeError, InvalidOperation):
        return TaxLine(fee.name or _UNNAMED_TAX, amount)


class Parts:
    """The parts of one whole order. `is_own` tells that we made it, so that its parts may hold our notes on taxes."""

    def __init__(self, wire: WireOrder, *, is_own: bool, is_included: bool) -> None:
        self._currency = wire.currency or ""
        self._is_included = is_included
        fees = wire.fee_lines or []
        self._tax_fees = {fee.id: tax for fee in fees if is_own and (tax := tax_of_fee(fee, self._currency))}
        self._lines = wire.line_items or []
        self._shipping = wire.shipping_lines or []
        self._fees = [fee for fee in fees if fee.id not in self._tax_fees]
        self._notes = [meta_values(part.meta_data, PART_KEYS) for part in self._all]
        self._own = [_own_taxes(note) if is_own else _OwnTaxes() for note in self._notes]
        self.rates = {str(line.rate_id): line for line in wire.tax_lines or []}
        self._taxes = self._charged_taxes()
        self._amounts = self._charged_amounts(wire)

    @property
    def _all(self) -> list[WirePart]:
        return [*self._lines, *self._shipping, *self._fees]

    def taxes(self) -> Taxes:
        """Give the taxes of the whole order, one a rate."""
        held = tuple(_rate_tax(line, _tax_line_total(line, self._currency)) for line in self.rates.values())
        return held + tuple(self._tax_fees.values())

    def tax_fees_total(self) -> Money:
        """Add up the fee lines that stand for taxes."""
        return total((tax.amount for tax in self._tax_fees.values()), self._currency)

    def lines(self) -> tuple[OrderLine, ...]:
        """Give the line items."""
        has_taxes = any(self._taxes)
        return tuple(
            self._line(at, wire, is_taxable=not has_taxes or bool(self._taxes[at]))
            for at, wire in enumerate(self._lines)
        )

    def shipping(self) -> tuple[ShippingLine, ...]:
        """Give the shipping lines."""
        first = len(self._lines)
        return tuple(
            ShippingLine(
                title=html.unescape(wire.method_title or ""),
                price=self._amounts[at],
                id=str(wire.id),
                code=wire.method_id or "",
                taxes=self._taxes[at],
            )
            for at, wire in enumerate(self._shipping, first)
        )

    def fees(self) -> tuple[Fee, ...]:
        """Give the fees that are no taxes."""
        first = len(self._lines) + len(self._shipping)
        return tuple(
            Fee(html.unescape(wire.name or ""), self._amounts[at], str(wire.id), self._taxes[at])
            for at, wire in enumerate(self._fees, first)
        )

    def _line(self, at: int, wire: WireLine, *, is_taxable: bool) -> OrderLine:
        title, variant = _titles(wire)
        quantity = decimal_of(wire.quantity)
        if quantity != quantity.to_integral_value():
            # Plugins sell by weight; the domain, like Shopify, counts.
            title, quantity = f"{title} ({quantity:f})", Decimal(1)
        return OrderLine(
            title=title,
            quantity=int(quantity),
            subtotal=self._subtotal(at, wire),
            total=self._amounts[at],
            id=str(wire.id),
            sku=wire.sku or self._notes[at].get(SKU_KEY, ""),
            variant_title=variant,
            product_id=str(wire.product_id or ""),
            variant_id=str(wire.variation_id or ""),
            is_taxable=is_taxable,
            taxes=self._taxes[at],
            attributes=attributes_of(wire.meta_data),
        )

    def _subtotal(self, at: int, wire: WireLine) -> Money:
        if decimal_of(wire.subtotal) == decimal_of(wire.total) and not self._own[at].taxes:
            return self._amounts[at]
        exact = decimal_of(wire.subtotal)
        if self._is_included:
            exact += decimal_of(wire.subtotal_tax) + decimal_of(self._own[at].subtotal_tax)
        return Money.of(exact, self._currency)

    def _charged_taxes(self) -> list[Taxes]:
        """Give each part's taxes, rounded so that those of a rate add up to what the order says of it."""
        shares: list[list[TaxLine]] = [self._noted_taxes(own) for own in self._own]
        rates: dict[str, dict[int, Decimal]] = {}
        for at, part in enumerate(self._all):
            for tax in part.taxes:
                rates.setdefault(str(tax.id), {})[at] = decimal_of(tax.total)
        for rate, by_part in rates.items():
            line = self.rates.get(rate)
            exact = list(by_part.values())
            whole = (
                Money.of(sum(exact, Decimal(0)), self._currency)
                if line is None
                else _tax_line_total(line, self._currency)
            )
            for at, money in zip(by_part, rounded_to_sum(exact, whole), strict=True):
                if money.amount:
                    shares[at].append(_rate_tax(line, money))
        return [tuple(taxes) for taxes in shares]

    def _noted_taxes(self, own: _OwnTaxes) -> list[TaxLine]:
        return [
            TaxLine(title, Money.of(amount, self._currency), None if rate is None else Decimal(rate), is_compound)
            for title, rate, amount, is_compound in own.taxes
        ]

    def _charged_amounts(self, wire: WireOrder) -> list[Money]:
        """Give what was charged for each part, in the order's sense of tax, rounded so that the order's total holds."""
        exact: list[Decimal] = []
        for part, taxes, own in zip(self._all, self._taxes, self._own, strict=True):
            amount = decimal_of(part.total)
            if self._is_included:
                amount += decimal_of(part.total_tax)
                amount += sum((tax.amount.amount for tax in taxes if own.taxes), Decimal(0))
            exact.append(amount)
        whole = Money.of(decimal_of(wire.total), self._currency)
        if not self._is_included:
            whole -= self.tax_fees_total() + Money.of(decimal_of(wire.total_tax), self._currency)
        return rounded_to_sum(exact, whole)


def _own_taxes(notes: Mapping[str, str]) -> _OwnTaxes:
    """Read our note; one that somebody has changed counts for nothing."""
    try:
        own = msgspec.json.decode(notes.get(PARTS_KEY, "{}"), type=_OwnTaxes)
        for _, rate, amount, _ in own.taxes:
            decimal_of(rate)
            decimal_of(amount)
        decimal_of(own.subtotal_tax)
    except (msgspec.DecodeError, InvalidOperation):
        return _OwnTaxes()
    return own


def _tax_line_total(line: WireTaxLine, currency: str) -> Money:
    return Money.of(decimal_of(line.tax_total) + decimal_of(line.shipping_tax_total), currency)


def _rate_tax(line: WireTaxLine | None, amount: Money) -> TaxLine:
    if line is None:
        return TaxLine(_UNNAMED_TAX, amount)
    rate = None if line.rate_percent is None else decimal_of(line.rate_percent) / _PERCENT
    return TaxLine(html.unescape(line.label or line.rate_code or _UNNAMED_TAX), amount, rate, bool(line.compound))


def _titles(wire: WireLine) -> tuple[str, str]:
    """Take a variation's name apart: WooCommerce joins the product's name and the options with a dash."""
    name, parent = html.unescape(wire.name or ""), html.unescape(wire.parent_name or "")
    joined = f"{parent} - "
    if parent and name.startswith(joined) and len(name) > len(joined):
        return parent, name[len(joined) :]
    return name, ""


def comparable_count(lines: Sequence[WireLine], fees: Sequence[WireFee]) -> int:
    """Count positions as the other platform would hold them: lines of some units, and surcharges that are no taxes."""
    surcharges = [fee for fee in fees if decimal_of(fee.total) > 0 and not _is_tax(fee)]
    return sum(1 for line in lines if decimal_of(line.quantity) > 0) + len(surcharges)


def _is_tax(fee: WireFee) -> bool:
    notes: Mapping[str, Any] = meta_values(fee.meta_data, (TAX_KEY,))
    return TAX_KEY in notes
