"""What is planned to be sent for an order, without a store."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crossdock.connectors.replies import Reply
from crossdock.connectors.woocommerce.orders.charges import charges_of
from crossdock.connectors.woocommerce.orders.losses import losses_of
from crossdock.connectors.woocommerce.orders.payload import creation_of
from crossdock.connectors.woocommerce.orders.refunding import refund_plan
from crossdock.connectors.woocommerce.orders.refusals import refusal_of
from crossdock.connectors.woocommerce.orders.second_pass import finish_of
from crossdock.connectors.woocommerce.orders.statuses import status_for, status_reasons
from crossdock.domain.customer import Address
from crossdock.domain.errors import UnmappableValueError
from crossdock.domain.identity import Marker
from crossdock.domain.money import Money
from crossdock.domain.order import (
    Coupon,
    Fee,
    Financial,
    Fulfillment,
    Order,
    OrderLine,
    Refund,
    RefundLine,
    ShippingLine,
    TaxLine,
    Transaction,
)
from crossdock.domain.plan import Refused, Unknown

MARKER = Marker("shopify", "harbour-books.myshopify.com", "order", "gid://shopify/Order/7")


def usd(text: str) -> Money:
    return Money.of(text, "USD")


PLAIN = Order(
    id="gid://shopify/Order/7",
    number="#1001",
    currency="USD",
    total=usd("10.00"),
    created_at=datetime(2026, 3, 1, 8, 30, 1, 999, tzinfo=UTC),
    email="ada@example.com",
    financial_status=Financial.PAID,
    lines=(OrderLine("Mug", 1, usd("10.00"), usd("10.00"), sku="MUG"),),
)


def body(order: Order, **resolution: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON of any form
    return creation_of(order, MARKER, refund_plan(order), resolution, "")


def notes(part: dict[str, Any]) -> dict[str, str]:
    return {pair["key"]: pair["value"] for pair in part["meta_data"]}


def test_nothing_in_the_first_request_tells_whom_to_mail_or_what_to_take_from_stock() -> None:
    person = Address("Ada", "Byron", address1="1 Mill", country_code="GB")
    payload = body(replace(PLAIN, billing=person, phone="1", customer_id="gid://shopify/Customer/1"), customer="5")
    assert "ada@example.com" not in str(payload)
    assert "customer_id" not in payload
    assert payload["billing"] == {
        "first_name": "Ada",
        "last_name": "Byron",
        "address_1": "1 Mill",
        "country": "GB",
        "phone": "1",
    }
    meta = notes(payload)
    quiet = ("_order_stock_reduced", "_new_order_email_sent", "_recorded_coupon_usage_counts", "is_vat_exempt")
    assert [meta[key] for key in quiet] == ["yes", "true", "yes", "yes"]
    assert "_recorded_sales" not in meta
    assert meta["_crossdock_source_id"] == str(MARKER)
    assert "coupon_lines" not in payload


def test_products_are_linked_and_what_has_none_becomes_a_line_of_its_own() -> None:
    shirt = OrderLine("Shirt", 2, usd("8.00"), usd("6.00"), sku="S-L", variant_title="L", attributes=(("Note", "Hi"),))
    hidden = OrderLine("Card", 1, usd("1.00"), usd("1.00"), attributes=(("_total", "0"), ("Empty", "")))
    gone = OrderLine("Gone", 0, usd("0"), usd("0"))
    order = replace(PLAIN, total=usd("17.00"), lines=(*PLAIN.lines, shirt, hidden, gone))
    mug, linked, card = body(order, products={"S-L": [4, 9]})["line_items"]
    assert (linked["name"], linked["product_id"], linked["variation_id"]) == ("Shirt - L", 4, 9)
    assert (linked["subtotal"], linked["total"], linked["quantity"]) == ("8.00", "6.00", 2)
    assert notes(linked) == {"Note": "Hi"}
    assert mug["sku"].startswith("crossdock-")
    assert mug["sku"] != card["sku"]
    assert notes(mug) == {"_crossdock_sku": "MUG"}
    assert notes(card) == {"_crossdock_attribute_total": "0"}
    assert body(order)["line_items"] == body(order)["line_items"]


def test_taxes_become_one_fee_a_rate() -> None:
    tax = TaxLine("VAT", usd("1.00"))
    order = replace(
        PLAIN,
        total=usd("12.50"),
        taxes_included=True,
        lines=(replace(PLAIN.lines[0], taxes=(tax,)),),
        shipping_lines=(ShippingLine("Post", usd("2.50"), taxes=(replace(tax, amount=usd("0.25")),)),),
    )
    payload = body(order)
    assert [(fee["name"], fee["total"], fee["tax_status"]) for fee in payload["fee_lines"]] == [("VAT", "1.25", "none")]
    assert payload["line_items"][0]["total"] == "9.00"
    assert payload["shipping_lines"][0]["total"] == "2.25"


def test_taxes_of_the_whole_order_are_shared_out() -> None:
    order = replace(PLAIN, total=usd("11.00"), total_tax=usd("1.00"))
    assert [str(tax.amount) for tax in charges_of(order).taxes] == ["1.00"]


def test_reductions_of_the_whole_order_come_off_lines_first() -> None:
    off = Fee("Loyalty", usd("-4.00"))
    order = replace(PLAIN, total=usd("8.00"), fees=(off,), shipping_lines=(ShippingLine("Post", usd("2.00")),))
    payload = body(order)
    assert (payload["line_items"][0]["total"], payload["shipping_lines"][0]["total"]) == ("6.00", "2.00")
    deep = replace(order, total=usd("1.00"), fees=(Fee("Loyalty", usd("-11.00")),))
    assert sum(float(p["total"]) for p in [*body(deep)["line_items"], *body(deep)["shipping_lines"]]) == 1


@pytest.mark.parametrize(
    "fields", [{"total": usd("9.99")}, {"total": usd("-2.00"), "fees": (Fee("x", usd("-12.00")),)}]
)
def test_an_order_that_does_not_add_up_is_not_sent(fields: dict[str, Any]) -> None:
    with pytest.raises(UnmappableValueError) as caught:
        body(replace(PLAIN, **fields))
    assert caught.value.code == "total_not_representable"


@pytest.mark.parametrize(
    ("financial", "fulfillment", "status"),
    [
        (Financial.PAID, Fulfillment.FULFILLED, "completed"),
        (Financial.PARTIALLY_REFUNDED, Fulfillment.NOT_REQUIRED, "completed"),
        (Financial.PAID, Fulfillment.PARTIALLY_FULFILLED, "processing"),
        (Financial.AUTHORIZED, Fulfillment.FULFILLED, "on-hold"),
        (Financial.VOIDED, Fulfillment.UNFULFILLED, "cancelled"),
        (Financial.EXPIRED, Fulfillment.UNFULFILLED, "cancelled"),
        ("disputed", Fulfillment.UNFULFILLED, "on-hold"),
    ],
)
def test_statuses_are_translated(financial: str, fulfillment: str, status: str) -> None:
    order = replace(PLAIN, financial_status=financial, fulfillment_status=fulfillment)
    assert status_for(order) == status
    assert bool(status_reasons(order)) == (financial == "disputed")
    assert status_for(replace(order, is_cancelled=True)) == "cancelled"


def test_a_refunded_order_becomes_so_by_its_refunds() -> None:
    refunded = replace(PLAIN, financial_status=Financial.REFUNDED)
    plan = refund_plan(refunded)
    assert (plan.first_status, plan.last_status, plan.needs_status) == ("completed", "refunded", False)
    assert [(one.source_id, one.amount) for one in plan.refunds] == [("rest", usd("10.00"))]
    assert [reason.code for reason in plan.reasons] == ["refund_assumed"]
    short = refund_plan(replace(refunded, refunds=(Refund("1", usd("9.00")),), refunded=usd("9.00")))
    assert (short.last_status, [reason.code for reason in short.reasons]) == ("completed", ["refunded_in_part"])
    free = refund_plan(replace(refunded, total=usd("0"), lines=()))
    assert (free.first_status, free.last_status, free.refunds) == ("refunded", "refunded", ())


def test_a_cancelled_order_stays_cancelled_after_its_refunds() -> None:
    order = replace(PLAIN, is_cancelled=True, refunds=(Refund("1", usd("10.00")),), refunded=usd("10.00"))
    plan = refund_plan(order)
    assert (plan.first_status, plan.last_status, plan.needs_status) == ("cancelled", "cancelled", True)
    assert finish_of(order, plan, {}, "")["status"] == "cancelled"


def test_refunds_that_the_source_does_not_list_are_made_up_for() -> None:
    order = replace(PLAIN, refunds=(Refund("1", usd("3.00")),), refunded=usd("4.00"))
    assert [(one.source_id, str(one.amount)) for one in refund_plan(order).refunds] == [("1", "3.00"), ("rest", "1.00")]


def test_the_second_request_holds_person_and_dates_and_calculates_nothing() -> None:
    order = replace(PLAIN, fulfillment_status=Fulfillment.FULFILLED, paid_at=datetime(2026, 3, 2, tzinfo=UTC))
    payload = finish_of(order, refund_plan(order), {"customer": "5"}, "ada@example.com")
    assert payload["customer_id"] == 5
    assert set(payload) == {"customer_id", "meta_data"}
    assert notes(payload) == {
        "_billing_email": "ada@example.com",
        "_date_created": "2026-03-01T08:30:01Z",
        "_date_paid": "2026-03-02T00:00:00Z",
        "_date_completed": "2026-03-02T00:00:00Z",
    }
    unpaid = replace(PLAIN, financial_status=Financial.PENDING)
    assert set(notes(finish_of(unpaid, refund_plan(unpaid), {}, ""))) == {"_date_created"}


def test_what_can_not_be_held_is_told_once_each() -> None:
    assert {reason.code for reason in losses_of(PLAIN, {}, is_email_refused=False)} == {"number_kept_in_meta"}
    rich = replace(
        PLAIN,
        total_tax=usd("1"),
        coupons=(Coupon("TEN"),),
        tags=("vip",),
        attributes=(("gift", "yes"),),
        cancel_reason="customer",
        presentment_total=Money.of("9", "EUR"),
        refunds=(Refund("1", usd("1"), lines=(RefundLine("1", 1),)),),
        fulfillment_status=Fulfillment.PARTIALLY_FULFILLED,
        financial_status=Financial.PARTIALLY_PAID,
        transactions=(Transaction("sale", usd("5")), Transaction("sale", usd("5"))),
        is_test=True,
        phone="1",
        billing=Address(phone="2"),
    )
    codes = [reason.code for reason in losses_of(rich, {"products": {}}, is_email_refused=True)]
    assert len(codes) == len(set(codes)) == 16


def answer(status: int, code: str) -> Reply:
    return Reply(status, {}, f'{{"code": "{code}", "message": "No.", "data": {status}}}'.encode(), "POST /orders")


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "rest_invalid_param", "store_refused"),
        (400, "order_invalid_currency", "currency_unsupported"),
        (500, "woocommerce_rest_cannot_create_order_refund", "refund_refused"),
        (500, "woocommerce_rest_invalid_order_id", "order_gone"),
    ],
)
def test_refusals_that_leave_nothing_are_known_by_their_code(status: int, code: str, expected: str) -> None:
    outcome = refusal_of(answer(status, code))
    assert isinstance(outcome, Refused)
    assert outcome.error.code == expected


@pytest.mark.parametrize(
    ("status", "code"), [(400, "woocommerce_rest_invalid_coupon"), (500, "internal_server_error"), (400, "")]
)
def test_every_other_error_may_have_left_an_order(status: int, code: str) -> None:
    assert isinstance(refusal_of(answer(status, code)), Unknown)
