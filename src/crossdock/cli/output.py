"""What commands print on standard output: lines, and the API's bodies as JSON, streamed.

Owns writing. What a kind's rows are called comes from its bodies, tables are laid out by `tables`. Standard output
holds nothing else than what was asked for, so that it can be piped.
"""

import json
import sys
from collections.abc import AsyncIterator
from typing import Any

from crossdock.bootstrap import Services
from crossdock.cli.kinds import KindView
from crossdock.domain.difference import Group
from crossdock.jobs.bodies import LISTS, RecordBodies
from crossdock.state import Run

SHOWN_ROWS = 20


def print_json(value: object) -> None:
    """Print one JSON value on a line. It is ASCII, so that no terminal's encoding can break it."""
    sys.stdout.write(json.dumps(value) + "\n")


async def print_comparison_json(services: Services, run: Run, view: KindView) -> None:
    """Print the body of a comparison; its lists are streamed."""
    _write(f'{{"runId": {json.dumps(run.id)}')
    for member, group in LISTS.items():
        _write(f', "{member}": ')
        # A group that the kind never fills has no file; its list is empty.
        has_rows = group in view.compare.groups
        await _write_list(_rows(services, run, group, view.bodies) if has_rows else None)
    _write(f', "summary": {json.dumps(dict(run.summary))}}}\n')


async def print_sync_json(services: Services, run: Run, bodies: RecordBodies) -> None:
    """Print the body of a sync; its results are streamed."""

    async def results() -> AsyncIterator[list[dict[str, Any]]]:
        async for rows in services.runs.stream_results(run.id):
            yield [bodies.result(row) for row in rows]

    _write(f'{{"runId": {json.dumps(run.id)}, "results": ')
    await _write_list(results())
    _write(f', "summary": {json.dumps(dict(run.summary))}}}\n')


async def _rows(
    services: Services, run: Run, group: Group, bodies: RecordBodies
) -> AsyncIterator[list[dict[str, Any]]]:
    source = run.source_platform
    destination = next(name for name in services.platforms if name != source)
    async for rows in services.runs.stream_differences(run.id, group):
        yield [bodies.difference(group, row, source, destination) for row in rows]


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


def print_line(text: str) -> None:
    """Print a line of text."""
    sys.stdout.write(text + "\n")
