"""One POST endpoint: documents in, typed data out, paced by what Shopify says each costs.

Owns sending a document, learning costs, waiting for points, renewing a refused token. It must not know any record.

Source: Shopify Admin GraphQL API 2026-10, `POST /admin/api/2026-10/graphql.json`; a throttled request was not executed.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeVar

import msgspec

from crossdock.connectors.failures import undecodable
from crossdock.connectors.http import Sleep, StoreHttp
from crossdock.connectors.repeating import repeated
from crossdock.connectors.replies import Reply, json_part
from crossdock.connectors.shopify.auth import Tokens
from crossdock.connectors.shopify.documents import Document
from crossdock.connectors.shopify.refusals import (
    FAILED_INSIDE,
    THROTTLED,
    GraphQLError,
    errors_of,
    refusal,
    status_refusal,
)
from crossdock.connectors.throttle import CostBucket, ThrottleStatus
from crossdock.domain.errors import (
    ContractViolationError,
    CrossdockError,
    OutcomeUnknownError,
    RateLimitedError,
    StoreUnavailableError,
)

T = TypeVar("T")
Variables = Mapping[str, object]

_MOST_THROTTLES: Final = 30
_WAITS_AFTER_FAILURE: Final = (1.0, 3.0, 9.0)


class _Throttle(msgspec.Struct, rename="camel"):
    maximum_available: float
    currently_available: float
    restore_rate: float

    def status(self) -> ThrottleStatus:
        return ThrottleStatus(self.maximum_available, self.currently_available, self.restore_rate)


class _Cost(msgspec.Struct, rename="camel"):
    requested_query_cost: float = 0.0
    actual_query_cost: float | None = None
    throttle_status: _Throttle | None = None

    def status(self) -> ThrottleStatus | None:
        return self.throttle_status.status() if self.throttle_status else None


class _Extensions(msgspec.Struct):
    cost: _Cost | None = None


class _Envelope(msgspec.Struct):
    data: msgspec.Raw = msgspec.Raw(b"null")
    errors: msgspec.Raw = msgspec.Raw(b"null")
    extensions: _Extensions | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    data: msgspec.Raw
    errors: tuple[GraphQLError, ...]
    cost: _Cost | None
    detail: str


class GraphQL:
    """Sends documents to one store. Reads are repeated after trouble, writes never, unless known not executed."""

    def __init__(
        self, http: StoreHttp, tokens: Tokens, bucket: CostBucket, *, version: str, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._bucket = bucket
        self._version = version
        self._sleep = sleep
        self._points: dict[str, float] = {}
        self.served_version = ""

    @property
    def bucket(self) -> CostBucket:
        """The store's points: who waits for them, and how fast they come back."""
        return self._bucket

    async def query(self, document: Document, variables: Variables, shape: type[T]) -> T:
        """Read `data` as `shape`.

        Raises:
            TransientError, ConfigurationError, ContractViolationError: as the connector contract says.
        """
        for wait in _WAITS_AFTER_FAILURE:
            try:
                return await self._data(document, variables, shape)
            except StoreUnavailableError as error:
                if error.code != FAILED_INSIDE:
                    raise
                await self._sleep(wait)
        return await self._data(document, variables, shape)

    async def mutate(self, document: Document, variables: Variables, shape: type[T]) -> T:
        """Send a mutation once and read its `data` as `shape`.

        Raises:
            OutcomeUnknownError: Shopify may have executed it.
            TransientError, ConfigurationError, ContractViolationError: it is known not to have been executed.
        """
        return await self._data(document, variables, shape)

    async def mutate_again(self, document: Document, variables: Variables, shape: type[T]) -> T:
        """Send a mutation that may be executed twice without harm, again after trouble; raises as `mutate`."""
        return await repeated(lambda: self._data(document, variables, shape), sleep=self._sleep)

    async def _data(self, document: Document, variables: Variables, shape: type[T]) -> T:
        answer = await self._paced(document, variables)
        if answer.errors:
            raise refusal(answer.errors, answer.detail, is_write=document.is_mutation)
        try:
            return msgspec.json.decode(answer.data, type=shape)
        except msgspec.DecodeError as error:
            # The words of the decoder name a field and a type, never a value.
            detail = f"{answer.detail}: {error}"
            if document.is_mutation:
                text = "Shopify answered a change in a form that Crossdock does not know; it may have been carried out."
                raise OutcomeUnknownError("reply_unknown", text, detail) from None
            text = "Shopify answered in a form that Crossdock does not know."
            raise ContractViolationError("reply_unknown", text, detail) from None

    async def _paced(self, document: Document, variables: Variables) -> _Answer:
        for _ in range(_MOST_THROTTLES):
            points = self._points.get(document.name, float(document.points))
            await self._bucket.reserve(points)
            try:
                answer = await self._authorised(document, variables)
            except BaseException:
                self._bucket.settle(points)
                raise
            if not _is_throttled(answer):
                self._learn(document, points, answer.cost)
                return answer
            self._http.tally.throttled(is_write=document.is_mutation)
            requested = answer.cost.requested_query_cost if answer.cost else points
            self._points[document.name] = requested or points
            status = answer.cost.status() if answer.cost else None
            self._bucket.throttled(points, requested=requested or points, status=status)
        raise RateLimitedError("rate_limited", "Shopify keeps asking to slow down. Go on later.", retry_after=60.0)

    def _learn(self, document: Document, reserved: float, cost: _Cost | None) -> None:
        if cost is None:
            # Refused before execution: such a request costs nothing.
            self._bucket.settle(reserved, actual=0.0)
            return
        if cost.requested_query_cost > 0:
            self._points[document.name] = cost.requested_query_cost
        self._bucket.settle(reserved, actual=cost.actual_query_cost, status=cost.status())

    async def _authorised(self, document: Document, variables: Variables) -> _Answer:
        token = await self._tokens.current()
        reply = await self._post(document, variables, token)
        if reply.status == HTTPStatus.UNAUTHORIZED:
            token = await self._tokens.renewed(token)
            reply = await self._post(document, variables, token)
        return self._judge(document, reply)

    async def _post(self, document: Document, variables: Variables, token: str) -> Reply:
        send = self._http.write if document.is_mutation else self._http.read
        return await send(
            "POST",
            f"/admin/api/{self._version}/graphql.json",
            payload={"query": document.text, "variables": variables},
            headers={"X-Shopify-Access-Token": token},
            # What a mutation's page for people means is judged here: a refusal by status was not carried out.
            expects_json=not document.is_mutation,
        )

    def _judge(self, document: Document, reply: Reply) -> _Answer:
        failure = status_refusal(reply)
        if failure is not None:
            raise failure
        try:
            envelope = msgspec.json.decode(json_part(reply.body) or b"", type=_Envelope)
        except msgspec.DecodeError:
            raise undecodable(
                reply.status, reply.headers, reply.place, reply.body, is_write=document.is_mutation
            ) from None
        request = reply.headers.get("x-request-id", "unknown")
        detail = f"{document.name}: HTTP {reply.status}, request {request}"
        errors = errors_of(envelope.errors)
        if not reply.is_success and not errors:
            raise undecodable(reply.status, reply.headers, reply.place, reply.body, is_write=document.is_mutation)
        self._note_version(document, reply, detail)
        return _Answer(envelope.data, errors, envelope.extensions.cost if envelope.extensions else None, detail)

    def _note_version(self, document: Document, reply: Reply, detail: str) -> None:
        """Stop reads under another version than asked; a write that was answered keeps its answer."""
        self.served_version = reply.headers.get("x-shopify-api-version", self.served_version)
        if self.served_version not in {"", self._version} and not document.is_mutation:
            raise version_mismatch(self._version, self.served_version, detail)


def version_mismatch(asked: str, served: str, detail: str = "") -> CrossdockError:
    """Say that Shopify serves another API version than Crossdock was made for."""
    text = f"Shopify serves API version {served} instead of {asked}: this version of Crossdock must be updated."
    return ContractViolationError("api_version_changed", text, detail)


def _is_throttled(answer: _Answer) -> bool:
    return any(error.extensions.code == THROTTLED for error in answer.errors)
