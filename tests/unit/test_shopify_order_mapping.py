"""From Shopify's orders and drafts to ours: each field of an order around its lines."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from crossdock.connectors.shopify.orders import wire
from crossdock.connectors.shopify.orders.decoding import nodes_of, records_of
from crossdock.connectors.shopify.orders.drafts import to_draft, to_draft_header
from crossdock.connectors.shopify.orders.mapping import to_header, to_outline
from crossdock.connectors.shopify.orders.terms import NumberFormat
from crossdock.domain.money import Money
from crossdock.domain.order import OrderStatus
from tests.support.shopify_order_nodes import (
    FORM,
    GID,
    bag,
    draft_node,
    eur,
    header,
    line,
    lines_of,
    node,
    whole,
)


def test_a_header_tells_what_matching_needs() -> None:
    order = to_header(
        node(
            email="ada@example.com",
            totalPriceSet=bag("26.6", presentment=("29.0", "USD")),
            totalTaxSet=bag("4.25"),
            totalRefundedSet=bag("0.0"),
            displayFinancialStatus="PAID",
            displayFulfillmentStatus="FULFILLED",
            customer={"id": "gid://shopify/Customer/1"},
            test=True,
        ),
        FORM,
    )
    assert (order.number, order.bare_number, order.email) == ("#1001", "1001", "ada@example.com")
    assert (order.total, order.total_tax, order.refunded) == (eur("26.60"), eur("4.25"), eur("0"))
    assert order.presentment_total == Money.of("29", "USD")
    assert order.created_at == datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert (order.status, order.status_key()) == ("open", OrderStatus.COMPLETED)
    assert (order.customer_id, order.is_test, order.is_draft) == ("gid://shopify/Customer/1", True, False)
    assert (order.line_count, order.comparable_line_count, order.unknown) == (None, None, ())


def test_presentment_money_in_the_shops_own_currency_says_nothing_new() -> None:
    assert to_header(node(totalPriceSet=bag("5.0", presentment=("5.0", "EUR"))), FORM).presentment_total is None


@pytest.mark.parametrize(
    ("told", "status", "unknown"),
    [
        ({"displayFinancialStatus": None}, ("pending", "unfulfilled"), ()),
        ({"displayFinancialStatus": "PARTIALLY_REFUNDED"}, ("partially_refunded", "unfulfilled"), ()),
        ({"displayFulfillmentStatus": "FULFILLMENT_NOT_REQUIRED"}, ("pending", "fulfillment_not_required"), ()),
        ({"displayFulfillmentStatus": "IN_PROGRESS"}, ("pending", "in_progress"), ()),
        ({"displayFinancialStatus": "HALF_PAID"}, ("half_paid", "unfulfilled"), ("half_paid",)),
        ({"displayFulfillmentStatus": "BEAMED"}, ("pending", "beamed"), ("beamed",)),
    ],
)
def test_statuses_are_kept_and_unknown_ones_named(
    told: dict[str, Any], status: tuple[str, str], unknown: tuple[str, ...]
) -> None:
    order = to_header(node(**told), FORM)
    assert (order.financial_status, order.fulfillment_status) == status
    assert order.unknown == unknown


def test_a_cancelled_order_is_cancelled_and_a_closed_one_closed() -> None:
    cancelled = to_header(node(cancelledAt="2024-02-04T00:00:00Z", cancelReason="CUSTOMER", closedAt=None), FORM)
    assert (cancelled.status, cancelled.is_cancelled, cancelled.cancel_reason) == ("cancelled", True, "customer")
    assert to_header(node(closedAt="2024-02-04T00:00:00Z"), FORM).status == "closed"


@pytest.mark.parametrize(
    ("form", "name", "bare"),
    [
        (FORM, "#1001", "1001"),
        (FORM, "EN1001-A", "EN1001-A"),
        (NumberFormat("EN", "-A"), "EN1001-A", "1001"),
        (NumberFormat("EN", ""), "#1001", "1001"),
        (NumberFormat("", ""), "1001", "1001"),
        (NumberFormat("#", ""), "#", "#"),
    ],
)
def test_a_number_loses_what_the_shop_puts_around_it(form: NumberFormat, name: str, bare: str) -> None:
    assert to_header(node(name=name), form).bare_number == bare


def test_our_order_knows_its_number_in_the_source_and_hides_what_is_ours() -> None:
    order = to_header(
        node(
            name="#W1001",
            customAttributes=[{"key": "_crossdock_number", "value": "1001"}, {"key": "Gift", "value": None}],
            metafield={"value": "woocommerce:shop.example.com:order:5"},
        ),
        FORM,
    )
    assert (order.number, order.bare_number) == ("#W1001", "1001")
    assert order.marker == "woocommerce:shop.example.com:order:5"
    assert order.attributes == (("Gift", ""),)


def test_an_order_is_completed_when_the_last_parcel_left() -> None:
    sent = [
        {"createdAt": "2024-02-05T00:00:00Z", "status": "SUCCESS"},
        {"createdAt": "2024-02-07T00:00:00Z", "status": "SUCCESS"},
        {"createdAt": "2024-02-09T00:00:00Z", "status": "CANCELLED"},
    ]
    whole_sent = whole(displayFulfillmentStatus="FULFILLED", fulfillments=sent, closedAt="2024-03-01T00:00:00Z")
    assert whole_sent.completed_at == datetime(2024, 2, 7, tzinfo=UTC)
    unnoted = whole(displayFulfillmentStatus="FULFILLED", closedAt="2024-03-01T00:00:00Z")
    assert unnoted.completed_at == datetime(2024, 3, 1, tzinfo=UTC)
    assert whole(displayFulfillmentStatus="PARTIALLY_FULFILLED", fulfillments=sent).completed_at is None


def test_people_note_and_tags_come_along() -> None:
    address = {"firstName": "Ada", "address1": "1 Mill Street", "city": "York", "zip": "YO1", "countryCodeV2": "GB"}
    order = whole(
        billingAddress=address,
        shippingAddress=None,
        note="Leave at the desk",
        tags=["crossdock", "priority"],
        phone="+442079460000",
    )
    assert order.billing is not None
    assert (order.billing.first_name, order.billing.postcode, order.billing.country_code) == ("Ada", "YO1", "GB")
    assert (order.shipping, order.note, order.tags) == (None, "Leave at the desk", ("priority",))
    assert order.phone == "+442079460000"


def test_our_draft_is_an_order_that_is_a_draft() -> None:
    read = draft_node(
        createdAt="2026-06-30T13:24:58Z",
        email="ada@example.com",
        metafield={"value": "woocommerce:shop.example.com:order:5"},
        customAttributes=[{"key": "_crossdock_number", "value": "1001"}],
        totalDiscountsSet=bag("2.0"),
        totalTaxSet=bag("0.0"),
        tags=["crossdock"],
        note2="Hello",
        shippingLine={"id": None, "title": "Standard", "code": "custom", "discountedPriceSet": bag("1.0")},
        lineItems=lines_of(
            {**line(1), "discountedTotalSet": bag("10.0")},
            {
                **line(2, originalUnitPriceSet=bag("3.0"), customAttributes=[{"key": "_crossdock_tax", "value": "1"}]),
                "discountedTotalSet": bag("3.0"),
            },
        ),
    )
    draft = to_draft(read, read.line_items.nodes if read.line_items else (), FORM)
    assert (draft.is_draft, draft.became_id, draft.status, draft.bare_number) == (True, "", "open", "1001")
    assert (draft.financial_status, draft.status_key()) == ("pending", OrderStatus.OPEN)
    assert (draft.total, draft.total_tax, draft.discount_total) == (eur("12"), eur("3"), eur("2"))
    assert [(fee.title, fee.amount) for fee in draft.fees] == [("Discount", eur("-2"))]
    assert (draft.line_count, draft.comparable_line_count) == (2, 1)
    assert (draft.note, draft.tags, draft.shipping_total) == ("Hello", (), eur("1"))
    assert draft.sum_of_parts() == draft.total - eur("3")
    counted = to_outline(read, read.line_items.nodes if read.line_items else ())
    assert (counted.line_count, counted.comparable_line_count, counted.is_draft) == (2, 1, True)


def test_a_completed_draft_names_the_order_that_it_became() -> None:
    draft = to_draft_header(draft_node(status="COMPLETED", order={"id": GID}), FORM)
    assert (draft.status, draft.became_id, draft.is_draft) == ("completed", GID, True)


def test_a_record_that_does_not_fit_is_named_and_spoils_no_other() -> None:
    raws = [
        msgspec.Raw(msgspec.json.encode(one))
        for one in (header(), {"id": GID}, None, {}, header(totalPriceSet=bag("much")), header(name=5))
    ]
    nodes, damaged = nodes_of(raws, wire.Order)
    records, odd = records_of(nodes, lambda read: to_header(read, FORM))
    assert len(records) == 1
    assert [one.id for one in (*damaged, *odd)] == [GID, GID, GID]
    assert all(one.reason for one in (*damaged, *odd))


def test_a_header_differs_from_the_whole_only_in_what_it_leaves_out() -> None:
    fields = {"lineItems": lines_of(line(1)), "totalTaxSet": bag("0.0"), "totalRefundedSet": bag("0.0")}
    light, full = to_header(node(**fields), FORM), whole(**fields)
    same = ("number", "bare_number", "total", "created_at", "email", "financial_status", "marker", "refunded")
    assert [getattr(light, name) for name in same] == [getattr(full, name) for name in same]
    assert replace(light, line_count=1) != full
