"""Lists as CSV (RFC 4180, UTF-8), streamed, and safe to open in a spreadsheet.

Owns how a value is written and what is defused. It must not know which list it writes beyond its columns.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

from crossdock.compare.differences import Differences
from crossdock.compare.query import check_group
from crossdock.domain.difference import Group

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HARMLESS = re.compile(r"\+[1-9][0-9]{6,14}|-?[0-9]+(\.[0-9]+)?")


def cell(value: object) -> str:
    """Write a value as a cell's text. What a spreadsheet would take for a formula gets an apostrophe before it.

    E.164 telephone numbers and plain decimals keep their form; times are RFC 3339; lists are joined by commas.
    """
    if isinstance(value, str):
        return _defused(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, (list, tuple)):
        return cell(", ".join(str(item) for item in cast("Sequence[object]", value)))
    return _defused(str(value))


def _defused(text: str) -> str:
    if text.startswith(_STARTS_FORMULA) and not _HARMLESS.fullmatch(text):
        return f"'{text}"
    return text


def csv_chunks(headings: Sequence[str], chunks: Iterable[Iterable[Sequence[object]]]) -> Iterator[bytes]:
    """Write a heading row and then the rows, one piece of text for each chunk."""
    yield _lines([headings])
    for rows in chunks:
        yield _lines(rows)


def export_group(
    differences: Differences,
    group: Group,
    *,
    sort: str | None = None,
    descending: bool | None = None,
    search: str = "",
    where: Mapping[str, object] | None = None,
) -> Iterator[bytes]:
    """Export one list as the kind lays it out; wrong requests are refused before the first piece.

    Raises:
        InvalidRequestError: a name or value is not allowed.
        NotFoundError: there is no finished result.
    """
    check_group(differences.kind, group)
    columns = differences.kind.exports[group]
    names = list(dict.fromkeys(column.column for column in columns))
    chunks = differences.stream(
        group, sort=sort, descending=descending, search=search, where=where or {}, columns=names
    )
    return csv_chunks(
        [column.heading for column in columns],
        ([[row[column.column] for column in columns] for row in rows] for rows in chunks),
    )


def _lines(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")
