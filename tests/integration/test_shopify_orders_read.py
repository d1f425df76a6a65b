"""Reading a Shopify sandbox's orders and our drafts: headers, outlines, whole orders, and what is looked up."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx2
import msgspec
import pytest

from crossdock.connectors.contract import DetailedSource, FindingLevel, Page
from crossdock.connectors.shopify.store import ShopifyStore
from crossdock.domain.errors import MissingScopeError
from crossdock.domain.identity import Marker
from crossdock.domain.money import Money
from crossdock.domain.order import Coupon, Order, OrderStatus
from crossdock.sandbox.shopify.bucket import Rate
from crossdock.sandbox.shopify.order_seeds import (
    SeedDiscount,
    SeedLine,
    SeedOrder,
    SeedRefund,
    SeedShipping,
    SeedTax,
    SeedTransaction,
)
from crossdock.sandbox.shopify.records import SeedCustomer
from crossdock.sandbox.shopify.tokens import ALL_SCOPES
from tests.support.shopify_orders import marker_of, moved, order_of
from tests.support.shopify_shop import Shop, open_shop

LONG_AGO = datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
async def shop() -> AsyncGenerator[Shop]:
    async with open_shop() as opened:
        yield opened


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def plain(count: int) -> list[SeedOrder]:
    return [
        SeedOrder(
            lines=[SeedLine("Mug", 2, "10.00")],
            processed_at=LONG_AGO + timedelta(hours=number),
            email=f"reader{number}@example.com",
        )
        for number in range(count)
    ]


RICH = SeedOrder(
    lines=[
        SeedLine("Mug", 3, "10.00", sku="MUG-1", discount="4.00", taxes=[SeedTax("VAT", "4.94", "0.19")]),
        SeedLine("Tea", 1, "5.00", variant_title="Green", properties=[("Gift", "yes")]),
    ],
    processed_at=LONG_AGO,
    name="#2001",
    email="ada@example.com",
    phone="+12125550100",
    customer_email="ada@example.com",
    shipping_lines=[SeedShipping("Parcel", "4.90", code="P", taxes=[SeedTax("VAT", "0.93", "0.19")])],
    discounts=[SeedDiscount(code="SPRING", value="4.00")],
    transactions=[SeedTransaction("41.77", gateway="Card", processed_at=LONG_AGO + timedelta(hours=1))],
    refunds=[SeedRefund("10.00", note="Broken", created_at=LONG_AGO + timedelta(days=2), lines=[(0, 1)])],
    fulfillment_status="FULFILLED",
    note="Ring twice",
    tags=["priority"],
    attributes=[("Source", "fair")],
    billing={"first_name": "Ada", "address1": "1 Mill Street", "city": "New York", "zip": "10001"},
)


def orders(store: ShopifyStore) -> DetailedSource[Order]:
    source = store.source("order")
    assert isinstance(source, DetailedSource)
    return source


async def pages_of(store: ShopifyStore, cursor: str | None = None) -> list[Page[Order]]:
    return [page async for page in orders(store).read(cursor)]


def records(pages: Sequence[Page[Order]]) -> list[Order]:
    return [record for page in pages for record in page.records]


def ids(pages: Sequence[Page[Order]]) -> list[str]:
    return [record.id for record in records(pages)]


async def ask(shop: Shop, query: str, **variables: object) -> dict[str, object]:
    """Ask the sandbox as another client does, past its rate limit."""
    headers = {"X-Shopify-Access-Token": "fixed-token"}
    async with httpx2.AsyncClient(base_url=shop.url, headers=headers) as client:
        content = {"query": query, "variables": variables}
        reply = await client.post("/admin/api/2026-10/graphql.json", json=content)
    answer = msgspec.json.decode(reply.content)
    assert "errors" not in answer, answer
    return answer["data"]


@pytest.mark.parametrize("threshold", [5_000, 100], ids=["pages", "export"])
async def test_a_store_is_read_whole_and_goes_on_after_each_cursor(shop: Shop, threshold: int) -> None:
    shop.sandbox.seed_orders(plain(620))
    store = shop.connect(replace(shop.config, bulk_read_threshold=threshold))
    await moved(store, [order_of("d1"), order_of("d2")], createAs="draft")
    pages = await pages_of(store)
    assert len(ids(pages)) == len(set(ids(pages))) == 622
    assert await orders(store).count() == 620
    assert not any(page.unreadable for page in pages)
    assert [record.marker for record in records(pages) if record.is_draft] == [
        str(marker_of(order_of(record_id))) for record_id in ("d2", "d1")
    ]
    for position, page in enumerate(pages, start=1):
        assert ids(await pages_of(shop.connect(), page.cursor)) == ids(pages[position:])


async def test_a_header_tells_what_matching_needs(shop: Shop) -> None:
    shop.sandbox.seed([SeedCustomer(email="ada@example.com", first_name="Ada")])
    shop.sandbox.seed_orders([RICH])
    (one,) = records(await pages_of(shop.connect()))
    assert (one.number, one.bare_number, one.email) == ("#2001", "2001", "ada@example.com")
    assert (one.total, one.total_tax, one.refunded) == (usd("41.77"), usd("5.87"), usd("10"))
    assert (one.created_at, one.status_key()) == (LONG_AGO, OrderStatus.COMPLETED)
    assert (one.financial_status, one.fulfillment_status) == ("partially_refunded", "fulfilled")
    assert one.customer_id.startswith("gid://shopify/Customer/")
    assert (one.line_count, one.marker, one.is_draft) == (None, "", False)


async def test_a_whole_order_adds_up_and_holds_every_part(shop: Shop) -> None:
    shop.sandbox.seed([SeedCustomer(email="ada@example.com", first_name="Ada")])
    shop.sandbox.seed_orders([RICH])
    store = shop.connect()
    (known,) = ids(await pages_of(store))
    one = (await orders(store).get([known]))[known]
    assert one.sum_of_parts() == one.total == usd("41.77")
    assert [(line.title, line.quantity, line.subtotal, line.total) for line in one.lines] == [
        ("Mug", 3, usd("30"), usd("26")),
        ("Tea", 1, usd("5"), usd("5")),
    ]
    assert (one.lines[0].sku, one.lines[1].variant_title) == ("MUG-1", "Green")
    assert one.lines[0].taxes[0].rate == Decimal("0.19")
    assert one.lines[1].attributes == (("Gift", "yes"),)
    assert [(line.title, line.price, line.code) for line in one.shipping_lines] == [("Parcel", usd("4.90"), "P")]
    assert one.coupons == (Coupon("SPRING", usd("4")),)
    assert one.payment_title == "Card"
    assert one.paid_at == LONG_AGO + timedelta(hours=1)
    assert [(back.amount, back.reason, back.lines[0].line_id) for back in one.refunds] == [
        (usd("10"), "Broken", one.lines[0].id)
    ]
    assert (one.note, one.tags, one.attributes) == ("Ring twice", ("priority",), (("Source", "fair"),))
    assert one.billing is not None
    assert one.billing.address1 == "1 Mill Street"
    figures = {name: str(money) for name, money in one.figures().amounts.items()}
    assert figures == {"gross": "41.77", "tax": "5.87", "shipping": "4.90", "discount": "4.00", "refund": "10.00"}
    assert (one.line_count, one.comparable_line_count) == (2, 2)


async def test_outlines_count_lines_of_orders_and_drafts_and_leave_out_what_is_gone(shop: Shop) -> None:
    shop.sandbox.seed_orders([*plain(1), RICH])
    store = shop.connect()
    draft = (await moved(store, [order_of("d1")], createAs="draft")).ids["d1"]
    known = ids(await pages_of(store))
    gone = ["gid://shopify/Order/1", "gid://shopify/DraftOrder/1", "17", "gid://shopify/Customer/1"]
    counted = {key: one.line_count for key, one in (await orders(store).outline([*known, *gone])).items()}
    assert set(counted) == set(known)
    assert sorted(counted[key] or 0 for key in known if key != draft) == [1, 2]
    whole = await orders(store).get([*known, *gone])
    assert {key: one.line_count for key, one in whole.items()} == counted
    assert {key: one.comparable_line_count for key, one in whole.items()} == {
        key: one.comparable_line_count for key, one in (await orders(store).outline(known)).items()
    }


async def test_lines_beyond_a_page_are_fetched(shop: Shop) -> None:
    many = [SeedLine(f"Mug {number}", 1, "1.00") for number in range(600)]
    shop.sandbox.seed_orders([SeedOrder(lines=many, processed_at=LONG_AGO)])
    store = shop.connect()
    (known,) = ids(await pages_of(store))
    assert (await orders(store).outline([known]))[known].line_count == 600
    whole = (await orders(store).get([known]))[known]
    assert [line.title for line in whole.lines] == [f"Mug {number}" for number in range(600)]
    assert whole.sum_of_parts() == whole.total == usd("600")


async def test_orders_that_are_hidden_are_never_taken_for_missing(shop: Shop) -> None:
    shop.sandbox.seed_orders(plain(3))
    shop.sandbox.issue_token("recent-only", [scope for scope in ALL_SCOPES if scope != "read_all_orders"])
    store = shop.connect(replace(shop.config, token="recent-only"))
    with pytest.raises(MissingScopeError) as caught:
        await pages_of(store)
    assert caught.value.code == "orders_older_than_60_days_hidden"
    levels = {finding.capability: finding.level for finding in await store.check()}
    assert levels["read_all_orders"] is FindingLevel.BLOCKER


async def test_drafts_that_are_hidden_are_never_taken_for_missing(shop: Shop) -> None:
    scopes = [scope for scope in ALL_SCOPES if "draft" not in scope]
    shop.sandbox.issue_token("without-drafts", scopes)
    store = shop.connect(replace(shop.config, token="without-drafts"))
    with pytest.raises(MissingScopeError) as caught:
        await pages_of(store)
    assert caught.value.code == "missing_scope"
    assert "read_draft_orders" in caught.value.message
    findings = {finding.capability: finding for finding in await store.check()}
    assert findings["read_draft_orders"].level is FindingLevel.WARNING
    assert findings["read_all_orders"].level is FindingLevel.PASS


async def test_webhooks_of_this_app_that_orders_set_off_are_named(shop: Shop) -> None:
    shop.sandbox.webhooks.append({"topic": "ORDERS_CREATE", "uri": "https://example.com/hook"})
    findings = {finding.capability: finding for finding in await shop.connect().check()}
    assert findings["webhooks"].level is FindingLevel.WARNING
    assert "orders create" in findings["webhooks"].message


async def test_a_token_for_customers_alone_may_connect(shop: Shop) -> None:
    shop.sandbox.issue_token("customers-only", ["read_customers", "write_customers"])
    findings = await shop.connect(replace(shop.config, token="customers-only")).check()
    assert [finding for finding in findings if finding.level is FindingLevel.BLOCKER] == []
    assert {finding.capability for finding in findings if finding.level is FindingLevel.WARNING} == {"read_orders"}


async def test_a_development_store_says_that_orders_take_long(shop: Shop) -> None:
    shop.sandbox.is_development = True
    levels = {finding.capability: finding.level for finding in await shop.connect().check()}
    assert levels["development_store"] is FindingLevel.WARNING


async def test_a_draft_of_ours_is_read_in_each_state_and_a_merchants_own_never(shop: Shop) -> None:
    store = shop.connect()
    made = await moved(store, [order_of("d1"), order_of("d2")], createAs="draft")
    own = {"lineItems": [{"title": "Tea", "quantity": 1, "originalUnitPriceWithCurrency": price("2.00")}]}
    create = "mutation ($input: DraftOrderInput!) { draftOrderCreate(input: $input) { userErrors { message } } }"
    await ask(shop, create, input={**own, "tags": ["crossdock"]})
    complete = "mutation ($id: ID!) { draftOrderComplete(id: $id) { userErrors { message } } }"
    await ask(shop, complete, id=made.ids["d1"])
    found = records(await pages_of(store))
    drafts = {one.id: one for one in found if one.is_draft}
    (real,) = (one for one in found if not one.is_draft)
    assert set(drafts) == set(made.ids.values())
    assert (drafts[made.ids["d1"]].became_id, drafts[made.ids["d1"]].status) == (real.id, "completed")
    assert (drafts[made.ids["d2"]].became_id, drafts[made.ids["d2"]].status) == ("", "open")
    assert drafts[made.ids["d2"]].bare_number == "d2"


def price(amount: str) -> dict[str, str]:
    return {"amount": amount, "currencyCode": "USD"}


async def test_drafts_are_found_whether_or_not_the_index_of_their_tags_has_caught_up(shop: Shop) -> None:
    shop.sandbox.rate = Rate("plus")
    store = shop.connect()
    made = await moved(store, [order_of("d1"), order_of("d2")], createAs="draft")
    own = {"lineItems": [{"title": "Tea", "quantity": 1, "originalUnitPriceWithCurrency": price("2.00")}]}
    several = " ".join(f"d{number}: draftOrderCreate(input: $input) {{ draftOrder {{ id }} }}" for number in range(52))
    for _ in range(5):
        await ask(shop, f"mutation ($input: DraftOrderInput!) {{ {several} }}", input=own)
    shop.sandbox.behaviour.index_lag_seconds = 3_600
    late = await moved(store, [order_of("d3")], createAs="draft")
    expected = {*made.ids.values(), *late.ids.values()}
    pages = await pages_of(store)
    assert sorted(ids(pages)) == sorted(expected)
    for position, page in enumerate(pages, start=1):
        assert ids(await pages_of(store, page.cursor)) == ids(pages[position:])
    wanted = [marker_of(order_of(record_id)) for record_id in ("d1", "d3", "nobody")]
    assert dict(await store.sink("order").find(wanted)) == {wanted[0]: made.ids["d1"], wanted[1]: late.ids["d3"]}


async def test_what_changed_since_is_told_and_nothing_else(shop: Shop) -> None:
    moment = datetime.now(UTC) - timedelta(hours=1)
    shop.sandbox.seed_orders([replace(one, updated_at=one.processed_at) for one in plain(300)])
    store = shop.connect()
    (changed,) = [one for one in records(await pages_of(store)) if one.email == "reader7@example.com"]
    drafted = (await moved(store, [order_of("d1")], createAs="draft")).ids["d1"]
    update = "mutation ($input: OrderInput!) { orderUpdate(input: $input) { userErrors { message } } }"
    await ask(shop, update, input={"id": changed.id, "note": "Changed"})
    shop.sandbox.seed_orders([replace(plain(1)[0], name="#NEW", updated_at=datetime.now(UTC))])
    found = [record async for page in orders(store).changed_since(moment) for record in page.records]
    assert {one.number for one in found if not one.is_draft} == {changed.number, "#NEW"}
    assert [one.id for one in found if one.is_draft] == [drafted]
    assert [
        one
        async for page in orders(store).changed_since(datetime.now(UTC) + timedelta(hours=1))
        for one in page.records
    ] == []


async def test_orders_of_a_source_are_read_with_our_own_notes_hidden(shop: Shop) -> None:
    store = shop.connect()
    made = await moved(store, [order_of("17")])
    (one,) = records(await pages_of(store))
    assert (one.id, one.marker) == (made.ids["17"], str(Marker("woocommerce", "shop.example.com", "order", "17")))
    assert one.bare_number == "17"
    whole = (await orders(store).get([one.id]))[one.id]
    assert whole.payment_title == "Credit card"
    assert not any(name.startswith("_crossdock") for name, _ in whole.attributes)
    assert [fee.title for fee in whole.fees] == ["Insurance"]
    assert whole.comparable_line_count == 3
