"""The rules by which orders match, each by example."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crossdock.compare.differences import Differences
from crossdock.compare.engine import CompareEngine
from crossdock.domain.difference import Group, Link
from crossdock.domain.money import Money
from crossdock.domain.order import Order
from tests.memory_source import ORDER_DESTINATION_PREFIX, ORDER_SOURCE_PREFIX, compare_orders

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
Rows = list[dict[str, object]]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[CompareEngine]:
    engine = CompareEngine(tmp_path, threads=1)
    yield engine
    engine.close()


def _order(
    number: int | str,
    name: str = "",
    email: str = "ada@example.com",
    total: str = "99.90",
    *,
    hours: float | None = 0,
    currency: str = "EUR",
) -> Order:
    moment = None if hours is None else NOON + timedelta(hours=hours)
    return Order(str(number), name, currency, Money.of(total, currency), created_at=moment, email=email)


def _draft(number: int | str, source_id: str, *, became: str = "", total: str = "99.90") -> Order:
    return replace(
        _order(number, "D1", total=total), is_draft=True, became_id=became, marker=f"{ORDER_SOURCE_PREFIX}{source_id}"
    )


def _rows(differences: Differences, group: Group) -> Rows:
    return [dict(row) for row in differences.page(group, limit=1000)[0]]


def _missing(differences: Differences) -> set[object]:
    assert differences.summary.counts.add_up()
    return {row["source_id"] for row in _rows(differences, Group.ONLY_IN_SOURCE)}


def _pair(differences: Differences, source_id: str) -> tuple[object, object] | None:
    match = differences.find_match(source_id)
    return None if match is None else (match["destination_id"], match["matched_by"])


@pytest.mark.parametrize(
    ("one", "other"),
    [("1001", "#1001"), (" #1001 ", "1001"), ("A-17", "a-17"), ("\uff11\uff10\uff10\uff11", "1001")],
)
async def test_a_number_matches_whatever_stands_around_it(
    engine: CompareEngine, tmp_path: Path, one: str, other: str
) -> None:
    found = await compare_orders(engine, tmp_path / "run", [_order(1, one)], [_order("a", other, "ADA@example.com")])

    assert _pair(found, "1") == ("a", "number")
    assert found.summary.counts.suspect_matches == 0


async def test_what_a_store_puts_around_a_number_does_not_count(engine: CompareEngine, tmp_path: Path) -> None:
    destination = replace(_order("a", "EN1001-X"), bare_number="1001")

    found = await compare_orders(engine, tmp_path / "run", [_order(1, "1001")], [destination])

    assert _pair(found, "1") == ("a", "number")


@pytest.mark.parametrize(
    ("other", "evidence"),
    [
        (_order("a", "1001", hours=23), None),
        (_order("a", "1001", total="1.00"), None),
        (_order("a", "1001", hours=900), None),
        (_order("a", "1001", "eve@example.com"), None),
        (_order("a", "1001", "eve@example.com", hours=25), ["total"]),
        (_order("a", "1001", "eve@example.com", "1.00", hours=-24), ["time"]),
        (_order("a", "1001", total="1.00", hours=900), ["email"]),
        (_order("a", "1001", hours=900, currency="USD"), ["email"]),
        (_order("a", "1001", "eve@example.com", "1.00", hours=900), []),
    ],
)
async def test_a_number_is_sound_when_two_of_e_mail_total_and_time_agree(
    engine: CompareEngine, tmp_path: Path, other: Order, evidence: list[str] | None
) -> None:
    found = await compare_orders(engine, tmp_path / "run", [_order(1, "1001")], [other])

    assert _pair(found, "1") == ("a", "number")
    assert [row["evidence"] for row in _rows(found, Group.SUSPECT_MATCHES)] == ([] if evidence is None else [evidence])
    assert found.summary.counts.suspect_matches == (evidence is not None)
    assert _missing(found) == set()


async def test_what_both_sides_lack_is_no_agreement(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_orders(
        engine, tmp_path / "run", [_order(1, "1001", "", hours=None)], [_order("a", "1001", "", hours=None)]
    )

    assert [row["evidence"] for row in _rows(found, Group.SUSPECT_MATCHES)] == [["total"]]


async def test_a_suspect_shows_both_sides_and_can_be_selected(engine: CompareEngine, tmp_path: Path) -> None:
    other = _order("a", "#1001", "eve@example.com", "1.00", hours=900)
    found = await compare_orders(engine, tmp_path / "run", [_order(1, "#1001")], [other])

    (row,) = _rows(found, Group.SUSPECT_MATCHES)
    assert (row["source_email"], row["destination_email"]) == ("ada@example.com", "eve@example.com")
    assert (row["source_total"], row["destination_total"]) == ("99.90", "1.00")
    assert (row["source_created_at"], row["destination_created_at"]) == (NOON, NOON + timedelta(hours=900))
    assert (row["source_id"], row["destination_id"]) == ("1", "a")
    assert list(found.selected(group=Group.SUSPECT_MATCHES)) == [[("1", "1001")]]


async def test_equal_numbers_pair_by_the_best_evidence(engine: CompareEngine, tmp_path: Path) -> None:
    source = [
        _order(1, "7", "eve@example.com", "5.00", hours=900),
        _order(2, "7", "ada@example.com", "5.00", hours=0),
        _order(3, "7", "bob@example.com", "6.00", hours=300),
    ]
    destination = [
        _order("a", "7", "ada@example.com", "5.00", hours=1),
        _order("b", "7", "bob@example.com", "6.00", hours=600),
        _order("c", "7", "zoe@example.com", "5.00", hours=-900),
    ]

    found = await compare_orders(engine, tmp_path / "run", source, destination)

    assert [_pair(found, number) for number in "123"] == [("c", "number"), ("a", "number"), ("b", "number")]
    assert [row["source_id"] for row in _rows(found, Group.SUSPECT_MATCHES)] == ["1"]
    assert _rows(found, Group.DUPLICATES) == []


async def test_a_suspect_takes_nothing_from_a_certain_match(engine: CompareEngine, tmp_path: Path) -> None:
    source = [_order(1, "1001"), _order(2, "1002", "bob@example.com", "5.00")]
    destination = [_order("a", "1001", "bob@example.com", "5.00"), _order("b", "9", hours=1)]

    found = await compare_orders(engine, tmp_path / "run", source, destination)

    assert _pair(found, "1") == ("b", "email_total_time")
    assert _pair(found, "2") == ("a", "email_total_time")
    assert found.summary.counts.suspect_matches == 0


@pytest.mark.parametrize(
    ("other", "options", "matches"),
    [
        (_order("a", "9", hours=24), {}, True),
        (_order("a", "9", hours=-24.001), {}, False),
        (_order("a", "9", hours=30), {"matchWindowHours": 48}, True),
        (_order("a", "9", hours=1), {"matchWindowHours": "0"}, False),
        (_order("a", "9"), {"matchWindowHours": 0}, True),
        (_order("a", "9", total="99.91"), {}, False),
        (_order("a", "9", currency="USD"), {}, False),
        (_order("a", "9", "eve@example.com"), {}, False),
        (_order("a", "9", "ADA@EXAMPLE.COM "), {}, True),
        (_order("a", "9", hours=None), {}, False),
    ],
)
async def test_orders_without_a_common_number_match_by_e_mail_total_and_time(
    engine: CompareEngine, tmp_path: Path, other: Order, options: dict[str, object], *, matches: bool
) -> None:
    found = await compare_orders(engine, tmp_path / "run", [_order(1, "1001")], [other], options=options)

    assert _pair(found, "1") == (("a", "email_total_time") if matches else None)
    assert _missing(found) == (set() if matches else {"1"})


async def test_orders_without_e_mail_match_by_number_or_link_only(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_orders(engine, tmp_path / "run", [_order(1, "1001", "")], [_order("a", "9", "")])

    assert _missing(found) == {"1"}


async def test_what_the_customer_paid_matches_where_shop_money_differs(engine: CompareEngine, tmp_path: Path) -> None:
    destination = replace(_order("a", "9", total="107.20", currency="USD"), presentment_total=Money.of("99.90", "EUR"))

    found = await compare_orders(engine, tmp_path / "run", [_order(1, "1001")], [destination])

    assert _pair(found, "1") == ("a", "email_total_time")


async def test_of_equal_orders_the_nearest_in_time_match(engine: CompareEngine, tmp_path: Path) -> None:
    source = [_order(1, "1", hours=0), _order(2, "2", hours=8), _order(3, "3", hours=16)]
    destination = [_order("a", "91", hours=0), _order("c", "93", hours=16)]

    found = await compare_orders(engine, tmp_path / "run", source, destination)

    assert _missing(found) == {"2"}
    assert (_pair(found, "1"), _pair(found, "3")) == (("a", "email_total_time"), ("c", "email_total_time"))


async def test_two_equal_orders_of_one_day_are_two_orders(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_orders(
        engine, tmp_path / "run", [_order(1, "1"), _order(2, "2")], [_order("a", "9", hours=2)]
    )

    counts = found.summary.counts
    assert (counts.matched, counts.only_in_source, counts.duplicates) == (1, 1, 0)


async def test_a_missing_order_is_told_from_others_that_summer_time_has_shifted(
    engine: CompareEngine, tmp_path: Path
) -> None:
    """Each day shortly before midnight the same order; the other store wrote the times an hour late and lacks one."""
    source = [_order(day, f"s{day}", hours=24 * day + 11.5) for day in range(10)]
    destination = [_order(f"d{day}", f"d{day}", hours=24 * day + 12.5) for day in range(10) if day != 4]

    found = await compare_orders(engine, tmp_path / "run", source, destination)

    assert _missing(found) == {"4"}
    assert _pair(found, "9") == ("d9", "email_total_time")


async def test_twenty_thousand_equal_orders_are_paired_once_each(engine: CompareEngine, tmp_path: Path) -> None:
    source = [_order(number, f"s{number}", hours=number * 3) for number in range(20_000)]
    destination = [replace(order, id=f"d{order.id}", number=f"d{order.id}") for order in source]

    found = await compare_orders(engine, tmp_path / "run", source, destination[1:])

    assert found.summary.counts.matched == 19_999
    assert _missing(found) == {"0"}
    assert _pair(found, "12345") == ("d12345", "email_total_time")


async def test_twenty_thousand_orders_of_one_number_are_paired_once_each(engine: CompareEngine, tmp_path: Path) -> None:
    source = [_order(number, "0", f"p{number}@example.com", hours=None) for number in range(20_000)]
    destination = [_order(f"d{number}", "0", f"p{number}@example.org", hours=None) for number in range(20_000)]

    found = await compare_orders(engine, tmp_path / "run", source, destination)

    assert found.summary.counts.suspect_matches == found.summary.counts.matched == 20_000


async def test_links_come_first_the_ledger_before_markers(engine: CompareEngine, tmp_path: Path) -> None:
    source = [_order(1, "1"), _order(2, "2"), replace(_order(3, "3"), marker=f"{ORDER_DESTINATION_PREFIX}c")]
    destination = [
        replace(_order("a", "2"), marker=f"{ORDER_SOURCE_PREFIX}2"),
        replace(_order("b", "1"), marker=f"{ORDER_SOURCE_PREFIX}2"),
        _order("c", "77", "other@example.com", "1.00"),
    ]

    found = await compare_orders(engine, tmp_path / "run", source, destination, links=[Link("1", "a")])

    assert [_pair(found, number) for number in "123"] == [("a", "link"), ("b", "link"), ("c", "link")]


async def test_a_further_copy_of_ours_is_a_duplicate_and_matches_nobody(engine: CompareEngine, tmp_path: Path) -> None:
    copy = replace(_order("a", "1"), marker=f"{ORDER_SOURCE_PREFIX}1")
    found = await compare_orders(
        engine, tmp_path / "run", [_order(1, "1"), _order(2, "2")], [copy, replace(copy, id="b")]
    )

    assert _missing(found) == {"2"}
    assert [(row["destination_id"], row["representative_id"]) for row in _rows(found, Group.DUPLICATES)] == [("b", "a")]


async def test_an_open_draft_of_ours_is_matched_and_no_order(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_orders(engine, tmp_path / "run", [_order(1, "1001")], [_draft("d", "1")])

    counts = found.summary.counts
    assert _pair(found, "1") == ("d", "draft")
    assert (counts.destination, counts.matched_as_draft, counts.matched_by) == (0, 1, {"draft": 1})
    assert _missing(found) == set()


async def test_a_draft_that_only_the_ledger_knows_is_matched_too(engine: CompareEngine, tmp_path: Path) -> None:
    unmarked = replace(_draft("d", "1"), marker="")
    found = await compare_orders(engine, tmp_path / "run", [_order(1, "1001")], [unmarked], links=[Link("1", "d")])

    assert _pair(found, "1") == ("d", "draft")


@pytest.mark.parametrize("links", [[], [Link("1", "d")]])
async def test_a_completed_draft_is_the_order_that_it_became(
    engine: CompareEngine, tmp_path: Path, links: list[Link]
) -> None:
    became = _order("o", "2001", "new@example.com", "99.90", hours=900)

    found = await compare_orders(
        engine, tmp_path / "run", [_order(1, "1001")], [_draft("d", "1", became="o", total="1.00"), became], links=links
    )

    counts = found.summary.counts
    assert _pair(found, "1") == ("o", "link")
    assert (counts.destination, counts.matched, counts.matched_as_draft) == (1, 1, 0)
    assert [row["fields"] for row in _rows(found, Group.FIELD_DIFFERENCES)] == [["email"]]
    assert _missing(found) == set()


@pytest.mark.parametrize("destination", [[], [_draft("d", "1", became="gone")]])
async def test_a_deleted_draft_or_order_leaves_a_stale_link(
    engine: CompareEngine, tmp_path: Path, destination: list[Order]
) -> None:
    found = await compare_orders(
        engine,
        tmp_path / "run",
        [_order(1, "1001")],
        destination,
        links=[Link("1", "d", linked_at="2024-02-03T04:05:06Z")],
    )

    (row,) = _rows(found, Group.ONLY_IN_SOURCE)
    assert (row["source_id"], row["stale_linked_at"]) == ("1", "2024-02-03T04:05:06Z")
    assert row["stale_destination_id"] == ("gone" if destination else "d")
    assert _missing(found) == {"1"}


async def test_drafts_that_are_not_ours_never_appear(engine: CompareEngine, tmp_path: Path) -> None:
    foreign = replace(_draft("d", "1"), marker="")
    other = replace(_draft("e", "1"), marker=f"woocommerce:other.example.org:order:{1}", number="1001")

    found = await compare_orders(engine, tmp_path / "run", [_order(1, "1001")], [foreign, other])

    assert _missing(found) == {"1"}
    assert (found.summary.counts.destination, found.summary.counts.only_in_destination) == (0, 0)


async def test_drafts_of_the_source_are_no_orders_but_lead_to_those_they_became(
    engine: CompareEngine, tmp_path: Path
) -> None:
    became = replace(_draft("d", "1", became="o"), marker=f"{ORDER_DESTINATION_PREFIX}1")
    still_open = replace(became, id="e", became_id="", marker=f"{ORDER_DESTINATION_PREFIX}2")
    order = _order("o", "2001", "new@example.com", "5.00", hours=900)

    found = await compare_orders(
        engine, tmp_path / "run", [became, still_open, order], [_order(1, "1001"), _order(2, "1002")]
    )

    counts = found.summary.counts
    assert (counts.source_read, counts.source, counts.only_in_destination) == (1, 1, 1)
    assert _pair(found, "o") == ("1", "link")
    assert _missing(found) == set()


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({}, {"1", "2", "3"}),
        ({"includeTest": True}, {"1", "2", "3", "4"}),
        ({"createdAfter": "2024-03-02"}, {"2"}),
        ({"createdBefore": "2024-03-02"}, {"1", "3"}),
        ({"statuses": ["Refunded"]}, {"2"}),
        ({"statuses": ["wc-picked", "voided"]}, {"1", "3"}),
        ({"statuses": "fulfilled"}, {"2"}),
    ],
)
async def test_filters_choose_the_candidates(
    engine: CompareEngine, tmp_path: Path, options: dict[str, object], kept: set[str]
) -> None:
    source = [
        replace(_order(1, "1"), status="wc-picked"),
        replace(_order(2, "2", hours=24), financial_status="refunded", fulfillment_status="fulfilled"),
        replace(_order(3, "3", hours=-1), financial_status="voided"),
        replace(_order(4, "4", hours=None), is_test=True),
    ]

    found = await compare_orders(engine, tmp_path / "run", source, [], options=options)

    assert _missing(found) == kept
    assert found.summary.counts.source_filtered == 4 - len(kept)


async def test_a_filtered_order_keeps_its_destination_order_from_others(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_orders(
        engine,
        tmp_path / "run",
        [replace(_order(1, "1"), is_test=True), _order(2, "2")],
        [_order("a", "2")],
        links=[Link("1", "a")],
    )

    assert _missing(found) == {"2"}
    assert found.summary.counts.only_in_destination == 1


async def test_an_order_without_any_key_is_unmatchable(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_orders(
        engine,
        tmp_path / "run",
        [_order(1, " # ", ""), _order(2, "", hours=None), _order(3, "")],
        [_order("a", "", "")],
    )

    listed = {row["source_id"] or row["destination_id"]: row["reason"] for row in _rows(found, Group.UNMATCHABLE)}
    assert listed == dict.fromkeys(("1", "2", "a"), "no_usable_key")
    assert _missing(found) == {"3"}


async def test_different_fields_are_named_with_both_values(engine: CompareEngine, tmp_path: Path) -> None:
    source = replace(
        _order(1, "1001"),
        financial_status="paid",
        fulfillment_status="fulfilled",
        refunded=Money.of("0", "EUR"),
        line_count=4,
        comparable_line_count=3,
    )
    destination = replace(
        _order("a", "1001", "eve@example.com", "100.00"),
        financial_status="partially_refunded",
        refunded=Money.of("5", "EUR"),
        line_count=3,
        comparable_line_count=2,
    )

    found = await compare_orders(engine, tmp_path / "run", [source], [destination])

    (row,) = _rows(found, Group.FIELD_DIFFERENCES)
    assert row["fields"] == ["total", "status", "email", "line_count", "refunds"]
    assert (row["source_status"], row["destination_status"]) == ("completed", "processing")
    assert (row["source_refunds"], row["destination_refunds"]) == ("0.00", "5.00")
    assert (row["source_line_count"], row["destination_line_count"], row["line_item_count"]) == (3, 2, 4)


async def test_what_a_migration_must_change_is_no_difference(engine: CompareEngine, tmp_path: Path) -> None:
    source = replace(_order(1, "1001"), status="completed", financial_status="paid", fulfillment_status="fulfilled")
    destination = replace(
        _order("a", "1001", "ADA@example.com"),
        status="closed",
        financial_status="paid",
        fulfillment_status="fulfillment_not_required",
        refunded=Money.of(0, "EUR"),
        line_count=5,
        comparable_line_count=None,
    )

    found = await compare_orders(engine, tmp_path / "run", [source], [destination])

    assert _rows(found, Group.FIELD_DIFFERENCES) == []


async def test_amounts_of_two_currencies_are_different(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_orders(engine, tmp_path / "run", [_order(1, "1001")], [_order("a", "1001", currency="USD")])

    assert [row["fields"] for row in _rows(found, Group.FIELD_DIFFERENCES)] == [["total", "currency"]]


async def test_drafts_are_compared_on_what_a_draft_can_hold(engine: CompareEngine, tmp_path: Path) -> None:
    source = replace(_order(1, "1001"), financial_status="paid", refunded=Money.of("1", "EUR"), comparable_line_count=2)
    draft = replace(_draft("d", "1", total="90.00"), comparable_line_count=3)

    found = await compare_orders(engine, tmp_path / "run", [source], [draft])

    assert [row["fields"] for row in _rows(found, Group.FIELD_DIFFERENCES)] == [["total"]]


async def test_only_fields_that_both_platforms_hold_are_compared(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_orders(
        engine,
        tmp_path / "run",
        [_order(1, "1001")],
        [_order("a", "1001", total="1.00", currency="EUR")],
        compared_fields=frozenset({"email"}),
    )

    assert _rows(found, Group.FIELD_DIFFERENCES) == []
