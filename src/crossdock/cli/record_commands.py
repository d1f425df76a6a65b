"""`crossdock compare …` and `crossdock sync …` for any kind: their arguments, read into requests.

Owns what these commands have in common: which records are meant, and the question before anything is written, with
what will not be carried over. What is particular to a kind comes as its descriptions and a `RecordWords`.
"""

import csv
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import typer

from crossdock.bootstrap import Services
from crossdock.cli import output, records
from crossdock.cli.accounts import print_accounts
from crossdock.cli.choices import AsJson, PairName, SourceOfTruth
from crossdock.cli.exits import ExitCode
from crossdock.cli.figures import platform_titles
from crossdock.cli.kind_options import Chosen, Command, compare_options, sync_options, takes
from crossdock.cli.session import perform
from crossdock.compare.kinds import CompareKind
from crossdock.domain.kinds import RecordKind
from crossdock.jobs.bodies import RecordBodies
from crossdock.jobs.requests import DEFAULT_PAIR, SelectAll, SelectedItem
from crossdock.state import Run, RunState
from crossdock.sync.kinds import SyncKind


@dataclass(frozen=True, slots=True)
class RecordWords:
    """What a kind's commands say. `expected` names what stands beside an id, `guard` says what it is for.

    `about_sync` is the one-line help of `sync`. `also` are further spellings of options, by the API's names.
    """

    expected: str
    guard: str
    about_sync: str
    also: Mapping[str, str] = field(default_factory=dict[str, str])


Everything = Annotated[bool, typer.Option("--all", help="Compare, then migrate all that is missing.")]
IdsFile = Annotated[
    Path | None, typer.Option("--ids-file", exists=True, dir_okay=False, help="CSV: a line for each, as for --id.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask before writing.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be sent, and what is lost; write nothing.")]


def compare_command(kind: CompareKind, words: RecordWords) -> Command:
    """Make the command that compares one kind."""

    def compare(
        *, source_of_truth: SourceOfTruth, pair: PairName = DEFAULT_PAIR, options: Chosen, as_json: AsJson = False
    ) -> None:
        direction = records.Direction(pair, source_of_truth.value)

        async def work(services: Services) -> ExitCode:
            run = await records.compare(services, kind.record, direction, options)
            return await records.show(services, run, as_json=as_json)

        perform(work)

    about = f"Find the {kind.record.plural} that one store has and the other lacks."
    return takes(compare, about, options=compare_options(kind.options, also=words.also))


def sync_command(kind: CompareKind, sync_kind: SyncKind, bodies: RecordBodies, words: RecordWords) -> Command:
    """Make the command that migrates one kind."""
    listed_help = f"ID,{words.expected} of one record; repeatable."

    def sync(  # noqa: PLR0913 - each option is a parameter
        *,
        source_of_truth: SourceOfTruth,
        pair: PairName = DEFAULT_PAIR,
        everything: Everything = False,
        ids: Annotated[list[str] | None, typer.Option("--id", help=listed_help)] = None,
        ids_file: IdsFile = None,
        narrowed: Chosen,
        options: Chosen,
        yes: Yes = False,
        dry_run: DryRun = False,
        as_json: AsJson = False,
    ) -> None:
        chosen = _listed(ids or [], ids_file, words)
        _check_choice(everything, chosen, narrowed, kind.record)
        if not (yes or dry_run or sys.stdin.isatty()):
            raise typer.BadParameter("add --yes: there is nobody to ask")
        direction = records.Direction(pair, source_of_truth.value)
        wanted = records.Wanted(chosen, options, is_dry_run=dry_run)
        migration = _Migration(
            bodies, direction, wanted, narrowed if everything else None, is_asked=not (yes or dry_run)
        )
        perform(lambda services: migration.perform(services, as_json=as_json))

    about = (
        f"{words.about_sync}\n\n"
        "With --all both stores are compared first; what narrows a comparison narrows what is migrated."
    )
    narrowing = compare_options(kind.options, also=words.also)
    return takes(sync, about, narrowed=narrowing, options=sync_options(sync_kind.options))


@dataclass(frozen=True, slots=True)
class _Migration:
    """One `sync` command. `narrowed`: compare first, so narrowed, and take all that is missing; else what is wanted."""

    bodies: RecordBodies
    direction: records.Direction
    wanted: records.Wanted
    narrowed: Chosen | None
    is_asked: bool

    async def perform(self, services: Services, *, as_json: bool) -> ExitCode:
        kind, wanted = self.bodies.kind, self.wanted
        count = 0 if isinstance(wanted.selection, SelectAll) else len(wanted.selection)
        if self.narrowed is not None:
            compared = await records.compare(services, kind, self.direction, self.narrowed)
            if compared.state is not RunState.DONE:
                return await records.show(services, compared, as_json=as_json)
            wanted, count = replace(wanted, selection=SelectAll(compared.id)), _missing(compared, kind)
        if self.is_asked:
            rehearsed = await records.sync(services, kind, self.direction, replace(wanted, counts_only=True))
            if rehearsed.state is not RunState.DONE:
                return await records.show(services, rehearsed, as_json=as_json)
            if not as_json:
                print_accounts(rehearsed.summary)
            _confirm(services, self.direction, kind, count)
        run = await records.sync(services, kind, self.direction, wanted)
        if wanted.is_dry_run and not as_json:
            await _print_payloads(services, run, self.bodies)
        return await records.show(services, run, as_json=as_json)


def _missing(compared: Run, kind: RecordKind) -> int:
    return int(compared.summary[f"{kind.plural}OnlyInSource"])


def _check_choice(everything: bool, chosen: tuple[SelectedItem, ...], narrowed: Chosen, kind: RecordKind) -> None:
    if everything == bool(chosen):
        raise typer.BadParameter(f"say which {kind.plural}: either --all, or --id and --ids-file")
    if chosen and narrowed:
        raise typer.BadParameter("options of the comparison go with --all")


def _confirm(services: Services, direction: records.Direction, kind: RecordKind, count: int) -> None:
    source, destination = platform_titles(services, direction.source_platform)
    question = (
        f"Create {count} {kind.plural} of {source} in {destination}? No customer is mailed, stock will not change."
    )
    if not typer.confirm(question, err=True):
        raise typer.Exit(ExitCode.STOPPED)


def _listed(given: list[str], file: Path | None, words: RecordWords) -> tuple[SelectedItem, ...]:
    lines = list(given)
    if file is not None:
        lines += file.read_text(encoding="utf-8-sig").splitlines()
    return tuple(_item(row, words) for row in csv.reader(lines) if any(row))


def _item(row: list[str], words: RecordWords) -> SelectedItem:
    if len(row) != 2 or not row[0].strip():  # noqa: PLR2004 - an id and what goes with it
        raise typer.BadParameter(f"each record is ID,{words.expected}; {words.guard} guards against a mistaken id")
    return SelectedItem(row[0].strip(), row[1].strip())


async def _print_payloads(services: Services, run: Run, bodies: RecordBodies) -> None:
    rows, _ = await services.runs.results(run.id, limit=output.SHOWN_ROWS)
    for row in rows:
        output.print_json({bodies.source_id: row.source_id, "payload": row.payload})
