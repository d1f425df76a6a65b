"""Who may speak to the web application: judged on a tiny application behind the real guard."""

import base64
from collections.abc import Mapping

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from crossdock.settings import Settings
from crossdock.web.safety import Policy, SafetyMiddleware

OPEN = Policy(host_names=frozenset({"crossdock.example.com"}))
LOCKED = Policy(password="correct horse", token="t0ken")
JSON = {"content-type": "application/json"}


async def _echo(request: Request) -> JSONResponse:
    return JSONResponse({"method": request.method, "size": len(await request.body())})


async def _ask(
    policy: Policy,
    method: str = "GET",
    path: str = "/api/thing",
    *,
    base: str = "http://127.0.0.1:8484",
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
) -> httpx2.Response:
    methods = ["GET", "POST", "PUT", "DELETE"]
    routes = [Route(path, _echo, methods=methods) for path in ("/api/thing", "/page", "/healthz", "/readyz")]
    app = SafetyMiddleware(Starlette(routes=routes), policy)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=base) as client:
        return await client.request(method, path, headers=dict(headers or {}), content=content)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8484", "localhost:8484", "[::1]:8484", "crossdock.example.com", "CROSSDOCK.example.com:9000"],
)
async def test_our_own_names_are_answered(host: str) -> None:
    answer = await _ask(OPEN, headers={"host": host})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example.org",
        "127.0.0.1:9999",
        "localhost",
        "crossdock.example.com.evil.example.org",
        "user@127.0.0.1:8484",
        "127.0.0.1:8484/path",
        "127.0.0.1:port",
        "",
    ],
)
async def test_a_name_that_is_not_ours_is_refused(host: str) -> None:
    answer = await _ask(OPEN, headers={"host": host})
    assert (answer.status_code, answer.json()["code"]) == (403, "host_not_allowed")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="a program without browser headers"),
        pytest.param({"sec-fetch-site": "same-origin"}, id="our own page"),
        pytest.param({"sec-fetch-site": "none"}, id="typed by the user"),
        pytest.param({"origin": "http://127.0.0.1:8484"}, id="an older browser on our own page"),
        pytest.param({"sec-fetch-site": "cross-site", "authorization": "Bearer x"}, id="a bearer token"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_a_change_asked_for_by_us_goes_on(method: str, headers: dict[str, str]) -> None:
    answer = await _ask(OPEN, method, headers={**headers, **JSON}, content=b"{}")
    assert answer.status_code == 200
    assert answer.json() == {"method": method, "size": 2}


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"sec-fetch-site": "cross-site"}, id="another site"),
        pytest.param({"sec-fetch-site": "same-site"}, id="another port of this machine"),
        pytest.param({"origin": "http://evil.example.org"}, id="another site in an older browser"),
        pytest.param({"origin": "https://127.0.0.1:8484"}, id="another scheme"),
        pytest.param({"origin": "null"}, id="a sandboxed frame"),
        pytest.param({"referer": "http://evil.example.org/"}, id="a form of an ancient browser"),
        pytest.param({"sec-fetch-mode": "navigate"}, id="a browser that hides where from"),
        pytest.param(
            {"sec-fetch-site": "cross-site", "authorization": "Basic Zm9vOmJhcg=="},
            id="credentials that the browser attaches by itself",
        ),
    ],
)
@pytest.mark.parametrize("path", ["/api/thing", "/page"])
async def test_a_change_asked_for_by_another_site_is_refused(path: str, headers: dict[str, str]) -> None:
    answer = await _ask(OPEN, "POST", path, headers={**headers, **JSON}, content=b"{}")
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")


async def test_reading_needs_no_origin() -> None:
    answer = await _ask(OPEN, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_the_api_takes_json_only(content_type: str) -> None:
    answer = await _ask(OPEN, "POST", headers={"content-type": content_type}, content=b"{}")
    assert (answer.status_code, answer.json()["code"]) == (415, "content_type_unsupported")


async def test_json_with_a_charset_and_no_body_at_all_are_fine() -> None:
    with_charset = await _ask(OPEN, "POST", headers={"content-type": "application/json; charset=utf-8"}, content=b"{}")
    without_body = await _ask(OPEN, "POST")
    assert (with_charset.status_code, without_body.status_code) == (200, 200)


def _basic(password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()}


@pytest.mark.parametrize("path", ["/api/thing", "/page"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer"},
        {"authorization": "Basic !!"},
        {"authorization": "Digest x"},
        _basic("wrong"),
        _basic(""),
        _basic("t0ken"),
    ],
)
async def test_a_stranger_is_asked_who_they_are(path: str, headers: dict[str, str]) -> None:
    answer = await _ask(LOCKED, path=path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize("headers", [{"authorization": "Bearer t0ken"}, _basic("correct horse")])
async def test_the_password_and_the_token_open(headers: dict[str, str]) -> None:
    assert (await _ask(LOCKED, headers=headers)).status_code == 200


async def test_a_token_alone_closes_the_pages_too() -> None:
    policy = Policy(token="t0ken")
    assert (await _ask(policy, path="/page")).status_code == 401
    assert (await _ask(policy, path="/page", headers=_basic("t0ken"))).status_code == 200


async def test_a_password_alone_takes_no_empty_token() -> None:
    policy = Policy(password="correct horse")
    assert (await _ask(policy, headers={"authorization": "Bearer "})).status_code == 401


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_the_probes_need_no_password(path: str) -> None:
    assert (await _ask(LOCKED, path=path)).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"host": "evil.example.org"}])
async def test_every_answer_has_the_security_headers(headers: dict[str, str]) -> None:
    answer = await _ask(OPEN, headers=headers)
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_the_policy_is_read_from_the_settings() -> None:
    environ = {"CROSSDOCK_HOST": "::", "CROSSDOCK_ALLOWED_HOSTS": "Shop.example.com", "CROSSDOCK_PASSWORD": "p"}
    policy = Policy.of(Settings.load(environ))
    assert policy == Policy(host_names=frozenset({"shop.example.com"}), password="p", token="")
    assert policy.asks_for_credentials
