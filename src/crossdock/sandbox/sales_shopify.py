"""Own how a Shopify store would hold an invented order: seeds of the Shopify sandbox.

Knows no store. Where an order is on both stores it comes to the same total, unless its oddity says otherwise; fees are
lines there, reductions discounts, and lines of no units don't exist.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from crossdock.sandbox.people_views import shopify_address
from crossdock.sandbox.sales import Sale, sale
from crossdock.sandbox.sales_lines import SaleLine
from crossdock.sandbox.sales_taxes import Amount
from crossdock.sandbox.shopify.order_seeds import (
    SeedDiscount,
    SeedLine,
    SeedOrder,
    SeedRefund,
    SeedShipping,
    SeedTax,
    SeedTransaction,
)

_GATEWAYS = {"bacs": "Bank Deposit", "cod": "Cash on Delivery (COD)", "stripe": "shopify_payments", "paypal": "paypal"}
_RATE_UNIT = Decimal(100_000)
_STATES = {
    "completed": ("PAID", "FULFILLED"),
    "shipped": ("PAID", "FULFILLED"),
    "processing": ("PAID", "UNFULFILLED"),
    "refunded": ("REFUNDED", "FULFILLED"),
    "on-hold": ("PENDING", "UNFULFILLED"),
    "pending": ("PENDING", "UNFULFILLED"),
    "cancelled": ("VOIDED", "UNFULFILLED"),
    "failed": ("VOIDED", "UNFULFILLED"),
}
_ODD_FINANCIALS = {"authorized": "AUTHORIZED", "partially_paid": "PARTIALLY_PAID", "expired": "EXPIRED"}
_REASONS = ("CUSTOMER", "INVENTORY", "OTHER", "FRAUD")
_TAGS = ("wholesale", "gift", "été", "phone order")


def shopify_orders(seed: int, orders: int, customers: int) -> Iterator[SeedOrder]:
    """Yield those of that many orders that Shopify has."""
    for index in range(orders):
        sold = sale(seed, index, customers)
        if sold.presence != "woocommerce":
            yield shopify_order(sold)


def shopify_order(sold: Sale) -> SeedOrder:
    """Return an order as Shopify would hold it."""
    email = _email(sold)
    address = shopify_address(sold.buyer) if sold.buyer.street else None
    financial, fulfillment = _states(sold)
    is_cancelled = sold.status == "cancelled" and sold.oddity != "expired"
    return SeedOrder(
        lines=_lines(sold),
        processed_at=sold.shopify_at,
        name=sold.name,
        number=sold.shopify_number,
        email=email,
        phone=sold.buyer.phone or None,
        customer_email=email if sold.has_account else None,
        created_at=sold.shopify_at + timedelta(days=200) if sold.keeps_number else None,
        currency=sold.currency.code,
        presentment=("EUR", "0.9") if sold.oddity == "presentment" else None,
        taxes_included=sold.basket.regime.is_included,
        shipping_lines=_shipping_lines(sold),
        discounts=_discounts(sold),
        transactions=_transactions(sold),
        refunds=[
            SeedRefund(
                _text(sold, refund.amount),
                refund.reason or None,
                refund.at,
                [(0, refund.units)] if refund.units else (),
            )
            for refund in sold.refunds
        ],
        financial_status=financial,
        fulfillment_status=fulfillment,
        cancelled_at=sold.shopify_at + timedelta(hours=5) if is_cancelled else None,
        cancel_reason=_REASONS[sold.style % len(_REASONS)] if is_cancelled else None,
        closed_at=sold.completed_at if sold.style % 2 else None,
        note=sold.note or None,
        tags=[tag for place, tag in enumerate(_TAGS) if sold.style >> place & 7 == 0],
        attributes=[("gift_message", "Für <b>Ada</b> & Bo 🎁")] if sold.style % 7 == 0 else (),
        test=sold.oddity == "test",
        billing=address,
        shipping=address if sold.basket.shipping else None,
    )


def _email(sold: Sale) -> str | None:
    if not sold.email:
        return None
    return f"new.{sold.email.lower()}" if sold.oddity == "other_email" else sold.email.lower()


def _states(sold: Sale) -> tuple[str, str]:
    financial, fulfillment = _STATES[sold.status]
    if sold.refunds and sold.status != "refunded":
        financial = "PARTIALLY_REFUNDED"
    if sold.oddity == "other_status":
        fulfillment = "FULFILLED"
    return _ODD_FINANCIALS.get(sold.oddity, financial), fulfillment


def _sense(sold: Sale, amount: Amount) -> int:
    """Return an amount in the order's sense of tax: prices include it or they don't."""
    return amount.gross if sold.basket.regime.is_included else amount.net


def _lines(sold: Sale) -> list[SeedLine]:
    reduction = -sum(_sense(sold, fee) for _, fee in sold.basket.fees if fee.net < 0)
    lines: list[SeedLine] = []
    for line in sold.basket.lines:
        if line.quantity:
            taken = min(reduction, _sense(sold, line.after))
            reduction -= taken
            lines.append(_line(sold, line, taken))
    lines += [
        SeedLine(title, unit_price=_text(sold, _sense(sold, fee)), requires_shipping=False, taxable=bool(fee.tax))
        for title, fee in sold.basket.fees
        if fee.net >= 0
    ]
    return lines


def _line(sold: Sale, line: SaleLine, reduction: int) -> SeedLine:
    """Write a line: a price that the units don't divide is rounded up, and what that adds is taken off again."""
    unit = -(-_sense(sold, line.before) // line.quantity)
    known = line.variant if line.variant and line.variant.product.is_on_shopify else None
    return SeedLine(
        title=line.title,
        quantity=line.quantity,
        unit_price=_text(sold, unit),
        variant_title=line.size or None,
        sku=(known.shopify_sku if known else line.sku) or None,
        discount=_text(sold, unit * line.quantity - _sense(sold, line.after) + reduction),
        taxes=_taxes(sold, line.after),
        variant_sku=(known.shopify_sku or None) if known else None,
        requires_shipping=not (line.variant and line.variant.product.is_immaterial),
        taxable=bool(line.after.tax) or line.variant is None or line.variant.product.is_taxable,
        properties=[("Engraving", line.engraving)] if line.engraving else (),
    )


def _taxes(sold: Sale, amount: Amount) -> list[SeedTax]:
    return [
        SeedTax(rate.label, _text(sold, tax), Decimal(rate.thousandths) / _RATE_UNIT)
        for rate, tax in zip(sold.basket.regime.rates, amount.taxes, strict=False)
        if tax
    ]


def _shipping_lines(sold: Sale) -> list[SeedShipping]:
    lines: list[SeedShipping] = []
    if sold.basket.shipping:
        sent = sold.basket.shipping
        price = _text(sold, _sense(sold, sent.amount))
        lines.append(SeedShipping(sent.title, price, code=sent.method, taxes=_taxes(sold, sent.amount)))
    if sold.oddity == "other_total":
        lines.append(SeedShipping("Island surcharge", _text(sold, 100)))
    return lines


def _discounts(sold: Sale) -> list[SeedDiscount]:
    percent = 100 if sold.oddity == "no_total" else 10 * len(sold.basket.coupons)
    codes = [SeedDiscount(" ".join(sold.basket.coupons), is_percentage=True, value=str(percent))] if percent else []
    reductions = [
        SeedDiscount(title=title, value=_text(sold, -_sense(sold, fee)))
        for title, fee in sold.basket.fees
        if fee.net < 0
    ]
    return codes + reductions


def _transactions(sold: Sale) -> list[SeedTransaction]:
    total = sold.total + (100 if sold.oddity == "other_total" else 0)
    gateway = _GATEWAYS.get(sold.payment_method, "manual")
    match sold.oddity:
        case "authorized":
            return [SeedTransaction(_text(sold, total), "AUTHORIZATION", gateway=gateway, processed_at=sold.shopify_at)]
        case "partially_paid":
            return [SeedTransaction(_text(sold, total // 2), gateway=gateway, processed_at=sold.shopify_at)]
        case _ if sold.paid_at and total:
            paid_at = sold.shopify_at + (sold.paid_at - sold.created_at)
            return [SeedTransaction(_text(sold, total), gateway=gateway, processed_at=paid_at)]
        case _ if sold.status == "failed":
            return [SeedTransaction(_text(sold, total), status="FAILURE", gateway=gateway)]
        case _:
            return []


def _text(sold: Sale, units: int) -> str:
    """Write minor units in major ones, with the currency's decimals."""
    return f"{Decimal(units).scaleb(-sold.currency.exponent):f}"
