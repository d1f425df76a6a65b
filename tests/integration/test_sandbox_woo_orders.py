"""How the WooCommerce sandbox makes, changes and deletes orders: sections 4.6, 5.1 to 5.4, 5.9 to 5.14."""

from typing import Any

import pytest

from tests.integration.sandbox_woo_orders import ADA, BUYER, MUG, OrderShop, meta
from tests.integration.sandbox_woo_shop import HOME, code

SHIPPING = {"method_id": "flat_rate", "method_title": "Standard", "total": "4.90"}


@pytest.fixture
def shop() -> OrderShop:
    return OrderShop()


async def test_4_6_a_whole_order_has_the_observed_shape() -> None:
    shop = OrderShop(taxed=True)
    order = await shop.order(
        status="processing",
        customer_id=BUYER,
        currency="EUR",
        customer_note="Leave at door",
        payment_method="imported",
        payment_method_title="Imported <b>in bulk</b>",
        transaction_id="tx-1",
        billing=ADA,
        line_items=[
            {"product_id": 10, "quantity": 2, "subtotal": "20.00", "total": "20.00", "meta_data": meta(Engraving="Hi")},
            {"product_id": 11, "variation_id": 12, "quantity": 1},
            {"sku": "NO-SUCH-SKU", "name": "Custom line", "quantity": 1, "subtotal": "5.00", "total": "5.00"},
        ],
        shipping_lines=[SHIPPING],
        fee_lines=[{"name": "Gift wrap", "total": "2.00", "tax_status": "none"}],
        coupon_lines=[{"code": "TEN"}],
        meta_data=meta(_source="gid://shopify/Order/1"),
    )
    amounts = ("discount_total", "discount_tax", "shipping_total", "shipping_tax", "cart_tax", "total", "total_tax")
    assert [order[name] for name in amounts] == ["4.00", "0.76", "4.90", "0.93", "7.79", "56.62", "8.72"]
    assert (order["number"], order["created_via"], order["version"]) == (str(order["id"]), "rest-api", "9.2.5")
    assert (order["currency_symbol"], order["payment_method_title"]) == ("€", "Imported in bulk")
    assert [(one["key"], one["value"]) for one in order["meta_data"]] == [("_source", "gid://shopify/Order/1")]
    mug, tee, custom = order["line_items"]
    assert (mug["total"], mug["subtotal_tax"], mug["price"], mug["sku"]) == ("18.00", "3.80", 9, "MUG-1")
    assert mug["taxes"] == [{"id": 1, "total": "3.42", "subtotal": "3.8"}]
    assert [(row["key"], row["value"]) for row in mug["meta_data"]] == [("Engraving", "Hi"), ("_reduced_stock", "2")]
    assert (tee["name"], tee["product_id"], tee["variation_id"], tee["parent_name"]) == ("Tee - S", 11, 12, "Tee")
    assert tee["meta_data"][0]["key"] == "size"
    assert tee["meta_data"][0]["display_key"] == "Size"
    assert (custom["product_id"], custom["sku"], custom["total"], custom["price"]) == (0, None, "5.00", 5)
    assert (mug["image"], tee["image"], custom["image"]) == (
        {"id": "", "src": ""},
        {"id": 0, "src": ""},
        {"id": 0, "src": ""},
    )
    assert order["shipping_lines"][0]["taxes"] == [{"id": 1, "total": "0.931", "subtotal": ""}]
    assert (order["fee_lines"][0]["total_tax"], order["fee_lines"][0]["amount"]) == ("0.00", "")
    coupon = order["coupon_lines"][0]
    assert (coupon["code"], coupon["discount"], coupon["discount_tax"]) == ("ten", "4", "0.76")
    assert coupon["meta_data"][0]["value"].endswith(',"ten","percent",10]')
    tax = order["tax_lines"][0]
    assert (tax["rate_code"], tax["tax_total"], tax["shipping_tax_total"], tax["rate_percent"]) == (
        "DE-VAT-1",
        "7.79",
        "0.93",
        19,
    )
    assert order["_links"]["customer"] == [{"href": f"{HOME}/wp-json/wc/v3/customers/{BUYER}"}]
    assert (order["is_editable"], order["needs_payment"], order["needs_processing"]) == (False, False, True)
    assert await shop.get(order["id"]) == order


async def test_5_1_what_cannot_be_written_is_ignored_without_a_word(shop: OrderShop) -> None:
    order = await shop.order(
        number="A-1",
        created_via="checkout",
        version="1.0",
        date_created="2020-01-01T00:00:00",
        date_paid="2020-01-01T00:00:00",
        total="99.00",
        total_tax="9.00",
        customer_ip_address="203.0.113.9",
        prices_include_tax=True,
        tax_lines=[{"rate_id": 1, "tax_total": "5"}],
        line_items=[{**MUG, "taxes": [{"id": 1, "total": "4"}], "total_tax": "4"}],
    )
    assert (order["number"], order["created_via"], order["version"]) == (str(order["id"]), "rest-api", "9.2.5")
    assert (order["total"], order["total_tax"], order["tax_lines"]) == ("20.00", "0.00", [])
    assert (order["date_created_gmt"], order["date_paid"]) == ("2026-07-01T12:00:00", None)
    assert (order["customer_ip_address"], order["prices_include_tax"]) == ("", False)
    changed = await shop.put(order["id"], date_created="2020-01-01T00:00:00", total="1.00")
    assert (changed["date_created"], changed["total"]) == (order["date_created"], "20.00")


async def test_5_2_one_order_checks_its_status_and_a_batch_makes_it_pending(shop: OrderShop) -> None:
    refused = await shop.call("POST", "orders", {"status": "foo"})
    assert code(refused) == (400, "rest_invalid_param")
    words = "auto-draft, pending, processing, on-hold, completed, cancelled, refunded, failed, and checkout-draft."
    assert refused.json()["data"]["params"] == {"status": f"status is not one of {words}"}
    made = await shop.batch_orders(
        create=[{"status": "foo"}, {"status": "wc-completed"}, {"set_paid": "true"}, {"set_paid": True}],
    )
    assert [one["status"] for one in made["create"]] == ["pending", "completed", "pending", "completed"]


async def test_5_2_custom_statuses_are_registered_and_named(shop: OrderShop) -> None:
    shop.store.custom_statuses["shipped"] = "Shipped"
    order = await shop.order(status="shipped", line_items=[MUG])
    assert order["status"] == "shipped"
    assert await shop.notes(order["id"]) == ["Order status changed from Pending payment to Shipped."]
    refused = await shop.call("GET", "orders", status="nope")
    assert refused.json()["message"] == "Invalid parameter(s): status"
    assert "checkout-draft, and shipped." in refused.json()["data"]["params"]["status"]
    async with shop.client() as http:
        routes = (await http.get("/wp-json/wc/v3")).json()["routes"]
        options = (await http.request("OPTIONS", "/wp-json/wc/v3/orders")).json()
    assert "shipped" in routes["/wc/v3/orders"]["endpoints"][0]["args"]["status"]["items"]["enum"]
    assert options["endpoints"] == routes["/wc/v3/orders"]["endpoints"]


@pytest.mark.parametrize(
    ("line", "status"),
    [({"product_id": 10}, "processing"), ({"product_id": 14}, "completed"), ({"sku": "none"}, "completed")],
)
async def test_5_2_set_paid_completes_what_needs_no_shipping(
    shop: OrderShop, line: dict[str, Any], status: str
) -> None:
    order = await shop.order(set_paid=True, line_items=[line])
    assert (order["status"], order["date_paid_gmt"]) == (status, "2026-07-01T12:00:00")


async def test_5_4_the_sku_wins_and_what_is_unknown_is_a_line_without_a_product(shop: OrderShop) -> None:
    order = await shop.order(
        line_items=[
            {"product_id": 11, "sku": "mug-1"},
            {"product_id": 9999, "name": "Gone", "total": "7.50"},
            {"sku": "nope", "name": "<b>Own</b>", "quantity": "3", "subtotal": "9.00", "total": "6.00"},
            {"product_id": 10, "total": "8"},
            {"product_id": 10, "total": "12.345"},
        ],
    )
    shown = [(line["product_id"], line["name"], line["quantity"], line["subtotal"]) for line in order["line_items"]]
    assert shown == [
        (10, "Mug", 1, "10.00"),
        (0, "Gone", 1, "7.50"),
        (0, "<b>Own</b>", 3, "9.00"),
        (10, "Mug", 1, "10.00"),
        (10, "Mug", 1, "12.35"),
    ]
    assert [line["sku"] for line in order["line_items"]] == ["MUG-1", None, None, "MUG-1", "MUG-1"]
    assert order["discount_total"] == "5.00"
    exact = (await shop.call("GET", f"orders/{order['id']}", dp=4)).json()
    assert exact["line_items"][4]["total"] == "12.3450"


async def test_5_4_null_fields_and_a_quantity_of_zero_drop_the_line(shop: OrderShop) -> None:
    dropped = [{"product_id": None}, {"product_id": 10, "name": None}, {"product_id": 10, "quantity": 0}]
    assert (await shop.order(line_items=dropped))["line_items"] == []


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ({"quantity": 1}, "woocommerce_rest_required_product_reference"),
        ({"product_id": 0}, "woocommerce_rest_required_product_reference"),
        ({"product_id": 10, "quantity": 1.5}, "rest_invalid_param"),
        ({"product_id": 10, "total": 5}, "rest_invalid_param"),
        ({"product_id": 10, "total": None}, "rest_invalid_param"),
        ({"product_id": 10, "quantity": None}, "rest_invalid_param"),
        ({"product_id": 10, "tax_class": "luxury"}, "order_item_product_invalid_tax_class"),
        ({"id": 4711, "product_id": 10}, "woocommerce_rest_invalid_item_id"),
    ],
)
async def test_5_4_wrong_lines_are_refused_and_leave_nothing(shop: OrderShop, line: dict[str, Any], error: str) -> None:
    assert code(await shop.call("POST", "orders", {"line_items": [line]})) == (400, error)
    assert shop.state("orders") == 0


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"customer_id": 4711}, "woocommerce_rest_invalid_customer_id"),
        ({"parent_id": 4711}, "order_invalid_parent_id"),
        ({"currency": "usd"}, "rest_invalid_param"),
        ({"billing": {"email": ""}}, "rest_invalid_param"),
        ({"shipping_lines": [{"total": "5"}]}, "woocommerce_rest_invalid_shipping_item"),
        ({"fee_lines": [{"total": "5"}]}, "woocommerce_rest_invalid_fee_item"),
        ({"coupon_lines": [{"id": 3, "code": "TEN"}]}, "woocommerce_rest_coupon_item_id_readonly"),
        ({"id": 5}, "woocommerce_rest_shop_order_exists"),
        ({"meta_data": {"a": 1}}, "rest_invalid_param"),
    ],
)
async def test_5_9_errors_of_one_order(shop: OrderShop, body: dict[str, Any], error: str) -> None:
    assert code(await shop.call("POST", "orders", body)) == (400, error)
    assert shop.state("orders") == (1 if "coupon_lines" in body else 0)


async def test_5_9_a_batch_words_some_errors_otherwise_and_takes_wrong_types(shop: OrderShop) -> None:
    made = await shop.batch_orders(
        create=[
            {"currency": "usd"},
            {"billing": {"email": "zz"}},
            {"line_items": [{"product_id": 10, "quantity": 1.5, "total": 5}], "billing": {"phone": 123, "email": ""}},
        ],
        update=[{"id": 4711, "status": "completed"}, {"status": "completed"}],
        delete=[0, 4711],
    )
    assert [one["error"]["code"] for one in made["create"][:2]] == [
        "order_invalid_currency",
        "order_invalid_billing_email",
    ]
    assert (made["create"][0]["id"], made["create"][2]["line_items"][0]["quantity"]) == (0, 1)
    assert (made["create"][2]["total"], made["create"][2]["billing"]["phone"]) == ("5.00", "123")
    assert [(one["id"], one["error"]["data"]["status"]) for one in made["update"]] == [(4711, 400), (None, 400)]
    assert [(one["id"], one["error"]["data"]["status"]) for one in made["delete"]] == [(4711, 404)]


async def test_5_14_a_batch_of_101_is_refused_whole(shop: OrderShop) -> None:
    reply = await shop.call("POST", "orders/batch", {"create": [{"status": "pending"}] * 101})
    assert code(reply) == (413, "woocommerce_rest_request_entity_too_large")
    assert shop.state("orders") == 0
    assert (await shop.call("POST", "orders/batch", {})).json() == []


async def test_5_9_a_fatal_error_after_the_first_save_leaves_a_pending_order_with_its_meta(shop: OrderShop) -> None:
    shop.store.modes.dies_after_save = 1
    reply = await shop.call("POST", "orders", {"status": "completed", "meta_data": meta(_x_source_id="gid://1")})
    assert code(reply) == (500, "internal_server_error")
    (left,) = (await shop.call("GET", "orders", include_meta="_x_source_id")).json()
    assert (left["status"], left["meta_data"][0]["value"]) == ("pending", "gid://1")
    assert (shop.state("orphans"), shop.mails()) == (1, [])


async def test_5_9_a_fatal_error_ends_a_batch_midway(shop: OrderShop) -> None:
    shop.store.modes.dies_after_save = 1
    reply = await shop.call("POST", "orders/batch", {"create": [{"status": "pending"}] * 3})
    assert code(reply) == (500, "internal_server_error")
    assert shop.state("orders") == 1


async def test_0_nothing_is_idempotent(shop: OrderShop) -> None:
    body: dict[str, object] = {"transaction_id": "tx", "meta_data": meta(_x_source_id="gid://1", _order_key="same")}
    first, second = await shop.order(**body), await shop.order(**body)
    assert first["id"] != second["id"]
    assert first["order_key"] == second["order_key"] == "same"
    assert shop.state("repeatedMarkers") == {"_x_source_id=gid://1": 2}


async def test_5_12_a_put_is_partial_and_lines_are_changed_added_and_removed(shop: OrderShop) -> None:
    order = await shop.order(billing=ADA, line_items=[MUG, {"product_id": 14}], shipping_lines=[SHIPPING])
    mug, song = order["line_items"]
    changed = await shop.put(
        order["id"],
        billing={"city": "Bonn"},
        line_items=[
            {"id": mug["id"], "quantity": 3, "total": "30.00"},
            {"id": song["id"], "quantity": 0},
            {"sku": "TEE-M"},
        ],
    )
    assert (changed["billing"]["city"], changed["billing"]["email"]) == ("Bonn", "ada@example.com")
    assert [(line["name"], line["quantity"]) for line in changed["line_items"]] == [("Mug", 3), ("Tee - M", 1)]
    assert changed["total"] == "54.90"
    assert changed["shipping_lines"] == order["shipping_lines"]
    assert code(await shop.call("PUT", "orders/4711", {})) == (400, "woocommerce_rest_shop_order_invalid_id")
    assert code(await shop.call("GET", "orders/4711")) == (404, "woocommerce_rest_shop_order_invalid_id")


async def test_5_12_notes_keep_html_and_posts_drop_their_backslashes(shop: OrderShop) -> None:
    text = r"<b>ring</b> C:\temp"
    posts = OrderShop(hpos=False)
    assert (await shop.order(customer_note=text))["customer_note"] == text
    order = await posts.order(customer_note=text, billing={**ADA, "city": r"A\B"})
    assert (order["customer_note"], order["billing"]["city"]) == ("<b>ring</b> C:temp", r"A\B")


async def test_5_12_delete_trashes_first_and_forgets_by_force(shop: OrderShop) -> None:
    order = await shop.order(status="on-hold", line_items=[MUG])
    trashed = await shop.call("DELETE", f"orders/{order['id']}")
    assert (trashed.status_code, trashed.json()["status"]) == (200, "on-hold")
    assert (await shop.get(order["id"]))["status"] == "trash"
    assert (await shop.listed(), await shop.listed(status="trash")) == ([], [order["id"]])
    assert code(await shop.call("DELETE", f"orders/{order['id']}")) == (410, "woocommerce_rest_already_trashed")
    assert (await shop.call("DELETE", f"orders/{order['id']}", force="true")).status_code == 200
    gone = await shop.call("DELETE", f"orders/{order['id']}", force="true")
    assert code(gone) == (404, "woocommerce_rest_shop_order_invalid_id")


async def test_3_4_deleting_a_customer_makes_their_orders_a_guests(shop: OrderShop) -> None:
    order = await shop.order(customer_id=BUYER)
    assert order["billing"]["email"] == "buyer@example.com"
    await shop.call("DELETE", f"customers/{BUYER}", force="true")
    assert (await shop.get(order["id"]))["customer_id"] == 0
    assert await shop.listed(customer=0) == [order["id"]]


async def test_1_4_who_may_read_and_write_orders(shop: OrderShop) -> None:
    keys = {role: shop.store.add_key(role=role) for role in ("shop_manager", "subscriber")}
    answers: dict[str, list[int]] = {}
    for role, key in keys.items():
        async with shop.client(key) as http:
            replies = [await http.get("/wp-json/wc/v3/orders"), await http.post("/wp-json/wc/v3/orders", json={})]
        answers[role] = [reply.status_code for reply in replies]
    assert answers == {"shop_manager": [200, 201], "subscriber": [403, 403]}
    async with shop.client() as http:
        assert code(await http.get("/wp-json/wc/v3/orders")) == (401, "woocommerce_rest_cannot_view")


async def test_5_11_numbers_are_ids_unless_a_plugin_makes_them(shop: OrderShop) -> None:
    rows = meta(_order_number="A-7")
    assert (await shop.order(meta_data=rows, number="9"))["number"] != "A-7"
    shop.store.modes.numbers_orders = True
    order = await shop.order(meta_data=rows)
    assert (order["number"], order["meta_data"][0]["key"]) == ("A-7", "_order_number")
    status = (await shop.call("GET", "system_status")).json()
    assert any("Sequential" in plugin["name"] for plugin in status["active_plugins"])


async def test_9_webhooks_of_orders_fire(shop: OrderShop) -> None:
    for topic in ("order.created", "order.updated", "order.deleted"):
        shop.store.add_webhook(topic, "https://erp.example.com/hook")
    order = await shop.order()
    await shop.put(order["id"], customer_note="x")
    await shop.call("DELETE", f"orders/{order['id']}", force="true")
    assert shop.state("webhookDeliveries") == 3
