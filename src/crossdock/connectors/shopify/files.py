"""Files of bulk operations: uploaded to and read from Shopify's own file hosts, without the store's token.

Owns which hosts may be called and how a file becomes lines. It must not know what a line says.

Source: Shopify Admin GraphQL API 2026-10, bulk operations; addresses are signed and expire after seven days.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Final
from urllib.parse import urlsplit

import httpx2

from crossdock.connectors.http import Sleep, StoreHttp
from crossdock.connectors.replies import place_of
from crossdock.domain.errors import ContractViolationError, OutcomeUnknownError, StoreUnavailableError, TransientError

HOSTS: Final = frozenset({"storage.googleapis.com", "shopify-staged-uploads.storage.googleapis.com"})
_WAITS: Final = (1.0, 3.0, 9.0)


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

    async def lines(self, url: str, *, skip: int = 0) -> AsyncIterator[bytes]:
        """Read a file line by line without blank ones, after the first `skip`; goes on by itself after a lost line.

        Raises:
            TransientError, ConfigurationError: the file can't be read further.
        """
        done = skip
        for wait in (*_WAITS, None):
            try:
                async for number, line in self._numbered(url):
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

    async def _numbered(self, url: str) -> AsyncIterator[tuple[int, bytes]]:
        rest, number = b"", 0
        async for chunk in self._client(url).stream(url):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                if line.strip():
                    yield number, line
                    number += 1
        if rest.strip():
            yield number, rest

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
