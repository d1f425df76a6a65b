"""How the WooCommerce sandbox adds orders up: sections 5.5 and 5.6 of the WooCommerce reference."""

from typing import Any

import pytest

from tests.integration.sandbox_woo_orders import ADA, MUG, OrderShop, meta
from tests.integration.sandbox_woo_shop import code

SUMS = ("shipping_total", "shipping_tax", "cart_tax", "total_tax", "total")


@pytest.fixture
def shop() -> OrderShop:
    return OrderShop(taxed=True)


def sums(order: dict[str, Any]) -> list[str]:
    return [order[name] for name in SUMS]


def flat(total: str) -> list[dict[str, object]]:
    return [{"method_id": "flat_rate", "method_title": "Standard", "total": total}]


async def test_5_5_tax_is_computed_by_the_address_shipping_first_then_billing_then_base(shop: OrderShop) -> None:
    shop.store.add_tax_rate("US", "8")
    shop.store.add_tax_rate("FR", "20")
    away = {"country": "FR"}
    assert sums(await shop.order(billing=ADA, line_items=[MUG])) == ["0.00", "0.00", "3.80", "3.80", "23.80"]
    assert sums(await shop.order(billing=ADA, shipping=away, line_items=[MUG]))[-2:] == ["4.00", "24.00"]
    assert sums(await shop.order(line_items=[MUG]))[-2:] == ["1.60", "21.60"]
    assert sums(await shop.order(billing={"country": "CH"}, line_items=[MUG]))[-2:] == ["0.00", "20.00"]


async def test_5_5_compound_rates_and_rates_that_leave_shipping_alone(shop: OrderShop) -> None:
    shop.store.add_tax_rate("CA", "5", "GST")
    shop.store.add_tax_rate("CA", "10", "PST", compound=True, shipping=False)
    order = await shop.order(billing={"country": "CA"}, line_items=[MUG], shipping_lines=flat("10"))
    assert sums(order) == ["10.00", "0.50", "3.10", "3.60", "33.60"]
    shown = [(tax["label"], tax["compound"], tax["tax_total"], tax["shipping_tax_total"]) for tax in order["tax_lines"]]
    assert shown == [("GST", False, "1.00", "0.50"), ("PST", True, "2.10", "0.00")]


async def test_5_5_an_exempt_order_has_no_tax_anywhere_now_and_later(shop: OrderShop) -> None:
    fees = [{"name": "Discount", "total": "-3.00", "tax_status": "none"}]
    order = await shop.order(
        billing=ADA,
        line_items=[MUG],
        shipping_lines=flat("5"),
        fee_lines=fees,
        meta_data=meta(is_vat_exempt="yes"),
    )
    assert (sums(order), order["tax_lines"]) == (["5.00", "0.00", "0.00", "0.00", "22.00"], [])
    assert sums(await shop.put(order["id"], billing={"city": "Bonn"}))[-2:] == ["0.00", "22.00"]


async def test_5_5_a_tax_class_of_zero_frees_one_line_and_not_the_shipping(shop: OrderShop) -> None:
    order = await shop.order(billing=ADA, line_items=[{**MUG, "tax_class": "0"}], shipping_lines=flat("5"))
    assert (sums(order), order["line_items"][0]["tax_class"]) == (["5.00", "0.95", "0.00", "0.95", "25.95"], "0")


async def test_5_5_a_negative_fee_is_taxed_whatever_it_says_and_stops_at_nothing(shop: OrderShop) -> None:
    fee = {"name": "Discount", "total": "-10.00", "tax_status": "none"}
    order = await shop.order(billing=ADA, line_items=[MUG], fee_lines=[fee])
    assert (order["fee_lines"][0]["total_tax"], order["total"]) == ("-1.90", "11.90")
    clipped = await shop.order(billing=ADA, line_items=[MUG], fee_lines=[{**fee, "total": "-50.00"}])
    assert (clipped["fee_lines"][0]["total"], clipped["total"]) == ("-20.00", "0.00")


async def test_5_5_no_taxes_where_the_store_has_them_off(shop: OrderShop) -> None:
    shop.store.options.put("general", "woocommerce_calc_taxes", "no")
    assert (await shop.order(billing=ADA, line_items=[MUG]))["total"] == "20.00"


async def test_5_5_sums_are_rounded_half_up_to_the_stores_decimals(shop: OrderShop) -> None:
    lines = [{"sku": "x", "name": "X", "quantity": 3, "total": "0.125", "subtotal": "0.125", "tax_class": "0"}]
    assert (await shop.order(line_items=lines))["total"] == "0.13"
    shop.store.options.put("general", "woocommerce_price_num_decimals", "0")
    assert (await shop.order(line_items=[{**lines[0], "total": "10.5", "subtotal": "10.5"}]))["total"] == "11"
    shop.store.options.put("general", "woocommerce_price_num_decimals", "3")
    assert (await shop.order(line_items=lines))["total"] == "0.125"


async def test_5_5_catalogue_prices_may_include_tax_but_lines_never_do(shop: OrderShop) -> None:
    shop.store.options.put("tax", "woocommerce_prices_include_tax", "yes")
    shop.store.options.put("general", "woocommerce_default_country", "DE")
    order = await shop.order(billing=ADA, line_items=[{"product_id": 10, "quantity": 1}])
    assert order["prices_include_tax"]
    assert (order["line_items"][0]["total"], order["cart_tax"], order["total"]) == ("8.40", "1.60", "10.00")
    posted = await shop.order(billing=ADA, line_items=[{"product_id": 10, "quantity": 1, "total": "10.00"}])
    assert posted["total"] == "11.90"


async def test_5_6_an_unknown_coupon_is_refused_and_leaves_an_orphan(shop: OrderShop) -> None:
    body = {"status": "completed", "billing": ADA, "line_items": [MUG], "coupon_lines": [{"code": "NOSUCH"}]}
    reply = await shop.call("POST", "orders", body)
    assert code(reply) == (400, "woocommerce_rest_invalid_coupon")
    assert reply.json()["message"] == 'Coupon "nosuch" does not exist!'
    (left,) = (await shop.call("GET", "orders")).json()
    assert (left["status"], shop.mails(), shop.state("orphans"), await shop.stock()) == ("pending", [], 1, 45)


async def test_5_6_a_percentage_needs_a_product_and_posted_discounts_are_ignored(shop: OrderShop) -> None:
    own = [{"sku": "none", "name": "Own", "total": "20.00"}]
    refused = await shop.call("POST", "orders", {"line_items": own, "coupon_lines": [{"code": "TEN"}]})
    assert code(refused) == (400, "woocommerce_rest_invalid_coupon")
    order = await shop.order(line_items=[MUG], coupon_lines=[{"code": "TEN", "discount": "19.00"}])
    assert (order["discount_total"], order["coupon_lines"][0]["discount"]) == ("2.00", "2")
    assert order["coupon_lines"][0]["nominal_amount"] == 10


async def test_5_6_a_fixed_discount_is_spread_in_whole_cents(shop: OrderShop) -> None:
    lines = [
        {"sku": "a", "name": "A", "quantity": 3, "total": "72.00", "subtotal": "72.00"},
        {"sku": "b", "name": "B", "quantity": 1, "total": "15.50", "subtotal": "15.50"},
        {"sku": "c", "name": "C", "quantity": 1, "total": "26.00", "subtotal": "26.00"},
        {"sku": "d", "name": "D", "quantity": 2, "total": "48.00", "subtotal": "48.00"},
    ]
    order = await shop.order(line_items=lines, coupon_lines=[{"code": "five"}])
    assert [line["total"] for line in order["line_items"]] == ["69.84", "14.79", "25.29", "46.58"]
    assert (order["discount_total"], order["coupon_lines"][0]["discount"]) == ("5.00", "5")


async def test_5_6_usage_is_counted_once_with_the_status_and_taken_back(shop: OrderShop) -> None:
    ten = shop.store.coupons["ten"]
    order = await shop.order(line_items=[MUG], coupon_lines=[{"code": "TEN"}])
    assert ten.used == 0
    await shop.put(order["id"], status="processing")
    await shop.put(order["id"], status="completed")
    assert ten.used == 1
    await shop.put(order["id"], status="cancelled")
    assert ten.used == 0
    rows = meta(_recorded_coupon_usage_counts="yes")
    await shop.order(status="completed", line_items=[MUG], coupon_lines=[{"code": "TEN"}], meta_data=rows)
    assert ten.used == 0


async def test_5_6_a_put_replaces_the_coupons(shop: OrderShop) -> None:
    order = await shop.order(line_items=[MUG], coupon_lines=[{"code": "TEN"}])
    changed = await shop.put(order["id"], coupon_lines=[{"code": "FIVE"}])
    assert [line["code"] for line in changed["coupon_lines"]] == ["five"]
    assert (changed["discount_total"], changed["total"]) == ("5.00", "15.00")
