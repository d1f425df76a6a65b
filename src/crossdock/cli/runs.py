"""`crossdock runs …`: runs listed, shown, paused, resumed, cancelled, retried, undone."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from crossdock.bootstrap import Services
from crossdock.cli import output, records
from crossdock.cli.choices import AsJson, RunId
from crossdock.cli.exits import ExitCode
from crossdock.cli.progress import watch
from crossdock.cli.session import perform
from crossdock.cli.tables import Column, print_table
from crossdock.jobs.bodies.runs import run_body
from crossdock.state import Run, RunFilter

_RUNS = (
    Column("Run", is_whole=True),
    Column("What"),
    Column("State", is_whole=True),
    Column("Begun (UTC)", is_whole=True),
    Column("Source", is_whole=True, from_width=96),
    Column("Pair", from_width=110),
)

Act = Callable[[Services], Awaitable[Run]]


def list_runs(
    pair: Annotated[str, typer.Option("--pair", help="Only of this pair.")] = "",
    state: Annotated[str, typer.Option("--state", help="Only in this state.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help="How many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first."""

    async def work(services: Services) -> ExitCode:
        found, total = await services.runs.list(RunFilter(pair=pair, state=state), limit=limit)
        if as_json:
            shown = [run_body(run) for run in found]
            output.print_json({"runs": shown, "total": total, "page": 1, "pageSize": limit})
        else:
            rows = [
                (
                    run.id,
                    f"{run.type} {run.kind}",
                    run.state,
                    f"{run.created_at:%Y-%m-%d %H:%M}",
                    run.source_platform,
                    run.pair,
                )
                for run in found
            ]
            print_table(_RUNS, rows)
            if total > len(found):
                output.print_line(f"The newest {len(found)} of {total}: --limit shows more.")
        return ExitCode.DONE

    perform(work)


def show(run_id: RunId, as_json: AsJson = False) -> None:
    """Show a run and what it came to."""

    async def work(services: Services) -> ExitCode:
        return await records.show(services, await services.runs.get(run_id), as_json=as_json)

    perform(work)


def pause(run_id: RunId, as_json: AsJson = False) -> None:
    """Stop a run after the records in hand, to be resumed."""
    _steer(lambda services: services.runs.pause(run_id), as_json=as_json)


def cancel(run_id: RunId, as_json: AsJson = False) -> None:
    """Stop a run after the records in hand, for good."""
    _steer(lambda services: services.runs.cancel(run_id), as_json=as_json, is_watched=True)


def resume(run_id: RunId, as_json: AsJson = False) -> None:
    """Let a run go on at its first unfinished step, and watch it."""
    _steer(lambda services: services.runs.resume(run_id), as_json=as_json, is_watched=True)


def retry_failed(run_id: RunId, as_json: AsJson = False) -> None:
    """Try the failed records of a sync again, in a new run."""
    _steer(lambda services: services.runs.retry_failed(run_id), as_json=as_json, is_watched=True)


def undo(run_id: RunId, as_json: AsJson = False) -> None:
    """Delete what a sync created, and only that."""
    _steer(lambda services: services.runs.undo(run_id), as_json=as_json, is_watched=True)


def _steer(act: Act, *, as_json: bool, is_watched: bool = False) -> None:
    async def work(services: Services) -> ExitCode:
        run = await act(services)
        if is_watched:
            # The work is done by this very process, so that it stays until the run rests.
            return await records.show(services, await watch(services, run), as_json=as_json)
        if as_json:
            output.print_json(run_body(run))
        else:
            output.print_line(f"run {run.id}: {run.state}")
        return ExitCode.DONE

    perform(work)
