"""Writing orders and drafts: resolved and planned first, created one by one, refunded, cancelled, read back.

Owns which part carries out which step. It must not know the ledger, or why an order is written.

Source: Shopify Admin GraphQL API 2026-10. Nothing here mails anybody, moves stock or moves money.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from crossdock.connectors.contract import MAX_IDS
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.markers import MarkerDefinitions
from crossdock.connectors.shopify.orders.buyers import Buyers
from crossdock.connectors.shopify.orders.cancellation import OrderCancellation
from crossdock.connectors.shopify.orders.creation import OrderCreation, is_draft_step
from crossdock.connectors.shopify.orders.deletion import OrderDeletion
from crossdock.connectors.shopify.orders.lookup import OrderLookup
from crossdock.connectors.shopify.orders.losses import losses_of
from crossdock.connectors.shopify.orders.pace import DEVELOPMENT_BATCH, OrderPace, in_turn
from crossdock.connectors.shopify.orders.putting_back import PuttingBack
from crossdock.connectors.shopify.orders.readback import OrderReadback
from crossdock.connectors.shopify.orders.refunds import OrderRefunds
from crossdock.connectors.shopify.orders.resolution import OrderResolution
from crossdock.connectors.shopify.orders.resolved import resolved_of
from crossdock.connectors.shopify.orders.steps import order_steps
from crossdock.connectors.shopify.orders.terms import OrderTerms
from crossdock.connectors.shopify.shop import ask_shop
from crossdock.connectors.shopify.variants import VariantLookup
from crossdock.connectors.throttle import Sleep
from crossdock.domain import plan
from crossdock.domain.errors import RecordError
from crossdock.domain.identity import Marker
from crossdock.domain.imprint import Imprint
from crossdock.domain.kinds import ORDER, RecordKind
from crossdock.domain.order import Order
from crossdock.domain.plan import Applied, Outcome, Reason, Resolution, Step, StepResult

_OWNERS: Final = ("ORDER", "DRAFTORDER")


class OrderWriter:
    """Writes the orders of one store. `region` gives the country in which national numbers are read."""

    def __init__(  # noqa: PLR0913 - the parts that the store puts together
        self,
        graphql: GraphQL,
        *,
        lookup: OrderLookup,
        terms: OrderTerms,
        variants: VariantLookup,
        buyers: Buyers,
        markers: MarkerDefinitions,
        region: Callable[[], str],
        pace: OrderPace,
        sleep: Sleep,
    ) -> None:
        self._graphql = graphql
        self._lookup = lookup
        self._markers = markers
        self._region = region
        self._terms = terms
        self._resolution = OrderResolution(variants, terms, lookup, buyers)
        self._putting_back = PuttingBack(graphql, buyers)
        self._creation = OrderCreation(graphql, self._find_one)
        self._pace = pace
        self._refunds = OrderRefunds(graphql)
        self._cancellation = OrderCancellation(graphql, sleep)
        self._deletion = OrderDeletion(graphql)
        self._readback = OrderReadback(graphql)

    @property
    def kind(self) -> RecordKind:
        """Orders."""
        return ORDER

    def batch_size(self, planned: int) -> int:
        """Tell how many orders `send` wants at a time: few where Shopify takes five a minute."""
        del planned
        return DEVELOPMENT_BATCH if self._pace.is_limited else MAX_IDS

    async def prepare(self, holder: str) -> None:
        """Make sure that our marker has its definitions; learn whether the store takes few orders a minute.

        Raises:
            MissingScopeError: the token does not see all orders, so that one that is there could be made again.
        """
        await self._terms.require_everything()
        self._resolution.begin(holder)
        self._putting_back.begin(holder)
        for owner in _OWNERS:
            await self._markers.ensure(owner)
        self._pace.is_limited = (await ask_shop(self._graphql)).is_development

    async def release(self, holder: str) -> None:
        """Leave the definitions: records that carry our marker need them. What is put back next is `holder`'s."""
        self._putting_back.begin(holder)

    async def resolve(
        self, records: Sequence[Order], customers: Mapping[str, str], options: Mapping[str, Any]
    ) -> Sequence[Resolution | RecordError]:
        """Look up customers, products and numbers; `options` are `createAs`, `requireProducts` and of numbers."""
        return await self._resolution.resolve(records, customers, options)

    def steps(self, record: Order, marker: Marker, resolution: Resolution | None = None) -> Sequence[Step]:
        """Plan all steps of one order.

        Raises:
            UnmappableValueError: Shopify can't hold the order.
        """
        return order_steps(record, marker, resolved_of(resolution), region=self._region())

    def losses(self, record: Order, resolution: Resolution | None = None) -> Sequence[Reason]:
        """Tell which values of the order Shopify can't hold."""
        return losses_of(record, resolved_of(resolution), region=self._region())

    def send(self, steps: Sequence[Step], batch: str) -> AsyncIterator[StepResult]:
        """Carry out one step each of several orders."""
        del batch
        match _name(steps):
            case plan.CREATE:
                return in_turn(steps, self._create)
            case plan.REFUND:
                return self._refunds.send(steps)
            case plan.CANCEL:
                return self._cancellation.send(steps)
            case _:
                return self._readback.send(steps)

    async def find_effects(self, steps: Sequence[Step], batch: str, age: timedelta) -> Mapping[Marker, StepResult]:
        """Find what steps have left: orders and drafts by our marker, refunds by their notes, else by reading back."""
        del batch, age
        match _name(steps):
            case plan.CREATE:
                results = await self._created(steps)
            case plan.REFUND:
                results = await self._refunds.effects(steps)
            case plan.CANCEL:
                results = await self._cancellation.effects(steps)
            case _:
                results = [result async for result in self._readback.send(steps)]
        return {result.step.marker: result for result in results if isinstance(result.outcome, Applied)}

    async def find(self, markers: Sequence[Marker]) -> Mapping[Marker, str]:
        """Find up to `MAX_IDS` orders and drafts that carry our markers."""
        return await self._lookup.find(markers[:MAX_IDS])

    async def put_back(self, resolutions: Sequence[Resolution]) -> None:
        """Set default addresses of customers back to what they were before the run's first order of each."""
        await self._putting_back.put_back(resolutions)

    async def imprints(self, ids: Sequence[str]) -> Mapping[str, Imprint | RecordError]:
        """Tell what the store holds of orders and drafts; a draft that has become an order is to be left."""
        return await self._readback.imprints(ids)

    async def delete(self, record_id: str) -> None:
        """Delete an order or a draft that we made; one that is gone already is no error.

        Raises:
            RecordConflictError: it is not ours, it has become an order, or Shopify refuses.
        """
        await self._deletion.delete(record_id)

    async def _create(self, step: Step) -> Outcome:
        if not is_draft_step(step):
            await self._pace.wait()
        outcome = await self._creation.create(step)
        self._pace.heed(outcome)
        return outcome

    async def _created(self, steps: Sequence[Step]) -> list[StepResult]:
        """Look where each should be: asking for drafts reads all of ours."""
        ids: dict[Marker, str] = {}
        orders = [step.marker for step in steps if not is_draft_step(step)]
        drafts = [step.marker for step in steps if is_draft_step(step)]
        if orders:
            ids.update(await self._lookup.orders_by_markers(orders))
        if drafts:
            ids.update(await self._lookup.drafts_by_markers(drafts))
        return [StepResult(step, Applied(ids[step.marker])) for step in steps if step.marker in ids]

    async def _find_one(self, marker: Marker) -> str | None:
        return (await self._lookup.find([marker])).get(marker)


def _name(steps: Sequence[Step]) -> str:
    """Tell what steps do: their name without what it is about."""
    return steps[0].name.partition(":")[0] if steps else ""
