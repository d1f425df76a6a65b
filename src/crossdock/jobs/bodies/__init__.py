"""The contract's bodies as JSON values: what a row, a result and a run are called, for web and command line alike.

Owns how rows of a comparison and of a worklist become objects, and the description from which schemas are made. It must
not know any particular kind: each brings its `RecordBodies`. Nor does it know HTTP or a terminal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from crossdock.domain.difference import Group
from crossdock.domain.kinds import RecordKind
from crossdock.state import WorkOutcome, WorkRow

Row = Mapping[str, Any]
Body = dict[str, Any]

LISTS: Mapping[str, Group] = {
    "differences": Group.ONLY_IN_SOURCE,
    "suspectMatches": Group.SUSPECT_MATCHES,
    "fieldDifferences": Group.FIELD_DIFFERENCES,
    "duplicates": Group.DUPLICATES,
    "unmatchable": Group.UNMATCHABLE,
}
"""The lists of a comparison's body, in its order."""

SIDES = ("source", "destination")


class Unknown(StrEnum):
    """What stands for a value that is not known: the empty string, null, or nothing at all."""

    EMPTY = "empty"
    NULL = "null"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a row's object, and the result column that fills it. `value_type` is for its schema."""

    name: str
    column: str
    unknown: Unknown = Unknown.LEFT_OUT
    value_type: type[str] | type[int] | type[datetime] = str
    help: str = ""


@dataclass(frozen=True, slots=True)
class ListBody:
    """How the rows of one list are written.

    `name` and `help` are those of its schema, `fixed` are members with the same value in every row. `shows_fields`: the
    rows name the fields that differ, with what both sides show for them; `shown` are shown of both sides in any case.
    """

    name: str
    help: str
    members: tuple[Member, ...]
    fixed: Mapping[str, bool] = field(default_factory=dict[str, bool])
    shows_fields: bool = False
    shown: tuple[str, ...] = ()

    def write(self, row: Row) -> Body:
        """Write one row."""
        body: Body = {}
        for member in self.members:
            value = row[member.column]
            if value is not None and value != "":
                body[member.name] = write_moment(value) if isinstance(value, datetime) else value
            elif member.unknown is not Unknown.LEFT_OUT:
                body[member.name] = "" if member.unknown is Unknown.EMPTY else None
        body |= self.fixed
        if self.shows_fields:
            body["fields"] = [camel(name) for name in row["fields"]]
        if self.shows_fields or self.shown:
            columns = dict.fromkeys((*self.shown, *(row["fields"] if self.shows_fields else ())))
            for side in SIDES:
                body[side] = {camel(name): _text(row[f"{side}_{name}"]) for name in columns}
        return body


@dataclass(frozen=True, slots=True)
class RecordBodies:
    """How one kind's rows and results are written.

    `expected` is the member by which callers name a record beside its id, `expected_of` reads it from a result;
    `expected_heading` is its column in a file.
    """

    kind: RecordKind
    lists: Mapping[Group, ListBody]
    expected: str
    expected_of: Callable[[WorkRow], str]
    expected_heading: str

    @property
    def source_id(self) -> str:
        """The member that holds a record's id in the source: `sourceCustomerId`."""
        return source_id_member(self.kind)

    @property
    def new_id(self) -> str:
        """The member that holds the id of what a sync created: `newCustomerId`."""
        return f"new{_one(self.kind)}Id"

    def difference(self, group: Group, row: Row, source: str, destination: str) -> Body:
        """Write one row of a comparison between two platforms."""
        return {**self.lists[group].write(row), "sourcePlatform": source, "destinationPlatform": destination}

    def result(self, row: WorkRow) -> Body:
        """Write what became of one record."""
        body: Body = {
            self.expected: self.expected_of(row),
            self.source_id: row.source_id,
            "success": row.is_success,
        }
        optional: Body = {
            self.new_id: row.destination_id,
            "alreadyThere": row.outcome is WorkOutcome.ALREADY_THERE,
            "code": row.code,
            "error": row.error,
            "warnings": [reason.message for reason in row.warnings],
            "payload": dict(row.payload) if row.payload else None,
        }
        return body | {name: value for name, value in optional.items() if value}

    def result_columns(self) -> Mapping[str, str]:
        """Give the members of a result that a file has, with their headings."""
        return {
            self.expected: self.expected_heading,
            self.source_id: "Source id",
            self.new_id: "New id",
            "success": "Success",
            "alreadyThere": "Already there",
            "code": "Code",
            "error": "Error",
            "warnings": "Warnings",
        }


def source_id_member(kind: RecordKind) -> str:
    """Name the member that holds a record's id in the source: `sourceCustomerId`."""
    return f"source{_one(kind)}Id"


def destination_id_member(kind: RecordKind) -> str:
    """Name the member that holds a record's id in the destination: `destinationCustomerId`."""
    return f"destination{_one(kind)}Id"


def camel(name: str) -> str:
    """Write a column's name as the contract writes names."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def write_moment(moment: datetime) -> str:
    """Write a time as RFC 3339 in UTC; result files hold naive UTC, since their readers give no zone."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.isoformat().replace("+00:00", "Z")


def _one(kind: RecordKind) -> str:
    return kind.name.capitalize()


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return write_moment(value)
    return "" if value is None else str(value)
