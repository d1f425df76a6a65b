"""Keeps records by number, in every sort order that was asked for, and as the lagging search index sees them.

Must not know what a record is: how to number and how to sort it is given. Sort orders are kept up to date and never
built again.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Row = TypeVar("Row")
SortKey = tuple[object, int]


def format_sortable(moment: datetime) -> str:
    """Write a time so that texts sort as times do; every time of a store is in UTC."""
    return moment.isoformat()


class RecordTable(Generic[Row]):
    """The records of one kind."""

    def __init__(self, number_of: Callable[[Row], int], sorts: Mapping[str, Callable[[Row], str]]) -> None:
        self._number_of = number_of
        self._sorts = sorts
        self._by_number: dict[int, Row] = {}
        self._numbers: list[SortKey] = []
        self._orders: dict[str, list[SortKey]] = {}
        self._behind: dict[int, tuple[datetime, Row | None]] = {}

    def __len__(self) -> int:
        return len(self._by_number)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._by_number.values())

    def get(self, number: int | None) -> Row | None:
        """Find a record by number."""
        return None if number is None else self._by_number.get(number)

    def put(self, row: Row, now: datetime, lag: timedelta = timedelta()) -> None:
        """Add or replace a record; for the time of the lag a search still sees what was there before."""
        number = self._number_of(row)
        before = self._by_number.get(number)
        if lag:
            earlier = self._behind.get(number)
            # A second write while the first is not indexed: the index still shows what was there before both.
            stale = earlier[1] if earlier is not None and now < earlier[0] else before
            self._behind[number] = (now + lag, stale)
        if before is None:
            insort(self._numbers, (number, number))
        else:
            self._drop_keys(before)
        self._by_number[number] = row
        self._add_keys(row)
        for name, order in self._orders.items():
            self._move(order, self._sorts[name], before, row)

    def remove(self, number: int) -> None:
        """Delete a record; every search misses it at once, since a result is read from the store."""
        before = self._by_number.pop(number)
        self._drop_keys(before)
        del self._numbers[bisect_left(self._numbers, (number, number))]
        self._behind.pop(number, None)
        for name, order in self._orders.items():
            self._move(order, self._sorts[name], before, None)

    def order(self, sort_key: str) -> list[SortKey]:
        """List (sort value, number) of every record in ascending order; sorted by id, both are the number."""
        compute = self._sorts.get(sort_key)
        if compute is None:
            return self._numbers
        known = self._orders.get(sort_key)
        if known is None:
            number_of = self._number_of
            built: list[tuple[str, int]] = sorted((compute(row), number_of(row)) for row in self)
            known = self._orders[sort_key] = list[SortKey](built)
        return known

    def indexed(self, row: Row, now: datetime) -> Row | None:
        """Answer a record as the search index knows it now: maybe an earlier state, or None when not yet indexed."""
        if not self._behind:
            return row
        number = self._number_of(row)
        behind = self._behind.get(number)
        if behind is None:
            return row
        if now >= behind[0]:
            del self._behind[number]
            return row
        return behind[1]

    def _move(self, order: list[SortKey], compute: Callable[[Row], str], before: Row | None, after: Row | None) -> None:
        old = None if before is None else (compute(before), self._number_of(before))
        new = None if after is None else (compute(after), self._number_of(after))
        if old == new:
            return
        if old is not None:
            del order[bisect_left(order, old)]
        if new is not None:
            insort(order, new)

    def _add_keys(self, row: Row) -> None:
        """Note the unique values of a record, where its kind has any."""

    def _drop_keys(self, row: Row) -> None:
        """Forget the unique values of a record, where its kind has any."""
