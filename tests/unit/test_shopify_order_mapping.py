"""From Shopify's orders and drafts to ours: each field, and what edits, discounts and refunds leave of the lines."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from crossdock.connectors.shopify.orders import wire
from crossdock.connectors.shopify.orders.decoding import nodes_of, records_of
from crossdock.connectors.shopify.orders.drafts import to_draft, to_draft_header
from crossdock.connectors.shopify.orders.mapping import to_header, to_order, to_outline
from crossdock.connectors.shopify.orders.terms import NumberFormat
from crossdock.connectors.shopify.orders.words import COUPONS_ATTRIBUTE, coupons_of, coupons_text
from crossdock.domain.money import Money
from crossdock.domain.order import Coupon, Order, OrderStatus

FORM = NumberFormat()
GID = "gid://shopify/Order/7"


def bag(amount: str, currency: str = "EUR", presentment: tuple[str, str] | None = None) -> dict[str, Any]:
    told = {"shopMoney": {"amount": amount, "currencyCode": currency}}
    if presentment is None:
        return told
    return {**told, "presentmentMoney": {"amount": presentment[0], "currencyCode": presentment[1]}}


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def header(**fields: object) -> dict[str, Any]:
    return {
        "id": GID,
        "name": "#1001",
        "createdAt": "2026-06-30T13:24:58Z",
        "processedAt": "2024-02-03T04:05:06Z",
        "totalPriceSet": bag("26.6"),
        **fields,
    }


def line(number: int, **fields: object) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "title": f"Mug {number}",
        "quantity": 1,
        "currentQuantity": 1,
        "originalUnitPriceSet": bag("10.0"),
        **fields,
    }


def refund(amount: str, *lines: tuple[int, int], note: str | None = None) -> dict[str, Any]:
    return {
        "id": "gid://shopify/Refund/1",
        "createdAt": "2024-03-01T00:00:00Z",
        "note": note,
        "totalRefundedSet": bag(amount),
        "refundLineItems": {
            "nodes": [
                {"quantity": units, "lineItem": {"id": f"gid://shopify/LineItem/{number}"}, "subtotalSet": bag("10.0")}
                for number, units in lines
            ]
        },
    }


def lines_of(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"nodes": list(lines), "pageInfo": {"hasNextPage": False, "endCursor": None}}


def node(**fields: object) -> wire.Order:
    return msgspec.json.decode(msgspec.json.encode(header(**fields)), type=wire.Order)


def draft_node(**fields: object) -> wire.Draft:
    told = {"id": "gid://shopify/DraftOrder/9", "name": "#D9", "status": "OPEN", "totalPriceSet": bag("12.0"), **fields}
    return msgspec.json.decode(msgspec.json.encode(told), type=wire.Draft)


def whole(**fields: object) -> Order:
    read = node(**fields)
    return to_order(read, read.line_items.nodes if read.line_items else (), FORM)


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


def test_lines_carry_discounts_taxes_and_choices() -> None:
    order = whole(
        totalPriceSet=bag("27.75"),
        discountCodes=["SPRING"],
        lineItems=lines_of(
            line(
                1,
                quantity=3,
                currentQuantity=3,
                sku=" MUG-1 ",
                variantTitle="Default Title",
                product={"id": "gid://shopify/Product/2"},
                variant={"id": "gid://shopify/ProductVariant/3"},
                taxable=False,
                requiresShipping=False,
                discountAllocations=[
                    {"allocatedAmountSet": bag("4.0"), "discountApplication": {"code": "Spring"}},
                    {"allocatedAmountSet": bag("1.0"), "discountApplication": {}},
                ],
                taxLines=[{"title": "VAT", "rate": 0.11, "priceSet": bag("2.75")}],
                customAttributes=[{"key": "Text", "value": "To Ada"}, {"key": "_crossdock_x", "value": "1"}],
            )
        ),
    )
    (one,) = order.lines
    assert (one.quantity, one.subtotal, one.total) == (3, eur("30"), eur("25"))
    assert (one.sku, one.variant_title, one.is_taxable, one.requires_shipping) == ("MUG-1", "", False, False)
    assert (one.product_id, one.variant_id) == ("gid://shopify/Product/2", "gid://shopify/ProductVariant/3")
    assert [(tax.title, tax.rate, tax.amount) for tax in one.taxes] == [("VAT", Decimal("0.11"), eur("2.75"))]
    assert one.attributes == (("Text", "To Ada"),)
    assert order.discount_total == eur("5")
    assert order.coupons == (Coupon("SPRING", eur("4")),)
    assert order.sum_of_parts() == order.total
    assert (order.line_count, order.comparable_line_count) == (1, 1)


def test_shipping_is_what_it_costs_after_discounts_and_its_sum_has_no_tax() -> None:
    shipping = {
        "nodes": [
            {
                "id": "gid://shopify/ShippingLine/1",
                "title": "Standard",
                "code": None,
                "discountedPriceSet": bag("5.95"),
                "taxLines": [{"title": "VAT", "rate": 0.19, "priceSet": bag("0.95")}],
            }
        ]
    }
    included = whole(taxesIncluded=True, shippingLines=shipping)
    assert [(one.title, one.price) for one in included.shipping_lines] == [("Standard", eur("5.95"))]
    assert included.shipping_total == eur("5.00")
    assert whole(shippingLines=shipping).shipping_total == eur("5.95")


def test_lines_that_we_wrote_for_fees_and_tax_are_read_as_such() -> None:
    order = whole(
        totalPriceSet=bag("14.3"),
        totalTaxSet=bag("0.0"),
        lineItems=lines_of(
            line(1),
            line(
                2,
                title="Gift wrap",
                originalUnitPriceSet=bag("3.0"),
                customAttributes=[{"key": "_crossdock_fee", "value": "7"}],
            ),
            line(
                3,
                title="Tax (as charged)",
                originalUnitPriceSet=bag("1.3"),
                customAttributes=[{"key": "_crossdock_tax", "value": "yes"}],
            ),
        ),
    )
    assert [one.title for one in order.lines] == ["Mug 1"]
    assert [(fee.title, fee.amount) for fee in order.fees] == [("Gift wrap", eur("3"))]
    assert order.total_tax == eur("1.3")
    assert (order.line_count, order.comparable_line_count) == (3, 2)


def test_the_sources_coupons_are_read_back_and_anothers_text_is_not() -> None:
    coupons = (Coupon('TEN, "5"', eur("10")), Coupon("FREE"))
    attribute = {"key": COUPONS_ATTRIBUTE, "value": coupons_text(coupons)}
    assert whole(customAttributes=[attribute], discountCodes=["crossdock"]).coupons == coupons
    other = {"key": COUPONS_ATTRIBUTE, "value": "TEN"}
    assert whole(customAttributes=[other], discountCodes=["SPRING"]).coupons == (Coupon("SPRING"),)
    assert coupons_of('[["A", "much"]]', "EUR") is None


def test_payments_and_refunds_are_told() -> None:
    order = whole(
        paymentGatewayNames=["Imported: Card", "Card", "manual"],
        totalRefundedSet=bag("10.0"),
        transactions=[
            {
                "id": "gid://shopify/OrderTransaction/1",
                "kind": "SALE",
                "status": "SUCCESS",
                "gateway": "Imported: Card",
                "processedAt": "2024-02-03T05:00:00Z",
                "paymentId": "p-1",
                "amountSet": bag("26.6"),
            },
            {
                "id": "gid://shopify/OrderTransaction/2",
                "kind": "SALE",
                "status": "FAILURE",
                "gateway": None,
                "processedAt": "2024-02-03T04:30:00Z",
                "amountSet": bag("26.6"),
            },
        ],
        refunds=[refund("10.0", (1, 1), note="Broken"), refund("0.0", (1, 1))],
    )
    assert order.payment_title == "Card, manual"
    assert [(one.kind, one.status, one.gateway, one.reference) for one in order.transactions] == [
        ("sale", "success", "Card", "p-1"),
        ("sale", "failure", "", ""),
    ]
    assert order.paid_at == datetime(2024, 2, 3, 5, tzinfo=UTC)
    (back,) = order.refunds
    assert (back.amount, back.reason, back.lines[0].quantity, back.lines[0].amount) == (
        eur("10"),
        "Broken",
        1,
        eur("10"),
    )
    assert order.refunded == eur("10")


def test_a_refunded_line_stays_and_a_removed_one_goes() -> None:
    refunded = line(1, currentQuantity=0)
    removed = line(2, currentQuantity=0, originalUnitPriceSet=bag("29.0"))
    lines = lines_of(refunded, removed, line(3, quantity=3, currentQuantity=2))
    edited = whole(totalPriceSet=bag("30.0"), edited=True, lineItems=lines, refunds=[refund("10.0", (1, 1))])
    assert [(one.title, one.quantity) for one in edited.lines] == [("Mug 1", 1), ("Mug 3", 2)]
    assert edited.sum_of_parts() == edited.total
    untouched = whole(totalPriceSet=bag("69.0"), lineItems=lines)
    assert [one.quantity for one in untouched.lines] == [1, 1, 3]


def test_units_that_an_edit_removed_take_their_share_of_discounts_and_taxes_along() -> None:
    order = whole(
        totalPriceSet=bag("17.98"),
        edited=True,
        lineItems=lines_of(
            line(
                1,
                quantity=3,
                currentQuantity=2,
                discountAllocations=[{"allocatedAmountSet": bag("5.0")}],
                taxLines=[{"title": "VAT", "rate": 0.05, "priceSet": bag("1.31")}],
            )
        ),
    )
    (one,) = order.lines
    assert (one.quantity, one.subtotal, one.total, one.taxes[0].amount) == (2, eur("20"), eur("16.67"), eur("0.87"))


def test_lines_that_the_total_still_counts_are_kept() -> None:
    lines = lines_of(line(1), line(2, currentQuantity=0))
    assert len(whole(totalPriceSet=bag("20.0"), edited=True, lineItems=lines).lines) == 2
    assert len(whole(totalPriceSet=bag("10.0"), edited=True, lineItems=lines).lines) == 1


def test_what_a_cancellation_took_off_was_ordered() -> None:
    order = whole(
        edited=True,
        cancelledAt="2024-02-04T00:00:00Z",
        lineItems=lines_of(line(1, currentQuantity=0)),
        refunds=[refund("0.0", (1, 1))],
    )
    assert [one.quantity for one in order.lines] == [1]


def test_an_outline_counts_as_the_whole_order_does() -> None:
    fields: dict[str, object] = {
        "totalPriceSet": bag("30.0"),
        "edited": True,
        "lineItems": lines_of(
            line(1, currentQuantity=0),
            line(2, currentQuantity=0),
            line(3, customAttributes=[{"key": "_crossdock_tax", "value": "1"}]),
            line(4, customAttributes=[{"key": "_crossdock_fee", "value": "1"}]),
        ),
        "refunds": [refund("10.0", (1, 1))],
    }
    read = node(**fields)
    outline = to_outline(read, read.line_items.nodes if read.line_items else ())
    order = whole(**fields)
    assert (outline.line_count, outline.comparable_line_count) == (3, 2)
    assert (order.line_count, order.comparable_line_count) == (3, 2)
    assert (outline.id, outline.total) == (GID, eur("30"))


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


def test_amounts_are_at_the_currencys_exponent() -> None:
    yen = whole(
        totalPriceSet=bag("1200.0", "JPY"), lineItems=lines_of(line(1, originalUnitPriceSet=bag("1200.0", "JPY")))
    )
    assert (str(yen.total), str(yen.lines[0].total)) == ("1200", "1200")
    dinar = whole(
        totalPriceSet=bag("1.234", "KWD"), lineItems=lines_of(line(1, originalUnitPriceSet=bag("1.234", "KWD")))
    )
    assert (str(dinar.total), dinar.sum_of_parts()) == ("1.234", dinar.total)


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
