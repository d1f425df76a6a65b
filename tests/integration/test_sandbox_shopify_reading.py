"""Paging, searching and counting customers in the Shopify sandbox.

Section numbers name the chapter of the platform reference that a test holds the sandbox to.
"""

from datetime import UTC, datetime, timedelta

import pytest

from crossdock.sandbox.shopify.records import SeedCustomer, Wire
from tests.integration.test_sandbox_shopify import Shop

PAGE = """query($first: Int, $after: String, $last: Int, $before: String, $query: String, $sort: CustomerSortKeys,
    $reverse: Boolean) {
  customers(first: $first, after: $after, last: $last, before: $before, query: $query, sortKey: $sort,
      reverse: $reverse) {
    edges { cursor node { email } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
FIRST = datetime(2026, 1, 10, 8, 0, tzinfo=UTC)


def shop_with_readers(count: int) -> Shop:
    shop = Shop()
    shop.store.seed(
        SeedCustomer(
            email=f"reader{number}@example.com",
            first_name="Ada" if number % 2 else "Bea",
            last_name=f"Bell {count - number}",
            tags=["vip"] if number == 3 else [],
            created_at=FIRST + timedelta(days=number),
            updated_at=FIRST + timedelta(days=count - number, hours=number),
            addresses=[{"city": "Oslo", "country_code_v2": "NO"}] if number == 4 else [],
        )
        for number in range(count)
    )
    return shop


async def emails(shop: Shop, **args: Wire) -> list[str]:
    connection = await shop.data(PAGE, **{"first": 50, **args})
    return [edge["node"]["email"].partition("@")[0].removeprefix("reader") for edge in connection["edges"]]


@pytest.mark.parametrize(
    ("sort", "is_reverse", "expected"),
    [
        ("ID", False, "0123456"),
        ("ID", True, "6543210"),
        ("UPDATED_AT", False, "6543210"),
        ("CREATED_AT", True, "6543210"),
        ("NAME", False, "6543210"),
    ],
)
async def test_pages_join_to_the_whole_in_every_order(sort: str, is_reverse: bool, expected: str) -> None:  # noqa: FBT001
    """§6, opaque cursors."""
    shop = shop_with_readers(7)
    after = None
    seen: list[str] = []
    sizes: list[tuple[int, bool]] = []
    for _ in range(4):
        connection = await shop.data(PAGE, first=2, after=after, sort=sort, reverse=is_reverse)
        seen += [edge["node"]["email"][6] for edge in connection["edges"]]
        sizes.append((len(connection["edges"]), connection["pageInfo"]["hasNextPage"]))
        after = connection["pageInfo"]["endCursor"]
    assert "".join(seen) == expected
    assert sizes == [(2, True), (2, True), (2, True), (1, False)]


async def test_pages_go_backwards_too() -> None:
    shop = shop_with_readers(5)
    last = await shop.data(PAGE, last=2)
    assert [edge["node"]["email"][6] for edge in last["edges"]] == ["3", "4"]
    assert (last["pageInfo"]["hasPreviousPage"], last["pageInfo"]["hasNextPage"]) == (True, False)
    earlier = await shop.data(PAGE, last=9, before=last["pageInfo"]["startCursor"])
    assert [edge["node"]["email"][6] for edge in earlier["edges"]] == ["0", "1", "2"]


async def test_a_row_deleted_between_two_pages_loses_no_other() -> None:
    shop = shop_with_readers(5)
    connection = await shop.data(PAGE, first=2)
    shop.store.customers.remove(next(iter(shop.store.customers)).number)
    assert await emails(shop, after=connection["pageInfo"]["endCursor"]) == ["2", "3", "4"]


async def test_a_text_that_is_no_cursor_is_refused() -> None:
    body = await shop_with_readers(2).reply(PAGE, first=2, after="nonsense")
    assert body["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('email:"reader2@example.com"', "2"),
        ("email:reader2@example.com OR email:'reader3@example.com'", "23"),
        ("email:example", "0123456"),
        ("email:reader*", "0123456"),
        ("first_name:ada", "135"),
        ("first_name:ada -tag:vip", "15"),
        ("first_name:ada tag_not:vip", "15"),
        ("(tag:vip OR country:Norway) first_name:bea", "4"),
        ("country:NO", "4"),
        ("customer_date:>=2026-01-15T08:00:00Z", "56"),
        ("created_at:<'2026-01-12'", "01"),
        ("state:DISABLED orders_count:0", "0123456"),
        ("accepts_marketing:true", ""),
        ("reader5", "5"),
    ],
)
async def test_the_documented_filters(query: str, expected: str) -> None:
    """§6."""
    assert await emails(shop_with_readers(7), query=query) == list(expected)


async def test_a_search_by_time_of_change_matches_whole_days() -> None:
    """§6: clients must filter again."""
    shop = shop_with_readers(3)
    assert await emails(shop, query="updated_at:>='2026-01-12T23:00:00Z'") == ["0", "1"]
    (second,) = [customer for customer in shop.store.customers if customer.email == "reader1@example.com"]
    assert second.updated_at < datetime(2026, 1, 12, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [("shoe_size:44", "invalid_field", "shoe_size"), ("updated_at:>=yesterday", "invalid_value", "updated_at")],
)
async def test_an_unknown_filter_or_bad_value_lets_every_row_through_with_a_warning(
    query: str, code: str, field: str
) -> None:
    """§4.5, §8.7, §9.6."""
    shop = shop_with_readers(3)
    body = await shop.reply(PAGE, first=5, query=query)
    assert len(body["data"]["customers"]["edges"]) == 3
    (search,) = body["extensions"]["search"]
    assert (search["path"], search["query"]) == (["customers"], query)
    assert [(warning["field"], warning["code"]) for warning in search["warnings"]] == [(field, code)]
    assert "search" not in (await shop.reply(PAGE, first=5, query="tag:vip"))["extensions"]


async def test_a_metafield_without_a_filterable_definition_is_an_error() -> None:
    """§0.1."""
    body = await shop_with_readers(1).reply(PAGE, first=5, query="metafields.woo.source_id:7")
    assert body["data"] is None
    assert body["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_the_search_index_lags_and_plain_pages_do_not() -> None:
    """§4.5, §9.6."""
    shop = shop_with_readers(1)
    shop.store.behaviour.index_lag_seconds = 10
    create = 'mutation { customerCreate(input: {email: "new@example.com"}) { customer { id } } }'
    customer = (await shop.data(create))["customer"]
    assert await emails(shop, query="email:new@example.com") == []
    assert await emails(shop) == ["0", "new"]
    shop.wait(10)
    assert await emails(shop, query="email:new@example.com") == ["new"]
    await shop.data(
        'mutation($id: ID!) { customerUpdate(input: {id: $id, tags: ["late"]}) { customer { id } } }', id=customer["id"]
    )
    assert (await emails(shop, query="tag:late"), await emails(shop, query="tag_not:late")) == ([], ["0", "new"])
    shop.wait(10)
    assert await emails(shop, query="tag:late") == ["new"]


async def test_counting_knows_three_filters_and_counts_everybody_for_others() -> None:
    """§6, §8.24."""
    shop = shop_with_readers(5)
    query = """query($query: String, $limit: Int = 10000) {
      customersCount(query: $query, limit: $limit) { count precision } }"""
    assert await shop.data(query) == {"count": 5, "precision": "EXACT"}
    assert await shop.data(query, query="created_at:>='2026-01-12'") == {"count": 3, "precision": "EXACT"}
    body = await shop.reply(query, query="email:reader1@example.com")
    assert body["data"]["customersCount"]["count"] == 5
    assert body["extensions"]["search"][0]["warnings"][0]["code"] == "invalid_field"
    assert await shop.data(query, limit=2) == {"count": 2, "precision": "AT_LEAST"}
    assert await shop.data(query, limit=None) == {"count": 5, "precision": "EXACT"}


async def test_nodes_are_found_in_the_order_of_their_ids() -> None:
    shop = shop_with_readers(3)
    ids = [customer.id for customer in shop.store.customers]
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Customer { email } } }"
    nodes = await shop.data(query, ids=[ids[2], "gid://shopify/Customer/1", ids[0]])
    assert [node and node["email"] for node in nodes] == ["reader2@example.com", None, "reader0@example.com"]


async def test_definitions_and_webhooks_are_listed() -> None:
    shop = Shop()
    await shop.data(
        """mutation { metafieldDefinitionCreate(definition: {namespace: "woo", key: "source_id", name: "Source",
           ownerType: CUSTOMER, type: "id"}) { createdDefinition { id } } }"""
    )
    listed = '{ metafieldDefinitions(ownerType: CUSTOMER, first: 5, namespace: "woo") { nodes { key type { name } } } }'
    assert (await shop.data(listed))["nodes"] == [{"key": "source_id", "type": {"name": "id"}}]
    shop.store.webhooks.append({"id": "gid://shopify/WebhookSubscription/1", "topic": "CUSTOMERS_CREATE"})
    assert (await shop.data("{ webhookSubscriptions(first: 5) { nodes { topic } } }"))["nodes"] == [
        {"topic": "CUSTOMERS_CREATE"}
    ]
