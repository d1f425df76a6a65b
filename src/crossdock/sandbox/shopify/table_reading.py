"""Reads a table as a connection or a count: by query through the lagging index, else as it is. Must not know its kind.

Source: reference §1.5 (counts), §4.5 (the index lags, unknown filters are ignored with a warning).
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from crossdock.sandbox.shopify.context import Info, Request
from crossdock.sandbox.shopify.paging import Key, connect
from crossdock.sandbox.shopify.record_table import RecordTable
from crossdock.sandbox.shopify.records import Wire
from crossdock.sandbox.shopify.search import Filters, Search, parse_search

Row = TypeVar("Row")
Visible = Callable[[Row], bool]


def connect_rows(
    info: Info,
    table: RecordTable[Row],
    filters: Filters,
    args: Mapping[str, Wire],
    is_visible: Visible[Row] | None = None,
) -> dict[str, Wire]:
    """Cut the page out of a table; rows that the token may not see are as if they weren't there."""
    request: Request = info.context
    search, now = search_of(info, args.get("query"), filters), request.store.exact_now()
    matches = search.matches if search is not None else None

    def load(key: Key) -> Row | None:
        row = table.get(key[1])
        if row is None or (is_visible is not None and not is_visible(row)):
            return None
        if matches is None:
            return row
        known = table.indexed(row, now)
        return row if known is not None and matches(known) else None

    return connect(table.order(args.get("sortKey") or "ID"), load, args)


def count_rows(
    info: Info,
    table: RecordTable[Row],
    filters: Filters,
    args: Mapping[str, Wire],
    is_visible: Visible[Row] | None = None,
) -> dict[str, Wire]:
    """Count the rows of a table, up to the limit that was asked for."""
    request: Request = info.context
    search, now = search_of(info, args.get("query"), filters), request.store.exact_now()
    rows = [row for row in table if is_visible is None or is_visible(row)]
    count = len(rows)
    if search is not None and search.matches is not None:
        matches = search.matches
        known = (table.indexed(row, now) for row in rows)
        count = sum(1 for row in known if row is not None and matches(row))
    limit = args.get("limit")
    is_cut = limit is not None and count > limit
    return {"count": limit if is_cut else count, "precision": "AT_LEAST" if is_cut else "EXACT"}


def search_of(info: Info, query: str | None, filters: Filters) -> Search | None:
    """Parse the query of a field and leave its warnings for the reply's `extensions.search`."""
    if query is None or not query.strip():
        return None
    search, request = parse_search(query, filters), info.context
    if search.warnings:
        request.searches.append(
            {"path": info.path.as_list(), "query": query, "parsed": search.parsed, "warnings": search.warnings}
        )
    return search
