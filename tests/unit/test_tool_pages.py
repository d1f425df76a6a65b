"""What tool pages work out before a template draws it: charts, addresses, options, estimates, values in words."""

from datetime import UTC, date, datetime

import pytest

from crossdock.compare.kinds.orders import ORDERS
from crossdock.connectors.contract import StoreInfo
from crossdock.domain.difference import Group
from crossdock.jobs.inspection import Side
from crossdock.sync.kinds import ORDERS as SYNC_ORDERS
from crossdock.web.pages.tool_chart import make_chart
from crossdock.web.pages.tool_confirm import typed_number
from crossdock.web.pages.tool_estimate import estimate_of, limit_of
from crossdock.web.pages.tool_list import pager, read_state
from crossdock.web.pages.tool_live import duration
from crossdock.web.pages.tool_options import compare_fields, makes_drafts, read_compare, read_sync, sync_fields
from crossdock.web.pages.tool_orders import ORDER_WORDS
from crossdock.web.pages.tool_record import lines_of
from crossdock.web.pages.tool_words import NOTHING, Formats, write_money, write_text
from tests.compared_orders import an_order

_NAMES = {"includeTest": "Include test orders"}


def span(first: date, after: date) -> str:
    return f"{first}/{after}"


def test_a_chart_has_every_month_between() -> None:
    chart = make_chart([("", 4), ("2024-11", 2), ("2025-02", 1)], span)
    assert chart is not None
    assert [(bar.label, bar.count) for bar in chart.bars] == [
        ("Nov 2024", 2),
        ("Dec 2024", 0),
        ("Jan 2025", 0),
        ("Feb 2025", 1),
    ]
    assert (chart.undated, chart.scale) == (4, "")
    assert chart.bars[0].href == "2024-11-01/2024-12-01"
    assert make_chart([("", 4)], span) is None


def test_a_time_is_told_by_the_limit_that_binds() -> None:
    trial = StoreInfo("shopify", "a.example", "A", "", restore_rate=100, new_orders_a_minute=4.8)
    rate, basis = limit_of(trial, "order", "Shopify", makes_drafts=False)
    assert estimate_of(1000, rate, basis).time == "About 3 h 28 min"
    assert "4.8 orders a minute" in basis
    assert limit_of(trial, "order", "Shopify", makes_drafts=True)[0] == 100 / 13
    assert limit_of(trial, "customer", "Shopify", makes_drafts=False)[0] == 100 / 13
    assert limit_of(None, "order", "WooCommerce", makes_drafts=False) == (
        4.0,
        "if WooCommerce takes 4 a second, as most hosts do",
    )


def test_one_peak_does_not_flatten_the_rest() -> None:
    chart = make_chart([("2025-01", 1), ("2025-02", 2), ("2025-03", 10_000)], span)
    assert chart is not None
    heights = [bar.height for bar in chart.bars]
    assert "square root" in chart.scale
    assert heights == sorted(heights)
    assert heights[0] >= 0.8
    assert heights[2] == chart.base - chart.top


def test_lines_stand_at_round_numbers() -> None:
    chart = make_chart([("2025-01", 23), ("2025-02", 17)], span)
    assert chart is not None
    assert [value for _, value in chart.grid] == [10, 20]
    single = make_chart([("2025-01", 1)], span)
    assert single is not None
    assert [value for _, value in single.grid] == [1]


def test_names_that_have_no_room_are_left_out() -> None:
    few = make_chart([(f"2024-{month:02}", 1) for month in range(1, 13)], span)
    many = make_chart([(f"{2022 + n // 12}-{n % 12 + 1:02}", 1) for n in range(40)], span)
    assert few is not None
    assert many is not None
    assert [bar.name.text for bar in few.bars][:2] == ["Jan", "Feb"]
    assert [bar.name.is_wide_only for bar in few.bars][:3] == [False, True, False]
    assert not any(bar.name.text for bar in many.bars)
    # Without months above them the years move up.
    assert {bar.year.text: bar.year.y for bar in many.bars if bar.year.text} == dict.fromkeys(
        ("2022", "2023", "2024", "2025"), few.bars[0].name.y
    )


def test_many_months_are_drawn_as_years_and_odd_years_are_no_trouble() -> None:
    chart = make_chart([("0001-01", 1), ("2019-05", 1), ("2026-01", 3), ("9999-12", 1)], span)
    assert chart is not None
    assert chart.unit == "year"
    assert sum(bar.count for bar in chart.bars) == 6
    assert len(chart.bars) <= 60


def test_an_address_is_read_and_written() -> None:
    given = {"group": "suspectMatches", "sort": "email", "direction": "desc", "page": "3", "status": "paid", "x": "y"}
    state = read_state("/order-sync/1", {**given, "sync.createAs": "order", "search": " a "}, ORDERS)
    assert (state.group, state.page, state.where) == (Group.SUSPECT_MATCHES, 3, {"status": "paid"})
    assert read_state("/order-sync/1", state.parameters(), ORDERS) == state
    assert "page" not in state.href(sort="items")
    assert "sync.createAs=order" in state.group_href(Group.DUPLICATES)
    assert [link.text for link in pager(state, 1_000_000)] == ["Previous", "1", "2", "3", "4", "…", "40,000", "Next"]


def test_options_come_from_their_own_descriptions() -> None:
    fields = {field.name: field for field in compare_fields(ORDERS.options, {"compare.includeTest": "true"}, _NAMES)}
    assert [fields["compare.createdAfter"].form, fields["compare.includeTest"].form] == ["date", "flag"]
    assert [name for name, field in fields.items() if field.is_changed] == ["compare.includeTest"]
    assert read_compare(ORDERS.options, {"compare.statuses": "paid", "compare.other": "1"}) == {
        "statuses": "paid",
        "includeTest": False,
    }
    assert read_sync(SYNC_ORDERS.options, {"sync.requireProducts": "true", "sync.createMissingCustomers": ""}) == {
        "requireProducts": True
    }
    assert makes_drafts(SYNC_ORDERS.options, {}, has_drafts=True)
    assert not makes_drafts(SYNC_ORDERS.options, {"createAs": "order"}, has_drafts=True)
    names = [field.name for field in sync_fields(SYNC_ORDERS.options, {}, _NAMES, has_drafts=False)]
    assert "sync.createAs" not in names
    assert len(names) == len(SYNC_ORDERS.options) - 1


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1184.90", "EUR", "€1,184.90"),
        ("20.00", "CHF", "CHF 20.00"),
        ("-0.01", "EUR", "\N{MINUS SIGN}€0.01"),
        ("1000", "JPY", "¥1,000"),
        ("x", "EUR", "x"),
        ("", "", NOTHING),
    ],
)
def test_money_is_written_as_people_do(amount: str, currency: str, text: str) -> None:
    assert write_money(amount, currency) == text


def test_values_in_words() -> None:
    moment = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    assert Formats.of_zone("Europe/Berlin").moment(moment) == "1 Feb 2026, 00:30"
    assert Formats.of_zone("+03:00").moment(moment) == "1 Feb 2026, 02:30"
    assert Formats.of_zone("../etc/passwd").zone_name == "UTC"
    assert len(write_text("x" * 5_000)) == 1_001
    assert [duration(seconds) for seconds in (4.4, 73, 120, 7_500)] == ["4 s", "1 min 13 s", "2 min", "2 h 5 min"]
    assert estimate_of(1_204, 7, "").time == "About 2 min 50 s"
    assert typed_number({"typed": " 1,204 "}) == "1204"


def test_both_sides_stand_field_by_field() -> None:
    one, other = an_order("1", "#1001"), an_order("2", "#1002")
    lines = {line.label: line for line in lines_of(ORDER_WORDS, Side(one), Side(other), Formats())}
    assert (lines["Number"].source, lines["Number"].destination) == ("#1001", "#1002")
    assert lines["Number"].is_different
    assert not lines["Total"].is_different
    alone = lines_of(ORDER_WORDS, Side(one), Side(), Formats())
    assert not any(line.is_different for line in alone)
