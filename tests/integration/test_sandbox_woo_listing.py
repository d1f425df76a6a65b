"""How the WooCommerce sandbox lists customers and heads replies: sections 2, 8 and 9 of the WooCommerce reference."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.sandbox_woo_shop import HOME, Shop, code

ROOT_LINK = f'<{HOME}/wp-json/>; rel="https://api.w.org/"'


@pytest.fixture
def shop() -> Shop:
    """Open a shop of seven customers and an administrator, registered in another order than their ids."""
    shop = Shop()
    shop.store.load_customers(
        [
            {"id": 1, "email": "owner@example.com", "role": "administrator", "username": "owner"},
            *(
                {
                    "id": 10 + number,
                    "email": f"Buyer{number}@Example.com",
                    "username": f"c{number}",
                    "first_name": f"{'gfedcba'[number]}nna",
                    "date_created_gmt": f"2026-01-{28 - number}T22:30:00",
                    "billing": {"email": f"bill{number}@example.org", "phone": "555"},
                }
                for number in range(7)
            ),
        ],
    )
    return shop


async def ids(shop: Shop, **params: str | int) -> list[int]:
    reply = await shop.call("GET", "customers", **params)
    assert reply.status_code == 200, reply.text
    return [item["id"] for item in reply.json()]


async def test_2_1_defaults_are_role_customer_by_name_ten_a_page(shop: Shop) -> None:
    assert await ids(shop) == [16, 15, 14, 13, 12, 11, 10]
    assert await ids(shop, orderby="id") == [10, 11, 12, 13, 14, 15, 16]
    assert await ids(shop, role="all", orderby="id", per_page=2) == [1, 10]
    assert await ids(shop, orderby="registered_date", order="desc", per_page=2) == [10, 11]
    assert await ids(shop, role="administrator") == [1]


async def test_2_1_unknown_parameters_are_ignored(shop: Shop) -> None:
    ignored = {"modified_after": "2030-01-01T00:00:00", "after": "2030-01-01", "meta_key": "x", "phone": "1"}
    assert len(await ids(shop, **ignored)) == 7


async def test_2_1_email_is_exact_in_any_case_and_the_accounts_own(shop: Shop) -> None:
    assert await ids(shop, email="BUYER3@example.COM") == [13]
    assert await ids(shop, email="bill3@example.org") == []
    assert await ids(shop, email="owner@example.com") == []
    assert await ids(shop, email="owner@example.com", role="all") == [1]


async def test_2_1_a_raw_plus_in_an_email_is_a_space_and_refused(shop: Shop) -> None:
    await shop.make("ada+news@example.com")
    assert len(await ids(shop, email="ada+news@example.com")) == 1
    async with shop.client(shop.key) as http:
        raw = await http.get("/wp-json/wc/v3/customers?email=ada+news@example.com")
    assert code(raw) == (400, "rest_invalid_param")
    assert raw.json()["data"]["details"]["email"]["code"] == "rest_invalid_email"


@pytest.mark.parametrize(
    ("term", "found"),
    [("buyer2@", [12]), ("bill2", []), ("c4", [14]), ("14", [14]), ("cnna", [14]), ("555", [])],
)
async def test_2_1_search_looks_at_login_email_and_display_name(shop: Shop, term: str, found: list[int]) -> None:
    assert await ids(shop, search=term) == found


async def test_2_1_include_exclude_and_offset(shop: Shop) -> None:
    assert await ids(shop, include="15,11,1", orderby="id") == [11, 15]
    assert await ids(shop, include="15,11,99", orderby="include") == [15, 11]
    assert await ids(shop, exclude="10,11,12", orderby="id", per_page=2) == [13, 14]
    assert await ids(shop, offset=3, page=1, per_page=2, orderby="id") == [13, 14]
    async with shop.client(shop.key) as http:
        listed = await http.get("/wp-json/wc/v3/customers?include[]=11&include[]=12&orderby=id")
    assert [item["id"] for item in listed.json()] == [11, 12]


@pytest.mark.parametrize(
    ("params", "message", "fault"),
    [
        ({"per_page": 101}, "per_page must be between 1 (inclusive) and 100 (inclusive)", "rest_out_of_bounds"),
        ({"per_page": 0}, "per_page must be between 1 (inclusive) and 100 (inclusive)", "rest_out_of_bounds"),
        ({"page": 0}, "page must be greater than or equal to 1", "rest_out_of_bounds"),
        ({"page": "two"}, "page is not of type integer.", "rest_invalid_type"),
        ({"order": "up"}, "order is not one of asc and desc.", "rest_not_in_enum"),
        ({"orderby": "email"}, "orderby is not one of id, include, name, and registered_date.", "rest_not_in_enum"),
        ({"include": "1,x"}, "include[1] is not of type integer.", "rest_invalid_type"),
    ],
)
async def test_2_1_known_parameters_are_checked(shop: Shop, params: dict[str, Any], message: str, fault: str) -> None:
    reply = await shop.call("GET", "customers", **params)
    name = next(iter(params))
    assert code(reply) == (400, "rest_invalid_param")
    assert reply.json()["message"] == f"Invalid parameter(s): {name}"
    assert reply.json()["data"]["params"] == {name: message}
    assert reply.json()["data"]["details"] == {name: {"code": fault, "message": message, "data": None}}


async def test_2_2_paging_headers(shop: Shop) -> None:
    address = f"{HOME}/wp-json/wc/v3/customers?role=customer&per_page=3"
    pages = [await shop.call("GET", "customers", role="customer", per_page=3, page=page) for page in (1, 2, 3, 9)]
    assert {(page.headers["x-wp-total"], page.headers["x-wp-totalpages"]) for page in pages} == {("7", "3")}
    assert [page.headers["link"] for page in pages] == [
        f'<{address}&page=2>; rel="next"',
        f'<{address}&page=1>; rel="prev", <{address}&page=3>; rel="next"',
        f'<{address}&page=2>; rel="prev"',
        f'<{address}&page=3>; rel="prev"',
    ]
    assert pages[3].json() == []
    assert (await shop.call("GET", "customers")).headers["link"] == ROOT_LINK


async def test_2_3_the_shape_and_its_times_in_the_sites_zone() -> None:
    shop = Shop(timezone="America/New_York")
    shop.store.load_customers([{"id": 5, "email": "a@example.com", "date_created_gmt": "2026-03-08T06:59:59"}])
    before = await shop.read(5)
    shop.store.load_customers([{"id": 6, "email": "b@example.com", "date_created_gmt": "2026-03-08T07:00:00"}])
    after = await shop.read(6)
    assert (before["date_created"], after["date_created"]) == ("2026-03-08T01:59:59", "2026-03-08T03:00:00")
    assert (before["date_modified"], before["date_modified_gmt"]) == (None, None)
    assert list(before) == [
        *("id", "date_created", "date_created_gmt", "date_modified", "date_modified_gmt", "email", "first_name"),
        *("last_name", "role", "username", "billing", "shipping", "is_paying_customer", "avatar_url", "meta_data"),
        "_links",
    ]
    assert set(before["billing"]) - set(before["shipping"]) == {"email"}
    assert "orders_count" not in before


async def test_2_3_fields_trim_lists_wholly_and_keep_links_on_one_object(shop: Shop) -> None:
    listed = await shop.call("GET", "customers", _fields="id,billing.phone", per_page=1)
    single = await shop.call("GET", "customers/10", _fields="id,billing.phone")
    assert listed.json() == [{"id": 16, "billing": {"phone": "555"}}]
    assert set(single.json()) == {"id", "billing", "_links"}


async def test_2_4_ascending_ids_neither_double_nor_miss_while_rows_are_added(shop: Shop) -> None:
    first = await ids(shop, role="all", orderby="id", per_page=4)
    await shop.make("late@example.com")
    second = await ids(shop, role="all", orderby="id", per_page=4, page=2)
    third = await ids(shop, role="all", orderby="id", per_page=4, page=3)
    assert [*first, *second, *third] == [1, 10, 11, 12, 13, 14, 15, 16, 17]


async def test_2_4_names_double_while_rows_are_added_and_deletions_skip(shop: Shop) -> None:
    first = await ids(shop, per_page=4)
    await shop.make("aaron@example.com", first_name="aaron")
    assert set(first) & set(await ids(shop, per_page=4, page=2))
    walked = await ids(shop, role="all", orderby="id", per_page=4)
    await shop.call("DELETE", "customers/10", force="true")
    assert 13 not in {*walked, *await ids(shop, role="all", orderby="id", per_page=4, page=2)}


async def test_checklist_headers_of_every_json_reply(shop: Shop) -> None:
    replies = [await shop.call("GET", path) for path in ("customers/10", "customers/99", "nope")]
    for reply in replies:
        assert reply.headers["content-type"] == "application/json; charset=UTF-8"
        assert reply.headers["x-robots-tag"] == "noindex"
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["access-control-expose-headers"] == "X-WP-Total, X-WP-TotalPages, Link"
        assert reply.headers["cache-control"] == "no-cache, must-revalidate, max-age=0, no-store, private"
        assert reply.headers["link"] == ROOT_LINK
    assert replies[0].headers["allow"] == replies[1].headers["allow"] == "GET, POST, PUT, PATCH, DELETE"
    assert "allow" not in replies[2].headers
    assert "https:\\/\\/shop.example.com" in replies[0].text


async def test_checklist_unknown_routes_and_wrong_methods_are_the_same_404(shop: Shop) -> None:
    for method, path in (("GET", "nope"), ("DELETE", "customers"), ("GET", "customers/batch"), ("GET", "customers/x")):
        assert code(await shop.call(method, path)) == (404, "rest_no_route")


async def test_8_the_index_is_public_and_tells_the_sites_zone(shop: Shop) -> None:
    shop.clock.now = datetime(2026, 1, 1, tzinfo=UTC)
    async with shop.client() as http:
        index = await http.get("/wp-json/")
        trimmed = await http.get("/wp-json/?_fields=name,gmt_offset,timezone_string,namespaces")
        routes = await http.get("/wp-json/wc/v3")
    assert (index.json()["gmt_offset"], index.json()["timezone_string"]) == (3, "Europe/Istanbul")
    assert set(trimmed.json()) == {"name", "gmt_offset", "timezone_string", "namespaces"}
    assert "wc/v3" in index.json()["namespaces"]
    assert "/wc/v3/customers" in routes.json()["routes"]
    assert "cache-control" not in index.headers


async def test_8_system_status_trims_by_dots_and_names_phps_zone(shop: Shop) -> None:
    whole = (await shop.call("GET", "system_status")).json()
    trimmed = await shop.call("GET", "system_status", _fields="environment.version,settings")
    assert trimmed.json() == {"environment": {"version": "9.2.5"}, "settings": whole["settings"]}
    assert (whole["environment"]["default_timezone"], whole["settings"]["HPOS_enabled"]) == ("UTC", True)
    assert {plugin["name"] for plugin in whole["active_plugins"]} == {"WooCommerce"}


async def test_9_webhooks_are_listed_and_fire(shop: Shop) -> None:
    assert (await shop.call("GET", "webhooks")).json() == []
    shop.store.add_webhook("customer.created", "https://erp.example.com/hook")
    assert (await shop.call("GET", "webhooks")).json()[0]["topic"] == "customer.created"
    await shop.make("ada@example.com")
    await shop.call("PUT", "customers/10", {"first_name": "Ada"})
    assert shop.store.state()["webhookDeliveries"] == 1
