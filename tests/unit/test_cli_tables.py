"""Tables for people on a terminal and plain text for everything else; ids are whole in both."""

import io
import re
import sys
from typing import Any

import pytest

from crossdock.cli.figures import figure_rows
from crossdock.cli.tables import Column, print_table

RUN_ID = "01a203bc-e00b-7eb9-a61c-73ea7335f189"
COLUMNS = (
    Column("Run", is_whole=True),
    Column("What"),
    Column("Count", is_number=True),
    Column("Pair", from_width=110),
)
ROWS = ((RUN_ID, "compare customer", 7, "default"), (RUN_ID, "a sentence that is long " * 6, 1200, "spring"))


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _on_terminal(monkeypatch: pytest.MonkeyPatch, width: int) -> str:
    terminal = _Terminal()
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", terminal)
    print_table(COLUMNS, ROWS, title="Runs")
    return re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue())


def test_what_is_piped_is_one_plain_complete_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(COLUMNS, ROWS, title="Runs")
    title, head, first, second = capsys.readouterr().out.splitlines()
    assert (title, head.split()) == ("Runs", ["Run", "What", "Count", "Pair"])
    assert first.split()[0] == RUN_ID
    assert first.endswith("default")
    assert ROWS[1][1].strip() in second
    assert second.split()[-2:] == ["1200", "spring"]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_an_id_is_whole_on_every_terminal(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    shown = _on_terminal(monkeypatch, width)
    assert shown.count(RUN_ID) == 2
    assert ("spring" in shown) is (width >= 110)
    assert all(len(line.rstrip()) <= width for line in shown.splitlines())


def test_a_table_without_rows_is_its_heading(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(COLUMNS, ())
    assert capsys.readouterr().out == "Run  What  Count  Pair\n"


def test_store_text_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_table((Column("Record"),), (("a\x1b[2J\nb\tc",),))
    assert capsys.readouterr().out == "Record\na [2J b c\n"


def test_figures_have_words_and_zeros_only_where_they_count() -> None:
    before = {"sourceOfTruth": "shopify", "customersOnlyInSource": 3, "duplicates": 0, "suspectMatches": 2}
    after = {"sourceOfTruth": "shopify", "customersOnlyInSource": 0, "duplicates": 0, "ordersInFlight": 4}
    assert figure_rows(before, after) == [
        ("Only in source", 3, 0),
        ("Perhaps the same", 2, 0),
        ("Orders in flight", 0, 4),
    ]


def test_unreadable_records_are_counted_by_side() -> None:
    unreadable: dict[str, Any] = {"source": {"count": 0, "records": []}, "destination": {"count": 2, "records": ["7"]}}
    assert figure_rows({"unreadable": unreadable}) == [("Unreadable in destination", 2)]
