"""Reading a store into a snapshot: Parquet parts and a manifest, resumable after a crash.

Owns the stream from a `Source` to disk, with flat memory. It must not know a platform or how snapshots are compared.
Raw records are never stored: a row holds the kind's columns and nothing else.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from crossdock.compare.database import Database
from crossdock.compare.durable import publish
from crossdock.compare.kinds import Column, CompareKind, RowContext
from crossdock.compare.manifest import (
    MAX_LISTED_UNREADABLE,
    Manifest,
    Part,
    SnapshotMeta,
    Unreadable,
    load_manifest,
    save_manifest,
)
from crossdock.compare.statement import compose
from crossdock.connectors.contract import Page, Source
from crossdock.domain.errors import CrossdockError, StateError

PART_RECORDS = 5_000
"""The most records in one part: what a crash can cost."""


_SEQ = Column("seq", "BIGINT")
"""Numbers the rows of a snapshot in the order in which they were read."""


async def read_snapshot(
    source: Source[Any],
    directory: Path,
    *,
    database: Database,
    kind: CompareKind,
    meta: SnapshotMeta,
    context: RowContext,
    on_progress: Callable[[int], None],
    should_stop: Callable[[], bool],
) -> Manifest:
    """Read a whole store, or go on where an earlier reading of the same `directory` stopped.

    `on_progress` gets the number of records read so far, those of earlier readings too. When `should_stop` answers
    true after a page, what was read is kept and the manifest comes back incomplete. `directory` lies in the database's
    work directory.

    Raises:
        StateError: the directory holds another store's snapshot, is damaged, or can't be written.
        CrossdockError: what the source raises; all pages before it are kept.
    """
    writer = await asyncio.to_thread(_SnapshotWriter, database, kind, directory, meta, context)
    on_progress(writer.records)
    if writer.manifest.is_complete:
        return writer.manifest
    try:
        async for page in source.read(writer.manifest.cursor):
            await asyncio.to_thread(writer.add, page)
            on_progress(writer.records)
            if should_stop():
                await asyncio.to_thread(writer.commit)
                return writer.manifest
    except CrossdockError:
        await asyncio.to_thread(writer.commit)
        raise
    await asyncio.to_thread(writer.commit, is_complete=True)
    return writer.manifest


class _SnapshotWriter:
    """Collects rows, writes them as parts, and commits the manifest after them. Used by one thread at a time."""

    def __init__(
        self, database: Database, kind: CompareKind, directory: Path, meta: SnapshotMeta, context: RowContext
    ) -> None:
        self._database = database
        self._kind = kind
        self._directory = directory
        self._context = context
        self._encoder = msgspec.json.Encoder()
        self._lines: list[bytes] = []
        self._cursor: str | None = None
        self._has_news = False
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.manifest = load_manifest(directory) or Manifest(meta)
        self._unreadable = list(self.manifest.unreadable)
        self._unreadable_count = self.manifest.unreadable_count
        if not self.manifest.meta.same_reading(meta):
            raise StateError(
                "snapshot_foreign", "This folder holds another store's records; start a new run.", str(directory)
            )

    @property
    def records(self) -> int:
        """How many records have been read, kept or not yet."""
        return self.manifest.records + len(self._lines)

    def add(self, page: Page[Any]) -> None:
        """Take a page; once enough records have gathered they are kept, with the cursor after them."""
        for unreadable in page.unreadable:
            self._note_unreadable(unreadable.id, unreadable.reason)
        for record in page.records:
            try:
                row = self._kind.row(record, self._context)
                self._lines.append(self._encoder.encode({"seq": self.records, **row}))
            except (ValueError, OverflowError):
                self._note_unreadable(str(getattr(record, "id", "")), "A text or a time in it can't be kept.")
        self._cursor = page.cursor
        self._has_news = True
        if len(self._lines) >= PART_RECORDS:
            self.commit()

    def commit(self, *, is_complete: bool = False) -> None:
        """Keep everything taken so far; the last commit of a reading says that it `is_complete`."""
        if not (self._has_news or is_complete):
            return
        parts = list(self.manifest.parts)
        for start in range(0, len(self._lines), PART_RECORDS):
            lines = self._lines[start : start + PART_RECORDS]
            parts.append(self._write_part(f"part-{len(parts) + 1:06}.parquet", lines))
        if is_complete and not parts:
            parts.append(self._write_part("part-000001.parquet", ()))
        manifest = Manifest(
            meta=self.manifest.meta,
            parts=tuple(parts),
            records=self.records,
            cursor=self._cursor if self._has_news else self.manifest.cursor,
            is_complete=is_complete,
            unreadable=tuple(self._unreadable),
            unreadable_count=self._unreadable_count,
        )
        save_manifest(self._directory, manifest)
        self.manifest = manifest
        self._lines = []
        self._has_news = False

    def _note_unreadable(self, record_id: str, reason: str) -> None:
        self._unreadable_count += 1
        if len(self._unreadable) < MAX_LISTED_UNREADABLE:
            safe_id = record_id.encode("utf-8", "replace").decode()
            self._unreadable.append(Unreadable(safe_id, reason.encode("utf-8", "replace").decode()))

    def _write_part(self, name: str, lines: Sequence[bytes]) -> Part:
        """Write one part; a file of that name left by a crash was never counted and is overwritten."""
        rows, parquet = self._directory / f".{name}.ndjson", self._directory / f".{name}.tmp"
        types = ", ".join(f"'{column.name}': '{column.type}'" for column in (_SEQ, *self._kind.columns))
        sql = compose(
            "copy (select * from read_json($1, format = 'newline_delimited', columns = {types})) "
            "to $2 (format parquet, compression zstd)",
            types=f"{{{types}}}",
        )
        try:
            rows.write_bytes(b"\n".join(lines))
            with self._database.cursor() as cursor:
                cursor.execute(sql, [str(rows), str(parquet)])
            publish(parquet, self._directory / name)
        except (OSError, duckdb.Error) as error:
            raise StateError(
                "snapshot_not_written",
                "What was read can't be kept: check the disk's free space and the data directory's permissions.",
                type(error).__name__,
            ) from error
        finally:
            rows.unlink(missing_ok=True)
        return Part(name, len(lines))
