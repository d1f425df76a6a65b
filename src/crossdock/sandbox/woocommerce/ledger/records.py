"""Own how a REST record becomes a stored order or refund, its text kept to the letter and its gaps left empty.

Knows no rule: seeding mails nobody and moves no stock. Ids that a record lacks are given by the book.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from crossdock.sandbox.woocommerce.account import gmt_seconds
from crossdock.sandbox.woocommerce.ledger.book import OrderBook
from crossdock.sandbox.woocommerce.ledger.order import (
    ADDRESS_FIELDS,
    SHIPPING_ADDRESS_FIELDS,
    CouponLine,
    FeeLine,
    LineItem,
    MetaRow,
    Order,
    RecordedProduct,
    Refund,
    ShippingLine,
    TaxLine,
    TaxShare,
)
from crossdock.sandbox.woocommerce.php import fields

Record = Mapping[str, Any]
_SOLD = ("processing", "on-hold", "completed", "refunded")
_TEXTS = (
    *("status", "currency", "version", "order_key", "payment_method", "payment_method_title", "transaction_id"),
    *("customer_ip_address", "customer_user_agent", "created_via", "customer_note", "cart_hash"),
)
_AMOUNTS = (*("discount_total", "discount_tax", "shipping_total", "shipping_tax", "cart_tax", "total", "total_tax"),)


def order_from_record(record: Record, order_id: int, now: int, book: OrderBook) -> Order:
    """Return the order that a record describes; what it doesn't say of the past is taken from its status."""
    created = _seconds(record, "date_created")
    created = now if created is None else created
    modified = _seconds(record, "date_modified")
    status = str(record.get("status") or "pending")
    order = Order(
        id=order_id,
        created_at=created,
        modified_at=created if modified is None else modified,
        parent_id=int(record.get("parent_id") or 0),
        prices_include_tax=bool(record.get("prices_include_tax")),
        customer_id=int(record.get("customer_id") or 0),
        billing=_address(ADDRESS_FIELDS, record.get("billing")),
        shipping=_address(SHIPPING_ADDRESS_FIELDS, record.get("shipping")),
        completed_at=_seconds(record, "date_completed"),
        paid_at=_seconds(record, "date_paid"),
        meta=_meta(record, book),
        lines=[_line(row, book) for row in _rows(record, "line_items")],
        taxes=[_tax_line(row, book) for row in _rows(record, "tax_lines")],
        shipping_lines=[_shipping_line(row, book) for row in _rows(record, "shipping_lines")],
        fees=[_fee(row, book) for row in _rows(record, "fee_lines")],
        coupons=[_coupon(row, book) for row in _rows(record, "coupon_lines")],
        recorded_needs_processing=bool(record.get("needs_processing", True)),
        recorded_symbol=str(record.get("currency_symbol") or ""),
    )
    for name in _TEXTS:
        if record.get(name) is not None:
            setattr(order, name, str(record[name]))
    for name in _AMOUNTS:
        setattr(order, name, _amount(record, name))
    number = str(record.get("number") or order_id)
    order.recorded_number = number if number != str(order_id) else ""
    order.order_key = order.order_key or f"wc_order_seeded{order_id}"
    if status in _SOLD:
        order.order_stock_reduced = order.new_order_email_sent = order.recorded_sales = True
        order.recorded_coupon_usage_counts = order.download_permissions_granted = True
    return order


def refund_from_record(record: Record, refund_id: int, now: int, book: OrderBook) -> Refund:
    """Return the refund that a record describes; its order is named by `order_id` or `parent_id`."""
    created = _seconds(record, "date_created")
    return Refund(
        id=refund_id,
        order_id=int(record.get("order_id") or record.get("parent_id") or 0),
        created_at=now if created is None else created,
        amount=_amount(record, "amount"),
        reason=str(record.get("reason") or ""),
        refunded_by=int(record.get("refunded_by") or 0),
        refunded_payment=bool(record.get("refunded_payment")),
        meta=_meta(record, book),
        lines=[_line(row, book) for row in _rows(record, "line_items")],
        shipping_lines=[_shipping_line(row, book) for row in _rows(record, "shipping_lines")],
        taxes=[_tax_line(row, book) for row in _rows(record, "tax_lines")],
        fees=[_fee(row, book) for row in _rows(record, "fee_lines")],
    )


def _seconds(record: Record, name: str) -> int | None:
    """Return a time as an epoch second; fixtures may give only the name without `_gmt`, with an offset or in UTC."""
    exact = record.get(f"{name}_gmt")
    if exact:
        return gmt_seconds(str(exact))
    local = record.get(name)
    if not local:
        return None
    moment = datetime.fromisoformat(str(local))
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _address(names: tuple[str, ...], value: object) -> list[str]:
    given = fields(value)
    return ["" if given.get(name) is None else str(given[name]) for name in names]


def _rows(record: Record, name: str) -> list[Record]:
    return cast("list[Record]", record.get(name) or [])


def _amount(row: Record, name: str) -> str:
    value = row.get(name)
    return "0" if value in (None, "") else str(value)


def _item_id(row: Record, book: OrderBook) -> int:
    item_id = int(row.get("id") or 0) or book.next_item_id()
    book.pass_ids(item=item_id)
    return item_id


def _meta(row: Record, book: OrderBook) -> list[MetaRow]:
    rows: list[MetaRow] = []
    for one in _rows(row, "meta_data"):
        meta_id, key = int(one.get("id") or 0) or book.next_meta_id(), str(one["key"])
        book.pass_ids(meta=meta_id)
        label = str(one.get("display_key") or key)
        rows.append(MetaRow(meta_id, key, one.get("value"), label if label != key else ""))
    return rows


def _taxes(row: Record) -> list[TaxShare]:
    return [
        TaxShare(int(one.get("id") or 0), str(one.get("total", "")), str(one.get("subtotal") or ""))
        for one in _rows(row, "taxes")
    ]


def _line(row: Record, book: OrderBook) -> LineItem:
    image = fields(row.get("image"))
    recorded = RecordedProduct(
        row.get("sku"), image.get("id", 0), str(image.get("src", "")), cast("str | None", row.get("parent_name"))
    )
    is_plain = recorded == RecordedProduct(None, 0, "", None)
    return LineItem(
        id=_item_id(row, book),
        name=str(row.get("name") or ""),
        product_id=int(row.get("product_id") or 0),
        variation_id=int(row.get("variation_id") or 0),
        quantity=int(row.get("quantity", 1)),
        tax_class=str(row.get("tax_class") or ""),
        subtotal=_amount(row, "subtotal" if "subtotal" in row else "total"),
        subtotal_tax=_amount(row, "subtotal_tax" if "subtotal_tax" in row else "total_tax"),
        total=_amount(row, "total"),
        total_tax=_amount(row, "total_tax"),
        taxes=_taxes(row),
        meta=_meta(row, book),
        recorded=None if is_plain else recorded,
    )


def _shipping_line(row: Record, book: OrderBook) -> ShippingLine:
    return ShippingLine(
        id=_item_id(row, book),
        method_title=str(row.get("method_title") or ""),
        method_id=str(row.get("method_id") or ""),
        instance_id=str(row.get("instance_id") or ""),
        total=_amount(row, "total"),
        total_tax=_amount(row, "total_tax"),
        taxes=_taxes(row),
        meta=_meta(row, book),
    )


def _fee(row: Record, book: OrderBook) -> FeeLine:
    return FeeLine(
        id=_item_id(row, book),
        name=str(row.get("name") or ""),
        tax_class=str(row.get("tax_class") or ""),
        tax_status=str(row.get("tax_status") or "taxable"),
        amount=str(row.get("amount") or ""),
        total=_amount(row, "total"),
        total_tax=_amount(row, "total_tax"),
        taxes=_taxes(row),
        meta=_meta(row, book),
    )


def _tax_line(row: Record, book: OrderBook) -> TaxLine:
    return TaxLine(
        id=_item_id(row, book),
        rate_code=str(row.get("rate_code") or ""),
        rate_id=int(row.get("rate_id") or 0),
        label=str(row.get("label") or ""),
        compound=bool(row.get("compound")),
        tax_total=_amount(row, "tax_total"),
        shipping_tax_total=_amount(row, "shipping_tax_total"),
        rate_percent=float(row.get("rate_percent") or 0),
        meta=_meta(row, book),
    )


def _coupon(row: Record, book: OrderBook) -> CouponLine:
    return CouponLine(
        id=_item_id(row, book),
        code=str(row.get("code") or ""),
        discount=_amount(row, "discount"),
        discount_tax=_amount(row, "discount_tax"),
        discount_type=str(row.get("discount_type") or "fixed_cart"),
        nominal_amount=float(row.get("nominal_amount") or 0),
        free_shipping=bool(row.get("free_shipping")),
        meta=_meta(row, book),
    )
