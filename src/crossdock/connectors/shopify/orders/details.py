"""What an order's note and details tell of what Shopify has no field for. Pure.

Owns the keys of our attributes and the sentences in a draft's note. It must not know how an order is sent.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from crossdock.connectors.shopify.customers.mapping import MOST_NOTE, MOST_TEXT
from crossdock.connectors.shopify.orders.arithmetic import PricedOrder
from crossdock.connectors.shopify.orders.contact import Contact
from crossdock.connectors.shopify.orders.wire_out import KeyedValue
from crossdock.connectors.shopify.orders.words import (
    COUPONS_ATTRIBUTE,
    NUMBER_ATTRIBUTE,
    OURS,
    PAYMENT_ATTRIBUTE,
    coupons_text,
)
from crossdock.domain.order import Order

_NO_PAYMENT: Final = frozenset({"refund", "void"})


def iso(moment: datetime | None) -> str:
    """Write a time as Shopify reads it, to the second; empty for none."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def attributes_of(order: Order, amounts: PricedOrder, contact: Contact) -> tuple[KeyedValue, ...]:
    """Give the attributes of an order: the source's own, then ours with what no field holds."""
    references = [payment.reference for payment in order.transactions if payment.reference]
    ours = {
        NUMBER_ATTRIBUTE: order.bare_number or order.number,
        f"{OURS}status": order.status,
        COUPONS_ATTRIBUTE: coupons_text(order.coupons) if order.coupons else "",
        f"{OURS}reductions": str(amounts.beyond_coupons) if amounts.beyond_coupons.amount else "",
        f"{OURS}payment": ", ".join(references),
        PAYMENT_ATTRIBUTE: "" if order.transactions else order.payment_title,
        f"{OURS}presentment": _presentment(order),
        f"{OURS}cancelled_at": iso(order.cancelled_at),
        f"{OURS}cancel_reason": order.cancel_reason.strip(),
        f"{OURS}email": contact.lost_email,
        f"{OURS}phone": contact.lost_phone,
    }
    return (*keyed(order.attributes), *keyed(ours.items()))


def keyed(pairs: Iterable[tuple[str, str]]) -> tuple[KeyedValue, ...]:
    """Give attributes as they are sent; one without name or value is none."""
    return tuple(KeyedValue(name.strip(), value) for name, value in pairs if name.strip() and value.strip())


def draft_note(order: Order) -> str:
    """Give the note of a draft: the source's, shortened where it must be, and what a draft can't say otherwise."""
    facts = "\n".join(_facts(order))
    note = order.note.strip()[: MOST_NOTE - len(facts) - 2]
    return f"{note}\n\n{facts}" if note else facts


def _facts(order: Order) -> Sequence[str]:
    facts = [f"Imported order {order.number}{_on(order.created_at)}."]
    payments = [payment for payment in order.transactions if payment.kind not in _NO_PAYMENT]
    if order.paid_at or payments:
        facts.append(
            f"Paid{_on(order.paid_at)}{f' by {order.payment_title[:MOST_TEXT]}' if order.payment_title else ''}."
        )
    words = [word for word in (order.status, order.financial_status, order.fulfillment_status) if word]
    facts.append(f"Status: {', '.join(dict.fromkeys(words))}{', cancelled' if order.is_cancelled else ''}.")
    if order.completed_at:
        facts.append(f"Completed{_on(order.completed_at)}.")
    if order.refunded and order.refunded.amount:
        facts.append(f"Refunded: {order.refunded} {order.currency}.")
    return facts


def _on(moment: datetime | None) -> str:
    return f" on {iso(moment)}" if moment else ""


def _presentment(order: Order) -> str:
    money = order.presentment_total
    return f"{money} {money.currency}" if money and money.currency != order.currency else ""
