"""What orders, drafts and variants a store is filled with past the API. Must not know how they are stored or served.

Amounts are texts or decimals in major units of the order's currency. Where taxes are included, prices include them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

Amount = str | Decimal
PostalAddress = Mapping[str, str | None]


@dataclass(slots=True, frozen=True)
class SeedVariant:
    """A variant of a product; variants with one `product_title` and `vendor` hang on the same product.

    SKUs need not be unique. `inventory_quantity` counts only where the stock is tracked.
    """

    sku: str = ""
    product_title: str = "Product"
    title: str = "Default Title"
    price: Amount = "0"
    vendor: str = "Sandbox"
    barcode: str | None = None
    taxable: bool = True
    requires_shipping: bool = True
    inventory_quantity: int = 0
    is_tracked: bool = True
    may_oversell: bool = False
    is_active: bool = True


@dataclass(slots=True, frozen=True)
class SeedTax:
    """A tax as charged; `rate` is a fraction (0.19)."""

    title: str
    amount: Amount
    rate: Amount = "0"


@dataclass(slots=True, frozen=True)
class SeedLine:
    """A position. `unit_price` is before discounts, `discount` what is taken off all its units.

    `variant_sku` joins the line to the first seeded variant with that SKU. `properties` are name and value.
    """

    title: str
    quantity: int = 1
    unit_price: Amount = "0"
    variant_title: str | None = None
    sku: str | None = None
    vendor: str | None = None
    discount: Amount = "0"
    taxes: Sequence[SeedTax] = ()
    variant_sku: str | None = None
    requires_shipping: bool = True
    taxable: bool = True
    properties: Sequence[tuple[str, str]] = ()


@dataclass(slots=True, frozen=True)
class SeedShipping:
    """A shipping line; `discount` is what is taken off its price."""

    title: str
    price: Amount = "0"
    code: str | None = None
    source: str | None = None
    discount: Amount = "0"
    taxes: Sequence[SeedTax] = ()


@dataclass(slots=True, frozen=True)
class SeedDiscount:
    """The discount that the lines' and the shipping's `discount` come from: a code, or else a manual discount."""

    code: str | None = None
    title: str | None = None
    is_percentage: bool = False
    value: Amount = "0"
    is_on_shipping: bool = False


@dataclass(slots=True, frozen=True)
class SeedTransaction:
    """A payment; kind and status in the API's capital letters. A gateway that isn't real moves no money."""

    amount: Amount
    kind: str = "SALE"
    status: str = "SUCCESS"
    gateway: str = "manual"
    processed_at: datetime | None = None


@dataclass(slots=True, frozen=True)
class SeedRefund:
    """A refund: `amount` is paid back on the first payment; `lines` are (position from 0, units given back)."""

    amount: Amount
    note: str | None = None
    created_at: datetime | None = None
    lines: Sequence[tuple[int, int]] = ()
    gateway: str | None = None


@dataclass(slots=True, frozen=True)
class SeedOrder:
    """An order to fill the store with, past every rule of the API.

    `name` defaults to the shop's prefix and `number`, `number` to the next one. `customer_email` joins the order to the
    seeded customer with that address, and nothing is created where there is none. `created_at` defaults to
    `processed_at`. `presentment` is a currency with its rate to the order's own. `total_tax` of lines and shipping is
    their sum; `tax_lines` are taxes of the order as a whole, spread over its taxable lines. `financial_status` and
    `fulfillment_status` are the API's display values; without the first it follows from the transactions. Addresses
    hold the API's field names in snake case. A metafield is (namespace, key, type, value).
    """

    lines: Sequence[SeedLine]
    processed_at: datetime
    name: str | None = None
    number: int | None = None
    email: str | None = None
    phone: str | None = None
    customer_email: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    currency: str | None = None
    presentment: tuple[str, Amount] | None = None
    taxes_included: bool = False
    shipping_lines: Sequence[SeedShipping] = ()
    discounts: Sequence[SeedDiscount] = ()
    tax_lines: Sequence[SeedTax] = ()
    transactions: Sequence[SeedTransaction] = ()
    refunds: Sequence[SeedRefund] = ()
    financial_status: str | None = None
    fulfillment_status: str = "UNFULFILLED"
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    closed_at: datetime | None = None
    note: str | None = None
    tags: Sequence[str] = ()
    attributes: Sequence[tuple[str, str]] = ()
    test: bool = False
    billing: PostalAddress | None = None
    shipping: PostalAddress | None = None
    source_name: str | None = "web"
    source_identifier: str | None = None
    metafields: Sequence[tuple[str, str, str, str]] = ()
