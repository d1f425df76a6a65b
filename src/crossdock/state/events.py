"""Events: what happened in a run, numbered without gaps, so that a reader can go on where it stopped.

Owns their table. It must not know what an event says, nor who reads it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, Table, func, insert, select

from crossdock.state.database import Database
from crossdock.state.schema import JsonValue, Moment, StoreText, metadata

events = Table(
    "events",
    metadata,
    Column("run_id", StoreText, ForeignKey("runs.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("type", StoreText, nullable=False),
    Column("data", JsonValue, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a run; `seq` begins at 1, `data` is a JSON object."""

    seq: int
    at: datetime
    type: str
    data: Mapping[str, Any]


class Events:
    """All events of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, run_id: str, type: str, data: Mapping[str, Any]) -> int:  # noqa: A002 - the word of the protocol
        """Add an event and give its number; a reader that has seen a number has missed none before it."""
        with self._database.write() as connection:
            self._database.serialize(connection, f"events:{run_id}")
            last = connection.execute(select(func.max(events.c.seq)).where(events.c.run_id == run_id)).scalar_one()
            seq: int = (last or 0) + 1
            at = self._database.now(connection)
            connection.execute(insert(events).values(run_id=run_id, seq=seq, at=at, type=type, data=data))
            return seq

    def since(self, run_id: str, seq: int = 0, limit: int = 500) -> Sequence[Event]:
        """List the events after `seq`, oldest first."""
        statement = (
            select(events.c.seq, events.c.at, events.c.type, events.c.data)
            .where(events.c.run_id == run_id, events.c.seq > seq)
            .order_by(events.c.seq)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [Event(**row) for row in connection.execute(statement).mappings()]

    def latest(self, run_id: str, type: str) -> Event | None:  # noqa: A002 - as above
        """Give the last event of a type; None when there was none."""
        statement = (
            select(events.c.seq, events.c.at, events.c.type, events.c.data)
            .where(events.c.run_id == run_id, events.c.type == type)
            .order_by(events.c.seq.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(statement).mappings().one_or_none()
            return None if row is None else Event(**row)
