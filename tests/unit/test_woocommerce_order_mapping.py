"""Orders from WooCommerce's JSON to the domain, without a store."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from crossdock.connectors.contract import UnreadableRecord
from crossdock.connectors.woocommerce.orders.mapping import readable, refund_from_wire
from crossdock.connectors.woocommerce.orders.wire import WireRefund, decimal_of
from crossdock.domain.money import Money
from crossdock.domain.order import Order, RefundLine

MARKER = "shopify:harbour-books.myshopify.com:order:gid://shopify/Order/7"
RATE = {"rate_id": 3, "label": "VAT", "compound": False, "rate_percent": 19}


def raw(**fields: Any) -> msgspec.Raw:  # noqa: ANN401 - any JSON
    base = {"id": 7, "number": "7", "status": "processing", "currency": "EUR", "total": "0.00"}
    return msgspec.Raw(json.dumps({**base, **fields}).encode())


def order(**fields: Any) -> Order:  # noqa: ANN401 - any JSON
    mapped = readable(raw(**fields))
    assert isinstance(mapped, Order)
    return mapped


def whole(**fields: Any) -> Order:  # noqa: ANN401 - any JSON
    names = ("line_items", "shipping_lines", "fee_lines", "coupon_lines", "tax_lines")
    lists: dict[str, list[object]] = {name: [] for name in names}
    return order(**{**lists, **fields})


def item(number: int, total: str, tax: str = "0", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    taxes = [{"id": 3, "total": tax, "subtotal": tax}] if tax != "0" else []
    base = {"id": number, "name": "Mug", "quantity": 1, "subtotal": total, "subtotal_tax": tax}
    return {**base, "total": total, "total_tax": tax, "taxes": taxes, "meta_data": [], **fields}


def meta(**values: object) -> list[dict[str, object]]:
    return [{"id": at, "key": key, "value": value} for at, (key, value) in enumerate(values.items())]


def eur(text: str) -> Money:
    return Money.of(text, "EUR")


@pytest.mark.parametrize(
    ("status", "paid", "refunds", "expected"),
    [
        ("completed", None, [], ("paid", "fulfilled", "completed")),
        ("completed", "2026-01-01T00:00:00", ["-1.00"], ("partially_refunded", "fulfilled", "completed")),
        ("completed", None, ["-4.00", "-6.00"], ("refunded", "fulfilled", "refunded")),
        ("processing", None, [], ("paid", "unfulfilled", "processing")),
        ("on-hold", None, [], ("pending", "unfulfilled", "open")),
        ("pending", None, [], ("pending", "unfulfilled", "open")),
        ("refunded", None, ["-10.00"], ("refunded", "unfulfilled", "refunded")),
        ("cancelled", None, [], ("voided", "unfulfilled", "cancelled")),
        ("failed", None, [], ("voided", "unfulfilled", "cancelled")),
        ("awaiting-pickup", None, [], ("pending", "unfulfilled", "open")),
        ("awaiting-pickup", "2026-01-01T00:00:00", [], ("paid", "unfulfilled", "processing")),
    ],
)
def test_a_status_says_what_is_paid_and_fulfilled(
    status: str, paid: str | None, refunds: list[str], expected: tuple[str, str, str]
) -> None:
    shorts = [{"id": at, "reason": "", "total": total} for at, total in enumerate(refunds, 1)]
    found = order(status=status, total="10.00", date_paid_gmt=paid, refunds=shorts)
    assert (found.financial_status, found.fulfillment_status, found.status_key()) == expected
    assert found.is_cancelled == (status == "cancelled")
    assert found.unknown == (("awaiting-pickup",) if status == "awaiting-pickup" else ())


def test_a_light_reading_tells_what_matching_needs() -> None:
    found = order(
        number="WC-1007",
        total="12.50",
        date_created_gmt="2026-02-03T04:05:06",
        customer_id=5,
        billing={"email": " ada@example.com ", "first_name": "Smith &amp; Sons", "country": "gb", "phone": "1"},
        refunds=[{"id": 1, "reason": "x", "total": "-2.50"}],
        meta_data=meta(_order_number="1007", secret="x"),
    )
    assert (found.number, found.bare_number, found.email, found.customer_id) == (
        "WC-1007",
        "1007",
        "ada@example.com",
        "5",
    )
    assert found.created_at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert (found.total, found.refunded) == (eur("12.50"), eur("2.50"))
    assert (found.line_count, found.comparable_line_count) == (None, None)
    assert found.billing is not None
    assert (found.billing.first_name, found.phone, found.shipping) == ("Smith & Sons", "1", None)


def test_a_number_that_a_plugin_left_behind_does_not_count() -> None:
    assert order(number="7", meta_data=meta(_order_number="1007")).bare_number == "7"


@pytest.mark.parametrize("status", ["auto-draft", "checkout-draft", "trash"])
def test_what_is_no_order_is_left_out(status: str) -> None:
    assert readable(raw(status=status)) is None


@pytest.mark.parametrize("fields", [{"total": "much"}, {"total": "NaN"}, {"billing": []}, {"date_created_gmt": "soon"}])
def test_what_can_not_be_read_is_named_and_shows_no_value(fields: dict[str, Any]) -> None:
    found = readable(raw(**fields))
    assert isinstance(found, UnreadableRecord)
    assert found.id == "7"
    assert "much" not in found.reason


def test_parts_that_woocommerce_rounds_apart_add_up_to_what_was_charged() -> None:
    found = whole(
        prices_include_tax=True,
        total="20.00",
        total_tax="3.19",
        line_items=[item(1, "8.405000", "1.595000"), item(2, "8.405000", "1.595000")],
        tax_lines=[{**RATE, "tax_total": "3.19", "shipping_tax_total": "0.00"}],
    )
    assert [line.total for line in found.lines] == [eur("10.00"), eur("10.00")]
    assert sorted(str(tax.amount) for tax in found.all_taxes()) == ["1.59", "1.60"]
    assert found.lines[0].taxes[0].rate == Decimal("0.19")
    assert found.sum_of_parts() == found.total


def test_amounts_without_tax_keep_taxes_beside_them() -> None:
    found = whole(
        total="35.70",
        total_tax="5.70",
        discount_total="5.00",
        line_items=[item(1, "20.00", "3.80", subtotal="25.00", subtotal_tax="4.75")],
        shipping_lines=[
            {"id": 2, "method_title": "Post", "method_id": "flat_rate", "total": "5.00", "total_tax": "0.95",
             "taxes": [{"id": 3, "total": "0.95", "subtotal": ""}]},
        ],
        fee_lines=[{"id": 4, "name": "Wrap", "total": "5.00", "total_tax": "0.95",
                    "taxes": [{"id": 3, "total": "0.95"}]}],
        tax_lines=[{**RATE, "tax_total": "4.75", "shipping_tax_total": "0.95"}],
        coupon_lines=[{"code": "five", "discount": "5", "discount_tax": "0.95"}],
        shipping_total="5.00",
        payment_method_title="Card",
        transaction_id="tx-1",
        date_paid_gmt="2026-02-03T04:05:06",
    )  # fmt: skip
    assert found.sum_of_parts() == found.total
    assert (found.lines[0].subtotal, found.discount_total) == (eur("25.00"), eur("5.00"))
    assert (found.shipping_lines[0].title, found.shipping_total) == ("Post", eur("5.00"))
    assert [(tax.title, tax.amount) for tax in found.taxes] == [("VAT", eur("5.70"))]
    assert (found.coupons[0].code, found.coupons[0].amount) == ("five", eur("5.00"))
    (sale,) = found.transactions
    assert (sale.kind, sale.amount, sale.gateway, sale.reference) == ("sale", eur("35.70"), "Card", "tx-1")
    assert found.comparable_line_count == 2


def test_lines_keep_what_the_customer_chose_and_hide_what_plugins_note() -> None:
    notes = [
        {"key": "pa_size", "value": "l", "display_key": "Size", "display_value": "L"},
        {"key": "_reduced_stock", "value": "2", "display_key": "_reduced_stock", "display_value": "2"},
        {"key": "parts", "value": {"a": 1}, "display_key": "parts", "display_value": {"a": 1}},
        "odd",
    ]
    found = whole(
        total="9.00",
        line_items=[
            item(1, "4.50", name="Shirt &amp; Tie - L", parent_name="Shirt &amp; Tie", product_id=5, variation_id=6,
                 sku="S-L", meta_data=notes),
            item(2, "4.50", name="Ham", quantity=1.5, sku=None),
            item(3, "0.00", quantity=0),
        ],
    )  # fmt: skip
    shirt, ham, nothing = found.lines
    assert (shirt.title, shirt.variant_title, shirt.product_id, shirt.variant_id) == ("Shirt & Tie", "L", "5", "6")
    assert shirt.attributes == (("Size", "L"),)
    assert (ham.title, ham.quantity, ham.sku, nothing.quantity) == ("Ham (1.5)", 1, "", 0)
    assert (found.line_count, found.comparable_line_count) == (3, 2)


def test_fees_of_ours_are_taxes_again_and_others_marks_are_not_believed() -> None:
    fee = {
        "id": 4,
        "name": "VAT",
        "total": "1.90",
        "meta_data": meta(_crossdock_tax='["VAT", "0.19", false]'),
    }
    ours = whole(
        total="11.90",
        line_items=[item(1, "10.00", meta_data=meta(_crossdock_sku="MUG", _crossdock_taxes="broken"))],
        fee_lines=[fee],
        meta_data=meta(_crossdock_source_id=MARKER, _crossdock_number="1001", _crossdock_tags='["vip"]'),
    )
    assert (ours.fees, ours.total_tax, ours.bare_number, ours.tags) == ((), eur("1.90"), "1001", ("vip",))
    assert [(tax.title, tax.rate) for tax in ours.taxes] == [("VAT", Decimal("0.19"))]
    assert (ours.lines[0].sku, ours.comparable_line_count) == ("MUG", 1)
    foreign = whole(total="11.90", line_items=[item(1, "10.00")], fee_lines=[fee])
    assert [one.amount for one in foreign.fees] == [eur("1.90")]
    assert foreign.total_tax == eur("0")


def test_the_time_of_the_source_order_outlives_a_shop_that_keeps_its_own() -> None:
    notes = meta(_crossdock_source_id=MARKER, _crossdock_created_at="2020-01-02T03:04:05Z")
    assert order(date_created_gmt="2026-01-01T00:00:00", meta_data=notes).created_at == datetime(
        2020, 1, 2, 3, 4, 5, tzinfo=UTC
    )
    broken = meta(_crossdock_source_id=MARKER, _crossdock_created_at="soon", _crossdock_tags="no list")
    found = order(date_created_gmt="2026-01-01T00:00:00", meta_data=broken)
    assert (found.created_at, found.tags) == (datetime(2026, 1, 1, tzinfo=UTC), ())


def test_a_refund_names_the_lines_that_it_gives_back() -> None:
    lines = [
        item(20, "-8.40", "-1.60", quantity=-1, meta_data=meta(_refunded_item_id="1")),
        item(21, "-2.00", quantity=-1),
    ]
    fields = {"id": 9, "amount": "12.00", "reason": "Broken", "line_items": lines}
    wire = msgspec.json.decode(json.dumps({**fields, "date_created_gmt": "2026-03-01T00:00:00"}), type=WireRefund)
    refund = refund_from_wire(wire, "EUR", is_included=True)
    assert (refund.amount, refund.reason, refund.created_at) == (
        eur("12.00"),
        "Broken",
        datetime(2026, 3, 1, tzinfo=UTC),
    )
    assert refund.lines == (RefundLine("1", 1, eur("10.00")),)


def test_amounts_are_read_in_every_form_that_is_sent() -> None:
    forms: list[str | float | None] = ["4", " 4.0 ", 4.0, "", None]
    assert [decimal_of(form) for form in forms] == [4, 4, 4, 0, 0]
