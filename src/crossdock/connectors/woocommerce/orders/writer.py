"""Orders written to WooCommerce: one at a time, in two passes, without a mail or a change of stock.

Owns what a step does and how its effect is found again. Must not know when a run sends.

Source: WooCommerce REST API v3, orders; WooCommerce 9.2.5, observed. Nothing is idempotent; batches skip validation and
differ from single requests, so that every order is a request of its own.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from crossdock.connectors.contract import MAX_IDS
from crossdock.connectors.woocommerce.emails import email_for_wordpress
from crossdock.connectors.woocommerce.orders.fetching import fetch_orders
from crossdock.connectors.woocommerce.orders.losses import lines_lost, losses_of
from crossdock.connectors.woocommerce.orders.payload import creation_of
from crossdock.connectors.woocommerce.orders.refunding import PlannedRefund, refund_plan
from crossdock.connectors.woocommerce.orders.requests import OrderRequests, read_back
from crossdock.connectors.woocommerce.orders.resolution import resolve_orders
from crossdock.connectors.woocommerce.orders.searching import (
    delete_order,
    made_orders,
    orders_by_marker,
    readable_orders,
    refund_by_mark,
)
from crossdock.connectors.woocommerce.orders.second_pass import expected_of, finish_of
from crossdock.connectors.woocommerce.orders.statuses import status_reasons
from crossdock.connectors.woocommerce.orders.verification import held_imprint, is_finished
from crossdock.connectors.woocommerce.orders.wire import REFUND_KEY, WireOrder
from crossdock.connectors.woocommerce.transport import WooTransport
from crossdock.domain.errors import (
    CrossdockError,
    OutcomeUnknownError,
    RecordError,
    StoreUnavailableError,
    UnmappableValueError,
)
from crossdock.domain.identity import Marker
from crossdock.domain.imprint import Imprint
from crossdock.domain.kinds import ORDER, RecordKind
from crossdock.domain.order import Order
from crossdock.domain.plan import (
    CREATE,
    FINISH,
    REFUND,
    VERIFY,
    Applied,
    NotSent,
    Outcome,
    Reason,
    Resolution,
    Step,
    StepResult,
    Unknown,
)

_AT_ONCE = 25


class OrderWriter:
    """The `Sink` of a WooCommerce store's orders.

    `finish_delay_seconds` is how long a shop may put mails off: only after it an order gets its e-mail address.
    """

    def __init__(self, transport: WooTransport, *, finish_delay_seconds: float) -> None:
        self._transport = transport
        self._requests = OrderRequests(transport)
        self._finish_delay_seconds = finish_delay_seconds
        self._one_writer = asyncio.Lock()

    @property
    def kind(self) -> RecordKind:
        """The kind that is written."""
        return ORDER

    def batch_size(self, planned: int) -> int:
        """Tell how many orders are under way at a time: enough that waiting for the second pass costs little."""
        return max(1, min(_AT_ONCE, planned))

    async def prepare(self, holder: str) -> None:
        """See to it that the key may write. No mail needs to be muted: nothing that is sent causes one.

        Raises:
            MissingScopeError: the key can't create orders.
        """
        del holder
        await self.try_permission()

    async def try_permission(self) -> None:
        """Send an empty batch, which changes nothing: the store judges the permission before it looks at the body.

        Raises:
            MissingScopeError: the key can't create orders.
            TransientError, ConfigurationError: the store does not say whether it can.
        """
        try:
            await self._transport.write_again("POST", "orders/batch", {})
        except OutcomeUnknownError as error:
            text = "The store did not say whether the key may create orders. Try again."
            raise StoreUnavailableError(error.code, text, error.detail) from None

    async def release(self, holder: str) -> None:
        """Undo nothing: `prepare` changes nothing."""
        del holder

    async def resolve(
        self, records: Sequence[Order], customers: Mapping[str, str], options: Mapping[str, Any]
    ) -> Sequence[Resolution | RecordError]:
        """Look up products by SKU, the shop's decimals and how it numbers orders."""
        return await resolve_orders(self._transport, records, customers, options)

    def steps(self, record: Order, marker: Marker, resolution: Resolution | None = None) -> Sequence[Step]:
        """Plan `create`, a step for each refund, `finish` some time later, and `verify`."""
        held = resolution or {}
        plan = refund_plan(record)
        email, refused = _email_of(record)
        creation = creation_of(record, marker, plan, held, refused)
        finish = finish_of(record, plan, held, email)
        reasons = (*status_reasons(record), *plan.reasons, *lines_lost(record, held))
        label = record.number
        return (
            Step(CREATE, marker, creation, label=label, reasons=reasons),
            *(Step(f"{REFUND}:{one.source_id}", marker, _refund_body(one), label=label) for one in plan.refunds),
            Step(FINISH, marker, finish, label=label, delay_seconds=self._finish_delay_seconds),
            Step(VERIFY, marker, expected_of(record, creation, finish, plan), label=label),
        )

    def losses(self, record: Order, resolution: Resolution | None = None) -> Sequence[Reason]:
        """Tell which values WooCommerce can't hold, or only in another form."""
        return losses_of(record, resolution or {}, is_email_refused=bool(_email_of(record)[1]))

    async def send(self, steps: Sequence[Step], batch: str) -> AsyncGenerator[StepResult]:  # noqa: ARG002
        """Send one request a step, one after the other; WooCommerce has no place for the name of a batch."""
        if steps and steps[0].name == VERIFY:
            async for result in self._verify(steps):
                yield result
            return
        trouble: CrossdockError | None = None
        for step in steps:
            if trouble is not None:
                yield StepResult(step, NotSent(trouble))
                continue
            async with self._one_writer:
                outcome = await self._requests.send(step)
            trouble = _holds_up(outcome)
            yield StepResult(step, outcome)

    async def find_effects(self, steps: Sequence[Step], batch: str, age: timedelta) -> Mapping[Marker, StepResult]:  # noqa: ARG002
        """Look for orders by marker in one scan of what has changed, for refunds and second passes at their orders.

        A half-made order is deleted and counts as not made; looks begin only when the store is done with it.
        """
        creates = {str(step.marker): step for step in steps if step.name == CREATE}
        found: dict[Marker, StepResult] = {}
        if creates:
            for text, number in (await made_orders(self._transport, creates, age)).items():
                found[creates[text].marker] = StepResult(creates[text], Applied(number))
        for step in steps:
            if step.name.startswith(f"{REFUND}:"):
                source_id = step.name.partition(":")[2]
                if await refund_by_mark(self._transport, step.destination_id, source_id):
                    found[step.marker] = StepResult(step, Applied(step.destination_id))
        finishes = [step for step in steps if step.name == FINISH]
        held = await self._held(finishes)
        for step in finishes:
            wire = held.get(step.destination_id)
            if wire is not None and is_finished(dict(step.payload), wire):
                found[step.marker] = StepResult(step, Applied(step.destination_id))
        async for result in self._verify([step for step in steps if step.name == VERIFY]):
            if isinstance(result.outcome, Applied):
                found[result.step.marker] = result
        return found

    async def find(self, markers: Sequence[Marker]) -> Mapping[Marker, str]:
        """Find orders that carry our markers. WooCommerce can't search meta: this walks the store, newest first."""
        wanted = {str(marker): marker for marker in markers}
        orders = await orders_by_marker(self._transport, wanted)
        return {wanted[text]: number for text, number in orders.items()}

    async def put_back(self, resolutions: Sequence[Resolution]) -> None:
        """Leave everything: creating an order changes nothing about its customer."""
        del resolutions

    async def imprints(self, ids: Sequence[str]) -> Mapping[str, Imprint]:
        """Tell what the store holds of orders."""
        found = await readable_orders(self._transport, ids)
        return {number: held_imprint(wire) for number, wire in found.items()}

    async def delete(self, record_id: str) -> None:
        """Delete an order that carries our marker; one that is gone already counts as deleted.

        Raises:
            RecordConflictError: the order is not one that we made, or the store refuses.
        """
        await delete_order(self._transport, record_id)

    async def _verify(self, steps: Sequence[Step]) -> AsyncGenerator[StepResult]:
        for start in range(0, len(steps), MAX_IDS):
            chunk = steps[start : start + MAX_IDS]
            try:
                held = await self._held(chunk)
            except CrossdockError as error:
                for step in chunk:
                    yield StepResult(step, NotSent(error))
                continue
            for step in chunk:
                yield StepResult(step, read_back(step, held.get(step.destination_id)))

    async def _held(self, steps: Sequence[Step]) -> dict[str, WireOrder]:
        ids = list(dict.fromkeys(step.destination_id for step in steps))
        wires: dict[str, WireOrder] = {}
        for start in range(0, len(ids), MAX_IDS):
            for wire in await fetch_orders(self._transport, ids[start : start + MAX_IDS]):
                if isinstance(wire, WireOrder):
                    wires[str(wire.id)] = wire
        return wires


def _refund_body(refund: PlannedRefund) -> dict[str, Any]:
    return {
        "amount": str(refund.amount),
        "reason": refund.reason,
        # Without these two WooCommerce would ask the gateway for the money and put the goods back into stock.
        "api_refund": False,
        "api_restock": False,
        "meta_data": [{"key": REFUND_KEY, "value": refund.source_id}],
    }


def _email_of(order: Order) -> tuple[str, str]:
    """Give the e-mail address as WooCommerce takes it, or else as one that it would refuse."""
    if not order.email.strip():
        return "", ""
    try:
        return email_for_wordpress(order.email), ""
    except UnmappableValueError:
        return "", order.email


def _holds_up(outcome: Outcome) -> CrossdockError | None:
    """Why what stands behind a step is left for later: a store that may still be at work gets no second write."""
    if isinstance(outcome, Unknown):
        error = outcome.error
        return StoreUnavailableError("store_unavailable", "Left for later: the store did not answer.", error.detail)
    return outcome.error if isinstance(outcome, NotSent) else None
