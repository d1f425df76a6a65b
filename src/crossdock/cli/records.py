"""Comparing and syncing on the command line, for any kind: start, watch, print.

Owns the order of these steps and the exit codes of their outcomes. The commands of a kind read its options and call
these.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from crossdock.bootstrap import Services
from crossdock.cli import output
from crossdock.cli.accounts import print_accounts
from crossdock.cli.exits import ExitCode, complain
from crossdock.cli.figures import figure_rows, headline
from crossdock.cli.kinds import VIEWS, KindView
from crossdock.cli.progress import watch
from crossdock.cli.tables import Column, print_table
from crossdock.cli.text import printable
from crossdock.domain.difference import Group
from crossdock.domain.kinds import RecordKind
from crossdock.jobs.bodies.runs import run_body
from crossdock.jobs.lease import WAITING, waits_for_worker
from crossdock.jobs.requests import CompareRequest, SelectAll, SelectedItem, SyncRequest
from crossdock.state import Run, RunState, RunType, WorkRow

_FIGURES = (Column("Figure", is_whole=True), Column("Count", is_number=True))
_FAILED = (Column("Failed", is_whole=True), Column("Code", is_whole=True), Column("Record"))


@dataclass(frozen=True, slots=True)
class Direction:
    """Which pair, and which of its stores is the source."""

    pair: str
    source_platform: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a sync is to do: with which records, by which of the kind's options."""

    selection: tuple[SelectedItem, ...] | SelectAll
    options: Mapping[str, object] = field(default_factory=dict[str, object])
    is_dry_run: bool = False
    counts_only: bool = False


async def compare(services: Services, kind: RecordKind, direction: Direction, options: Mapping[str, object]) -> Run:
    """Compare both stores and give the run once it rests."""
    request = CompareRequest(kind.name, direction.source_platform, direction.pair, options)
    return await watch(services, await services.runs.start_compare(request))


async def sync(services: Services, kind: RecordKind, direction: Direction, wanted: Wanted) -> Run:
    """Migrate the selected records and give the run once it rests."""
    request = SyncRequest(
        kind.name,
        direction.source_platform,
        wanted.selection,
        pair=direction.pair,
        options=wanted.options,
        is_dry_run=wanted.is_dry_run,
        counts_only=wanted.counts_only,
    )
    return await watch(services, await services.runs.start_sync(request))


async def show(services: Services, run: Run, *, as_json: bool) -> ExitCode:
    """Print what a run came to, and give the exit code that tells it."""
    view = VIEWS.get(run.kind)
    is_whole = run.state is RunState.DONE or (run.state is RunState.CANCELLED and run.type is RunType.SYNC)
    if view is None or not is_whole or run.type is RunType.UNDO:
        if as_json:
            output.print_json(run_body(run))
        else:
            _print_run(services, run)
    elif run.type is RunType.COMPARE and as_json:
        await output.print_comparison_json(services, run, view)
    elif run.type is RunType.COMPARE:
        await _print_comparison(services, run, view)
    elif as_json:
        await output.print_sync_json(services, run, view.bodies)
    else:
        await _print_sync(services, run)
    return verdict(run)


def verdict(run: Run) -> ExitCode:
    """Give the exit code of a run that rests, and say on standard error why it failed."""
    if run.state is RunState.FAILED:
        complain(run.error_message, run.error_code)
        return ExitCode.BUG if run.error_code == "internal_error" else ExitCode.STORE_REFUSED
    if run.summary.get("failed") or run.state is RunState.CANCELLED:
        return ExitCode.RECORDS_FAILED
    return ExitCode.DONE


def _shown(value: object) -> object:
    return f"{value:%Y-%m-%d}" if isinstance(value, datetime) else value


def _print_run(services: Services, run: Run) -> None:
    rows: list[tuple[object, ...]] = [
        ("Run", run.id),
        ("What", headline(services, run)),
        ("State", run.state),
        *figure_rows(run.summary),
    ]
    if run.error_code:
        rows.append(("What is wrong", f"{run.error_message} [{run.error_code}]"))
    if waits_for_worker(run, datetime.now(UTC)):
        rows.append(("What is wrong", f"{WAITING['message']} [{WAITING['code']}]"))
    print_table((Column("", is_whole=True), Column("")), rows)


async def _print_comparison(services: Services, run: Run, view: KindView) -> None:
    output.print_line(f"{headline(services, run)}\nrun {run.id}")
    print_table(_FIGURES, figure_rows(run.summary))
    rows, total = await services.runs.differences(run.id, Group.ONLY_IN_SOURCE, limit=output.SHOWN_ROWS)
    if rows:
        shown = [[_shown(row[name]) for _, name in view.columns] for row in rows]
        output.print_line("")
        print_table([column for column, _ in view.columns], shown, title=f"Only in source, {len(rows)} of {total}:")
    if total > len(rows):
        output.print_line(f"All of them: crossdock export {run.id}")


async def _print_sync(services: Services, run: Run) -> None:
    output.print_line(f"{headline(services, run)}\nrun {run.id}")
    print_table(_FIGURES, figure_rows(run.summary))
    print_accounts(run.summary)
    failed = [row async for rows in services.runs.stream_results(run.id) for row in rows if row.code]
    if failed:
        output.print_line("")
    for line in failure_lines(failed):
        output.print_line(line)
    if failed:
        output.print_line("")
        print_table(_FAILED, [(row.source_id, row.code, row.label) for row in failed[: output.SHOWN_ROWS]])
    if len(failed) > output.SHOWN_ROWS:
        output.print_line(f"All {len(failed)} of them: crossdock export {printable(run.id)} --results")


def failure_lines(failed: Sequence[WorkRow]) -> list[str]:
    """Say for each code how many failed by it, and what to do."""
    counts = Counter(row.code for row in failed)
    sentences = {row.code: row.error for row in reversed(failed)}
    return [f"{count}: {printable(sentences[code])} [{printable(code)}]" for code, count in counts.most_common()]
