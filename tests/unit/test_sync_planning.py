"""What a sync decides without a store: options, waits between steps, who has come meanwhile, and the sums."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crossdock.domain.errors import InvalidRequestError
from crossdock.domain.identity import Marker
from crossdock.domain.money import Money
from crossdock.domain.order import Order, OrderLine, ShippingLine, TaxLine, guest_of
from crossdock.domain.plan import Step
from crossdock.state import WorkOutcome, WorkRow
from crossdock.sync.kinds import ORDERS
from crossdock.sync.options import parse_options
from crossdock.sync.parking import Parking
from crossdock.sync.planning import Journey
from crossdock.sync.reconciliation import reconcile

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
MARKER = Marker("woocommerce", "shop.example.com", "order", "7")


def order(**changed: Any) -> Order:  # noqa: ANN401 - any field
    plain = Order(
        id="7",
        number="#1007",
        bare_number="1007",
        currency="EUR",
        total=Money.of("19.90", "EUR"),
        created_at=NOON,
        email="Ada@Example.com",
    )
    return replace(plain, **changed)


def journey(delay_seconds: float = 0.0) -> Journey:
    row = WorkRow(0, "7", "1007", "1007", WorkOutcome.PENDING, "", "", "", (), None)
    steps = (Step("create", MARKER, {}), Step("finish", MARKER, {}, delay_seconds=delay_seconds))
    return Journey(item=row, steps=steps, at=1)


def test_every_option_has_its_value_whatever_is_given() -> None:
    options = parse_options(ORDERS.options, {"createAs": "order", "requireProducts": None})
    assert options == {
        "createAs": "order",
        "createMissingCustomers": None,
        "requireProducts": False,
        "numberPrefix": "W",
        "keepNumber": "free",
    }


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"createAs": "invoice"}, "options.createAs"),
        ({"createAs": ["order"]}, "options.createAs"),
        ({"requireProducts": "yes"}, "options.requireProducts"),
        ({"numberPrefix": "x" * 21}, "options.numberPrefix"),
        ({"numberPrefix": "a\nb"}, "options.numberPrefix"),
        ({"color": "red"}, "options.color"),
    ],
)
def test_a_wrong_option_is_named(given: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidRequestError) as refusal:
        parse_options(ORDERS.options, given)
    assert (refusal.value.field, bool(refusal.value.allowed)) == (field, True)


def test_records_that_come_together_go_on_together() -> None:
    parking = Parking()
    first, last = journey(120), journey(120)
    first.delay(NOON)
    last.delay(NOON + timedelta(seconds=10))
    parking.add([first, last])
    assert parking.next_at == NOON + timedelta(seconds=130)
    assert parking.take(NOON + timedelta(seconds=129)) == []
    assert len(parking.take(NOON + timedelta(seconds=130))) == 2
    assert (parking.next_at, parking.is_full) == (None, False)


def test_a_step_without_a_delay_may_be_sent_at_once() -> None:
    going = journey()
    going.delay(NOON)
    assert going.ready_at < NOON


@pytest.mark.parametrize(
    ("changed", "is_one"),
    [
        ({}, True),
        ({"number": "1007", "bare_number": "1007", "email": ""}, True),
        ({"email": "", "created_at": NOON + timedelta(hours=25)}, False),
        ({"number": "2", "bare_number": "2", "created_at": NOON - timedelta(hours=24)}, True),
        ({"number": "2", "bare_number": "2", "created_at": NOON - timedelta(hours=24, seconds=1)}, False),
        ({"number": "2", "bare_number": "2", "email": ""}, False),
        ({"currency": "USD", "total": Money.of("19.90", "USD"), "email": ""}, False),
    ],
)
def test_what_came_meanwhile_is_the_same_order_by_evidence_only(changed: dict[str, Any], is_one: bool) -> None:  # noqa: FBT001
    assert ORDERS.is_match is not None
    assert ORDERS.match_keys is not None
    other = order(id="gid://shopify/Order/1", **changed)
    assert ORDERS.is_match(order(), other) is is_one
    assert not is_one or set(ORDERS.match_keys(order())) & set(ORDERS.match_keys(other))


def test_two_orders_of_nobody_are_not_one_by_their_silence() -> None:
    assert ORDERS.is_match is not None
    silent = order(email="", created_at=None)
    assert not ORDERS.is_match(silent, replace(silent, id="8"))


@pytest.mark.parametrize("expected", ["1007", "#1007", " 1007 ", "#1007 "])
def test_an_order_is_known_by_its_number_however_it_is_written(expected: str) -> None:
    assert ORDERS.is_same(order(), expected)
    assert not ORDERS.is_same(order(), "1008")


def test_a_reconciliation_adds_up_by_currency_to_the_cent() -> None:
    yen = {"currency": "JPY", "gross": "500", "refund": "0"}
    lines = reconcile(
        [
            {"source": {"currency": "KWD", "gross": "1.005"}, "destination": {"currency": "KWD", "gross": "1.004"}},
            {"source": yen, "destination": yen},
            {"source": {"currency": "KWD", "gross": "2.000"}, "destination": {"currency": "KWD", "gross": "2.000"}},
        ]
    )
    assert lines == [
        {
            "currency": "JPY",
            "records": 1,
            "source": {"gross": "500", "refund": "0"},
            "destination": {"gross": "500", "refund": "0"},
            "difference": {"gross": "0", "refund": "0"},
        },
        {
            "currency": "KWD",
            "records": 2,
            "source": {"gross": "3.005"},
            "destination": {"gross": "3.004"},
            "difference": {"gross": "-0.001"},
        },
    ]


def test_amounts_of_two_currencies_are_never_added() -> None:
    (euro, dollar) = reconcile(
        [{"source": {"currency": "EUR", "gross": "1.00"}, "destination": {"currency": "USD", "gross": "1.00"}}]
    )
    assert (euro["difference"], dollar["difference"]) == ({"gross": "-1.00"}, {"gross": "1.00"})
    assert (euro["records"], dollar["records"]) == (1, 0)


def test_the_parts_of_an_order_add_up_in_its_own_sense_of_tax() -> None:
    tax = TaxLine("VAT", Money.of("1.90", "EUR"), Decimal("0.19"))
    line = OrderLine("Mug", 2, Money.of("12.00", "EUR"), Money.of("10.00", "EUR"), taxes=(tax,))
    shipping = (ShippingLine("Post", Money.of("5.00", "EUR")),)
    assert str(order(lines=(line,), shipping_lines=shipping).sum_of_parts()) == "16.90"
    assert str(order(lines=(line,), shipping_lines=shipping, taxes_included=True).sum_of_parts()) == "15.00"


def test_an_order_that_counts_as_refunded_gave_all_back_unless_its_refunds_say_otherwise() -> None:
    refunded = order(financial_status="refunded")
    assert str(refunded.given_back()) == "19.90"
    assert str(replace(refunded, refunded=Money.of("4.00", "EUR")).given_back()) == "4.00"
    assert str(order().given_back()) == "0.00"
    assert refunded.figures().to_json()["refund"] == "19.90"


def test_a_guest_is_named_by_the_folded_address() -> None:
    guest = guest_of(order())
    assert (guest.id, guest.email, guest.is_guest) == ("guest:ada@example.com", "Ada@Example.com", True)
    assert guest_of(order(email=" ")).id == ""
