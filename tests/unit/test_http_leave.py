"""Leave to write: whoever has lost the right to write sends nothing, from no task that it began."""

import asyncio

import httpx2
import pytest

from crossdock.connectors.http import StoreHttp
from crossdock.connectors.leave import writing_by_leave
from crossdock.domain.errors import LeaseLostError


async def test_a_write_without_leave_is_not_sent_and_reads_go_on() -> None:
    seen: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.method)
        return httpx2.Response(200, json={})

    async def refuse() -> None:
        raise LeaseLostError("lease_lost", "Another worker has it.")

    http = StoreHttp("https://shop.example.com", transport=httpx2.MockTransport(answer))
    with writing_by_leave(refuse):
        with pytest.raises(LeaseLostError):
            await http.write("POST", "orders", payload={})
        with pytest.raises(LeaseLostError):
            await asyncio.create_task(http.write("POST", "orders", payload={}))
        await http.read("GET", "orders")
    await http.write("POST", "orders", payload={})
    await http.aclose()
    assert seen == ["GET", "POST"]


@pytest.mark.parametrize(
    ("times", "arrives"),
    [
        pytest.param(1, b"", id="while it waits for a connection"),
        pytest.param(2, b"POST /orders", id="between head and body"),
    ],
)
async def test_leave_that_is_lost_once_asked_for_holds_the_write_back(times: int, arrives: bytes) -> None:
    received = bytearray()
    has_left = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.extend(await reader.read())
        writer.close()
        has_left.set()

    asked: list[None] = []

    async def allow_at_first() -> None:
        asked.append(None)
        if len(asked) > times:
            raise LeaseLostError("lease_lost", "Another worker has it.")

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        http = StoreHttp(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with writing_by_leave(allow_at_first), pytest.raises(LeaseLostError):
            await http.write("POST", "orders", payload={"number": "R-1"})
        await http.aclose()
        await has_left.wait()
    assert received.startswith(arrives)
    assert bool(received) is bool(arrives)
    assert b"R-1" not in received
