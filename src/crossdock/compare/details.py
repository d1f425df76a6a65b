"""Details that the reading of a store leaves out, fetched for the listed records and put into their lists.

Owns which records want details, where fetched ones are kept until all are there, and how the lists are written anew.
It must not know how details are fetched or what they are.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from crossdock.compare.database import Database
from crossdock.compare.kinds import Column, CompareKind, Details
from crossdock.compare.results import group_file, rank_columns, write_list
from crossdock.compare.statement import compose
from crossdock.connectors.contract import MAX_IDS
from crossdock.domain.difference import Group
from crossdock.domain.errors import StateError

SIDES = ("source", "destination")
_FETCHED_ROWS = 5_000


class MissingDetails:
    """The details that the lists of one finished comparison still lack. Calls block; one thread at a time.

    What is kept survives a crash: `wanted` then leaves it out. `join` may be repeated; the summary stays as it is.
    """

    def __init__(self, database: Database, kind: CompareKind, result_dir: Path) -> None:
        self._database = database
        self._kind = kind
        self._result_dir = result_dir
        self._encoder = msgspec.json.Encoder()

    def wanted(self, side: str) -> Iterator[list[str]]:
        """Give the ids of a side's records that want details and have none kept, each once, in chunks of `MAX_IDS`.

        A chunk's details may be kept before the next is asked for.

        Raises:
            StateError: the result can't be read.
        """
        details = self._kind.details
        if details is None:
            return
        conditions = {group: each.wanted[side] for group, each in details.lists.items() if side in each.wanted}
        listed = " union ".join(
            compose(
                "select {side}_id as id from read_parquet('{path}') where ({condition})",
                side=side,
                path=_quoted(group_file(self._result_dir, group)),
                condition=condition,
            )
            for group, condition in conditions.items()
        )
        try:
            with self._database.cursor() as cursor:
                self._load(cursor, details, side)
                cursor.execute(
                    compose(
                        "from ({listed}) where id <> '' and id not in (select id from {side}_details)",
                        listed=listed,
                        side=side,
                    )
                )
                while rows := cursor.fetchmany(_FETCHED_ROWS):
                    ids = [str(row[0]) for row in rows]
                    yield from (ids[start : start + MAX_IDS] for start in range(0, len(ids), MAX_IDS))
        except (OSError, duckdb.Error) as error:
            raise _damaged(error) from error

    def keep(self, side: str, records: Iterable[Any]) -> None:
        """Keep the details of some records, in one piece.

        Raises:
            StateError: they can't be written.
        """
        details = self._kind.details
        if details is None:
            return
        lines = [self._encoder.encode({"id": record.id, **details.row(record)}) + b"\n" for record in records]
        try:
            with self._file(side).open("ab") as file:
                # A line that a crash cut off ends here, and is passed over when the file is read.
                file.write(b"\n" + b"".join(lines))
        except OSError as error:
            raise _damaged(error) from error

    def join(self) -> None:
        """Put what is kept into the lists and their sorts; each list is replaced at once.

        Raises:
            StateError: a list can't be read or written.
        """
        details = self._kind.details
        if details is None:
            return
        try:
            with self._database.cursor() as cursor:
                for side in SIDES:
                    self._load(cursor, details, side)
                for group, listed in details.lists.items():
                    self._rewrite(cursor, group, (self._kind.sql / listed.sql).read_text(encoding="utf-8"))
        except (OSError, duckdb.Error) as error:
            raise _damaged(error) from error

    def _rewrite(self, cursor: duckdb.DuckDBPyConnection, group: Group, query: str) -> None:
        path = group_file(self._result_dir, group)
        places = ", ".join(("row_no", *rank_columns(self._kind)))
        cursor.execute(
            compose(
                "create or replace temp view listed as select * exclude ({places}) from read_parquet('{path}')",
                places=places,
                path=_quoted(path),
            )
        )
        cursor.execute(f"create or replace temp table detailed as {query}")
        write_list(cursor.execute, self._kind, group, "detailed", path)

    def _load(self, cursor: duckdb.DuckDBPyConnection, details: Details, side: str) -> None:
        """Make the table of a side's details; the later of two wins."""
        path = self._file(side)
        path.touch(mode=0o600)
        types = ", ".join(f"'{column.name}': '{column.type}'" for column in (Column("id"), *details.columns))
        query = compose(
            "create or replace temp table {side}_details as "
            "select * exclude (line) from ("
            "select *, row_number() over () as line from read_json($1, format = 'newline_delimited', "
            "ignore_errors = true, columns = {types})"
            ") where id is not null qualify row_number() over (partition by id order by line desc) = 1",
            side=side,
            types=f"{{{types}}}",
        )
        cursor.execute(query, [str(path)])

    def _file(self, side: str) -> Path:
        return self._result_dir / f".{side}-details.ndjson"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _damaged(error: Exception) -> StateError:
    # DuckDB's own words can quote a record: only the kind of trouble is told.
    return StateError(
        "compare_failed",
        "The details of the differences could not be kept: check the disk's free space and the data directory.",
        type(error).__name__,
    )
