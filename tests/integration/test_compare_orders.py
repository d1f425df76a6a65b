"""The rules by which orders match that no link joins, each by example."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crossdock.compare.engine import CompareEngine
from crossdock.domain.difference import Group
from crossdock.domain.money import Money
from crossdock.domain.order import Order
from tests.compared_orders import NOON, an_order, missing_in, pair_of, rows_of
from tests.memory_source import compare_orders


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[CompareEngine]:
    engine = CompareEngine(tmp_path, threads=1)
    yield engine
    engine.close()


@pytest.mark.parametrize(
    ("one", "other"),
    [("1001", "#1001"), (" #1001 ", "1001"), ("A-17", "a-17"), ("\uff11\uff10\uff10\uff11", "1001")],
)
async def test_a_number_matches_whatever_stands_around_it(
    engine: CompareEngine, tmp_path: Path, one: str, other: str
) -> None:
    found = await compare_orders(
        engine, tmp_path / "run", [an_order(1, one)], [an_order("a", other, "ADA@example.com")]
    )

    assert pair_of(found, "1") == ("a", "number")
    assert found.summary.counts.suspect_matches == 0


async def test_what_a_store_puts_around_a_number_does_not_count(engine: CompareEngine, tmp_path: Path) -> None:
    destination = replace(an_order("a", "EN1001-X"), bare_number="1001")

    found = await compare_orders(engine, tmp_path / "run", [an_order(1, "1001")], [destination])

    assert pair_of(found, "1") == ("a", "number")


@pytest.mark.parametrize(
    ("other", "evidence"),
    [
        (an_order("a", "1001", hours=23), None),
        (an_order("a", "1001", total="1.00"), None),
        (an_order("a", "1001", hours=900), None),
        (an_order("a", "1001", "eve@example.com"), None),
        (an_order("a", "1001", "eve@example.com", hours=25), ["total"]),
        (an_order("a", "1001", "eve@example.com", "1.00", hours=-24), ["time"]),
        (an_order("a", "1001", total="1.00", hours=900), ["email"]),
        (an_order("a", "1001", hours=900, currency="USD"), ["email"]),
        (an_order("a", "1001", "eve@example.com", "1.00", hours=900), []),
    ],
)
async def test_a_number_is_sound_when_two_of_e_mail_total_and_time_agree(
    engine: CompareEngine, tmp_path: Path, other: Order, evidence: list[str] | None
) -> None:
    found = await compare_orders(engine, tmp_path / "run", [an_order(1, "1001")], [other])

    assert pair_of(found, "1") == ("a", "number")
    assert [row["evidence"] for row in rows_of(found, Group.SUSPECT_MATCHES)] == (
        [] if evidence is None else [evidence]
    )
    assert found.summary.counts.suspect_matches == (evidence is not None)
    assert missing_in(found) == set()


async def test_what_both_sides_lack_is_no_agreement(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_orders(
        engine, tmp_path / "run", [an_order(1, "1001", "", hours=None)], [an_order("a", "1001", "", hours=None)]
    )

    assert [row["evidence"] for row in rows_of(found, Group.SUSPECT_MATCHES)] == [["total"]]


async def test_a_suspect_shows_both_sides_and_can_be_selected(engine: CompareEngine, tmp_path: Path) -> None:
    other = an_order("a", "#1001", "eve@example.com", "1.00", hours=900)
    found = await compare_orders(engine, tmp_path / "run", [an_order(1, "#1001")], [other])

    (row,) = rows_of(found, Group.SUSPECT_MATCHES)
    assert (row["source_email"], row["destination_email"]) == ("ada@example.com", "eve@example.com")
    assert (row["source_total"], row["destination_total"]) == ("99.90", "1.00")
    assert (row["source_created_at"], row["destination_created_at"]) == (NOON, NOON + timedelta(hours=900))
    assert (row["source_id"], row["destination_id"]) == ("1", "a")
    assert list(found.selected(group=Group.SUSPECT_MATCHES)) == [[("1", "1001")]]


async def test_equal_numbers_pair_by_the_best_evidence(engine: CompareEngine, tmp_path: Path) -> None:
    source = [
        an_order(1, "7", "eve@example.com", "5.00", hours=900),
        an_order(2, "7", "ada@example.com", "5.00", hours=0),
        an_order(3, "7", "bob@example.com", "6.00", hours=300),
    ]
    destination = [
        an_order("a", "7", "ada@example.com", "5.00", hours=1),
        an_order("b", "7", "bob@example.com", "6.00", hours=600),
        an_order("c", "7", "zoe@example.com", "5.00", hours=-900),
    ]

    found = await compare_orders(engine, tmp_path / "run", source, destination)

    assert [pair_of(found, number) for number in "123"] == [("c", "number"), ("a", "number"), ("b", "number")]
    assert [row["source_id"] for row in rows_of(found, Group.SUSPECT_MATCHES)] == ["1"]
    assert rows_of(found, Group.DUPLICATES) == []


async def test_a_suspect_takes_nothing_from_a_certain_match(engine: CompareEngine, tmp_path: Path) -> None:
    source = [an_order(1, "1001"), an_order(2, "1002", "bob@example.com", "5.00")]
    destination = [an_order("a", "1001", "bob@example.com", "5.00"), an_order("b", "9", hours=1)]

    found = await compare_orders(engine, tmp_path / "run", source, destination)

    assert pair_of(found, "1") == ("b", "email_total_time")
    assert pair_of(found, "2") == ("a", "email_total_time")
    assert found.summary.counts.suspect_matches == 0


@pytest.mark.parametrize(
    ("other", "options", "matches"),
    [
        (an_order("a", "9", hours=24), {}, True),
        (an_order("a", "9", hours=-24.001), {}, False),
        (an_order("a", "9", hours=30), {"matchWindowHours": 48}, True),
        (an_order("a", "9", hours=1), {"matchWindowHours": "0"}, False),
        (an_order("a", "9"), {"matchWindowHours": 0}, True),
        (an_order("a", "9", total="99.91"), {}, False),
        (an_order("a", "9", currency="USD"), {}, False),
        (an_order("a", "9", "eve@example.com"), {}, False),
        (an_order("a", "9", "ADA@EXAMPLE.COM "), {}, True),
        (an_order("a", "9", hours=None), {}, False),
    ],
)
async def test_orders_without_a_common_number_match_by_e_mail_total_and_time(
    engine: CompareEngine, tmp_path: Path, other: Order, options: dict[str, object], *, matches: bool
) -> None:
    found = await compare_orders(engine, tmp_path / "run", [an_order(1, "1001")], [other], options=options)

    assert pair_of(found, "1") == (("a", "email_total_time") if matches else None)
    assert missing_in(found) == (set() if matches else {"1"})


async def test_orders_without_e_mail_match_by_number_or_link_only(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_orders(engine, tmp_path / "run", [an_order(1, "1001", "")], [an_order("a", "9", "")])

    assert missing_in(found) == {"1"}


async def test_what_the_customer_paid_matches_where_shop_money_differs(engine: CompareEngine, tmp_path: Path) -> None:
    destination = replace(
        an_order("a", "9", total="107.20", currency="USD"), presentment_total=Money.of("99.90", "EUR")
    )

    found = await compare_orders(engine, tmp_path / "run", [an_order(1, "1001")], [destination])

    assert pair_of(found, "1") == ("a", "email_total_time")


async def test_of_equal_orders_the_nearest_in_time_match(engine: CompareEngine, tmp_path: Path) -> None:
    source = [an_order(1, "1", hours=0), an_order(2, "2", hours=8), an_order(3, "3", hours=16)]
    destination = [an_order("a", "91", hours=0), an_order("c", "93", hours=16)]

    found = await compare_orders(engine, tmp_path / "run", source, destination)

    assert missing_in(found) == {"2"}
    assert (pair_of(found, "1"), pair_of(found, "3")) == (("a", "email_total_time"), ("c", "email_total_time"))


async def test_two_equal_orders_of_one_day_are_two_orders(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_orders(
        engine, tmp_path / "run", [an_order(1, "1"), an_order(2, "2")], [an_order("a", "9", hours=2)]
    )

    counts = found.summary.counts
    assert (counts.matched, counts.only_in_source, counts.duplicates) == (1, 1, 0)


async def test_a_missing_order_is_told_from_others_that_summer_time_has_shifted(
    engine: CompareEngine, tmp_path: Path
) -> None:
    """Each day shortly before midnight the same order; the other store wrote the times an hour late and lacks one."""
    source = [an_order(day, f"s{day}", hours=24 * day + 11.5) for day in range(10)]
    destination = [an_order(f"d{day}", f"d{day}", hours=24 * day + 12.5) for day in range(10) if day != 4]

    found = await compare_orders(engine, tmp_path / "run", source, destination)

    assert missing_in(found) == {"4"}
    assert pair_of(found, "9") == ("d9", "email_total_time")


async def test_twenty_thousand_equal_orders_are_paired_once_each(engine: CompareEngine, tmp_path: Path) -> None:
    source = [an_order(number, f"s{number}", hours=number * 3) for number in range(20_000)]
    destination = [replace(order, id=f"d{order.id}", number=f"d{order.id}") for order in source]

    found = await compare_orders(engine, tmp_path / "run", source, destination[1:])

    assert found.summary.counts.matched == 19_999
    assert missing_in(found) == {"0"}
    assert pair_of(found, "12345") == ("d12345", "email_total_time")


async def test_twenty_thousand_orders_of_one_number_are_paired_once_each(engine: CompareEngine, tmp_path: Path) -> None:
    source = [an_order(number, "0", f"p{number}@example.com", hours=None) for number in range(20_000)]
    destination = [an_order(f"d{number}", "0", f"p{number}@example.org", hours=None) for number in range(20_000)]

    found = await compare_orders(engine, tmp_path / "run", source, destination)

    assert found.summary.counts.suspect_matches == found.summary.counts.matched == 20_000
