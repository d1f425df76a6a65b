"""An order and a draft as Shopify's Admin API 2026-10 writes them, in the fields that our documents select.

Owns the shapes of answers about orders. It must not know the domain; no struct leaves this package. Enums are open:
Shopify adds values, so they are plain text here. What a light document leaves out is None or empty.
"""

from datetime import datetime

import msgspec

from crossdock.connectors.shopify.customers.wire import Address, Count, Metafield
from crossdock.connectors.shopify.paging import Connection, PageInfo


class Amount(msgspec.Struct, rename="camel", frozen=True):
    """`MoneyV2`: a decimal number as text."""

    amount: str
    currency_code: str


class MoneyBag(msgspec.Struct, rename="camel", frozen=True):
    """`MoneyBag`."""

    shop_money: Amount
    presentment_money: Amount | None = None


class Named(msgspec.Struct, frozen=True):
    """A record of which only the id is asked."""

    id: str


class Attribute(msgspec.Struct, frozen=True):
    """`Attribute`."""

    key: str
    value: str | None = None


class TaxLine(msgspec.Struct, rename="camel", frozen=True):
    """`TaxLine`; `rate` is a fraction."""

    title: str
    price_set: MoneyBag
    rate: float | None = None


class DiscountApplication(msgspec.Struct, frozen=True):
    """`DiscountApplication`; only one by code has a code."""

    code: str | None = None


class DiscountAllocation(msgspec.Struct, rename="camel", frozen=True):
    """`DiscountAllocation`."""

    allocated_amount_set: MoneyBag
    discount_application: DiscountApplication = DiscountApplication()


class LineItem(msgspec.Struct, rename="camel", frozen=True):
    """`LineItem` or `DraftOrderLineItem`, whole or in outline.

    `current_quantity` and `discount_allocations` are an order's, `discounted_total_set` is a draft's.
    """

    id: str
    quantity: int
    title: str = ""
    variant_title: str | None = None
    sku: str | None = None
    current_quantity: int | None = None
    taxable: bool = True
    requires_shipping: bool = True
    product: Named | None = None
    variant: Named | None = None
    original_unit_price_set: MoneyBag | None = None
    discounted_total_set: MoneyBag | None = None
    discount_allocations: tuple[DiscountAllocation, ...] = ()
    tax_lines: tuple[TaxLine, ...] = ()
    custom_attributes: tuple[Attribute, ...] = ()


class LineItems(msgspec.Struct, rename="camel", frozen=True):
    """A page of lines."""

    nodes: tuple[LineItem, ...]
    page_info: PageInfo


class ShippingLine(msgspec.Struct, rename="camel", frozen=True):
    """`ShippingLine`, with its price after all discounts."""

    title: str
    discounted_price_set: MoneyBag
    id: str | None = None
    code: str | None = None
    discount_allocations: tuple[DiscountAllocation, ...] = ()
    tax_lines: tuple[TaxLine, ...] = ()


class ShippingLines(msgspec.Struct, frozen=True):
    """`ShippingLineConnection`."""

    nodes: tuple[ShippingLine, ...] = ()


class Transaction(msgspec.Struct, rename="camel", frozen=True):
    """`OrderTransaction`."""

    id: str
    kind: str
    status: str
    amount_set: MoneyBag
    gateway: str | None = None
    processed_at: datetime | None = None
    payment_id: str | None = None


class RefundLine(msgspec.Struct, rename="camel", frozen=True):
    """`RefundLineItem`."""

    quantity: int
    line_item: Named
    subtotal_set: MoneyBag | None = None


class RefundLines(msgspec.Struct, frozen=True):
    """`RefundLineItemConnection`."""

    nodes: tuple[RefundLine, ...] = ()


class Refund(msgspec.Struct, rename="camel", frozen=True):
    """`Refund`."""

    id: str
    total_refunded_set: MoneyBag
    created_at: datetime | None = None
    processed_at: datetime | None = None
    note: str | None = None
    refund_line_items: RefundLines = RefundLines()


class Fulfillment(msgspec.Struct, rename="camel", frozen=True):
    """`Fulfillment`."""

    created_at: datetime | None = None
    status: str = ""


class Order(msgspec.Struct, rename="camel", frozen=True):
    """`Order`. From `note` on, what only a document of whole orders selects."""

    id: str
    name: str
    total_price_set: MoneyBag
    email: str | None = None
    phone: str | None = None
    created_at: datetime | None = None
    processed_at: datetime | None = None
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    edited: bool = False
    test: bool = False
    currency_code: str = ""
    presentment_currency_code: str = ""
    taxes_included: bool = False
    source_identifier: str | None = None
    display_financial_status: str | None = None
    display_fulfillment_status: str | None = None
    total_tax_set: MoneyBag | None = None
    total_refunded_set: MoneyBag | None = None
    customer: Named | None = None
    custom_attributes: tuple[Attribute, ...] = ()
    metafield: Metafield | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()
    discount_codes: tuple[str, ...] = ()
    payment_gateway_names: tuple[str, ...] = ()
    billing_address: Address | None = None
    shipping_address: Address | None = None
    tax_lines: tuple[TaxLine, ...] = ()
    line_items: LineItems | None = None
    shipping_lines: ShippingLines = ShippingLines()
    transactions: tuple[Transaction, ...] = ()
    refunds: tuple[Refund, ...] = ()
    fulfillments: tuple[Fulfillment, ...] = ()


class Draft(msgspec.Struct, rename="camel", frozen=True):
    """`DraftOrder`. From `note2` on, what only a document of whole drafts selects."""

    id: str
    name: str
    total_price_set: MoneyBag
    email: str | None = None
    phone: str | None = None
    status: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    currency_code: str = ""
    presentment_currency_code: str = ""
    taxes_included: bool = False
    total_tax_set: MoneyBag | None = None
    customer: Named | None = None
    custom_attributes: tuple[Attribute, ...] = ()
    metafield: Metafield | None = None
    order: Named | None = None
    note2: str | None = None
    tags: tuple[str, ...] = ()
    discount_codes: tuple[str, ...] = ()
    tax_lines: tuple[TaxLine, ...] = ()
    billing_address: Address | None = None
    shipping_address: Address | None = None
    total_discounts_set: MoneyBag | None = None
    total_shipping_price_set: MoneyBag | None = None
    shipping_line: ShippingLine | None = None
    line_items: LineItems | None = None


class OrdersPage(msgspec.Struct, frozen=True):
    """Data of a page of orders."""

    orders: Connection


class DraftsPage(msgspec.Struct, rename="camel", frozen=True):
    """Data of a page of drafts."""

    draft_orders: Connection


class Nodes(msgspec.Struct, frozen=True):
    """Data of a fetch by ids: null for an id that the store does not have, empty where it names another type."""

    nodes: list[msgspec.Raw]


class OrdersCount(msgspec.Struct, rename="camel", frozen=True):
    """Data of a count; null where the permission is missing."""

    orders_count: Count | None = None


class _WithLines(msgspec.Struct, rename="camel", frozen=True):
    line_items: LineItems | None = None


class MoreLines(msgspec.Struct, frozen=True):
    """Data of a further page of one record's lines; null where the record is gone."""

    node: _WithLines | None = None
