"""Requests to one store's REST API, and the index in which the store says who it is.

Owns paths, signing's fallbacks and the mapping of whole replies. Must not know any kind of record.

Source: WooCommerce REST API v3 (`/wp-json/wc/v3`), WordPress REST API index (`/wp-json/`).
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from crossdock.connectors.http import Params, Sleep, StoreHttp
from crossdock.connectors.repeating import repeated
from crossdock.connectors.replies import Reply
from crossdock.connectors.woocommerce.auth import WooAuth
from crossdock.connectors.woocommerce.problems import error_of, problem_of
from crossdock.domain.errors import (
    ConfigurationError,
    ContractViolationError,
    OutcomeUnknownError,
    StoreUnavailableError,
)

API_VERSION = "wc/v3"
_SHORT_LIST_WAITS: Final = (1.0, 3.0, 9.0)
_DEFAULT_PER_PAGE: Final = 10
_INDEX_FIELDS = "name,url,home,gmt_offset,timezone_string,namespaces"

T = TypeVar("T")


class SiteIndex(msgspec.Struct, frozen=True):
    """The public index of a WordPress site, as far as we use it."""

    home: str
    name: str = ""
    gmt_offset: float | str = 0
    timezone_string: str | None = ""
    namespaces: list[str] = msgspec.field(default_factory=list[str])

    @property
    def store_key(self) -> str:
        """The store's name in links and markers: host and path of its home, without scheme and `www.`."""
        parts = urlsplit(self.home)
        return (parts.netloc.lower().removeprefix("www.") + parts.path).rstrip("/")

    @property
    def time_zone(self) -> str:
        """The site's IANA time zone, or its fixed offset such as `+05:30`."""
        if self.timezone_string:
            return self.timezone_string
        minutes = round(float(self.gmt_offset or 0) * 60)
        return "UTC" if not minutes else f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


@dataclass(frozen=True, slots=True)
class Listed:
    """Part of a list as a store gave it; `total` counts the whole list, None where the store does not tell it."""

    rows: list[msgspec.Raw]
    total: int | None
    reply: Reply


class WooTransport:
    """Sends requests and answers with replies that say yes; every other one is an error of the domain's tree."""

    def __init__(self, http: StoreHttp, auth: WooAuth, *, sleep: Sleep = asyncio.sleep) -> None:
        self._http = http
        self._sleep = sleep
        self._auth = auth
        self._index: SiteIndex | None = None
        self._index_lock = asyncio.Lock()
        self._has_read = False
        self._tells_totals = False

    async def index(self) -> SiteIndex:
        """Fetch the site's index, once.

        Raises:
            ConfigurationError: `store_not_woocommerce` where WordPress or WooCommerce does not answer.
        """
        async with self._index_lock:
            if self._index is None:
                reply = await self._http.read("GET", "wp-json/", params={"_fields": _INDEX_FIELDS})
                if not reply.is_success:
                    raise error_of(reply, is_write=False, has_read=True)
                index = decode(reply, SiteIndex)
                if API_VERSION not in index.namespaces:
                    text = "WordPress answers at this address, but WooCommerce is not active there (no wc/v3)."
                    raise ConfigurationError("store_not_woocommerce", text, reply.place)
                self._auth.home = index.home
                self._index = index
        return self._index

    async def read(self, path: str, params: Params | None = None, *, accept: Collection[int] = ()) -> Reply:
        """Ask for something below `/wp-json/wc/v3/`; statuses in `accept` come back too.

        Raises:
            ConfigurationError, TransientError, ContractViolationError: as `Source` says.
        """
        await self.index()
        while True:
            reply = await self._http.read("GET", _route(path), params=params, accept=accept)
            if reply.is_success or reply.status in accept:
                self._has_read = True
                return reply
            if not self._signs_otherwise(reply):
                raise error_of(reply, is_write=False, has_read=self._has_read)

    async def rows(self, path: str, params: Params) -> Listed:
        """Ask for part of a list, again where it holds fewer rows than its own total leaves for it.

        A cache or a plugin can answer with fewer, and their absence must not read as the list's end.

        Raises:
            StoreUnavailableError: `cut_body`, the list stays short; else as `read`.
        """
        waits = iter(_SHORT_LIST_WAITS)
        while True:
            reply = await self.read(path, params)
            listed = Listed(decode(reply, list[msgspec.Raw]), total_of(reply), reply)
            if self._is_enough(listed, params):
                return listed
            wait = next(waits, None)
            if wait is None:
                text = "The store lists fewer records than it says to have; a cache or plugin hides some. Try later."
                detail = f"{reply.place}: {len(listed.rows)} rows of {listed.total}"
                raise StoreUnavailableError("cut_body", text, detail)
            await self._sleep(wait)

    def _is_enough(self, listed: Listed, params: Params) -> bool:
        """Whether a part is full or its list's last; a store that tells totals does so each time."""
        self._tells_totals |= listed.total is not None
        if len(listed.rows) >= int(params.get("per_page", _DEFAULT_PER_PAGE)):
            return True
        if listed.total is None:
            return not self._tells_totals
        return int(params.get("offset", 0)) + len(listed.rows) >= listed.total

    async def write_again(self, method: str, path: str, payload: object) -> None:
        """Change something that may be changed twice without harm, again after trouble.

        Raises:
            OutcomeUnknownError, ConfigurationError, TransientError, RecordRejectedError: as `write`, at the last try.
        """
        await repeated(lambda: self.write(method, path, payload), sleep=self._sleep)

    async def write(
        self,
        method: str,
        path: str,
        payload: object = None,
        *,
        params: Params | None = None,
        accept: Collection[int] = (),
    ) -> Reply:
        """Change something below `/wp-json/wc/v3/`; statuses in `accept` come back too.

        Raises:
            OutcomeUnknownError: it may have happened, also after a refusal that we don't know.
            ConfigurationError, TransientError, RecordRejectedError: nothing happened.
        """
        await self.index()
        while True:
            reply = await self._http.write(method, _route(path), payload=payload, params=params, accept=accept)
            if reply.is_success or reply.status in accept:
                return reply
            if not self._signs_otherwise(reply):
                error = error_of(reply, is_write=True, has_read=self._has_read)
                if isinstance(error, ContractViolationError):
                    raise OutcomeUnknownError(error.code, error.message, error.detail)
                raise error

    def _signs_otherwise(self, reply: Reply) -> bool:
        """Whether the store saw nobody logged in and another way of signing is left to try; nothing was executed."""
        is_unseen = reply.status == HTTPStatus.UNAUTHORIZED and problem_of(reply).code.startswith(
            "woocommerce_rest_cannot"
        )
        return is_unseen and self._auth.try_next_way()


def decode(reply: Reply, kind: type[T]) -> T:
    """Decode a reply's JSON.

    Raises:
        ContractViolationError: it has another shape.
    """
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        # The library's message quotes no values, only types and places.
        text = "The store's answer has a shape that Crossdock does not know. A plugin may have changed it."
        raise ContractViolationError("unknown_shape", text, f"{reply.place}: {error}") from None


def total_of(reply: Reply) -> int | None:
    """Read `X-WP-Total`: how many records the whole list has; None where the header is missing."""
    text = reply.headers.get("x-wp-total", "")
    return int(text) if text.isdecimal() else None


def store_now(reply: Reply) -> datetime:
    """Read what time it was by the store's clock at a reply, aware; our own clock where it did not tell."""
    try:
        told = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return datetime.now(UTC)
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _route(path: str) -> str:
    return f"wp-json/{API_VERSION}/{path}"
