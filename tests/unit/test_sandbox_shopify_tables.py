"""The Shopify sandbox's tables and amounts on their own: sort orders kept up to date, the lagging index, splitting."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.sandbox.shopify.money_bag import add_up, no_money, round_money, spread
from crossdock.sandbox.shopify.record_table import RecordTable

NOW = datetime(2026, 10, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    number: int
    word: str


def table() -> RecordTable[Row]:
    return RecordTable[Row](lambda row: row.number, {"WORD": lambda row: row.word})


@given(st.lists(st.tuples(st.integers(min_value=1, max_value=8), st.sampled_from(["a", "b", "c", None])), max_size=40))
def test_a_kept_order_is_what_sorting_anew_would_give(changes: list[tuple[int, str | None]]) -> None:
    rows, expected = table(), dict[int, str]()
    rows.order("WORD")
    for number, word in changes:
        if word is not None:
            rows.put(Row(number, word), NOW)
            expected[number] = word
        elif number in expected:
            rows.remove(number)
            del expected[number]
    assert rows.order("WORD") == sorted((word, number) for number, word in expected.items())
    assert rows.order("ID") == [(number, number) for number in sorted(expected)]
    assert len(rows) == len(expected)


def test_the_index_shows_what_was_there_before_both_of_two_quick_writes() -> None:
    rows, lag = table(), timedelta(seconds=10)
    first = Row(1, "first")
    rows.put(first, NOW)
    rows.put(replace(first, word="second"), NOW, lag)
    rows.put(replace(first, word="third"), NOW + timedelta(seconds=5), lag)
    row = rows.get(1)
    assert row is not None
    assert rows.indexed(row, NOW + timedelta(seconds=14)) == first
    assert rows.indexed(row, NOW + timedelta(seconds=15)) == Row(1, "third")


@given(
    st.decimals(min_value=0, max_value=10**6, places=2),
    st.lists(st.integers(min_value=0, max_value=500).map(Decimal), min_size=1, max_size=9),
    st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_the_parts_of_an_amount_add_up_to_it(amount: Decimal, weights: list[Decimal], currency: str) -> None:
    zero = no_money(currency)
    whole = zero.of(amount)
    parts = spread(whole, weights)
    assert add_up(parts, zero) == (whole if any(weights) else zero)
    assert all(not part for part, weight in zip(parts, weights, strict=True) if not weight)


@pytest.mark.parametrize(("currency", "rounded"), [("USD", "1.01"), ("JPY", "1"), ("KWD", "1.005")])
def test_amounts_are_rounded_half_up_to_the_minor_unit(currency: str, rounded: str) -> None:
    assert round_money(Decimal("1.005"), currency) == Decimal(rounded)
