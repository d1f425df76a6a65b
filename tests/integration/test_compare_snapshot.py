"""A store is read into parts that survive a crash, and no record is lost or counted twice."""

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from crossdock.compare.engine import CompareEngine, CompareInterruptedError
from crossdock.compare.kinds.customers import CUSTOMERS
from crossdock.compare.manifest import MANIFEST, load_manifest
from crossdock.compare.spec import CompareSpec
from crossdock.connectors.contract import UnreadableRecord
from crossdock.domain.customer import Customer
from crossdock.domain.difference import Group, Link
from crossdock.domain.errors import NotFoundError, StateError, StoreUnavailableError
from crossdock.domain.kinds import CUSTOMER
from tests.memory_source import MemorySource, compare_customers, take_snapshot

PEOPLE = [Customer(id=str(number), email=f"p{number}@example.com") for number in range(1, 11)]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[CompareEngine]:
    engine = CompareEngine(tmp_path, threads=1)
    yield engine
    engine.close()


def _spec(directory: Path, links: Iterable[Link] = ()) -> CompareSpec:
    return CompareSpec(
        kind=CUSTOMERS,
        source_dir=directory / "source",
        destination_dir=directory / "destination",
        result_dir=directory / "result",
        source_prefix="a:",
        destination_prefix="b:",
        options=CUSTOMERS.parse_options({}),
        links=links,
    )


async def test_a_failed_reading_goes_on_after_the_last_page(engine: CompareEngine, tmp_path: Path) -> None:
    directory = tmp_path / "source"
    with pytest.raises(StoreUnavailableError):
        await take_snapshot(engine, CUSTOMERS, MemorySource(CUSTOMER, PEOPLE, fails_after=6), directory)
    kept = load_manifest(directory)
    assert kept is not None
    assert (kept.records, kept.cursor, kept.is_complete) == (6, "6", False)

    again = MemorySource(CUSTOMER, PEOPLE)
    manifest = await take_snapshot(engine, CUSTOMERS, again, directory)

    assert again.given == 4
    assert (manifest.records, manifest.is_complete) == (10, True)


async def test_a_stopped_reading_keeps_what_it_read(engine: CompareEngine, tmp_path: Path) -> None:
    seen: list[int] = []

    manifest = await take_snapshot(
        engine,
        CUSTOMERS,
        MemorySource(CUSTOMER, PEOPLE),
        tmp_path / "source",
        on_progress=seen.append,
        should_stop=lambda: len(seen) > 2,
    )

    assert (manifest.records, manifest.is_complete) == (6, False)
    assert seen == [0, 3, 6]


async def test_a_finished_snapshot_is_not_read_again(engine: CompareEngine, tmp_path: Path) -> None:
    await take_snapshot(engine, CUSTOMERS, MemorySource(CUSTOMER, PEOPLE), tmp_path / "source")
    again = MemorySource(CUSTOMER, PEOPLE)

    await take_snapshot(engine, CUSTOMERS, again, tmp_path / "source")

    assert again.given == 0


async def test_parts_are_bounded_even_when_a_page_is_not(engine: CompareEngine, tmp_path: Path) -> None:
    people = [Customer(id=str(number)) for number in range(12_000)]

    manifest = await take_snapshot(
        engine, CUSTOMERS, MemorySource(CUSTOMER, people, page_size=12_000), tmp_path / "source"
    )

    assert [part.records for part in manifest.parts] == [5_000, 5_000, 2_000]


async def test_a_part_that_no_manifest_names_does_not_count(engine: CompareEngine, tmp_path: Path) -> None:
    directory = tmp_path / "run" / "source"
    with pytest.raises(StoreUnavailableError):
        await take_snapshot(engine, CUSTOMERS, MemorySource(CUSTOMER, PEOPLE, fails_after=3), directory)
    (directory / "part-000002.parquet").write_bytes(b"half a file")

    found = await compare_customers(engine, tmp_path / "run", PEOPLE, [])

    assert found.summary.counts.source == 10


async def test_a_record_that_was_read_twice_counts_once_as_last_read(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_customers(engine, tmp_path / "run", [*PEOPLE, Customer(id="3", email="new@example.com")], [])

    assert found.summary.counts.source_read == 10
    row = found.find("3")
    assert row is not None
    assert row[1]["email"] == "new@example.com"


async def test_unreadable_records_are_listed_and_the_rest_is_kept(engine: CompareEngine, tmp_path: Path) -> None:
    broken = Customer(id="11", email="x@example.com", first_name="\ud800")
    source = MemorySource(CUSTOMER, [*PEOPLE, broken], unreadable=[UnreadableRecord("77", "`email` is no text.")])

    manifest = await take_snapshot(engine, CUSTOMERS, source, tmp_path / "source")

    assert (manifest.records, manifest.unreadable_count) == (10, 2)
    assert [unreadable.id for unreadable in manifest.unreadable] == ["77", "11"]


async def test_another_stores_snapshot_is_refused(engine: CompareEngine, tmp_path: Path) -> None:
    await take_snapshot(engine, CUSTOMERS, MemorySource(CUSTOMER, PEOPLE), tmp_path / "source")

    with pytest.raises(StateError, match="snapshot_foreign"):
        await take_snapshot(engine, CUSTOMERS, MemorySource(CUSTOMER, PEOPLE), tmp_path / "source", store_key="another")


async def test_a_damaged_manifest_is_told(engine: CompareEngine, tmp_path: Path) -> None:
    await take_snapshot(engine, CUSTOMERS, MemorySource(CUSTOMER, PEOPLE), tmp_path / "source")
    (tmp_path / "source" / MANIFEST).write_bytes(b"{")

    with pytest.raises(StateError, match="snapshot_damaged"):
        load_manifest(tmp_path / "source")


async def test_half_a_destination_is_never_compared(engine: CompareEngine, tmp_path: Path) -> None:
    await take_snapshot(engine, CUSTOMERS, MemorySource(CUSTOMER, PEOPLE), tmp_path / "source")
    await take_snapshot(
        engine, CUSTOMERS, MemorySource(CUSTOMER, PEOPLE), tmp_path / "destination", should_stop=lambda: True
    )

    with pytest.raises(StateError, match="snapshot_incomplete"):
        engine.compare(_spec(tmp_path))


async def test_an_interrupted_comparison_has_no_result(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_customers(engine, tmp_path, PEOPLE, [])
    is_running, may_go_on = threading.Event(), threading.Event()
    raised: list[Exception] = []

    def links() -> Iterator[Link]:
        is_running.set()
        may_go_on.wait(10)
        yield Link("1", "1")

    def compare() -> None:
        try:
            engine.compare(_spec(tmp_path, links()))
        except CompareInterruptedError as error:
            raised.append(error)

    thread = threading.Thread(target=compare)
    thread.start()
    assert is_running.wait(10)
    engine.interrupt(tmp_path / "result")
    may_go_on.set()
    thread.join(10)

    assert [type(error) for error in raised] == [CompareInterruptedError]
    with pytest.raises(NotFoundError):
        type(found)(engine.database, CUSTOMERS, tmp_path / "result").page(Group.ONLY_IN_SOURCE)


async def test_hostile_text_comes_back_as_it_was(engine: CompareEngine, tmp_path: Path) -> None:
    hostile = "'; drop table source; -- <script>\x00\n\"{{7*7}}\U0001f980"

    found = await compare_customers(
        engine, tmp_path / "run", [Customer(id="1", email="a@example.com", first_name=hostile)], []
    )

    assert found.page(Group.ONLY_IN_SOURCE)[0][0]["first_name"] == hostile
    assert found.page(Group.ONLY_IN_SOURCE, search="'; drop table")[1] == 1


def test_nothing_outside_of_the_work_directory_can_be_read(engine: CompareEngine, tmp_path: Path) -> None:
    outside = tmp_path.parent / "outside.csv"
    outside.write_text("secret\n1\n", encoding="utf-8")

    with engine.database.cursor() as cursor, pytest.raises(Exception, match="disabled by configuration"):
        cursor.execute("select * from read_csv($1)", [str(outside)])
