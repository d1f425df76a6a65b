"""Cancelling orders that we made, without giving money back, restocking or mailing anybody.

Owns asking for it, and waiting until it shows: Shopify cancels in the background.

Source: Shopify Admin GraphQL API 2026-10, `orderCancel`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

import msgspec

from crossdock.connectors.contract import MAX_IDS
from crossdock.connectors.replies import store_words
from crossdock.connectors.shopify.documents import load
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.orders.verdicts import UserError
from crossdock.connectors.shopify.pacing import finished
from crossdock.domain.errors import CrossdockError, OutcomeUnknownError
from crossdock.domain.plan import Applied, Level, NotSent, Outcome, Reason, Step, StepResult, Unknown

CANCEL: Final = load("orders/cancel.graphql")
CANCELLED: Final = load("orders/cancelled.graphql")
_AT_ONCE: Final = 20
_WAITS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 8.0)
"""Seconds between looks: a cancellation takes a moment, and all of a chunk are looked at in one request."""

_ALREADY: Final = "already been canceled"
_UNDER_WAY: Final = "already in progress"


class _Job(msgspec.Struct, frozen=True):
    id: str = ""


class _Payload(msgspec.Struct, rename="camel", frozen=True):
    job: _Job | None = None
    order_cancel_user_errors: tuple[UserError, ...] = ()


class _Asked(msgspec.Struct, rename="camel", frozen=True):
    order_cancel: _Payload | None = None


class _Order(msgspec.Struct, rename="camel", frozen=True):
    id: str = ""
    cancelled_at: str | None = None


class _Orders(msgspec.Struct, frozen=True):
    nodes: list[_Order | None]


class OrderCancellation:
    """Cancels orders in one store."""

    def __init__(self, graphql: GraphQL, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._graphql = graphql
        self._sleep = sleep

    async def send(self, steps: Sequence[Step]) -> AsyncIterator[StepResult]:
        """Cancel orders; one whose cancellation does not show within half a minute is told as unknown."""
        for start in range(0, len(steps), MAX_IDS):
            pending: list[Step] = []
            async for result in finished(steps[start : start + MAX_IDS], self._asked, at_once=_AT_ONCE):
                if isinstance(result, StepResult):
                    yield result
                else:
                    pending.append(result)
            async for result in self._awaited(pending):
                yield result

    async def effects(self, steps: Sequence[Step]) -> list[StepResult]:
        """Find the orders among `steps` that are cancelled."""
        found: list[StepResult] = []
        for start in range(0, len(steps), MAX_IDS):
            chunk = steps[start : start + MAX_IDS]
            done = await self._cancelled(chunk)
            found += [StepResult(step, Applied(step.destination_id)) for step in chunk if step.destination_id in done]
        return found

    async def _asked(self, step: Step) -> StepResult | Step:
        """Ask for one cancellation; gives the step itself where Shopify is now at work on it."""
        try:
            variables = {**step.payload, "orderId": step.destination_id}
            data = await self._graphql.mutate(CANCEL, variables, _Asked)
        except OutcomeUnknownError as error:
            return StepResult(step, Unknown(error))
        except CrossdockError as error:
            return StepResult(step, NotSent(error))
        payload = data.order_cancel or _Payload()
        errors = payload.order_cancel_user_errors
        if not errors or any(_UNDER_WAY in error.message for error in errors):
            return step
        return StepResult(step, _judged(step, errors))

    async def _awaited(self, steps: Sequence[Step]) -> AsyncIterator[StepResult]:
        left = list(steps)
        for wait in (0.0, *_WAITS):
            if not left:
                return
            await self._sleep(wait)
            try:
                done = await self._cancelled(left)
            except CrossdockError:
                # What can't be seen now is looked for later, as any outcome that is not known.
                break
            for step in left:
                if step.destination_id in done:
                    yield StepResult(step, Applied(step.destination_id))
            left = [step for step in left if step.destination_id not in done]
        text = "Shopify has not said yet that it cancelled the order; Crossdock looks again."
        for step in left:
            yield StepResult(step, Unknown(OutcomeUnknownError("cancel_running", text)))

    async def _cancelled(self, steps: Sequence[Step]) -> frozenset[str]:
        found = await self._graphql.query(CANCELLED, {"ids": [step.destination_id for step in steps]}, _Orders)
        return frozenset(order.id for order in found.nodes if order is not None and order.cancelled_at)


def _judged(step: Step, errors: Sequence[UserError]) -> Outcome:
    if all(_ALREADY in error.message for error in errors):
        return Applied(step.destination_id)
    said = store_words("; ".join(error.message for error in errors))
    text = f"The order is not cancelled. Shopify says: {said} Cancel it in Shopify."
    return Applied(step.destination_id, (Reason("cancel_refused", Level.WARNING, text),))
