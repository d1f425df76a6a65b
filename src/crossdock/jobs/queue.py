"""The queue of run ids in PostgreSQL: put in by whoever begins a run, taken out by any number of workers.

Owns the queue's tables, in a schema of their own, and its connections. It is a messenger only: it may lose an id or
bring one twice. It must not know what a run is; `sharing.py` does. Needs the extra `crossdock[postgres]`.
"""

import re
import uuid
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta

import psycopg
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.db import PsycopgDriver
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import Channel, QueueEntrypoint, QueueManagerId
from pgqueuer.ports.repository import EntrypointExecutionParameter
from pgqueuer.queries import Queries
from psycopg import sql

from crossdock.jobs.sharing import Arrivals
from crossdock.state.failures import failure

_ENTRYPOINT = QueueEntrypoint("run")
_WITHOUT_LIMIT = EntrypointExecutionParameter(concurrency_limit=0)
# What a worker has picked but not taken out by then, it has died over.
_PICKING = timedelta(seconds=15)


class PostgresQueue:
    """The queue beside the tables that `address`, a libpq URL, leads to."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._settings: DBSettings | None = None

    async def prepare(self) -> None:
        """Bring the queue's tables up to date; of several processes at once, one does.

        Raises:
            StateError: `database_unavailable`, or `database_refused` when a schema may not be made.
        """
        async with self._connected() as (_, queries):
            await queries.upgrade()

    async def put(self, run_id: str, key: str) -> None:
        """Queue a run, unless the same `key` waits already.

        Raises:
            StateError: the database can't be reached.
        """
        async with self._connected() as (_, queries):
            await queries.enqueue(_ENTRYPOINT, run_id.encode("ascii"), dedupe_key=key, on_conflict="skip")

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Arrivals]:
        """Give what is queued, over one connection.

        Raises:
            StateError: the database can't be reached, now or any more.
        """
        async with self._connected() as (connection, queries):
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(queries.qbe.settings.channel)))
            yield _PostgresArrivals(connection, queries)

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[tuple[psycopg.AsyncConnection, Queries]]:
        with _translated():
            async with await psycopg.AsyncConnection.connect(self._address, autocommit=True) as connection:
                settings = self._settings = self._settings or await _settings(connection)
                queries = Queries(
                    PsycopgDriver(connection),
                    qbe=QueryBuilderEnvironment(settings),
                    qbq=QueryQueueBuilder(settings),
                    qbs=QuerySchedulerBuilder(settings),
                )
                yield connection, queries


class _PostgresArrivals:
    """What one worker takes out of the queue.

    An id leaves the queue before its run is begun: whether somebody works on that run, its lease alone tells.
    """

    def __init__(self, connection: psycopg.AsyncConnection, queries: Queries) -> None:
        self._connection = connection
        self._queries = queries
        self._name = QueueManagerId(uuid.uuid4())

    async def take(self) -> str | None:
        """Take the run that was queued first; None when none is."""
        jobs = await self._queries.dequeue(1, {_ENTRYPOINT: _WITHOUT_LIMIT}, self._name, None, _PICKING)
        for job in jobs:
            await self._queries.log_jobs([(job, "successful", None)])
            return (job.payload or b"").decode("ascii")
        return None

    async def wait(self, seconds: float) -> None:
        """Wait until something is queued, at most `seconds`."""
        async for _ in self._connection.notifies(timeout=seconds, stop_after=1):
            return


async def _settings(connection: psycopg.AsyncConnection[tuple[str | None]]) -> DBSettings:
    """Name the queue after the schema of our own tables, so that two products in one database stay apart."""
    row = await (await connection.execute("SELECT current_schema()")).fetchone()
    ours = re.sub(r"\W", "_", (row[0] if row else None) or "public", flags=re.ASCII).lower()
    schema = "crossdock_queue" if ours == "public" else f"{ours}_queue"
    return DBSettings(db_schema=schema, channel=Channel(schema))


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except psycopg.Error as error:
        # The driver's own message can hold the address.
        state = error.sqlstate or ""
        code = "database_refused" if state.startswith(("28", "42501")) else "database_unavailable"
        raise failure(code, state or type(error).__name__) from None
