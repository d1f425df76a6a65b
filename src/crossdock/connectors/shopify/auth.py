"""Access tokens: a fixed one, or one granted for a day to a client and renewed in time.

Owns when a token is asked for and where it is kept. It must not know GraphQL. No token or secret reaches a message.

Source: Shopify client-credentials grant, `POST /admin/oauth/access_token`.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from crossdock.connectors.contract import AccessToken, TokenStore
from crossdock.connectors.http import Sleep, StoreHttp
from crossdock.connectors.replies import Reply, store_words
from crossdock.connectors.shopify.config import ShopifyConfig
from crossdock.domain.errors import (
    AuthenticationError,
    ConfigurationError,
    ContractViolationError,
    OutcomeUnknownError,
    StoreUnavailableError,
    TransientError,
)

_PATH: Final = "/admin/oauth/access_token"
_EARLY: Final = timedelta(minutes=5)
_WAITS: Final = (1.0, 3.0)
_NOT_FOUND: Final = 404


class _Grant(msgspec.Struct):
    access_token: str
    expires_in: int
    scope: str = ""


class _Denial(msgspec.Struct):
    error: str = ""
    error_description: str = ""


class Tokens:
    """Gives the token for the next request; several requests that need a new one share one grant."""

    def __init__(
        self,
        config: ShopifyConfig,
        http: StoreHttp,
        store: TokenStore,
        *,
        now: Callable[[], datetime],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._config = config
        self._http = http
        self._store = store
        self._now = now
        self._sleep = sleep
        self._held: AccessToken | None = None
        self._turn = asyncio.Lock()

    async def current(self) -> str:
        """Give a token that is good for some minutes yet.

        Raises:
            AuthenticationError: Shopify does not accept the client.
        """
        if self._config.token:
            return self._config.token
        return await self._granted(rejected="")

    async def renewed(self, rejected: str) -> str:
        """Give another token than `rejected`, which the store has just refused.

        Raises:
            AuthenticationError: there is no way to another one.
        """
        if self._config.token:
            raise AuthenticationError(
                "token_invalid",
                "Shopify does not accept the access token: it is mistyped, or the app was uninstalled. Create or copy "
                "the token again and enter it under Connections.",
            )
        return await self._granted(rejected)

    async def _granted(self, rejected: str) -> str:
        async with self._turn:
            if not self._is_good(self._held, rejected):
                # Another process may have been granted one meanwhile.
                self._held = await self._store.load(self._config.domain)
            if self._held is None or not self._is_good(self._held, rejected):
                self._held = await self._ask()
                await self._store.save(self._config.domain, self._held)
            return self._held.value

    def _is_good(self, token: AccessToken | None, rejected: str) -> bool:
        return token is not None and token.value != rejected and token.expires_at - _EARLY > self._now()

    async def _ask(self) -> AccessToken:
        for wait in _WAITS:
            try:
                return await self._ask_once()
            except TransientError:
                await self._sleep(wait)
        return await self._ask_once()

    async def _ask_once(self) -> AccessToken:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._config.client_id or "",
            "client_secret": self._config.client_secret or "",
        }
        asked_at = self._now()
        try:
            reply = await self._http.write("POST", _PATH, form=form, expects_json=False)
        except OutcomeUnknownError as error:
            # A grant changes nothing in the store: asking twice is harmless.
            raise StoreUnavailableError(error.code, "Shopify did not grant an access token in time.") from None
        if not reply.is_success:
            raise _refusal(reply)
        try:
            grant = msgspec.json.decode(reply.body, type=_Grant)
        except msgspec.DecodeError:
            raise ContractViolationError(
                "token_reply_unknown", "Shopify's answer to the request for an access token can't be read."
            ) from None
        expires_at = asked_at.astimezone(UTC) + timedelta(seconds=grant.expires_in)
        return AccessToken(grant.access_token, expires_at, tuple(filter(None, grant.scope.split(","))))


def _refusal(reply: Reply) -> ConfigurationError:
    detail = f"{reply.place}: HTTP {reply.status}"
    if reply.status == _NOT_FOUND:
        return ConfigurationError("store_not_found", "Shopify knows no store of this name. Check the domain.", detail)
    try:
        denial = msgspec.json.decode(reply.body, type=_Denial)
    except msgspec.DecodeError:
        denial = _Denial()
    words = store_words(denial.error_description or denial.error)
    said = f" Shopify says: {words}" if words else ""
    return AuthenticationError(
        "client_refused",
        "Shopify does not grant this app access to the store. Check the client id and the client secret, and that the "
        f"app is installed in the store.{said}",
        detail,
    )
