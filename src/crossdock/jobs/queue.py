"""The queue of run ids in PostgreSQL: put in by whoever begins a run, taken out by any number of workers.

Owns the queue's tables, in a schema of their own, and its connections. It is a messenger only: it may lose an id or
bring one twice. It must not know what a run is; `sharing.py` does. Needs the extra `crossdock[postgres]`.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta

import psycopg
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.db import PsycopgDriver
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import Channel
from pgqueuer.models import Job
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries

from crossdock.jobs.sharing import Work
from crossdock.state.failures import failure

_ENTRYPOINT = "run"
# A notification wakes a worker at once; this is for one that was missed.
_POLL_SECONDS = 5.0


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
        async with self._connected() as queries:
            await queries.upgrade()

    async def put(self, run_id: str, key: str) -> None:
        """Queue a run, unless the same `key` waits or is worked on already.

        Raises:
            StateError: the database can't be reached.
        """
        async with self._connected() as queries:
            await queries.enqueue(_ENTRYPOINT, run_id.encode("ascii"), dedupe_key=key, on_conflict="skip")

    async def take(self, work: Work, *, at_once: int, heartbeat_seconds: float, stopping: asyncio.Event) -> None:
        """Take runs, at most `at_once` (2 or more) at a time, until `stopping` is set and those at work have ended.

        What a worker took that tells nothing for `heartbeat_seconds` is given to another.

        Raises:
            StateError: the database can't be reached any more; what is at work has ended.
        """
        async with self._connected() as queries:
            manager = QueueManager(queries, channel=queries.qbe.settings.channel)
            manager.shutdown = stopping

            async def perform(job: Job) -> None:
                await work((job.payload or b"").decode("ascii"))

            manager.entrypoint(_ENTRYPOINT, accepts_context=False)(perform)
            await manager.run(
                dequeue_timeout=timedelta(seconds=_POLL_SECONDS),
                # One by one, so that workers who are free at the same time share what waits.
                batch_size=1,
                max_concurrent_tasks=at_once,
                heartbeat_timeout=timedelta(seconds=heartbeat_seconds),
                log_aggregation_interval=timedelta(0),
            )

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[Queries]:
        with _translated():
            async with await psycopg.AsyncConnection.connect(self._address, autocommit=True) as connection:
                settings = self._settings = self._settings or await _settings(connection)
                yield Queries(
                    PsycopgDriver(connection),
                    qbe=QueryBuilderEnvironment(settings),
                    qbq=QueryQueueBuilder(settings),
                    qbs=QuerySchedulerBuilder(settings),
                )


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
