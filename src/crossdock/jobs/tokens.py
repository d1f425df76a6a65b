"""Granted tokens, kept in the database: the port `TokenStore`.

Owns the translation between the connectors' token and the stored one. It must not know how a token is granted.
"""

import asyncio

from crossdock.connectors.contract import AccessToken
from crossdock.state import State, StoredToken


class KeptTokens:
    """The port `TokenStore`."""

    def __init__(self, state: State) -> None:
        self._tokens = state.tokens

    async def load(self, store_key: str) -> AccessToken | None:
        """Give the kept token, expired or not."""
        kept = await asyncio.to_thread(self._tokens.load, store_key)
        return None if kept is None else AccessToken(kept.value, kept.expires_at, tuple(kept.scopes))

    async def save(self, store_key: str, token: AccessToken) -> None:
        """Keep a token in place of the former."""
        await asyncio.to_thread(self._tokens.save, store_key, StoredToken(token.value, token.expires_at, token.scopes))
