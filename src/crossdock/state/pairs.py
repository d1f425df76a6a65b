"""Pairs and connections: which stores belong together, and how each is reached.

Owns their tables. Credentials are encrypted and given out by a call of their own only. It must not know what a
platform needs to be reached.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, RowMapping, Table, delete, insert, select

from crossdock.domain.errors import InvalidRequestError, NotFoundError, StoreBusyError
from crossdock.state.database import Database
from crossdock.state.runs import unfinished_run_of
from crossdock.state.schema import JsonValue, Moment, StoreText, metadata
from crossdock.state.secrets import SecretBox
from crossdock.state.tokens import forget_token
from crossdock.state.upserts import insert_or_replace

DEFAULT_PAIR = "default"
_NAME = re.compile(r"[a-z0-9-]{1,40}")

pairs = Table(
    "pairs",
    metadata,
    Column("name", StoreText, primary_key=True),
    Column("created_at", Moment, nullable=False),
)

connections = Table(
    "connections",
    metadata,
    Column("pair", StoreText, ForeignKey("pairs.name"), primary_key=True),
    Column("platform", StoreText, primary_key=True),
    Column("settings", JsonValue, nullable=False),
    Column("sealed_credentials", StoreText, nullable=False),
    Column("store_key", StoreText, nullable=False, index=True),
    Column("info", JsonValue, nullable=False),
    Column("updated_at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class StoreConnection:
    """How one store of a pair is reached: all but its credentials. `info` is what the store last said of itself."""

    pair: str
    platform: str
    settings: Mapping[str, Any]
    store_key: str
    info: Mapping[str, Any] = field(default_factory=dict[str, Any])
    updated_at: datetime | None = None


class Pairs:
    """All pairs of a database; the one named `default` is always there."""

    def __init__(self, database: Database, secrets: SecretBox) -> None:
        self._database = database
        self._secrets = secrets

    def create(self, name: str) -> None:
        """Make an empty pair.

        Raises:
            InvalidRequestError: `pair_name_invalid` or `pair_exists`.
        """
        if not _NAME.fullmatch(name):
            raise InvalidRequestError(
                "pair_name_invalid",
                "A pair's name has 1 to 40 characters: small letters, digits and hyphens.",
                field="pair",
                allowed=_NAME.pattern,
            )
        with self._database.write() as connection:
            self._database.serialize(connection, "pairs")
            if _exists(connection, name):
                raise InvalidRequestError(
                    "pair_exists", f"There is a pair “{name}” already.", field="pair", allowed="another name"
                )
            connection.execute(insert(pairs).values(name=name, created_at=self._database.now(connection)))

    def names(self) -> Sequence[str]:
        """List all pairs, `default` first, the others by name."""
        with self._database.read() as connection:
            found = connection.execute(select(pairs.c.name)).scalars().all()
        return sorted(found, key=lambda name: (name != DEFAULT_PAIR, name))

    def delete(self, name: str) -> None:
        """Delete a pair with its connections. Its runs and what they migrated stay known.

        Raises:
            InvalidRequestError: `pair_is_default`.
            StoreBusyError: a run of it has not ended.
            NotFoundError: there is no such pair.
        """
        if name == DEFAULT_PAIR:
            raise InvalidRequestError(
                "pair_is_default",
                "The pair “default” can't be deleted; disconnect its stores instead.",
                field="pair",
                allowed="any other pair",
            )
        with self._database.write() as connection:
            self._lock(connection, name)
            _refuse_in_runs(connection, name)
            for platform in connection.execute(
                select(connections.c.platform).where(connections.c.pair == name)
            ).scalars():
                _drop(connection, name, platform)
            connection.execute(delete(pairs).where(pairs.c.name == name))

    def put_connection(self, connected: StoreConnection, credentials: Mapping[str, str]) -> None:
        """Keep how a store is reached, in place of the former way; `updated_at` is set here.

        While a run of the pair has not ended only the way to the same store may change.

        Raises:
            StoreBusyError: a run of the pair has not ended, and this is another store.
            NotFoundError: there is no such pair.
        """
        with self._database.write() as connection:
            self._lock(connection, connected.pair)
            former = _row(connection, connected.pair, connected.platform)
            if former is None or former["store_key"] != connected.store_key:
                _refuse_in_runs(connection, connected.pair)
                _drop(connection, connected.pair, connected.platform)
            connection.execute(
                insert_or_replace(connection, connections),
                {
                    "pair": connected.pair,
                    "platform": connected.platform,
                    "settings": connected.settings,
                    "sealed_credentials": self._secrets.encrypt(credentials),
                    "store_key": connected.store_key,
                    "info": connected.info,
                    "updated_at": self._database.now(connection),
                },
            )

    def connection(self, pair: str, platform: str) -> StoreConnection | None:
        """Give the connection of a pair to one platform; None when that store is not connected.

        Raises:
            NotFoundError: there is no such pair.
        """
        with self._database.read() as connection:
            _require(connection, pair)
            row = _row(connection, pair, platform)
            return None if row is None else _connection_of(row)

    def connections(self) -> Sequence[StoreConnection]:
        """List all connections, by pair and platform."""
        statement = select(connections).order_by(connections.c.pair, connections.c.platform)
        with self._database.read() as connection:
            return [_connection_of(row) for row in connection.execute(statement).mappings()]

    def credentials(self, pair: str, platform: str) -> dict[str, str]:
        """Decrypt the credentials of a connection; nothing but the connector may see them.

        Raises:
            NotFoundError: that store is not connected.
            StateError: `secret_key_wrong`.
        """
        with self._database.read() as connection:
            row = _row(connection, pair, platform)
        if row is None:
            raise NotFoundError("not_connected", f"The pair “{pair}” has no such store connected.")
        return self._secrets.decrypt(row["sealed_credentials"])

    def delete_connection(self, pair: str, platform: str) -> None:
        """Forget a connection with its credentials and its token; none there is fine.

        Raises:
            StoreBusyError: a run of the pair has not ended.
            NotFoundError: there is no such pair.
        """
        with self._database.write() as connection:
            self._lock(connection, pair)
            _refuse_in_runs(connection, pair)
            _drop(connection, pair, platform)

    def _lock(self, connection: Connection, pair: str) -> None:
        # The lock under which runs are created: none can begin between the look for one and the change.
        self._database.serialize(connection, "store_holds")
        _require(connection, pair)


def _refuse_in_runs(connection: Connection, pair: str) -> None:
    run_id = unfinished_run_of(connection, pair)
    if run_id is not None:
        raise StoreBusyError(
            f"A run of the pair “{pair}” has not ended. Wait until it has, or cancel it.", run_id=run_id
        )


def _exists(connection: Connection, name: str) -> bool:
    return connection.execute(select(pairs.c.name).where(pairs.c.name == name)).first() is not None


def _require(connection: Connection, name: str) -> None:
    if not _exists(connection, name):
        raise NotFoundError("pair_not_found", f"There is no pair “{name}”.")


def _row(connection: Connection, pair: str, platform: str) -> RowMapping | None:
    statement = select(connections).where(connections.c.pair == pair, connections.c.platform == platform)
    return connection.execute(statement).mappings().one_or_none()


def _drop(connection: Connection, pair: str, platform: str) -> None:
    row = _row(connection, pair, platform)
    if row is None:
        return
    connection.execute(delete(connections).where(connections.c.pair == pair, connections.c.platform == platform))
    others = connection.execute(select(connections.c.pair).where(connections.c.store_key == row["store_key"])).first()
    if others is None:
        forget_token(connection, row["store_key"])


def _connection_of(row: RowMapping) -> StoreConnection:
    return StoreConnection(**{name: row[name] for name in StoreConnection.__slots__})
