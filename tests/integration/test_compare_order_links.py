"""Orders and drafts that links join: of the ledger, by markers, in either direction."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crossdock.compare.engine import CompareEngine
from crossdock.domain.difference import Group, Link
from crossdock.domain.money import Money
from crossdock.domain.order import Order
from tests.compared_orders import a_draft, an_order, missing_in, pair_of, rows_of
from tests.memory_source import ORDER_DESTINATION_PREFIX, ORDER_SOURCE_PREFIX, compare_orders


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[CompareEngine]:
    engine = CompareEngine(tmp_path, threads=1)
    yield engine
    engine.close()


async def test_links_come_first_the_ledger_before_markers(engine: CompareEngine, tmp_path: Path) -> None:
    source = [an_order(1, "1"), an_order(2, "2"), replace(an_order(3, "3"), marker=f"{ORDER_DESTINATION_PREFIX}c")]
    destination = [
        replace(an_order("a", "2"), marker=f"{ORDER_SOURCE_PREFIX}2"),
        replace(an_order("b", "1"), marker=f"{ORDER_SOURCE_PREFIX}2"),
        an_order("c", "77", "other@example.com", "1.00"),
    ]

    found = await compare_orders(engine, tmp_path / "run", source, destination, links=[Link("1", "a")])

    assert [pair_of(found, number) for number in "123"] == [("a", "link"), ("b", "link"), ("c", "link")]


async def test_a_further_copy_of_ours_is_a_duplicate_and_matches_nobody(engine: CompareEngine, tmp_path: Path) -> None:
    copy = replace(an_order("a", "1"), marker=f"{ORDER_SOURCE_PREFIX}1")
    found = await compare_orders(
        engine, tmp_path / "run", [an_order(1, "1"), an_order(2, "2")], [copy, replace(copy, id="b")]
    )

    assert missing_in(found) == {"2"}
    assert [(row["destination_id"], row["representative_id"]) for row in rows_of(found, Group.DUPLICATES)] == [
        ("b", "a")
    ]


async def test_an_open_draft_of_ours_is_matched_and_no_order(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_orders(engine, tmp_path / "run", [an_order(1, "1001")], [a_draft("d", "1")])

    counts = found.summary.counts
    assert pair_of(found, "1") == ("d", "draft")
    assert (counts.destination, counts.matched_as_draft, counts.matched_by) == (0, 1, {"draft": 1})
    assert missing_in(found) == set()


async def test_a_draft_that_only_the_ledger_knows_is_matched_too(engine: CompareEngine, tmp_path: Path) -> None:
    unmarked = replace(a_draft("d", "1"), marker="")
    found = await compare_orders(engine, tmp_path / "run", [an_order(1, "1001")], [unmarked], links=[Link("1", "d")])

    assert pair_of(found, "1") == ("d", "draft")


@pytest.mark.parametrize("links", [[], [Link("1", "d")]])
async def test_a_completed_draft_is_the_order_that_it_became(
    engine: CompareEngine, tmp_path: Path, links: list[Link]
) -> None:
    became = an_order("o", "2001", "new@example.com", "99.90", hours=900)

    found = await compare_orders(
        engine,
        tmp_path / "run",
        [an_order(1, "1001")],
        [a_draft("d", "1", became="o", total="1.00"), became],
        links=links,
    )

    counts = found.summary.counts
    assert pair_of(found, "1") == ("o", "link")
    assert (counts.destination, counts.matched, counts.matched_as_draft) == (1, 1, 0)
    assert [row["fields"] for row in rows_of(found, Group.FIELD_DIFFERENCES)] == [["email"]]
    assert missing_in(found) == set()


@pytest.mark.parametrize("destination", [[], [a_draft("d", "1", became="gone")]])
async def test_a_deleted_draft_or_order_leaves_a_stale_link(
    engine: CompareEngine, tmp_path: Path, destination: list[Order]
) -> None:
    found = await compare_orders(
        engine,
        tmp_path / "run",
        [an_order(1, "1001")],
        destination,
        links=[Link("1", "d", linked_at="2024-02-03T04:05:06Z")],
    )

    (row,) = rows_of(found, Group.ONLY_IN_SOURCE)
    assert (row["source_id"], row["stale_linked_at"]) == ("1", "2024-02-03T04:05:06Z")
    assert row["stale_destination_id"] == ("gone" if destination else "d")
    assert missing_in(found) == {"1"}


async def test_drafts_that_are_not_ours_never_appear(engine: CompareEngine, tmp_path: Path) -> None:
    foreign = replace(a_draft("d", "1"), marker="")
    other = replace(a_draft("e", "1"), marker=f"woocommerce:other.example.org:order:{1}", number="1001")

    found = await compare_orders(engine, tmp_path / "run", [an_order(1, "1001")], [foreign, other])

    assert missing_in(found) == {"1"}
    assert (found.summary.counts.destination, found.summary.counts.only_in_destination) == (0, 0)


async def test_drafts_of_the_source_are_no_orders_but_lead_to_those_they_became(
    engine: CompareEngine, tmp_path: Path
) -> None:
    became = replace(a_draft("d", "1", became="o"), marker=f"{ORDER_DESTINATION_PREFIX}1")
    still_open = replace(became, id="e", became_id="", marker=f"{ORDER_DESTINATION_PREFIX}2")
    order = an_order("o", "2001", "new@example.com", "5.00", hours=900)

    found = await compare_orders(
        engine, tmp_path / "run", [became, still_open, order], [an_order(1, "1001"), an_order(2, "1002")]
    )

    counts = found.summary.counts
    assert (counts.source_read, counts.source, counts.only_in_destination) == (1, 1, 1)
    assert pair_of(found, "o") == ("1", "link")
    assert missing_in(found) == set()


async def test_a_filtered_order_keeps_its_destination_order_from_others(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_orders(
        engine,
        tmp_path / "run",
        [replace(an_order(1, "1"), is_test=True), an_order(2, "2")],
        [an_order("a", "2")],
        links=[Link("1", "a")],
    )

    assert missing_in(found) == {"2"}
    assert found.summary.counts.only_in_destination == 1


async def test_drafts_are_compared_on_what_a_draft_can_hold(engine: CompareEngine, tmp_path: Path) -> None:
    source = replace(
        an_order(1, "1001"), financial_status="paid", refunded=Money.of("1", "EUR"), comparable_line_count=2
    )
    draft = replace(a_draft("d", "1", total="90.00"), comparable_line_count=3)

    found = await compare_orders(engine, tmp_path / "run", [source], [draft])

    assert [row["fields"] for row in rows_of(found, Group.FIELD_DIFFERENCES)] == [["total"]]
