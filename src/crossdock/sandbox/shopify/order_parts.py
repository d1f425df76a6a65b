"""The parts that an order is made of: taxes, discounts, lines, shipping. Must not know the order that they belong to.

Attribute names are the API's field names in snake case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar

from crossdock.sandbox.shopify.money_bag import MoneyBag, add_up, spread
from crossdock.sandbox.shopify.records import gid


@dataclass(slots=True, frozen=True)
class TaxLine:
    """A tax as charged."""

    title: str
    rate: Decimal
    price_set: MoneyBag
    channel_liable: ClassVar[bool] = False
    source: ClassVar[str | None] = None

    @property
    def rate_percentage(self) -> Decimal:
        """Answer the rate in per cent."""
        return self.rate * 100

    def plus(self, amount: MoneyBag) -> "TaxLine":
        """Answer the same tax with more on it."""
        return replace(self, price_set=self.price_set + amount)


@dataclass(slots=True, frozen=True)
class DiscountValue:
    """What a discount is worth: money, or a share in per cent where there is no currency."""

    amount: Decimal
    currency_code: str | None = None

    @property
    def typename(self) -> str:
        """Name the type of the union's member."""
        return "PricingPercentageValue" if self.currency_code is None else "MoneyV2"

    @property
    def percentage(self) -> Decimal:
        """Answer the share in per cent."""
        return self.amount


@dataclass(slots=True, frozen=True)
class Discount:
    """A discount of an order. One with a code, and one `across` the lines, is no discount of a line (reference §6)."""

    index: int
    value: DiscountValue
    code: str | None = None
    title: str = ""
    description: str | None = None
    target_type: str = "LINE_ITEM"
    allocation_method: str = "ACROSS"
    target_selection: ClassVar[str] = "ALL"

    @property
    def typename(self) -> str:
        """Name the type that implements the interface."""
        return "ManualDiscountApplication" if self.code is None else "DiscountCodeApplication"

    @property
    def is_of_line(self) -> bool:
        """Tell whether the lines' own totals show it."""
        return self.code is None and self.allocation_method == "EACH"


@dataclass(slots=True, frozen=True)
class Allocation:
    """What a discount takes off one line."""

    amount: MoneyBag
    discount_application: Discount

    @property
    def allocated_amount_set(self) -> MoneyBag:
        """Answer the amount."""
        return self.amount


@dataclass(slots=True, frozen=True)
class OrderLine:
    """A position of an order; `original_unit_price_set` is before discounts."""

    typename: ClassVar[str] = "LineItem"
    number: int
    title: str
    quantity: int
    original_unit_price_set: MoneyBag
    current_quantity: int
    sku: str | None = None
    variant_title: str | None = None
    vendor: str | None = None
    variant_number: int | None = None
    product_number: int | None = None
    requires_shipping: bool = False
    taxable: bool = True
    is_gift_card: bool = False
    tax_lines: tuple[TaxLine, ...] = ()
    discount_allocations: tuple[Allocation, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """Answer the global id."""
        return f"gid://shopify/LineItem/{self.number}"

    @property
    def name(self) -> str:
        """Answer the title with the variant's."""
        return f"{self.title} - {self.variant_title}" if self.variant_title else self.title

    @property
    def custom_attributes(self) -> list[Mapping[str, str]]:
        """Answer the properties as objects."""
        return [{"key": key, "value": value} for key, value in self.attributes]

    @property
    def original_total_set(self) -> MoneyBag:
        """Answer all units before discounts."""
        return self.original_unit_price_set * self.quantity

    @property
    def total_discount_set(self) -> MoneyBag:
        """Answer the discounts of the line itself: neither codes nor those across the order."""
        own = (part.amount for part in self.discount_allocations if part.discount_application.is_of_line)
        return add_up(own, self.original_unit_price_set * 0)

    @property
    def final_total(self) -> MoneyBag:
        """Answer all units after every discount."""
        taken = add_up((part.amount for part in self.discount_allocations), self.original_unit_price_set * 0)
        return self.original_total_set - taken

    @property
    def discounted_unit_price_set(self) -> MoneyBag:
        """Answer a unit after the line's own discounts."""
        return (self.original_total_set - self.total_discount_set).share(1, self.quantity)

    @property
    def discounted_unit_price_after_all_discounts_set(self) -> MoneyBag:
        """Answer a unit after every discount."""
        return self.final_total.share(1, self.quantity)

    @property
    def refundable_quantity(self) -> int:
        """Count the units that can be given back."""
        return self.current_quantity

    @property
    def unfulfilled_quantity(self) -> int:
        """Count the units left; fulfillments cover whole orders here, so the order's status says more."""
        return self.current_quantity


@dataclass(slots=True, frozen=True)
class ShippingLine:
    """How an order is sent; `original_price_set` is before discounts."""

    number: int
    title: str
    original_price_set: MoneyBag
    code: str | None = None
    source: str | None = None
    tax_lines: tuple[TaxLine, ...] = ()
    discount_allocations: tuple[Allocation, ...] = ()
    custom: bool = False
    is_removed: ClassVar[bool] = False

    @property
    def id(self) -> str:
        """Answer the global id."""
        return gid("ShippingLine", self.number)

    @property
    def discounted_price_set(self) -> MoneyBag:
        """Answer the price after discounts."""
        taken = add_up((part.amount for part in self.discount_allocations), self.original_price_set * 0)
        return self.original_price_set - taken

    @property
    def current_discounted_price_set(self) -> MoneyBag:
        """Answer the price after discounts; refunds are told by the order."""
        return self.discounted_price_set


def spread_taxes(taxes: Sequence[TaxLine], lines: tuple[OrderLine, ...]) -> tuple[OrderLine, ...]:
    """Spread tax lines over the taxable lines, in proportion to what these cost."""
    weights = [line.final_total.shop if line.taxable else Decimal(0) for line in lines]
    parts = [(tax, spread(tax.price_set, weights)) for tax in taxes]
    return tuple(
        replace(line, tax_lines=tuple(replace(tax, price_set=shares[index]) for tax, shares in parts))
        if weights[index]
        else line
        for index, line in enumerate(lines)
    )
