"""Tables on standard output: fitted to a terminal, or plain aligned text for whatever else reads them.

Owns widths and what gives way on a narrow terminal. It must not know what the cells mean.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crossdock.cli.text import printable

_GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `is_whole`: never wrapped or cut, so that it can be copied.

    `from_width`: shown on terminals of at least that many columns; what is piped has every column.
    """

    heading: str
    is_whole: bool = False
    is_number: bool = False
    from_width: int = 0


def print_table(columns: Sequence[Column], rows: Sequence[Sequence[object]], *, title: str = "") -> None:
    """Print a table; cells are plain text whatever they hold."""
    if title:
        sys.stdout.write(printable(title) + "\n")
    written = [[printable(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _print_fitted(columns, written)
    else:
        _print_plain(columns, written)


def _print_fitted(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    console = Console()
    shown = [place for place, column in enumerate(columns) if console.width >= column.from_width]
    table = Table(box=None, padding=(0, len(_GAP), 0, 0), pad_edge=False, header_style="bold")
    for column in (columns[place] for place in shown):
        justify = "right" if column.is_number else "left"
        table.add_column(Text(column.heading), overflow="fold", no_wrap=column.is_whole, justify=justify)
    for row in rows:
        table.add_row(*(Text(row[place]) for place in shown))
    console.print(table)


def _print_plain(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    lines = [[column.heading for column in columns], *rows]
    widths = [max(map(len, cells)) for cells in zip_longest(*lines, fillvalue="")]
    for line in lines:
        cells = [
            cell.rjust(width) if column.is_number else cell.ljust(width)
            for column, cell, width in zip(columns, line, widths, strict=True)
        ]
        sys.stdout.write(_GAP.join(cells).rstrip() + "\n")
