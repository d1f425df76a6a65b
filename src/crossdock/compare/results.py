"""The files of a result: one Parquet file for each group, and the summary that declares them finished.

Owns how lists are laid out so that any page of any sort, and what begins with a text, is found at once: `row_no`
numbers the rows of a file, and a column `rank_<sort>` holds each row's place in each sort. So does `rank_<column>` for
each searched column, whose values stand in order in a file of their own. It must not know any kind's columns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from crossdock.compare.durable import publish
from crossdock.compare.kinds import GROUP_TABLES, SELECTABLE, CompareKind
from crossdock.compare.spec import Summary, save_summary
from crossdock.compare.statement import compose
from crossdock.domain.difference import Counts, Group

Execute = Callable[[str, list[object] | None], duckdb.DuckDBPyConnection]

# A page takes its rows from all over the file: small, uncompressed row groups keep what is read for each row small.
_LAYOUT = "(format parquet, row_group_size 10240, compression uncompressed)"


def group_file(result_dir: Path, group: Group) -> Path:
    """Name the file that lists a group."""
    return result_dir / f"{group.value}.parquet"


def matches_file(result_dir: Path) -> Path:
    """Name the file that lists the matched pairs and how they were matched."""
    return result_dir / "matches.parquet"


def rank_column(sort: str) -> str:
    """Name the column that holds each row's place, from 1, in an ascending sort."""
    return f"rank_{sort}"


@dataclass(frozen=True, slots=True)
class Searched:
    """A searched column, and the column that holds each row's place in its order."""

    column: str
    rank: str


def searched_columns(kind: CompareKind) -> tuple[Searched, ...]:
    """Name the searched columns with their places; a sort by the column has these already."""
    sorts = {expression: sort for sort, expression in kind.sorts.items()}
    return tuple(Searched(name, rank_column(sorts.get(name, name))) for name in kind.searched)


def rank_columns(kind: CompareKind) -> tuple[str, ...]:
    """Name every column that holds places: they mean nothing outside of their file."""
    return tuple(dict.fromkeys((*map(rank_column, kind.sorts), *(one.rank for one in searched_columns(kind)))))


def values_file(group_path: Path, column: str) -> Path:
    """Name the file that has a searched column's values in order, next to the file of the group."""
    return group_path.with_name(f"{group_path.stem}.{column}.parquet")


def write_results(execute: Execute, kind: CompareKind, result_dir: Path) -> Summary:
    """Write every list of the kind and, last, the summary."""
    rows = {
        group: write_list(execute, kind, group, GROUP_TABLES[group], group_file(result_dir, group))
        for group in kind.groups
    }
    _write(execute, f"copy matches to $1 {_LAYOUT}", matches_file(result_dir))
    counts, figures = _read_counts(execute, kind, matches_file(result_dir))
    summary = Summary(counts=counts, rows=rows, figures=figures, chart=_chart(execute, kind))
    save_summary(result_dir, summary)
    return summary


def write_list(execute: Execute, kind: CompareKind, group: Group, rows: str, path: Path) -> int:
    """Write the rows of a table or view as a group's list with what finds them again; gives their number.

    A list to choose from is numbered in the kind's order of selection, any other as its rows come. A former file is
    replaced at once.
    """
    numbered = "create temp table numbered as select row_number() over () as row_no, * from (from {rows} {order})"
    order = f"order by {kind.selection_order}" if kind.selection_order and group in SELECTABLE else ""
    execute(compose(numbered, rows=rows, order=order), None)
    expressions = {rank_column(sort): expression for sort, expression in kind.sorts.items()}
    expressions |= {one.rank: one.column for one in searched_columns(kind)}
    columns = {one.rank: one.column for one in searched_columns(kind)}
    for rank, expression in expressions.items():
        _place(execute, rank, expression, values_file(path, columns[rank]) if rank in columns else None)
    written = compose(
        "copy (select {columns} from numbered {joins}) to $1 {layout}",
        columns=", ".join(("numbered.*", *expressions)),
        joins=" ".join(f"join {rank} using (row_no)" for rank in expressions),
        layout=_LAYOUT,
    )
    _write(execute, written, path)
    count = execute("select count(*) from numbered", None).fetchall()[0][0]
    for table in ("numbered", *expressions):
        execute(f"drop table {table}", None)
    return int(count)


def _place(execute: Execute, rank: str, expression: str, values: Path | None) -> None:
    """Make the table of each row's place in an order, and write the ordered values where they are searched."""
    in_order = (
        "create temp table in_order as "
        "select row_no, {expression} as value from numbered order by value nulls first, row_no"
    )
    execute(compose(in_order, expression=expression), None)
    places = "create temp table {rank} as select row_no, (row_number() over ())::integer as {rank} from in_order"
    execute(compose(places, rank=rank), None)
    if values is not None:
        _write(execute, compose("copy (select value from in_order) to $1 {layout}", layout=_LAYOUT), values)
    execute("drop table in_order", None)


def _write(execute: Execute, statement: str, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    execute(statement, [str(temporary)])
    publish(temporary, path)


def _read_counts(execute: Execute, kind: CompareKind, matches: Path) -> tuple[Counts, dict[str, int]]:
    cursor = execute("select * from counts", None)
    names = [column[0] for column in cursor.description]
    values = {name: int(value or 0) for name, value in zip(names, cursor.fetchall()[0], strict=True)}
    figures = {name: values.pop(name) for name in kind.figures}
    by_rule = "select matched_by, count(*) from read_parquet($1) group by matched_by order by matched_by"
    matched_by = dict(execute(by_rule, [str(matches)]).fetchall())
    return Counts(**values, matched_by=matched_by), figures


def _chart(execute: Execute, kind: CompareKind) -> tuple[tuple[str, int], ...]:
    if kind.chart_column is None:
        return ()
    by_month = compose(
        "select coalesce(strftime({column}, '%Y-%m'), '') as month, count(*) "
        "from {group} group by month order by month",
        column=kind.chart_column,
        group=GROUP_TABLES[Group.ONLY_IN_SOURCE],
    )
    cursor = execute(by_month, None)
    return tuple((str(month), int(count)) for month, count in cursor.fetchall())
