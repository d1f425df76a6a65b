"""Reading many records, page by page or from an export: where each part ends and the next begins.

Owns connections, exports and the cursors within them. It must not know any record.

Source: Shopify Admin GraphQL API 2026-10: a page ends at `endCursor`; an export's lines keep their order for the seven
days that its file is kept.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Final

import msgspec

from crossdock.connectors.contract import Cursor
from crossdock.connectors.shopify.bulk import BulkOperations, Operation
from crossdock.connectors.shopify.documents import Document
from crossdock.domain.errors import ConfigurationError, ContractViolationError, CrossdockError

LINES_A_PAGE: Final = 250
EXPORTED: Final = "bulk:"


class PageInfo(msgspec.Struct, rename="camel", frozen=True):
    """Where a page ends."""

    has_next_page: bool
    end_cursor: str | None = None


class Connection(msgspec.Struct, rename="camel", frozen=True):
    """A page; each record is decoded by itself, so that a misfit spoils no other."""

    nodes: list[msgspec.Raw]
    page_info: PageInfo


async def walk(
    fetch: Callable[[str | None], Awaitable[Connection]], after: str | None, place: str
) -> AsyncIterator[tuple[Connection, str]]:
    """Give each page with the cursor after it, the next one under way while the caller works on the last.

    `place` names the document for the log.

    Raises:
        ContractViolationError: Shopify says that a page follows, and not where.
    """
    pending = asyncio.ensure_future(fetch(after))
    try:
        while True:
            found = await pending
            end = next_after(found.page_info, after, place)
            if end is not None:
                pending = asyncio.ensure_future(fetch(end))
            yield found, found.page_info.end_cursor or after or ""
            if end is None:
                return
            after = end
    finally:
        pending.cancel()
        with suppress(asyncio.CancelledError, CrossdockError):
            await pending


def next_after(info: PageInfo, after: str | None, place: str) -> str | None:
    """Tell after which cursor the next page begins; None after the last.

    Raises:
        ContractViolationError: there is one, and Shopify does not say where: its absence must not look like the end.
    """
    if not info.has_next_page:
        return None
    if not info.end_cursor or info.end_cursor == after:
        text = "Shopify says that more records follow, and not where. Try again."
        raise ContractViolationError("reply_unknown", text, place)
    return info.end_cursor


class Exports:
    """Exports of one document without nested connections, so that each line is a record."""

    def __init__(self, bulk: BulkOperations, document: Document, *, fits: Callable[[bytes], bool]) -> None:
        self._bulk = bulk
        self._document = document
        self._fits = fits

    async def make(self) -> Operation | None:
        """Export everything; None where Shopify gives no export now, or one without a file.

        An export without a file would say that nothing is there.
        """
        operation = await self._bulk.export(self._document)
        return operation if operation is not None and operation.is_completed and operation.url else None

    async def resumed(self, cursor: Cursor) -> tuple[Operation, int]:
        """Find the export that a cursor names again, and how many of its lines were read.

        Raises:
            ConfigurationError: `export_expired`, it is gone; a new read must begin.
        """
        operation_id, _, done = cursor.removeprefix(EXPORTED).rpartition("#")
        operation = await self._bulk.get(operation_id)
        if operation is None or not operation.is_completed or not operation.url:
            text = "Shopify no longer keeps the export that was being read. Start the comparison again."
            raise ConfigurationError("export_expired", text)
        return operation, int(done)

    async def pages(self, operation: Operation, skip: int = 0) -> AsyncIterator[tuple[list[msgspec.Raw], Cursor]]:
        """Give the lines after the first `skip`, up to `LINES_A_PAGE` at once, with the cursor after them."""
        done, lines = skip, list[msgspec.Raw]()
        async for line in self._bulk.lines(operation, fits=self._fits, skip=skip):
            done += 1
            lines.append(msgspec.Raw(line))
            if len(lines) == LINES_A_PAGE:
                yield lines, f"{EXPORTED}{operation.id}#{done}"
                lines = []
        if lines:
            yield lines, f"{EXPORTED}{operation.id}#{done}"
