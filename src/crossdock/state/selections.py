"""Selections: which rows of a comparison's list a person has chosen, while pages come and go.

Owns their tables. A selection is either single rows, or all that a filter leaves with single rows as exceptions. It
must not know what a filter says nor which rows it leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, Connection, ForeignKey, Table, delete, func, select

from crossdock.domain.errors import InvalidRequestError
from crossdock.state.database import Database
from crossdock.state.schema import JsonValue, Moment, StoreText, metadata, storable
from crossdock.state.upserts import insert_or_replace

MAX_MARKS = 10_000
"""How many rows may be chosen or left out one by one."""
_CHUNK = 500

selections = Table(
    "selections",
    metadata,
    Column("run_id", StoreText, ForeignKey("runs.id"), primary_key=True),
    Column("list", StoreText, primary_key=True),
    Column("is_all", Boolean, nullable=False),
    Column("where", JsonValue, nullable=False),
    Column("search", StoreText, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

selection_marks = Table(
    "selection_marks",
    metadata,
    Column("run_id", StoreText, ForeignKey("runs.id"), primary_key=True),
    Column("list", StoreText, primary_key=True),
    Column("source_id", StoreText, primary_key=True),
    Column("label", StoreText, nullable=False),
    Column("is_chosen", Boolean, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Selection:
    """What is chosen of one list: nothing or, with `is_all`, what `where` and `search` leave, and the marks upon it.

    `added` and `left_out` count the rows that are marked as chosen and as not chosen.
    """

    is_all: bool = False
    where: Mapping[str, Any] = field(default_factory=dict[str, Any])
    search: str = ""
    added: int = 0
    left_out: int = 0


class Selections:
    """All selections of a database; `name` is the list's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, run_id: str, name: str) -> Selection:
        """Look a selection up; nothing is chosen where none was kept."""
        of_list = selections.c.run_id == run_id, selections.c.list == name
        with self._database.read() as connection:
            row = connection.execute(select(selections).where(*of_list)).mappings().one_or_none()
            counted = select(selection_marks.c.is_chosen, func.count().label("number")).where(_marks_of(run_id, name))
            found = connection.execute(counted.group_by(selection_marks.c.is_chosen)).mappings()
            marks: dict[bool, int] = {bool(mark["is_chosen"]): mark["number"] for mark in found}
        added, left_out = marks.get(True, 0), marks.get(False, 0)
        if row is None:
            return Selection(added=added, left_out=left_out)
        return Selection(row["is_all"], row["where"], row["search"], added, left_out)

    def replace(
        self, run_id: str, name: str, *, is_all: bool, where: Mapping[str, Any] | None = None, search: str = ""
    ) -> None:
        """Choose what a filter leaves, or nothing, in place of what was chosen; all marks are dropped."""
        with self._database.write() as connection:
            self._lock(connection, run_id, name)
            connection.execute(delete(selection_marks).where(_marks_of(run_id, name)))
            row = {"run_id": run_id, "list": name, "is_all": is_all, "where": dict(where or {}), "search": search}
            changed_at = self._database.now(connection)
            connection.execute(insert_or_replace(connection, selections), {**row, "changed_at": changed_at})

    def mark(self, run_id: str, name: str, rows: Mapping[str, str], *, is_chosen: bool) -> None:
        """Mark rows, by source id with their labels; an earlier mark of a row is replaced.

        Raises:
            InvalidRequestError: `selection_too_long`, there would be more than `MAX_MARKS`; nothing is changed.
        """
        if not rows:
            return
        with self._database.write() as connection:
            self._lock(connection, run_id, name)
            values = [
                {"run_id": run_id, "list": name, "source_id": source_id, "label": label, "is_chosen": is_chosen}
                for source_id, label in rows.items()
            ]
            connection.execute(insert_or_replace(connection, selection_marks), values)
            counted = select(func.count()).select_from(selection_marks).where(_marks_of(run_id, name))
            if connection.execute(counted).scalar_one() > MAX_MARKS:
                raise InvalidRequestError(
                    "selection_too_long",
                    f"More than {MAX_MARKS:,} rows are ticked one by one. Filter the list and select all of it.",
                    field="chosen",
                    allowed=f"at most {MAX_MARKS} rows",
                )

    def unmark(self, run_id: str, name: str, ids: Sequence[str]) -> None:
        """Drop the marks of rows, so that the filter alone decides."""
        with self._database.write() as connection:
            self._lock(connection, run_id, name)
            for some in _chunks(ids):
                connection.execute(delete(selection_marks).where(_marks_of(run_id, name, some)))

    def marks(self, run_id: str, name: str, ids: Sequence[str]) -> Mapping[str, bool]:
        """Tell which of these rows are marked, and as what."""
        found: dict[str, bool] = {}
        with self._database.read() as connection:
            for some in _chunks(ids):
                columns = selection_marks.c.source_id, selection_marks.c.is_chosen
                rows = connection.execute(select(*columns).where(_marks_of(run_id, name, some))).mappings()
                found |= {row["source_id"]: bool(row["is_chosen"]) for row in rows}
        return found

    def marked(self, run_id: str, name: str, *, is_chosen: bool, limit: int = MAX_MARKS) -> Mapping[str, str]:
        """Give the first rows that are marked so, by source id with their labels."""
        statement = (
            select(selection_marks.c.source_id, selection_marks.c.label)
            .where(_marks_of(run_id, name), selection_marks.c.is_chosen.is_(is_chosen))
            .order_by(selection_marks.c.source_id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return {row["source_id"]: row["label"] for row in connection.execute(statement).mappings()}

    def _lock(self, connection: Connection, run_id: str, name: str) -> None:
        self._database.serialize(connection, f"selections:{run_id}:{name}")


def _marks_of(run_id: str, name: str, ids: Sequence[str] | None = None) -> ColumnElement[bool]:
    condition = (selection_marks.c.run_id == run_id) & (selection_marks.c.list == name)
    return condition if ids is None else condition & selection_marks.c.source_id.in_(ids)


def _chunks(ids: Sequence[str]) -> list[list[str]]:
    kept = [storable(one) for one in ids]
    return [kept[start : start + _CHUNK] for start in range(0, len(kept), _CHUNK)]
