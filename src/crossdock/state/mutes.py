"""Mutes: settings of stores that runs hold at another value while they write, and who holds them.

Owns their tables; a row is committed before the store is touched. It must not know what a setting means or how a
store is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, ForeignKeyConstraint, Table, delete, select

from crossdock.state.database import Database
from crossdock.state.schema import Moment, StoreText, metadata
from crossdock.state.upserts import insert_or_ignore

mutes = Table(
    "mutes",
    metadata,
    Column("store_key", StoreText, primary_key=True),
    Column("setting", StoreText, primary_key=True),
    Column("original_value", StoreText, nullable=False),
    Column("muted_value", StoreText, nullable=False),
    Column("since", Moment, nullable=False),
)

mute_holders = Table(
    "mute_holders",
    metadata,
    Column("store_key", StoreText, primary_key=True),
    Column("setting", StoreText, primary_key=True),
    Column("holder", StoreText, primary_key=True),
    ForeignKeyConstraint(["store_key", "setting"], ["mutes.store_key", "mutes.setting"]),
)


@dataclass(frozen=True, slots=True)
class HeldMute:
    """A muted setting; one without `holders` waits to be restored."""

    store_key: str
    setting: str
    original_value: str
    muted_value: str
    since: datetime
    holders: tuple[str, ...]


class Mutes:
    """All muted settings of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def join(self, store_key: str, setting: str, *, holder: str, original_value: str, muted_value: str) -> HeldMute:
        """Enter `holder`, once. The values that the first holder brought are kept; a later one's are ignored."""
        with self._database.write() as connection:
            self._lock(connection, store_key, setting)
            key = {"store_key": store_key, "setting": setting}
            since = self._database.now(connection)
            row = {**key, "original_value": original_value, "muted_value": muted_value, "since": since}
            connection.execute(insert_or_ignore(connection, mutes), row)
            connection.execute(insert_or_ignore(connection, mute_holders), {**key, "holder": holder})
            return _find(connection, store_key, setting)[0]

    def get(self, store_key: str, setting: str) -> HeldMute | None:
        """Look a setting up; None when it is not muted."""
        with self._database.read() as connection:
            return next(iter(_find(connection, store_key, setting)), None)

    def leave(self, store_key: str, setting: str, *, holder: str) -> HeldMute | None:
        """Take `holder` out; gives the row when it has no holder left and waits to be restored, else None."""
        with self._database.write() as connection:
            self._lock(connection, store_key, setting)
            connection.execute(
                delete(mute_holders).where(
                    mute_holders.c.store_key == store_key,
                    mute_holders.c.setting == setting,
                    mute_holders.c.holder == holder,
                )
            )
            return next((row for row in _find(connection, store_key, setting) if not row.holders), None)

    def forget(self, store_key: str, setting: str) -> None:
        """Drop the row after the setting was restored; a row that has holders again stays."""
        with self._database.write() as connection:
            self._lock(connection, store_key, setting)
            if any(not row.holders for row in _find(connection, store_key, setting)):
                connection.execute(delete(mutes).where(mutes.c.store_key == store_key, mutes.c.setting == setting))

    def held(self) -> Sequence[HeldMute]:
        """List all muted settings, by store and setting."""
        with self._database.read() as connection:
            return _find(connection)

    def _lock(self, connection: Connection, store_key: str, setting: str) -> None:
        self._database.serialize(connection, f"mutes:{store_key}:{setting}")


def _find(connection: Connection, store_key: str | None = None, setting: str | None = None) -> Sequence[HeldMute]:
    statement = (
        select(mutes, mute_holders.c.holder)
        .outerjoin_from(mutes, mute_holders)
        .order_by(mutes.c.store_key, mutes.c.setting, mute_holders.c.holder)
    )
    if store_key is not None:
        statement = statement.where(mutes.c.store_key == store_key, mutes.c.setting == setting)
    found: dict[tuple[str, str], HeldMute] = {}
    for row in connection.execute(statement).mappings():
        key = (row["store_key"], row["setting"])
        former = found[key].holders if key in found else ()
        holders = former if row["holder"] is None else (*former, row["holder"])
        found[key] = HeldMute(*key, row["original_value"], row["muted_value"], row["since"], holders)
    return list(found.values())
