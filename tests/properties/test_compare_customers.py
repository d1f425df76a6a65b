"""What always holds of a comparison, whoever the customers are."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.compare.differences import Differences
from crossdock.compare.engine import CompareEngine
from crossdock.domain.customer import Customer
from crossdock.domain.difference import Group, Link
from tests.memory_source import DESTINATION_PREFIX, SOURCE_PREFIX, compare_customers
from tests.support.matches import match_of

EMAILS = st.sampled_from(["", "", "ada@example.com", "bob@example.com", "Bob@example.com", "eve@example.com"])
NAMES = st.sampled_from(["", "Ada", "Bob"])
PHONES = st.sampled_from(["", "+442079460001", "+442079460002"])
MOMENTS = st.sampled_from([None, datetime(2020, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)])
IDS = st.integers(1, 12).map(str)


def _people(marker_prefix: str) -> st.SearchStrategy[list[Customer]]:
    person = st.builds(
        Customer,
        id=IDS,
        email=EMAILS,
        first_name=NAMES,
        last_name=st.just("Byron"),
        phone=PHONES,
        created_at=MOMENTS,
        role=st.sampled_from(["", "customer"]),
        marker=st.just("") | IDS.map(lambda number: marker_prefix + number),
    )
    return st.lists(person, max_size=9, unique_by=lambda customer: customer.id)


LINKS = st.lists(st.builds(Link, source_id=IDS, destination_id=IDS), max_size=4)
SOURCES, DESTINATIONS = _people(DESTINATION_PREFIX), _people(SOURCE_PREFIX)

quickly = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def engine() -> Iterator[CompareEngine]:
    with tempfile.TemporaryDirectory() as folder:
        engine = CompareEngine(Path(folder), threads=1)
        yield engine
        engine.close()


def _compare(
    engine: CompareEngine, source: Sequence[Customer], destination: Sequence[Customer], links: Sequence[Link] = ()
) -> Differences:
    run = Path(tempfile.mkdtemp(dir=engine.database.work_dir))
    return asyncio.run(compare_customers(engine, run, source, destination, links=links))


def _listed(found: Differences, group: Group, column: str) -> list[str]:
    return [str(row[column]) for row in found.page(group, limit=1000)[0] if row[column]]


@quickly
@given(SOURCES, DESTINATIONS, LINKS)
def test_every_record_is_used_once_and_counts_add_up(
    engine: CompareEngine, source: list[Customer], destination: list[Customer], links: list[Link]
) -> None:
    found = _compare(engine, source, destination, links)

    counts = found.summary.counts
    assert counts.add_up()
    pairs = [match for person in source if (match := match_of(found, person.id))]
    assert len(pairs) == counts.matched == sum((counts.matched_by or {}).values())
    used = Counter(str(pair["source_id"]) for pair in pairs)
    for group in (Group.ONLY_IN_SOURCE, Group.DUPLICATES, Group.UNMATCHABLE):
        used.update(_listed(found, group, "source_id"))
    assert used == Counter(person.id for person in source)
    used = Counter(str(pair["destination_id"]) for pair in pairs)
    for group in (Group.DUPLICATES, Group.UNMATCHABLE):
        used.update(_listed(found, group, "destination_id"))
    assert all(times == 1 for times in used.values())
    assert len(used) + counts.only_in_destination == len(destination)


@quickly
@given(SOURCES, LINKS)
def test_a_store_lacks_nothing_of_itself(engine: CompareEngine, people: list[Customer], links: list[Link]) -> None:
    same = [Link(link.source_id, link.source_id) for link in links]
    unmarked = [Customer(id=p.id, email=p.email, first_name=p.first_name, phone=p.phone) for p in people]

    counts = _compare(engine, unmarked, unmarked, same).summary.counts

    assert (counts.only_in_source, counts.only_in_destination, counts.field_differences) == (0, 0, 0)
    assert counts.duplicates == counts.destination_duplicates
    assert counts.unmatchable == counts.destination_unmatchable


@quickly
@given(SOURCES, DESTINATIONS)
def test_swapping_the_sides_mirrors_the_figures(
    engine: CompareEngine, source: list[Customer], destination: list[Customer]
) -> None:
    left = [Customer(p.id, p.email, p.first_name, p.last_name, p.phone, p.created_at) for p in source]
    right = [Customer(p.id, p.email, p.first_name, p.last_name, p.phone, p.created_at) for p in destination]

    there = _compare(engine, left, right).summary.counts
    back = _compare(engine, right, left).summary.counts

    assert there.matched == back.matched
    assert there.only_in_source == back.only_in_destination
    assert there.only_in_destination == back.only_in_source
    assert there.duplicates == back.destination_duplicates
    assert there.unmatchable == back.destination_unmatchable
    assert there.matched_by == back.matched_by
