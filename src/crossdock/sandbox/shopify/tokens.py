"""Access tokens and the client-credentials grant. Must not know HTTP, or what a scope opens.

Source: reference §7: tokens made in the shop's admin never expire, those of the grant live 24 hours.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

GRANT_LIFETIME: Final = timedelta(hours=24)
ALL_SCOPES: Final = (
    "read_customers",
    "write_customers",
    "read_orders",
    "read_all_orders",
    "write_orders",
    "read_draft_orders",
    "write_draft_orders",
    "read_products",
    "read_locations",
)


@dataclass(slots=True, frozen=True)
class Token:
    """An access token: what it opens, whose rate it uses, and until when it lives."""

    text: str
    app: str
    scopes: tuple[str, ...]
    expires_at: datetime | None = None

    def may(self, scope: str) -> bool:
        """Tell whether the token has a scope; writing includes reading."""
        return scope in self.scopes or scope.replace("read_", "write_", 1) in self.scopes


@dataclass(slots=True, frozen=True)
class _Client:
    secret: str
    scopes: tuple[str, ...]


class Tokens:
    """The tokens and apps of one store."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._tokens: dict[str, Token] = {}
        self._clients: dict[str, _Client] = {}

    def issue(
        self, text: str | None, scopes: Iterable[str], *, app: str = "custom-app", lifetime: timedelta | None = None
    ) -> Token:
        """Issue a token; without a lifetime it never expires."""
        expires_at = None if lifetime is None else self._clock() + lifetime
        token = Token(text or f"shpat_{secrets.token_hex(16)}", app, tuple(scopes), expires_at)
        self._tokens[token.text] = token
        return token

    def add_client(self, client_id: str, client_secret: str, scopes: Iterable[str]) -> None:
        """Register an app that may ask for tokens by its credentials."""
        self._clients[client_id] = _Client(client_secret, tuple(scopes))

    def grant(self, client_id: str, client_secret: str) -> Token | None:
        """Issue a token of 24 hours to a registered app; None for wrong credentials."""
        client = self._clients.get(client_id)
        if client is None or not secrets.compare_digest(client.secret.encode(), client_secret.encode()):
            return None
        return self.issue(None, client.scopes, app=client_id, lifetime=GRANT_LIFETIME)

    def find(self, text: str | None) -> Token | None:
        """Find a token that is still good."""
        token = self._tokens.get(text or "")
        if token is None or (token.expires_at is not None and token.expires_at <= self._clock()):
            return None
        return token

    def revoke_all(self) -> None:
        """Make every token issued so far invalid; registered apps can ask for new ones."""
        self._tokens.clear()
