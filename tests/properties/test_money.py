"""Money adds up to the last decimal in currencies of 0, 2 and 3 decimals."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.errors import UnmappableValueError
from crossdock.domain.money import Money, exponent, total

_CURRENCIES = st.sampled_from(["JPY", "USD", "EUR", "KWD"])
_AMOUNTS = st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=4), max_size=20)


@given(_AMOUNTS, _CURRENCIES)
def test_a_total_is_the_sum_of_its_parts_in_any_order(amounts: list[Decimal], currency: str) -> None:
    parts = [Money.of(amount, currency) for amount in amounts]
    assert total(parts, currency) == total(reversed(parts), currency)
    assert total(parts, currency).amount == sum((part.amount for part in parts), Decimal(0))


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4), _CURRENCIES)
def test_an_amount_has_the_currency_s_decimals(amount: Decimal, currency: str) -> None:
    money = Money.of(amount, currency)
    assert -int(money.amount.as_tuple().exponent) == exponent(currency)
    assert Money.of(str(money), currency) == money
    assert money - money == Money.of(0, currency) == money + (-money)


def test_half_a_unit_rounds_up_and_text_is_plain() -> None:
    assert str(Money.of("0.125", "USD")) == "0.13"
    assert str(Money.of("1e3", "JPY")) == "1000"
    assert str(Money.of("31.9", "KWD")) == "31.900"


@pytest.mark.parametrize("text", ["ten", "", "NaN", "sNaN", "Infinity", "-inf"])
def test_what_is_no_finite_number_is_no_amount(text: str) -> None:
    with pytest.raises(UnmappableValueError, match="amount_invalid"):
        Money.of(text, "USD")


def test_currencies_do_not_mix() -> None:
    with pytest.raises(UnmappableValueError, match="currency_mismatch"):
        total([Money.of(1, "USD"), Money.of(1, "EUR")], "USD")
