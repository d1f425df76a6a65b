"""Bulk operations: started, watched until they end, and recognised again after a crash.

Owns the life of an operation, whatever its records. It must not know customers.

Source: Shopify Admin GraphQL API 2026-10: at most five operations of each type at a time; `url` is null where there
is no result; filters of `bulkOperations` may be ignored, so that its answers are checked here.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from crossdock.connectors.http import Sleep
from crossdock.connectors.shopify.documents import Document, load
from crossdock.connectors.shopify.files import BulkFiles, ResultFile
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.domain.errors import CrossdockError, MissingScopeError, OutcomeUnknownError, StoreUnavailableError

START_QUERY: Final = load("operations/bulk_query_start.graphql")
START_MUTATION: Final = load("operations/bulk_mutation_start.graphql")
OPERATION: Final = load("operations/bulk_operation.graphql")
MUTATIONS: Final = load("operations/bulk_mutations.graphql")
CANCEL: Final = load("operations/bulk_cancel.graphql")
STAGED_UPLOAD: Final = load("operations/staged_upload.graphql")

MOST_UPLOAD_BYTES: Final = 100_000_000
_LONGEST_FAREWELL_SECONDS: Final = 5.0
_UNDER_WAY: Final = frozenset({"CREATED", "RUNNING", "CANCELING"})
_COMPLETED: Final = "COMPLETED"
_NOT_OF_A_NAME: Final = re.compile(r"\W")


class Operation(msgspec.Struct, rename="camel", frozen=True):
    """`BulkOperation`."""

    id: str
    status: str
    type: str = ""
    query: str = ""
    error_code: str | None = None
    url: str | None = None
    partial_data_url: str | None = None
    # UnsignedInt64 comes as a text.
    object_count: str | int | None = None
    file_size: str | int | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether Shopify may still write."""
        return self.status in _UNDER_WAY

    @property
    def is_completed(self) -> bool:
        """Whether every line was carried out, with whatever result."""
        return self.status == _COMPLETED

    def result(self, fits: Callable[[bytes], bool]) -> ResultFile | None:
        """Tell where the lines are that were carried out; None where there are none. `fits` knows a line.

        What Shopify counts is told of the whole result only: of an operation that broke off nobody knows how much.
        """
        if self.url:
            return ResultFile(self.url, fits, objects=_number(self.object_count), size=_number(self.file_size))
        return ResultFile(self.partial_data_url, fits) if self.partial_data_url else None


class _UserError(msgspec.Struct):
    message: str = ""


class _Started(msgspec.Struct, rename="camel"):
    bulk_operation: Operation | None = None
    user_errors: list[_UserError] = []


class _QueryStarted(msgspec.Struct, rename="camel"):
    bulk_operation_run_query: _Started | None = None


class _MutationStarted(msgspec.Struct, rename="camel"):
    bulk_operation_run_mutation: _Started | None = None


class _Canceled(msgspec.Struct, rename="camel"):
    bulk_operation_cancel: _Started | None = None


class _One(msgspec.Struct, rename="camel"):
    bulk_operation: Operation | None = None


class _Nodes(msgspec.Struct):
    nodes: list[Operation]


class _Many(msgspec.Struct, rename="camel"):
    bulk_operations: _Nodes


class _Parameter(msgspec.Struct):
    name: str
    value: str


class _Target(msgspec.Struct):
    url: str | None = None
    parameters: list[_Parameter] = []


class _Targets(msgspec.Struct, rename="camel"):
    staged_targets: list[_Target] | None = None


class _Staged(msgspec.Struct, rename="camel"):
    staged_uploads_create: _Targets | None = None


class BulkOperations:
    """Bulk operations of one store. `poll_seconds` are the waits between looks; the last one is repeated."""

    def __init__(
        self, graphql: GraphQL, files: BulkFiles, *, poll_seconds: Sequence[float], sleep: Sleep = asyncio.sleep
    ) -> None:
        self._graphql = graphql
        self._files = files
        self._poll_seconds = tuple(poll_seconds) or (1.0,)
        self._sleep = sleep

    async def start_query(self, query: Document) -> str | None:
        """Start an export; gives its id, or None where Shopify does not take one now."""
        try:
            data = await self._graphql.mutate(START_QUERY, {"query": query.text}, _QueryStarted)
        except MissingScopeError:
            # Apps of partners may not use bulk operations without asking Shopify.
            return None
        except OutcomeUnknownError:
            # An export that nobody reads changes nothing in the store.
            return None
        return _id_of(data.bulk_operation_run_query)

    async def start_mutation(self, mutation: Document, path: str) -> str | None:
        """Start an import of an uploaded file; gives its id, or None where Shopify does not take one now.

        Raises:
            OutcomeUnknownError: it may have been started.
        """
        variables = {"mutation": mutation.text, "path": path}
        try:
            data = await self._graphql.mutate(START_MUTATION, variables, _MutationStarted)
        except MissingScopeError:
            return None
        return _id_of(data.bulk_operation_run_mutation)

    async def upload(self, name: str, content: bytes) -> str:
        """Upload the variables of an import, one JSON object a line; gives the path to start it with.

        Raises:
            TransientError, ConfigurationError: nothing was started.
        """
        entry = {
            "resource": "BULK_MUTATION_VARIABLES",
            "filename": f"{name}.jsonl",
            "mimeType": "text/jsonl",
            "httpMethod": "POST",
        }
        try:
            data = await self._graphql.mutate(STAGED_UPLOAD, {"input": [entry]}, _Staged)
        except OutcomeUnknownError as error:
            raise StoreUnavailableError(error.code, "Shopify did not prepare an upload.", error.detail) from None
        targets = data.staged_uploads_create.staged_targets if data.staged_uploads_create else None
        fields = {part.name: part.value for part in targets[0].parameters} if targets else {}
        if not targets or not targets[0].url or "key" not in fields:
            raise StoreUnavailableError("upload_refused", "Shopify did not prepare an upload.")
        await self._files.upload(targets[0].url, fields, f"{name}.jsonl", content)
        return fields["key"]

    async def end(self, operation_id: str) -> Operation:
        """Wait until an operation has ended.

        Raises:
            TransientError, ConfigurationError: it can't be watched any longer.
        """
        looks = 0
        while True:
            await self._sleep(self._poll_seconds[min(looks, len(self._poll_seconds) - 1)])
            looks += 1
            operation = await self.get(operation_id)
            if operation is None:
                raise StoreUnavailableError("bulk_lost", "Shopify no longer knows a bulk operation that was started.")
            if not operation.is_under_way:
                return operation

    async def export(self, query: Document) -> Operation | None:
        """Export and wait for the end; None where Shopify does not take an export now. One given up is cancelled.

        Raises:
            TransientError, ConfigurationError: it can't be watched any longer.
        """
        operation_id = await self.start_query(query)
        if operation_id is None:
            return None
        try:
            return await self.end(operation_id)
        except BaseException:
            await self._cancel(operation_id)
            raise

    async def _cancel(self, operation_id: str) -> None:
        """Ask Shopify to stop; without success it works on for nobody, and takes one of five places."""
        with suppress(CrossdockError, TimeoutError):
            async with asyncio.timeout(_LONGEST_FAREWELL_SECONDS):
                await self._graphql.mutate(CANCEL, {"id": operation_id}, _Canceled)

    async def get(self, operation_id: str) -> Operation | None:
        """Look at one operation."""
        return (await self._graphql.query(OPERATION, {"id": operation_id}, _One)).bulk_operation

    async def find_mutation(self, name: str) -> Operation | None:
        """Find the import whose mutation has this name, among the newest hundred."""
        data = await self._graphql.query(MUTATIONS, {}, _Many)
        named = re.compile(rf"\bmutation\s+{re.escape(name)}\b")
        return next((operation for operation in data.bulk_operations.nodes if named.search(operation.query)), None)

    def lines(self, operation: Operation, *, fits: Callable[[bytes], bool], skip: int = 0) -> AsyncIterator[bytes]:
        """Read the lines that an operation has given, after the first `skip`; `fits` tells a line from damage.

        Raises:
            TransientError, ConfigurationError: they can't be read to their end.
        """
        file = operation.result(fits)
        return self._files.lines(file, skip=skip) if file else _no_lines()


def mutation_name(batch: str) -> str:
    """Give the name of the mutation by which a batch is recognised."""
    return _NOT_OF_A_NAME.sub("_", batch)


async def _no_lines() -> AsyncIterator[bytes]:
    for line in ():
        yield line


def _number(told: str | int | None) -> int | None:
    return int(told) if isinstance(told, int) or (told and told.isdecimal()) else None


def _id_of(started: _Started | None) -> str | None:
    return started.bulk_operation.id if started and started.bulk_operation else None
