"""A finished result, read a page or a chunk at a time.

Owns paging, sorting, searching and streaming of its lists, with memory that does not grow with them. It must not know
how the result was worked out, and it never changes it.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from crossdock.compare.database import Database
from crossdock.compare.kinds import CompareKind, unknown_name
from crossdock.compare.listing import Listing, Row
from crossdock.compare.query import READING_ORDER, Narrowing, Order, narrow, read_order
from crossdock.compare.results import group_file, rank_columns
from crossdock.compare.spec import Summary, load_summary
from crossdock.domain.difference import Group
from crossdock.domain.errors import InvalidRequestError

CHUNK_ROWS = 5_000
"""How many rows a stream holds in memory at a time."""

MAX_PAGE_ROWS = 1_000
"""The most rows of one page."""

_NO_FILTERS: Mapping[str, object] = {}


class Differences:
    """The lists of one result. Calls block and may come from any thread."""

    def __init__(self, database: Database, kind: CompareKind, result_dir: Path) -> None:
        self.kind = kind
        self._database = database
        self._result_dir = result_dir
        self._columns = f"* exclude ({', '.join(rank_columns(kind))})"

    @cached_property
    def summary(self) -> Summary:
        """The figures of the result.

        Raises:
            NotFoundError: there is no finished result.
            StateError: it can't be read.
        """
        return load_summary(self._result_dir)

    def chart(self) -> tuple[tuple[str, int], ...]:
        """Count the missing records by month: (`2024-01`, records) in order; the month is empty where unknown."""
        return self.summary.chart

    def page(
        self,
        group: Group,
        *,
        sort: str | None = None,
        descending: bool | None = None,
        search: str = "",
        where: Mapping[str, object] = _NO_FILTERS,
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[list[Row], int]:
        """Give one page of a list, and how many rows the search and the filters leave in all.

        Without `sort` the list comes as the kind has it, with `sort` ascending unless `descending`. `search` is text
        within the searched columns, whatever its case; with `*` behind it, text with which one of them begins.

        Raises:
            InvalidRequestError: a name or value is not allowed.
            NotFoundError: there is no finished result.
        """
        if not 0 <= offset < 1 << 31:
            raise InvalidRequestError("offset_invalid", "There is no such row.", field="offset", allowed="0 or more")
        if not 1 <= limit <= MAX_PAGE_ROWS:
            raise InvalidRequestError(
                "limit_invalid", "A page can't have that many rows.", field="limit", allowed=f"1 to {MAX_PAGE_ROWS}"
            )
        narrowing = narrow(self.kind, group, where, search)
        order = read_order(self.kind, sort, descending=descending)
        total = self.summary.rows[group]
        if not narrowing:
            return self._window(group, order, narrowing, offset=offset, limit=limit), total
        return self._listing(group).narrowed_page(self._columns, order, offset=offset, limit=limit, narrowing=narrowing)

    def count(self, group: Group, *, search: str = "", where: Mapping[str, object] = _NO_FILTERS) -> int:
        """Count the rows of a list that the search and the filters leave.

        Raises:
            InvalidRequestError: a name or value is not allowed.
            NotFoundError: there is no finished result.
        """
        narrowing = narrow(self.kind, group, where, search)
        return self._listing(group).count(narrowing) if narrowing else self.summary.rows[group]

    def stream(
        self,
        group: Group,
        *,
        sort: str | None = None,
        descending: bool | None = None,
        search: str = "",
        where: Mapping[str, object] = _NO_FILTERS,
        columns: Iterable[str] = (),
    ) -> Iterator[list[Row]]:
        """Give a whole list in chunks of at most `CHUNK_ROWS`; wrong requests are refused before the first.

        `columns` are those that a row shall have, all unless named: the fewer, the faster.

        Raises:
            InvalidRequestError: a name or value is not allowed.
            NotFoundError: there is no finished result.
        """
        narrowing = narrow(self.kind, group, where, search)
        order = read_order(self.kind, sort, descending=descending)
        if not self.summary.rows[group]:
            return iter(())
        wanted = ", ".join(columns) or self._columns
        return self._listing(group).stream(wanted, order, narrowing, chunk_rows=CHUNK_ROWS)

    def selected(
        self,
        *,
        group: Group = Group.ONLY_IN_SOURCE,
        where: Mapping[str, object] = _NO_FILTERS,
        search: str = "",
        excluded: Iterable[str] = (),
    ) -> Iterator[list[tuple[str, str]]]:
        """Give (source id, label) of all rows that filters and search leave, less `excluded` ids, in chunks.

        They come in the kind's order of selection, the same each time.

        Raises:
            InvalidRequestError: a name or value is not allowed, or the list is a report from which nothing is chosen.
            NotFoundError: there is no finished result.
        """
        if group not in self.kind.selectable:
            raise unknown_name("group", group.value, [known.value for known in self.kind.selectable])
        narrowing = narrow(self.kind, group, where, search)
        # A list of both sides has rows without a source id: those can't be chosen.
        left_out = frozenset((*excluded, ""))
        windows = (
            self._window(group, READING_ORDER, narrowing, offset=offset, limit=CHUNK_ROWS, columns="source_id, label")
            for offset in range(0, self.summary.rows[group], CHUNK_ROWS)
        )
        chunks = (
            [(str(row["source_id"]), str(row["label"])) for row in rows if row["source_id"] not in left_out]
            for rows in windows
        )
        return (chunk for chunk in chunks if chunk)

    def find(self, source_id: str) -> tuple[Group, Row] | None:
        """Find the row of a source record; the lists are searched in the kind's order."""
        for group in self.kind.groups:
            row = self._listing(group).first(self._columns, "source_id = ?", source_id)
            if row is not None:
                return group, row
        return None

    def _listing(self, group: Group) -> Listing:
        return Listing(self._database, group_file(self._result_dir, group))

    def _window(
        self, group: Group, order: Order, narrowing: Narrowing, *, offset: int, limit: int, columns: str = ""
    ) -> list[Row]:
        return self._listing(group).window(
            columns or self._columns,
            order,
            total=self.summary.rows[group],
            offset=offset,
            limit=limit,
            narrowing=narrowing,
        )
