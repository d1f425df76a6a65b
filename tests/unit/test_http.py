"""The client of one store: what it repeats, what it never repeats, and what each failure is called."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
import trustme

from crossdock.connectors.http import HttpLimits, StoreHttp
from crossdock.domain.errors import (
    ConfigurationError,
    CrossdockError,
    OutcomeUnknownError,
    RateLimitedError,
    StoreUnavailableError,
    TransientError,
)

Answer = Callable[[httpx2.Request], httpx2.Response]
PAGE = "<!DOCTYPE html><html><title>Just a moment...</title></html>"


class Shop:
    """Answers from a script, and counts."""

    def __init__(self, *answers: httpx2.Response) -> None:
        self.answers = list(answers)
        self.requests: list[httpx2.Request] = []
        self.slept: list[float] = []
        self.http = StoreHttp(
            "https://shop.example/blog",
            transport=httpx2.MockTransport(self.answer),
            sleep=self.sleep,
            chance=lambda: 1.0,
        )

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def ok(body: object = None) -> httpx2.Response:
    return httpx2.Response(200, json=body or {"fine": True})


def page(status: int, **headers: str) -> httpx2.Response:
    return httpx2.Response(status, html=PAGE, headers={name.replace("_", "-"): text for name, text in headers.items()})


async def test_a_read_is_repeated_with_growing_waits_until_it_succeeds() -> None:
    shop = Shop(httpx2.Response(502), httpx2.Response(500), page(503), ok())
    told: list[TransientError] = []
    shop.http.on_trouble = told.append
    reply = await shop.http.read("GET", "customers", params={"page": 2})
    assert json.loads(reply.body) == {"fine": True}
    assert shop.slept == [1.0, 2.0, 4.0]
    assert len(told) == 3
    assert str(shop.requests[0].url) == "https://shop.example/blog/customers?page=2"
    assert reply.place == "GET https://shop.example/blog/customers"


async def test_a_read_gives_up_after_five_tries() -> None:
    shop = Shop(httpx2.Response(502))
    with pytest.raises(StoreUnavailableError) as caught:
        await shop.http.read("GET", "customers")
    assert caught.value.code == "store_unavailable"
    assert len(shop.requests) == 5


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx2.Response(502), "store_unavailable"),
        (httpx2.Response(524), "store_unavailable"),
        (page(503, retry_after="600"), "store_unavailable"),
        (page(200), "html_answer"),
        (page(403), "html_answer"),
        (httpx2.Response(200, content=b'{"id": 1, "nam'), "cut_body"),
        (httpx2.Response(200, content=b""), "cut_body"),
    ],
)
async def test_a_write_is_never_repeated_and_its_outcome_is_unknown(answer: httpx2.Response, code: str) -> None:
    shop = Shop(answer)
    with pytest.raises(OutcomeUnknownError) as caught:
        await shop.http.write("POST", "customers/batch", payload={"create": []})
    assert caught.value.code == code
    assert len(shop.requests) == 1
    assert PAGE not in str(caught.value.args)


@pytest.mark.parametrize("error", [httpx2.ReadTimeout, httpx2.WriteTimeout, httpx2.ReadError, httpx2.WriteError])
async def test_a_connection_lost_after_the_first_byte_leaves_a_write_unknown(
    error: type[httpx2.TransportError],
) -> None:
    def lose(_: httpx2.Request) -> httpx2.Response:
        raise error("gone")

    http = StoreHttp("https://shop.example", transport=httpx2.MockTransport(lose), sleep=asyncio.sleep)
    with pytest.raises(OutcomeUnknownError):
        await http.write("POST", "customers")


async def test_a_rate_limit_says_how_long_and_a_read_obeys() -> None:
    shop = Shop(page(429, retry_after="7"), ok())
    await shop.http.read("GET", "customers")
    assert shop.slept == [7.0]
    shop = Shop(page(429, retry_after="7"))
    with pytest.raises(RateLimitedError) as caught:
        await shop.http.write("POST", "customers")
    assert caught.value.retry_after == 7.0
    assert len(shop.requests) == 1


async def test_a_read_does_not_wait_for_a_long_maintenance() -> None:
    shop = Shop(page(503, retry_after="600"))
    with pytest.raises(StoreUnavailableError) as caught:
        await shop.http.read("GET", "customers")
    assert caught.value.retry_after == 600.0
    assert shop.slept == []


async def test_json_behind_a_notice_is_an_answer_to_a_write_too() -> None:
    shop = Shop(httpx2.Response(201, content=b"<br />\n<b>Notice</b>: x [1]\n" + b'{"id": 5}'))
    reply = await shop.http.write("POST", "customers")
    assert (reply.body, reply.is_json) == (b'{"id": 5}', True)


@pytest.mark.parametrize("status", [400, 401, 404, 413, 501])
async def test_what_the_platform_alone_can_judge_comes_back(status: int) -> None:
    shop = Shop(httpx2.Response(status, json={"code": "x"}))
    assert (await shop.http.read("GET", "customers")).status == status
    assert (await shop.http.write("POST", "customers")).status == status


async def test_a_page_of_the_web_server_itself_is_an_answer() -> None:
    reply = await Shop(page(404)).http.read("GET", "wp-json/")
    assert (reply.status, reply.is_json) == (404, False)


async def test_an_accepted_status_comes_back() -> None:
    shop = Shop(httpx2.Response(500, json={"code": "woocommerce_rest_cannot_create_order_refund"}))
    assert (await shop.http.write("POST", "refunds", accept=(500,))).status == 500


async def test_redirects_are_followed_within_the_origin_for_reads_only() -> None:
    away = httpx2.Response(301, headers={"location": "https://shop.example/blog/customers/"})
    shop = Shop(away, ok())
    await shop.http.read("GET", "customers")
    assert [request.url.path for request in shop.requests] == ["/blog/customers", "/blog/customers/"]
    shop = Shop(away, ok())
    with pytest.raises(ConfigurationError):
        await shop.http.write("POST", "customers")
    assert len(shop.requests) == 1


@pytest.mark.parametrize("location", ["https://www.shop.example/x?key=1", "http://shop.example/x", "//evil.example/"])
async def test_a_redirect_elsewhere_names_the_origin_and_is_not_followed(location: str) -> None:
    shop = Shop(httpx2.Response(301, headers={"location": location}))
    with pytest.raises(ConfigurationError) as caught:
        await shop.http.read("GET", "customers")
    assert caught.value.code == "redirected"
    assert "key=1" not in str(caught.value.args)
    assert len(shop.requests) == 1


async def test_redirects_in_circles_end() -> None:
    shop = Shop(httpx2.Response(301, headers={"location": "/blog/other"}))
    with pytest.raises(ConfigurationError):
        await shop.http.read("GET", "customers")
    assert len(shop.requests) <= 3


async def test_no_address_outside_the_store_is_called() -> None:
    shop = Shop(ok())
    with pytest.raises(ConfigurationError) as caught:
        await shop.http.read("GET", "https://evil.example/wp-json/")
    assert caught.value.code == "foreign_host"
    assert shop.requests == []


@asynccontextmanager
async def tcp_server(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], object], context: ssl.SSLContext | None = None
) -> AsyncGenerator[int]:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        handle(reader, writer)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


QUICK = HttpLimits(tries=1, read_seconds=5, write_seconds=5)


async def failure_of(url: str, *, is_write: bool, ca_file: Path | None = None) -> CrossdockError:
    http = StoreHttp(url, limits=QUICK, ca_file=ca_file)
    try:
        with pytest.raises(CrossdockError) as caught:
            await (http.write("POST", "x") if is_write else http.read("GET", "x"))
    finally:
        await http.aclose()
    return caught.value


@pytest.mark.parametrize(
    "sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n[{"]
)
async def test_a_cut_connection_is_unknown_for_a_write_and_transient_for_a_read(sent: bytes) -> None:
    async with tcp_server(lambda _, writer: writer.write(sent)) as port:
        url = f"http://127.0.0.1:{port}"
        assert isinstance(await failure_of(url, is_write=True), OutcomeUnknownError)
        assert isinstance(await failure_of(url, is_write=False), StoreUnavailableError)


async def test_before_the_first_byte_a_write_is_known_not_sent() -> None:
    async with tcp_server(lambda _reader, writer: writer.write(b"")) as port:
        pass
    refused = await failure_of(f"http://127.0.0.1:{port}", is_write=True)
    assert (type(refused), refused.code) == (StoreUnavailableError, "connect_failed")


async def test_a_name_that_does_not_exist_is_known_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    failure = await failure_of("http://no-such-shop.example", is_write=True)
    assert (type(failure), failure.code) == (StoreUnavailableError, "dns_failed")


async def test_an_own_certificate_authority_is_trusted_only_when_given(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    async with tcp_server(lambda _, writer: writer.write(body), context) as port:
        url = f"https://127.0.0.1:{port}"
        failure = await failure_of(url, is_write=True)
        assert (type(failure), failure.code) == (ConfigurationError, "tls_failed")
        assert "CA file" in failure.message
        http = StoreHttp(url, limits=QUICK, ca_file=ca_file)
        assert (await http.read("GET", "x")).body == b"{}"
        await http.aclose()


async def test_a_broken_ca_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(ConfigurationError) as caught:
        StoreHttp("https://shop.example", ca_file=tmp_path / "ca.pem")
    assert caught.value.code == "ca_file_unreadable"


async def test_a_file_is_streamed() -> None:
    shop = Shop(httpx2.Response(200, content=b'{"a":1}\n{"b":2}\n'))
    assert b"".join([chunk async for chunk in shop.http.stream("result.jsonl")]) == b'{"a":1}\n{"b":2}\n'
    with pytest.raises(StoreUnavailableError):
        _ = [chunk async for chunk in Shop(httpx2.Response(500)).http.stream("result.jsonl")]


async def test_an_upload_is_multipart_and_its_reply_needs_no_json() -> None:
    shop = Shop(httpx2.Response(201, content=b"<PostResponse/>", headers={"content-type": "application/xml"}))
    reply = await shop.http.write(
        "POST", "staged", form={"key": "k"}, files={"file": ("v.jsonl", b"{}", "text/jsonl")}, expects_json=False
    )
    assert reply.status == 201
    sent = shop.requests[0].read()
    assert sent.index(b'name="key"') < sent.index(b'name="file"')
