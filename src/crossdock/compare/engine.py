"""The engine: runs a kind's SQL over two snapshots and writes what differs.

Owns the connection, the preparation of what the SQL reads (snapshots, links, variables) and the interruption of a
running comparison. It must not know any kind's columns or rules.
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from crossdock.compare.database import Database
from crossdock.compare.kinds.values import SqlValue
from crossdock.compare.links import load_links
from crossdock.compare.manifest import load_manifest
from crossdock.compare.results import write_results
from crossdock.compare.spec import SUMMARY, CompareSpec, Summary
from crossdock.compare.statement import compose
from crossdock.domain.errors import StateError, TransientError


class CompareInterruptedError(TransientError):
    """Somebody stopped the comparison; nothing is finished, and the same call works later."""

    def __init__(self) -> None:
        super().__init__("compare_interrupted", "The comparison was stopped before it was finished.")


class _Running:
    """A comparison at work, and whether it has been told to stop."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self.is_stopped = False

    def stop(self) -> None:
        """Stop the statement at work; `is_stopped` stops what would come after it."""
        self.is_stopped = True
        self._cursor.interrupt()

    def execute(self, sql: str, parameters: list[object] | None = None) -> duckdb.DuckDBPyConnection:
        """Run statements unless the comparison has been stopped."""
        if self.is_stopped:
            raise CompareInterruptedError
        return self._cursor.execute(sql, parameters)


class CompareEngine:
    """Compares snapshots below `work_dir` with at most `memory_limit` of memory; the rest spills to disk there.

    One engine serves a whole process: `compare` blocks and may run in several threads at a time.
    """

    def __init__(self, work_dir: Path, memory_limit: str = "512MB", threads: int = 2) -> None:
        self.database = Database(work_dir, memory_limit, threads)
        self._running: dict[Path, _Running] = {}
        self._lock = threading.Lock()

    def compare(self, spec: CompareSpec) -> Summary:
        """Compare two complete snapshots and write the result; a former result in its place is dropped first.

        Raises:
            CompareInterruptedError: `interrupt` was called.
            StateError: a snapshot is incomplete or unreadable, or the result can't be written.
        """
        try:
            spec.result_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            (spec.result_dir / SUMMARY).unlink(missing_ok=True)
            with self._enter(spec.result_dir) as running:
                _prepare(running, spec)
                for step in spec.kind.steps:
                    running.execute((spec.kind.sql / step).read_text(encoding="utf-8"))
                return write_results(running.execute, spec.kind, spec.result_dir)
        except duckdb.InterruptException as error:
            raise CompareInterruptedError from error
        except (OSError, duckdb.Error) as error:
            # DuckDB's own words can quote a record: only the kind of trouble is told.
            raise StateError(
                "compare_failed",
                "The comparison could not be worked out: check the disk's free space and the data directory.",
                type(error).__name__,
            ) from error

    def interrupt(self, result_dir: Path | None = None) -> None:
        """Stop the comparison that writes to `result_dir`, or all of them; from any thread, and without waiting."""
        with self._lock:
            for directory, running in self._running.items():
                if result_dir is None or directory == result_dir.resolve():
                    running.stop()

    def close(self) -> None:
        """Stop what runs and close the connection."""
        self.interrupt()
        self.database.close()

    @contextmanager
    def _enter(self, result_dir: Path) -> Generator[_Running]:
        key = result_dir.resolve()
        with self.database.cursor() as cursor:
            running = _Running(cursor)
            with self._lock:
                self._running[key] = running
            try:
                yield running
            finally:
                with self._lock:
                    del self._running[key]


def _prepare(running: _Running, spec: CompareSpec) -> None:
    """Make what `kinds` promises to a kind's SQL: variables, the rows of both sides, links."""
    variables: dict[str, SqlValue] = {
        "source_prefix": spec.source_prefix,
        "destination_prefix": spec.destination_prefix,
        "compared_fields": sorted(spec.compared_fields),
        "customer_role": spec.customer_role,
        "source_parts": _parts(spec.source_dir),
        "destination_parts": _parts(spec.destination_dir),
    }
    for option in spec.kind.options:
        variables[option.variable] = spec.options.get(option.name, option.default)
    for name, value in variables.items():
        running.execute(f"set variable {name} = $1", [value])
    for side in ("source", "destination"):
        running.execute(compose(_ROWS, side=side))
    load_links(running.execute, spec.links, spec.result_dir)


# Of a record that was read twice, the later reading alone is seen.
_ROWS = """
    create temp view {side}_parts as select * from read_parquet(getvariable('{side}_parts'));
    create temp table {side}_superseded as
    with repeated as (select id, max(seq) as latest from {side}_parts group by id having count(*) > 1)
    select seq from {side}_parts join repeated using (id) where seq < latest;
    create temp view {side}_rows as select * from {side}_parts anti join {side}_superseded using (seq);
"""


def _parts(directory: Path) -> list[str]:
    manifest = load_manifest(directory)
    if manifest is None or not manifest.is_complete:
        # Half a destination would make records look missing that are there.
        raise StateError("snapshot_incomplete", "A store has not been read to its end; compare again.", str(directory))
    return manifest.part_paths(directory)
