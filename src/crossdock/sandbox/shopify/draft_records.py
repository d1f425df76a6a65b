"""Draft orders of the Shopify sandbox, their lines and the totals that follow. Must not know inputs or requests.

Attribute names are the API's field names in snake case. Source: reference §5.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from crossdock.sandbox.shopify.money_bag import MoneyBag, add_up, no_money
from crossdock.sandbox.shopify.order_parts import ShippingLine, TaxLine
from crossdock.sandbox.shopify.records import Address, Metafield, Wire, gid


@dataclass(slots=True, frozen=True)
class DraftDiscount:
    """A discount of a draft or of one of its lines, and what it takes off there."""

    value: Decimal
    value_type: str
    amount_set: MoneyBag
    title: str | None = None
    description: str = ""


@dataclass(slots=True, frozen=True)
class DraftLine:
    """A position of a draft: a variant's own words and price, or a custom line's."""

    typename: ClassVar[str] = "DraftOrderLineItem"
    number: int
    title: str
    quantity: int
    original_unit_price_set: MoneyBag
    sku: str | None = None
    variant_title: str | None = None
    vendor: str | None = None
    variant_number: int | None = None
    product_number: int | None = None
    requires_shipping: bool = True
    taxable: bool = True
    applied_discount: DraftDiscount | None = None
    share_of_order_discount: MoneyBag | None = None
    price_override: Mapping[str, Wire] | None = None
    tax_lines: tuple[TaxLine, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    is_gift_card: ClassVar[bool] = False

    @property
    def id(self) -> str:
        """Answer the global id."""
        return gid("DraftOrderLineItem", self.number)

    @property
    def uuid(self) -> str:
        """Answer the line's own identifier within its draft."""
        return f"{self.number:032x}"

    @property
    def custom(self) -> bool:
        """Tell whether the line is no variant's."""
        return self.variant_number is None

    @property
    def name(self) -> str:
        """Answer the title with the variant's."""
        return f"{self.title} - {self.variant_title}" if self.variant_title else self.title

    @property
    def custom_attributes(self) -> list[Mapping[str, str]]:
        """Answer the attributes as objects."""
        return [{"key": key, "value": value} for key, value in self.attributes]

    @property
    def original_total_set(self) -> MoneyBag:
        """Answer all units before discounts."""
        return self.original_unit_price_set * self.quantity

    @property
    def total_discount_set(self) -> MoneyBag:
        """Answer the line's own discount."""
        return self.applied_discount.amount_set if self.applied_discount else self.original_unit_price_set * 0

    @property
    def discounted_total_set(self) -> MoneyBag:
        """Answer all units after the line's own discount."""
        return self.original_total_set - self.total_discount_set

    @property
    def approximate_discounted_unit_price_set(self) -> MoneyBag:
        """Answer a unit after the line's own discount."""
        return self.discounted_total_set.share(1, self.quantity)

    @property
    def final_total(self) -> MoneyBag:
        """Answer all units after the line's and its share of the draft's discount."""
        share = self.share_of_order_discount
        return self.discounted_total_set if share is None else self.discounted_total_set - share


@dataclass(slots=True, frozen=True)
class DraftOrder:
    """A draft; `ready_at` is when the platform is done calculating it."""

    typename: ClassVar[str] = "DraftOrder"
    number: int
    count: int
    created_at: datetime
    updated_at: datetime
    ready_at: datetime
    currency_code: str
    presentment_currency_code: str
    invoice_url: str
    lines: tuple[DraftLine, ...]
    status: str = "OPEN"
    completed_at: datetime | None = None
    order_number: int | None = None
    shipping_line: ShippingLine | None = None
    applied_discount: DraftDiscount | None = None
    email: str | None = None
    phone: str | None = None
    customer_number: int | None = None
    billing_address: Address | None = None
    shipping_address: Address | None = None
    note2: str | None = None
    po_number: str | None = None
    source_name: str | None = None
    tags: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    tax_exempt: bool = False
    taxes_included: bool = False
    reserve_inventory_until: datetime | None = None
    metafields: tuple[Metafield, ...] = ()
    payment_terms: Mapping[str, Wire] | None = field(default=None, repr=False)
    discount_codes: ClassVar[tuple[str, ...]] = ()

    @property
    def id(self) -> str:
        """Answer the global id."""
        return gid("DraftOrder", self.number)

    @property
    def legacy_resource_id(self) -> int:
        """Answer the number of the global id."""
        return self.number

    @property
    def name(self) -> str:
        """Answer the name: drafts are counted apart from orders."""
        return f"#D{self.count}"

    @property
    def custom_attributes(self) -> list[Mapping[str, str]]:
        """Answer the attributes as objects."""
        return [{"key": key, "value": value} for key, value in self.attributes]

    @property
    def zero(self) -> MoneyBag:
        """Answer no money, in the draft's currencies."""
        return no_money(self.currency_code, self.presentment_currency_code)

    @property
    def total_line_items_price_set(self) -> MoneyBag:
        """Answer the lines before discounts."""
        return add_up((line.original_total_set for line in self.lines), self.zero)

    @property
    def subtotal_price_set(self) -> MoneyBag:
        """Answer the lines after every discount."""
        return add_up((line.final_total for line in self.lines), self.zero)

    @property
    def total_discounts_set(self) -> MoneyBag:
        """Answer what all discounts take off."""
        return self.total_line_items_price_set - self.subtotal_price_set

    @property
    def total_shipping_price_set(self) -> MoneyBag:
        """Answer what shipping costs."""
        return self.shipping_line.original_price_set if self.shipping_line else self.zero

    @property
    def total_tax_set(self) -> MoneyBag:
        """Answer the tax that the shop's settings ask for."""
        return add_up((tax.price_set for line in self.lines for tax in line.tax_lines), self.zero)

    @property
    def tax_lines(self) -> list[TaxLine]:
        """List the taxes of the lines."""
        return [tax for line in self.lines for tax in line.tax_lines]

    @property
    def total_price_set(self) -> MoneyBag:
        """Answer lines, shipping and, where prices don't include it, tax."""
        total = self.subtotal_price_set + self.total_shipping_price_set
        return total if self.taxes_included else total + self.total_tax_set

    @property
    def total_quantity_of_line_items(self) -> int:
        """Count the units."""
        return sum(line.quantity for line in self.lines)

    def metafield_of(self, namespace: str, key: str) -> Metafield | None:
        """Find the metafield under that namespace and key."""
        return next((m for m in self.metafields if m.key == key and m.namespace == namespace), None)
