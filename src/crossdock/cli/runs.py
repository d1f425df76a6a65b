"""`crossdock runs …`: runs listed, shown, paused, resumed, cancelled, retried, undone."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from crossdock.bootstrap import Services
from crossdock.cli import output, records
from crossdock.cli.choices import AsJson, RunId
from crossdock.cli.contract import run_body
from crossdock.cli.exits import ExitCode
from crossdock.cli.progress import watch
from crossdock.cli.session import perform
from crossdock.state import Run, RunFilter

app = typer.Typer(no_args_is_help=True, help="Runs: comparisons, syncs and undos, listed and steered.")

Act = Callable[[Services], Awaitable[Run]]


@app.command("list")
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
                    run.type,
                    run.kind,
                    run.pair,
                    run.source_platform,
                    run.state,
                    f"{run.created_at:%Y-%m-%d %H:%M}",
                )
                for run in found
            ]
            output.print_table(("Run", "What", "Kind", "Pair", "Source", "State", "Begun (UTC)"), rows)
        return ExitCode.DONE

    perform(work)


@app.command("show")
def show(run_id: RunId, as_json: AsJson = False) -> None:
    """Show a run and what it came to."""

    async def work(services: Services) -> ExitCode:
        return await records.show(services, await services.runs.get(run_id), as_json=as_json)

    perform(work)


@app.command("pause")
def pause(run_id: RunId, as_json: AsJson = False) -> None:
    """Stop a run after the records in hand, to be resumed."""
    _steer(lambda services: services.runs.pause(run_id), as_json=as_json)


@app.command("cancel")
def cancel(run_id: RunId, as_json: AsJson = False) -> None:
    """Stop a run after the records in hand, for good."""
    _steer(lambda services: services.runs.cancel(run_id), as_json=as_json, is_watched=True)


@app.command("resume")
def resume(run_id: RunId, as_json: AsJson = False) -> None:
    """Let a run go on at its first unfinished step, and watch it."""
    _steer(lambda services: services.runs.resume(run_id), as_json=as_json, is_watched=True)


@app.command("retry-failed")
def retry_failed(run_id: RunId, as_json: AsJson = False) -> None:
    """Try the failed records of a sync again, as a run of their own."""
    _steer(lambda services: services.runs.retry_failed(run_id), as_json=as_json, is_watched=True)


@app.command("undo")
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
