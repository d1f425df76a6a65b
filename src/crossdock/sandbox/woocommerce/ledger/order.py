"""Own the shape in which one order, one refund and one note are kept.

Knows no REST field order, no request and no rule about what may change. Amounts are text as the database holds them,
unrounded and without tax; times are epoch seconds in UTC. The shapes pack into bytes, which is how a store keeps many.
"""

from typing import Any

from msgspec import Struct, field

ADDRESS_FIELDS = (
    *("first_name", "last_name", "company", "address_1", "address_2"),
    *("city", "state", "postcode", "country", "email", "phone"),
)
SHIPPING_ADDRESS_FIELDS = tuple(name for name in ADDRESS_FIELDS if name != "email")
CORE_STATUSES = {
    "pending": "Pending payment",
    "processing": "Processing",
    "on-hold": "On hold",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
    "failed": "Failed",
    "checkout-draft": "Draft",
}


class MetaRow(Struct, array_like=True):
    """One row of meta; `label` is what an item's row displays as its key where that differs."""

    id: int
    key: str
    value: Any
    label: str = ""


class TaxShare(Struct, array_like=True):
    """What one rate took of a line; `subtotal` is empty where the line has none."""

    rate_id: int
    total: str
    subtotal: str = ""


class RecordedProduct(Struct, array_like=True):
    """What a seeded line said of its product, shown as long as the catalogue doesn't know that product."""

    sku: str | None
    image_id: int | str
    image_src: str
    parent_name: str | None


class LineItem(Struct, array_like=True):
    """A position; a product-less one has product id 0."""

    id: int
    name: str = ""
    product_id: int = 0
    variation_id: int = 0
    quantity: int = 1
    tax_class: str = ""
    subtotal: str = "0"
    subtotal_tax: str = "0"
    total: str = "0"
    total_tax: str = "0"
    taxes: list[TaxShare] = field(default_factory=list[TaxShare])
    meta: list[MetaRow] = field(default_factory=list[MetaRow])
    recorded: RecordedProduct | None = None


class ShippingLine(Struct, array_like=True):
    """One shipping method and its cost."""

    id: int
    method_title: str = ""
    method_id: str = ""
    instance_id: str = ""
    total: str = "0"
    total_tax: str = "0"
    taxes: list[TaxShare] = field(default_factory=list[TaxShare])
    meta: list[MetaRow] = field(default_factory=list[MetaRow])


class FeeLine(Struct, array_like=True):
    """A fee, or a discount where its total is negative."""

    id: int
    name: str = ""
    tax_class: str = ""
    tax_status: str = "taxable"
    amount: str = ""
    total: str = "0"
    total_tax: str = "0"
    taxes: list[TaxShare] = field(default_factory=list[TaxShare])
    meta: list[MetaRow] = field(default_factory=list[MetaRow])


class TaxLine(Struct, array_like=True):
    """What one rate took of the whole order."""

    id: int
    rate_code: str
    rate_id: int
    label: str
    compound: bool
    tax_total: str
    shipping_tax_total: str
    rate_percent: float
    meta: list[MetaRow] = field(default_factory=list[MetaRow])


class CouponLine(Struct, array_like=True):
    """A coupon as it was applied; its discount is not padded (§4.6)."""

    id: int
    code: str
    discount: str
    discount_tax: str
    discount_type: str = "fixed_cart"
    nominal_amount: float = 0
    free_shipping: bool = False
    meta: list[MetaRow] = field(default_factory=list[MetaRow])


class Order(Struct, array_like=True):
    """One order; addresses are in the order of the field names, `recorded_*` are what a seeded record said itself."""

    id: int
    created_at: int = 0
    modified_at: int = 0
    status: str = "pending"
    parent_id: int = 0
    currency: str = "USD"
    version: str = "9.2.5"
    prices_include_tax: bool = False
    discount_total: str = "0"
    discount_tax: str = "0"
    shipping_total: str = "0"
    shipping_tax: str = "0"
    cart_tax: str = "0"
    total: str = "0"
    total_tax: str = "0"
    customer_id: int = 0
    order_key: str = ""
    billing: list[str] = field(default_factory=lambda: [""] * len(ADDRESS_FIELDS))
    shipping: list[str] = field(default_factory=lambda: [""] * len(SHIPPING_ADDRESS_FIELDS))
    payment_method: str = ""
    payment_method_title: str = ""
    transaction_id: str = ""
    customer_ip_address: str = ""
    customer_user_agent: str = ""
    created_via: str = ""
    customer_note: str = ""
    completed_at: int | None = None
    paid_at: int | None = None
    cart_hash: str = ""
    meta: list[MetaRow] = field(default_factory=list[MetaRow])
    lines: list[LineItem] = field(default_factory=list[LineItem])
    taxes: list[TaxLine] = field(default_factory=list[TaxLine])
    shipping_lines: list[ShippingLine] = field(default_factory=list[ShippingLine])
    fees: list[FeeLine] = field(default_factory=list[FeeLine])
    coupons: list[CouponLine] = field(default_factory=list[CouponLine])
    order_stock_reduced: bool = False
    new_order_email_sent: bool = False
    recorded_sales: bool = False
    recorded_coupon_usage_counts: bool = False
    download_permissions_granted: bool = False
    recorded_number: str = ""
    recorded_needs_processing: bool = True
    recorded_symbol: str = ""

    @property
    def billing_email(self) -> str:
        """Return the address that the order's mails go to; empty for none."""
        return self.billing[ADDRESS_FIELDS.index("email")]

    @billing_email.setter
    def billing_email(self, value: str) -> None:
        self.billing[ADDRESS_FIELDS.index("email")] = value

    def meta_value(self, key: str) -> object:
        """Return the first value of a meta key, or None."""
        return next((row.value for row in self.meta if row.key == key), None)


class Refund(Struct, array_like=True):
    """Money given back; its lines are negative copies of the order's."""

    id: int
    order_id: int
    created_at: int
    amount: str = "0"
    reason: str = ""
    refunded_by: int = 1
    refunded_payment: bool = False
    meta: list[MetaRow] = field(default_factory=list[MetaRow])
    lines: list[LineItem] = field(default_factory=list[LineItem])
    shipping_lines: list[ShippingLine] = field(default_factory=list[ShippingLine])
    taxes: list[TaxLine] = field(default_factory=list[TaxLine])
    fees: list[FeeLine] = field(default_factory=list[FeeLine])


class Note(Struct):
    """A note on an order's page; `for_customer` is one that was mailed."""

    id: int
    created_at: int
    text: str
    author: str = "WooCommerce"
    for_customer: bool = False
