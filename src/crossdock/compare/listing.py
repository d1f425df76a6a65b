"""One list of a result, as it lies on the disk.

Owns how a window of any sort is read without sorting, and how a narrowed page is counted and fetched in one pass.
It must not know kinds or requests.
"""

import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from crossdock.compare.database import Database
from crossdock.compare.kinds.values import SqlValue
from crossdock.compare.query import Narrowing, Order
from crossdock.compare.results import values_file
from crossdock.compare.statement import compose
from crossdock.domain.errors import StateError

Row = dict[str, object]
"""A row by column names; times are aware UTC."""


class Listing:
    """The rows of one Parquet file. Calls block and may come from any thread."""

    def __init__(self, database: Database, path: Path) -> None:
        self._database = database
        self._path = path

    def window(
        self, columns: str, order: Order, *, total: int, offset: int, limit: int, narrowing: Narrowing
    ) -> list[Row]:
        """Fetch the rows whose places in a sort lie in a window of the `total` places; narrowing drops some of them."""
        narrowing = self._placed(narrowing)
        first, last = offset + 1, offset + limit
        if order.is_descending:
            first, last = total - last + 1, total - first + 1
        sql = compose(
            "select {columns} from read_parquet(?) where {rank} between ? and ? and {condition} order by {order}",
            columns=columns,
            rank=order.rank,
            condition=narrowing.condition,
            order=order.sql,
        )
        return self._fetch(sql, [str(self._path), first, last, *narrowing.parameters])

    def narrowed_page(
        self, columns: str, order: Order, *, offset: int, limit: int, narrowing: Narrowing
    ) -> tuple[list[Row], int]:
        """Fetch a page of the rows that the narrowing leaves, and their number.

        The columns that narrow are gone through once, for the number and the places; then those rows alone are read.
        """
        narrowing = self._placed(narrowing)
        sql = compose(
            "with hits as materialized (select row_no, {rank} from read_parquet(?) where {condition}) "
            "select (select count(*) from hits), "
            "(select list(row_no) from (select row_no from hits order by {order} limit ? offset ?))",
            rank=order.rank,
            condition=narrowing.condition,
            order=order.sql,
        )
        with self._query(sql, [str(self._path), *narrowing.parameters, limit, offset]) as result:
            total, places = result.fetchall()[0]
        if not places:
            return [], total
        # A join reads no more than these rows; a list of values would be held against rows that are read already.
        sql = compose(
            "select {columns} from read_parquet(?) where row_no in (select unnest(?::bigint[])) order by {order}",
            columns=columns,
            order=order.sql,
        )
        return self._fetch(sql, [str(self._path), places]), total

    def count(self, narrowing: Narrowing) -> int:
        """Count the rows that the narrowing leaves."""
        narrowing = self._placed(narrowing)
        sql = compose("select count(*) from read_parquet(?) where {condition}", condition=narrowing.condition)
        with self._query(sql, [str(self._path), *narrowing.parameters]) as result:
            return int(result.fetchall()[0][0])

    def first(self, columns: str, condition: str, value: SqlValue) -> Row | None:
        """Fetch the first row for which a condition holds."""
        sql = compose(
            "select {columns} from read_parquet(?) where {condition} limit 1", columns=columns, condition=condition
        )
        return next(iter(self._fetch(sql, [str(self._path), value])), None)

    def stream(self, columns: str, order: Order, narrowing: Narrowing, *, chunk_rows: int) -> Iterator[list[Row]]:
        """Give all rows that the narrowing leaves, sorted once; what the sort can't hold in memory spills to disk."""
        narrowing = self._placed(narrowing)
        sql = compose(
            "select {columns} from read_parquet(?) where {condition} order by {order}",
            columns=columns,
            condition=narrowing.condition,
            order=order.sql,
        )
        with self._query(sql, [str(self._path), *narrowing.parameters]) as result:
            names = [column[0] for column in result.description]
            while rows := result.fetchmany(chunk_rows):
                yield _as_rows(names, rows)

    def _placed(self, narrowing: Narrowing) -> Narrowing:
        """Say by places, which are compared at once, what a column must begin with."""
        if not narrowing.beginning:
            return narrowing
        conditions: list[str] = []
        places: list[SqlValue] = []
        for searched in narrowing.searched:
            values = values_file(self._path, searched.column)
            first = self._first_place(values, narrowing.beginning)
            # No character comes behind the last one that Unicode has.
            after = self._first_place(values, narrowing.beginning + chr(sys.maxunicode))
            if first != after:
                conditions.append(f"{searched.rank} >= ? and {searched.rank} < ?")
                places += first or 0, after or 1 << 31
        condition = f"({narrowing.condition}) and ({' or '.join(conditions) or 'false'})"
        return Narrowing(condition, (*narrowing.parameters, *places))

    def _first_place(self, values: Path, text: str) -> int | None:
        """Give the place of the first value that doesn't come before a text; None when there is none."""
        # In the order of the file, whose groups of rows tell their least and greatest values: one or two are read.
        sql = "select file_row_number + 1 from read_parquet(?, file_row_number = true) where value >= ? limit 1"
        with self._query(sql, [str(values), text]) as result:
            found = result.fetchone()
        return None if found is None else int(found[0])

    def _fetch(self, sql: str, parameters: list[SqlValue]) -> list[Row]:
        with self._query(sql, parameters) as result:
            return _as_rows([column[0] for column in result.description], result.fetchall())

    @contextmanager
    def _query(self, sql: str, parameters: list[SqlValue]) -> Generator[duckdb.DuckDBPyConnection]:
        try:
            with self._database.cursor() as cursor:
                yield cursor.execute(sql, parameters)
        except duckdb.Error as error:
            raise StateError(
                "result_damaged",
                "The result of this comparison can't be read any more; compare again.",
                type(error).__name__,
            ) from error


def _as_rows(names: list[str], rows: list[tuple[Any, ...]]) -> list[Row]:
    return [dict(zip(names, map(_aware, row), strict=True)) for row in rows]


def _aware(value: object) -> object:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
