"""Lists of orders: sorts, filters, search, exports, the chart, and the order in which selected orders are written."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from crossdock.compare.differences import Differences
from crossdock.compare.engine import CompareEngine
from crossdock.compare.export import export_group
from crossdock.compare.kinds.orders import ORDERS
from crossdock.domain.difference import Group
from crossdock.domain.errors import InvalidRequestError
from crossdock.domain.money import Money
from crossdock.domain.order import Order
from tests.memory_source import compare_orders

MISSING = Group.ONLY_IN_SOURCE


def _order(order_id: str, number: str, total: str, currency: str, email: str, *, day: int | None) -> Order:
    moment = None if day is None else datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day)
    money = Money.of(total, currency)
    return Order(order_id, number, currency, money, created_at=moment, email=email, line_count=len(number))


SOURCE = [
    _order("1", "#9", "1200", "JPY", "Zoe@example.com", day=40),
    replace(_order("2", "#10", "99.90", "EUR", "ada@example.com", day=10), status="wc-picked"),
    replace(_order("3", "#1002-A", "5.125", "KWD", "bob@example.com", day=20), financial_status="refunded"),
    replace(_order("4", "#1001", "-1.00", "EUR", "", day=0), fulfillment_status="fulfilled"),
    _order("5", "=2+3", "12345678901234567890.12", "EUR", "ümit@exämple.com", day=None),
]


@pytest_asyncio.fixture
async def found(tmp_path: Path) -> AsyncIterator[Differences]:
    engine = CompareEngine(tmp_path, threads=1)
    yield await compare_orders(engine, tmp_path / "run", SOURCE, [])
    engine.close()


def _ids(rows: list[dict[str, object]]) -> list[object]:
    return [row["source_id"] for row in rows]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("createdAt", ["5", "4", "2", "3", "1"]),
        ("orderNumber", ["1", "2", "4", "3", "5"]),
        ("email", ["4", "2", "3", "1", "5"]),
        ("totalPrice", ["4", "3", "2", "1", "5"]),
        ("status", ["4", "2", "1", "5", "3"]),
        ("items", ["1", "2", "5", "4", "3"]),
    ],
)
def test_each_column_sorts_in_both_directions(found: Differences, sort: str, expected: list[str]) -> None:
    assert _ids(found.page(MISSING, sort=sort)[0]) == expected
    assert _ids(found.page(MISSING, sort=sort, descending=True)[0]) == expected[::-1]


def test_the_newest_come_first_by_default(found: Differences) -> None:
    assert _ids(found.page(MISSING)[0]) == ["1", "3", "2", "4", "5"]


def test_selected_orders_come_oldest_first(found: Differences) -> None:
    assert list(found.selected(excluded=["3"])) == [[("4", "1001"), ("2", "10"), ("1", "9"), ("5", "=2+3")]]


@pytest.mark.parametrize("group", [Group.FIELD_DIFFERENCES, Group.DUPLICATES, Group.UNMATCHABLE])
def test_nothing_is_selected_from_a_report(found: Differences, group: Group) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        found.selected(group=group)

    assert refused.value.allowed == "onlyInSource, suspectMatches"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"createdAfter": "2024-01-11"}, {"1", "2", "3"}),
        ({"createdBefore": "2024-01-11"}, {"4"}),
        ({"status": "refunded"}, {"3"}),
        ({"status": ["WC-picked", "fulfilled"]}, {"2", "4"}),
        ({"currency": "eur", "hasEmail": "true"}, {"2", "5"}),
        ({"hasEmail": False}, {"4"}),
    ],
)
def test_filters_narrow_a_list(found: Differences, where: dict[str, object], expected: set[str]) -> None:
    rows, total = found.page(MISSING, where=where)

    assert (set(_ids(rows)), total) == (expected, len(expected))
    assert {order_id for chunk in found.selected(where=where) for order_id, _ in chunk} == expected


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("#100", {"3", "4"}),
        ("1002-a", {"3"}),
        ("ADA@", {"2"}),
        ("Ümit", {"5"}),
        ("example.com", {"1", "2", "3"}),
        ("' or 1=1 --", set[str]()),
    ],
)
def test_a_search_finds_parts_of_numbers_and_addresses(found: Differences, search: str, expected: set[str]) -> None:
    assert set(_ids(found.page(MISSING, search=search)[0])) == expected


@pytest.mark.parametrize(
    ("where", "field"),
    [({"currency": 5}, "where.currency"), ({"status": []}, "where.status"), ({"inSource": True}, "where")],
)
def test_a_wrong_filter_is_named(found: Differences, where: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        found.page(MISSING, where=where)

    assert refused.value.field == field


@pytest.mark.parametrize("hours", [-1, 745, "x", 1.5, True, "9" * 5000])
def test_a_wrong_window_is_refused(hours: object) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        ORDERS.parse_options({"matchWindowHours": hours})

    assert (refused.value.field, refused.value.allowed) == ("options.matchWindowHours", "0 to 744")


def test_amounts_keep_their_currency_s_decimals(found: Differences) -> None:
    totals = {str(row["source_id"]): row["total"] for row in found.page(MISSING)[0]}

    assert totals == {"1": "1200", "2": "99.90", "3": "5.125", "4": "-1.00", "5": "12345678901234567890.12"}


def test_an_export_is_safe_to_open(found: Differences) -> None:
    text = b"".join(export_group(found, MISSING, sort="orderNumber")).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))

    assert [row["Order"] for row in rows] == ["9", "10", "1001", "1002-A", "'=2+3"]
    assert [row["Total"] for row in rows] == ["1200", "99.90", "-1.00", "5.125", "12345678901234567890.12"]
    assert rows[1]["Date"] == "2024-01-11T00:00:00Z"


def test_every_list_can_be_exported(found: Differences) -> None:
    for group in Group:
        assert b"".join(export_group(found, group)).startswith(b"Order,E-mail,Total,Currency,Date,")


def test_missing_orders_are_charted_by_month(found: Differences) -> None:
    assert found.chart() == (("", 1), ("2024-01", 3), ("2024-02", 1))
