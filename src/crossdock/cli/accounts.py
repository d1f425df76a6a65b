"""What a sync says of all its records together: the money on both sides, and what is not as in the source.

Owns these tables. The sums are the jobs'; nothing is added up here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.cli import output
from crossdock.cli.tables import Column, print_table

_MONEY = (
    Column("Amount", is_whole=True),
    Column("Source", is_number=True, is_whole=True),
    Column("Destination", is_number=True, is_whole=True),
    Column("Difference", is_number=True, is_whole=True),
)
_TOLD = (Column("Records", is_number=True, is_whole=True), Column("Code", is_whole=True), Column("What it means"))
_LISTS = {
    "failures": "What can't be created:",
    "losses": "What will not be carried over:",
    "warnings": "What is not as in the source:",
}


def print_accounts(summary: Mapping[str, Any]) -> None:
    """Print what a summary holds of failures, losses, warnings and reconciliation."""
    for member, title in _LISTS.items():
        _print_reasons(summary.get(member, ()), title)
    for line in summary.get("reconciliation", ()):
        _print_reconciliation(line)


def _print_reasons(reasons: Sequence[Mapping[str, Any]], title: str) -> None:
    if reasons:
        output.print_line("")
        print_table(_TOLD, [(one["count"], one["code"], one["message"]) for one in reasons], title=title)


def _print_reconciliation(line: Mapping[str, Any]) -> None:
    sides = [line[side] for side in ("source", "destination", "difference")]
    rows = [(name.capitalize(), *(side[name] for side in sides)) for name in line["source"]]
    output.print_line("")
    print_table(_MONEY, rows, title=f"Reconciliation in {line['currency']}, records: {line['records']}")
