"""Who may speak to this application: the pure-ASGI guard in front of every route.

Owns the checks of `Host`, of where a state-changing request comes from, of its content type, of password and token,
and the security headers. It must not know routes beyond the two health probes, and never reads a body.

A state-changing request is taken in the following cases, the first that applies:

* it carries a bearer token: no browser attaches one by itself, and no other site may set the header, since this
  application grants no cross-origin access;
* `Sec-Fetch-Site` is `same-origin` or `none`: every current browser sends it, and pages can't forge it. Any other
  value is refused, also beside HTTP Basic credentials, which a browser does attach by itself;
* there is no `Sec-Fetch-Site`, and `Origin` is this very address;
* there is none of `Sec-Fetch-*`, `Origin` and `Referer`: no browser sends a POST, PUT or DELETE without all of them, so
  it is a program (curl, a script) to which the browser's rules don't apply.
"""

import base64
import binascii
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock.settings import Settings
from crossdock.web.errors import problem_response

MAX_BODY_BYTES = 8 * 1024 * 1024
"""Four times what 10,000 selected records take. A length is judged here where it is declared, else as it is read."""

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
PUBLIC_PATHS = frozenset({"/healthz", "/readyz"})
_WILDCARDS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - recognised here in order to be refused as a name
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_DEFAULT_PORTS = {"http": 80, "https": 443}

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """Which names this application answers to, and which credentials it asks for (empty: none)."""

    host_names: frozenset[str] = frozenset()
    password: str = ""
    token: str = ""

    @classmethod
    def of(cls, settings: Settings) -> "Policy":
        """Take the policy from the settings; the address that is listened on is a name of ours unless it means all."""
        own = {settings.host} - _WILDCARDS
        return cls(
            host_names=frozenset(name.lower() for name in (*settings.allowed_hosts, *own)),
            password=settings.password.get_secret_value() if settings.password else "",
            token=settings.api_token.get_secret_value() if settings.api_token else "",
        )

    @property
    def asks_for_credentials(self) -> bool:
        """Whether anybody must prove who they are."""
        return bool(self.password or self.token)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request goes no further."""

    status: HTTPStatus
    code: str
    detail: str


_NOT_OUR_HOST = Refusal(
    HTTPStatus.FORBIDDEN,
    "host_not_allowed",
    "This name is not one of this application's. Add it to CROSSDOCK_ALLOWED_HOSTS if it is yours.",
)
_NOT_KNOWN = Refusal(
    HTTPStatus.UNAUTHORIZED,
    "unauthorized",
    "Send the API token (Authorization: Bearer …) or log in with the password.",
)
_CROSS_SITE = Refusal(
    HTTPStatus.FORBIDDEN,
    "cross_site",
    "A page of another site asked for this change. Ask for it from this application itself.",
)
_TOO_LARGE = Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large", "The request is larger than 8 MiB.")
_NOT_JSON = Refusal(
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "content_type_unsupported",
    "Send JSON, with Content-Type: application/json.",
)


class SafetyMiddleware:
    """Refuse what `Policy` does not allow, and put the security headers on every answer."""

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self._app = app
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(scope, Headers(scope=scope))
        if refusal is None:
            await self._app(scope, _limited(receive), send_safely)
            return
        headers = {"WWW-Authenticate": 'Basic realm="Crossdock", charset="UTF-8", Bearer'}
        wants_login = refusal.status is HTTPStatus.UNAUTHORIZED
        response = problem_response(
            refusal.status, refusal.code, refusal.detail, headers=headers if wants_login else None
        )
        await response(scope, receive, send_safely)

    def _refusal(self, scope: Scope, headers: Headers) -> Refusal | None:
        if not _is_our_host(self._policy, scope, headers):
            return _NOT_OUR_HOST
        if scope["path"] in PUBLIC_PATHS:
            return None
        if self._policy.asks_for_credentials and not _is_known(self._policy, headers.get("authorization", "")):
            return _NOT_KNOWN
        return None if scope["method"] in _SAFE_METHODS else _refuse_change(scope, headers)


def _limited(receive: Receive) -> Receive:
    """Count what is read, for a body whose length is not declared, or wrongly."""
    read = 0

    async def receive_limited() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > MAX_BODY_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    return receive_limited


def is_loopback(host: str) -> bool:
    """Tell whether an address is reachable from this machine alone."""
    return host.strip("[]").lower() in LOOPBACK_NAMES or host.startswith("127.")


def _is_our_host(policy: Policy, scope: Scope, headers: Headers) -> bool:
    named = headers.get("host", "").lower()
    try:
        parts = urlsplit(f"//{named}")
        name, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not name or parts.username is not None or parts.path:
        return False
    if named in policy.host_names or name in policy.host_names:
        return True
    default = _DEFAULT_PORTS.get(scope["scheme"])
    bound = (scope.get("server") or ("", None))[1]
    # Another program's page on this machine must not reach us by a name that is not ours, nor by another port.
    return name in LOOPBACK_NAMES and (port or default) == (bound or default)


def _is_known(policy: Policy, authorization: str) -> bool:
    scheme, _, value = authorization.partition(" ")
    value = value.strip()
    if scheme.lower() == "bearer" and policy.token:
        return _equal(value, policy.token)
    if scheme.lower() == "basic":
        try:
            decoded = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return False
        # Without a password the token opens the pages too: else a token alone would leave them open to anybody.
        return _equal(decoded.partition(":")[2], policy.password or policy.token)
    return False


def _refuse_change(scope: Scope, headers: Headers) -> Refusal | None:
    if not _is_same_site(scope, headers):
        return _CROSS_SITE
    declared = headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > MAX_BODY_BYTES:
        return _TOO_LARGE
    is_api = scope["path"].startswith("/api/")
    return _NOT_JSON if is_api and _has_body(headers) and not _is_json(headers) else None


def _equal(given: str, expected: str) -> bool:
    return secrets.compare_digest(given.encode(), expected.encode())


def _is_same_site(scope: Scope, headers: Headers) -> bool:
    if headers.get("authorization", "").lower().startswith("bearer "):
        return True
    fetched_from = headers.get("sec-fetch-site")
    if fetched_from is not None:
        return fetched_from in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is not None:
        return origin.lower() == f"{scope['scheme']}://{headers.get('host', '')}".lower()
    return not any(name == "referer" or name.startswith("sec-fetch-") for name in headers)


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _is_json(headers: Headers) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
