"""What a record kind brings to its tool page: words, columns, and how a record is laid out field by field.

Owns the shape of that description and how values are written for people. It must not know any kind, nor a page.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import UnknownLocaleError
from babel.numbers import format_currency

from crossdock.domain.difference import Group
from crossdock.domain.kinds import RecordKind

NOTHING = "\N{EN DASH}"
"""What stands where there is no value."""

_LONGEST = 1_000
_AFTER_CODE = re.compile(r"(?<=[A-Z]{3})\s?(?=\d)")
"""Between a currency's code and its amount, where it has no symbol."""

GROUP_TITLES: Mapping[Group, str] = {
    Group.ONLY_IN_SOURCE: "Only in source",
    Group.SUSPECT_MATCHES: "Suspect matches",
    Group.FIELD_DIFFERENCES: "Different",
    Group.DUPLICATES: "Duplicates",
    Group.UNMATCHABLE: "Not migratable",
}
"""The tabs of a result, in their order."""

REASONS: Mapping[str, str] = {
    "no usable key": "Nothing identifies it: no e-mail, no number, no name with telephone",
    "ambiguous candidates": "Several records of the other store could be it",
}
"""Why a record can't be migrated, by the reason's words."""


@dataclass(frozen=True, slots=True)
class Formats:
    """How values are written: times in the source store's zone, money with its symbol."""

    zone: tzinfo = UTC
    zone_name: str = "UTC"

    @classmethod
    def of_zone(cls, name: str) -> "Formats":
        """Read an IANA name or a fixed offset such as `+03:00`; what is neither means UTC."""
        try:
            return cls(ZoneInfo(name), name)
        except (ValueError, OSError, KeyError):
            pass
        try:
            offset = datetime.strptime(name, "%z").utcoffset()
        except ValueError:
            offset = None
        return cls() if offset is None else cls(timezone(offset), name)

    def moment(self, value: object) -> str:
        """Write a time: `14 Nov 2026, 09:31`."""
        if not isinstance(value, datetime):
            return NOTHING
        local = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(self.zone)
        return f"{local.day} {local:%b %Y, %H:%M}"


def write_money(amount: object, currency: object) -> str:
    """Write an amount with its symbol and the currency's decimals: `€1,184.90`."""
    try:
        value = Decimal(str(amount))
        text = format_currency(value, str(currency), locale="en") if currency else f"{value:,}"
    except (InvalidOperation, UnknownLocaleError, ValueError):
        return write_text(amount)
    return _AFTER_CODE.sub(" ", text.replace("-", "\N{MINUS SIGN}"))


def write_text(value: object) -> str:
    """Write a store's text, as text; what is longer than anybody reads ends in dots."""
    text = "" if value is None else str(value).strip()
    return (text if len(text) <= _LONGEST else text[:_LONGEST] + "…") or NOTHING


def write_words(value: object) -> str:
    """Write a platform's word as people do: `partially_paid` is `Partially paid`."""
    return write_text(str(value or "").replace("_", " ").capitalize())


def write_count(value: object) -> str:
    """Write a whole number: `1,204`."""
    return f"{value:,}" if isinstance(value, int) else NOTHING


Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list. `sort` is the API's name of its sort; `style` a class of its cells; `is_long` may be cut."""

    heading: str
    cell: Callable[[Row, Formats], str]
    sort: str = ""
    style: str = ""
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class DetailField:
    """A line of the drawer: how a record of either store fills it. `decides`: it tells whether two records are one."""

    label: str
    value: Callable[[Any, Formats], str]
    decides: bool = False
    section: str = ""


@dataclass(frozen=True, slots=True)
class ToolWords:
    """All that a tool page needs of one kind. The first column of a list links to the record."""

    kind: RecordKind
    icon: str
    lead: str
    search_hint: str
    columns: Mapping[Group, Sequence[Column]]
    fields: Sequence[DetailField]
    made: str
    """What a sync makes, in the plural, unless it makes drafts."""
    names: Mapping[str, str]
    """What options, their choices and filters are called where their own names say it badly."""

    @property
    def slug(self) -> str:
        """The page's address without its slash."""
        return f"{self.kind.name}-sync"

    @property
    def title(self) -> str:
        """The page's title: `Order Sync`."""
        return f"{self.kind.name.capitalize()} Sync"


def side_column() -> Column:
    """Say on which side a row of both sides stands."""
    return Column("In", lambda row, _: "Source" if row.get("side") == "source" else "Destination")


def reason_column() -> Column:
    """Say why a record can't be migrated."""
    return Column(
        "Why", lambda row, _: REASONS.get(str(row.get("reason")), write_words(row.get("reason"))), style="wrap"
    )


def same_as_column() -> Column:
    """Name the record that stands for a duplicate."""
    return Column("Same as", lambda row, _: write_text(row.get("representative_id")), style="c-id")


def different_column(labels: Mapping[str, str]) -> Column:
    """Name the fields that differ, with both values, each on a line of its own."""

    def cell(row: Row, formats: Formats) -> str:
        parts: list[str] = []
        for name in row.get("fields") or ():
            values = [row.get(f"{side}_{name}") for side in ("source", "destination")]
            shown = [formats.moment(v) if isinstance(v, datetime) else write_text(v) for v in values]
            parts.append(f"{labels.get(name, name)}: {shown[0]}\N{NO-BREAK SPACE}≠ {shown[1]}")
        return "\n".join(parts) or NOTHING

    return Column("Differs in", cell, style="wrap lines")
