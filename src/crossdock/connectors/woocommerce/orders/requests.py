"""The requests that write one order, and what their answers mean.

Owns paths and the judgement of replies. Must not know plans or the order of steps.

Source: WooCommerce REST API v3, `POST orders`, `POST orders/{id}/refunds`, `PUT orders/{id}`.
"""

from collections.abc import Mapping
from decimal import InvalidOperation
from http import HTTPStatus
from typing import Any

import msgspec

from crossdock.connectors.contract import UnreadableRecord
from crossdock.connectors.replies import Reply
from crossdock.connectors.woocommerce.orders.mapping import mapped
from crossdock.connectors.woocommerce.orders.refusals import REFUND_REFUSED, is_customer_refused, refusal_of
from crossdock.connectors.woocommerce.orders.verification import differences, held_imprint, total_difference
from crossdock.connectors.woocommerce.orders.wire import WireOrder, order_of
from crossdock.connectors.woocommerce.transport import WooTransport
from crossdock.domain.errors import CrossdockError, OutcomeUnknownError, RecordError
from crossdock.domain.money import Money, total
from crossdock.domain.plan import CREATE, REFUND, Applied, Level, NotSent, Outcome, Reason, Refused, Step, Unknown

_ANSWERS = (HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR)
"""Statuses under which WooCommerce itself says what is wrong."""

_CUSTOMER_REFUSED = Reason(
    "customer_refused",
    Level.WARNING,
    "WooCommerce did not take the order's customer, who may have been deleted: it is a guest's order.",
)


class OrderRequests:
    """Sends steps, each as one request."""

    def __init__(self, transport: WooTransport) -> None:
        self._transport = transport

    async def send(self, step: Step) -> Outcome:
        """Send a step once; every kind of trouble is an outcome."""
        return await self._send(step, step.payload)

    async def _send(self, step: Step, payload: Mapping[str, object], reasons: tuple[Reason, ...] = ()) -> Outcome:
        method, path = _place(step)
        try:
            reply = await self._transport.write(method, path, payload, accept=_ANSWERS)
        except RecordError as error:
            return Refused(error)
        except OutcomeUnknownError as error:
            return Unknown(error)
        except CrossdockError as error:
            return NotSent(error)
        if not reply.is_success:
            if "customer_id" in payload and is_customer_refused(reply):
                # The order exists by now: it must not stay half-made for a customer who is gone.
                left = {name: value for name, value in payload.items() if name != "customer_id"}
                return await self._send(step, left, (_CUSTOMER_REFUSED,))
            return _refusal(step, reply)
        return _created(step, reply) if step.name == CREATE else Applied(step.destination_id, reasons)


def read_back(step: Step, wire: WireOrder | None) -> Outcome:
    """Compare an order with what was sent, and give its amounts as the store holds them."""
    order = mapped(wire) if wire is not None else None
    if wire is None or order is None or isinstance(order, UnreadableRecord):
        text = "The order that was created is not there any more, or can't be read. Look for it in the store."
        return Unknown(OutcomeUnknownError("not_found_after_create", text))
    return Applied(order.id, differences(dict(step.payload), wire), order.figures(), held_imprint(wire))


def _place(step: Step) -> tuple[str, str]:
    if step.name == CREATE:
        return "POST", "orders"
    if step.name.startswith(f"{REFUND}:"):
        return "POST", f"orders/{step.destination_id}/refunds"
    return "PUT", f"orders/{step.destination_id}"


def _refusal(step: Step, reply: Reply) -> Outcome:
    """Judge an error; an order of which one refund is refused still gets its person and dates."""
    outcome = refusal_of(reply)
    if isinstance(outcome, Refused) and outcome.error.code == REFUND_REFUSED:
        reason = Reason(outcome.error.code, Level.WARNING, outcome.error.message)
        return Applied(step.destination_id, (reason,))
    return outcome


def _created(step: Step, reply: Reply) -> Outcome:
    wire = order_of(msgspec.Raw(reply.body))
    if not wire.id:
        text = "The store did not tell the new order's number; Crossdock looks for the order."
        return Unknown(OutcomeUnknownError("unknown_shape", text, reply.place))
    return Applied(str(wire.id), () if isinstance(wire, UnreadableRecord) else _gross_difference(step, wire))


def _gross_difference(step: Step, wire: WireOrder) -> tuple[Reason, ...]:
    """Compare the total that WooCommerce has come to with what was sent."""
    sent: Any = step.payload
    currency = str(sent["currency"])
    parts = [part["total"] for name in ("line_items", "shipping_lines", "fee_lines") for part in sent[name]]
    try:
        return total_difference(str(total((Money.of(part, currency) for part in parts), currency)), currency, wire)
    except InvalidOperation:
        return ()
