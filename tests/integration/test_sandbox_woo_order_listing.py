"""How the WooCommerce sandbox lists and finds orders: sections 4.1 to 4.7 of the WooCommerce reference."""

import pytest

from tests.integration.sandbox_woo_orders import MUG, OrderShop, meta
from tests.integration.sandbox_woo_shop import HOME, code


@pytest.fixture
def shop() -> OrderShop:
    """Open a shop of six orders, a draft and one whose status nobody registers."""
    return filled(OrderShop())


def filled(shop: OrderShop) -> OrderShop:
    statuses = ("processing", "on-hold", "completed", "cancelled", "pending", "checkout-draft", "lost", "trash")
    shop.store.load_orders(
        {
            "id": 100 + place,
            "status": status,
            "customer_id": place % 2,
            "date_created_gmt": f"2026-03-0{1 + place // 2}T21:30:00",
            "date_modified_gmt": "2026-04-01T00:00:00",
            "billing": {"first_name": "Ada", "last_name": f"Name{place}", "email": f"b{place}@example.com"},
            "transaction_id": f"tx-{place}-end",
            "customer_note": f"ring {place} times",
            "line_items": [{"product_id": 10 + place, "name": f"Thing {place}", "total": "5.00"}],
            "shipping_lines": [{"method_id": "x", "method_title": f"Sledge {place}", "total": "1.00"}],
            "meta_data": meta(_mark_source_id=f"gid-{place}"),
            "total": "6.00",
        }
        for place, status in enumerate(statuses)
    )
    return shop


async def test_4_1_any_has_drafts_and_no_trash_and_hpos_only_what_is_registered(shop: OrderShop) -> None:
    posts = filled(OrderShop(hpos=False))
    everything = {"orderby": "id", "order": "asc"}
    assert await shop.listed(**everything) == [100, 101, 102, 103, 104, 105]
    assert await posts.listed(**everything) == [100, 101, 102, 103, 104, 105, 106]
    assert (await shop.get(106))["status"] == "lost"
    shop.store.custom_statuses["lost"] = "Lost"
    assert await shop.listed(status="lost") == [106]


async def test_4_1_statuses_come_as_a_list_or_with_commas(shop: OrderShop) -> None:
    assert await shop.listed(status="processing,completed", order="asc", orderby="id") == [100, 102]
    async with shop.client(shop.key) as http:
        reply = await http.get("/wp-json/wc/v3/orders?status[]=pending&status[]=trash&orderby=id")
    assert [one["id"] for one in reply.json()] == [107, 104]
    assert code(await shop.call("GET", "orders", status="wc-pending")) == (400, "rest_invalid_param")


async def test_4_1_a_quirk_of_posts_lists_everything_for_auto_draft() -> None:
    shop = filled(OrderShop(hpos=False))
    assert len(await shop.listed(status="auto-draft")) == 8


async def test_4_1_customer_product_include_exclude_and_offset(shop: OrderShop) -> None:
    assert await shop.listed(customer=0, orderby="id", order="asc") == [100, 102, 104]
    assert await shop.listed(product=13) == [103]
    assert await shop.listed(product=13, include="100,101") == [103]
    assert await shop.listed(include="105,100,999", orderby="include") == [105, 100]
    assert await shop.listed(exclude="100,101,102", orderby="id", order="asc") == [103, 104, 105]
    assert await shop.listed(offset=4, page=1, per_page=1, orderby="id", order="asc") == [104]


async def test_4_1_unknown_parameters_are_ignored(shop: OrderShop) -> None:
    ignored = {"number": "100", "email": "b1@example.com", "created_via": "x", "meta_key": "_mark_source_id"}
    assert len(await shop.listed(**ignored)) == 6


@pytest.mark.parametrize("value", ["2026-03-02", "yesterday", "2026-13-01T00:00:00", "1767225600"])
async def test_4_2_dates_without_a_time_are_refused(shop: OrderShop, value: str) -> None:
    reply = await shop.call("GET", "orders", modified_after=value)
    assert code(reply) == (400, "rest_invalid_param")
    assert reply.json()["data"]["details"]["modified_after"]["code"] == "rest_invalid_date"


@pytest.mark.parametrize(
    ("bound", "are_gmt", "found"),
    [
        ("2026-03-02T21:30:00Z", "", [104, 105]),
        ("2026-03-02T21:29:59Z", "", [102, 103, 104, 105]),
        ("2026-03-03T00:30:00+03:00", "", [104, 105]),
        ("2026-03-03T00:30:00", "", [104, 105]),
        ("2026-03-02T21:30:00", "", [102, 103, 104, 105]),
        ("2026-03-02T21:30:00", "true", [104, 105]),
        ("2026-03-02T18:30:00Z", "true", [104, 105]),
        ("2026-03-02T21:30:00.500Z", "", [104, 105]),
    ],
)
async def test_4_2_bounds_are_exclusive_and_naive_ones_the_sites(
    shop: OrderShop, bound: str, are_gmt: str, found: list[int]
) -> None:
    """A zone together with `dates_are_gmt` is wrong by the site's three hours."""
    params = {"after": bound, "orderby": "id", "order": "asc"} | ({"dates_are_gmt": are_gmt} if are_gmt else {})
    assert await shop.listed(**params) == found


async def test_4_2_before_and_modified_bounds(shop: OrderShop) -> None:
    assert await shop.listed(before="2026-03-02T21:30:00Z", orderby="id", order="asc") == [100, 101]
    assert await shop.listed(modified_before="2026-04-01T00:00:00Z") == []
    await shop.put(103, customer_note="touched")
    assert await shop.listed(modified_after="2026-04-01T00:00:00Z") == [103]


async def test_4_3_dates_sort_with_ids_behind_and_modified_ties_fall_anyhow(shop: OrderShop) -> None:
    assert await shop.listed() == [105, 104, 103, 102, 101, 100]
    assert await shop.listed(order="asc") == [100, 101, 102, 103, 104, 105]
    pages = [await shop.listed(orderby="modified", per_page=2, page=page) for page in (1, 2, 3)]
    assert sorted({one for page in pages for one in page}) != [100, 101, 102, 103, 104, 105]


async def test_4_3_what_bumps_the_date_of_change(shop: OrderShop) -> None:
    posts = filled(OrderShop(hpos=False))
    await shop.call("POST", "orders/100/notes", {"note": "x"})
    for one in (shop, posts):
        await one.put(101, meta_data=meta(_x="1"))
        await one.put(102, meta_data=meta(_transaction_id="t"))
        await one.refund(103, amount="1.00", api_refund=False)
    bounds = {"modified_after": "2026-04-01T00:00:00Z", "orderby": "id", "order": "asc"}
    assert await shop.listed(**bounds) == [101, 102, 103]
    assert await posts.listed(**bounds) == [102, 103]


async def test_4_4_links_echo_resolved_defaults_and_hpos_forgets_totals_past_the_end(shop: OrderShop) -> None:
    fields = "id,number"
    page = await shop.call("GET", "orders", per_page=2, page=2, orderby="id", order="asc", _fields=fields)
    base = f"{HOME}/wp-json/wc/v3/orders?per_page=2"
    tail = "orderby=id&order=asc&_fields=id%2Cnumber&status%5B0%5D=any&dp=2&context=view"
    assert page.headers["link"] == f'<{base}&page=1&{tail}>; rel="prev", <{base}&page=3&{tail}>; rel="next"'
    assert (page.headers["x-wp-total"], page.headers["x-wp-totalpages"]) == ("6", "3")
    past = await shop.call("GET", "orders", per_page=2, page=9)
    assert (past.json(), past.headers["x-wp-total"], past.headers["x-wp-totalpages"]) == ([], "0", "0")
    posts = await filled(OrderShop(hpos=False)).call("GET", "orders", per_page=2, page=9)
    assert (posts.json(), posts.headers["x-wp-total"], posts.headers["x-wp-totalpages"]) == ([], "7", "4")


@pytest.mark.parametrize(
    ("term", "hpos", "posts"),
    [
        ("102", [102], [102]),
        ("b2@exam", [102], [102]),
        ("ada name2", [102], [102]),
        ("thing 2", [102], [102]),
        ("SLEDGE 2", [102], [102]),
        ("x-2-en", [102], []),
        ("ring 2 times", [], [102]),
        ("gid-2", [], []),
    ],
)
async def test_4_5_what_search_finds(shop: OrderShop, term: str, hpos: list[int], posts: list[int]) -> None:
    assert await shop.listed(search=term) == hpos
    assert await filled(OrderShop(hpos=False)).listed(search=term) == posts


async def test_4_5_a_note_is_found_only_when_nothing_else_is() -> None:
    shop = OrderShop(hpos=False)
    shop.store.load_orders([{"id": 1, "customer_note": "thing"}, {"id": 2, "billing": {"company": "Thing Ltd"}}])
    assert await shop.listed(search="thing") == [2]


async def test_4_5_a_new_orders_marker_is_found_by_its_change(shop: OrderShop) -> None:
    order = await shop.order(meta_data=meta(_mark_source_id="gid-new", other="1"))
    reply = await shop.call(
        "GET",
        "orders",
        modified_after="2026-07-01T11:59:00Z",
        orderby="id",
        order="desc",
        include_meta="_mark_source_id",
        _fields="id,meta_data",
    )
    (found,) = reply.json()
    assert found["id"] == order["id"]
    assert [(row["key"], row["value"]) for row in found["meta_data"]] == [("_mark_source_id", "gid-new")]
    left = (await shop.call("GET", f"orders/{order['id']}", exclude_meta="_mark_source_id")).json()
    assert [row["key"] for row in left["meta_data"]] == ["other"]


async def test_4_6_fields_reach_into_objects_and_lists_lose_their_items(shop: OrderShop) -> None:
    (order,) = (await shop.call("GET", "orders", include=100, _fields="id,billing.email,line_items.id")).json()
    assert order == {"id": 100, "billing": {"email": "b0@example.com"}, "line_items": []}
    single = (await shop.call("GET", "orders/100", _fields="id")).json()
    assert set(single) == {"id", "_links"}


async def test_4_6_decimals_are_the_stores_unless_asked_otherwise(shop: OrderShop) -> None:
    shop.store.options.put("general", "woocommerce_price_num_decimals", "0")
    assert (await shop.get(100))["total"] == "6"
    assert (await shop.call("GET", "orders/100", dp=3)).json()["total"] == "6.000"
    assert (await shop.call("GET", "system_status")).json()["settings"]["number_of_decimals"] == 0


async def test_4_6_item_meta_may_be_shown_without_its_hidden_rows(shop: OrderShop) -> None:
    order = await shop.order(status="processing", line_items=[{**MUG, "meta_data": meta(Note="x")}])
    shown = (await shop.call("GET", f"orders/{order['id']}", order_item_display_meta="true")).json()
    assert [row["key"] for row in order["line_items"][0]["meta_data"]] == ["Note", "_reduced_stock"]
    assert [row["key"] for row in shown["line_items"][0]["meta_data"]] == ["Note"]


async def test_4_7_system_status_tells_where_orders_are_kept(shop: OrderShop) -> None:
    settings = (await shop.call("GET", "system_status")).json()["settings"]
    assert (settings["HPOS_enabled"], settings["order_datastore"].endswith("OrdersTableDataStore")) == (True, True)
    shop.store.modes.hpos = False
    settings = (await shop.call("GET", "system_status")).json()["settings"]
    assert (settings["HPOS_enabled"], settings["order_datastore"]) == (False, "WC_Order_Data_Store_CPT")


@pytest.mark.parametrize(
    ("name", "value"), [("per_page", 101), ("orderby", "total"), ("customer", "ada"), ("include", "1,x"), ("dp", "two")]
)
async def test_4_1_known_parameters_are_checked(shop: OrderShop, name: str, value: str | int) -> None:
    reply = await shop.call("GET", "orders", **{name: value})
    assert code(reply) == (400, "rest_invalid_param")
    assert reply.json()["message"] == f"Invalid parameter(s): {name}"
