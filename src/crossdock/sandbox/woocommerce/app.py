"""Own the HTTP face of one WooCommerce store: finds the route, asks for key, schema and permission in that order.

Knows no rule about customers. Mountable under any path: the store's `url` must be the address it is reached at.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from crossdock.sandbox.woocommerce.auth import authenticate, check_method
from crossdock.sandbox.woocommerce.customers import customer_routes
from crossdock.sandbox.woocommerce.errors import RestError, no_route
from crossdock.sandbox.woocommerce.keys import ApiKey
from crossdock.sandbox.woocommerce.orders.note_routes import note_routes
from crossdock.sandbox.woocommerce.orders.refund_routes import refund_routes
from crossdock.sandbox.woocommerce.orders.routes import order_routes
from crossdock.sandbox.woocommerce.products import product_routes
from crossdock.sandbox.woocommerce.replies import html_reply, json_reply, trim
from crossdock.sandbox.woocommerce.request import RestRequest
from crossdock.sandbox.woocommerce.routing import Call, RestRoute, Result
from crossdock.sandbox.woocommerce.service import ServiceDesk
from crossdock.sandbox.woocommerce.settings import settings_routes
from crossdock.sandbox.woocommerce.store import WooStore
from crossdock.sandbox.woocommerce.system import route_description, system_routes

_BODY_LIMIT = 1_048_576
_API_PATH = re.compile(r"^(?:/index\.php)?/wp-json(?P<route>/.*)?$")


class _WooSite:
    """The ASGI endpoint behind every path of the site."""

    def __init__(self, store: WooStore) -> None:
        self._store = store
        self._desk = ServiceDesk(store.modes)
        self._routes = [
            *customer_routes(),
            *order_routes(),
            *refund_routes(),
            *note_routes(),
            *product_routes(),
            *settings_routes(),
            *system_routes(),
        ]
        self._at_work: set[asyncio.Task[Response]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        if len(body) > _BODY_LIMIT:
            response = html_reply("413 Request Entity Too Large", status=413)
        else:
            # A client that leaves doesn't stop PHP: the work is a task of its own and goes on (§0, fact 1).
            task = asyncio.create_task(self._answer(_read(scope, request.headers, body)))
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)
            response = await asyncio.shield(task)
        await response(scope, receive, send)

    async def _answer(self, request: RestRequest) -> Response:
        store = self._store
        store.counters["requests"] += 1
        store.outbox.flush()
        rest_route = self._rest_route(request)
        if rest_route is None:
            return self._page(request)
        key: ApiKey | None = None
        headers: dict[str, str] = {}
        try:
            key = authenticate(store, request)
            if key is not None:
                check_method(key, request.method)
            async with self._desk.worker():
                result = await self._run(request, rest_route, key, headers)
        except RestError as error:
            result = Result(error.body(), error.status)
        return self._reply(request, result, key, headers)

    async def _run(self, request: RestRequest, path: str, key: ApiKey | None, headers: dict[str, str]) -> Result:
        """Run the endpoint of a path; what the caller may do there goes into the headers, refused or not."""
        route, place = self._find(path)
        if request.method == "OPTIONS":
            return Result(route_description(self._store, path, list(route.endpoints)))
        endpoint = route.endpoint(request.method)
        if endpoint is None:
            raise no_route()
        if route.allowed(key):
            headers["Allow"] = ", ".join(route.allowed(key))
        params = request.params()
        call = Call(self._store, self._desk, key, request.method, path, params, request.query, place)
        if endpoint.check is not None:
            endpoint.check(call)
        if endpoint.permission is not None:
            endpoint.permission.check(key)
        return await endpoint.run(call)

    def _reply(self, request: RestRequest, result: Result, key: ApiKey | None, headers: Mapping[str, str]) -> Response:
        body = result.body
        if result.status < 400:  # noqa: PLR2004
            body = trim(body, request.query.get("_fields"))
            if result.links is not None and isinstance(body, (dict, list)):
                body = {**(cast("dict[str, Any]", body) if isinstance(body, dict) else {}), "_links": result.links}
        return json_reply(
            body,
            root=f"{self._store.url}/wp-json/",
            status=result.status,
            headers={**headers, **result.headers},
            is_private=key is not None,
        )

    def _find(self, path: str) -> tuple[RestRoute, dict[str, str]]:
        for route in self._routes:
            match = route.pattern.match(path)
            if match:
                return route, match.groupdict()
        raise no_route()

    def _rest_route(self, request: RestRequest) -> str | None:
        """Return the API route that a request names, by path or by `rest_route`; None for a page (§1.5)."""
        match = _API_PATH.match(unquote(request.path))
        if match and not self._store.modes.plain_permalinks:
            return (match["route"] or "/").rstrip("/") or "/"
        named = request.query.get("rest_route")
        if isinstance(named, str) and request.path.rstrip("/") in ("", "/index.php"):
            return named.rstrip("/") or "/"
        return None

    def _page(self, request: RestRequest) -> Response:
        if request.path.rstrip("/") not in ("", "/index.php"):
            return html_reply("Page not found", status=404)
        path = "/?rest_route=/" if self._store.modes.plain_permalinks else "/wp-json/"
        return html_reply(
            self._store.name,
            status=200,
            headers={"Link": f'<{self._store.url}{path}>; rel="https://api.w.org/"'},
        )


def create_app(store: WooStore) -> Starlette:
    """Return the ASGI application of a store."""
    return Starlette(routes=[Route("/{path:path}", endpoint=_WooSite(store))])


def _read(scope: Scope, headers: Mapping[str, str], body: bytes) -> RestRequest:
    """Return the request as WordPress sees it; its path is raw, as it was signed, below the mount point."""
    raw = cast("bytes", scope.get("raw_path") or str(scope["path"]).encode()).decode("ascii", "replace")
    path = raw.partition("?")[0].removeprefix(str(scope.get("root_path", "")))
    return RestRequest(
        verb=str(scope["method"]),
        scheme=str(scope["scheme"]),
        path=path,
        query_text=cast("bytes", scope["query_string"]).decode("ascii", "replace"),
        headers=headers,
        body=body,
    )
