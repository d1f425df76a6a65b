"""Store holds: which stores a run needs, and whether it shares them.

Owns the table of holds and the rule who excludes whom: a store has one exclusive holder, or any number of shared ones.
It must not know runs' states.
"""

from collections.abc import Mapping

from sqlalchemy import Boolean, Column, Connection, ForeignKey, Table, delete, insert, select

from crossdock.domain.errors import StoreBusyError
from crossdock.state.database import Database
from crossdock.state.schema import StoreText, metadata

store_holds = Table(
    "store_holds",
    metadata,
    Column("store_key", StoreText, primary_key=True),
    Column("run_id", StoreText, ForeignKey("runs.id"), primary_key=True, index=True),
    Column("is_exclusive", Boolean, nullable=False),
)


def take_holds(database: Database, connection: Connection, run_id: str, wanted: Mapping[str, bool]) -> None:
    """Take all of `wanted` (store key -> exclusive?) for a run, or none.

    Raises:
        StoreBusyError: another run's hold excludes one of them.
    """
    database.serialize(connection, "store_holds")
    # All rows at once: an error raised over an open cursor would keep its snapshot, and lock out every writer.
    rows = (
        connection.execute(
            select(store_holds).where(store_holds.c.store_key.in_(wanted)).order_by(store_holds.c.run_id)
        )
        .mappings()
        .all()
    )
    for row in rows:
        if row["run_id"] != run_id and (row["is_exclusive"] or wanted[row["store_key"]]):
            raise StoreBusyError(
                f"Another run works on the store {row['store_key']}. Wait until it has ended, or cancel it.",
                run_id=row["run_id"],
            )
    drop_holds(connection, run_id)
    connection.execute(
        insert(store_holds),
        [{"store_key": key, "run_id": run_id, "is_exclusive": is_exclusive} for key, is_exclusive in wanted.items()],
    )


def drop_holds(connection: Connection, run_id: str) -> None:
    """Give every store of a run free."""
    connection.execute(delete(store_holds).where(store_holds.c.run_id == run_id))
