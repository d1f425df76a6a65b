"""Customers written to WooCommerce: in small batches, one at a time, with the account mail muted.

Owns what a step does and how its effect is found again. Must not know when a run sends.

Source: WooCommerce REST API v3, `POST customers/batch`: results are positional, items skip validation, nothing is
idempotent but the e-mail address.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from crossdock.connectors.contract import MAX_IDS
from crossdock.connectors.replies import Reply
from crossdock.connectors.woocommerce.customers.accounts import account_by_email, accounts_by_marker, delete_account
from crossdock.connectors.woocommerce.customers.mapping import changed_fields, held_imprint, losses_of, payload_of
from crossdock.connectors.woocommerce.customers.pace import LARGEST, BatchPace
from crossdock.connectors.woocommerce.customers.reader import fetch_by_id, readable_by_id
from crossdock.connectors.woocommerce.customers.refusals import TAKEN, outcome_of
from crossdock.connectors.woocommerce.customers.wire import WireBatch, WireBatchItem, WireCustomer
from crossdock.connectors.woocommerce.emails import email_for_wordpress
from crossdock.connectors.woocommerce.meta import marker_of
from crossdock.connectors.woocommerce.mute import AccountMailMute
from crossdock.connectors.woocommerce.transport import WooTransport, decode
from crossdock.domain.customer import Customer
from crossdock.domain.errors import (
    ContractViolationError,
    CrossdockError,
    OutcomeUnknownError,
    RecordConflictError,
    RecordError,
    StoreUnavailableError,
    UnmappableValueError,
)
from crossdock.domain.identity import Marker
from crossdock.domain.imprint import Imprint
from crossdock.domain.kinds import CUSTOMER, RecordKind
from crossdock.domain.plan import (
    CREATE,
    VERIFY,
    Applied,
    Level,
    Linked,
    NotSent,
    Outcome,
    Reason,
    Refused,
    Resolution,
    Step,
    StepResult,
    Unknown,
)

_BATCH = "customers/batch"
_OVERLAP = timedelta(seconds=60)
_CUSTOMER_ROLE = "customer"


class CustomerWriter:
    """The `Sink` of a WooCommerce store's customers."""

    def __init__(self, transport: WooTransport, mute: AccountMailMute) -> None:
        self._transport = transport
        self._mute = mute
        self._pace = BatchPace()
        self._one_writer = asyncio.Lock()

    @property
    def kind(self) -> RecordKind:
        """The kind that is written."""
        return CUSTOMER

    def batch_size(self, planned: int) -> int:
        """Tell how many customers are sent at a time: two requests' worth, so that reading back costs little."""
        return max(1, min(2 * LARGEST, planned))

    async def prepare(self, holder: str) -> None:
        """See to it that the key may write and that no new customer is mailed.

        Raises:
            MissingScopeError: the key can't create customers.
            ConfigurationError: `mail_cannot_be_muted`.
        """
        await self.try_permission()
        await self._mute.hold(holder)

    async def try_permission(self) -> None:
        """Send an empty batch, which changes nothing: the store judges the permission before it looks at the body.

        Raises:
            MissingScopeError: the key can't create customers.
            TransientError, ConfigurationError: the store does not say whether it can.
        """
        try:
            await self._transport.write_again("POST", _BATCH, {})
        except OutcomeUnknownError as error:
            text = "The store did not say whether the key may create customers. Try again."
            raise StoreUnavailableError(error.code, text, error.detail) from None

    async def release(self, holder: str) -> None:
        """Let the account mail go out again once no run needs it muted; waits for mails that the shop put off."""
        await self._mute.release(holder)

    async def resolve(
        self, records: Sequence[Customer], customers: Mapping[str, str], options: Mapping[str, Any]
    ) -> Sequence[Resolution]:
        """Look nothing up: a customer needs nothing that the store has."""
        del customers, options
        return [{} for _ in records]

    def steps(self, record: Customer, marker: Marker, resolution: Resolution | None = None) -> Sequence[Step]:
        """Plan `create` and `verify`."""
        del resolution
        payload = payload_of(record, marker)
        return tuple(Step(name, marker, payload, label=record.email) for name in (CREATE, VERIFY))

    def losses(self, record: Customer, resolution: Resolution | None = None) -> Sequence[Reason]:
        """Tell which values WooCommerce can't hold."""
        del resolution
        return losses_of(record)

    async def send(self, steps: Sequence[Step], batch: str) -> AsyncGenerator[StepResult]:  # noqa: ARG002
        """Send `create` or `verify`; WooCommerce has no place for the name of a batch."""
        results = self._verify(steps) if steps and steps[0].name == VERIFY else self._create(steps)
        async for result in results:
            yield result

    async def find_effects(self, steps: Sequence[Step], batch: str, age: timedelta) -> Mapping[Marker, StepResult]:  # noqa: ARG002
        """Look through the accounts of the last `age` and a minute for our markers: one walk for all steps."""
        creates = {str(step.marker): step for step in steps if step.name == CREATE}
        verifies = [step for step in steps if step.name == VERIFY]
        found: dict[Marker, StepResult] = {}
        if creates:
            accounts = await accounts_by_marker(self._transport, creates, made_within=age + _OVERLAP)
            for text, number in accounts.items():
                step = creates[text]
                found[step.marker] = StepResult(step, Applied(number))
        async for result in self._verify(verifies):
            if isinstance(result.outcome, Applied):
                found[result.step.marker] = result
        return found

    async def find(self, markers: Sequence[Marker]) -> Mapping[Marker, str]:
        """Find accounts that carry our markers. WooCommerce can't search meta: this walks the store, newest first."""
        wanted = {str(marker): marker for marker in markers}
        accounts = await accounts_by_marker(self._transport, wanted)
        return {wanted[text]: number for text, number in accounts.items()}

    async def find_by_email(self, emails: Sequence[str]) -> Mapping[str, str]:
        """Find customers by address, one request each; accounts of other roles are left out."""
        found: dict[str, str] = {}
        for email in emails:
            try:
                address = email_for_wordpress(email)
            except UnmappableValueError:
                # WooCommerce refuses to look for what it takes for no address, and no account can have it.
                continue
            account = await account_by_email(self._transport, address)
            if account is not None and account.role == _CUSTOMER_ROLE:
                found[email] = str(account.id)
        return found

    async def put_back(self, resolutions: Sequence[Resolution]) -> None:
        """Leave everything: creating a customer changes nobody else."""
        del resolutions

    async def imprints(self, ids: Sequence[str]) -> Mapping[str, Imprint]:
        """Tell what the store holds of accounts."""
        return {str(wire.id): held_imprint(wire) for wire in await readable_by_id(self._transport, ids)}

    async def delete(self, record_id: str) -> None:
        """Delete an account that carries our marker; one that is gone already counts as deleted.

        Raises:
            RecordConflictError: the account is not one that we made, or it has paid orders.
        """
        await delete_account(self._transport, record_id)

    async def _create(self, steps: Sequence[Step]) -> AsyncGenerator[StepResult]:
        pending = list(steps)
        while pending:
            chunk, pending = pending[: self._pace.size], pending[self._pace.size :]
            try:
                items = await self._post(chunk)
            except RecordError as error:
                # The request was too big, and nothing of it was executed.
                self._pace.halve()
                if len(chunk) == 1:
                    yield StepResult(chunk[0], Refused(error))
                else:
                    pending = chunk + pending
                continue
            except CrossdockError as error:
                self._pace.halve()
                for step in chunk:
                    yield StepResult(step, _trouble(error))
                for step in pending:
                    yield StepResult(step, NotSent(_left_for_later(error)))
                return
            for step, raw in zip(chunk, items, strict=True):
                yield StepResult(step, await self._judge(step, raw))

    async def _post(self, chunk: Sequence[Step]) -> list[msgspec.Raw]:
        async with self._one_writer:
            is_over = True
            try:
                reply = await self._transport.write("POST", _BATCH, {"create": [step.payload for step in chunk]})
            except (OutcomeUnknownError, asyncio.CancelledError):
                is_over = False
                raise
            finally:
                self._mute.wrote(is_over=is_over)
        self._pace.answered(len(chunk), reply.seconds)
        return _items(reply, len(chunk))

    async def _judge(self, step: Step, raw: msgspec.Raw) -> Outcome:
        try:
            item = msgspec.json.decode(raw, type=WireBatchItem)
        except (msgspec.DecodeError, RecursionError):
            return Unknown(OutcomeUnknownError("unknown_shape", "The store's answer for this customer can't be read."))
        if item.error is None:
            if item.id:
                return Applied(str(item.id))
            return Unknown(OutcomeUnknownError("unknown_shape", "The store did not tell the new customer's number."))
        code = str(item.error.code)
        return await self._link(step, code) if code in TAKEN else outcome_of(item.error)

    async def _link(self, step: Step, code: str) -> Outcome:
        """Look up who has the e-mail address: we ourselves at an earlier try, or somebody else's account."""
        try:
            account = await account_by_email(self._transport, str(step.payload["email"]))
        except CrossdockError as error:
            return NotSent(error)
        if account is None and code == "existing_user_login":
            text = "Another account took the user name at the same moment."
            return NotSent(StoreUnavailableError("username_race", text))
        if account is None:
            text = "The store says that this e-mail address is in use, but shows no account with it. Look for it there."
            return Refused(RecordConflictError("email_taken", text))
        if marker_of(account.meta_data) == str(step.marker):
            return Applied(str(account.id))
        return Linked(str(account.id), _role_reasons(account))

    async def _verify(self, steps: Sequence[Step]) -> AsyncGenerator[StepResult]:
        for start in range(0, len(steps), MAX_IDS):
            chunk = steps[start : start + MAX_IDS]
            try:
                wires = await fetch_by_id(self._transport, [step.destination_id for step in chunk])
            except CrossdockError as error:
                for step in chunk:
                    yield StepResult(step, NotSent(error))
                continue
            held = {str(wire.id): wire for wire in wires}
            for step in chunk:
                yield StepResult(step, _compared(step, held.get(step.destination_id)))


def _items(reply: Reply, count: int) -> list[msgspec.Raw]:
    try:
        items = decode(reply, WireBatch).create
    except ContractViolationError as error:
        raise OutcomeUnknownError(error.code, error.message, error.detail) from None
    if len(items) != count:
        text = f"The store answered for {len(items)} of {count} customers; Crossdock looks which exist."
        raise OutcomeUnknownError("unknown_shape", text, reply.place)
    return items


def _trouble(error: CrossdockError) -> Outcome:
    return Unknown(error) if isinstance(error, OutcomeUnknownError) else NotSent(error)


def _left_for_later(error: CrossdockError) -> CrossdockError:
    """Why what stood behind a failed batch was not sent: a store that may still be at work gets no second batch."""
    if isinstance(error, OutcomeUnknownError):
        return StoreUnavailableError("store_unavailable", "Left for later: the store did not answer.", error.detail)
    return error


def _role_reasons(account: WireCustomer) -> tuple[Reason, ...]:
    if account.role == _CUSTOMER_ROLE:
        return ()
    text = f"The store's account with this e-mail address has the role “{account.role}”; it is left as it is."
    return (Reason("other_role", Level.WARNING, text),)


def _compared(step: Step, wire: WireCustomer | None) -> Outcome:
    if wire is None:
        text = "The customer that was created is not there any more, or can't be read. Look for it in the store."
        return Unknown(OutcomeUnknownError("not_found_after_create", text))
    changed = changed_fields(dict(step.payload), wire)
    text = f"The store keeps another form of: {', '.join(changed)}."
    reasons = (Reason("field_changed_by_store", Level.WARNING, text),) if changed else ()
    return Applied(str(wire.id), reasons, imprint=held_imprint(wire))
