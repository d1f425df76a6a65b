"""The steps by which an order or a draft is made on Shopify, with all that they send. Pure.

Owns which steps there are, in which order, and what each holds. It must not know how a step is sent.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from crossdock.connectors.shopify.orders import wire_out
from crossdock.connectors.shopify.orders.arithmetic import priced
from crossdock.connectors.shopify.orders.details import iso
from crossdock.connectors.shopify.orders.draft_payload import draft_variables
from crossdock.connectors.shopify.orders.losses import losses_of
from crossdock.connectors.shopify.orders.payload import order_variables
from crossdock.connectors.shopify.orders.refund_plan import planned_refunds, refunded_in_all
from crossdock.connectors.shopify.orders.resolved import Resolved
from crossdock.domain.identity import Marker
from crossdock.domain.money import Money, total
from crossdock.domain.order import Order
from crossdock.domain.plan import CANCEL, CREATE, VERIFY, Step

_MOST_STAFF_NOTE: Final = 255
_REASONS: Final = {
    "customer": "CUSTOMER",
    "declined": "DECLINED",
    "fraud": "FRAUD",
    "inventory": "INVENTORY",
    "staff": "STAFF",
}


class RefundMethod(msgspec.Struct, rename="camel", frozen=True):
    """`OrderCancelRefundMethodInput`: nothing is given back."""

    original_payment_methods_refund: bool = False


class Cancellation(msgspec.Struct, rename="camel", frozen=True):
    """The variables of `orderCancel` but the order: no money, no stock and no mail moves."""

    reason: str
    restock: bool = False
    notify_customer: bool = False
    staff_note: str | None = None
    refund_method: RefundMethod = RefundMethod()


class Expected(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True):
    """What an order should read back as. An empty text is not looked at, but for the note.

    `units` adds all lines' units, `lines` counts them. `reductions` is the part of the discount that no coupon made.
    """

    total: str
    currency: str
    units: int
    lines: int
    reductions: str = "0"
    tax: str = "0"
    name: str = ""
    processed_at: str = ""
    email: str = ""
    customer: str = ""
    note: str = ""
    received: str = ""
    refunded: str = "0"
    is_cancelled: bool = False


def order_steps(order: Order, marker: Marker, resolved: Resolved, *, region: str) -> Sequence[Step]:
    """Plan all steps of one order.

    Raises:
        UnmappableValueError: Shopify can't hold it.
    """
    label = order.number or order.email
    reasons = tuple(losses_of(order, resolved, region=region))
    if resolved.is_draft:
        draft = draft_variables(order, marker, resolved, region=region)
        return (
            Step(CREATE, marker, _json(draft), label, reasons=reasons),
            Step(VERIFY, marker, _json(_expected_draft(order, draft.input)), label),
        )
    made = order_variables(order, marker, resolved, region=region)
    steps = [Step(CREATE, marker, _json(made), label, reasons=reasons)]
    steps += [Step(name, marker, _json(refund), label) for name, refund in planned_refunds(order)]
    if order.is_cancelled:
        steps.append(Step(CANCEL, marker, _json(_cancellation(order)), label))
    return (*steps, Step(VERIFY, marker, _json(_expected(order, made.order)), label))


def _cancellation(order: Order) -> Cancellation:
    said = order.cancel_reason.strip()
    return Cancellation(_REASONS.get(said.casefold(), "OTHER"), staff_note=said[:_MOST_STAFF_NOTE] or None)


def _expected(order: Order, sent: wire_out.OrderInput) -> Expected:
    amounts = priced(order)
    return Expected(
        total=str(order.total),
        currency=order.currency,
        units=sum(line.quantity for line in sent.line_items),
        lines=len(sent.line_items),
        reductions=str(amounts.beyond_coupons),
        tax=str(amounts.tax()),
        name=sent.name,
        processed_at=iso(order.created_at),
        email=sent.email,
        customer=sent.customer.to_associate.id if sent.customer else "",
        note=sent.note,
        received=str(total((paid.amount_set.money for paid in sent.transactions), order.currency)),
        refunded=str(refunded_in_all(order)),
        is_cancelled=order.is_cancelled,
    )


def _expected_draft(order: Order, sent: wire_out.DraftInput) -> Expected:
    amounts = priced(order)
    return Expected(
        total=str(order.total),
        currency=order.currency,
        units=sum(line.quantity for line in sent.line_items),
        lines=len(sent.line_items),
        reductions=str(amounts.beyond_coupons),
        tax=str(Money.of(0, order.currency) if order.taxes_included else amounts.tax()),
        email=sent.email,
        customer=sent.purchasing_entity.customer_id if sent.purchasing_entity else "",
        note=sent.note,
        refunded="0",
    )


def _json(variables: msgspec.Struct) -> dict[str, object]:
    """Give plain JSON values; rates become texts, as money does."""
    return msgspec.json.decode(msgspec.json.encode(variables), type=dict[str, object])
