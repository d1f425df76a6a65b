"""The rules by which customers match, each by example."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict, Unpack

import pytest

from crossdock.compare.differences import Differences
from crossdock.compare.engine import CompareEngine
from crossdock.domain.customer import Address, ConsentState, Customer, EmailConsent
from crossdock.domain.difference import Group, Link
from tests.memory_source import DESTINATION_PREFIX, SOURCE_PREFIX, compare_customers
from tests.support.matches import match_of


class Details(TypedDict, total=False):
    """What a test may say of a person beyond id and e-mail."""

    first_name: str
    last_name: str
    phone: str
    role: str
    marker: str
    created_at: datetime
    is_guest: bool
    has_past_order: bool
    addresses: tuple[Address, ...]
    tags: tuple[str, ...]
    email_consent: EmailConsent


Rows = list[dict[str, object]]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[CompareEngine]:
    engine = CompareEngine(tmp_path, threads=1)
    yield engine
    engine.close()


def _person(number: int | str, email: str = "", **values: Unpack[Details]) -> Customer:
    return replace(Customer(id=str(number), email=email), **values)


def _ada(number: int | str, email: str = "", **values: Unpack[Details]) -> Customer:
    ada = Customer(id=str(number), email=email, first_name="Ada", last_name="Byron", phone="+442079460001")
    return replace(ada, **values)


def _rows(differences: Differences, group: Group) -> Rows:
    return [dict(row) for row in differences.page(group, limit=1000)[0]]


def _missing(differences: Differences) -> set[object]:
    assert differences.summary.counts.add_up()
    return {row["source_id"] for row in _rows(differences, Group.ONLY_IN_SOURCE)}


def _pair(differences: Differences, source_id: str) -> tuple[object, object] | None:
    match = match_of(differences, source_id)
    return None if match is None else (match["destination_id"], match["matched_by"])


async def test_an_e_mail_matches_whatever_its_case(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_customers(
        engine,
        tmp_path / "run",
        [_person(1, "Ada@Example.com "), _person(2, "bob@example.com")],
        [
            _person("gid://shopify/Customer/9", "ada@example.com"),
            _person("gid://shopify/Customer/8", "eve@example.com"),
        ],
    )

    assert _missing(found) == {"2"}
    assert _pair(found, "1") == ("gid://shopify/Customer/9", "email")
    assert found.summary.counts.only_in_destination == 1
    assert found.summary.counts.matched_by == {"email": 1}


async def test_a_link_of_the_ledger_comes_before_marker_and_e_mail(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_customers(
        engine,
        tmp_path / "run",
        [_person(1, "ada@example.com"), _person(2, "bob@example.com")],
        [_person("a", "bob@example.com", marker=f"{SOURCE_PREFIX}2"), _person("b", "eve@example.com")],
        links=[Link("1", "a")],
    )

    assert _pair(found, "1") == ("a", "link")
    assert _missing(found) == {"2"}


@pytest.mark.parametrize(
    ("source_marker", "destination_marker", "matches"),
    [
        ("", f"{SOURCE_PREFIX}1", True),
        (f"{DESTINATION_PREFIX}b", "", True),
        ("", f"{SOURCE_PREFIX}11", False),
        ("", "woocommerce:other.example.com:customer:1", False),
    ],
)
async def test_markers_link_in_both_directions_and_are_compared_whole(
    engine: CompareEngine, tmp_path: Path, source_marker: str, destination_marker: str, *, matches: bool
) -> None:
    found = await compare_customers(
        engine,
        tmp_path / "run",
        [_person(1, "old@example.com", marker=source_marker)],
        [_person("b", "new@example.com", marker=destination_marker)],
    )

    assert _pair(found, "1") == (("b", "link") if matches else None)


async def test_a_record_with_two_copies_is_linked_to_the_lowest_id(engine: CompareEngine, tmp_path: Path) -> None:
    marker = f"{SOURCE_PREFIX}1"
    found = await compare_customers(
        engine,
        tmp_path / "run",
        [_person(1, "ada@example.com")],
        [_person(10, "ada@example.com", marker=marker), _person(9, "ada@example.com", marker=marker)],
    )

    assert _pair(found, "1") == ("9", "link")
    assert [(row["destination_id"], row["representative_id"]) for row in _rows(found, Group.DUPLICATES)] == [
        ("10", "9")
    ]


async def test_a_stale_link_leaves_the_record_missing_and_says_so(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_customers(
        engine,
        tmp_path / "run",
        [_person(1, "ada@example.com"), _person(2, "bob@example.com")],
        [],
        links=[Link("1", "gone", linked_at="2024-02-03T04:05:06Z")],
    )

    stale = {
        row["source_id"]: (row["stale_destination_id"], row["stale_linked_at"])
        for row in _rows(found, Group.ONLY_IN_SOURCE)
    }
    assert stale == {"1": ("gone", "2024-02-03T04:05:06Z"), "2": (None, None)}


async def test_a_filtered_record_keeps_its_destination_record_from_others(
    engine: CompareEngine, tmp_path: Path
) -> None:
    found = await compare_customers(
        engine,
        tmp_path / "run",
        [_person(1, "ada@example.com", role="administrator"), _person(2, "bob@example.com", role="customer")],
        [_person("a", "bob@example.com")],
        links=[Link("1", "a")],
    )

    counts = found.summary.counts
    assert (counts.source_read, counts.source_filtered, counts.source) == (2, 1, 1)
    assert (counts.matched, counts.only_in_destination) == (0, 1)
    assert _missing(found) == {"2"}


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({}, {"1", "2"}),
        ({"includeGuests": True}, {"1", "2", "guest:g@example.com"}),
        ({"requirePastOrder": True}, {"2"}),
        ({"requireName": "true"}, {"1"}),
        ({"roles": ["customer", "subscriber"]}, {"1", "2", "3"}),
        ({"createdAfter": "2024-01-01"}, {"2"}),
        ({"createdBefore": "2024-01-01T00:00:00Z"}, {"1"}),
    ],
)
async def test_filters_choose_the_candidates(
    engine: CompareEngine, tmp_path: Path, options: dict[str, object], kept: set[str]
) -> None:
    source = [
        _person(1, "a@example.com", role="customer", first_name="Ada", created_at=datetime(2023, 12, 31, tzinfo=UTC)),
        _person(2, "b@example.com", role="customer", has_past_order=True, created_at=datetime(2024, 1, 1, tzinfo=UTC)),
        _person(3, "c@example.com", role="subscriber"),
        _person("guest:g@example.com", "g@example.com", is_guest=True),
    ]

    found = await compare_customers(engine, tmp_path / "run", source, [], options=options)

    assert _missing(found) == kept


async def test_an_account_represents_before_guests_then_the_newest(engine: CompareEngine, tmp_path: Path) -> None:
    early, late = datetime(2020, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)
    found = await compare_customers(
        engine,
        tmp_path / "run",
        [
            _person("guest:ada@example.com", "ada@example.com", is_guest=True, created_at=late),
            _person(1, "ada@example.com", created_at=early),
            _person(5, "bob@example.com", created_at=early),
            _person(6, "bob@example.com", created_at=late),
            _person(9, "eve@example.com"),
            _person(10, "eve@example.com"),
        ],
        [_person("b", "bob@example.com")],
        options={"includeGuests": True},
    )

    duplicates = {row["source_id"]: row["representative_id"] for row in _rows(found, Group.DUPLICATES)}
    assert duplicates == {"guest:ada@example.com": "1", "5": "6", "9": "10"}
    assert _missing(found) == {"1", "10"}
    assert _pair(found, "6") == ("b", "email")


async def test_guests_of_the_destination_are_no_customers(engine: CompareEngine, tmp_path: Path) -> None:
    guest = _person("guest:ada@example.com", "ada@example.com", is_guest=True)

    found = await compare_customers(engine, tmp_path / "run", [_person(1, "ada@example.com")], [guest])

    assert _missing(found) == {"1"}
    assert found.summary.counts.destination == 0


async def test_a_guest_of_several_orders_is_one_person(engine: CompareEngine, tmp_path: Path) -> None:
    early, late = datetime(2020, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)
    ada = _person("guest:ada@example.com", "Ada@example.com", is_guest=True, created_at=early)
    bob = _person("guest:bob@example.com", "bob@example.com", is_guest=True)
    again = replace(ada, email="ada@example.com", first_name="Ada", created_at=late)
    account = _person(1, "bob@example.com", role="customer")

    found = await compare_customers(
        engine, tmp_path / "run", [account, ada, bob, bob, again], [], options={"includeGuests": True}
    )

    assert found.summary.counts.source_read == 3
    assert _missing(found) == {"1", "guest:ada@example.com"}
    newest = _rows(found, Group.ONLY_IN_SOURCE)[0]
    assert (newest["email"], newest["first_name"]) == ("ada@example.com", "Ada")
    assert [row["representative_id"] for row in _rows(found, Group.DUPLICATES)] == ["1"]


async def test_name_and_telephone_match_where_either_lacks_an_e_mail(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_customers(engine, tmp_path / "run", [_ada(1)], [_ada("a", "ada@example.com")])

    assert _pair(found, "1") == ("a", "name_phone")


async def test_name_and_telephone_do_not_match_two_e_mails(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_customers(
        engine, tmp_path / "run", [_ada(1, "work@example.com")], [_ada("a", "home@example.com")]
    )

    assert _missing(found) == {"1"}


async def test_several_candidates_are_left_to_a_person(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_customers(
        engine, tmp_path / "run", [_ada(1)], [_ada("a", "work@example.com"), _ada("b", "home@example.com")]
    )

    reasons = {
        (row["side"], row["source_id"] or row["destination_id"]): row["reason"]
        for row in _rows(found, Group.UNMATCHABLE)
    }
    assert reasons == {
        ("source", "1"): "ambiguous_candidates",
        ("destination", "a"): "ambiguous_candidates",
        ("destination", "b"): "ambiguous_candidates",
    }
    assert _missing(found) == set()


async def test_a_record_without_any_key_is_unmatchable(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_customers(
        engine, tmp_path / "run", [_person(1, first_name="Ada", phone="none")], [_person("a")]
    )

    assert {row["reason"] for row in _rows(found, Group.UNMATCHABLE)} == {"no_usable_key"}
    assert found.summary.counts.unmatchable == 1
    assert found.summary.counts.destination_unmatchable == 1


async def test_an_account_of_another_role_matches_with_a_warning(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_customers(
        engine, tmp_path / "run", [_person(1, "ada@example.com")], [_person(7, "ada@example.com", role="editor")]
    )

    match = match_of(found, "1")
    assert match is not None
    assert match["warnings"] == ["other_role"]
    assert found.summary.figures == {"matched_with_other_role": 1}


async def test_different_fields_are_named_with_both_values(engine: CompareEngine, tmp_path: Path) -> None:
    home = Address(address1="1 High Street", city="Leeds", postcode="LS1 1AA", country_code="GB")
    source = _ada(1, "ada@example.com", addresses=(home,), tags=("VIP", "wholesale"))
    destination = _person(
        "a",
        "ada@example.com",
        first_name="ADA",
        last_name="Lovelace",
        phone="020 7946 0001",
        email_consent=EmailConsent(ConsentState.SUBSCRIBED),
        tags=("Wholesale", "vip"),
    )

    found = await compare_customers(engine, tmp_path / "run", [source], [destination])

    (row,) = _rows(found, Group.FIELD_DIFFERENCES)
    assert row["fields"] == ["name", "address", "consent"]
    assert (row["source_name"], row["destination_name"]) == ("Ada Byron", "ADA Lovelace")
    assert (row["source_address"], row["destination_address"]) == ("1 High Street, LS1 1AA Leeds, GB", "")
    assert (row["source_consent"], row["destination_consent"]) == ("", "subscribed")


async def test_only_fields_that_both_platforms_hold_are_compared(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_customers(
        engine,
        tmp_path / "run",
        [_person(1, "ada@example.com", first_name="Ada", tags=("vip",))],
        [_person("a", "ada@example.com", first_name="Eve")],
        compared_fields=frozenset({"tags"}),
    )

    assert [row["fields"] for row in _rows(found, Group.FIELD_DIFFERENCES)] == [["tags"]]


async def test_missing_records_are_charted_by_month(engine: CompareEngine, tmp_path: Path) -> None:
    moments = (
        datetime(2024, 1, 5, tzinfo=UTC),
        datetime(2024, 1, 31, 23, 59, tzinfo=UTC),
        datetime(2023, 11, 1, tzinfo=UTC),
    )
    source = [_person(n, f"p{n}@example.com", created_at=moment) for n, moment in enumerate(moments)]

    found = await compare_customers(engine, tmp_path / "run", [*source, _person(9, "p9@example.com")], [])

    assert found.chart() == (("", 1), ("2023-11", 1), ("2024-01", 2))


async def test_comparisons_run_side_by_side(engine: CompareEngine, tmp_path: Path) -> None:
    people = [_person(number, f"p{number}@example.com") for number in range(20)]
    runs = [compare_customers(engine, tmp_path / str(number), people, people[:number]) for number in range(4)]

    found = await asyncio.gather(*(asyncio.to_thread(asyncio.run, run) for run in runs))

    assert [result.summary.counts.matched for result in found] == [0, 1, 2, 3]
