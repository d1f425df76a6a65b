"""Files of bulk operations: uploaded to and read from Shopify's own file hosts, without the store's token.

Owns which hosts may be called, how a file becomes lines, and when it was read whole. It must not know what a line says.

Source: Shopify Admin GraphQL API 2026-10, bulk operations; addresses are signed and expire after seven days.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpx2

from crossdock.connectors.http import Sleep, StoreHttp
from crossdock.connectors.replies import place_of
from crossdock.domain.errors import ContractViolationError, OutcomeUnknownError, StoreUnavailableError, TransientError

HOSTS: Final = frozenset({"storage.googleapis.com", "shopify-staged-uploads.storage.googleapis.com"})
_WAITS: Final = (1.0, 3.0, 9.0)


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A file of results, and how many objects and bytes Shopify says to have written to it; None where it does not.

    `fits` tells whether a line can be one of the file's.
    """

    url: str
    fits: Callable[[bytes], bool]
    objects: int | None = None
    size: int | None = None

    def is_whole(self, lines: int, size: int) -> bool:
        """Tell whether that much is the whole file: either figure settles it, since a file host may store otherwise."""
        if self.objects is None and self.size is None:
            return True
        return (self.objects is not None and lines >= self.objects) or size == self.size


class BulkFiles:
    """Uploads and reads files; `sandbox_origin` is allowed besides Shopify's hosts where a base address is set."""

    def __init__(
        self,
        *,
        sandbox_origin: str | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._sandbox = urlsplit(sandbox_origin)[:2] if sandbox_origin else None
        self._transport = transport
        self._sleep = sleep
        self._clients: dict[str, StoreHttp] = {}

    async def upload(self, url: str, fields: Mapping[str, str], name: str, content: bytes) -> None:
        """Put a file where Shopify has said; nothing in the store changes by it.

        Raises:
            TransientError, ConfigurationError: the file is not there.
        """
        try:
            reply = await self._client(url).write(
                "POST", url, form=fields, files={"file": (name, content, "text/jsonl")}, expects_json=False
            )
        except OutcomeUnknownError as error:
            raise StoreUnavailableError(error.code, "The upload to Shopify broke off.", error.detail) from None
        if not reply.is_success:
            detail = f"{reply.place}: HTTP {reply.status}"
            raise StoreUnavailableError("upload_refused", "Shopify's file host refused the upload.", detail)

    async def lines(self, file: ResultFile, *, skip: int = 0) -> AsyncIterator[bytes]:
        """Read a file line by line without blank ones, after the first `skip`; goes on by itself after a lost line.

        Raises:
            TransientError, ConfigurationError: the file can't be read further; `cut_body` where what is sent stays
                damaged or ends too early, so that an end without an error is the file's own.
        """
        done = skip
        for wait in (*_WAITS, None):
            try:
                async with aclosing(self._numbered(file)) as numbered:
                    async for number, line in numbered:
                        if number >= done:
                            done = number + 1
                            yield line
                return
            except TransientError:
                if wait is None:
                    raise
                await self._sleep(wait)

    async def aclose(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()

    async def _numbered(self, file: ResultFile) -> AsyncGenerator[tuple[int, bytes]]:
        number, size = 0, 0
        rest = b""
        async with aclosing(self._client(file.url).stream(file.url)) as chunks:
            async for chunk in chunks:
                size += len(chunk)
                *whole, rest = (rest + chunk).split(b"\n")
                for line in filter(bytes.strip, whole):
                    yield number, _fitting(line, file)
                    number += 1
        if rest.strip():
            yield number, _fitting(rest, file)
            number += 1
        if not file.is_whole(number, size):
            raise _damaged(file, f"ends after {number} lines and {size} bytes")

    def _client(self, url: str) -> StoreHttp:
        parts = urlsplit(url)
        is_shopify = parts.scheme == "https" and parts.hostname in HOSTS and parts.port is None
        if not is_shopify and parts[:2] != self._sandbox:
            text = "Shopify named a file on a host that Crossdock does not know: nothing was sent there."
            raise ContractViolationError("file_host_unknown", text, place_of(url))
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._clients:
            self._clients[origin] = StoreHttp(origin, transport=self._transport, sleep=self._sleep)
        return self._clients[origin]


def _fitting(line: bytes, file: ResultFile) -> bytes:
    """Give the line back: one that is none shifts or hides others, so that nothing after it may be counted."""
    if not file.fits(line):
        raise _damaged(file, "has a line that is none")
    return line


def _damaged(file: ResultFile, how: str) -> StoreUnavailableError:
    text = "Shopify's file host sent a file of results that is cut off or damaged."
    return StoreUnavailableError("cut_body", text, f"GET {place_of(file.url)}: {how}")
