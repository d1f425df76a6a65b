"""What always holds of a comparison, whatever the orders are."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.compare.differences import Differences
from crossdock.compare.engine import CompareEngine
from crossdock.domain.difference import Group, Link
from crossdock.domain.money import Money
from crossdock.domain.order import Order
from tests.memory_source import ORDER_DESTINATION_PREFIX, ORDER_SOURCE_PREFIX, compare_orders
from tests.support.matches import match_of

START = datetime(1969, 12, 30, tzinfo=UTC)
DAY = timedelta(days=1)
NUMBERS = st.sampled_from(["", "1001", "#1001", "1002", "1003"])
EMAILS = st.sampled_from(["", "ada@example.com", "Ada@example.com", "bob@example.com"])
TOTALS = st.sampled_from(["5.00", "5", "7.50"])
HOURS = st.integers(0, 120).map(lambda hours: START + timedelta(hours=hours))
IDS = st.integers(1, 12).map(str)


def _orders(marker_prefix: str, *, with_drafts: bool = True) -> st.SearchStrategy[list[Order]]:
    order = st.builds(
        Order,
        id=IDS,
        number=NUMBERS,
        currency=st.just("EUR"),
        total=TOTALS.map(lambda total: Money.of(total, "EUR")),
        created_at=st.none() | HOURS,
        email=EMAILS,
        is_test=st.sampled_from([False, False, False, True]),
        is_draft=st.sampled_from([False, False, False, with_drafts]),
        became_id=st.just("") | IDS,
        financial_status=st.sampled_from(["paid", "pending"]),
        marker=st.just("") | IDS.map(lambda number: marker_prefix + number),
    )
    return st.lists(order, max_size=9, unique_by=lambda order: order.id)


LINKS = st.lists(st.builds(Link, source_id=IDS, destination_id=IDS), max_size=4)
SOURCES, DESTINATIONS = _orders(ORDER_DESTINATION_PREFIX), _orders(ORDER_SOURCE_PREFIX)
ONLY_ORDERS = _orders(ORDER_SOURCE_PREFIX, with_drafts=False)

quickly = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def engine() -> Iterator[CompareEngine]:
    with tempfile.TemporaryDirectory() as folder:
        engine = CompareEngine(Path(folder), threads=1)
        yield engine
        engine.close()


def _compare(
    engine: CompareEngine, source: Sequence[Order], destination: Sequence[Order], links: Sequence[Link] = ()
) -> Differences:
    run = Path(tempfile.mkdtemp(dir=engine.database.work_dir))
    return asyncio.run(compare_orders(engine, run, source, destination, links=links))


def _listed(found: Differences, group: Group, column: str) -> list[str]:
    return [str(row[column]) for row in found.page(group, limit=1000)[0] if row[column]]


@quickly
@given(SOURCES, DESTINATIONS, LINKS)
def test_every_order_is_used_once_and_counts_add_up(
    engine: CompareEngine, source: list[Order], destination: list[Order], links: list[Link]
) -> None:
    found = _compare(engine, source, destination, links)

    counts = found.summary.counts
    assert counts.add_up()
    pairs = [match for order in source if (match := match_of(found, order.id))]
    assert len(pairs) == counts.matched == sum((counts.matched_by or {}).values())
    assert found.summary.rows[Group.SUSPECT_MATCHES] == counts.suspect_matches <= counts.matched
    used = Counter(str(pair["source_id"]) for pair in pairs)
    for group in (Group.ONLY_IN_SOURCE, Group.DUPLICATES, Group.UNMATCHABLE):
        used.update(_listed(found, group, "source_id"))
    assert used == Counter(order.id for order in source if not order.is_draft and not order.is_test)
    used = Counter(str(pair["destination_id"]) for pair in pairs)
    for group in (Group.DUPLICATES, Group.UNMATCHABLE):
        used.update(_listed(found, group, "destination_id"))
    assert all(times == 1 for times in used.values())
    orders = {order.id for order in destination if not order.is_draft}
    assert counts.destination == len(orders)
    assert len(orders & set(used)) + counts.only_in_destination == len(orders)


@quickly
@given(ONLY_ORDERS)
def test_a_store_lacks_nothing_of_itself(engine: CompareEngine, orders: list[Order]) -> None:
    unmarked = [replace(order, marker="", is_test=False) for order in orders]

    counts = _compare(engine, unmarked, unmarked).summary.counts

    assert (counts.only_in_source, counts.only_in_destination, counts.field_differences) == (0, 0, 0)
    assert counts.unmatchable == counts.destination_unmatchable


@quickly
@given(ONLY_ORDERS, ONLY_ORDERS)
def test_swapping_the_sides_mirrors_the_figures(
    engine: CompareEngine, source: list[Order], destination: list[Order]
) -> None:
    left = [replace(order, marker="", is_test=False) for order in source]
    right = [replace(order, marker="", is_test=False) for order in destination]

    there = _compare(engine, left, right).summary.counts
    back = _compare(engine, right, left).summary.counts

    assert there.matched == back.matched
    assert there.only_in_source == back.only_in_destination
    assert there.only_in_destination == back.only_in_source
    assert there.unmatchable == back.destination_unmatchable
    assert there.suspect_matches == back.suspect_matches
    assert there.matched_by == back.matched_by


@quickly
@given(*[st.lists(st.integers(0, 10 * 24 * 60), max_size=40)] * 2)
def test_no_two_equal_orders_of_one_day_are_left_and_none_are_paired_beyond(
    engine: CompareEngine, source: list[int], destination: list[int]
) -> None:
    def order(order_id: str, minutes: int) -> Order:
        moment = START + timedelta(minutes=minutes)
        return Order(order_id, "", "EUR", Money.of(5, "EUR"), created_at=moment, email="ada@example.com")

    left = {f"s{place}": order(f"s{place}", minutes) for place, minutes in enumerate(source)}
    right = {f"d{place}": order(f"d{place}", minutes) for place, minutes in enumerate(destination)}

    found = _compare(engine, list(left.values()), list(right.values()))

    def apart(source_id: str, destination_id: str) -> timedelta:
        one, other = left[source_id].created_at, right[destination_id].created_at
        assert one is not None
        assert other is not None
        return abs(one - other)

    pairs = {name: str(match["destination_id"]) for name in left if (match := match_of(found, name))}
    assert all(apart(*pair) <= DAY for pair in pairs.items())
    assert len(set(pairs.values())) == len(pairs) == found.summary.counts.matched
    lonely = [(one, other) for one in left.keys() - pairs.keys() for other in right.keys() - set(pairs.values())]
    assert all(apart(*pair) > DAY for pair in lonely)
