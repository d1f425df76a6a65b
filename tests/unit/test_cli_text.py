"""Text from stores on a terminal: one line, nothing that repaints, whatever a store holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.cli.text import printable


@given(st.text())
def test_only_printable_characters_are_left(text: str) -> None:
    assert printable(text).isprintable()
    assert len(printable(text)) == len(text)


@given(st.text())
def test_printable_text_stays_as_it_is(text: str) -> None:
    assert printable(printable(text)) == printable(text)


@pytest.mark.parametrize("text", ["\x1b[2J", "a\nb", "\u202eevil", "\x9b31m", "\r"])
def test_what_repaints_or_forges_a_line_is_gone(text: str) -> None:
    assert not set(printable(text)) & set("\x1b\n\r\u202e\x9b")


def test_nothing_is_empty() -> None:
    assert printable(None) == ""
