"""What a migration looks up in a Shopify sandbox: orders by marker, names, numbers, variants and buyers."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest

from crossdock.connectors.http import StoreHttp
from crossdock.connectors.shopify.auth import Tokens
from crossdock.connectors.shopify.bulk import BulkOperations
from crossdock.connectors.shopify.files import BulkFiles
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.orders.buyers import Buyers
from crossdock.connectors.shopify.orders.lookup import OrderLookup
from crossdock.connectors.shopify.variants import VariantLookup
from crossdock.connectors.throttle import CostBucket
from crossdock.sandbox.shopify.order_seeds import SeedLine, SeedOrder, SeedVariant
from crossdock.sandbox.shopify.records import SeedCustomer
from tests.support.shopify_orders import marker_of, moved, order_of
from tests.support.shopify_shop import Shop, brief, open_shop, utc_now

LONG_AGO = datetime(2021, 3, 4, tzinfo=UTC)


class Line:
    """A line to a sandbox: the parts below a store that lookups are made of. `time` is what their clock says."""

    def __init__(self, shop: Shop) -> None:
        self.time = 0.0
        http = StoreHttp(shop.url, sleep=brief)
        tokens = Tokens(shop.config, http, shop, now=utc_now, sleep=brief)
        self.graphql = GraphQL(http, tokens, CostBucket(sleep=brief), version="2026-10", sleep=brief)
        files = BulkFiles(sandbox_origin=shop.url, sleep=brief)
        self.bulk = BulkOperations(self.graphql, files, poll_seconds=(0.01,), sleep=brief)
        self.closing = (http, files)

    def variants(self, threshold: int = 5_000) -> VariantLookup:
        return VariantLookup(self.graphql, self.bulk, bulk_threshold=threshold, clock=lambda: self.time)


@pytest.fixture
async def shop() -> AsyncGenerator[Shop]:
    async with open_shop() as opened:
        yield opened


@pytest.fixture
async def line(shop: Shop) -> AsyncGenerator[Line]:
    opened = Line(shop)
    yield opened
    for part in opened.closing:
        await part.aclose()


def named(*names: str) -> list[SeedOrder]:
    return [SeedOrder(lines=[SeedLine("Mug", 1, "1.00")], processed_at=LONG_AGO, name=name) for name in names]


async def test_orders_are_found_by_our_marker_at_once_and_only_by_the_whole_of_it(shop: Shop, line: Line) -> None:
    shop.sandbox.behaviour.index_lag_seconds = 3_600
    lookup = OrderLookup(line.graphql)
    wanted = [marker_of(order_of(str(number))) for number in range(1, 131)]
    assert await lookup.orders_by_markers(wanted) == {}
    store = shop.connect()
    await store.sink("order").prepare("run-1")
    made = await moved(store, [order_of("1"), order_of("13"), order_of("130")])
    found = await lookup.orders_by_markers(wanted)
    assert {marker.source_id: record_id for marker, record_id in found.items()} == made.ids


async def test_a_draft_is_no_order_by_its_marker_and_is_found_as_a_draft(shop: Shop, line: Line) -> None:
    made = await moved(shop.connect(), [order_of("5")], createAs="draft")
    lookup, marker = OrderLookup(line.graphql), marker_of(order_of("5"))
    assert await lookup.orders_by_markers([marker]) == {}
    assert await lookup.drafts_by_markers([marker, marker_of(order_of("6"))]) == {marker: made.ids["5"]}
    assert await lookup.find([marker]) == {marker: made.ids["5"]}
    asked = shop.sandbox.counters.requests
    assert await lookup.find([]) == {}
    assert shop.sandbox.counters.requests == asked


async def test_names_that_are_taken_are_told_whatever_is_in_them(shop: Shop, line: Line) -> None:
    taken = ["#1001", "Sam's \\ 7", '#"7" OR name:*', "#W5"]
    shop.sandbox.seed_orders(named(*taken, "#1001", "#10011"))
    lookup = OrderLookup(line.graphql)
    assert await lookup.taken_names([*taken, "#1002", "#100", "#W"]) == set(taken)
    assert await lookup.taken_names([]) == set()


async def test_the_next_number_is_one_above_the_highest(shop: Shop, line: Line) -> None:
    lookup = OrderLookup(line.graphql)
    assert await lookup.next_number() == 1001
    shop.sandbox.seed_orders(named("Anything", "#9999"))
    assert await lookup.next_number() == 1003


@pytest.mark.parametrize("threshold", [5_000, 250], ids=["pages", "export"])
async def test_variants_are_found_by_sku_case_by_case(shop: Shop, line: Line, threshold: int) -> None:
    shop.sandbox.seed_variants(
        [
            *(SeedVariant(f"SKU-{number}", f"Product {number}") for number in range(600)),
            *(SeedVariant("mug", "Mug"), SeedVariant("MUG", "Mug"), SeedVariant("MUG", "Another mug")),
            *(SeedVariant("", "Without"), SeedVariant("MUG", "A third mug")),
        ]
    )
    variants = line.variants(threshold)
    found = await variants.by_sku(["SKU-7", "SKU-599", "mug", "MUG", "Mug", "", "none"])
    assert {sku: len(ids) for sku, ids in found.items()} == {"SKU-7": 1, "SKU-599": 1, "mug": 1, "MUG": 3}
    assert all(one.startswith("gid://shopify/ProductVariant/") for ids in found.values() for one in ids)
    assert len({one for ids in found.values() for one in ids}) == 6


async def test_variants_are_read_once_and_again_when_they_may_have_changed(shop: Shop, line: Line) -> None:
    variants = line.variants()
    assert await variants.by_sku(["MUG"]) == {}
    shop.sandbox.seed_variants([SeedVariant("MUG")])
    requests = shop.sandbox.counters.requests
    assert await variants.by_sku(["MUG"]) == {}
    assert shop.sandbox.counters.requests == requests
    line.time = 601.0
    assert set(await variants.by_sku(["MUG"])) == {"MUG"}


async def test_a_shop_that_gives_no_export_is_read_by_pages(shop: Shop, line: Line) -> None:
    shop.sandbox.behaviour.is_bulk_enabled = False
    shop.sandbox.seed_variants([SeedVariant(f"SKU-{number}", f"Product {number}") for number in range(600)])
    assert len(await line.variants(250).by_sku([f"SKU-{number}" for number in range(600)])) == 600


async def test_buyers_tell_their_default_address_and_whether_they_exist(shop: Shop, line: Line) -> None:
    home = {"address1": "1 Mill Street", "city": "New York", "zip": "10001", "country_code_v2": "US"}
    shop.sandbox.seed(
        [
            SeedCustomer(email="ada@example.com", first_name="Ada", addresses=[home]),
            SeedCustomer(email="eve@example.com", first_name="Eve"),
        ]
    )
    store = shop.connect()
    known = {one.email: one.id async for page in store.source("customer").read() for one in page.records}
    gone = "gid://shopify/Customer/1"
    found = await Buyers(line.graphql).default_addresses([*known.values(), *known.values(), gone, "17", ""])
    assert set(found) == set(known.values())
    assert (found[known["ada@example.com"]] or "").startswith("gid://shopify/MailingAddress/")
    assert found[known["eve@example.com"]] is None
