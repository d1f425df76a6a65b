"""Own the words in which rooms of routes describe themselves: calls, results, endpoints, permissions.

Knows no HTTP server and no particular route.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock.sandbox.woocommerce.errors import RestError
from crossdock.sandbox.woocommerce.keys import ApiKey
from crossdock.sandbox.woocommerce.service import ServiceDesk
from crossdock.sandbox.woocommerce.store import WooStore

_METHOD_ORDER = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(slots=True)
class Call:
    """One request on its way to an endpoint; `place` holds what the path named, `query` only the query string's."""

    store: WooStore
    desk: ServiceDesk
    key: ApiKey | None
    method: str
    route: str
    params: dict[str, Any]
    query: dict[str, Any]
    place: dict[str, str]

    @property
    def root(self) -> str:
        """Return the address of the API's root."""
        return f"{self.store.url}/wp-json/"

    def sees_meta(self) -> bool:
        """Tell whether customer meta is shown to the caller."""
        return self.key is not None and self.key.sees_meta


@dataclass(slots=True)
class Result:
    """What an endpoint answers; links are added to an object after trimming, which is why they survive it."""

    body: object
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    links: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Permission:
    """The capability that an endpoint asks for, and how it refuses."""

    capability: str
    code: str
    message: str

    def check(self, key: ApiKey | None) -> None:
        """Refuse a caller without the capability: 401 for nobody, 403 for a user who may not (§1.4)."""
        if key is None or key.role is None:
            raise RestError(self.code, self.message, 401)
        if not key.can(self.capability):
            raise RestError(self.code, self.message, 403)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of a route: its permission (None is public), its schema check, its work."""

    permission: Permission | None
    run: Callable[[Call], Awaitable[Result]]
    check: Callable[[Call], None] | None = None


@dataclass(frozen=True, slots=True)
class RestRoute:
    """A path pattern and its endpoints by method."""

    pattern: re.Pattern[str]
    endpoints: Mapping[str, Endpoint]

    def endpoint(self, method: str) -> Endpoint | None:
        """Return the endpoint of a method; HEAD is answered as GET."""
        return self.endpoints.get("GET" if method == "HEAD" else method)

    def allowed(self, key: ApiKey | None) -> list[str]:
        """Return the methods that the caller may use, in WordPress's order."""
        return [
            method
            for method in _METHOD_ORDER
            if (endpoint := self.endpoints.get(method)) and _permits(endpoint.permission, key)
        ]


def route(path: str, **endpoints: Endpoint) -> RestRoute:
    """Return a route; `editable` stands for POST, PUT and PATCH, other names for the method in lower case."""
    by_method: dict[str, Endpoint] = {}
    for name, endpoint in endpoints.items():
        methods: Sequence[str] = ("POST", "PUT", "PATCH") if name == "editable" else (name.upper(),)
        by_method.update(dict.fromkeys(methods, endpoint))
    return RestRoute(re.compile(f"^{path}$"), by_method)


def _permits(permission: Permission | None, key: ApiKey | None) -> bool:
    return permission is None or (key is not None and key.can(permission.capability))
