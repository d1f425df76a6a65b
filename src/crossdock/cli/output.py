"""What commands print on standard output: the API's bodies as JSON, or tables for people.

Owns writing. What a kind's rows are called comes from `contract`. Standard output holds nothing else than what was
asked for, so that it can be piped.
"""

import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crossdock.bootstrap import Services
from crossdock.cli.contract import KindContract
from crossdock.cli.text import printable
from crossdock.domain.difference import Group
from crossdock.state import Run

SHOWN_ROWS = 20
_PIPED_WIDTH = 200


def print_json(value: object) -> None:
    """Print one JSON value on a line. It is ASCII, so that no terminal's encoding can break it."""
    sys.stdout.write(json.dumps(value) + "\n")


async def print_comparison_json(services: Services, run: Run, contract: KindContract) -> None:
    """Print the body of a comparison; its lists are streamed."""
    _write(f'{{"runId": {json.dumps(run.id)}')
    for member, group in contract.lists.items():
        _write(f', "{member}": ')
        await _write_list(_rows(services, run, group, contract) if group in contract.groups else None)
    _write(f', "summary": {json.dumps(dict(run.summary))}}}\n')


async def print_sync_json(services: Services, run: Run, contract: KindContract) -> None:
    """Print the body of a sync; its results are streamed."""

    async def results() -> AsyncIterator[list[dict[str, Any]]]:
        async for rows in services.runs.stream_results(run.id):
            yield [contract.result(row) for row in rows]

    _write(f'{{"runId": {json.dumps(run.id)}, "results": ')
    await _write_list(results())
    _write(f', "summary": {json.dumps(dict(run.summary))}}}\n')


async def _rows(
    services: Services, run: Run, group: Group, contract: KindContract
) -> AsyncIterator[list[dict[str, Any]]]:
    source = run.source_platform
    destination = next(name for name in services.platforms if name != source)
    async for rows in services.runs.stream_differences(run.id, group):
        yield [contract.difference(group, row, source, destination) for row in rows]


async def _write_list(chunks: AsyncIterator[list[dict[str, Any]]] | None) -> None:
    before = "["
    if chunks is not None:
        async for rows in chunks:
            for row in rows:
                _write(before + json.dumps(row))
                before = ", "
    _write("[]" if before == "[" else "]")


def _write(text: str) -> None:
    sys.stdout.write(text)


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "") -> None:
    """Print a table; cells are plain text whatever they hold."""
    if title:
        print_line(printable(title))
    table = Table()
    for heading in headings:
        # The first column names the row: an id must stay whole to be copied.
        table.add_column(Text(heading), overflow="fold", no_wrap=heading == headings[0])
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH).print(table)


def print_line(text: str) -> None:
    """Print a line of text."""
    sys.stdout.write(text + "\n")


def print_figures(figures: Mapping[str, Any], *, title: str) -> None:
    """Print plain figures as a table of two columns; nested ones are left out."""
    flat = [(name, value) for name, value in figures.items() if not isinstance(value, Mapping | list)]
    print_table(("Figure", "Value"), flat, title=title)
