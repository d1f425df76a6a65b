"""One whole migration of every kind in both directions, in the terminal, and the verdict on it.

Owns the order of compare → sync → compare, and what counts as good: whatever is still missing failed with a code, no
customer was mailed, no stock and no money moved. It must not know how the stores were made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from crossdock.bootstrap import Services
from crossdock.cli import output, records
from crossdock.cli.accounts import print_accounts
from crossdock.cli.exits import ExitCode
from crossdock.cli.figures import figure_rows, headline
from crossdock.cli.tables import Column, print_table
from crossdock.domain.difference import Group
from crossdock.domain.errors import StateError
from crossdock.domain.kinds import ORDER, RecordKind
from crossdock.jobs.requests import DEFAULT_PAIR, SelectAll
from crossdock.state import Run, RunState

_FIGURES = (
    Column("Figure", is_whole=True),
    Column("Before", is_number=True, is_whole=True),
    Column("After", is_number=True, is_whole=True),
)
# Drafts hold no date, no number and no payment; a rehearsal shows the migration that holds all of them.
_OPTIONS: Mapping[str, Mapping[str, object]] = {ORDER.name: {"createAs": "order"}}


@dataclass(frozen=True, slots=True)
class Passage:
    """One direction of one kind: what was found, done, and found again.

    `failures` say how many failed by which code; `is_explained` is the verdict.
    """

    kind: RecordKind
    source: str
    title: str
    before: Run
    sync: Run
    after: Run
    failures: Sequence[str]
    is_explained: bool

    def figures(self) -> dict[str, Any]:
        """Give the three summaries as JSON values."""
        return {"before": dict(self.before.summary), "sync": dict(self.sync.summary), "after": dict(self.after.summary)}


@dataclass(frozen=True, slots=True)
class Effects:
    """What the stores say happened beside the records: each of it must be none."""

    mails: int
    stock_changes: int
    money_moved: int

    def any(self) -> bool:
        """Whether anything happened."""
        return bool(self.mails or self.stock_changes or self.money_moved)


async def rehearse(services: Services) -> list[Passage]:
    """Migrate every kind in both directions, kind by kind.

    Raises:
        StateError: a run did not end well.
    """
    names = list(services.platforms)
    return [
        await _migrate(services, kind, source) for kind in services.kinds.values() for source in (names[0], names[1])
    ]


def effects_of(states: Sequence[Mapping[str, Any]]) -> Effects:
    """Read from what sandbox stores tell of themselves what happened to their customers, stock and money."""
    return Effects(
        mails=sum(_mails(state["mails"]) for state in states),
        stock_changes=sum(int(state["stockChanges"]) for state in states),
        money_moved=sum(_moved(state.get("money", 0)) for state in states),
    )


def verdict(are_explained: Iterable[bool], effects: Effects) -> ExitCode:
    """Give the exit code of a rehearsal, of which each passage is explained or not."""
    return ExitCode.DONE if all(are_explained) and not effects.any() else ExitCode.RECORDS_FAILED


def print_rehearsal_json(passages: Sequence[Passage], effects: Effects, destinations: Mapping[str, str]) -> None:
    """Print all figures; `destinations` names the other platform of each source."""
    body: dict[str, Any] = {}
    for passage in passages:
        direction = f"{passage.source}_to_{destinations[passage.source]}"
        body.setdefault(passage.kind.plural, {})[direction] = passage.figures()
    told = {"mails": effects.mails, "stockChanges": effects.stock_changes, "moneyMoved": effects.money_moved}
    output.print_json({**body, **told})


def print_rehearsal(passages: Sequence[Passage], effects: Effects) -> None:
    """Print a table for each passage, its sums, and what happened beside the records."""
    for passage in passages:
        print_table(_FIGURES, figure_rows(passage.before.summary, passage.after.summary), title=passage.title)
        done = passage.sync.summary
        output.print_line(f"Migrated {done['succeeded']} of {done['total']}, {done['failed']} failed.")
        for line in passage.failures:
            output.print_line(f"  {line}")
        print_accounts(done)
        output.print_line("")
    output.print_line(
        f"Mails to customers: {effects.mails}. Stock changes: {effects.stock_changes}. "
        f"Money moved: {effects.money_moved}."
    )


async def _migrate(services: Services, kind: RecordKind, source: str) -> Passage:
    direction = records.Direction(DEFAULT_PAIR, source)
    before = _done(await records.compare(services, kind, direction, {}))
    wanted = records.Wanted(SelectAll(before.id), _OPTIONS.get(kind.name, {}))
    sync = _done(await records.sync(services, kind, direction, wanted))
    after = _done(await records.compare(services, kind, direction, {}))
    failed = [row async for rows in services.runs.stream_results(sync.id) for row in rows if row.code]
    ids = {row.source_id for row in failed}
    missing = services.runs.stream_differences(after.id, Group.ONLY_IN_SOURCE)
    return Passage(
        kind=kind,
        source=source,
        title=headline(services, sync),
        before=before,
        sync=sync,
        after=after,
        failures=records.failure_lines(failed),
        # Each record that is still missing must be one that failed with a code.
        is_explained=all([row["source_id"] in ids async for rows in missing for row in rows]),
    )


def _done(run: Run) -> Run:
    if run.state is not RunState.DONE:
        raise StateError(run.error_code or "demo_failed", run.error_message or f"The run {run.id} did not end well.")
    return run


def _mails(told: object) -> int:
    """Count mails that were sent; a store that also keeps other counts of mails names these `sent`."""
    if isinstance(told, Mapping):
        return sum(cast("Mapping[str, Mapping[str, int]]", told)["sent"].values())
    return int(str(told))


def _moved(told: object) -> int:
    """Count the gateways through which money moved; a store may tell one sum for all of them."""
    sums = cast("Mapping[str, object]", told).values() if isinstance(told, Mapping) else [told]
    return sum(1 for amount in sums if Decimal(str(amount)))
