"""Tokens that stores have granted for a time, one a store, encrypted.

Owns their table. It must not know how a token is asked for or used.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Column, Connection, Table, delete, select

from crossdock.state.database import Database
from crossdock.state.schema import Moment, StoreText, metadata
from crossdock.state.secrets import SecretBox
from crossdock.state.upserts import insert_or_replace

tokens = Table(
    "tokens",
    metadata,
    Column("store_key", StoreText, primary_key=True),
    Column("sealed", StoreText, nullable=False),
    Column("expires_at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A granted token. `expires_at` is aware UTC, kept to the millisecond."""

    value: str = field(repr=False)
    expires_at: datetime
    scopes: Sequence[str] = ()


class Tokens:
    """All tokens of a database."""

    def __init__(self, database: Database, secrets: SecretBox) -> None:
        self._database = database
        self._secrets = secrets

    def load(self, store_key: str) -> StoredToken | None:
        """Give the kept token, expired or not.

        Raises:
            StateError: `secret_key_wrong`.
        """
        with self._database.read() as connection:
            row = connection.execute(select(tokens).where(tokens.c.store_key == store_key)).mappings().one_or_none()
        if row is None:
            return None
        values = self._secrets.decrypt(row["sealed"])
        return StoredToken(values["value"], row["expires_at"], tuple(values["scopes"]))

    def save(self, store_key: str, token: StoredToken) -> None:
        """Keep a token in place of the former."""
        sealed = self._secrets.encrypt({"value": token.value, "scopes": list(token.scopes)})
        row = {"store_key": store_key, "sealed": sealed, "expires_at": token.expires_at}
        with self._database.write() as connection:
            connection.execute(insert_or_replace(connection, tokens), row)


def forget_token(connection: Connection, store_key: str) -> None:
    """Drop the token of a store, if there is one."""
    connection.execute(delete(tokens).where(tokens.c.store_key == store_key))
