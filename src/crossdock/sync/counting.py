"""Counting: a dry run of which only the sums are asked, whatever the number of records.

Owns the sums: what would be lost and what can't be created, by code, with the number of records that have it. It
remembers no record, so that its memory and the state stay as small as they are; whoever goes on begins anew.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from crossdock.domain.plan import Level, Reason
from crossdock.state import Lease, State, WorkCounts, WorkItem, WorkOutcome, WorkResult, WorkRow
from crossdock.sync.journal import Journal, Tally


@dataclass(slots=True)
class _Told:
    """How many records told a reason, and its sentence in the first of them."""

    code: str
    level: str
    message: str
    count: int = 0


@dataclass(slots=True)
class ReasonTally:
    """Counts the records that tell a reason, by its code."""

    _told: dict[str, _Told] = field(default_factory=dict[str, _Told])

    def add(self, reasons: Sequence[Reason]) -> None:
        """Count one record's reasons, each code once."""
        for code, reason in {reason.code: reason for reason in reasons}.items():
            self._told.setdefault(code, _Told(code, reason.level.value, reason.message)).count += 1

    def to_json(self) -> list[dict[str, Any]]:
        """Give `code`, `level`, `message` and `count` of each reason, the most frequent first."""
        return [asdict(reason) for reason in sorted(self._told.values(), key=lambda one: (-one.count, one.code))]


class CountingJournal(Journal):
    """Hands out the records of a selection and keeps sums of what becomes of them. `items` lists them anew each time.

    The ledger is read as in any run.
    """

    def __init__(
        self,
        state: State,
        lease: Lease,
        stores: tuple[str, str],
        kind: str,
        items: Callable[[], Iterator[WorkItem]],
    ) -> None:
        super().__init__(state, lease, stores, kind, tally=Tally())
        self._items = items
        self._left = iter(())
        self._losses, self._failures = ReasonTally(), ReasonTally()

    async def load_counts(self) -> WorkCounts:
        """Count the records and begin with the first of them."""
        total = await asyncio.to_thread(lambda: sum(1 for _ in self._items()))
        self._tally.counts = WorkCounts(total=total, pending=total)
        self._left = enumerate(self._items())
        self._losses, self._failures = ReasonTally(), ReasonTally()
        return self.counts

    async def next_items(self, *, after: int, limit: int) -> Sequence[WorkRow]:
        """Give the next records; each comes once, in order."""
        rows = await asyncio.to_thread(lambda: list(islice(self._left, limit)))
        return [_row(position, item) for position, item in rows if position > after]

    async def record(self, results: Sequence[WorkResult]) -> None:
        """Add to the sums what would become of records."""
        self.tally(results)
        for result in results:
            self._losses.add(result.warnings)
            if result.outcome is WorkOutcome.FAILED:
                self._failures.add([Reason(result.code, Level.BLOCKER, result.error)])

    def sums(self) -> dict[str, Any]:
        """Give the `losses` and the `failures` so far, by code."""
        return {"losses": self._losses.to_json(), "failures": self._failures.to_json()}


def _row(position: int, item: WorkItem) -> WorkRow:
    nothing = WorkOutcome.PENDING, "", "", "", (), None
    return WorkRow(position, item.source_id, item.label, item.expected, *nothing)
