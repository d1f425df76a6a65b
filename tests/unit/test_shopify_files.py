"""Files of bulk operations: which hosts may be called, and lines that survive a cut."""

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from crossdock.connectors.shopify.files import BulkFiles
from crossdock.domain.errors import ContractViolationError, StoreUnavailableError

RESULT = "https://storage.googleapis.com/result.jsonl?Signature=hidden"


class Host:
    """A file host that gives the listed replies in turn and remembers the headers that it was sent."""

    def __init__(self, *replies: Response) -> None:
        self.replies = list(replies)
        self.headers: list[dict[str, str]] = []
        app = Starlette(routes=[Route("/result.jsonl", self._give)])
        self.files = BulkFiles(transport=httpx2.ASGITransport(app), sleep=_no_wait)

    async def _give(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        return self.replies.pop(0)


async def _no_wait(seconds: float) -> None:
    del seconds


@pytest.mark.parametrize(
    "url",
    [
        "https://files.example.com/result.jsonl",
        "http://storage.googleapis.com/result.jsonl",
        "https://storage.googleapis.com:8443/result.jsonl",
        "https://storage.googleapis.com@files.example.com/result.jsonl",
        "https://storage.googleapis.com.example.org/result.jsonl",
        "file:///etc/passwd",
    ],
)
async def test_no_other_host_is_called(url: str) -> None:
    host = Host()
    with pytest.raises(ContractViolationError) as raised:
        await host.files.upload(url, {}, "a.jsonl", b"{}")
    assert raised.value.code == "file_host_unknown"
    with pytest.raises(ContractViolationError):
        await anext(host.files.lines(url))


async def test_a_sandbox_is_a_host_only_when_it_was_named() -> None:
    files = BulkFiles(sandbox_origin="http://127.0.0.1:8001/shopify", sleep=_no_wait)
    with pytest.raises(ContractViolationError):
        await files.upload("http://127.0.0.1:8002/staged-uploads/", {}, "a.jsonl", b"{}")


async def test_lines_come_without_blank_ones_and_without_the_stores_token() -> None:
    host = Host(PlainTextResponse('{"a":1}\n\n{"b":2}'))
    assert [line async for line in host.files.lines(RESULT)] == [b'{"a":1}', b'{"b":2}']
    assert not any("access-token" in name for headers in host.headers for name in headers)


async def test_lines_go_on_where_a_reader_stopped() -> None:
    host = Host(PlainTextResponse("1\n2\n3\n"))
    assert [line async for line in host.files.lines(RESULT, skip=2)] == [b"3"]


async def test_a_host_in_trouble_is_asked_again_and_in_the_end_given_up() -> None:
    host = Host(Response(status_code=503), PlainTextResponse("1\n"))
    assert [line async for line in host.files.lines(RESULT)] == [b"1"]
    host = Host(*(Response(status_code=503) for _ in range(4)))
    with pytest.raises(StoreUnavailableError) as raised:
        await anext(host.files.lines(RESULT))
    assert "hidden" not in repr(raised.value)
    assert host.replies == []
