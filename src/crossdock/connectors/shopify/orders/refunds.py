"""Entering the refunds of orders that we made, and finding again those that were entered.

Owns what a refund needs of the store: the payment that we entered, and the lines as they became. Money is only ever
given back on a payment of ours, which no gateway stands behind; nobody is notified and no stock is put back.

Source: Shopify Admin GraphQL API 2026-10, `refundCreate`, which since 2026-04 must be idempotent: for a day a key makes
a repeated one harmless, and is refused with anything else.
"""

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

import msgspec

from crossdock.connectors.contract import MAX_IDS
from crossdock.connectors.replies import store_words
from crossdock.connectors.shopify.documents import load
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.orders.refund_plan import PlannedRefund
from crossdock.connectors.shopify.orders.verdicts import UserError
from crossdock.connectors.shopify.orders.words import GATEWAY_PREFIX
from crossdock.connectors.shopify.pacing import finished
from crossdock.domain.errors import CrossdockError, OutcomeUnknownError
from crossdock.domain.plan import Applied, Level, NotSent, Outcome, Reason, Step, StepResult, Unknown

REFUNDABLE: Final = load("orders/refundable.graphql")
REFUND: Final = load("orders/refund.graphql")
_KEYS: Final = uuid.UUID("5f0c1a52-0f5b-5d0e-9a55-3c1a7b1f0f6e")
_AT_ONCE: Final = 20
_SALE: Final = ("SALE", "SUCCESS")


class _Line(msgspec.Struct, frozen=True):
    id: str
    quantity: int = 0


class _Lines(msgspec.Struct, frozen=True):
    nodes: tuple[_Line, ...] = ()


class _Payment(msgspec.Struct, frozen=True):
    id: str
    kind: str
    status: str
    gateway: str | None = None


class _Note(msgspec.Struct, frozen=True):
    note: str | None = None


class _Order(msgspec.Struct, rename="camel", frozen=True):
    id: str = ""
    line_items: _Lines = _Lines()
    transactions: tuple[_Payment, ...] = ()
    refunds: tuple[_Note, ...] = ()


class _Orders(msgspec.Struct, frozen=True):
    nodes: list[_Order | None]


class _Payload(msgspec.Struct, rename="camel", frozen=True):
    refund: _Line | None = None
    user_errors: tuple[UserError, ...] = ()


class _Refunded(msgspec.Struct, rename="camel", frozen=True):
    refund_create: _Payload | None = None


class OrderRefunds:
    """Enters refunds in one store."""

    def __init__(self, graphql: GraphQL) -> None:
        self._graphql = graphql

    async def send(self, steps: Sequence[Step]) -> AsyncIterator[StepResult]:
        """Enter one refund each of several orders; one look at all of them comes before."""
        for start in range(0, len(steps), MAX_IDS):
            chunk = steps[start : start + MAX_IDS]
            try:
                orders = await self._orders(chunk)
            except CrossdockError as error:
                for step in chunk:
                    yield StepResult(step, NotSent(error))
                continue

            async def one(step: Step, orders: Mapping[str, _Order] = orders) -> StepResult:
                return StepResult(step, await self._refunded(step, orders.get(step.destination_id)))

            async for result in finished(chunk, one, at_once=_AT_ONCE):
                yield result

    async def effects(self, steps: Sequence[Step]) -> list[StepResult]:
        """Find the refunds among `steps` that were entered, by their notes."""
        orders: dict[str, _Order] = {}
        for start in range(0, len(steps), MAX_IDS):
            orders |= await self._orders(steps[start : start + MAX_IDS])
        return [
            StepResult(step, Applied(step.destination_id))
            for step in steps
            if _is_entered(_planned(step), orders.get(step.destination_id))
        ]

    async def _orders(self, steps: Sequence[Step]) -> dict[str, _Order]:
        found = await self._graphql.query(REFUNDABLE, {"ids": [step.destination_id for step in steps]}, _Orders)
        return {order.id: order for order in found.nodes if order is not None and order.id}

    async def _refunded(self, step: Step, order: _Order | None) -> Outcome:
        planned = _planned(step)
        if _is_entered(planned, order):
            return Applied(step.destination_id)
        payment = _payment(planned, order)
        if order is None or payment is None:
            return _not_entered(step, "the order shows no payment that Crossdock has entered")
        variables = {"input": _input(planned, order, payment), "key": _key(planned, order)}
        try:
            data = await self._graphql.mutate(REFUND, variables, _Refunded)
        except OutcomeUnknownError as error:
            return Unknown(error)
        except CrossdockError as error:
            return NotSent(error)
        return _judged(step, data.refund_create or _Payload())


def _judged(step: Step, payload: _Payload) -> Outcome:
    if payload.refund is not None:
        return Applied(step.destination_id)
    if not payload.user_errors:
        text = "Shopify did not say whether it entered the refund; Crossdock looks for it."
        return Unknown(OutcomeUnknownError("reply_unknown", text))
    said = store_words("; ".join(error.message for error in payload.user_errors))
    return _not_entered(step, f"Shopify says: {said}")


def _key(planned: PlannedRefund, order: _Order) -> str:
    """Make a key of the order too: what was undone and is migrated again is another order with the same refunds."""
    return str(uuid.uuid5(_KEYS, f"{order.id} {planned.tag}"))


def _planned(step: Step) -> PlannedRefund:
    return msgspec.convert(step.payload, PlannedRefund)


def _is_entered(planned: PlannedRefund, order: _Order | None) -> bool:
    return order is not None and any((refund.note or "").endswith(planned.tag) for refund in order.refunds)


def _payment(planned: PlannedRefund, order: _Order | None) -> _Payment | None:
    """Give the payment that we entered; one of a gateway that is not ours would move money."""
    for payment in order.transactions if order is not None else ():
        is_ours = payment.gateway == planned.gateway and planned.gateway.startswith(GATEWAY_PREFIX)
        if is_ours and (payment.kind, payment.status) == _SALE:
            return payment
    return None


def _input(planned: PlannedRefund, order: _Order, payment: _Payment) -> dict[str, object]:
    transaction = {
        "orderId": order.id,
        "parentId": payment.id,
        "kind": "REFUND",
        "gateway": planned.gateway,
        "amount": planned.amount.amount,
    }
    whole: dict[str, object] = {
        "orderId": order.id,
        "note": planned.note,
        "notify": False,
        "transactions": [transaction],
    }
    if planned.processed_at:
        whole["processedAt"] = planned.processed_at
    lines = order.line_items.nodes
    if planned.lines and all(
        one.place < len(lines) and one.quantity <= lines[one.place].quantity for one in planned.lines
    ):
        whole["refundLineItems"] = [
            {"lineItemId": lines[one.place].id, "quantity": one.quantity, "restockType": "NO_RESTOCK"}
            for one in planned.lines
        ]
    return whole


def _not_entered(step: Step, why: str) -> Applied:
    """Let the order stand without its refund: it exists, and that it lacks one is told."""
    planned = _planned(step)
    money = f"{planned.amount.amount} {planned.amount.currency_code}"
    text = f"The refund of {money} is not entered: {why}. Enter it in Shopify."
    return Applied(step.destination_id, (Reason("refund_refused", Level.WARNING, text),))
