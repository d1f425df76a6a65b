"""Reading orders, variants and locations of the Shopify sandbox: pages, filters, the lagging index, windows, bulk.

Section numbers name the chapter of the platform reference that a test holds the sandbox to.
"""

from datetime import timedelta
from typing import Any

import pytest

from crossdock.sandbox.shopify.order_seeds import (
    SeedDiscount,
    SeedLine,
    SeedOrder,
    SeedRefund,
    SeedShipping,
    SeedTax,
    SeedTransaction,
    SeedVariant,
)
from crossdock.sandbox.shopify.records import SeedCustomer, Wire
from crossdock.sandbox.shopify.tokens import ALL_SCOPES
from tests.integration.test_sandbox_shopify import Shop
from tests.integration.test_sandbox_shopify_bulk import RUN, RUN_QUERY, finished, jsonl, lines, upload
from tests.integration.test_sandbox_shopify_orders import BAG, CREATE, amounts, create, line

PAGE = """query($first: Int = 10, $after: String, $query: String, $sort: OrderSortKeys, $reverse: Boolean) {
  orders(first: $first, after: $after, query: $query, sortKey: $sort, reverse: $reverse) {
    nodes { name } pageInfo { hasNextPage endCursor } } }"""
COUNT = "query($query: String, $limit: Int) { ordersCount(query: $query, limit: $limit) { count precision } }"
NODE = "query($id: ID!) { node(id: $id) { __typename ... on Order { name } ... on ProductVariant { sku } } }"


def seeded(shop: Shop, number: int, **given: Wire) -> SeedOrder:
    """Describe an order that was placed as many days ago as its number says."""
    given.setdefault("lines", [SeedLine("Field guide", unit_price="10.00")])
    return SeedOrder(processed_at=shop.time - timedelta(days=number), number=number, **given)


async def names(shop: Shop, **asked: Wire) -> list[str]:
    return [node["name"] for node in (await shop.data(PAGE, **asked))["nodes"]]


async def test_orders_come_by_processing_time_and_in_any_order_that_is_asked_for() -> None:
    """§6: PROCESSED_AT by default."""
    shop = Shop()
    shop.store.seed_orders(seeded(shop, number) for number in (3, 1, 2))
    assert await names(shop) == ["#3", "#2", "#1"]
    assert await names(shop, reverse=True) == ["#1", "#2", "#3"]
    assert await names(shop, sort="ID") == ["#3", "#1", "#2"]
    assert await names(shop, sort="ORDER_NUMBER") == ["#1", "#2", "#3"]


async def test_pages_join_without_gap_or_repeat_while_orders_change() -> None:
    """§6: what changes during a scan by UPDATED_AT moves to its end."""
    shop = Shop()
    shop.store.seed_orders(seeded(shop, number) for number in range(1, 8))
    page = await shop.data(PAGE, first=3, sort="UPDATED_AT")
    seen = [node["name"] for node in page["nodes"]]
    assert (seen, page["pageInfo"]["hasNextPage"]) == (["#7", "#6", "#5"], True)
    moved = next(order for order in shop.store.orders if order.number == 6)
    update = 'mutation($id: ID!) { orderUpdate(input: {id: $id, note: "x"}) { order { id } } }'
    await shop.data(update, id=moved.id)
    rest = await names(shop, first=10, after=page["pageInfo"]["endCursor"], sort="UPDATED_AT")
    assert rest == ["#4", "#3", "#2", "#1", "#6"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("source_identifier:'woo-2'", ["#2"]),
        ("name:'#3'", ["#3"]),
        ("tag:'RUN-1'", ["#2"]),
        ("tag_not:run-1", ["#3", "#1"]),
        ('email:"ada@example.com"', ["#1"]),
        ("financial_status:paid", ["#3"]),
        ("financial_status:pending", ["#1"]),
        ("fulfillment_status:fulfilled", ["#2"]),
        ("status:open", ["#3", "#1"]),
        ("status:cancelled", ["#2"]),
        ("status:closed", ["#2"]),
        ("test:true", ["#1"]),
        ("processed_at:<'2026-10-18T00:00:00Z'", ["#3"]),
        ("created_at:>='2026-10-18T09:30:15Z' AND updated_at:<'2026-10-19T00:00:00Z'", ["#2"]),
        ("name:'#1' OR name:'#3'", ["#3", "#1"]),
        ("-name:'#1' sku:FG", ["#3"]),
        ("gateway:stripe", ["#3"]),
        ("discount_code:save5", ["#1"]),
    ],
)
async def test_filters(query: str, found: list[str]) -> None:
    """§4.5 filters, §6 syntax."""
    shop = Shop()
    shop.store.seed_orders(
        [
            seeded(
                shop,
                1,
                email="ada@example.com",
                financial_status="PENDING",
                test=True,
                discounts=[SeedDiscount(code="SAVE5", value="5")],
            ),
            seeded(
                shop,
                2,
                source_identifier="woo-2",
                tags=["run-1"],
                fulfillment_status="FULFILLED",
                cancelled_at=shop.time,
                closed_at=shop.time,
            ),
            seeded(
                shop,
                3,
                lines=[SeedLine("Atlas", unit_price="10.00", sku="FG")],
                transactions=[SeedTransaction("10.00", gateway="stripe")],
            ),
        ]
    )
    assert await names(shop, query=query) == found


@pytest.mark.parametrize(
    ("query", "code"),
    [("colour:red", "invalid_field"), ("status:odd", "invalid_value"), ("created_at:soon", "invalid_value")],
)
async def test_an_unknown_filter_or_value_answers_every_order_with_a_warning(query: str, code: str) -> None:
    """§4.5, §9.6."""
    shop = Shop()
    shop.store.seed_orders(seeded(shop, number) for number in (1, 2))
    body = await shop.reply(PAGE, query=query)
    assert len(body["data"]["orders"]["nodes"]) == 2
    (search,) = body["extensions"]["search"]
    assert (search["path"], search["warnings"][0]["code"]) == (["orders"], code)
    assert (await shop.data(COUNT, query=query))["count"] == 2


async def test_the_index_lags_while_ids_are_read_at_once() -> None:
    """§4.5, §9.6."""
    shop = Shop()
    shop.store.behaviour.index_lag_seconds = 30
    order = await create(shop, sourceIdentifier="woo-1")
    assert await names(shop, query="source_identifier:'woo-1'") == []
    assert await names(shop) == [order["name"]]
    assert (await shop.data(NODE, id=order["id"]))["name"] == order["name"]
    shop.wait(31)
    assert await names(shop, query="source_identifier:'woo-1'") == [order["name"]]


async def test_counts_are_cut_at_their_limit() -> None:
    """§1.5."""
    shop = Shop()
    shop.store.seed_orders(seeded(shop, number, tags=["x"]) for number in (1, 2, 3))
    assert await shop.data(COUNT, limit=2) == {"count": 2, "precision": "AT_LEAST"}
    assert await shop.data(COUNT, query="tag:x", limit=None) == {"count": 3, "precision": "EXACT"}


async def test_old_orders_are_invisible_without_their_scope() -> None:
    """§4.7, §9.9: in lists, counts and by id, silently."""
    shop = Shop(scopes=[scope for scope in ALL_SCOPES if scope != "read_all_orders"])
    shop.store.seed_orders(seeded(shop, number) for number in (59, 61))
    assert await names(shop) == ["#59"]
    assert (await shop.data(COUNT))["count"] == 1
    old = next(order for order in shop.store.orders if order.number == 61)
    assert await shop.data("query($id: ID!) { order(id: $id) { id } }", id=old.id) is None
    assert await shop.data(NODE, id=old.id) is None
    shop.token = shop.store.issue_token(scopes=ALL_SCOPES)
    assert await names(shop) == ["#61", "#59"]
    migrated = await create(shop, processedAt="2020-01-01T00:00:00Z")
    shop.token = shop.store.issue_token(scopes=["read_orders"])
    assert migrated["name"] in await names(shop)


async def test_other_kinds_on_an_order_need_their_own_scopes() -> None:
    """§1.4, §4.7: the field becomes null and says which scope is missing."""
    shop = Shop()
    shop.store.seed_variants([SeedVariant(sku="A", price="1")])
    variant = next(iter(shop.store.catalogue.variants)).id
    order = await create(shop, email="ada@example.com", lineItems=[line(variantId=variant)])
    shop.token = shop.store.issue_token(scopes=["read_orders"])
    query = (
        """query($id: ID!) { order(id: $id) { customer { id } lineItems(first: 1) { nodes { variant { id } } } } }"""
    )
    body = await shop.reply(query, id=order["id"])
    assert body["data"]["order"] == {"customer": None, "lineItems": {"nodes": [{"variant": None}]}}
    missing = {error["extensions"]["requiredAccess"] for error in body["errors"]}
    assert missing == {"`read_customers` access scope.", "`read_products` access scope."}


async def test_variants_by_sku_are_case_sensitive_and_may_be_several() -> None:
    """§6."""
    shop = Shop()
    shop.store.seed_variants(SeedVariant(sku=sku, product_title=f"P{at}") for at, sku in enumerate(["A", "a", "A"]))
    query = """query($query: String) { productVariants(first: 5, query: $query, sortKey: ID) {
      nodes { id sku price inventoryQuantity product { title vendor status totalInventory } } } }"""
    found = (await shop.data(query, query="sku:'A'"))["nodes"]
    assert [node["product"]["title"] for node in found] == ["P0", "P2"]
    assert found[0]["price"] == "0.00"
    assert (await shop.data(NODE, id=found[0]["id"])) == {"__typename": "ProductVariant", "sku": "A"}
    products = "{ products(first: 5) { nodes { title variants(first: 5) { nodes { sku } } } } }"
    assert (await shop.data(products))["nodes"][1] == {"title": "P1", "variants": {"nodes": [{"sku": "a"}]}}


async def test_a_seeded_order_reads_as_a_whole() -> None:
    """§6: discounts, taxes, refunds and totals of an order that was there before."""
    shop = Shop()
    shop.store.seed([SeedCustomer(email="ada@example.com")])
    shop.store.seed_variants([SeedVariant(sku="FG-1", product_title="Atlas")])
    order = seeded(
        shop,
        1,
        customer_email="ADA@example.com",
        lines=[
            SeedLine("Atlas", 2, "10.00", discount="2.00", variant_sku="FG-1", taxes=[SeedTax("VAT", "1.80", "0.1")]),
            SeedLine("Map", 1, "5.00"),
        ],
        shipping_lines=[SeedShipping("Ground", "4.00")],
        discounts=[SeedDiscount(code="SAVE2", value="2.00")],
        transactions=[SeedTransaction("28.80", gateway="stripe")],
        refunds=[SeedRefund("9.90", lines=[(0, 1)], note="torn")],
        billing={"first_name": "Ada", "city": "Cork", "country_code_v2": "IE"},
    )
    shop.store.seed_orders([order])
    query = f"""{{ orders(first: 1) {{ nodes {{ name displayFinancialStatus discountCodes customer {{ email }}
      billingAddress {{ city country }} totalPriceSet {BAG} totalRefundedSet {BAG} currentTotalPriceSet {BAG}
      totalDiscountsSet {BAG} totalTaxSet {BAG}
      lineItems(first: 5) {{ nodes {{ title sku currentQuantity variant {{ sku }} }} }}
      refunds {{ note refundLineItems(first: 5) {{ nodes {{ quantity lineItem {{ title }} subtotalSet {BAG} }} }} }}
      discountApplications(first: 5) {{ nodes {{ targetType value {{ __typename ... on MoneyV2 {{ amount }} }}
        ... on DiscountCodeApplication {{ code }} }} }} }} }} }}"""
    (read,) = (await shop.data(query))["nodes"]
    assert (read["name"], read["displayFinancialStatus"]) == ("#1", "PARTIALLY_REFUNDED")
    assert (read["customer"], read["billingAddress"]) == (
        {"email": "ada@example.com"},
        {"city": "Cork", "country": "Ireland"},
    )
    totals = ("totalPriceSet", "totalRefundedSet", "currentTotalPriceSet", "totalDiscountsSet", "totalTaxSet")
    assert amounts(read, *totals) == ["28.8", "9.9", "18.9", "2.0", "1.8"]
    assert read["lineItems"]["nodes"][0] == {
        "title": "Atlas",
        "sku": "FG-1",
        "currentQuantity": 1,
        "variant": {"sku": "FG-1"},
    }
    (row,) = read["refunds"][0]["refundLineItems"]["nodes"]
    assert (row["lineItem"]["title"], *amounts(row, "subtotalSet")) == ("Atlas", "9.0")
    (discount,) = read["discountApplications"]["nodes"]
    assert (discount["code"], discount["value"]) == ("SAVE2", {"__typename": "MoneyV2", "amount": "2.0"})


EXPORT = """{ orders { edges { node { id name transactions { kind } lineItems { edges { node { id title sku } } }
  shippingLines { edges { node { id title } } } } } } }"""


async def test_orders_are_exported_in_bulk_with_their_lines_on_lines_of_their_own() -> None:
    """§2.1: unordered children with `__parentId`; lists stay inline; more lines than a page holds come too."""
    shop = Shop()
    many = [SeedLine(f"Item {number}") for number in range(260)]
    shop.store.seed_orders(
        [
            seeded(shop, 1, lines=many, shipping_lines=[SeedShipping("Ground")]),
            seeded(shop, 2, transactions=[SeedTransaction("10")]),
        ]
    )
    operation = (await shop.data(RUN_QUERY, query=EXPORT))["bulkOperation"]
    polled = await finished(shop, operation)
    assert (polled["status"], polled["rootObjectCount"], polled["objectCount"]) == ("COMPLETED", "2", "264")
    rows: list[dict[str, Any]] = await lines(shop, polled["url"])
    parents = {row["id"]: row for row in rows if "__parentId" not in row}
    assert sorted(row["name"] for row in parents.values()) == ["#1", "#2"]
    assert sorted(len(row["transactions"]) for row in parents.values()) == [0, 1]
    children = [row for row in rows if "__parentId" in row]
    assert {row["__parentId"] for row in children} == set(parents)
    assert sum("/LineItem/" in row["id"] for row in children) == 261


async def test_drafts_and_variants_are_exported_in_bulk() -> None:
    """§2.1."""
    shop = Shop()
    shop.store.seed_variants([SeedVariant(sku="A"), SeedVariant(sku="B")])
    create_draft = """mutation { draftOrderCreate(input: {lineItems: [{title: "Map", quantity: 1}]}) {
      draftOrder { id } userErrors { message } } }"""
    await shop.data(create_draft)
    variants = "{ productVariants { edges { node { id sku product { title } } } } }"
    drafts = "{ draftOrders { edges { node { id name lineItems { edges { node { id title } } } } } } }"
    found: list[list[dict[str, Any]]] = []
    for query in (variants, drafts):
        polled = await finished(shop, (await shop.data(RUN_QUERY, query=query))["bulkOperation"])
        found.append(await lines(shop, polled["url"]))
    assert [row["sku"] for row in found[0]] == ["A", "B"]
    assert [row.get("name") or row["title"] for row in found[1]] == ["#D1", "Map"]


async def test_connections_within_lists_cannot_be_exported() -> None:
    """§2.1: refunds are a list."""
    shop = Shop()
    query = "{ orders { edges { node { id refunds { refundLineItems { edges { node { quantity } } } } } } } }"
    (error,) = (await shop.data(RUN_QUERY, query=query))["userErrors"]
    assert (
        error["message"] == "Queries that contain a connection field within a list field are not currently supported."
    )


async def test_orders_are_created_in_bulk() -> None:
    """§2.3: any mutation is allowed, each line on its own."""
    shop = Shop()
    rows: list[dict[str, Any]] = [{"order": {"name": f"#B{number}", "lineItems": [line()]}} for number in range(3)]
    rows += [{"order": {"lineItems": []}}, {"order": {"lineItems": [line()] * 251}}]
    key, _ = await upload(shop, jsonl(*rows))
    mutation = """mutation($order: OrderCreateOrderInput!) { orderCreate(order: $order) {
      order { id name } userErrors { code message } } }"""
    operation = (await shop.data(RUN, mutation=mutation, path=key))["bulkOperation"]
    polled = await finished(shop, operation)
    answers = {row["__lineNumber"]: row for row in await lines(shop, polled["url"])}
    assert answers[4]["errors"][0]["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"
    results = [answers[number]["data"]["orderCreate"] for number in range(4)]
    assert [results[number]["order"]["name"] for number in range(3)] == ["#B0", "#B1", "#B2"]
    assert results[3]["userErrors"][0]["message"] == "Line items must have at least one line item"
    assert shop.store.state()["orders"] == 3


async def test_a_reset_empties_everything() -> None:
    shop = Shop()
    shop.store.seed_variants([SeedVariant(sku="A")])
    await shop.data(CREATE, order={"lineItems": [line()]})
    shop.store.reset()
    state = shop.store.state()
    assert [state[name] for name in ("orders", "drafts", "variants", "refunds", "mails", "money")] == [0] * 6
