"""What edits, discounts, refunds and notes of ours leave of a Shopify order's lines."""

from datetime import UTC, datetime
from decimal import Decimal

from crossdock.connectors.shopify.orders.mapping import to_outline
from crossdock.connectors.shopify.orders.words import COUPONS_ATTRIBUTE, coupons_of, coupons_text
from crossdock.domain.order import Coupon
from tests.support.shopify_order_nodes import GID, bag, eur, line, lines_of, node, refund, whole


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


def test_amounts_are_at_the_currencys_exponent() -> None:
    yen = whole(
        totalPriceSet=bag("1200.0", "JPY"), lineItems=lines_of(line(1, originalUnitPriceSet=bag("1200.0", "JPY")))
    )
    assert (str(yen.total), str(yen.lines[0].total)) == ("1200", "1200")
    dinar = whole(
        totalPriceSet=bag("1.234", "KWD"), lineItems=lines_of(line(1, originalUnitPriceSet=bag("1.234", "KWD")))
    )
    assert (str(dinar.total), dinar.sum_of_parts()) == ("1.234", dinar.total)
