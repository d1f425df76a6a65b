"""What writing order meta does in the WooCommerce sandbox: sections 5.3 and 5.12 of the WooCommerce reference."""

from typing import Any

import pytest

from tests.integration.sandbox_woo_orders import ADA, MUG, OrderShop, meta


@pytest.fixture
def shop() -> OrderShop:
    return OrderShop()


def keys(order: dict[str, Any]) -> list[str]:
    return [row["key"] for row in order["meta_data"]]


async def test_5_3_on_a_post_some_internal_keys_are_setters(shop: OrderShop) -> None:
    order = await shop.order(
        meta_data=meta(
            _date_paid="2021-05-06T07:08:09Z",
            _transaction_id="tx-9",
            _customer_ip_address="203.0.113.7",
            _customer_user_agent="Lynx",
            _order_key="wc_order_mine",
            _created_via="checkout",
            _date_created="2021-05-06T07:08:09Z",
            _billing_email="hidden@example.com",
            own="5",
        ),
    )
    assert order["date_paid_gmt"] == "2021-05-06T07:08:09"
    assert (order["transaction_id"], order["order_key"]) == ("tx-9", "wc_order_mine")
    assert (order["customer_ip_address"], order["customer_user_agent"]) == ("203.0.113.7", "Lynx")
    assert order["created_via"] == "rest-api"
    assert order["date_created_gmt"] == "2026-07-01T12:00:00"
    assert order["billing"]["email"] == ""
    assert keys(order) == ["own"]


async def test_5_3_on_a_put_more_keys_are(shop: OrderShop) -> None:
    order = await shop.order(line_items=[MUG])
    shop.clock.turn(60)
    changed = await shop.put(
        order["id"],
        meta_data=meta(
            _date_created="2021-05-06T07:08:09Z",
            _date_completed="1620284889",
            _created_via="import",
            _billing_email="late@example.com",
            _cart_tax="3.10",
            _shipping_tax="1",
            _total="99.999",
        ),
    )
    assert (changed["date_created"], changed["date_created_gmt"]) == ("2021-05-06T10:08:09", "2021-05-06T07:08:09")
    assert changed["date_completed_gmt"] == "2021-05-06T07:08:09"
    assert changed["date_modified_gmt"] == "2026-07-01T12:01:00"
    assert (changed["created_via"], changed["billing"]["email"]) == ("import", "late@example.com")
    assert (changed["total"], changed["total_tax"], changed["status"]) == ("100.00", "4.10", "pending")
    assert shop.mails() == []
    assert (await shop.put(order["id"], billing=ADA))["total"] == "20.00"


async def test_5_3_a_status_in_meta_fires_its_transition(shop: OrderShop) -> None:
    order = await shop.order(billing=ADA, line_items=[MUG])
    changed = await shop.put(order["id"], meta_data=meta(_status="completed"))
    assert (changed["status"], keys(changed)) == ("completed", [])
    assert {kind for kind, _ in shop.mails()} == {"new_order", "customer_completed_order"}


@pytest.mark.parametrize(
    ("value", "gmt"),
    [
        ("2021-05-06T07:08:09Z", "2021-05-06T07:08:09"),
        ("2021-05-06T07:08:09+02:00", "2021-05-06T05:08:09"),
        ("1620284889", "2021-05-06T07:08:09"),
        (1620284890, "2021-05-06T07:08:10"),
        ("2021-05-06T07:08:09", "2021-05-06T04:08:09"),
        ("2021-05-06 07:08:09", "2021-05-06T04:08:09"),
        ("2021-05-06T07:08:09.123Z", "2021-05-06T04:08:09"),
        ("2021-05-06T07:08:09.5+02:00", "2021-05-06T02:08:09"),
        ("the other day", "1969-12-31T22:00:00"),
        ("", None),
    ],
)
async def test_5_3_how_a_date_is_read(shop: OrderShop, value: object, gmt: str | None) -> None:
    """Fractional seconds lose the zone, garbage becomes the site's 1970 with status 200, nothing clears the date."""
    order = await shop.order(set_paid=True, line_items=[MUG])
    changed = await shop.put(order["id"], meta_data=meta(_date_paid=value))
    assert changed["date_paid_gmt"] == gmt
    if value == "the other day":
        assert changed["date_paid"] == "1970-01-01T00:00:00"


async def test_5_3_completing_on_a_post_overwrites_the_date_of_completion(shop: OrderShop) -> None:
    rows = meta(_date_completed="2021-05-06T07:08:09Z", _date_paid="2021-05-06T07:08:09Z")
    order = await shop.order(status="completed", line_items=[MUG], meta_data=rows)
    assert (order["date_completed_gmt"], order["date_paid_gmt"]) == ("2026-07-01T12:00:00", "2021-05-06T07:08:09")


async def test_5_3_a_batch_may_set_the_date_of_creation_of_its_later_items(shop: OrderShop) -> None:
    item = {"meta_data": meta(_date_created="2021-05-06T07:08:09Z")}
    made = (await shop.batch_orders(create=[item, item]))["create"]
    assert [one["date_created_gmt"] for one in made] == ["2026-07-01T12:00:00", "2021-05-06T07:08:09"]
    posts = (await OrderShop(hpos=False).batch_orders(create=[item, item]))["create"]
    assert {one["date_created_gmt"] for one in posts} == {"2026-07-01T12:00:00"}


async def test_5_12_meta_is_upserted_by_key_and_null_deletes(shop: OrderShop) -> None:
    order = await shop.order(meta_data=[*meta(a=5, b=True, c={"x": [1]}, d=None), *meta(a="6")])
    assert {row["key"]: row["value"] for row in order["meta_data"]} == {"a": "6", "b": "1", "c": {"x": [1]}}
    changed = await shop.put(order["id"], meta_data=meta(a=None, b="two"))
    assert {row["key"]: row["value"] for row in changed["meta_data"]} == {"b": "two", "c": {"x": [1]}}
    assert changed["meta_data"][0]["id"] == order["meta_data"][1]["id"]


async def test_4_6_keys_with_an_underscore_are_shown_and_woocommerces_own_are_not(shop: OrderShop) -> None:
    shop.store.load_orders([{"id": 7, "meta_data": meta(_own="1", _billing_address_index="x", _edit_lock="y")}])
    assert keys(await shop.get(7)) == ["_own"]
