"""Which orders take part in a comparison, and what matched ones differ in."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crossdock.compare.engine import CompareEngine
from crossdock.domain.difference import Group, Link
from crossdock.domain.money import Money
from tests.compared_orders import an_order, missing_in, rows_of
from tests.memory_source import compare_orders


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[CompareEngine]:
    engine = CompareEngine(tmp_path, threads=1)
    yield engine
    engine.close()


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
        replace(an_order(1, "1"), status="wc-picked"),
        replace(an_order(2, "2", hours=24), financial_status="refunded", fulfillment_status="fulfilled"),
        replace(an_order(3, "3", hours=-1), financial_status="voided"),
        replace(an_order(4, "4", hours=None), is_test=True),
    ]

    found = await compare_orders(engine, tmp_path / "run", source, [], options=options)

    assert missing_in(found) == kept
    assert found.summary.counts.source_filtered == 4 - len(kept)


async def test_an_order_without_any_key_is_unmatchable(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_orders(
        engine,
        tmp_path / "run",
        [an_order(1, " # ", ""), an_order(2, "", hours=None), an_order(3, "")],
        [an_order("a", "", "")],
    )

    listed = {row["source_id"] or row["destination_id"]: row["reason"] for row in rows_of(found, Group.UNMATCHABLE)}
    assert listed == dict.fromkeys(("1", "2", "a"), "no_usable_key")
    assert missing_in(found) == {"3"}


async def test_different_fields_are_named_with_both_values(engine: CompareEngine, tmp_path: Path) -> None:
    source = replace(
        an_order(1, "1001"),
        financial_status="paid",
        fulfillment_status="fulfilled",
        refunded=Money.of("0", "EUR"),
        line_count=4,
        comparable_line_count=3,
    )
    destination = replace(
        an_order("a", "1001", "eve@example.com", "100.00"),
        financial_status="partially_refunded",
        refunded=Money.of("5", "EUR"),
        line_count=3,
        comparable_line_count=2,
    )

    found = await compare_orders(engine, tmp_path / "run", [source], [destination])

    (row,) = rows_of(found, Group.FIELD_DIFFERENCES)
    assert row["fields"] == ["total", "status", "email", "line_count", "refunds"]
    assert (row["source_status"], row["destination_status"]) == ("completed", "processing")
    assert (row["source_refunds"], row["destination_refunds"]) == ("0.00", "5.00")
    assert (row["source_line_count"], row["destination_line_count"], row["line_item_count"]) == (3, 2, 4)


async def test_what_a_migration_must_change_is_no_difference(engine: CompareEngine, tmp_path: Path) -> None:
    source = replace(an_order(1, "1001"), status="completed", financial_status="paid", fulfillment_status="fulfilled")
    destination = replace(
        an_order("a", "1001", "ADA@example.com"),
        status="closed",
        financial_status="paid",
        fulfillment_status="fulfillment_not_required",
        refunded=Money.of(0, "EUR"),
        line_count=5,
        comparable_line_count=None,
    )

    found = await compare_orders(engine, tmp_path / "run", [source], [destination])

    assert rows_of(found, Group.FIELD_DIFFERENCES) == []


async def test_amounts_of_two_currencies_are_different(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_orders(
        engine, tmp_path / "run", [an_order(1, "1001")], [an_order("a", "1001", currency="USD")]
    )

    assert [row["fields"] for row in rows_of(found, Group.FIELD_DIFFERENCES)] == [["total", "currency"]]


async def test_only_fields_that_both_platforms_hold_are_compared(engine: CompareEngine, tmp_path: Path) -> None:
    found = await compare_orders(
        engine,
        tmp_path / "run",
        [an_order(1, "1001")],
        [an_order("a", "1001", total="1.00", currency="EUR")],
        compared_fields=frozenset({"email"}),
    )

    assert rows_of(found, Group.FIELD_DIFFERENCES) == []


async def test_an_address_that_a_migration_had_to_take_from_the_customer_is_no_difference(
    engine: CompareEngine, tmp_path: Path
) -> None:
    nameless = [an_order(1, "1001", ""), an_order(2, "1002", "")]
    copies = [an_order("a", "1001"), an_order("b", "1002")]

    found = await compare_orders(engine, tmp_path / "run", nameless, copies, links=[Link("1", "a")])

    assert [row["source_id"] for row in rows_of(found, Group.FIELD_DIFFERENCES)] == ["2"]
