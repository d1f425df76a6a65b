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
