"""The process's one connection to DuckDB.

Owns its limits and a cursor for each call. It must not know snapshots, kinds or what a query is for.
"""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from crossdock.compare.spill import SpillFolder


class Database:
    """DuckDB in memory, spilling into and reading from `work_dir` alone.

    Safe to use from many threads: each call takes its own cursor, since a shared one mixes up results.
    """

    def __init__(self, work_dir: Path, memory_limit: str = "512MB", threads: int = 2) -> None:
        self.work_dir = work_dir.resolve()
        self._spill = SpillFolder(self.work_dir)
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": memory_limit,
                "threads": threads,
                "temp_directory": str(self._spill.path),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        folder = str(self.work_dir).replace("'", "''")
        self._connection.execute(f"set allowed_directories = ['{folder}/']")
        # Text from stores never becomes SQL, and if it did it could read nothing but our own snapshots.
        self._connection.execute("set enable_external_access = false")
        # Each page reads its list's file anew; where its columns lie need not be read each time.
        self._connection.execute("set parquet_metadata_cache = true")
        self._connection.execute("set lock_configuration = true")

    @contextmanager
    def cursor(self) -> Generator[duckdb.DuckDBPyConnection]:
        """Lend a cursor; its temporary tables and variables end with it."""
        cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def close(self) -> None:
        """Close the connection and everything that is lent."""
        self._connection.close()
        self._spill.close()
