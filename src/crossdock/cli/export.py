"""`crossdock export`: the lists of a run as CSV, streamed and safe to open in a spreadsheet."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import typer

from crossdock.bootstrap import Services
from crossdock.cli.choices import Order, RunId, named_values
from crossdock.cli.exits import ExitCode
from crossdock.cli.kinds import VIEWS
from crossdock.cli.session import perform
from crossdock.domain.difference import Group
from crossdock.domain.errors import InvalidRequestError
from crossdock.jobs.bodies.runs import results_csv
from crossdock.state import Run


def export(
    *,
    run_id: RunId,
    group: Annotated[Group, typer.Option("--group", help="Which list of a comparison.")] = Group.ONLY_IN_SOURCE,
    results: Annotated[bool, typer.Option("--results", help="What became of each record of a sync.")] = False,
    search: Annotated[str, typer.Option("--search", help="Only rows with this in e-mail, name or number.")] = "",
    where: Annotated[
        list[str] | None, typer.Option("--where", help="NAME=VALUE of a filter, such as hasPhone=true; repeatable.")
    ] = None,
    sort: Annotated[
        str | None, typer.Option("--sort", help="By createdAt, email or another of the kind's columns.")
    ] = None,
    direction: Annotated[Order | None, typer.Option("--direction", help="Which end comes first.")] = None,
    target: Annotated[
        Path | None, typer.Option("--output", dir_okay=False, writable=True, help="File; else standard output.")
    ] = None,
) -> None:
    """Write the list of a comparison or of a sync as CSV."""
    narrowed = named_values(where or [], "--where")
    if results and (narrowed or search or sort or direction):
        raise typer.BadParameter("--results are exported whole, in their own order")

    async def work(services: Services) -> ExitCode:
        if results:
            chunks = _results(services, await services.runs.get(run_id))
        else:
            descending = None if direction is None else direction is Order.DESCENDING
            chunks = services.runs.differences_csv(
                run_id, group, sort=sort, descending=descending, search=search, where=narrowed
            )
        # The first chunk is there before a file is made: a wrong request leaves none behind.
        first = await anext(chunks, b"")
        stream = sys.stdout.buffer if target is None else target.open("wb")
        try:
            stream.write(first)
            async for chunk in chunks:
                stream.write(chunk)
            stream.flush()
        finally:
            if target is not None:
                stream.close()
        return ExitCode.DONE

    perform(work)


def _results(services: Services, run: Run) -> AsyncIterator[bytes]:
    view = VIEWS.get(run.kind)
    if view is None:
        raise InvalidRequestError("kind_unknown", "Runs of this kind can't be exported.", field="run")
    return results_csv(services.runs.stream_results(run.id), view.bodies)
