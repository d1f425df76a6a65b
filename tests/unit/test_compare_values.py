"""Options of a comparison are read from JSON bodies and from query strings alike, and refused by name."""

from datetime import datetime

import pytest

from crossdock.compare.kinds.customers import CUSTOMERS
from crossdock.compare.statement import compose
from crossdock.domain.errors import InvalidRequestError


def test_options_that_are_not_given_have_their_defaults() -> None:
    assert CUSTOMERS.parse_options({"includeGuests": None}) == {
        "includeGuests": False,
        "requirePastOrder": False,
        "requireName": False,
        "roles": ["customer"],
        "createdAfter": None,
        "createdBefore": None,
    }


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("includeGuests", True, True),
        ("includeGuests", "Yes", True),
        ("includeGuests", "0", False),
        ("roles", "customer, subscriber", ["customer", "subscriber"]),
        ("roles", ["editor"], ["editor"]),
        ("createdAfter", "2024-01-31", datetime(2024, 1, 31)),  # noqa: DTZ001 - the columns hold naive UTC
        ("createdBefore", "2024-01-31T01:00:00+02:00", datetime(2024, 1, 30, 23)),  # noqa: DTZ001
    ],
)
def test_options_are_read(name: str, given: object, read: object) -> None:
    assert CUSTOMERS.parse_options({name: given})[name] == read


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("includeGuests", "perhaps"),
        ("includeGuests", 1.5),
        ("roles", []),
        ("roles", ["customer", 7]),
        ("roles", "a," * 60),
        ("roles", ["x" * 101]),
        ("roles", {"customer": True}),
        ("createdAfter", "soon"),
        ("createdAfter", 20240131),
        ("createdAfter", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_wrong_options_are_refused_by_name(name: str, given: object) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        CUSTOMERS.parse_options({name: given})

    assert refused.value.field == f"options.{name}"
    assert refused.value.allowed


def test_an_unknown_option_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        CUSTOMERS.parse_options({"guests": True})

    assert refused.value.field == "options"
    assert "includeGuests" in refused.value.allowed


def test_a_piece_of_sql_can_not_begin_another_statement() -> None:
    assert compose("select {a} from t", a="x") == "select x from t"
    with pytest.raises(ValueError, match="a"):
        compose("select {a} from t", a="x; drop table t")
    with pytest.raises(ValueError, match="b"):
        compose("select {a} from t", a="x", b="y")
