"""The invented orders: repeatable, spread as promised, as messy as promised, and sums that add up on each platform."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from crossdock.sandbox.catalogue import variants
from crossdock.sandbox.catalogue_views import shopify_variants, shopify_variants_of, woo_products, woo_variations
from crossdock.sandbox.people_views import woo_records
from crossdock.sandbox.sales import MANY_LINES_INDEX, ODDITIES, Sale, sale
from crossdock.sandbox.sales_shopify import shopify_order, shopify_orders
from crossdock.sandbox.sales_taxes import COMPOUND, Rate, Regime, amount_of, round_to
from crossdock.sandbox.sales_woo import woo_order, woo_order_refunds, woo_orders, woo_refunds
from crossdock.sandbox.shopify.order_seeds import SeedOrder, SeedTax

SEED, SIZE, PEOPLE = 3, 2_000, 200


@pytest.fixture(scope="module")
def sales() -> list[Sale]:
    return [sale(SEED, index, PEOPLE) for index in range(SIZE)]


@pytest.fixture(scope="module")
def woo() -> list[dict[str, Any]]:
    return list(woo_orders(SEED, SIZE, PEOPLE))


def summed(values: Sequence[Any]) -> Decimal:
    return sum((Decimal(str(value)) for value in values), Decimal(0))


def taxes_of(taxes: Sequence[SeedTax]) -> Decimal:
    return summed([tax.amount for tax in taxes])


def total_on_shopify(order: SeedOrder) -> Decimal:
    lines = sum((Decimal(line.unit_price) * line.quantity - Decimal(line.discount) for line in order.lines), Decimal(0))
    sent = summed([line.price for line in order.shipping_lines])
    taxes = [taxes_of(part.taxes) for part in (*order.lines, *order.shipping_lines)]
    return lines + sent + (Decimal(0) if order.taxes_included else summed(taxes))


def major(sold: Sale, units: int) -> Decimal:
    return Decimal(units).scaleb(-sold.currency.exponent)


def test_an_order_follows_from_seed_and_index() -> None:
    assert sale(SEED, 123_456, PEOPLE) == sale(SEED, 123_456, PEOPLE)
    assert sale(SEED, 5, PEOPLE) != sale(SEED + 1, 5, PEOPLE)


def test_orders_are_spread_over_both_stores(sales: list[Sale]) -> None:
    shares = Counter(sold.presence for sold in sales)
    assert shares == {"both": SIZE * 55 // 100, "woocommerce": SIZE * 30 // 100, "shopify": SIZE * 15 // 100}


def test_every_oddity_and_status_occurs(sales: list[Sale]) -> None:
    assert {sold.oddity for sold in sales} == {*ODDITIES.values(), "many_lines", "plain"}
    assert {sold.status for sold in sales} == {
        *("completed", "processing", "on-hold", "pending", "cancelled", "failed", "refunded"),
        *("shipped", "checkout-draft"),
    }
    assert {sold.currency.code for sold in sales} == {"USD", "EUR", "JPY", "KWD"}


def test_woo_totals_are_the_sum_of_their_parts(woo: list[dict[str, Any]]) -> None:
    for record in woo:
        parts = [*record["line_items"], *record["fee_lines"], *record["shipping_lines"]]
        taxes = [value for part in parts for value in (part["total_tax"],)]
        assert summed([part["total"] for part in parts]) + summed(taxes) == Decimal(record["total"])
        assert summed(taxes) == Decimal(record["total_tax"])
        assert Decimal(record["cart_tax"]) + Decimal(record["shipping_tax"]) == Decimal(record["total_tax"])
        told = [line["tax_total"] for line in record["tax_lines"]]
        told += [line["shipping_tax_total"] for line in record["tax_lines"]]
        assert summed(told) == Decimal(record["total_tax"])
        assert Decimal(record["total"]) >= 0


def test_woo_discounts_are_those_of_the_lines(woo: list[dict[str, Any]]) -> None:
    for record in woo:
        lines = record["line_items"]
        before, after = summed([line["subtotal"] for line in lines]), summed([line["total"] for line in lines])
        assert before - after == Decimal(record["discount_total"])
        if record["coupon_lines"]:
            assert summed([line["discount"] for line in record["coupon_lines"]]) == Decimal(record["discount_total"])
            assert summed([line["discount_tax"] for line in record["coupon_lines"]]) == Decimal(record["discount_tax"])


def test_woo_ids_are_no_other_record_s() -> None:
    orders, refunds = list(woo_orders(SEED, 300, 60)), list(woo_refunds(SEED, 300, 60))
    ids = [record["id"] for record in (*orders, *refunds, *woo_products(), *woo_variations())]
    items = [
        item["id"]
        for record in orders
        for kind in ("line_items", "tax_lines", "shipping_lines", "fee_lines", "coupon_lines")
        for item in record[kind]
    ]
    items += [line["id"] for refund in refunds for line in refund["line_items"]]
    assert (len(set(ids)), len(set(items))) == (len(ids), len(items))


def test_woo_orders_belong_to_accounts_of_their_own_address(woo: list[dict[str, Any]]) -> None:
    accounts = {record["id"]: record for record in woo_records(SEED, PEOPLE)}
    known = [record for record in woo if record["customer_id"] in accounts]
    owned = [record for record in known if record["billing"]["email"] and accounts[record["customer_id"]]["email"]]
    assert len(owned) > len(woo) // 3
    assert all(record["billing"]["email"] == accounts[record["customer_id"]]["email"] for record in owned)
    assert any(record["customer_id"] == 0 for record in woo)
    assert any(record["customer_id"] > 0 and record["customer_id"] not in accounts for record in woo)


def test_refunds_are_told_in_order_and_record_alike(sales: list[Sale]) -> None:
    kinds: Counter[str] = Counter()
    for sold in sales:
        order, refunds = woo_order(sold), woo_order_refunds(sold)
        assert [(told["id"], told["total"]) for told in order["refunds"]] == [
            (refund["id"], f"-{refund['amount']}" if Decimal(refund["amount"]) else "0.00") for refund in refunds
        ]
        returned = summed([refund["amount"] for refund in refunds])
        assert returned <= Decimal(order["total"])
        kinds["by line"] += sum(bool(refund["line_items"]) for refund in refunds)
        kinds["unrecorded"] += order["status"] == "refunded" and not refunds
        kinds["full"] += bool(refunds) and returned == Decimal(order["total"])
        kinds["partial"] += 0 < returned < Decimal(order["total"])
    assert min(kinds.values()) > 0
    assert len(kinds) == 4


def test_lines_are_as_odd_as_promised(woo: list[dict[str, Any]]) -> None:
    lines = [line for record in woo for line in record["line_items"]]
    cents = [(Decimal(line["total"]) * 100, line["quantity"]) for line in lines if line["quantity"]]
    assert any(total % quantity for total, quantity in cents)
    assert any(line["product_id"] == 0 for line in lines)
    assert any(line["quantity"] == 0 for line in lines)
    assert any(line["sku"] == "" and line["product_id"] for line in lines)
    assert max(len(record["line_items"]) for record in woo) > 250
    assert sum(len(record["line_items"]) > 250 for record in woo) == 1
    assert sale(SEED, MANY_LINES_INDEX, PEOPLE).presence == "woocommerce"
    fees = [Decimal(fee["total"]) for record in woo for fee in record["fee_lines"]]
    assert min(fees) < 0 < max(fees)
    assert any(Decimal(record["total"]) == 0 for record in woo)


def test_taxes_are_charged_in_every_way(woo: list[dict[str, Any]]) -> None:
    assert {record["prices_include_tax"] for record in woo} == {True, False}
    assert any(line["compound"] for record in woo for line in record["tax_lines"])
    assert any(Decimal(record["shipping_tax"]) for record in woo)
    assert any(not record["tax_lines"] for record in woo)


def test_amounts_fit_the_currency(woo: list[dict[str, Any]]) -> None:
    yen = [Decimal(record["total"]) for record in woo if record["currency"] == "JPY"]
    assert yen
    assert all(total == int(total) for total in yen)
    dinars = [order for order in shopify_orders(SEED, SIZE, PEOPLE) if order.currency == "KWD"]
    assert any(Decimal(line.unit_price) * 100 % 1 for order in dinars for line in order.lines)


def test_orders_of_both_stores_come_to_the_same_total_unless_their_oddity_says_otherwise(sales: list[Sale]) -> None:
    for sold in sales:
        if sold.presence == "woocommerce":
            continue
        surcharge = Decimal(1) if sold.oddity == "other_total" else Decimal(0)
        assert total_on_shopify(shopify_order(sold)) == major(sold, sold.total) + surcharge, sold.oddity


def test_numbers_are_kept_by_some_and_collide_for_others(sales: list[Sale]) -> None:
    both = [sold for sold in sales if sold.presence == "both"]
    assert 0.3 < sum(sold.name == f"#{sold.woo_id}" for sold in both) / len(both) < 0.7
    woo_numbers = {f"#{sold.woo_id}": sold.index for sold in sales if sold.presence != "shopify"}
    own = [sold for sold in sales if sold.presence != "woocommerce" and not sold.keeps_number]
    assert any(woo_numbers.get(sold.name, sold.index) != sold.index for sold in own)
    numbers = [sold.shopify_number for sold in sales if sold.presence != "woocommerce"]
    assert (len(set(numbers)), min(numbers)) == (len(numbers), 1001)


def test_equal_orders_are_one_customer_s_of_one_day(sales: list[Sale]) -> None:
    first, second, third = sales[10:13]
    assert first.oddity == second.oddity == third.oddity == "equal"
    assert first.email == second.email == third.email
    assert first.total == second.total == third.total
    assert first.created_at < second.created_at < third.created_at
    assert first.created_at.date() == third.created_at.date()


def test_states_on_shopify_are_those_of_its_own(sales: list[Sale]) -> None:
    orders = [shopify_order(sold) for sold in sales if sold.presence != "woocommerce"]
    assert {order.financial_status for order in orders} == {
        *("PAID", "PENDING", "VOIDED", "REFUNDED", "PARTIALLY_REFUNDED", "AUTHORIZED", "PARTIALLY_PAID", "EXPIRED"),
    }
    assert any(order.cancelled_at for order in orders)
    assert any(order.test for order in orders)
    assert any(order.presentment for order in orders)
    assert all(line.quantity > 0 for order in orders for line in order.lines)


def test_notes_hold_what_breaks_careless_tools(sales: list[Sale]) -> None:
    notes = " ".join({sold.note for sold in sales})
    assert "<script>" in notes
    assert "=cmd" in notes
    assert any(ord(letter) > 0xFFFF for letter in notes)
    assert max(len(sold.note) for sold in sales) > 5_000


def test_the_catalogue_is_known_to_both_stores_but_for_a_few() -> None:
    woo_skus = Counter(str(record["sku"]) for record in (*woo_products(), *woo_variations()))
    shopify_skus = Counter(variant.sku for variant in shopify_variants())
    shared = woo_skus.keys() & shopify_skus.keys() - {""}
    assert len(list(woo_products())) == 39
    assert len(shared) > 50
    assert woo_skus.keys() - shopify_skus.keys()
    assert shopify_skus.keys() - woo_skus.keys()
    assert max(woo_skus[sku] for sku in shared) == max(shopify_skus[sku] for sku in shared) == 2
    assert sum(not variant.sku for variant in variants()) == 2


def test_records_of_products_become_variants_of_the_same_skus() -> None:
    seeded = list(shopify_variants_of(woo_products(), woo_variations()))
    simple = [record["sku"] for record in woo_products() if record["type"] == "simple"]
    assert Counter(variant.sku for variant in seeded) == Counter(
        [*simple, *(record["sku"] for record in woo_variations())]
    )
    assert {variant.product_title for variant in seeded} == {record["name"] for record in woo_products()}


@pytest.mark.parametrize(
    ("dividend", "divisor", "grain", "result"),
    [(5, 2, 1, 3), (-5, 2, 1, -3), (4, 3, 1, 1), (25, 1, 10, 30), (0, 7, 1, 0)],
)
def test_rounding_is_half_up_away_from_zero(dividend: int, divisor: int, grain: int, result: int) -> None:
    assert round_to(dividend, divisor, grain) == result


def test_taxes_are_within_prices_on_top_or_on_each_other() -> None:
    vat = Regime((Rate(1, "VAT", "VAT", 19_000),), is_included=True)
    assert (amount_of(1_000, vat, 1).net, amount_of(1_000, vat, 1).taxes) == (840, (160,))
    assert amount_of(10_000, COMPOUND, 1).taxes == (500, 1_047)
    assert amount_of(1_000, COMPOUND, 1, is_taxable=False).gross == 1_000
