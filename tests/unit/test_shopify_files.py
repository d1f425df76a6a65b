"""Files of bulk operations: which hosts may be called, lines that survive a cut, and an end that is the file's own."""

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from crossdock.connectors.shopify.files import BulkFiles, ResultFile
from crossdock.domain.errors import ContractViolationError, StoreUnavailableError

URL = "https://storage.googleapis.com/result.jsonl?Signature=hidden"
LINES = ['{"a":1}', '{"a":2}', '{"a":3}']
WHOLE = "\n".join(LINES) + "\n"
PAGE = "<!DOCTYPE html>\n<html><h1>Log in to continue</h1></html>"


def looks_whole(line: bytes) -> bool:
    return line.startswith(b"{") and line.endswith(b"}")


RESULT = ResultFile(URL, looks_whole)
COUNTED = ResultFile(URL, looks_whole, objects=3, size=len(WHOLE))


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
        await anext(host.files.lines(ResultFile(url, looks_whole)))


async def test_a_sandbox_is_a_host_only_when_it_was_named() -> None:
    files = BulkFiles(sandbox_origin="http://127.0.0.1:8001/shopify", sleep=_no_wait)
    with pytest.raises(ContractViolationError):
        await files.upload("http://127.0.0.1:8002/staged-uploads/", {}, "a.jsonl", b"{}")


async def test_lines_come_without_blank_ones_and_without_the_stores_token() -> None:
    host = Host(PlainTextResponse('{"a":1}\n\n{"b":2}'))
    assert [line async for line in host.files.lines(RESULT)] == [b'{"a":1}', b'{"b":2}']
    assert not any("access-token" in name for headers in host.headers for name in headers)


async def read(host: Host, file: ResultFile, *, skip: int = 0) -> list[str]:
    return [line.decode() async for line in host.files.lines(file, skip=skip)]


async def test_lines_go_on_where_a_reader_stopped() -> None:
    assert await read(Host(PlainTextResponse(WHOLE)), COUNTED, skip=2) == LINES[2:]


async def test_a_host_in_trouble_is_asked_again_and_in_the_end_given_up() -> None:
    host = Host(Response(status_code=503), PlainTextResponse(WHOLE))
    assert await read(host, RESULT) == LINES
    host = Host(*(Response(status_code=503) for _ in range(4)))
    with pytest.raises(StoreUnavailableError) as raised:
        await read(host, RESULT)
    assert "hidden" not in repr(raised.value)
    assert host.replies == []


SPOILT = {
    "nothing": Response(b""),
    "cut between lines": PlainTextResponse(WHOLE[:16]),
    "cut in a line": PlainTextResponse(WHOLE[:12]),
    "a page": HTMLResponse(PAGE),
    "a page that says to be lines": PlainTextResponse(PAGE, media_type="application/jsonl"),
    "a notice before the lines": PlainTextResponse("<br />\n<b>Notice</b>\n" + WHOLE),
}


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
async def test_a_spoilt_file_is_read_again_and_hides_and_repeats_nothing(spoilt: Response) -> None:
    assert await read(Host(spoilt, PlainTextResponse(WHOLE)), COUNTED) == LINES


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
@pytest.mark.parametrize("skip", [0, 1])
async def test_a_file_that_stays_spoilt_does_not_end_but_fails(spoilt: Response, skip: int) -> None:
    host = Host(spoilt, spoilt, spoilt, spoilt)
    with pytest.raises(StoreUnavailableError) as raised:
        await read(host, COUNTED, skip=skip)
    assert raised.value.code in {"cut_body", "html_answer"}
    assert "hidden" not in repr(raised.value.args)
    assert host.replies == []


@pytest.mark.parametrize(("objects", "size"), [(3, None), (3, 7), (None, len(WHOLE)), (9, len(WHOLE)), (None, None)])
async def test_one_figure_that_fits_is_enough(objects: int | None, size: int | None) -> None:
    file = ResultFile(URL, looks_whole, objects=objects, size=size)
    assert await read(Host(PlainTextResponse(WHOLE)), file) == LINES
