"""Details that a light read leaves out: fetched for the listed orders, and put into their lists."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crossdock.compare.details import MissingDetails
from crossdock.compare.differences import Differences
from crossdock.compare.engine import CompareEngine
from crossdock.compare.kinds.customers import CUSTOMERS
from crossdock.compare.kinds.orders import ORDERS
from crossdock.domain.difference import Group
from crossdock.domain.money import Money
from crossdock.domain.order import Order
from tests.memory_source import ALL_FIELDS, compare_orders

FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)
MISSING, SUSPECT, DIFFERENT = Group.ONLY_IN_SOURCE, Group.SUSPECT_MATCHES, Group.FIELD_DIFFERENCES


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[CompareEngine]:
    engine = CompareEngine(tmp_path, threads=1)
    yield engine
    engine.close()


def _order(number: int | str, name: str, email: str = "ada@example.com", total: str = "9.90", *, day: int = 0) -> Order:
    moment = FIRST_DAY + timedelta(days=day)
    return Order(str(number), name, "EUR", Money.of(total, "EUR"), created_at=moment, email=email)


def _with_lines(order_id: str, lines: int, comparable: int) -> Order:
    return replace(_order(order_id, ""), line_count=lines, comparable_line_count=comparable)


def _wanted(missing: MissingDetails, side: str) -> set[str]:
    chunks = list(missing.wanted(side))
    listed = [order_id for chunk in chunks for order_id in chunk]
    assert len(listed) == len(set(listed))
    assert all(0 < len(chunk) <= 100 for chunk in chunks)
    return set(listed)


SOURCE = [
    _order(1, "1", day=1),
    _order(2, "2", day=2),
    _order(3, "3", "bob@example.com", day=3),
    _order(4, "4", "eve@example.com", total="4.00", day=4),
    replace(_order(5, "5", day=5), line_count=7),
    _order(6, "6", "same@example.com", day=6),
]
DESTINATION = [
    _order("b", "3", "zoe@example.com", "1.00", day=99),
    _order("c", "4", "eve@example.com", total="4.10", day=4),
    replace(_order("d", "6", "same@example.com", day=6), line_count=1, comparable_line_count=1),
]


def _different(found: Differences, source_id: str) -> dict[str, object]:
    return next(row for row in found.page(DIFFERENT)[0] if row["source_id"] == source_id)


async def _compared(engine: CompareEngine, folder: Path) -> tuple[Differences, MissingDetails]:
    found = await compare_orders(engine, folder, SOURCE, DESTINATION)
    return found, MissingDetails(engine.database, ORDERS, folder / "result")


async def test_listed_records_want_details_and_no_others(engine: CompareEngine, tmp_path: Path) -> None:
    _, missing = await _compared(engine, tmp_path / "run")

    assert _wanted(missing, "source") == {"1", "2", "3", "4"}
    assert _wanted(missing, "destination") == {"b", "c"}


async def test_details_are_put_into_their_lists_and_sorts(engine: CompareEngine, tmp_path: Path) -> None:
    found, missing = await _compared(engine, tmp_path / "run")
    summary = found.summary

    missing.keep("source", [_with_lines("1", 9, 9), _with_lines("2", 3, 3), _with_lines("3", 2, 2)])
    missing.keep("source", [_with_lines("4", 5, 4)])
    missing.keep("destination", [_with_lines("b", 1, 1), _with_lines("c", 3, 3)])
    missing.join()

    rows, _ = found.page(MISSING, sort="items", descending=True)
    assert [(row["source_id"], row["line_item_count"]) for row in rows] == [("1", 9), ("5", 7), ("2", 3)]
    (suspect,), _ = found.page(SUSPECT)
    assert (suspect["source_line_count"], suspect["destination_line_count"]) == (2, 1)
    different = _different(found, "4")
    assert different["fields"] == ["total", "line_count"]
    assert (different["source_line_count"], different["destination_line_count"]) == (4, 3)
    assert different["line_item_count"] == 5
    assert Differences(engine.database, ORDERS, tmp_path / "run" / "result").summary == summary


async def test_equal_lines_are_no_further_difference(engine: CompareEngine, tmp_path: Path) -> None:
    found, missing = await _compared(engine, tmp_path / "run")

    missing.keep("source", [_with_lines("4", 5, 3)])
    missing.keep("destination", [_with_lines("c", 3, 3)])
    missing.join()

    assert _different(found, "4")["fields"] == ["total"]


async def test_lines_that_a_platform_does_not_hold_are_not_compared(engine: CompareEngine, tmp_path: Path) -> None:
    fields = ALL_FIELDS - {"line_count"}
    found = await compare_orders(engine, tmp_path / "run", SOURCE, DESTINATION, compared_fields=fields)
    missing = MissingDetails(engine.database, ORDERS, tmp_path / "run" / "result")

    assert _wanted(missing, "destination") == {"b"}
    missing.keep("source", [_with_lines("4", 5, 5)])
    missing.join()

    different = _different(found, "4")
    assert (different["fields"], different["line_item_count"]) == (["total"], 5)


async def test_what_a_crash_cut_off_is_wanted_again(engine: CompareEngine, tmp_path: Path) -> None:
    _, missing = await _compared(engine, tmp_path / "run")
    missing.keep("source", [_with_lines("1", 9, 9)])
    kept = tmp_path / "run" / "result" / ".source-details.ndjson"
    with kept.open("ab") as file:
        file.write(b'\n{"id":"2","line_co')

    again = MissingDetails(engine.database, ORDERS, tmp_path / "run" / "result")
    assert _wanted(again, "source") == {"2", "3", "4"}
    again.keep("source", [_with_lines("2", 3, 3)])

    assert _wanted(again, "source") == {"3", "4"}


async def test_joining_again_changes_nothing(engine: CompareEngine, tmp_path: Path) -> None:
    found, missing = await _compared(engine, tmp_path / "run")
    missing.keep("source", [_with_lines("4", 5, 4), _with_lines("1", 2, 2)])
    missing.keep("destination", [_with_lines("c", 3, 3)])
    missing.join()
    before = [found.page(group, sort="items") for group in (MISSING, SUSPECT, DIFFERENT)]

    missing.join()

    assert [found.page(group, sort="items") for group in (MISSING, SUSPECT, DIFFERENT)] == before
    assert _wanted(missing, "source") == {"2", "3"}


async def test_a_store_that_lost_the_records_leaves_details_unknown(engine: CompareEngine, tmp_path: Path) -> None:
    found, missing = await _compared(engine, tmp_path / "run")

    missing.join()

    assert [row["line_item_count"] for row in found.page(MISSING, sort="items")[0]] == [None, None, 7]


def test_a_kind_without_details_wants_none(engine: CompareEngine, tmp_path: Path) -> None:
    missing = MissingDetails(engine.database, CUSTOMERS, tmp_path)

    assert _wanted(missing, "source") == set()
    missing.keep("source", [_with_lines("1", 1, 1)])
    missing.join()

    assert list(tmp_path.glob(".*details*")) == []


async def test_many_records_come_in_chunks(engine: CompareEngine, tmp_path: Path) -> None:
    orders = [_order(number, f"n{number}", f"p{number}@example.com", day=number % 400) for number in range(250)]
    found = await compare_orders(engine, tmp_path / "run", orders, [])
    missing = MissingDetails(engine.database, ORDERS, tmp_path / "run" / "result")

    for chunk in missing.wanted("source"):
        missing.keep("source", [_with_lines(order_id, int(order_id), 1) for order_id in chunk])
    missing.join()

    assert _wanted(missing, "source") == set()
    rows, _ = found.page(MISSING, sort="items", limit=1000)
    assert [row["line_item_count"] for row in rows] == list(range(250))
    selected = [order_id for chunk in found.selected() for order_id, _ in chunk]
    assert selected == sorted((order.id for order in orders), key=lambda number: (int(number) % 400, int(number)))
