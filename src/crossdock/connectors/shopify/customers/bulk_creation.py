"""Creating thousands of customers by one bulk operation, each line's outcome as if it had been sent alone.

Owns the file of a batch and the reading of its results. A batch is recognised by the name of its mutation, also by a
process that did not start it.

Source: Shopify Admin GraphQL API 2026-10, `bulkOperationRunMutation`: lines are carried out in any order, a completed
operation may hold refused lines, and a line that is not in the result was not carried out or is not known.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from crossdock.connectors.shopify.bulk import MOST_UPLOAD_BYTES, BulkOperations, Operation, mutation_name
from crossdock.connectors.shopify.config import MARKER_KEY, MARKER_NAMESPACE
from crossdock.connectors.shopify.customers import wire
from crossdock.connectors.shopify.customers.creation import CustomerCreation
from crossdock.connectors.shopify.customers.lookup import CustomerLookup
from crossdock.connectors.shopify.documents import Document, document
from crossdock.connectors.shopify.pacing import finished
from crossdock.connectors.shopify.refusals import errors_of
from crossdock.domain.errors import CrossdockError, OutcomeUnknownError, StoreUnavailableError
from crossdock.domain.identity import Marker
from crossdock.domain.plan import Applied, NotSent, Outcome, Step, StepResult, Unknown

AT_ONCE: Final = 50
_UNFIT: Final = "was provided invalid value"


class _Line(msgspec.Struct, frozen=True):
    data: wire.Creation | None = None
    errors: msgspec.Raw = msgspec.Raw(b"null")
    number: int = msgspec.field(default=-1, name="__lineNumber")

    @property
    def is_unread(self) -> bool:
        """Whether the line's values did not fit Shopify's types, so that nothing was carried out."""
        errors = errors_of(self.errors) if self.data is None else ()
        return bool(errors) and all(_UNFIT in error.message for error in errors)


class _Numbered(msgspec.Struct, frozen=True):
    number: int = msgspec.field(default=-1, name="__lineNumber")


_LINE: Final = msgspec.json.Decoder(_Line)
_NUMBERED: Final = msgspec.json.Decoder(_Numbered)


class BulkCustomerCreation:
    """Creates customers in one store, many at a time."""

    def __init__(self, bulk: BulkOperations, lookup: CustomerLookup, creation: CustomerCreation) -> None:
        self._bulk = bulk
        self._lookup = lookup
        self._creation = creation

    async def send(self, steps: Sequence[Step], batch: str) -> AsyncIterator[StepResult]:
        """Carry out the steps of a batch; where Shopify takes no bulk operation now, one by one."""
        try:
            operation_id = await self._start(steps, batch)
        except OutcomeUnknownError as error:
            for step in steps:
                yield StepResult(step, Unknown(error))
            return
        except CrossdockError as error:
            for step in steps:
                yield StepResult(step, NotSent(error))
            return
        results = self._results(steps, operation_id) if operation_id else self._singly(steps, {})
        async for result in results:
            yield result

    async def effects(self, steps: Sequence[Step], batch: str) -> Mapping[Marker, StepResult]:
        """Find what a batch has created.

        Raises:
            OutcomeUnknownError: Shopify is still at work on it.
        """
        operation = await self._bulk.find_mutation(mutation_name(batch))
        if operation is not None and operation.is_under_way:
            raise OutcomeUnknownError("bulk_running", "Shopify is still at work on this batch of customers.")
        pending = {str(step.marker): step for step in steps}
        found: dict[Marker, StepResult] = {}
        if operation is not None:
            # What a file that can't be read would tell, the look for our markers tells too.
            with suppress(CrossdockError):
                async for line in self._lines(operation):
                    customer = line.data.customer_create.customer if line.data and line.data.customer_create else None
                    step = pending.pop(customer.marker, None) if customer else None
                    if customer is not None and step is not None:
                        found[step.marker] = StepResult(step, Applied(customer.id))
        ids = await self._lookup.by_markers([step.marker for step in pending.values()])
        for step in pending.values():
            if step.marker in ids:
                found[step.marker] = StepResult(step, Applied(ids[step.marker]))
        return found

    async def _start(self, steps: Sequence[Step], batch: str) -> str | None:
        name = mutation_name(batch)
        content = await asyncio.to_thread(_encoded, steps)
        if len(content) > MOST_UPLOAD_BYTES:
            return None
        path = await self._bulk.upload(name, content)
        try:
            return await self._bulk.start_mutation(creation_document(name), path)
        except OutcomeUnknownError as unknown:
            try:
                operation = await self._bulk.find_mutation(name)
            except CrossdockError:
                raise unknown from None
            if operation is None:
                raise
            return operation.id

    async def _results(self, steps: Sequence[Step], operation_id: str) -> AsyncIterator[StepResult]:
        pending = dict(enumerate(steps))
        refused: dict[Marker, wire.CreatePayload | None] = {}
        try:
            operation = await self._bulk.end(operation_id)
            async for line in self._lines(operation):
                payload = line.data.customer_create if line.data else None
                step = pending.get(line.number)
                if step is not None and line.is_unread:
                    refused[step.marker] = None
                if step is None or payload is None:
                    continue
                if payload.customer is not None:
                    yield StepResult(pending.pop(line.number), Applied(payload.customer.id))
                elif payload.user_errors:
                    refused[step.marker] = payload
        except CrossdockError as error:
            text = "Crossdock lost sight of a bulk operation that Shopify had begun."
            unknown = OutcomeUnknownError("bulk_unobserved", text, f"{error.code}: {error.detail}")
            for step in pending.values():
                yield StepResult(step, Unknown(unknown))
            return
        known = [step for step in pending.values() if step.marker in refused]
        async for result in self._singly(known, refused):
            yield result
        rest = [step for step in pending.values() if step.marker not in refused]
        async for result in self._without_line(rest, operation):
            yield result

    async def _singly(
        self, steps: Sequence[Step], refused: Mapping[Marker, wire.CreatePayload | None]
    ) -> AsyncIterator[StepResult]:
        async def one(step: Step) -> StepResult:
            return StepResult(step, await self._creation.create(step, first=refused.get(step.marker)))

        async for result in finished(steps, one, at_once=AT_ONCE):
            yield result

    async def _without_line(self, steps: Sequence[Step], operation: Operation) -> AsyncIterator[StepResult]:
        """Settle the steps of which an ended operation says nothing: our markers tell, since lookups don't lag."""
        try:
            ids = await self._lookup.by_markers([step.marker for step in steps])
        except CrossdockError as error:
            unknown = Unknown(OutcomeUnknownError("bulk_unobserved", error.message, error.detail))
            for step in steps:
                yield StepResult(step, unknown)
            return
        absent = _absent(operation)
        for step in steps:
            yield StepResult(step, Applied(ids[step.marker]) if step.marker in ids else absent)

    async def _lines(self, operation: Operation) -> AsyncIterator[_Line]:
        async for raw in self._bulk.lines(operation, fits=_has_number):
            try:
                yield _LINE.decode(raw)
            except msgspec.DecodeError:
                # Its step is settled as one of which the operation says nothing.
                continue


def creation_document(name: str) -> Document:
    """Make the mutation of a batch. Its answer carries our marker, by which a later process knows the record."""
    marker = f'metafield(namespace: "{MARKER_NAMESPACE}", key: "{MARKER_KEY}") {{ value }}'
    text = (
        f"mutation {name}($input: CustomerInput!) {{\n"
        "  customerCreate(input: $input) {\n"
        f"    customer {{ id {marker} }}\n"
        "    userErrors { field message }\n"
        "  }\n"
        "}\n"
    )
    return document(text, points=0)


def _encoded(steps: Sequence[Step]) -> bytes:
    return b"".join(msgspec.json.encode({"input": step.payload}) + b"\n" for step in steps)


def _has_number(line: bytes) -> bool:
    try:
        return _NUMBERED.decode(line).number >= 0
    except msgspec.DecodeError:
        return False


def _absent(operation: Operation) -> Outcome:
    if operation.is_completed:
        text = "Shopify's result does not tell what became of this customer; Crossdock looks for it again."
        return Unknown(OutcomeUnknownError("bulk_line_missing", text))
    text = "Shopify stopped a bulk operation before it came to this customer. Go on to send it again."
    return NotSent(StoreUnavailableError("bulk_stopped", text, operation.error_code or operation.status))
