"""How the WooCommerce sandbox shows products and takes seeded records: section 6 of the reference, and what is kept."""

from typing import Any

import pytest

from tests.integration.sandbox_woo_orders import ADA, OrderShop, meta
from tests.integration.sandbox_woo_shop import HOME, code


@pytest.fixture
def shop() -> OrderShop:
    return OrderShop()


async def skus(shop: OrderShop, **params: str | int) -> list[str]:
    return [one["sku"] for one in (await shop.call("GET", "products", **params)).json()]


async def test_6_a_list_of_skus_finds_products_and_variations_exactly(shop: OrderShop) -> None:
    found = (await shop.call("GET", "products", sku="mug-1,TEE-S,MUG", orderby="id", order="asc")).json()
    assert [(one["id"], one["type"], one["parent_id"], one["name"]) for one in found] == [
        (10, "simple", 0, "Mug"),
        (12, "variation", 11, "Tee - S"),
    ]
    assert found[1]["_links"]["up"] == [{"href": f"{HOME}/wp-json/wc/v3/products/11"}]
    assert await skus(shop, search_sku="tee-", orderby="id") == ["TEE-M", "TEE-S"]


async def test_6_a_sku_with_a_comma_is_found_as_a_whole_and_shared_ones_all(shop: OrderShop) -> None:
    shop.store.load_products(
        [{"id": 30, "sku": "A,B"}, {"id": 31, "sku": "MUG-1"}, {"id": 32, "sku": "MUG-1", "status": "trash"}],
    )
    assert await skus(shop, sku="A,B") == ["A,B"]
    assert len(await skus(shop, sku="MUG-1")) == 2
    order = await shop.order(line_items=[{"sku": "MUG-1"}])
    assert order["line_items"][0]["product_id"] == 10


async def test_6_switched_off_skus_are_ignored(shop: OrderShop) -> None:
    shop.store.modes.ignores_skus = True
    assert len(await skus(shop, sku="MUG-1")) == 3


async def test_6_one_variation_is_shown_but_never_listed(shop: OrderShop) -> None:
    assert (await shop.call("GET", "products/12")).json()["name"] == "Tee - S"
    assert (await shop.call("GET", "products", include=12)).json() == []
    listed = await shop.call("GET", "products/11/variations", orderby="id")
    assert [(one["id"], one["name"], one["manage_stock"]) for one in listed.json()] == [
        (13, "M", True),
        (12, "S", True),
    ]
    assert (await shop.call("GET", "products/11/variations/12")).json()["stock_quantity"] == 50
    assert code(await shop.call("GET", "products/4711")) == (404, "woocommerce_rest_product_invalid_id")


async def test_6_products_are_paged_and_filtered(shop: OrderShop) -> None:
    shop.store.load_products([{"id": 40, "status": "draft", "name": "Plate"}, {"id": 41, "status": "trash"}])
    page = await shop.call("GET", "products", per_page=2, orderby="id", order="asc")
    assert ([one["id"] for one in page.json()], page.headers["x-wp-total"]) == ([10, 11], "4")
    assert [one["id"] for one in (await shop.call("GET", "products", status="draft")).json()] == [40]
    assert [one["id"] for one in (await shop.call("GET", "products", search="plat")).json()] == [40]
    assert code(await shop.call("GET", "products", per_page=101)) == (400, "rest_invalid_param")


async def test_6_a_variation_may_count_its_products_stock(shop: OrderShop) -> None:
    shop.store.load_products([{"id": 50, "name": "Cap", "type": "variable", "manage_stock": True, "stock_quantity": 9}])
    shop.store.load_variations([{"id": 51, "parent_id": 50, "name": "Red", "manage_stock": "parent", "price": "4"}])
    await shop.order(status="completed", line_items=[{"variation_id": 51, "quantity": 2}])
    assert await shop.stock(50) == 7


async def test_4_6_a_line_shows_its_product_as_it_is_now_and_none_once_it_is_gone(shop: OrderShop) -> None:
    line: dict[str, Any] = {"name": "Old", "product_id": 99, "sku": "OLD-1", "total": "1.00", "parent_name": None}
    shop.store.load_orders([{"id": 7, "line_items": [line, {**line, "product_id": 10}]}])
    shown = (await shop.get(7))["line_items"]
    assert [(one["name"], one["sku"]) for one in shown] == [("Old", "OLD-1"), ("Old", "MUG-1")]


async def test_seeded_records_read_back_as_they_came() -> None:
    shop = OrderShop(taxed=True)
    order = await shop.order(
        status="completed",
        billing=ADA,
        line_items=[{"product_id": 10, "quantity": 3, "total": "10.00", "subtotal": "12.00"}, {"sku": "TEE-S"}],
        shipping_lines=[{"method_id": "x", "method_title": "X", "total": "3.33"}],
        fee_lines=[{"name": "Wrap", "total": "1.00"}],
        coupon_lines=[{"code": "TEN"}],
        meta_data=meta(a={"b": [1, None]}),
    )
    lines = [{"id": order["line_items"][0]["id"], "quantity": 1, "refund_total": "2.00"}]
    refund = (await shop.refund(order["id"], line_items=lines, api_refund=False)).json()
    order = await shop.get(order["id"])
    products = (await shop.call("GET", "products", sku="MUG-1,TEE,TEE-S")).json()
    variations = (await shop.call("GET", "products/11/variations")).json()
    other = OrderShop()
    other.store.reset()
    other.store.load_orders([order])
    other.store.load_refunds([{**refund, "order_id": order["id"]}])
    assert await other.get(order["id"]) == order
    other.store.load_products(one for one in products if one["type"] != "variation")
    other.store.load_variations(variations)
    assert await other.get(order["id"]) == order
    assert (await other.call("GET", f"orders/{order['id']}/refunds/{refund['id']}")).json() == refund
    assert (await other.call("GET", "products", sku="MUG-1,TEE,TEE-S")).json() == products
    assert (await other.call("GET", "products/11/variations")).json() == variations
    assert (await other.order())["id"] > max(order["id"], refund["id"])


async def test_seeding_fills_gaps_and_a_reset_empties_all(shop: OrderShop) -> None:
    assert shop.store.load_orders([{}, {"id": 70, "number": "A-70", "total": "5.00"}]) == 2
    assert (await shop.get(70))["number"] == "A-70"
    counts = [shop.state(name) for name in ("orders", "products", "refunds", "stockChanges", "orphans")]
    assert counts == [2, 5, 0, 0, 0]
    shop.store.reset()
    assert [shop.state(name) for name in ("orders", "products", "refunds", "ordersByStatus")] == [0, 0, 0, {}]
    assert (await shop.order())["id"] == 1
