"""Own the v3 shape in which an order, a refund and a note are shown (reference §4.6, §5.8, §5.13).

Knows no request: what a caller may ask about the shape comes in as `Showing`. Products are looked up live, as
WooCommerce does: a line shows its product's present SKU, and none once the product is gone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from crossdock.sandbox.woocommerce.amounts import decimal, fixed, number
from crossdock.sandbox.woocommerce.catalogue import Catalogue, is_variation, needs_shipping
from crossdock.sandbox.woocommerce.currencies import symbol_of
from crossdock.sandbox.woocommerce.ledger.meta import is_hidden
from crossdock.sandbox.woocommerce.ledger.order import (
    ADDRESS_FIELDS,
    SHIPPING_ADDRESS_FIELDS,
    CouponLine,
    FeeLine,
    LineItem,
    MetaRow,
    Note,
    Order,
    Refund,
    ShippingLine,
    TaxLine,
    TaxShare,
)
from crossdock.sandbox.woocommerce.text import strip_tags

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Showing:
    """How to show: in what zone, with how many decimals, which meta keys, and under which home address."""

    url: str
    zone: tzinfo
    places: int
    catalogue: Catalogue
    include_meta: frozenset[str] = frozenset()
    exclude_meta: frozenset[str] = frozenset()
    display_meta: bool = False
    numbers_orders: bool = False

    def shows(self, key: str) -> bool:
        """Tell whether a row of order meta is shown: internal ones never are, asked ones win over left-out ones."""
        if is_hidden(key):
            return False
        return key in self.include_meta if self.include_meta else key not in self.exclude_meta


def order_view(order: Order, refunds: Iterable[Refund], how: Showing) -> View:
    """Return an order in the v3 shape without its links."""
    created, created_gmt = times(order.created_at, how.zone)
    modified, modified_gmt = times(order.modified_at, how.zone)
    completed, completed_gmt = times(order.completed_at, how.zone)
    paid, paid_gmt = times(order.paid_at, how.zone)
    amounts = ("discount_total", "discount_tax", "shipping_total", "shipping_tax", "cart_tax", "total", "total_tax")
    base = f"{how.url}/checkout/order-pay/{order.id}/"
    return {
        **{name: getattr(order, name) for name in ("id", "parent_id", "status", "currency", "version")},
        "prices_include_tax": order.prices_include_tax,
        "date_created": created,
        "date_modified": modified,
        **{name: fixed(getattr(order, name), how.places) for name in amounts},
        "customer_id": order.customer_id,
        "order_key": order.order_key,
        "billing": dict(zip(ADDRESS_FIELDS, order.billing, strict=True)),
        "shipping": dict(zip(SHIPPING_ADDRESS_FIELDS, order.shipping, strict=True)),
        **{name: getattr(order, name) for name in ("payment_method", "payment_method_title", "transaction_id")},
        **{name: getattr(order, name) for name in ("customer_ip_address", "customer_user_agent", "created_via")},
        "customer_note": order.customer_note,
        "date_completed": completed,
        "date_paid": paid,
        "cart_hash": order.cart_hash,
        "number": _number(order, how),
        "meta_data": meta_view(row for row in order.meta if how.shows(row.key)),
        **_lines_view(order, how),
        "refunds": [
            {"id": one.id, "reason": one.reason, "total": fixed(-decimal(one.amount), how.places)} for one in refunds
        ],
        "payment_url": f"{base}?pay_for_order=true&key={order.order_key}",
        "is_editable": order.status in ("pending", "on-hold", "auto-draft"),
        "needs_payment": order.status in ("pending", "failed") and decimal(order.total) > 0,
        "needs_processing": needs_processing(order, how.catalogue),
        "date_created_gmt": created_gmt,
        "date_modified_gmt": modified_gmt,
        "date_completed_gmt": completed_gmt,
        "date_paid_gmt": paid_gmt,
        "currency_symbol": order.recorded_symbol or symbol_of(order.currency),
    }


def _lines_view(order: Order, how: Showing) -> View:
    return {
        "line_items": [_order_line_view(line, how) for line in order.lines],
        "tax_lines": [_tax_line_view(line, how) for line in order.taxes],
        "shipping_lines": [_shipping_line_view(line, how) for line in order.shipping_lines],
        "fee_lines": [_fee_view(line, how) for line in order.fees],
        "coupon_lines": [_coupon_view(line) for line in order.coupons],
    }


def refund_view(refund: Refund, how: Showing) -> View:
    """Return a refund in the v3 shape without its links."""
    created, created_gmt = times(refund.created_at, how.zone)
    return {
        "id": refund.id,
        "date_created": created,
        "date_created_gmt": created_gmt,
        "amount": fixed(refund.amount, how.places),
        "reason": refund.reason,
        "refunded_by": refund.refunded_by,
        "refunded_payment": refund.refunded_payment,
        "meta_data": meta_view(row for row in refund.meta if not is_hidden(row.key)),
        "line_items": [_line_view(line, how) for line in refund.lines],
        "shipping_lines": [_shipping_line_view(line, how) for line in refund.shipping_lines],
        "tax_lines": [_tax_line_view(line, how) for line in refund.taxes],
        "fee_lines": [_fee_view(line, how) for line in refund.fees],
    }


def note_view(note: Note, zone: tzinfo) -> View:
    """Return a note in the v3 shape without its links."""
    created, created_gmt = times(note.created_at, zone)
    return {
        "id": note.id,
        "author": note.author,
        "date_created": created,
        "date_created_gmt": created_gmt,
        "note": note.text,
        "customer_note": note.for_customer,
    }


def times(second: int | None, zone: tzinfo) -> tuple[str | None, str | None]:
    """Return a time as the site shows it and in UTC, both without an offset."""
    if second is None:
        return None, None
    moment = datetime.fromtimestamp(second, UTC)
    return moment.astimezone(zone).replace(tzinfo=None).isoformat(), moment.replace(tzinfo=None).isoformat()


def needs_processing(order: Order, catalogue: Catalogue) -> bool:
    """Tell whether an order has anything to send; lines without a product have not (§5.2)."""
    for line in order.lines:
        product = catalogue.get(line.variation_id or line.product_id)
        if product is not None and needs_shipping(product):
            return True
        if product is None and line.product_id and line.recorded is not None and order.recorded_needs_processing:
            return True
    return False


def meta_view(rows: Iterable[MetaRow]) -> list[View]:
    """Return rows of an order's or a refund's own meta."""
    return [{"id": row.id, "key": row.key, "value": row.value} for row in rows]


def _number(order: Order, how: Showing) -> str:
    asked = order.meta_value("_order_number") if how.numbers_orders else None
    return str(asked) if asked not in (None, "") else order.recorded_number or str(order.id)


def _line_view(line: LineItem, how: Showing) -> View:
    product = how.catalogue.get(line.variation_id or line.product_id)
    recorded = line.recorded
    sku = (product["sku"] if product else recorded.sku if recorded else None) if line.product_id else None
    price = float(decimal(line.total)) / line.quantity if line.quantity else 0.0
    return {
        **{name: getattr(line, name) for name in ("id", "name", "product_id", "variation_id", "quantity")},
        "tax_class": line.tax_class,
        **{name: fixed(getattr(line, name), how.places) for name in ("subtotal", "subtotal_tax", "total", "total_tax")},
        "taxes": _taxes_view(line.taxes),
        "meta_data": _item_meta_view(line.meta, how),
        "sku": sku,
        "price": number(price),
    }


def _order_line_view(line: LineItem, how: Showing) -> View:
    product = how.catalogue.get(line.variation_id or line.product_id)
    image, parent_name = _picture(product, line), None
    if product is not None and is_variation(product):
        parent = how.catalogue.parent_of(product)
        parent_name = str(parent["name"]) if parent else None
    elif product is None and line.recorded is not None:
        parent_name = line.recorded.parent_name
    return {**_line_view(line, how), "image": image, "parent_name": parent_name}


def _picture(product: Mapping[str, Any] | None, line: LineItem) -> View:
    """Return a line's picture; a simple product without one has an empty text for its id, others a zero."""
    if product is None:
        recorded = line.recorded
        return {"id": recorded.image_id, "src": recorded.image_src} if recorded else {"id": 0, "src": ""}
    pictures = [product.get("image")] if is_variation(product) else product["images"]
    first = next((picture for picture in pictures if picture), None)
    if first:
        return {"id": first.get("id", 0), "src": first.get("src", "")}
    return {"id": 0 if is_variation(product) else "", "src": ""}


def _taxes_view(taxes: Iterable[TaxShare]) -> list[View]:
    return [{"id": one.rate_id, "total": one.total, "subtotal": one.subtotal} for one in taxes]


def _item_meta_view(rows: Iterable[MetaRow], how: Showing) -> list[View]:
    return [
        {
            "id": row.id,
            "key": row.key,
            "value": row.value,
            "display_key": row.label or row.key,
            "display_value": strip_tags(row.value) if isinstance(row.value, str) else row.value,
        }
        for row in rows
        if not (how.display_meta and row.key.startswith("_"))
    ]


def _shipping_line_view(line: ShippingLine, how: Showing) -> View:
    return {
        **{name: getattr(line, name) for name in ("id", "method_title", "method_id", "instance_id")},
        "total": fixed(line.total, how.places),
        "total_tax": fixed(line.total_tax, how.places),
        "taxes": _taxes_view(line.taxes),
        "meta_data": _item_meta_view(line.meta, how),
    }


def _fee_view(line: FeeLine, how: Showing) -> View:
    return {
        **{name: getattr(line, name) for name in ("id", "name", "tax_class", "tax_status", "amount")},
        "total": fixed(line.total, how.places),
        "total_tax": fixed(line.total_tax, how.places),
        "taxes": _taxes_view(line.taxes),
        "meta_data": _item_meta_view(line.meta, how),
    }


def _tax_line_view(line: TaxLine, how: Showing) -> View:
    return {
        **{name: getattr(line, name) for name in ("id", "rate_code", "rate_id", "label", "compound")},
        "tax_total": fixed(line.tax_total, how.places),
        "shipping_tax_total": fixed(line.shipping_tax_total, how.places),
        "rate_percent": number(line.rate_percent),
        "meta_data": _item_meta_view(line.meta, how),
    }


def _coupon_view(line: CouponLine) -> View:
    return {
        **{name: getattr(line, name) for name in ("id", "code", "discount", "discount_tax")},
        "meta_data": [
            {"id": row.id, "key": row.key, "value": row.value, "display_key": row.key, "display_value": row.value}
            for row in line.meta
        ],
        "discount_type": line.discount_type,
        "nominal_amount": number(line.nominal_amount),
        "free_shipping": line.free_shipping,
    }
