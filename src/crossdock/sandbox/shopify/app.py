"""The store on HTTP: GraphQL, tokens, upload and result files. Must not know what a request means.

Mountable under any path. Every executed request is atomic and committed before its reply starts, so a middleware around
this application can drop the reply after the commit. Source: reference §1.4, §2.3, §7, §9.
"""

import asyncio
import re
import uuid
from typing import Final
from xml.sax.saxutils import escape

import msgspec
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from crossdock.sandbox.shopify.bulk_work import advance
from crossdock.sandbox.shopify.context import Request
from crossdock.sandbox.shopify.engine import serve
from crossdock.sandbox.shopify.records import Wire
from crossdock.sandbox.shopify.store import ShopifyStore

SUPPORTED_VERSIONS: Final = ("2026-01", "2026-04", "2026-07", "2026-10")
_VERSION: Final = re.compile(r"\d{4}-(?:01|04|07|10)")
_BAD_TOKEN: Final = {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}
# Bulk work between two requests is cut in slices that keep the loop free for other requests.
_SLICE_SECONDS: Final = 0.005
_IDLE_SECONDS: Final = 0.02


class _Body(msgspec.Struct, rename="camel"):
    query: str
    variables: dict[str, object] | None = None
    operation_name: str | None = None


def create_app(store: ShopifyStore) -> Starlette:
    """Build the application of one store."""
    server = _Server(store)
    return Starlette(
        routes=[
            Route("/admin/api/{version}/graphql.json", server.graphql, methods=["POST"]),
            Route("/admin/oauth/access_token", server.grant, methods=["POST"]),
            Route("/staged-uploads/", server.upload, methods=["POST"]),
            Route("/bulk-results/{number:int}/{secret}/{name}", server.result, methods=["GET"]),
        ],
    )


class _Server:
    """The routes of one store, and the task that carries its bulk operations on."""

    def __init__(self, store: ShopifyStore) -> None:
        self._store = store
        self._worker: asyncio.Task[None] | None = None

    async def graphql(self, http: HttpRequest) -> Response:
        """Serve `POST /admin/api/{version}/graphql.json`."""
        store, asked = self._store, http.path_params["version"]
        store.counters.requests += 1
        if not _VERSION.fullmatch(asked):
            return _json({"errors": "Not Found"}, 404)
        version = asked if asked in SUPPORTED_VERSIONS else SUPPORTED_VERSIONS[0]
        content = await http.body()
        if store.behaviour.service_seconds:
            await asyncio.sleep(store.behaviour.service_seconds)
        token = store.tokens.find(http.headers.get("x-shopify-access-token"))
        if token is None:
            return _json(_BAD_TOKEN, 401, version)
        try:
            body = msgspec.json.decode(content, type=_Body)
        except msgspec.DecodeError:
            return _json({"errors": {"query": "Required parameter missing or invalid"}}, 400, version)
        advance(store, _SLICE_SECONDS)
        reply = serve(Request(store, token, _address(http)), body.query, body.variables or {}, body.operation_name)
        self._keep_working()
        return _json(reply, 200, version)

    async def grant(self, http: HttpRequest) -> Response:
        """Serve the client-credentials grant."""
        if "json" in http.headers.get("content-type", ""):
            form: dict[str, str] = msgspec.json.decode(await http.body(), type=dict[str, str])
        else:
            form = {key: str(value) for key, value in (await http.form()).items()}
        if form.get("grant_type") != "client_credentials":
            description = "The grant type is not supported."
            return _json({"error": "unsupported_grant_type", "error_description": description}, 400)
        token = self._store.tokens.grant(form.get("client_id", ""), form.get("client_secret", ""))
        if token is None:
            return _json({"error": "invalid_client", "error_description": "Client authentication failed."}, 401)
        # The reply arrives a moment after the grant: one second less than the lifetime, as the platform reports it.
        lifetime = 24 * 60 * 60 - 1
        return _json({"access_token": token.text, "scope": ",".join(token.scopes), "expires_in": lifetime}, 200)

    async def upload(self, http: HttpRequest) -> Response:
        """Take a staged file: multipart, every granted parameter as a field, the file last."""
        async with http.form() as form:
            items = form.multi_items()
            key = str(form.get("key") or "")
            file = items[-1][1] if items and items[-1][0] == "file" else None
            if not isinstance(file, UploadFile):
                return _xml(
                    "InvalidArgument", "POST requires exactly one file upload per request, as its last field.", 400
                )
            content = await file.read()
        if not self._store.bulk.upload(key, content, self._store.now()):
            return _xml("AccessDenied", "The upload was not granted, or its time is over.", 403)
        location = f"{_address(http)}/staged-uploads/{key}"
        body = (
            "<?xml version='1.0' encoding='UTF-8'?><PostResponse>"
            f"<Location>{escape(location)}</Location><Bucket>shopify-staged-uploads</Bucket>"
            f'<Key>{escape(key)}</Key><ETag>"{uuid.uuid5(uuid.NAMESPACE_OID, key).hex}"</ETag></PostResponse>'
        )
        return Response(body, 201, media_type="application/xml")

    async def result(self, http: HttpRequest) -> Response:
        """Serve a result file to whoever knows its link; it takes no token."""
        content = self._store.bulk.result(
            http.path_params["number"], http.path_params["secret"], self._store.exact_now()
        )
        if content is None:
            return _xml("AccessDenied", "The link is wrong or over.", 403)
        return Response(content, media_type="application/jsonl")

    def _keep_working(self) -> None:
        if self._store.bulk.unfinished() and (self._worker is None or self._worker.done()):
            self._worker = asyncio.create_task(self._work())

    async def _work(self) -> None:
        while self._store.bulk.unfinished():
            has_worked = advance(self._store, _SLICE_SECONDS)
            await asyncio.sleep(0 if has_worked else _IDLE_SECONDS)


def _address(http: HttpRequest) -> str:
    """Answer the store's own address as the caller sees it, with the path that it is mounted under."""
    return f"{http.url.scheme}://{http.url.netloc}{http.scope.get('root_path', '')}"


def _json(body: Wire, status: int, version: str | None = None) -> Response:
    headers = {"X-Request-Id": str(uuid.uuid4())}
    if version is not None:
        headers["X-Shopify-API-Version"] = version
    return Response(msgspec.json.encode(body), status, headers, "application/json")


def _xml(code: str, message: str, status: int) -> Response:
    body = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(body, status, media_type="application/xml")
