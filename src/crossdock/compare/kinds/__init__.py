"""What a comparison must be told about a kind of record.

Owns the description of a kind: columns, SQL steps, options, sorts, filters, exports. It must not know any particular
kind: each brings its own `CompareKind`, and callers hand it in, so that a kind can be added from outside.

A kind's SQL (DuckDB's, one file a step, run in order on one connection) finds

- the views `source_rows` and `destination_rows`: the columns of the snapshots plus `seq`, each id once,
- the table `links` (`source_id`, `destination_id`, `linked_at`): what the ledger says,
- the variables (`getvariable('…')`) `source_prefix`, `destination_prefix` (of markers), `compared_fields`,
  `customer_role` and one for each option,

and leaves behind

- the table `counts`: one row, with a column for each figure of `Counts` and each of `CompareKind.figures`,
- a table or view `matches`: `source_id`, `destination_id`, `matched_by` and `warnings`, a list of codes,
- a table or view for each of the kind's groups, named as in `GROUP_TABLES`, with at least `source_id`, `label` and the
  columns that the kind's sorts, searches and filters name.

What is dear to read is left out of snapshots and fetched for the listed records alone: see `Details`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources.abc import Traversable
from typing import Any

from crossdock.compare.kinds.values import SqlValue
from crossdock.domain.difference import Group
from crossdock.domain.errors import InvalidRequestError
from crossdock.domain.kinds import RecordKind

GROUP_TABLES: Mapping[Group, str] = {
    Group.ONLY_IN_SOURCE: "only_in_source",
    Group.SUSPECT_MATCHES: "suspect_matches",
    Group.FIELD_DIFFERENCES: "field_differences",
    Group.DUPLICATES: "duplicates",
    Group.UNMATCHABLE: "unmatchable",
}

SELECTABLE = frozenset({Group.ONLY_IN_SOURCE, Group.SUSPECT_MATCHES})
"""The groups from which records can be chosen for a migration."""


@dataclass(frozen=True, slots=True)
class RowContext:
    """What a row needs beyond its record. `default_region` is the store's country, ISO 3166 alpha-2 or empty."""

    default_region: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a kind's snapshot with its DuckDB type."""

    name: str
    type: str = "VARCHAR"


@dataclass(frozen=True, slots=True)
class Option:
    """A choice for one comparison, named as in the API; `variable` names it in SQL.

    `parse` gets the option's name and the value as it came.
    """

    name: str
    variable: str
    default: SqlValue
    parse: Callable[[str, object], SqlValue]
    help: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A narrowing of a list, named as in the API. `sql` is a condition with one `?`, for which the value stands."""

    name: str
    parse: Callable[[str, object], SqlValue]
    sql: str
    groups: frozenset[Group] = frozenset(Group)


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of the CSV: its heading and the result column that fills it."""

    heading: str
    column: str


@dataclass(frozen=True, slots=True)
class ListedDetails:
    """What a list gets of the details.

    `sql` is a file with one query that gives the list anew: from the table `listed`, its rows as they are, and the
    tables `source_details` and `destination_details`, with `id` and the columns of the details. Run a second time on
    its own result it must change nothing. `wanted` tells by side which rows need details, a condition on the list.
    """

    sql: str
    wanted: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Details:
    """What is fetched for listed records only: columns, how a record fills them, and which lists get them."""

    columns: tuple[Column, ...]
    row: Callable[[Any], Mapping[str, object]]
    lists: Mapping[Group, ListedDetails]


@dataclass(frozen=True, slots=True)
class CompareKind:
    """All that the compare room knows of one kind of record.

    `row` gives one snapshot row, by column name, as JSON values; times are naive UTC. `sorts` maps the API's names to
    SQL expressions over the columns of every group; the first is the default, `default_descending` its direction.
    `searched` are columns that hold folded text, and `fold_search` folds what is searched for in the same way.
    `chart_column` is a timestamp of the group of missing records. `selection_order` is what stands after `order by`
    where selected records are put in the order in which they are to be written; empty where any will do.
    """

    record: RecordKind
    columns: tuple[Column, ...]
    row: Callable[[Any, RowContext], Mapping[str, object]]
    sql: Traversable
    steps: tuple[str, ...]
    groups: tuple[Group, ...]
    sorts: Mapping[str, str]
    searched: tuple[str, ...]
    fold_search: Callable[[str], str]
    exports: Mapping[Group, tuple[ExportColumn, ...]]
    options: tuple[Option, ...] = ()
    filters: tuple[Filter, ...] = ()
    figures: tuple[str, ...] = ()
    default_descending: bool = False
    chart_column: str | None = None
    selection_order: str = ""
    details: Details | None = None

    @property
    def selectable(self) -> tuple[Group, ...]:
        """The lists from which records can be chosen for a migration; the others are reports."""
        return tuple(group for group in self.groups if group in SELECTABLE)

    @property
    def default_sort(self) -> str:
        """The sort of a list for which none is asked."""
        return next(iter(self.sorts))

    def parse_options(self, given: Mapping[str, object]) -> Mapping[str, SqlValue]:
        """Read options as they come in a request, by the API's names; what is absent or null has its default.

        Raises:
            InvalidRequestError: an option is unknown or its value is not allowed.
        """
        known = {option.name: option for option in self.options}
        for name in given:
            if name not in known:
                raise unknown_name("options", name, sorted(known))
        return {
            name: option.default if given.get(name) is None else option.parse(f"options.{name}", given[name])
            for name, option in known.items()
        }


def unknown_name(field: str, name: str, allowed: Sequence[str]) -> InvalidRequestError:
    """Make the error for a name that is none of those allowed within `field`."""
    return InvalidRequestError(
        "unknown_name",
        f"“{name[:80]}” is not known here; write one of the allowed names.",
        field=field,
        allowed=", ".join(allowed) or "nothing",
    )


def as_sql_time(moment: datetime | None) -> str | None:
    """Write a naive or UTC time in the form that a TIMESTAMP column reads."""
    return None if moment is None else moment.replace(tzinfo=None).isoformat()
