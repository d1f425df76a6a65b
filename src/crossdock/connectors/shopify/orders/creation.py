"""Creating one order or draft, again without what Shopify refused, until it exists or the record must be given up.

Owns the order of tries and their outcome. Each new try is safe: an answer with `userErrors` has written nothing.

Source: Shopify Admin GraphQL API 2026-10, `orderCreate` and `draftOrderCreate`; neither can be made idempotent, so that
an outcome which is not known must be looked for by our marker.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from crossdock.connectors.shopify.documents import load
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.orders import wire
from crossdock.connectors.shopify.orders.verdicts import UserError, Verdict, judge, remedied
from crossdock.connectors.shopify.orders.wire_out import (
    DraftInput,
    DraftVariables,
    OrderInput,
    OrderVariables,
    total_of,
)
from crossdock.connectors.shopify.outcomes import outcome_of
from crossdock.domain.errors import OutcomeUnknownError, RecordRejectedError
from crossdock.domain.identity import Marker
from crossdock.domain.money import Money
from crossdock.domain.plan import Applied, Level, NotSent, Outcome, Reason, Step

CREATE_ORDER: Final = load("orders/create.graphql")
CREATE_DRAFT: Final = load("orders/create_draft.graphql")
_MOST_TRIES: Final = 8

FindsMarker = Callable[[Marker], Awaitable[str | None]]


class _Created(msgspec.Struct, rename="camel", frozen=True):
    id: str
    ready: bool = True
    total_price_set: wire.MoneyBag | None = None


class _Payload(msgspec.Struct, rename="camel", frozen=True):
    order: _Created | None = None
    draft_order: _Created | None = None
    user_errors: tuple[UserError, ...] = ()

    @property
    def created(self) -> _Created | None:
        """What was made."""
        return self.order or self.draft_order


class _Creation(msgspec.Struct, rename="camel", frozen=True):
    order_create: _Payload | None = None
    draft_order_create: _Payload | None = None


class OrderCreation:
    """Creates orders and drafts in one store, one at a time. `find` looks a marker up among both."""

    def __init__(self, graphql: GraphQL, find: FindsMarker) -> None:
        self._graphql = graphql
        self._find = find

    async def create(self, step: Step) -> Outcome:
        """Carry out a step."""
        return await outcome_of(self._create(step, input_of(step)))

    async def _create(self, step: Step, sent: OrderInput | DraftInput) -> Outcome:
        reasons: list[Reason] = []
        for _ in range(_MOST_TRIES):
            payload = await self._send(step, sent)
            if payload.created is not None:
                return Applied(payload.created.id, (*reasons, *_total_reasons(step, payload.created)))
            verdict = judge(payload.user_errors, sent)
            settled = await self._settled(step, verdict)
            if settled is not None:
                return settled
            reasons += verdict.reasons
            changed = remedied(sent, verdict)
            if changed == sent:
                break
            sent = changed
        raise RecordRejectedError("refused_by_store", "Shopify refused the order and did not say why.")

    async def _send(self, step: Step, sent: OrderInput | DraftInput) -> _Payload:
        if isinstance(sent, DraftInput):
            variables = {"input": _json(sent)}
            data = await self._graphql.mutate(CREATE_DRAFT, variables, _Creation)
        else:
            variables = {**step.payload, "order": _json(sent)}
            data = await self._graphql.mutate(CREATE_ORDER, variables, _Creation)
        payload = data.order_create or data.draft_order_create
        if payload is None or (payload.created is None and not payload.user_errors):
            raise OutcomeUnknownError(
                "reply_unknown", "Shopify did not say whether it created the order; Crossdock looks for it."
            )
        return payload

    async def _settled(self, step: Step, verdict: Verdict) -> Outcome | None:
        """Tell how a record ends that can't be created again; None where a second try may help."""
        if verdict.wait is not None:
            return NotSent(verdict.wait)
        if verdict.is_marker_taken:
            found = await self._find(step.marker)
            if found is not None:
                return Applied(found)
            raise RecordRejectedError("marker_refused", "Shopify refused the note by which Crossdock knows an order.")
        if verdict.refusal is not None:
            raise verdict.refusal
        return None


def total_differs(held: Money, planned: Money) -> Reason:
    """Warn of a total that Shopify has made otherwise."""
    text = f"Shopify's total is {held} {held.currency}, the source's is {planned} {planned.currency}."
    return Reason("total_differs", Level.WARNING, text)


def held_total(bag: wire.MoneyBag, currency: str) -> Money:
    """Give the total in the order's currency where Shopify tells it, else in the shop's."""
    told = [amount for amount in (bag.shop_money, bag.presentment_money) if amount is not None]
    amount = next((amount for amount in told if amount.currency_code == currency), bag.shop_money)
    return Money.of(amount.amount, amount.currency_code)


def is_draft_step(step: Step) -> bool:
    """Tell whether a creation is one of a draft."""
    return "input" in step.payload


def input_of(step: Step) -> OrderInput | DraftInput:
    """Give what a creation sends of the record."""
    if is_draft_step(step):
        return msgspec.convert(step.payload, DraftVariables).input
    return msgspec.convert(step.payload, OrderVariables).order


def _json(sent: OrderInput | DraftInput) -> object:
    return msgspec.json.decode(msgspec.json.encode(sent))


def _total_reasons(step: Step, created: _Created) -> tuple[Reason, ...]:
    if created.total_price_set is None or not created.ready:
        # A draft that Shopify still adds up is looked at when it is read back.
        return ()
    planned = total_of(input_of(step))
    held = held_total(created.total_price_set, planned.currency)
    return () if held == planned else (total_differs(held, planned),)
