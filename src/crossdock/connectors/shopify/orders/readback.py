"""The check after an order was written: what the store holds, told as the outcome of a step.

Owns the reading in chunks, and what each order's writing has told already. It must not know which values are compared.
"""

from collections.abc import AsyncIterator, Sequence

import msgspec

from crossdock.connectors.contract import MAX_IDS
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.orders.steps import Expected
from crossdock.connectors.shopify.orders.verification import (
    EXPLAINABLE,
    Held,
    changed_by_store,
    explained_values,
    figures_of,
    read_back,
)
from crossdock.domain.errors import CrossdockError, OutcomeUnknownError
from crossdock.domain.identity import Marker
from crossdock.domain.plan import Applied, NotSent, Reason, Step, StepResult, Unknown


class OrderReadback:
    """Reads back what was written to one store."""

    def __init__(self, graphql: GraphQL) -> None:
        self._graphql = graphql
        # By marker, from the writing of an order to its check: a step can't carry it.
        self._explained: dict[Marker, frozenset[str]] = {}

    def remember(self, marker: Marker, reasons: Sequence[Reason]) -> None:
        """Note what was told when an order was written."""
        self._explained[marker] = self._explained.get(marker, frozenset()) | explained_values(reasons)

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
                yield self._verdict(step, found.get(step.destination_id))

    def _verdict(self, step: Step, held: Held | None) -> StepResult:
        if held is None:
            text = "Shopify created the order but does not show it; look for it in Shopify's admin."
            return StepResult(step, Unknown(OutcomeUnknownError("not_shown", text)))
        expected = msgspec.convert(step.payload, Expected)
        # What another process has written it has also told of: what may be explained by that is not told again.
        explained = self._explained.pop(step.marker, EXPLAINABLE)
        reasons = changed_by_store(expected, held, step.marker, explained=explained)
        return StepResult(step, Applied(held.id, reasons, figures_of(expected, held)))
