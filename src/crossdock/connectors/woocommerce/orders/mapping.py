"""Orders from WooCommerce's wire form to the domain: pure.

Owns which field becomes which. Must not send anything.

Source: WooCommerce REST API v3, orders and order refunds.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import InvalidOperation
from typing import TypeVar

import msgspec

from crossdock.connectors.contract import UnreadableRecord
from crossdock.connectors.woocommerce.addresses import WireAddress, address_from_wire
from crossdock.connectors.woocommerce.meta import MARKER_KEY, meta_values
from crossdock.connectors.woocommerce.orders.parts import Parts, comparable_count
from crossdock.connectors.woocommerce.orders.statuses import (
    CANCELLED,
    HALF_MADE,
    financial_of,
    fulfillment_of,
    is_known,
)
from crossdock.connectors.woocommerce.orders.wire import (
    ATTRIBUTES_KEY,
    CANCEL_KEY,
    COUPONS_KEY,
    CREATED_KEY,
    EMAIL_KEY,
    INCLUDED_KEY,
    NUMBER_KEY,
    NUMBER_PLUGIN_KEYS,
    ORDER_KEYS,
    REFUNDED_ITEM_KEY,
    TAGS_KEY,
    WireOrder,
    WireRefund,
    WireRefundShort,
    decimal_of,
    order_of,
)
from crossdock.domain.customer import Address
from crossdock.domain.errors import UnmappableValueError
from crossdock.domain.money import Money, total
from crossdock.domain.order import Coupon, Financial, Order, Refund, RefundLine, Transaction

T = TypeVar("T")

_PAID = frozenset({Financial.PAID, Financial.PARTIALLY_REFUNDED, Financial.REFUNDED})


def readable(raw: msgspec.Raw) -> Order | UnreadableRecord | None:
    """Decode and map a row; None where it is a draft of the checkout or thrown away."""
    wire = order_of(raw)
    if isinstance(wire, UnreadableRecord):
        return wire
    return None if wire.is_ignored else mapped(wire)


def mapped(wire: WireOrder, refunds: Sequence[WireRefund] | None = None) -> Order | UnreadableRecord:
    """Map an order; one whose amounts are none is told by its id."""
    try:
        return order_from_wire(wire, refunds)
    except (InvalidOperation, UnmappableValueError):
        return UnreadableRecord(str(wire.id), "an amount of the order is no number")


def order_from_wire(wire: WireOrder, refunds: Sequence[WireRefund] | None = None) -> Order:
    """Map an order as far as it was asked for; `refunds` are its refunds as their own list gives them.

    Raises:
        UnmappableValueError, decimal.InvalidOperation: an amount is no number.
    """
    currency, status = wire.currency or "", wire.status or ""
    # A half-made order of ours must not be taken for the order that it was to become.
    keys = NUMBER_PLUGIN_KEYS if status == HALF_MADE else ORDER_KEYS
    meta = meta_values(wire.meta_data, keys)
    is_own = MARKER_KEY in meta
    number = str(wire.number or wire.id)
    billing = _address(wire.billing)
    line_count, comparable = _counts(wire)
    order = Order(
        id=str(wire.id),
        number=number,
        bare_number=_bare_number(number, meta),
        currency=currency,
        total=Money.of(decimal_of(wire.total), currency),
        created_at=_own_time(meta) or _utc(wire.date_created_gmt),
        email=(wire.billing.email or meta.get(EMAIL_KEY, "")).strip(),
        phone=billing.phone if billing else "",
        status=status,
        financial_status=_financial(wire, currency),
        fulfillment_status=fulfillment_of(status, is_completed=wire.date_completed_gmt is not None),
        paid_at=_utc(wire.date_paid_gmt),
        completed_at=_utc(wire.date_completed_gmt),
        is_cancelled=status == CANCELLED,
        cancel_reason=meta.get(CANCEL_KEY, ""),
        taxes_included=meta.get(INCLUDED_KEY) == "yes" if is_own else bool(wire.prices_include_tax),
        refunded=_refunded(wire, currency),
        customer_id=str(wire.customer_id or ""),
        billing=billing,
        shipping=_address(wire.shipping),
        note=wire.customer_note or "",
        tags=tuple(_noted(meta, TAGS_KEY, list[str]) or ()),
        attributes=tuple(_noted(meta, ATTRIBUTES_KEY, list[tuple[str, str]]) or ()),
        marker=meta.get(MARKER_KEY, ""),
        unknown=() if is_known(status) else (status,),
        line_count=line_count,
        comparable_line_count=comparable,
    )
    return order if wire.shipping_lines is None else _whole(order, wire, meta, refunds)


def _refunded(wire: WireOrder, currency: str) -> Money:
    return total((Money.of(abs(decimal_of(refund.total)), currency) for refund in wire.refunds), currency)


def _financial(wire: WireOrder, currency: str) -> str:
    charged, refunded = Money.of(decimal_of(wire.total), currency), _refunded(wire, currency)
    return financial_of(
        wire.status or "",
        is_paid=wire.date_paid_gmt is not None,
        is_refunded=refunded.amount > 0,
        is_all_refunded=0 < charged.amount <= refunded.amount,
    )


def refund_from_wire(wire: WireRefund, currency: str, *, is_included: bool) -> Refund:
    """Map a refund; lines of it that don't tell which line they give back are left out."""
    lines: list[RefundLine] = []
    for item in wire.line_items:
        line_id = meta_values(item.meta_data, (REFUNDED_ITEM_KEY,)).get(REFUNDED_ITEM_KEY, "")
        amount = decimal_of(item.total) + (decimal_of(item.total_tax) if is_included else 0)
        if line_id:
            lines.append(RefundLine(line_id, abs(int(decimal_of(item.quantity))), Money.of(abs(amount), currency)))
    return Refund(
        id=str(wire.id),
        amount=Money.of(abs(decimal_of(wire.amount)), currency),
        reason=wire.reason or "",
        created_at=_utc(wire.date_created_gmt),
        lines=tuple(lines),
    )


def _whole(order: Order, wire: WireOrder, meta: dict[str, str], refunds: Sequence[WireRefund] | None) -> Order:
    """Add what only a whole read tells."""
    currency, is_included = order.currency, order.taxes_included
    parts = Parts(wire, is_own=bool(order.marker), is_included=is_included)
    lines = parts.lines()
    zero = Money.of(0, currency)
    return replace(
        order,
        total_tax=Money.of(decimal_of(wire.total_tax), currency) + parts.tax_fees_total(),
        shipping_total=Money.of(decimal_of(wire.shipping_total), currency),
        discount_total=sum((line.subtotal - line.total for line in lines), zero),
        lines=lines,
        shipping_lines=parts.shipping(),
        fees=parts.fees(),
        coupons=_coupons(wire, meta, currency, is_included=is_included),
        taxes=parts.taxes(),
        refunds=_refunds(wire, refunds, currency, is_included=is_included),
        transactions=_payment(order, wire),
        payment_title=wire.payment_method_title or "",
    )


def _refunds(
    wire: WireOrder, refunds: Sequence[WireRefund] | None, currency: str, *, is_included: bool
) -> tuple[Refund, ...]:
    if refunds is None:
        return tuple(_short_refund(refund, currency) for refund in wire.refunds)
    return tuple(refund_from_wire(refund, currency, is_included=is_included) for refund in refunds)


def _payment(order: Order, wire: WireOrder) -> tuple[Transaction, ...]:
    """Tell of the one payment that WooCommerce knows: of what is paid, all of it."""
    is_paid = order.paid_at is not None or order.financial_status in _PAID
    if not is_paid or not order.total.amount:
        return ()
    gateway = wire.payment_method_title or wire.payment_method or ""
    sale = Transaction("sale", order.total, gateway, reference=wire.transaction_id or "", processed_at=order.paid_at)
    return (sale,)


def _coupons(wire: WireOrder, meta: dict[str, str], currency: str, *, is_included: bool) -> tuple[Coupon, ...]:
    used: list[Coupon] = []
    for coupon in wire.coupon_lines or []:
        amount = decimal_of(coupon.discount) + (decimal_of(coupon.discount_tax) if is_included else 0)
        used.append(Coupon(coupon.code or "", Money.of(amount, currency)))
    noted = _noted(meta, COUPONS_KEY, list[tuple[str, str | None]])
    used += [Coupon(code, None if amount is None else Money.of(amount, currency)) for code, amount in noted or []]
    return tuple(used)


def _short_refund(wire: WireRefundShort, currency: str) -> Refund:
    return Refund(str(wire.id), Money.of(abs(decimal_of(wire.total)), currency), wire.reason or "")


def _counts(wire: WireOrder) -> tuple[int | None, int | None]:
    if wire.line_items is None:
        return None, None
    return len(wire.line_items), comparable_count(wire.line_items, wire.fee_lines or [])


def _bare_number(number: str, meta: dict[str, str]) -> str:
    """Give the number without what is put around it: ours of the source order, or a plugin's own."""
    if MARKER_KEY in meta and meta.get(NUMBER_KEY):
        return meta[NUMBER_KEY]
    kept = (meta.get(key, "") for key in NUMBER_PLUGIN_KEYS)
    # A plugin that was switched off leaves its numbers behind, and the shop shows others.
    return next((bare for bare in kept if bare and bare in number), number)


def _noted(meta: dict[str, str], key: str, kind: type[T]) -> T | None:
    """Read a note of ours; None where there is none, or where somebody has changed it."""
    try:
        return msgspec.json.decode(meta[key], type=kind) if key in meta else None
    except msgspec.DecodeError:
        return None


def _own_time(meta: dict[str, str]) -> datetime | None:
    """Give the time of the source order, kept in case that the shop does not let its own date be set."""
    if MARKER_KEY not in meta:
        return None
    try:
        return datetime.fromisoformat(meta[CREATED_KEY]) if CREATED_KEY in meta else None
    except ValueError:
        return None


def _utc(time: datetime | None) -> datetime | None:
    return None if time is None else time.replace(tzinfo=UTC)


def _address(wire: WireAddress) -> Address | None:
    address = address_from_wire(wire)
    return None if address == Address() else address
