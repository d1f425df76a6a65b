"""How the WooCommerce sandbox refunds and notes orders: sections 5.8 and 5.13 of the WooCommerce reference."""

from typing import Any

import httpx2
import pytest

from tests.integration.sandbox_woo_orders import ADA, MUG, OrderShop, meta
from tests.integration.sandbox_woo_shop import HOME, code

ASIDE = {"api_refund": False, "api_restock": False}


@pytest.fixture
def shop() -> OrderShop:
    return OrderShop(taxed=True)


@pytest.fixture
async def order(shop: OrderShop) -> dict[str, Any]:
    """Return an order of two mugs over 23.80 that was paid, with its mails out."""
    order = await shop.order(status="processing", billing=ADA, line_items=[MUG], payment_method="stripe")
    shop.store.outbox.clear()
    return order


def oddity(reply: httpx2.Response) -> tuple[int, str, int]:
    body = reply.json()
    return reply.status_code, body["code"], body["data"]


async def test_5_8_a_refund_without_the_gateway(shop: OrderShop, order: dict[str, Any]) -> None:
    shop.clock.turn(30)
    reply = await shop.refund(order["id"], amount="5.00", reason="Damaged", meta_data=meta(_r_source_id="g1"), **ASIDE)
    refund = reply.json()
    assert reply.status_code == 201
    place = rf"(?P<order_id>[\d]+)/refunds/{refund['id']}"
    assert reply.headers["location"] == f"{HOME}/wp-json/wc/v3/orders/{place}"
    assert list(refund)[:7] == [
        *("id", "date_created", "date_created_gmt", "amount", "reason", "refunded_by", "refunded_payment"),
    ]
    assert (refund["amount"], refund["refunded_payment"], refund["line_items"]) == ("5.00", False, [])
    assert [(row["key"], row["value"]) for row in refund["meta_data"]] == [("_r_source_id", "g1")]
    after = await shop.get(order["id"])
    assert (after["status"], after["total"]) == ("processing", "23.80")
    assert after["refunds"] == [{"id": refund["id"], "reason": "Damaged", "total": "-5.00"}]
    assert after["date_modified_gmt"] == "2026-07-01T12:00:30"
    assert shop.mails() == [("customer_refunded_order", "ada@example.com")]


async def test_5_8_the_gateway_is_asked_by_default_and_there_is_none(shop: OrderShop, order: dict[str, Any]) -> None:
    refused = await shop.refund(order["id"], amount="5.00")
    assert oddity(refused) == (500, "woocommerce_rest_cannot_create_order_refund", 500)
    assert refused.json()["message"] == "The payment gateway for this order does not exist."
    assert (shop.state("refunds"), shop.state("money"), shop.mails()) == (0, {}, [])


async def test_5_8_a_real_gateway_moves_money(shop: OrderShop, order: dict[str, Any]) -> None:
    shop.store.gateways.add("stripe")
    reply = await shop.refund(order["id"], amount="5.00")
    assert (reply.status_code, reply.json()["refunded_payment"]) == (201, True)
    assert shop.state("money") == {"stripe": "5.00"}
    await shop.refund(order["id"], amount="5.00", api_refund=False)
    assert shop.state("money") == {"stripe": "5.00"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"amount": "99.00"}, ("woocommerce_rest_cannot_create_order_refund", 500)),
        ({"amount": "-1.00"}, ("woocommerce_rest_invalid_order_refund", 400)),
    ],
)
async def test_5_8_errors_are_500_with_a_number(
    shop: OrderShop, order: dict[str, Any], body: dict[str, str], expected: tuple[str, int]
) -> None:
    assert oddity(await shop.refund(order["id"], **ASIDE, **body)) == (500, *expected)
    assert shop.state("refunds") == 0


async def test_5_8_unknown_orders_and_refunds(shop: OrderShop, order: dict[str, Any]) -> None:
    unknown = await shop.refund(4711, amount="5.00", **ASIDE)
    assert oddity(unknown) == (500, "woocommerce_rest_invalid_order_id", 404)
    refund = (await shop.refund(order["id"], amount="1.00", **ASIDE)).json()
    path = f"orders/{order['id']}/refunds/{refund['id']}"
    assert (await shop.call("GET", path)).json()["amount"] == "1.00"
    assert code(await shop.call("PUT", path, {"amount": "2.00"})) == (404, "rest_no_route")
    assert (await shop.call("DELETE", path)).status_code == 501
    assert (await shop.call("DELETE", path, force="true")).status_code == 200
    assert oddity(await shop.call("GET", path))[0] == 500
    assert (await shop.get(order["id"]))["refunds"] == []


async def test_5_8_a_missing_amount_is_a_refund_of_nothing_and_a_mail(shop: OrderShop, order: dict[str, Any]) -> None:
    reply = await shop.refund(order["id"], reason="?", **ASIDE)
    assert (reply.status_code, reply.json()["amount"], len(shop.mails())) == (201, "0.00", 1)


async def test_5_8_the_last_of_the_money_makes_the_order_refunded(shop: OrderShop, order: dict[str, Any]) -> None:
    await shop.refund(order["id"], amount="20.00", **ASIDE)
    assert (await shop.get(order["id"]))["status"] == "processing"
    await shop.refund(order["id"], amount="3.80", **ASIDE)
    after = await shop.get(order["id"])
    assert (after["status"], len(after["refunds"])) == ("refunded", 2)
    assert [kind for kind, _ in shop.mails()] == ["customer_refunded_order"] * 2
    late = await shop.refund(order["id"], amount="0.01", **ASIDE)
    assert oddity(late)[1] == "woocommerce_rest_cannot_create_order_refund"


async def test_5_8_lines_give_the_amount_and_unknown_ones_are_ignored(shop: OrderShop, order: dict[str, Any]) -> None:
    line = order["line_items"][0]["id"]
    tax = [{"id": 1, "refund_total": "1.90"}]
    lines = [{"id": line, "quantity": 1, "refund_total": "10.00", "refund_tax": tax}]
    refund = (await shop.refund(order["id"], line_items=lines, **ASIDE)).json()
    (copy,) = refund["line_items"]
    assert (refund["amount"], copy["quantity"], copy["total"], copy["total_tax"]) == ("11.90", -1, "-10.00", "-1.90")
    assert (copy["name"], copy["product_id"], copy["price"]) == ("Mug", 10, 10)
    assert [(row["key"], row["value"]) for row in copy["meta_data"]] == [("_refunded_item_id", str(line))]
    assert [one["tax_total"] for one in refund["tax_lines"]] == ["-1.90"]
    other = (await shop.refund(order["id"], amount="1.00", line_items=[{"id": 4711, "quantity": 1}], **ASIDE)).json()
    assert (other["amount"], other["line_items"]) == ("1.00", [])


async def test_5_8_restock_by_default_but_only_what_was_taken(shop: OrderShop, order: dict[str, Any]) -> None:
    lines = [{"id": order["line_items"][0]["id"], "quantity": 1, "refund_total": "10.00"}]
    await shop.refund(order["id"], line_items=lines, api_refund=False, api_restock=False)
    assert await shop.stock() == 43
    await shop.refund(order["id"], line_items=lines, api_refund=False)
    assert (await shop.stock(), shop.state("stockChanges")) == (44, 2)
    untouched = await shop.order(billing=ADA, line_items=[MUG])
    lines = [{"id": untouched["line_items"][0]["id"], "quantity": 2, "refund_total": "20.00"}]
    await shop.refund(untouched["id"], line_items=lines, api_refund=False)
    assert await shop.stock() == 44


async def test_5_8_refunds_are_listed_per_order_and_all_together(shop: OrderShop, order: dict[str, Any]) -> None:
    other = await shop.order(billing=ADA, line_items=[MUG])
    for one, amount in ((order, "1.00"), (other, "2.00"), (order, "3.00")):
        await shop.refund(one["id"], amount=amount, **ASIDE)
        shop.clock.turn(1)
    own = await shop.call("GET", f"orders/{order['id']}/refunds")
    assert ([one["amount"] for one in own.json()], own.headers["x-wp-total"]) == (["3.00", "1.00"], "2")
    assert "parent_id" not in own.json()[0]
    everything = await shop.call("GET", "refunds", order="asc", per_page=2)
    assert [(one["parent_id"], one["amount"]) for one in everything.json()] == [
        (order["id"], "1.00"),
        (other["id"], "2.00"),
    ]
    assert everything.headers["x-wp-totalpages"] == "2"
    assert (await shop.call("GET", "refunds", after="2026-07-01T12:00:01Z")).json()[0]["amount"] == "3.00"


async def test_5_13_notes_are_written_listed_and_deleted(shop: OrderShop, order: dict[str, Any]) -> None:
    path = f"orders/{order['id']}/notes"
    reply = await shop.call("POST", path, {"note": "Imported", "date_created": "2020-01-01T00:00:00"})
    note = reply.json()
    assert reply.headers["location"] == f"{HOME}/wp-json/wc/v3/{path}/{note['id']}"
    assert (note["author"], note["date_created_gmt"], note["customer_note"]) == (
        "WooCommerce",
        "2026-07-01T12:00:00",
        False,
    )
    assert shop.mails() == []
    own = (await shop.call("POST", path, {"note": "Hello", "customer_note": True, "added_by_user": True})).json()
    assert (own["author"], shop.mails()) == ("admin", [("customer_note", "ada@example.com")])
    assert [one["id"] for one in (await shop.call("GET", path, type="customer")).json()] == [own["id"]]
    assert len((await shop.call("GET", path, per_page=1)).json()) == 4
    assert (await shop.call("DELETE", f"{path}/{note['id']}", force="true")).status_code == 200
    assert code(await shop.call("GET", f"{path}/{note['id']}")) == (404, "woocommerce_rest_invalid_id")
    assert code(await shop.call("POST", path, {})) == (400, "rest_missing_callback_param")
    assert code(await shop.call("GET", "orders/4711/notes")) == (404, "woocommerce_rest_order_invalid_id")
