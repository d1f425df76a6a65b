"""Own how a WooCommerce store would hold an invented order, its refunds and the catalogue: records of the REST API v3.

Knows no store. Amounts are written with the shop's two decimals whatever the currency, line totals without taxes
whatever the prices, as the platform does (WooCommerce reference §4.6). Every record adds up.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from crossdock.sandbox.people_views import woo_billing, woo_email, woo_id, woo_shipping
from crossdock.sandbox.sales import Sale, SaleRefund, sale
from crossdock.sandbox.sales_lines import SaleLine
from crossdock.sandbox.sales_taxes import Amount

_ITEMS_PER_ORDER, _MAX_LINES = 400, 300
_DELETED_ACCOUNTS = 800_000_000
_META_PER_ORDER = 10


def woo_orders(seed: int, orders: int, customers: int) -> Iterator[dict[str, Any]]:
    """Yield the records of those of that many orders that WooCommerce has, in order of their ids."""
    for index in range(orders):
        sold = sale(seed, index, customers)
        if sold.presence != "shopify":
            yield woo_order(sold)


def woo_refunds(seed: int, orders: int, customers: int) -> Iterator[dict[str, Any]]:
    """Yield the records of the refunds of those orders, each with its `order_id`."""
    for index in range(orders):
        sold = sale(seed, index, customers)
        if sold.presence != "shopify":
            yield from woo_order_refunds(sold)


def woo_order(sold: Sale) -> dict[str, Any]:
    """Return an order's record without what a store derives from it (links, local times, symbols)."""
    basket, billing = sold.basket, _billing(sold)
    return {
        "id": sold.woo_id,
        "parent_id": 0,
        "status": sold.status,
        "currency": sold.currency.code,
        "version": "9.2.5",
        "prices_include_tax": basket.regime.is_included,
        "date_created_gmt": _time(sold.created_at),
        "date_modified_gmt": _time(_modified_at(sold)),
        **_totals(sold),
        "customer_id": _customer_id(sold),
        "order_key": f"wc_order_{sold.style:04x}{sold.woo_id}",
        "billing": billing,
        "shipping": woo_shipping(billing) if basket.shipping else {},
        "payment_method": sold.payment_method,
        "payment_method_title": sold.payment_title,
        "transaction_id": f"txn_{sold.woo_id}" if sold.payment_method in ("stripe", "paypal") and sold.paid_at else "",
        "customer_ip_address": f"203.0.113.{sold.style % 254 + 1}",
        "customer_user_agent": "",
        "created_via": "checkout",
        "customer_note": sold.note,
        "date_completed_gmt": _time(sold.completed_at),
        "date_paid_gmt": _time(sold.paid_at),
        "cart_hash": "",
        "number": str(sold.woo_id),
        "meta_data": _meta(sold),
        "line_items": [_line(sold, place, line) for place, line in enumerate(basket.lines)],
        "tax_lines": _tax_lines(sold),
        "shipping_lines": _shipping_lines(sold),
        "fee_lines": [_fee(sold, place, *fee) for place, fee in enumerate(basket.fees)],
        "coupon_lines": _coupon_lines(sold),
        "refunds": [
            {"id": sold.woo_id + 1 + place, "reason": refund.reason, "total": _text(sold, -refund.amount)}
            for place, refund in enumerate(sold.refunds)
        ],
    }


def woo_order_refunds(sold: Sale) -> list[dict[str, Any]]:
    """Return the records of an order's refunds."""
    return [
        {
            "id": sold.woo_id + 1 + place,
            "order_id": sold.woo_id,
            "date_created_gmt": _time(refund.at),
            "amount": _text(sold, refund.amount),
            "reason": refund.reason,
            "refunded_by": 1,
            "refunded_payment": False,
            "meta_data": [],
            "line_items": _refunded_lines(sold, refund),
            "shipping_lines": [],
            "tax_lines": [],
            "fee_lines": [],
        }
        for place, refund in enumerate(sold.refunds)
    ]


def _totals(sold: Sale) -> dict[str, str]:
    lines, sent = sold.basket.lines, _sent(sold)
    total_tax = sum(amount.tax for amount in _goods(sold)) + sent.tax
    return {
        "discount_total": _text(sold, sum(line.before.net - line.after.net for line in lines)),
        "discount_tax": _text(sold, sum(line.before.tax - line.after.tax for line in lines)),
        "shipping_total": _text(sold, sent.net),
        "shipping_tax": _text(sold, sent.tax),
        "cart_tax": _text(sold, total_tax - sent.tax),
        "total": _text(sold, sold.total),
        "total_tax": _text(sold, total_tax),
    }


def _goods(sold: Sale) -> list[Amount]:
    return [line.after for line in sold.basket.lines] + [fee for _, fee in sold.basket.fees]


def _sent(sold: Sale) -> Amount:
    return sold.basket.shipping.amount if sold.basket.shipping else Amount(0)


def _billing(sold: Sale) -> dict[str, str]:
    email = woo_email(sold.buyer) if sold.email else ""
    return {**woo_billing(sold.buyer, email), "email": email}


def _customer_id(sold: Sale) -> int:
    if sold.oddity == "deleted_account":
        return _DELETED_ACCOUNTS + sold.index
    return woo_id(sold.buyer.index) if sold.has_account and sold.buyer.presence != "shopify" else 0


def _modified_at(sold: Sale) -> datetime:
    moments = [sold.created_at, sold.completed_at, sold.paid_at, *(refund.at for refund in sold.refunds)]
    return max(moment for moment in moments if moment is not None) + timedelta(seconds=2)


def _meta(sold: Sale) -> list[dict[str, Any]]:
    values: dict[str, Any] = {"_wc_order_attribution_source_type": "organic"} if sold.style % 3 == 0 else {}
    if sold.style % 7 == 0:
        values |= {"legacy_order_no": f"OLD-{sold.style}", "gift_message": "Für <b>Ada</b> & Bo 🎁"}
    if sold.oddity == "test":
        values["_test_order"] = "yes"
    first = sold.index * _META_PER_ORDER + 1
    return [{"id": first + place, "key": key, "value": value} for place, (key, value) in enumerate(values.items())]


def _item_id(sold: Sale, place: int) -> int:
    """Return the id of an item; lines come first, then the other kinds from `_MAX_LINES` on."""
    return sold.index * _ITEMS_PER_ORDER + place + 1


def _line(sold: Sale, place: int, line: SaleLine) -> dict[str, Any]:
    item, variant = _item_id(sold, place), line.variant
    known = variant if variant and variant.product.is_on_woo else None
    values = {
        **({"size": line.size} if line.size else {}),
        **({"Engraving": line.engraving} if line.engraving else {}),
        **({"_reduced_stock": str(line.quantity)} if sold.paid_at and known else {}),
    }
    return {
        "id": item,
        "name": f"{line.title} - {line.size}" if line.size else line.title,
        "product_id": known.product.woo_id if known else 0,
        "variation_id": known.variation_id if known else 0,
        "quantity": line.quantity,
        "tax_class": "",
        "subtotal": _text(sold, line.before.net),
        "subtotal_tax": _text(sold, line.before.tax),
        "total": _text(sold, line.after.net),
        "total_tax": _text(sold, line.after.tax),
        "taxes": _taxes(sold, line.after, line.before),
        "meta_data": [
            {
                "id": item * 4 + number,
                "key": key,
                "value": value,
                "display_key": key.capitalize() if key == "size" else key,
                "display_value": value,
            }
            for number, (key, value) in enumerate(values.items())
        ],
        "sku": (known.sku or "") if known else None,
        "price": float(Decimal(_text(sold, line.after.net)) / line.quantity) if line.quantity else 0,
        "image": {"id": "", "src": ""},
        "parent_name": line.title if line.size else None,
    }


def _taxes(sold: Sale, after: Amount, before: Amount | None) -> list[dict[str, Any]]:
    return [
        {
            "id": rate.id,
            "total": _bare(sold, after.taxes[place]),
            "subtotal": _bare(sold, before.taxes[place]) if before else "",
        }
        for place, rate in enumerate(sold.basket.regime.rates)
    ]


def _tax_lines(sold: Sale) -> list[dict[str, Any]]:
    goods, sent = _goods(sold), _sent(sold)
    return [
        {
            "id": _item_id(sold, _MAX_LINES + place),
            "rate_code": rate.code,
            "rate_id": rate.id,
            "label": rate.label,
            "compound": rate.is_compound,
            "tax_total": _text(sold, sum(amount.taxes[place] for amount in goods)),
            "shipping_tax_total": _text(sold, sent.taxes[place] if sent.taxes else 0),
            "rate_percent": rate.thousandths / 1000,
            "meta_data": [],
        }
        for place, rate in enumerate(sold.basket.regime.rates)
    ]


def _shipping_lines(sold: Sale) -> list[dict[str, Any]]:
    sent = sold.basket.shipping
    if sent is None:
        return []
    return [
        {
            "id": _item_id(sold, _MAX_LINES + 10),
            "method_title": sent.title,
            "method_id": sent.method,
            "instance_id": "1",
            "total": _text(sold, sent.amount.net),
            "total_tax": _text(sold, sent.amount.tax),
            "taxes": _taxes(sold, sent.amount, None),
            "meta_data": [],
        },
    ]


def _fee(sold: Sale, place: int, title: str, amount: Amount) -> dict[str, Any]:
    return {
        "id": _item_id(sold, _MAX_LINES + 20 + place),
        "name": title,
        "tax_class": "",
        "tax_status": "taxable" if amount.tax else "none",
        "amount": "",
        "total": _text(sold, amount.net),
        "total_tax": _text(sold, amount.tax),
        "taxes": _taxes(sold, amount, None),
        "meta_data": [],
    }


def _coupon_lines(sold: Sale) -> list[dict[str, Any]]:
    """Return the coupons, the discount of the lines shared out among them; the last takes what is left."""
    codes, lines = sold.basket.coupons, sold.basket.lines
    discount = sum(line.before.net - line.after.net for line in lines)
    tax = sum(line.before.tax - line.after.tax for line in lines)
    records: list[dict[str, Any]] = []
    for place, code in enumerate(codes):
        left = len(codes) - place
        taken, taken_tax = discount // left, tax // left
        discount, tax = discount - taken, tax - taken_tax
        item = _item_id(sold, _MAX_LINES + 30 + place)
        info = f'[{place + 1},"{code}","percent",10]'
        told = {"key": "coupon_info", "value": info, "display_key": "coupon_info", "display_value": info}
        records.append(
            {
                "id": item,
                "code": code,
                "discount": _bare(sold, taken),
                "discount_tax": _bare(sold, taken_tax),
                "meta_data": [{"id": item * 4, **told}],
                "discount_type": "percent",
                "nominal_amount": 10,
                "free_shipping": False,
            },
        )
    return records


def _refunded_lines(sold: Sale, refund: SaleRefund) -> list[dict[str, Any]]:
    """Return the units given back, negative, naming their line in meta as the platform does."""
    if not refund.units:
        return []
    line = sold.basket.lines[0]
    net = min(refund.amount, line.after.net // line.quantity)
    item = _item_id(sold, _MAX_LINES + 40)
    return [
        {
            **_line(sold, 0, line),
            "id": item,
            "quantity": -refund.units,
            "subtotal": _text(sold, -net),
            "subtotal_tax": _text(sold, net - refund.amount),
            "total": _text(sold, -net),
            "total_tax": _text(sold, net - refund.amount),
            "taxes": [],
            "meta_data": [{"id": item * 4, "key": "_refunded_item_id", "value": str(_item_id(sold, 0))}],
        },
    ]


def _text(sold: Sale, units: int) -> str:
    """Write minor units as the shop shows them: in major units, with two decimals."""
    return f"{Decimal(units).scaleb(-sold.currency.exponent):.2f}"


def _bare(sold: Sale, units: int) -> str:
    """Write minor units without trailing zeros, as the platform writes a coupon's discount and single taxes."""
    text = _text(sold, units)
    return text.rstrip("0").rstrip(".")


def _time(moment: datetime | None) -> str | None:
    return moment.replace(tzinfo=None).isoformat() if moment else None
