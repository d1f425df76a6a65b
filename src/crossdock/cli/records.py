"""Comparing and syncing on the command line, for any kind: start, watch, print.

Owns the order of these steps and the exit codes of their outcomes. The commands of a kind read its options and call
these.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from crossdock.bootstrap import Services
from crossdock.cli import output
from crossdock.cli.contract import CONTRACTS, run_body
from crossdock.cli.exits import ExitCode, complain
from crossdock.cli.progress import watch
from crossdock.cli.text import printable
from crossdock.domain.difference import Group
from crossdock.domain.kinds import RecordKind
from crossdock.jobs.requests import CompareRequest, SelectAll, SelectedItem, SyncRequest
from crossdock.state import Run, RunState, RunType


@dataclass(frozen=True, slots=True)
class Direction:
    """Which pair, and which of its stores is the source."""

    pair: str
    source_platform: str


async def compare(services: Services, kind: RecordKind, direction: Direction, options: Mapping[str, object]) -> Run:
    """Compare both stores and give the run once it rests."""
    request = CompareRequest(kind.name, direction.source_platform, direction.pair, options)
    return await watch(services, await services.runs.start_compare(request))


async def sync(
    services: Services,
    kind: RecordKind,
    direction: Direction,
    selection: tuple[SelectedItem, ...] | SelectAll,
    *,
    is_dry_run: bool = False,
) -> Run:
    """Migrate the selected records and give the run once it rests."""
    request = SyncRequest(kind.name, direction.source_platform, selection, pair=direction.pair, is_dry_run=is_dry_run)
    return await watch(services, await services.runs.start_sync(request))


async def show(services: Services, run: Run, *, as_json: bool) -> ExitCode:
    """Print what a run came to, and give the exit code that tells it."""
    contract = CONTRACTS.get(run.kind)
    is_whole = run.state is RunState.DONE or (run.state is RunState.CANCELLED and run.type is RunType.SYNC)
    if contract is None or not is_whole or run.type is RunType.UNDO:
        if as_json:
            output.print_json(run_body(run))
        else:
            output.print_figures(run_body(run), title=f"Run {run.id}")
    elif run.type is RunType.COMPARE and as_json:
        await output.print_comparison_json(services, run, contract)
    elif run.type is RunType.COMPARE:
        await _print_comparison(services, run)
    elif as_json:
        await output.print_sync_json(services, run, contract)
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


async def _print_comparison(services: Services, run: Run) -> None:
    output.print_figures(run.summary, title=f"Comparison {run.id}")
    rows, total = await services.runs.differences(run.id, Group.ONLY_IN_SOURCE, limit=output.SHOWN_ROWS)
    if rows:
        shown = [(row["label"], row["source_id"], row["created_at"] or "") for row in rows]
        output.print_table(("Record", "Source id", "Created"), shown, title=f"Only in source: {len(rows)} of {total}")
    if total > len(rows):
        output.print_line(f"All of them: crossdock export {run.id}")


async def _print_sync(services: Services, run: Run) -> None:
    output.print_figures(run.summary, title=f"Sync {run.id}")
    rows, total = await services.runs.results(run.id, limit=output.SHOWN_ROWS, failed_only=True)
    if rows:
        shown = [(row.label, row.source_id, row.code, row.error) for row in rows]
        title = f"Failed: {len(rows)} of {total}"
        output.print_table(("Record", "Source id", "Code", "What is wrong"), shown, title=title)
    if total > len(rows):
        output.print_line(f"All of them: crossdock export {printable(run.id)} --results")
