"""The fault layer against a tiny counting application, on a real server where a socket matters."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crossdock.sandbox.fault_plan import AFTER_COMMIT, BEFORE_COMMIT, FaultPlan, FaultScriptError
from crossdock.sandbox.faults import ConnectionDroppedError, FaultMiddleware
from crossdock.sandbox.serving import address_of, listen, serving


@dataclass
class Counter:
    """An application that remembers each body posted to it."""

    bodies: list[str] = field(default_factory=list[str])

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._take, methods=["GET", "POST"])])

    async def _take(self, request: Request) -> Response:
        if request.method == "POST":
            self.bodies.append((await request.body()).decode())
        return JSONResponse({"count": len(self.bodies)}, status_code=201 if request.method == "POST" else 200)


class Gate:
    """A sleep that lasts until the test lets it end."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.is_open = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        await self.is_open.wait()


def client(
    counter: Counter,
    plan: FaultPlan,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> httpx2.AsyncClient:
    app = FaultMiddleware(counter.app(), plan, sleep=sleep)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://shop.example.com")


def plan_of(*rules: dict[str, Any], seed: int = 0) -> FaultPlan:
    plan = FaultPlan()
    plan.set_rules(rules, seed)
    return plan


@contextmanager
def served(counter: Counter, plan: FaultPlan) -> Generator[str]:
    """Serve the counter on a free port."""
    app = Starlette()
    app.mount("/store", FaultMiddleware(counter.app(), plan))
    listener = listen()
    with serving(app, listener):
        yield f"{address_of(listener)}/store"


@pytest.mark.parametrize(
    ("rule", "status", "committed"),
    [
        ({"kind": "rate_limited"}, 429, 0),
        ({"kind": "error_before", "status": 502}, 502, 0),
        ({"kind": "challenge"}, 403, 0),
        ({"kind": "maintenance"}, 503, 0),
        ({"kind": "html_page"}, 200, 0),
        ({"kind": "redirect"}, 301, 0),
        ({"kind": "error_after", "status": 500}, 500, 1),
        ({"kind": "html_after"}, 200, 1),
        ({"kind": "latency", "seconds": 0}, 201, 1),
    ],
)
async def test_a_fault_strikes_once_before_or_after_the_commit(
    rule: dict[str, Any], status: int, committed: int
) -> None:
    counter, plan = Counter(), plan_of(rule)
    async with client(counter, plan) as http:
        struck = await http.post("/customers", content="first")
        passed = await http.post("/customers", content="second")
    assert (struck.status_code, passed.status_code) == (status, 201)
    assert len(counter.bodies) == committed + 1
    assert [write["committed"] for write in plan.record()["writes"]] == [committed == 1, True]
    if struck.status_code != 201:
        assert struck.headers["content-type"].startswith("text/html")


async def test_retry_after_is_there_only_when_the_rule_says_so() -> None:
    plan = plan_of({"kind": "rate_limited"}, {"kind": "rate_limited", "retry_after": 7})
    async with client(Counter(), plan) as http:
        bare, told = await http.get("/"), await http.get("/")
    assert "retry-after" not in bare.headers
    assert told.headers["retry-after"] == "7"


async def test_a_notice_stands_before_true_json_and_truncation_breaks_it() -> None:
    plan = plan_of({"kind": "php_notice"}, {"kind": "truncated", "fraction": 0.5})
    async with client(Counter(), plan) as http:
        noticed, cut = await http.post("/", content="a"), await http.post("/", content="b")
    assert noticed.text.startswith("<br />")
    assert json.loads(noticed.text[noticed.text.index("{") :]) == {"count": 1}
    assert (cut.status_code, cut.headers["content-type"]) == (201, "application/json")
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        cut.json()


async def test_rules_match_method_path_body_and_place_in_line() -> None:
    rule = {"kind": "error_before", "method": "post", "path": "/batch?page=2", "body": "Ada", "nth": 2}
    plan, counter = plan_of(rule), Counter()
    async with client(counter, plan) as http:
        statuses = [
            (await http.request(method, path, content=body)).status_code
            for method, path, body in [
                ("GET", "/batch?page=2", "Ada"),
                ("POST", "/batch", "Ada"),
                ("POST", "/batch?page=2", "Bob"),
                ("POST", "/batch?page=2", "Ada"),
                ("POST", "/batch?page=2", "Ada Lovelace"),
                ("POST", "/batch?page=2", "Ada"),
            ]
        ]
    assert statuses == [200, 201, 201, 201, 503, 201]


async def test_chance_is_the_same_for_the_same_seed() -> None:
    async def statuses(seed: int) -> list[int]:
        plan = plan_of({"kind": "error_before", "probability": 0.5, "times": 0}, seed=seed)
        async with client(Counter(), plan) as http:
            return [(await http.get("/")).status_code for _ in range(30)]

    first = await statuses(3)
    assert first == await statuses(3)
    assert first != await statuses(4)
    assert set(first) == {200, 503}


async def test_a_late_commit_happens_after_its_caller_has_lost_the_connection() -> None:
    counter, plan, gate = Counter(), plan_of({"kind": "late_commit", "seconds": 90}), Gate()
    async with client(counter, plan, gate) as http:
        with pytest.raises(ConnectionDroppedError):
            await http.post("/customers", content="late")
        assert counter.bodies == []
        assert plan.record()["writes"][0]["committed"] is False
        gate.is_open.set()
        await plan.settle()
    assert (gate.asked, counter.bodies) == ([90], ["late"])
    assert plan.record()["writes"][0]["committed"] is True


@pytest.mark.parametrize(("kind", "committed"), [("drop_before", 0), ("drop_after", 1), ("cut_body", 1)])
async def test_a_client_on_a_socket_sees_a_disconnect(kind: str, committed: int) -> None:
    counter, plan = Counter(), plan_of({"kind": kind})
    with served(counter, plan) as url:
        async with httpx2.AsyncClient() as http:
            with pytest.raises(httpx2.RemoteProtocolError):
                await http.post(f"{url}/customers", content="once")
            assert len(counter.bodies) == committed
            assert (await http.post(f"{url}/customers", content="again")).status_code == 201


@pytest.mark.parametrize(("kind", "committed"), [("hang", 0), ("hang_after", 1)])
async def test_a_hanging_store_answers_nothing_until_the_client_gives_up(kind: str, committed: int) -> None:
    counter, plan = Counter(), plan_of({"kind": kind})
    with served(counter, plan) as url:
        async with httpx2.AsyncClient() as http:
            with pytest.raises(httpx2.ReadTimeout):
                await http.post(f"{url}/customers", content="once", timeout=0.2)
            assert len(counter.bodies) == committed


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "explode"},
        {"kind": "latency", "second": 1},
        {"kind": "latency", "seconds": "1"},
        {"kind": "hang", "path": 3},
    ],
)
def test_a_misspelt_rule_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(FaultScriptError):
        FaultPlan().set_rules([rule])


def test_the_reference_page_names_every_kind() -> None:

    page = (Path(__file__).parents[2] / "docs/reference/sandbox-faults.md").read_text()
    assert all(f"| `{kind}` |" in page for kind in BEFORE_COMMIT | AFTER_COMMIT)


def test_a_call_that_breaks_off_in_its_body_never_reaches_the_store() -> None:
    counter = Counter()
    with served(counter, FaultPlan()) as address:
        parts = urlsplit(address)
        with socket.create_connection((parts.hostname, parts.port)) as caller:
            head = f"POST {parts.path}/orders HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 30\r\n\r\n"
            caller.sendall(head.encode() + b'{"status": ')
            caller.shutdown(socket.SHUT_WR)
            assert caller.recv(1) == b""
        assert httpx2.get(f"{address}/orders").json() == {"count": 0}
    assert counter.bodies == []
