"""Whether an order reads back as it was sent: pure.

Owns which values are compared, now and when the order is undone. Must not send anything.
"""

from datetime import UTC, datetime
from typing import Any

from crossdock.connectors.replies import store_words
from crossdock.connectors.woocommerce.meta import marker_of
from crossdock.connectors.woocommerce.orders.times import written_time
from crossdock.connectors.woocommerce.orders.wire import WireOrder, decimal_of
from crossdock.domain.identity import text_key
from crossdock.domain.imprint import Imprint, imprint_of
from crossdock.domain.money import Money, total
from crossdock.domain.plan import Level, Reason

Expected = dict[str, Any]


def differences(expected: Expected, wire: WireOrder) -> tuple[Reason, ...]:
    """Tell how an order differs from what was sent; none where it is as it should be."""
    currency = str(expected["currency"])
    found = list(total_difference(str(expected["total"]), currency, wire))
    refunded = total((Money.of(abs(decimal_of(one.total)), currency) for one in wire.refunds), currency)
    if str(refunded) != expected["refunded"]:
        text = f"{refunded} {currency} of the order are refunded in WooCommerce, {expected['refunded']} were planned."
        found.append(_warning("refunds_differ", text))
    if wire.status != expected["status"]:
        held = store_words(wire.status or "")
        text = f"The order has the status “{held}” in WooCommerce instead of “{expected['status']}”."
        found.append(_warning("status_differs", text))
    if not _is_same_time(str(expected["date_created"]), wire.date_created_gmt):
        text = "WooCommerce did not take the order's date; it is kept in the order's meta data."
        found.append(_warning("date_not_kept", text))
    if changed := _changed_fields(expected, wire):
        text = f"The store keeps another form of: {', '.join(changed)}."
        found.append(_warning("field_changed_by_store", text))
    return tuple(found)


def held_imprint(wire: WireOrder) -> Imprint:
    """Take an imprint of all that was sent, as the store holds it; lines by what they are and come to."""
    return imprint_of(
        {
            "status": wire.status,
            "date": wire.date_created_gmt,
            "date of payment": wire.date_paid_gmt,
            "date of completion": wire.date_completed_gmt,
            "total": (wire.total, wire.currency),
            "refunds": wire.refunds,
            "customer": wire.customer_id,
            "note": wire.customer_note,
            "payment": (wire.payment_method_title, wire.transaction_id),
            "billing address": wire.billing,
            "shipping address": wire.shipping,
            "lines": [
                (line.id, line.name, line.product_id, line.variation_id, str(line.quantity), line.total)
                for line in wire.line_items or []
            ],
            "shipping": [(line.id, line.method_title, line.total) for line in wire.shipping_lines or []],
            "fees": [(line.id, line.name, line.total) for line in wire.fee_lines or []],
            "coupons": [(coupon.code, str(coupon.discount)) for coupon in wire.coupon_lines or []],
            "Crossdock's note": marker_of(wire.meta_data),
        }
    )


def total_difference(wanted: str, currency: str, wire: WireOrder) -> tuple[Reason, ...]:
    """Tell when an order's total is another than what was sent, or of another currency."""
    held = Money.of(decimal_of(wire.total), wire.currency or currency)
    if held == Money.of(wanted, currency):
        return ()
    text = f"The order's total is {held} {held.currency} in WooCommerce and {wanted} {currency} in the source."
    return (_warning("total_differs", text),)


def is_finished(payload: Expected, wire: WireOrder) -> bool:
    """Tell whether the second pass has taken effect, all of it."""
    meta = {pair["key"]: pair["value"] for pair in payload["meta_data"]}
    email = str(meta.get("_billing_email", ""))
    return (
        payload.get("customer_id", wire.customer_id) == wire.customer_id
        and payload.get("status", wire.status) == wire.status
        and (not email or email.lower() == (wire.billing.email or "").lower())
        and _is_same_time(meta.get("_date_created", ""), wire.date_created_gmt)
        and _is_same_time(meta.get("_date_paid", ""), wire.date_paid_gmt)
        and _is_same_time(meta.get("_date_completed", ""), wire.date_completed_gmt)
    )


def _changed_fields(expected: Expected, wire: WireOrder) -> list[str]:
    changed: list[str] = []
    if str(expected["billing"]["email"]).lower() != (wire.billing.email or "").lower():
        changed.append("e-mail")
    for kind, held in (("billing", wire.billing), ("shipping", wire.shipping)):
        changed += [
            f"{kind} {name.replace('_', ' ')}"
            for name, text in expected[kind].items()
            if name != "email" and text_key(text) != text_key(getattr(held, name) or "")
        ]
    if text_key(expected["customer_note"]) != text_key(wire.customer_note or ""):
        changed.append("note")
    if expected["lines"] != len(wire.line_items or []):
        changed.append("lines")
    if expected["customer_id"] != wire.customer_id:
        changed.append("customer")
    if not _is_same_time(str(expected["date_paid"]), wire.date_paid_gmt):
        changed.append("date of payment")
    if not _is_same_time(str(expected["date_completed"]), wire.date_completed_gmt):
        changed.append("date of completion")
    return changed


def _is_same_time(wanted: str, held: datetime | None) -> bool:
    """Whether a date reads back to the second; one that was not sent may be anything."""
    return not wanted or (held is not None and written_time(held.replace(tzinfo=UTC)) == wanted)


def _warning(code: str, text: str) -> Reason:
    return Reason(code, Level.WARNING, text)
