"""Own the faults that a store in trouble shows, scripted or by seed: an ASGI layer in front of any application.

Knows no platform and no route. Which call gets which fault is decided in `fault_plan`; here the fault is played, and it
is recorded whether the store behind carried the call out. The kinds are documented in
`docs/reference/sandbox-faults.md`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NoReturn

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock.sandbox.fault_plan import Fault, FaultPlan, SeenCall

_HTML = [(b"content-type", b"text/html; charset=UTF-8")]
_NOTICE = (
    b"<br />\n<b>Notice</b>:  Undefined index: plugin in <b>/var/www/html/plugin.php</b> on line <b>12</b><br />\n"
)
_CHALLENGE_HEADERS = [*_HTML, (b"cf-ray", b"8f2a1c0e4b7d-FRA"), (b"cf-mitigated", b"challenge")]


class ConnectionDroppedError(RuntimeError):
    """The connection was cut on purpose; in-process clients see this, clients on a socket a disconnect."""


class Reply:
    """A whole reply, collected from an application before any of it is sent."""

    def __init__(self, status: int = 500) -> None:
        self.status = status
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def collect(self, message: Message) -> None:
        """Take the next message of the application in."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    async def deliver(self, send: Send, body: bytes | None = None) -> None:
        """Send the reply, with another body if one is given."""
        sent = self.body if body is None else body
        headers = [(name, value) for name, value in self.headers if name.lower() != b"content-length"]
        await _send_reply(send, self.status, headers, sent)


class FaultMiddleware:
    """Plays a plan's faults in front of an application; without a matching rule the call passes untouched."""

    def __init__(
        self,
        app: ASGIApp,
        plan: FaultPlan,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._app = app
        self._plan = plan
        self._sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request by the plan."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _read_body(receive)
        if body is None:
            return
        query = bytes(scope.get("query_string", b"")).decode("latin-1")
        path = f"{scope['path']}?{query}" if query else str(scope["path"])
        call, fault = self._plan.meet(str(scope["method"]), path, body)
        play = _Play(self._app, self._plan, self._sleep, scope, receive, send, body, call)
        await play.run(fault)


@dataclass(frozen=True, slots=True)
class _Play:
    """One call on its way through the middleware."""

    _app: ASGIApp
    _plan: FaultPlan
    _sleep: Callable[[float], Awaitable[object]]
    _scope: Scope
    _receive: Receive
    _send: Send
    _body: bytes
    _call: SeenCall

    async def run(self, fault: Fault | None) -> None:
        """Play the fault, or let the call pass."""
        if fault is None:
            await self._pass()
        elif fault.is_after_commit():
            await self._after(fault)
        else:
            await self._before(fault)

    async def _before(self, fault: Fault) -> None:
        """Play a fault that keeps the call from the store, or only slows it."""
        match fault.kind:
            case "latency":
                await self._sleep(fault.seconds)
                await self._pass()
            case "hang":
                await self._wait_for_disconnect()
            case "drop_before":
                await _drop(self._send)
            case "late_commit":
                self._plan.later(self._commit_late(fault.seconds))
                await _drop(self._send)
            case "rate_limited":
                await _send_page(self._send, 429, "Too Many Requests", _retry_after(fault))
            case "maintenance":
                text = "Briefly unavailable for scheduled maintenance. Check back in a minute."
                await _send_page(self._send, 503, text, [(b"retry-after", b"600")])
            case "redirect":
                await _send_page(self._send, fault.status, "Moved", [(b"location", fault.location.encode())])
            case "challenge":
                page = _page("Just a moment... Checking if the site connection is secure")
                await _send_reply(self._send, 403, _CHALLENGE_HEADERS, page)
            case "html_page":
                await _send_page(self._send, 200, "Log in to continue", [])
            case _:
                await _send_page(self._send, fault.status, f"Error {fault.status}", _retry_after(fault))

    async def _after(self, fault: Fault) -> None:
        """Let the store carry the call out, then spoil its reply."""
        reply = await self._commit()
        match fault.kind:
            case "error_after":
                await _send_page(self._send, fault.status, f"Error {fault.status}", _retry_after(fault))
            case "drop_after":
                await _drop(self._send)
            case "hang_after":
                await self._wait_for_disconnect()
            case "truncated":
                await reply.deliver(self._send, reply.body[: int(len(reply.body) * fault.fraction)])
            case "cut_body":
                await _cut(self._send, reply, fault.fraction)
            case "html_after":
                await _send_page(self._send, 200, "Log in to continue", [])
            case _:
                await reply.deliver(self._send, _NOTICE + reply.body)

    async def _pass(self) -> None:
        """Hand the call on and its reply back as they come, noting how it went."""

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._plan.note_commit(self._call, message["status"])
            await self._send(message)

        await self._app(self._scope, _replay(self._body, self._receive), watch)

    async def _commit(self) -> Reply:
        """Have the store carry the call out with nobody listening, and note how it went."""
        reply = Reply()
        await self._app(self._scope, _replay(self._body, _never), reply.collect)
        self._plan.note_commit(self._call, reply.status)
        return reply

    async def _commit_late(self, seconds: float) -> None:
        await self._sleep(seconds)
        await self._commit()

    async def _wait_for_disconnect(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


async def _read_body(receive: Receive) -> bytes | None:
    """Read a whole body; None where the caller is gone before its end: web servers hand no such request to the shop."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a receive that gives a read body once more, then whatever comes."""
    is_given = False

    async def replayed() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


async def _never() -> Message:
    """Wait for ever: a client whose reply is already lost sends nothing more."""
    return await asyncio.get_running_loop().create_future()


async def _drop(send: Send) -> NoReturn:
    """Cut the connection before a byte of a reply: no server writes such a header, so it closes the socket."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"\r\n", b"\r\n")]})
    raise ConnectionDroppedError("the sandbox cut the connection")


async def _cut(send: Send, reply: Reply, fraction: float) -> NoReturn:
    """Announce a whole reply and cut the connection within its body."""
    headers = [(name, value) for name, value in reply.headers if name.lower() != b"content-length"]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    part = reply.body[: int(len(reply.body) * fraction)]
    await send({"type": "http.response.body", "body": part, "more_body": True})
    raise ConnectionDroppedError("the sandbox cut the reply")


async def _send_page(send: Send, status: int, text: str, headers: list[tuple[bytes, bytes]]) -> None:
    await _send_reply(send, status, [*_HTML, *headers], _page(text))


async def _send_reply(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    sized = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": sized})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _page(text: str) -> bytes:
    return f"<!DOCTYPE html><html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>".encode()


def _retry_after(fault: Fault) -> list[tuple[bytes, bytes]]:
    return [] if fault.retry_after is None else [(b"retry-after", str(fault.retry_after).encode())]
