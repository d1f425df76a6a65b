"""What is sent to create an order: pure.

Owns which field becomes which, so that nobody is mailed and no stock moves. Must not send anything.

Source: WooCommerce REST API v3, `POST orders`; WooCommerce 9.2.5, observed. A guest's order without a billing e-mail
mails nobody; the internal meta keys say that stock, mails, coupons and downloads have been dealt with; `is_vat_exempt`
keeps WooCommerce from charging taxes of its own. `_recorded_sales` stays unset: deleting the order would take sales
away.
"""

import hashlib
from typing import Any

import msgspec

from crossdock.connectors.woocommerce.addresses import address_to_wire
from crossdock.connectors.woocommerce.meta import MARKER_KEY, OWN_PREFIX
from crossdock.connectors.woocommerce.orders.charges import Charge, Charges, charges_of
from crossdock.connectors.woocommerce.orders.parts import tax_fee_note, taxes_note
from crossdock.connectors.woocommerce.orders.refunding import RefundPlan
from crossdock.connectors.woocommerce.orders.times import written_time
from crossdock.connectors.woocommerce.orders.wire import (
    ATTRIBUTES_KEY,
    CANCEL_KEY,
    COUPONS_KEY,
    CREATED_KEY,
    EMAIL_KEY,
    INCLUDED_KEY,
    NUMBER_KEY,
    PARTS_KEY,
    SKU_KEY,
    TAGS_KEY,
    TAX_KEY,
)
from crossdock.domain.customer import Address
from crossdock.domain.identity import Marker
from crossdock.domain.order import Fee, Order, OrderLine, ShippingLine, TaxLine
from crossdock.domain.plan import Resolution

Payload = dict[str, Any]

_NEUTRAL = "other"
"""No gateway's id: plugins of real ones capture or refund money on a change of status."""
_QUIET = {
    "_order_stock_reduced": "yes",
    "_new_order_email_sent": "true",
    "_recorded_coupon_usage_counts": "yes",
    "_download_permissions_granted": "yes",
    "is_vat_exempt": "yes",
}
_NO_VARIANT = frozenset({"", "Default Title"})


def creation_of(order: Order, marker: Marker, plan: RefundPlan, resolution: Resolution, kept_email: str) -> Payload:
    """Give the body that creates an order; `kept_email` is an address that WooCommerce would refuse as one.

    Raises:
        UnmappableValueError: `total_not_representable`.
    """
    charges = charges_of(order)
    payload: Payload = {
        "status": plan.first_status,
        "currency": order.currency,
        "payment_method": _NEUTRAL,
        "payment_method_title": _payment_title(order),
        "billing": _billing(order),
        "shipping": address_to_wire(order.shipping or Address()),
        "line_items": _lines(charges, marker, resolution),
        "shipping_lines": [_shipping(charge) for charge in charges.shipping],
        "fee_lines": [_fee(charge) for charge in charges.fees] + [_tax_fee(tax) for tax in charges.taxes],
        "meta_data": _meta(order, marker, resolution, kept_email),
    }
    if order.note:
        payload["customer_note"] = order.note
    if reference := next((payment.reference for payment in order.transactions if payment.reference), ""):
        payload["transaction_id"] = reference
    return payload


def _billing(order: Order) -> Payload:
    address = address_to_wire(order.billing or Address())
    if order.phone:
        address.setdefault("phone", order.phone)
    return address


def _payment_title(order: Order) -> str:
    return order.payment_title or next((payment.gateway for payment in order.transactions if payment.gateway), "")


def _lines(charges: Charges, marker: Marker, resolution: Resolution) -> list[Payload]:
    products = resolution.get("products", {})
    sent: list[Payload] = []
    for at, charge in enumerate(charges.lines):
        line = charge.part
        if not isinstance(line, OrderLine) or (line.quantity <= 0 and not charge.net.amount):
            # WooCommerce drops lines of no units without a word.
            continue
        sent.append(_line(line, charge, products.get(line.sku), f"{marker}/{at}"))
    return sent


def _line(line: OrderLine, charge: Charge, product: list[int] | None, name: str) -> Payload:
    title = line.title or line.sku or "Item"
    meta: Payload = {}
    payload: Payload = {
        "name": title if line.variant_title in _NO_VARIANT else f"{title} - {line.variant_title}",
        "quantity": max(1, line.quantity),
        "subtotal": str(max(charge.net_subtotal, charge.net, key=lambda money: money.amount)),
        "total": str(charge.net),
    }
    if product:
        payload["product_id"] = product[0]
        if product[1]:
            payload["variation_id"] = product[1]
    else:
        # A line must name a product; a SKU that nobody has makes a line of its own name and price.
        payload["sku"] = f"crossdock-{hashlib.sha256(name.encode()).hexdigest()[:24]}"
        if line.sku:
            meta[SKU_KEY] = line.sku
    meta |= _tax_note(charge)
    for key, value in line.attributes:
        if key and value:
            # Keys that begin with an underscore would act as fields of WooCommerce's own.
            meta[f"{OWN_PREFIX}attribute{key}" if key.startswith("_") else key] = value
    payload["meta_data"] = _pairs(meta)
    return payload


def _shipping(charge: Charge) -> Payload:
    title = charge.part.title if isinstance(charge.part, ShippingLine) else ""
    return {
        "method_id": _NEUTRAL,
        "method_title": title or "Shipping",
        "total": str(charge.net),
        "meta_data": _pairs(_tax_note(charge)),
    }


def _fee(charge: Charge) -> Payload:
    title = charge.part.title if isinstance(charge.part, Fee) else ""
    return {
        "name": title or "Fee",
        "tax_status": "none",
        "total": str(charge.net),
        "meta_data": _pairs(_tax_note(charge)),
    }


def _tax_fee(tax: TaxLine) -> Payload:
    return {
        "name": tax.title or "Tax",
        "tax_status": "none",
        "total": str(tax.amount),
        "meta_data": _pairs({TAX_KEY: tax_fee_note(tax)}),
    }


def _tax_note(charge: Charge) -> Payload:
    return {PARTS_KEY: taxes_note(charge.taxes, charge.subtotal_tax)} if charge.taxes else {}


def _meta(order: Order, marker: Marker, resolution: Resolution, kept_email: str) -> list[Payload]:
    number = order.bare_number or order.number
    coupons = [(coupon.code, None if coupon.amount is None else str(coupon.amount)) for coupon in order.coupons]
    texts = {
        MARKER_KEY: str(marker),
        **_QUIET,
        NUMBER_KEY: number,
        resolution.get("number_key", ""): number,
        CREATED_KEY: written_time(order.created_at) if order.created_at else "",
        INCLUDED_KEY: "yes" if order.taxes_included else "no",
        EMAIL_KEY: kept_email,
        CANCEL_KEY: order.cancel_reason,
        COUPONS_KEY: _json(coupons),
        TAGS_KEY: _json(order.tags),
        ATTRIBUTES_KEY: _json(order.attributes),
    }
    return _pairs({key: text for key, text in texts.items() if key and text})


def _json(values: object) -> str:
    return msgspec.json.encode(values).decode() if values else ""


def _pairs(meta: Payload) -> list[Payload]:
    return [{"key": key, "value": value} for key, value in meta.items()]
