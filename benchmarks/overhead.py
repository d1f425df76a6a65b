"""What a migration costs outside HTTP: how long nothing is on its way to a store while records are still to be moved.

Owns the clock of one measurement. A request counts from its sending to the end of its answer, and waiting for a store's
rate as well; what is left is the ledger, the mapping, the lease and whatever else stands still for them. Stores answer
as fast as they can, so that nothing is hidden behind their answers.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import httpx2

from benchmarks.records import DIRECTIONS, Subject
from benchmarks.sandbox import sandbox, variables
from crossdock.bootstrap import Services, Settings, open_services
from crossdock.connectors.shopify import store as shopify
from crossdock.connectors.woocommerce import store as woocommerce
from crossdock.jobs.requests import CompareRequest, SelectAll, SyncRequest
from crossdock.state import Run, RunState


class Outside:
    """Adds up the seconds in which nothing is on its way."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._under_way = 0
        self._since = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Tell what has added up until now."""
        return self._seconds + (0.0 if self._under_way else time.perf_counter() - self._since)

    def leave(self) -> None:
        """Send something on its way."""
        if not self._under_way:
            self._seconds += time.perf_counter() - self._since
        self._under_way += 1

    def come_back(self) -> None:
        """Have it back."""
        self._under_way -= 1
        self._since = time.perf_counter()

    async def sleep(self, seconds: float) -> None:
        """Wait as a store asked for."""
        self.leave()
        try:
            await asyncio.sleep(seconds)
        finally:
            self.come_back()


class _Answer(httpx2.AsyncByteStream):
    """A body that is under way until it is closed."""

    def __init__(self, stream: httpx2.AsyncByteStream, outside: Outside) -> None:
        self._stream = stream
        self._outside: Outside | None = outside

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
        if self._outside:
            self._outside.come_back()
            self._outside = None


class _Timed(httpx2.AsyncHTTPTransport):
    """Tells when a request leaves and when its answer is there."""

    def __init__(self, outside: Outside) -> None:
        super().__init__()
        self._outside = outside

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._outside.leave()
        try:
            answer = await super().handle_async_request(request)
        except BaseException:
            self._outside.come_back()
            raise
        answer.stream = _Answer(cast("httpx2.AsyncByteStream", answer.stream), self._outside)
        return answer


def measure_overhead(subject: Subject, sources: tuple[str, ...] = DIRECTIONS) -> list[dict[str, Any]]:
    """Move all records of a full store into an empty one, for each source; gives one row each."""
    return [asyncio.run(_measured(subject, source)) for source in sources]


async def _measured(subject: Subject, source: str) -> dict[str, Any]:
    outside = Outside()
    async with _connected(subject, source, outside) as services:
        kind = subject.kind.removesuffix("s")
        if subject.kind == "orders":
            await _sync(services, "customer", source)
        compared = await _done(services, await services.runs.start_compare(CompareRequest(kind, source)))
        began, cpu, idle = time.perf_counter(), time.process_time(), outside.seconds
        run = await _sync(services, kind, source, compared)
        records = int(run.summary["total"])
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        idle = outside.seconds - idle
    return {
        "command": f"sync {subject.kind} {source}",
        "records": records,
        "failed": run.summary["failed"],
        "seconds": round(seconds, 1),
        "seconds outside HTTP": round(idle, 2),
        "ms a record outside HTTP": round(1000 * idle / max(1, records), 2),
        "CPU ms a record in all": round(1000 * cpu / max(1, records), 2),
    }


async def _sync(services: Services, kind: str, source: str, compared: Run | None = None) -> Run:
    compared = compared or await _done(services, await services.runs.start_compare(CompareRequest(kind, source)))
    options = {"createAs": "order"} if kind == "order" and source == "woocommerce" else {}
    request = SyncRequest(kind, source, SelectAll(compared.id), options=options)
    return await _done(services, await services.runs.start_sync(request))


async def _done(services: Services, begun: Run) -> Run:
    run = await services.runs.wait(begun.id)
    if run.state is not RunState.DONE:
        raise RuntimeError(f"the run ended with {run.error_code}")
    return run


@asynccontextmanager
async def _connected(subject: Subject, source: str, outside: Outside) -> AsyncGenerator[Services]:
    """Open the product over a full and an empty store; each write to Shopify is one of its own."""
    quick = {"finish_delay_seconds": "0", "bulk_write_threshold": "1000000000", "bulk_read_threshold": "1000000000"}
    with (
        sandbox(*subject.content(source), "--plan", "plus", has_service_times=False) as full,
        sandbox("--customers", "0", "--orders", "0", "--plan", "plus", has_service_times=False) as empty,
        tempfile.TemporaryDirectory() as folder,
        patch.object(woocommerce, "WooCommerceStore", _timed(woocommerce.WooCommerceStore, outside)),
        patch.object(shopify, "ShopifyStore", _timed(shopify.ShopifyStore, outside)),
    ):
        stores = (full, empty) if source == "woocommerce" else (empty, full)
        async with open_services(Settings.load(variables(*stores, Path(folder), **quick))) as services:
            yield services


def _timed(store: Callable[..., Any], outside: Outside) -> Callable[..., Any]:
    def opened(*parts: object, **named: object) -> object:
        return store(*parts, sleep=outside.sleep, transport=_Timed(outside), **named)

    return opened
