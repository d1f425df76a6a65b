"""The check after an order was written: what the store holds, told as the outcome of a step.

Owns the reading in chunks. It must not know which values are compared.
"""

from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec

from crossdock.connectors.contract import MAX_IDS
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.orders.deletion import draft_completed
from crossdock.connectors.shopify.orders.steps import Expected
from crossdock.connectors.shopify.orders.verification import (
    Held,
    changed_by_store,
    explained_values,
    figures_of,
    held_imprint,
    read_back,
)
from crossdock.domain.errors import CrossdockError, OutcomeUnknownError, RecordError
from crossdock.domain.imprint import Imprint
from crossdock.domain.plan import Applied, NotSent, Step, StepResult, Unknown


class OrderReadback:
    """Reads back what was written to one store."""

    def __init__(self, graphql: GraphQL) -> None:
        self._graphql = graphql

    async def send(self, steps: Sequence[Step]) -> AsyncIterator[StepResult]:
        """Read orders back, a hundred in a request, and compare them with what was planned."""
        for start in range(0, len(steps), MAX_IDS):
            chunk = steps[start : start + MAX_IDS]
            try:
                found = await read_back(self._graphql, [step.destination_id for step in chunk])
            except CrossdockError as error:
                for step in chunk:
                    yield StepResult(step, NotSent(error))
                continue
            for step in chunk:
                yield _verdict(step, found.get(step.destination_id))

    async def imprints(self, ids: Sequence[str]) -> Mapping[str, Imprint | RecordError]:
        """Tell what the store holds of up to a hundred orders and drafts; what a draft has become is to be left."""
        found = await read_back(self._graphql, ids)
        return {held.id: draft_completed() if held.order else held_imprint(held) for held in found.values()}


def _verdict(step: Step, held: Held | None) -> StepResult:
    if held is None:
        text = "Shopify created the order but does not show it; look for it in Shopify's admin."
        return StepResult(step, Unknown(OutcomeUnknownError("not_shown", text)))
    expected = msgspec.convert(step.payload, Expected)
    reasons = changed_by_store(expected, held, step.marker, explained=explained_values(step.told))
    # Of an order that comes with an e-mail address only, Shopify makes a customer, or takes the one who has it.
    joined = held.customer.id if held.customer and not expected.customer else ""
    return StepResult(step, Applied(held.id, reasons, figures_of(expected, held), held_imprint(held), joined))
