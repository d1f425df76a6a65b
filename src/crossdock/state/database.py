"""The database: opening, migrating, transactions, and its clock.

Owns the engine, the pragmas and how errors of the drivers leave this package. It must not know any table.
"""

import importlib
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from crossdock.domain.errors import StateError
from crossdock.state.data_directory import DirectoryLock, prepare_directory, prepare_file
from crossdock.state.failures import database_failure, failure

NEWEST_REVISION = "0007"
"""The last of the migrations: a database of this revision needs no upgrade."""

_FILE_NAME = "crossdock.db"
_BUSY_SECONDS = 10.0
_CONNECTIONS = 10
_MIGRATION_LOCK = 0x63726F7373
_NAMED_LOCKS = 0x646F636B

_CLOCKS = {
    "sqlite": "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "postgresql": "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
}


class Database:
    """One open database. Every method may be called from any thread."""

    def __init__(self, engine: Engine, lock: DirectoryLock | None = None) -> None:
        self._engine = engine
        self._writing = engine.execution_options(write=True)
        self._lock = lock
        self._gate = threading.Lock()
        self._is_sqlite = engine.dialect.name == "sqlite"

    @classmethod
    def open(cls, data_dir: Path, url: str | None = None) -> Self:
        """Open the SQLite file of `data_dir`, or the PostgreSQL at `url`, and bring its tables up to date.

        Raises:
            StateError: `data_directory_in_use`, `data_directory_read_only`, `disk_full`, `disk_failing`,
                `database_damaged`, `database_locked`, `database_unavailable`, `database_refused`, `database_newer`
                or `database_url_unsupported`.
        """
        prepare_directory(data_dir)
        if url:
            database = cls(_postgres_engine(url))
        else:
            lock = DirectoryLock.acquire(data_dir)
            try:
                database = cls(_sqlite_engine(data_dir / _FILE_NAME), lock)
            except StateError:
                lock.release()
                raise
        try:
            database._migrate()
        except StateError:
            database.close()
            raise
        return database

    @property
    def is_shared(self) -> bool:
        """Whether other processes may use the database at the same time; never so on SQLite."""
        return not self._is_sqlite

    @contextmanager
    def read(self) -> Generator[Connection]:
        """Give a connection in a transaction that only reads.

        Raises:
            StateError: the database failed, now or within the block.
        """
        with _translated(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Generator[Connection]:
        """Give a connection in a transaction that is committed, to the disk, at the end of the block.

        Writers of this process wait for each other; a block must therefore never open another one.

        Raises:
            StateError: the database failed, now, within the block or at the commit; nothing is kept then.
        """
        if not self._is_sqlite:
            with _translated(), self._writing.begin() as connection:
                yield connection
            return
        # SQLite has one writer at a time anyway; waiting here is fair and wakes at once, its own waiting polls.
        if not self._gate.acquire(timeout=_BUSY_SECONDS):
            raise failure("database_locked", "gate")
        try:
            with _translated(), self._writing.begin() as connection:
                yield connection
        finally:
            self._gate.release()

    def serialize(self, connection: Connection, name: str) -> None:
        """Hold the named lock until the transaction of `connection` ends; on SQLite every writer holds all."""
        if not self._is_sqlite:
            statement = text("SELECT pg_advisory_xact_lock(:space, hashtext(:name))")
            connection.execute(statement, {"space": _NAMED_LOCKS, "name": name})

    def now(self, connection: Connection) -> datetime:
        """Ask the database's clock, to the millisecond: the one clock that all workers share."""
        milliseconds: int = connection.exec_driver_sql(_CLOCKS[self._engine.dialect.name]).scalar_one()
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)

    def connection_address(self) -> str:
        """Give the PostgreSQL's address as libpq takes it, with its password: for a queue beside our tables."""
        return self._engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def ping(self) -> None:
        """Prove that the database answers.

        Raises:
            StateError: it does not.
        """
        with self.read() as connection:
            self.now(connection)

    def close(self) -> None:
        """Close all connections and let other programs in. May be repeated."""
        self._engine.dispose()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _migrate(self) -> None:
        with self.write() as connection:
            if not self._is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": _MIGRATION_LOCK})
            if _revision(connection) != NEWEST_REVISION:
                # Alembic takes longer to load than most commands take: it is loaded when it has something to do.
                importlib.import_module("crossdock.state.upgrade").upgrade(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except DBAPIError as error:
        # The driver's own message can quote a row, and a chained error would carry it into the log.
        raise database_failure(error) from None
    except PoolTimeoutError:
        raise failure("database_locked", "pool") from None


def _postgres_engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = URL.create("unreadable")
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise StateError(
            "database_url_unsupported",
            "The database's address must look like postgresql://user:password@host/name. "
            "Leave it out to keep everything in the data directory.",
        )
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=_CONNECTIONS,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def _sqlite_engine(path: Path) -> Engine:
    prepare_file(path)
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": _BUSY_SECONDS},
        pool_size=_CONNECTIONS,
        hide_parameters=True,
    )

    def set_up(dbapi_connection: SqliteConnection, record: object) -> None:
        _ = record
        # The driver must not begin transactions by itself: `begin` below decides of which sort they are.
        dbapi_connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {int(_BUSY_SECONDS * 1000)}",
            "journal_mode = WAL",
            # NORMAL would lose committed intents when the power goes.
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            dbapi_connection.execute(f"PRAGMA {pragma}").close()

    def begin(connection: Connection) -> None:
        options: dict[str, Any] = dict(connection.get_execution_options())
        # A transaction that reads first and then wants to write fails at once when another wrote in between.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("write") else "BEGIN")

    event.listen(engine, "connect", set_up)
    event.listen(engine, "begin", begin)
    return engine
