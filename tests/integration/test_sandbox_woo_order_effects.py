"""What an order's status sets off in the WooCommerce sandbox: section 5.7 of the WooCommerce reference."""

from typing import Any

import pytest

from tests.integration.sandbox_woo_orders import ADA, BUYER, MUG, OrderShop, meta

ADMIN = "admin@shop.example.com"
ADA_MAIL = "ada@example.com"
SOLD = {"billing": ADA, "line_items": [MUG], "customer_id": BUYER}
SILENT = meta(
    _order_stock_reduced="yes",
    _new_order_email_sent="true",
    _recorded_coupon_usage_counts="yes",
    _download_permissions_granted="yes",
    is_vat_exempt="yes",
)


@pytest.fixture(params=[True, False], ids=["hpos", "posts"])
def shop(request: pytest.FixtureRequest) -> OrderShop:
    return OrderShop(hpos=request.param)


async def is_paying(shop: OrderShop) -> bool:
    return (await shop.read(BUYER))["is_paying_customer"]


async def sales(shop: OrderShop) -> int:
    return (await shop.call("GET", "products/10")).json()["total_sales"]


@pytest.mark.parametrize(
    ("status", "mails", "stock", "effects"),
    [
        ("pending", [], 45, (False, 0, False)),
        ("checkout-draft", [], 45, (False, 0, False)),
        ("auto-draft", [], 45, (False, 0, False)),
        ("processing", [("new_order", ADMIN), ("customer_processing_order", ADA_MAIL)], 43, (True, 2, False)),
        ("on-hold", [("new_order", ADMIN), ("customer_on_hold_order", ADA_MAIL)], 43, (False, 2, False)),
        ("completed", [("new_order", ADMIN), ("customer_completed_order", ADA_MAIL)], 43, (True, 2, True)),
        ("cancelled", [], 45, (False, 0, False)),
        ("failed", [("failed_order", ADMIN)], 45, (False, 0, False)),
        ("refunded", [("customer_refunded_order", ADA_MAIL)], 45, (False, 0, False)),
    ],
)
async def test_5_7_side_effects_by_created_status(
    shop: OrderShop, status: str, mails: list[tuple[str, str]], stock: int, effects: tuple[bool, int, bool]
) -> None:
    """The effects are: is it paid, how many pieces count as sold, does the buyer count as paying."""
    paid, sold, paying = effects
    order = await shop.order(status=status, **SOLD)
    assert shop.mails() == mails
    assert (await shop.stock(), await sales(shop), await is_paying(shop)) == (stock, sold, paying)
    assert order["date_paid_gmt"] == ("2026-07-01T12:00:00" if paid else None)
    assert order["date_completed_gmt"] == ("2026-07-01T12:00:00" if status == "completed" else None)
    assert shop.state("stockChanges") == (1 if stock != 45 else 0)
    assert shop.state("salesChanges") == (1 if sold else 0)
    assert shop.state("ordersByStatus") == {status: 1}


async def test_5_7_a_refunded_order_gets_a_full_refund_of_its_own(shop: OrderShop) -> None:
    order = await shop.order(status="refunded", **SOLD)
    assert [(one["reason"], one["total"]) for one in order["refunds"]] == [("Order fully refunded.", "-20.00")]
    assert any("issue a refund through your payment gateway" in note for note in await shop.notes(order["id"]))
    assert (shop.state("refunds"), shop.state("money")) == (1, {})


async def test_5_7_set_paid_has_the_effects_of_its_status(shop: OrderShop) -> None:
    await shop.order(set_paid=True, **SOLD)
    assert shop.mails() == [("new_order", ADMIN), ("customer_processing_order", ADA_MAIL)]
    assert await shop.stock() == 43


async def test_5_7_notes_tell_of_stock_and_status(shop: OrderShop) -> None:
    lines = [MUG, {"product_id": 11, "variation_id": 12}]
    order = await shop.order(status="processing", line_items=lines)
    changes = 'Mug (MUG-1) 45&rarr;43, Tee - S (TEE-S)<span class="description"></span> 50&rarr;49'
    assert await shop.notes(order["id"]) == [
        f"Stock levels reduced: {changes}",
        "Order status changed from Pending payment to Processing.",
    ]


async def test_5_7_without_a_recipient_the_customers_mail_stays_home(shop: OrderShop) -> None:
    await shop.order(status="completed", line_items=[MUG])
    assert shop.mails() == [("new_order", ADMIN)]


async def test_5_7_a_customers_own_address_fills_an_empty_billing_email(shop: OrderShop) -> None:
    order = await shop.order(status="completed", customer_id=BUYER, line_items=[MUG])
    assert order["billing"]["email"] == "buyer@example.com"
    assert ("customer_completed_order", "buyer@example.com") in shop.mails()


async def test_5_7_stock_is_taken_once_and_restored_by_cancelling(shop: OrderShop) -> None:
    order = await shop.order(status="on-hold", **SOLD)
    await shop.put(order["id"], status="processing")
    assert (await shop.stock(), shop.state("stockChanges")) == (43, 1)
    cancelled = await shop.put(order["id"], status="cancelled")
    assert (await shop.stock(), shop.state("stockChanges")) == (45, 2)
    assert cancelled["line_items"][0]["meta_data"] == []
    assert ("cancelled_order", ADMIN) in shop.mails()
    assert await sales(shop) == 0


@pytest.mark.parametrize("force", ["true", "false"])
async def test_5_7_neither_trash_nor_deletion_restores_stock(shop: OrderShop, force: str) -> None:
    order = await shop.order(status="processing", **SOLD)
    await shop.call("DELETE", f"orders/{order['id']}", force=force)
    assert (await shop.stock(), await sales(shop)) == (43, 0)


async def test_5_7_the_same_status_again_does_nothing(shop: OrderShop) -> None:
    order = await shop.order(status="processing", **SOLD)
    before = shop.mails()
    await shop.put(order["id"], status="processing")
    assert (shop.mails(), await shop.stock()) == (before, 43)


async def test_5_7_stock_follows_the_stores_and_the_products_own_switch(shop: OrderShop) -> None:
    await shop.order(status="completed", line_items=[{"product_id": 14}])
    assert shop.state("stockChanges") == 0
    shop.store.options.put("products", "woocommerce_manage_stock", "no")
    await shop.order(status="completed", line_items=[MUG])
    assert await shop.stock() == 45


async def test_5_7_flags_of_the_order_hold_back_stock_sales_and_the_owners_mail(shop: OrderShop) -> None:
    await shop.order(status="completed", meta_data=[*SILENT, *meta(_recorded_sales="yes")], line_items=[MUG])
    state = shop.store.state()
    assert (state["stockChanges"], state["salesChanges"], state["mails"]["sent"]) == (0, 0, {})


async def test_5_7_recorded_sales_are_taken_back_by_a_later_deletion(shop: OrderShop) -> None:
    shop.store.load_products([{"id": 20, "name": "Cup", "total_sales": 9}])
    rows = meta(_recorded_sales="yes")
    order = await shop.order(status="completed", line_items=[{"product_id": 20, "quantity": 2}], meta_data=rows)
    await shop.call("DELETE", f"orders/{order['id']}", force="true")
    assert (await shop.call("GET", "products/20")).json()["total_sales"] == 7


@pytest.mark.parametrize("status", ["processing", "on-hold", "completed", "cancelled", "failed", "refunded"])
async def test_5_7_the_silent_import_has_no_mail_no_stock_and_its_dates(shop: OrderShop, status: str) -> None:
    first = "checkout-draft" if status == "failed" else status
    billing = {name: value for name, value in ADA.items() if name != "email"}
    order = await shop.order(status=first, billing=billing, line_items=[MUG], meta_data=SILENT)
    if status == "completed":
        refunded = await shop.refund(order["id"], amount="5.00", api_refund=False, api_restock=False)
        assert refunded.status_code == 201
    if status == "failed":
        await shop.put(order["id"], status="failed")
    dates = meta(_date_created="2021-05-06T07:08:09Z", _date_paid="2021-05-06T08:08:09Z", _date_completed="")
    done = await shop.put(order["id"], customer_id=BUYER, meta_data=[*dates, *meta(_billing_email=ADA_MAIL)])
    state = shop.store.state()
    assert (state["mails"], state["stockChanges"]) == ({"sent": {}, "muted": {}, "waiting": 0}, 0)
    assert (done["status"], done["total"], done["billing"]["email"]) == (status, "20.00", ADA_MAIL)
    assert (done["date_created_gmt"], done["date_completed"]) == ("2021-05-06T07:08:09", None)


async def test_5_7_low_and_missing_stock_is_mailed_to_the_owner_as_settings_say(shop: OrderShop) -> None:
    await shop.order(status="processing", line_items=[{"product_id": 10, "quantity": 43}])
    await shop.order(status="processing", line_items=[{"product_id": 10, "quantity": 2}])
    kinds = [kind for kind, _ in shop.mails()]
    assert kinds == ["low_stock", "new_order", "no_stock", "new_order"]
    await shop.call("PUT", "settings/products/woocommerce_notify_no_stock", {"value": "no"})
    await shop.order(status="processing", line_items=[{"product_id": 10, "quantity": 1}])
    assert [kind for kind, _ in shop.mails()] == [*kinds, "new_order"]


async def test_5_10_switched_off_mails_are_counted_as_muted(shop: OrderShop) -> None:
    await shop.call("PUT", "settings/email_failed_order/enabled", {"value": "no"})
    await shop.order(status="failed")
    assert shop.state("mails") == {"sent": {}, "muted": {"failed_order": 1}, "waiting": 0}


async def test_deferred_mails_look_their_recipient_up_when_they_leave(shop: OrderShop) -> None:
    shop.store.outbox.deferral_seconds = 60
    order = await shop.order(status="completed", line_items=[MUG])
    await shop.put(order["id"], meta_data=meta(_billing_email="late@example.com"))
    assert shop.mails() == []
    shop.clock.turn(60)
    assert ("customer_completed_order", "late@example.com") in shop.mails()


async def test_seeded_orders_disturb_nobody_and_keep_their_effects(shop: OrderShop) -> None:
    line: dict[str, Any] = {"product_id": 10, "quantity": 2, "total": "20.00", "meta_data": meta(_reduced_stock="2")}
    shop.store.load_orders([{"id": 900, "status": "processing", "billing": ADA, "line_items": [line]}])
    assert (shop.mails(), shop.state("stockChanges")) == ([], 0)
    await shop.put(900, status="completed")
    assert (shop.mails(), await shop.stock()) == ([("customer_completed_order", ADA_MAIL)], 45)
    await shop.put(900, status="cancelled")
    assert await shop.stock() == 47
