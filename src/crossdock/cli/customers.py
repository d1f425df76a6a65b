"""`crossdock compare customers` and `crossdock sync customers`: their options, read into requests."""

import csv
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from crossdock.bootstrap import Services
from crossdock.cli import output, records
from crossdock.cli.choices import AsJson, PairName, SourceOfTruth
from crossdock.cli.exits import ExitCode
from crossdock.cli.figures import platform_titles
from crossdock.cli.session import perform
from crossdock.domain.kinds import CUSTOMER
from crossdock.jobs.requests import DEFAULT_PAIR, SelectAll, SelectedItem
from crossdock.state import Run, RunState

IncludeGuests = Annotated[bool, typer.Option("--include-guests", help="Also people known from orders only.")]
RequirePastOrder = Annotated[bool, typer.Option("--require-past-order", help="Only who has ordered.")]
RequireName = Annotated[bool, typer.Option("--require-name", help="Only who has a name.")]
Roles = Annotated[list[str] | None, typer.Option("--role", help="A role that counts as a customer; repeatable.")]
CreatedAfter = Annotated[str | None, typer.Option("--created-after", help="Created at this date or time or later.")]
CreatedBefore = Annotated[str | None, typer.Option("--created-before", help="Created before this date or time.")]


def compare_customers(  # noqa: PLR0913 - each option is a parameter
    *,
    source_of_truth: SourceOfTruth,
    pair: PairName = DEFAULT_PAIR,
    include_guests: IncludeGuests = False,
    require_past_order: RequirePastOrder = False,
    require_name: RequireName = False,
    role: Roles = None,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
    as_json: AsJson = False,
) -> None:
    """Find the customers that one store has and the other lacks."""
    options = _options(
        includeGuests=include_guests,
        requirePastOrder=require_past_order,
        requireName=require_name,
        roles=role,
        createdAfter=created_after,
        createdBefore=created_before,
    )
    direction = records.Direction(pair, source_of_truth.value)

    async def work(services: Services) -> ExitCode:
        run = await records.compare(services, CUSTOMER, direction, options)
        return await records.show(services, run, as_json=as_json)

    perform(work)


def sync_customers(  # noqa: PLR0913 - as above
    *,
    source_of_truth: SourceOfTruth,
    pair: PairName = DEFAULT_PAIR,
    everything: Annotated[bool, typer.Option("--all", help="Compare, then migrate all that is missing.")] = False,
    ids: Annotated[list[str] | None, typer.Option("--id", help="ID,EMAIL of one record; repeatable.")] = None,
    ids_file: Annotated[
        Path | None, typer.Option("--ids-file", exists=True, dir_okay=False, help="CSV: a line ID,EMAIL each.")
    ] = None,
    include_guests: IncludeGuests = False,
    require_past_order: RequirePastOrder = False,
    require_name: RequireName = False,
    role: Roles = None,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask before writing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent; write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Create the missing customers; no customer is mailed.

    With --all both stores are compared first; what narrows a comparison narrows what is migrated.
    """
    options = _options(
        includeGuests=include_guests,
        requirePastOrder=require_past_order,
        requireName=require_name,
        roles=role,
        createdAfter=created_after,
        createdBefore=created_before,
    )
    chosen = _listed(ids or [], ids_file)
    _check_choice(everything, chosen, options)
    if not (yes or dry_run or sys.stdin.isatty()):
        raise typer.BadParameter("add --yes: there is nobody to ask")
    direction = records.Direction(pair, source_of_truth.value)

    async def work(services: Services) -> ExitCode:
        selection: tuple[SelectedItem, ...] | SelectAll = chosen
        count = len(chosen)
        if everything:
            compared = await records.compare(services, CUSTOMER, direction, options)
            if compared.state is not RunState.DONE:
                return await records.show(services, compared, as_json=as_json)
            selection, count = SelectAll(compared.id), _missing(compared)
        if not (yes or dry_run):
            _confirm(services, direction, count)
        run = await records.sync(services, CUSTOMER, direction, selection, is_dry_run=dry_run)
        if dry_run and not as_json:
            await _print_payloads(services, run)
        return await records.show(services, run, as_json=as_json)

    perform(work)


def _missing(compared: Run) -> int:
    return int(compared.summary["customersOnlyInSource"])


def _check_choice(everything: bool, chosen: tuple[SelectedItem, ...], options: Mapping[str, object]) -> None:
    if everything == bool(chosen):
        raise typer.BadParameter("say which customers: either --all, or --id and --ids-file")
    if chosen and options:
        raise typer.BadParameter("options of the comparison go with --all")


def _confirm(services: Services, direction: records.Direction, count: int) -> None:
    source, destination = platform_titles(services, direction.source_platform)
    question = f"Create {count} customers of {source} in {destination}? No customer is mailed, stock will not change."
    if not typer.confirm(question, err=True):
        raise typer.Exit(ExitCode.STOPPED)


def _options(**given: object) -> dict[str, object]:
    return {name: value for name, value in given.items() if value not in (None, False, [])}


def _listed(given: list[str], file: Path | None) -> tuple[SelectedItem, ...]:
    lines = list(given)
    if file is not None:
        lines += file.read_text(encoding="utf-8-sig").splitlines()
    return tuple(_item(row) for row in csv.reader(lines) if any(row))


def _item(row: list[str]) -> SelectedItem:
    if len(row) != 2 or not row[0].strip():  # noqa: PLR2004 - an id and its e-mail address
        raise typer.BadParameter("each customer is ID,EMAIL; the address guards against a mistaken id")
    return SelectedItem(row[0].strip(), row[1].strip())


async def _print_payloads(services: Services, run: Run) -> None:
    rows, _ = await services.runs.results(run.id, limit=output.SHOWN_ROWS)
    for row in rows:
        output.print_json({"sourceCustomerId": row.source_id, "payload": row.payload})
