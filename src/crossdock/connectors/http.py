"""One HTTP client for each store: time-outs, own certificate authority, retries of reads, never of writes.

Owns sending. It must not know any platform: a reply with a 4xx status goes back to the connector, which knows the
platform's codes. Statuses that mean the same everywhere are mapped by `failures`.
"""

import asyncio
import logging
import random
import ssl
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx2
import msgspec

from crossdock.connectors.failures import status_failure, transport_failure, undecodable
from crossdock.connectors.leave import ask_at_the_last_moment, ask_leave_to_write
from crossdock.connectors.replies import Reply, json_part, looks_like_html, place_of
from crossdock.connectors.tally import StoreTally
from crossdock.domain.errors import ConfigurationError, CrossdockError, TransientError

Sleep = Callable[[float], Awaitable[object]]
Clock = Callable[[], float]
Params = Mapping[str, str | int]
Files = Mapping[str, tuple[str, bytes, str]]
"""Parts of a multipart upload: name -> (file name, content, content type); sent after the plain fields."""

# The client logs whole addresses; their queries hold e-mail addresses and OAuth parameters.
for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)

_PAGES_THAT_ANSWER = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.GONE,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.NOT_IMPLEMENTED,
    }
)
"""Statuses by which a web server refuses before the shop's software runs, so that a page with them is an answer."""

_MOST_REDIRECTS = 3
_USER_AGENT = f"Crossdock/{version('crossdock')}"


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Bounds of one store's client; times in seconds. A `Retry-After` above `longest_wait` is left to the caller."""

    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    write_seconds: float = 100.0
    tries: int = 5
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 60.0
    connections: int = 8

    @classmethod
    def within(cls, request_seconds: float, *, connections: int = 8) -> Self:
        """Give the bounds by which no write takes longer than `request_seconds`, its connection included."""
        connect = request_seconds / 11
        write = request_seconds - connect
        return cls(
            connect_seconds=min(10.0, connect),
            read_seconds=min(60.0, write),
            write_seconds=write,
            connections=connections,
        )


class StoreHttp:
    """Sends requests to one store's origin and to no other.

    `sleep`, `clock` (monotonic seconds) and `chance` (0 to 1) are for tests; `on_trouble` hears of every failed try of
    a read, so that a throttle can slow down while the client retries. `tally` counts every try.
    """

    def __init__(  # noqa: PLR0913 - the seams of a client: each has a default, none belongs elsewhere
        self,
        base_url: str,
        *,
        auth: httpx2.Auth | None = None,
        headers: Mapping[str, str] | None = None,
        ca_file: Path | None = None,
        limits: HttpLimits | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = time.monotonic,
        chance: Callable[[], float] = random.random,
        tally: StoreTally | None = None,
    ) -> None:
        self.tally = tally or StoreTally()
        self._base_url = base_url.rstrip("/") + "/"
        self._limits = limits or HttpLimits()
        self._sleep = sleep
        self._clock = clock
        self._chance = chance
        self._closed = False
        self.on_trouble: Callable[[TransientError], None] = lambda _: None
        connections = self._limits.connections
        self._client = httpx2.AsyncClient(
            auth=auth,
            headers={
                "User-Agent": f"Crossdock/{version('crossdock')}",
                "Accept": "application/json",
                **(headers or {}),
            },
            verify=_trust(ca_file),
            # Below the five seconds after which Apache hangs up on an idle connection: a write must not meet that.
            limits=httpx2.Limits(
                max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=4.0
            ),
            transport=transport,
            follow_redirects=False,
        )

    async def read(
        self,
        method: str,
        target: str,
        *,
        params: Params | None = None,
        payload: object = None,
        headers: Mapping[str, str] | None = None,
        expects_json: bool = True,
        accept: Collection[int] = (),
    ) -> Reply:
        """Send a request that changes nothing, again after transient trouble; `target` is a path or an own address.

        Statuses below 500 other than 408 and 429, 501, and those in `accept` come back as a reply. Redirects within
        the store's origin are followed.

        Raises:
            TransientError: the store was still in trouble at the last try, or asks for a longer wait than allowed.
            ConfigurationError: the address, the certificate or a redirect to another origin needs a person.
        """
        request = _Request(method, target, params, payload, headers, None, None, expects_json, frozenset(accept))
        for count in range(1, self._limits.tries + 1):
            try:
                return await self._follow(request)
            except TransientError as error:
                self.on_trouble(error)
                wait = self._wait_before_next(count, error)
                if wait is None:
                    raise
                await self._sleep(wait)
        raise AssertionError("the last try returns or raises")

    async def write(  # noqa: PLR0913 - what a request is made of
        self,
        method: str,
        target: str,
        *,
        params: Params | None = None,
        payload: object = None,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        files: Files | None = None,
        expects_json: bool = True,
        accept: Collection[int] = (),
    ) -> Reply:
        """Send a request that changes something, once, if its sender still has leave to write.

        Raises:
            OutcomeUnknownError: the store may have executed it.
            TransientError: it is known not to have been executed.
            ConfigurationError: as for `read`; not executed.
            LeaseLostError: the run that sends it is another worker's by now; not executed.
        """
        await ask_leave_to_write()
        request = _Request(method, target, params, payload, headers, form, files, expects_json, frozenset(accept))
        return await self._counted(request, is_write=True)

    async def stream(self, target: str, *, headers: Mapping[str, str] | None = None) -> AsyncGenerator[bytes]:
        """Read a file of any size in chunks, as sent; a failed try is not repeated. A page for people is no file.

        Raises:
            TransientError, ConfigurationError: as for `read`; also in the midst of the file.
        """
        url = self._url(target)
        place = f"GET {place_of(url)}"
        try:
            async with self._client.stream("GET", url, headers=headers, timeout=self._timeout(is_write=False)) as reply:
                names = {name.lower(): value for name, value in reply.headers.items()}
                failure = status_failure(reply.status_code, names, place, b"", is_write=False)
                if failure is not None or not reply.is_success:
                    raise failure or undecodable(reply.status_code, names, place, b"", is_write=False)
                if looks_like_html(b"", names.get("content-type", "")):
                    raise undecodable(reply.status_code, names, place, b"", is_write=False)
                async for chunk in reply.aiter_bytes():
                    yield chunk
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise transport_failure(error, place, is_write=False) from None

    async def aclose(self) -> None:
        """Close all connections; may be repeated."""
        if not self._closed:
            self._closed = True
            await self._client.aclose()

    async def _follow(self, request: "_Request") -> Reply:
        for _ in range(_MOST_REDIRECTS):
            try:
                return await self._counted(request, is_write=False)
            except _SameOriginRedirect as redirect:
                request = request.to(redirect.location)
        raise ConfigurationError("redirected", "The store redirects in circles.", place_of(self._url(request.target)))

    async def _counted(self, request: "_Request", *, is_write: bool) -> Reply:
        try:
            reply = await self._send(request, is_write=is_write)
        except CrossdockError as error:
            self.tally.failed(error, is_write=is_write)
            raise
        self.tally.answered(is_write=is_write, is_refusal=reply.status >= HTTPStatus.BAD_REQUEST)
        return reply

    async def _send(self, request: "_Request", *, is_write: bool) -> Reply:
        url = self._url(request.target)
        place = f"{request.method} {place_of(url)}"
        started = self._clock()
        longest = self._limits.connect_seconds + self._limits.write_seconds if is_write else None
        try:
            outgoing = request.build(self._client, url, self._timeout(is_write=is_write))
            if is_write:
                outgoing.extensions["trace"] = ask_at_the_last_moment
            # The client's own time-outs are for each part of a write: a store that trickles could stretch it for ever.
            async with asyncio.timeout(longest):
                answer = await self._client.send(outgoing)
        except TimeoutError:
            raise transport_failure(httpx2.ReadTimeout("too long in all"), place, is_write=is_write) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            # The exception holds the request, with its secrets: it must not travel on as a cause.
            raise transport_failure(error, place, is_write=is_write) from None
        reply = Reply(
            status=answer.status_code,
            headers={name.lower(): value for name, value in answer.headers.items()},
            body=answer.content,
            place=place,
            seconds=self._clock() - started,
        )
        return self._judge(reply, request, url, is_write=is_write)

    def _judge(self, reply: Reply, request: "_Request", url: str, *, is_write: bool) -> Reply:
        location = urljoin(url, reply.headers.get("location", ""))
        is_redirect = HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST
        if is_redirect and not is_write and location != url and _origin(location) == _origin(url):
            raise _SameOriginRedirect(location)
        if reply.status not in request.accept:
            failure = status_failure(reply.status, reply.headers, reply.place, reply.body, is_write=is_write)
            if failure is not None:
                raise failure
        if not request.expects_json:
            return replace(reply, is_json=False)
        part = json_part(reply.body)
        if part is None and reply.status not in _PAGES_THAT_ANSWER:
            raise undecodable(reply.status, reply.headers, reply.place, reply.body, is_write=is_write)
        return replace(reply, body=part or reply.body, is_json=part is not None)

    def _wait_before_next(self, count: int, error: TransientError) -> float | None:
        """Give the seconds before try `count + 1`, None when there is none: full jitter over a doubling bound."""
        limits = self._limits
        asked: float | None = getattr(error, "retry_after", None)
        if count >= limits.tries or (asked is not None and asked > limits.longest_wait_seconds):
            return None
        bound = min(limits.longest_wait_seconds, limits.first_wait_seconds * 2 ** (count - 1))
        return max(asked or 0.0, bound * (0.5 + 0.5 * self._chance()))

    def _timeout(self, *, is_write: bool) -> httpx2.Timeout:
        limits = self._limits
        seconds = limits.write_seconds if is_write else limits.read_seconds
        return httpx2.Timeout(seconds, connect=limits.connect_seconds)

    def _url(self, target: str) -> str:
        url = target if "://" in target else self._base_url + target.lstrip("/")
        if _origin(url) != _origin(self._base_url):
            host = urlsplit(self._base_url).hostname
            raise ConfigurationError("foreign_host", f"The store names an address outside {host}.", place_of(url))
        return url


class _SameOriginRedirect(Exception):  # noqa: N818 - a detour, no error
    def __init__(self, location: str) -> None:
        super().__init__()
        self.location = location


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    target: str
    params: Params | None
    payload: object
    headers: Mapping[str, str] | None
    form: Mapping[str, str] | None
    files: Files | None
    expects_json: bool
    accept: frozenset[int]

    def to(self, location: str) -> "_Request":
        """Give the request for where a redirect leads: the location has its own query."""
        return replace(self, target=location, params=None)

    def build(self, client: httpx2.AsyncClient, url: str, timeout: httpx2.Timeout) -> httpx2.Request:
        headers = dict(self.headers or {})
        content: bytes | None = None
        if self.payload is not None:
            content = msgspec.json.encode(self.payload)
            headers["Content-Type"] = "application/json"
        return client.build_request(
            self.method,
            url,
            params=self.params,
            content=content,
            data=self.form,
            files=self.files,
            headers=headers,
            timeout=timeout,
        )


@cache
def _usual_trust() -> ssl.SSLContext:
    """Give what every client without an authority of its own trusts; reading it takes too long to do it for each."""
    return httpx2.create_ssl_context()


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    if ca_file is None:
        return _usual_trust()
    try:
        context = ssl.create_default_context()
        context.load_verify_locations(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        text = f"The CA file {ca_file.name} can't be read: it must hold certificates in PEM form."
        raise ConfigurationError("ca_file_unreadable", text, type(error).__name__) from None
    return context


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port
