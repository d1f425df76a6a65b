"""No cell of an export can run as a formula, and nothing else about a cell changes."""

import csv
import io

from hypothesis import example, given
from hypothesis import strategies as st

from crossdock.compare.export import cell, csv_chunks

TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.text("=+-@\t\r'\",;\n019.", max_size=12)


@given(TEXTS)
@example("=cmd|' /C calc'!A0")
@example("+1-2")
@example("@SUM(A1)")
@example("-1+1")
@example("+447700900123\n=1")
def test_a_formula_never_stays_one(text: str) -> None:
    written = cell(text)
    if written.startswith(("+", "-")):
        assert written[1:].replace(".", "", 1).isdecimal()
        assert written.isascii()
    else:
        assert not written.startswith(("=", "@", "\t", "\r"))


@given(TEXTS)
def test_text_that_is_no_formula_keeps_its_form(text: str) -> None:
    assert cell(text) in {text, f"'{text}"}
    if not text.startswith(("=", "+", "-", "@", "\t", "\r")):
        assert cell(text) == text


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2), max_size=5))
def test_what_is_written_reads_back(rows: list[list[str]]) -> None:
    written = b"".join(csv_chunks(["a", "b"], [rows])).decode()

    read = list(csv.reader(io.StringIO(written, newline=""), strict=True))

    assert read == [["a", "b"], *([cell(value) for value in row] for row in rows)]


def test_telephones_and_decimals_stay_numbers() -> None:
    for value in ("+12025550123", "-12.50", "-3", "12"):
        assert cell(value) == value
    assert cell(None) == ""
    assert cell(["=a", "b"]) == "'=a, b"
    assert cell(True) == "yes"  # noqa: FBT003 - a cell's value, no flag
