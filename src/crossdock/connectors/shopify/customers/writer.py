"""Writing customers: planned purely, created singly or by bulk operation, verified by reading back.

Owns the steps of a customer and which way they are sent. It must not know the ledger, or why a customer is written.

Source: Shopify Admin GraphQL API 2026-10. A creation mails nobody: an invitation would be another mutation.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from crossdock.connectors.contract import MAX_IDS
from crossdock.connectors.replies import store_words
from crossdock.connectors.shopify.customers import wire
from crossdock.connectors.shopify.customers.bulk_creation import AT_ONCE, BulkCustomerCreation
from crossdock.connectors.shopify.customers.creation import CustomerCreation
from crossdock.connectors.shopify.customers.lookup import CustomerLookup
from crossdock.connectors.shopify.customers.mapping import losses, to_input
from crossdock.connectors.shopify.customers.reader import CustomerReader
from crossdock.connectors.shopify.customers.verification import changed_by_store, explained_fields, held_imprint
from crossdock.connectors.shopify.documents import load
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.markers import MarkerDefinitions
from crossdock.connectors.shopify.pacing import finished
from crossdock.domain.customer import Customer
from crossdock.domain.errors import ContractViolationError, CrossdockError, OutcomeUnknownError, RecordConflictError
from crossdock.domain.identity import Marker
from crossdock.domain.imprint import Imprint
from crossdock.domain.kinds import CUSTOMER, RecordKind
from crossdock.domain.plan import CREATE, VERIFY, Applied, NotSent, Reason, Resolution, Step, StepResult, Unknown

DELETE: Final = load("customers/delete.graphql")
SINGLY: Final = 100
IN_BULK: Final = 5_000
_MISSING: Final = "does not exist"


class CustomerWriter:
    """Writes the customers of one store. `region` gives the country in which national numbers are read."""

    def __init__(  # noqa: PLR0913 - the parts that the store puts together
        self,
        graphql: GraphQL,
        *,
        reader: CustomerReader,
        lookup: CustomerLookup,
        bulk: BulkCustomerCreation,
        creation: CustomerCreation,
        markers: MarkerDefinitions,
        bulk_threshold: int,
        region: Callable[[], str],
        now: Callable[[], datetime],
    ) -> None:
        self._graphql = graphql
        self._reader = reader
        self._lookup = lookup
        self._bulk = bulk
        self._creation = creation
        self._markers = markers
        self._bulk_threshold = bulk_threshold
        self._region = region
        self._now = now

    @property
    def kind(self) -> RecordKind:
        """Customers."""
        return CUSTOMER

    def batch_size(self, planned: int) -> int:
        """Tell how many customers `send` wants at a time: a bulk operation's worth above the threshold."""
        return IN_BULK if planned > self._bulk_threshold else SINGLY

    async def prepare(self, holder: str) -> None:
        """Make sure that our marker has its definition; Shopify mails nobody, so that nothing is muted."""
        del holder
        await self._markers.ensure("CUSTOMER")

    async def release(self, holder: str) -> None:
        """Leave the definition: records that carry our marker need it."""
        del holder

    async def resolve(
        self, records: Sequence[Customer], customers: Mapping[str, str], options: Mapping[str, Any]
    ) -> Sequence[Resolution]:
        """Look nothing up: a customer needs nothing that the store has."""
        del customers, options
        return [{} for _ in records]

    def steps(self, record: Customer, marker: Marker, resolution: Resolution | None = None) -> Sequence[Step]:
        """Plan the creation and its check.

        Raises:
            UnmappableValueError: Shopify can't hold the customer.
        """
        del resolution
        sent = to_input(record, marker, region=self._region(), latest=self._now())
        payload = msgspec.json.decode(msgspec.json.encode(sent), type=dict[str, object])
        label = record.email or " ".join(filter(None, (record.first_name, record.last_name))) or record.phone
        return (
            Step(CREATE, marker, payload, label, reasons=tuple(self.losses(record))),
            Step(VERIFY, marker, payload, label),
        )

    def losses(self, record: Customer, resolution: Resolution | None = None) -> Sequence[Reason]:
        """Tell which values of the customer Shopify can't hold."""
        del resolution
        return losses(record, region=self._region())

    def send(self, steps: Sequence[Step], batch: str) -> AsyncIterator[StepResult]:
        """Create or verify customers; more than `SINGLY` at a time are created by one bulk operation."""
        if steps and steps[0].name == VERIFY:
            return self._verified(steps)
        if len(steps) > SINGLY:
            return self._bulk.send(steps, batch)
        return finished(steps, self._created_alone, at_once=AT_ONCE)

    async def find_effects(self, steps: Sequence[Step], batch: str, age: timedelta) -> Mapping[Marker, StepResult]:
        """Find customers by our marker: lookups by identifier see every write, so that `age` is not needed.

        Raises:
            OutcomeUnknownError: Shopify is still at work on the bulk operation `batch`.
        """
        del age
        if steps and steps[0].name == VERIFY:
            results = [result async for result in self._verified(steps)]
            return {result.step.marker: result for result in results if isinstance(result.outcome, Applied)}
        return await self._bulk.effects(steps, batch)

    async def find(self, markers: Sequence[Marker]) -> Mapping[Marker, str]:
        """Find up to `MAX_IDS` customers that carry our markers."""
        return await self._lookup.by_markers(markers[:MAX_IDS])

    async def find_by_email(self, emails: Sequence[str]) -> Mapping[str, str]:
        """Find whose addresses these are; one request for all."""
        return await self._lookup.by_emails(emails[:MAX_IDS])

    async def put_back(self, resolutions: Sequence[Resolution]) -> None:
        """Leave everything: creating a customer changes nobody else."""
        del resolutions

    async def imprints(self, ids: Sequence[str]) -> Mapping[str, Imprint]:
        """Tell what the store holds of customers."""
        return {record.id: held_imprint(record) for record in (await self._reader.get(ids)).values()}

    async def delete(self, record_id: str) -> None:
        """Delete a customer; one that is gone already is no error.

        Raises:
            RecordConflictError: Shopify refuses, for instance since the customer has orders.
        """
        data = await self._graphql.mutate(DELETE, {"id": record_id}, wire.Deletion)
        payload = data.customer_delete or wire.DeletePayload()
        if payload.deleted_customer_id or all(_MISSING in error.message for error in payload.user_errors):
            return
        said = store_words("; ".join(error.message for error in payload.user_errors))
        raise RecordConflictError("delete_refused", f"Shopify does not delete the customer. It says: {said}")

    async def _created_alone(self, step: Step) -> StepResult:
        return StepResult(step, await self._creation.create(step))

    async def _verified(self, steps: Sequence[Step]) -> AsyncIterator[StepResult]:
        for start in range(0, len(steps), MAX_IDS):
            chunk = steps[start : start + MAX_IDS]
            try:
                found = await self._reader.get([step.destination_id for step in chunk])
            except CrossdockError as error:
                async for result in self._not_verified(chunk, error):
                    yield result
                continue
            for step in chunk:
                yield _verdict(step, found.get(step.destination_id))

    async def _not_verified(self, steps: Sequence[Step], error: CrossdockError) -> AsyncIterator[StepResult]:
        """Say why nothing was read back; one customer that can't be understood must not speak for the others."""
        if not isinstance(error, ContractViolationError) or len(steps) == 1:
            for step in steps:
                yield StepResult(step, NotSent(error))
            return
        for step in steps:
            async for result in self._verified([step]):
                yield result


def _verdict(step: Step, customer: Customer | None) -> StepResult:
    if customer is None:
        text = "Shopify created the customer but does not show it; look for it in Shopify's admin."
        return StepResult(step, Unknown(OutcomeUnknownError("not_shown", text)))
    sent = msgspec.convert(step.payload, wire.CustomerInput)
    reasons = changed_by_store(sent, customer, step.marker, explained=explained_fields(step.told))
    return StepResult(step, Applied(customer.id, reasons, imprint=held_imprint(customer)))
