"""Any page of any sort, narrowed or not, and whole lists in chunks."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from crossdock.compare import differences as module
from crossdock.compare.differences import Differences
from crossdock.compare.engine import CompareEngine
from crossdock.compare.export import export_group
from crossdock.compare.kinds.customers import CUSTOMERS
from crossdock.domain.customer import Customer
from crossdock.domain.difference import Group
from crossdock.domain.errors import InvalidRequestError, NotFoundError
from tests.memory_source import compare_customers

MISSING = Group.ONLY_IN_SOURCE
FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)
PEOPLE = [
    Customer(
        id=str(number),
        email=f"P{number * 7 % 30:02}@example.com",
        first_name=("Zoë", "ada", "Bob")[number % 3],
        last_name=f"N{number:02}",
        phone="+442079460001" if number % 5 == 0 else "",
        created_at=FIRST_DAY + timedelta(days=number * 11 % 30),
        order_count=number % 4,
    )
    for number in range(30)
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def found(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Differences]:
    folder = tmp_path_factory.mktemp("compared")
    engine = CompareEngine(folder, threads=1)
    yield await compare_customers(engine, folder / "run", PEOPLE, [])
    engine.close()


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", ["createdAt", "email", "name"])
def test_pages_of_a_sort_follow_each_other(found: Differences, sort: str, *, descending: bool) -> None:
    keys = {"createdAt": "created_at", "email": "email", "name": "name_key"}
    pages = [
        found.page(MISSING, sort=sort, descending=descending, offset=offset, limit=7)[0] for offset in range(0, 35, 7)
    ]
    values = [str(row[keys[sort]]) for rows in pages for row in rows]

    assert len(values) == 30
    assert values == sorted(values, reverse=descending)


def test_the_newest_come_first_by_default(found: Differences) -> None:
    rows, total = found.page(MISSING, limit=1)

    assert total == 30
    assert rows[0]["created_at"] == FIRST_DAY + timedelta(days=29)


def test_a_search_finds_parts_of_address_and_name_whatever_the_case(found: Differences) -> None:
    assert found.page(MISSING, search="ZOË n03")[1] == 1
    assert found.page(MISSING, search="p0")[1] == 10
    assert found.page(MISSING, search="nobody") == ([], 0)


@pytest.mark.parametrize("sort", ["createdAt", "email"])
@pytest.mark.parametrize("search", ["P0*", "zo*", "bob n2 *", "p1", "p07@example.com*", "nobody*", "~*", "%*", "*"])
def test_an_asterisk_behind_a_search_finds_what_begins_so(found: Differences, search: str, sort: str) -> None:
    text = search.removesuffix("*").strip().lower()
    texts = {person.id: (person.email.lower(), person.name_key()) for person in PEOPLE}
    meets = str.startswith if search.endswith("*") else str.__contains__
    expected = {id_ for id_, values in texts.items() if any(value and meets(value, text) for value in values)}

    rows, total = found.page(MISSING, search=search, sort=sort)
    keys = [str(row[{"createdAt": "created_at", "email": "email_key"}[sort]]) for row in rows]

    assert ({row["source_id"] for row in rows}, total) == (expected, len(expected))
    assert found.count(MISSING, search=search) == total
    assert keys == sorted(keys)
    assert {id_ for chunk in found.selected(search=search) for id_, _ in chunk} == expected
    assert {row["source_id"] for chunk in found.stream(MISSING, search=search) for row in chunk} == expected


def test_a_beginning_and_a_filter_narrow_together(found: Differences) -> None:
    rows, total = found.page(MISSING, search="p1*", where={"hasPhone": "true"})
    expected = {person.id for person in PEOPLE if person.email.startswith("P1") and person.phone}

    assert expected
    assert ({row["source_id"] for row in rows}, total) == (expected, len(expected))


def test_filters_narrow_pages_streams_and_selections_alike(found: Differences) -> None:
    where = {"hasPhone": "true", "createdAfter": "2024-01-06", "createdBefore": None}
    expected = {
        person.id
        for person in PEOPLE
        if person.phone and person.created_at and person.created_at >= datetime(2024, 1, 6, tzinfo=UTC)
    }

    rows, total = found.page(MISSING, where=where)

    assert expected
    assert total == len(expected)
    assert {row["source_id"] for row in rows} == expected
    assert {row["source_id"] for chunk in found.stream(MISSING, where=where) for row in chunk} == expected
    assert {source_id for chunk in found.selected(where=where) for source_id, _ in chunk} == expected


def test_a_narrowed_page_keeps_the_sort(found: Differences) -> None:
    rows, total = found.page(MISSING, sort="email", descending=True, where={"hasOrders": True}, offset=5, limit=5)
    emails = sorted((person.email.lower() for person in PEOPLE if person.order_count), reverse=True)

    assert total == len(emails)
    assert [row["email_key"] for row in rows] == emails[5:10]


def test_chunks_join_without_gap_or_overlap(found: Differences, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK_ROWS", 7)

    chunks = list(found.stream(MISSING, sort="email"))

    assert [len(chunk) for chunk in chunks] == [7, 7, 7, 7, 2]
    assert [row["email"] for chunk in chunks for row in chunk] == sorted(person.email for person in PEOPLE)
    assert [len(chunk) for chunk in found.selected(excluded=["0", "1"])] == [5, 7, 7, 7, 2]


def test_a_label_names_the_record(found: Differences) -> None:
    assert dict(pair for chunk in found.selected() for pair in chunk)["3"] == "P21@example.com"


def test_a_row_is_found_by_its_id(found: Differences) -> None:
    row = found.find("3")

    assert row is not None
    assert (row[0], row[1]["last_name"]) == (MISSING, "N03")
    assert found.find("no such id") is None


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"sort": "rank_email"}, "sort"),
        ({"where": {"1=1; --": "x"}}, "where"),
        ({"where": {"hasPhone": "maybe"}}, "where.hasPhone"),
        ({"where": {"createdAfter": "yesterday"}}, "where.createdAfter"),
        ({"where": {"inSource": "true"}}, "where"),
        ({"search": "x" * 201}, "search"),
        ({"limit": 1001}, "limit"),
        ({"limit": 0}, "limit"),
        ({"offset": -1}, "offset"),
    ],
)
def test_what_is_not_allowed_is_named(found: Differences, request_: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        found.page(MISSING, **request_)  # pyright: ignore[reportArgumentType] - wrong on purpose

    assert refused.value.field == field
    assert refused.value.allowed


def test_a_list_that_the_kind_lacks_is_refused(found: Differences) -> None:
    with pytest.raises(InvalidRequestError):
        found.page(Group.SUSPECT_MATCHES)


def test_a_comparison_without_result_is_not_found(found: Differences, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        Differences(found._database, CUSTOMERS, tmp_path / "nothing").page(MISSING)


def test_an_export_holds_the_filtered_list(found: Differences) -> None:
    text = b"".join(export_group(found, MISSING, sort="email", where={"hasPhone": True})).decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))

    assert rows[0][:5] == ["E-mail", "First name", "Last name", "Phone", "Created"]
    assert [row[3] for row in rows[1:]] == ["+442079460001"] * 6
    assert rows[1][4].endswith("T00:00:00Z")


def test_every_list_can_be_exported(found: Differences) -> None:
    for group in CUSTOMERS.groups:
        assert b"".join(export_group(found, group)).startswith(b"E-mail,")
