"""Orders and guests read from WooCommerce: all of them once, and as much of each as is needed."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest

from crossdock.connectors.contract import DetailedSource, Page
from crossdock.connectors.woocommerce.customers.reader import CustomerReader
from crossdock.connectors.woocommerce.store import WooCommerceConfig, WooCommerceStore
from crossdock.domain.customer import Customer
from crossdock.domain.errors import ConfigurationError, ContractViolationError
from crossdock.domain.money import Money
from crossdock.domain.order import Order
from crossdock.jobs.mutes import KeptMutes
from tests.integration.woocommerce_connected import Connected


class Plugin(httpx2.ASGITransport):
    """Writes amounts in a form of its own for one odd currency."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        reply = await super().handle_async_request(request)
        await reply.aread()
        headers = {name: value for name, value in reply.headers.items() if name != "content-length"}
        text = re.sub(r'("currency":"ODD".*?"total":)"5.00[0]*"', r'\1{"amount":5}', reply.text)
        return httpx2.Response(reply.status_code, text=text, headers=headers)


@pytest.fixture(params=["hpos", "posts"])
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Connected]:
    connected = Connected(tmp_path)
    connected.sandbox.modes.hpos = request.param == "hpos"
    yield connected
    connected.state.close()


def record(number: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    line = {"id": number * 10, "name": "Mug", "quantity": 1, "subtotal": "5.00", "total": "5.00", "sku": "MUG"}
    base = {"id": number, "status": "completed", "total": "5.00", "currency": "USD", "line_items": [line]}
    return {**base, "billing": {"email": f"p{number}@example.com"}, **fields}


def orders_of(shop: Connected) -> DetailedSource[Order]:
    return cast("DetailedSource[Order]", shop.store.source("order"))


async def all_of(pages: AsyncIterator[Page[Any]]) -> list[Any]:
    return [record async for page in pages for record in page.records]


async def test_every_order_is_read_once_without_its_lines(shop: Connected) -> None:
    shop.sandbox.load_orders(record(number) for number in range(1, 251))
    source = orders_of(shop)
    orders: list[Order] = await all_of(source.read())
    assert [order.id for order in orders] == [str(number) for number in range(1, 251)]
    assert {order.line_count for order in orders} == {None}
    assert await source.count() == 250
    asked = [call for call in shop.faults.calls if call.path.endswith("/orders")]
    assert len(asked) <= 4


async def test_a_reading_goes_on_at_its_cursor_and_survives_deletions(shop: Connected) -> None:
    shop.sandbox.load_orders(record(number) for number in range(1, 251))
    source = orders_of(shop)
    pages = source.read()
    first = await anext(pages)
    for number in range(1, 40):
        await shop.store._transport.write("DELETE", f"orders/{number}", params={"force": "true"})
    rest = await all_of(source.read(first.cursor))
    read = [order.id for order in [*first.records, *rest]]
    assert len(read) == len(set(read))
    assert set(read) >= {str(number) for number in range(40, 251)}


async def test_drafts_and_what_is_thrown_away_are_no_orders(shop: Connected) -> None:
    statuses = ["pending", "checkout-draft", "trash", "failed", "auto-draft", "cancelled"]
    shop.sandbox.load_orders(record(at, status=status) for at, status in enumerate(statuses, 1))
    source = orders_of(shop)
    assert [order.status for order in await all_of(source.read())] == ["pending", "failed", "cancelled"]
    found = await source.get([str(number) for number in range(1, 8)])
    assert {order.status for order in found.values()} == {"pending", "failed", "cancelled"}


async def test_an_order_whose_status_plugin_is_gone_is_still_there(shop: Connected) -> None:
    shop.sandbox.load_orders([record(1, status="awaiting-pickup"), record(2)])
    found = await shop.store.source("order").get(["1", "2", "3", "guest:x"])
    assert set(found) == {"1", "2"}
    assert found["1"].unknown == ("awaiting-pickup",)


async def test_amounts_finer_than_the_shops_decimals_are_read_as_they_are(shop: Connected) -> None:
    shop.sandbox.load_orders([record(1, currency="KWD", total="5.125")])
    source = orders_of(shop)
    (light,) = await all_of(source.read())
    assert str(light.total) == "5.125"
    assert (await source.get(["1"]))["1"].total == light.total


async def test_lines_are_counted_apart(shop: Connected) -> None:
    nothing = {"id": 98, "name": "None", "quantity": 0, "total": "0"}
    lines = [*record(1)["line_items"], nothing]
    shop.sandbox.load_orders([record(1, line_items=lines, fee_lines=[{"id": 99, "name": "Wrap", "total": "1.00"}])])
    outline = await orders_of(shop).outline(["1", "2"])
    assert set(outline) == {"1"}
    assert (outline["1"].line_count, outline["1"].comparable_line_count) == (2, 2)


async def test_orders_come_whole_with_their_refunds(shop: Connected) -> None:
    shop.sandbox.load_orders([record(1, total="9.00", refunds=[{"id": 7, "reason": "", "total": "-2.00"}])])
    back = {"id": 71, "name": "Mug", "quantity": -1, "total": "-2.00", "meta_data": [
        {"id": 5, "key": "_refunded_item_id", "value": "10", "display_key": "_refunded_item_id", "display_value": "10"}
    ]}  # fmt: skip
    shop.sandbox.load_refunds(
        [{"id": 7, "order_id": 1, "amount": "2.00", "reason": "Broken", "date_created_gmt": "2026-03-01T10:00:00",
          "line_items": [back]}]
    )  # fmt: skip
    order = (await shop.store.source("order").get(["1"]))["1"]
    (refund,) = order.refunds
    assert (refund.reason, refund.amount) == ("Broken", Money.of(2, "USD"))
    assert refund.created_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert [(line.line_id, line.quantity) for line in refund.lines] == [("10", 1)]


async def test_what_changed_since_a_moment_is_read_again(shop: Connected) -> None:
    shop.sandbox.load_orders(record(number, date_modified_gmt="2026-01-01T00:00:00") for number in range(1, 6))
    moment = shop.now
    await shop.store._transport.write("PUT", "orders/3", {"customer_note": "x"})
    changed = await all_of(orders_of(shop).changed_since(moment))
    assert [order.id for order in changed] == ["3"]
    later = await all_of(orders_of(shop).changed_since(moment + timedelta(minutes=1)))
    assert later == []


async def test_an_order_that_does_not_fit_is_told_by_its_id_and_ends_nothing(shop: Connected) -> None:
    shop.sandbox.load_orders([record(1), record(2, currency="ODD"), record(3)])
    config = WooCommerceConfig(shop.sandbox.url, *shop.key)
    source = WooCommerceStore(config, mutes=KeptMutes(shop.state), transport=Plugin(shop.app)).source("order")
    pages = [page async for page in source.read()]
    assert [order.id for page in pages for order in page.records] == ["1", "3"]
    assert [record.id for page in pages for record in page.unreadable] == ["2"]
    with pytest.raises(ContractViolationError) as caught:
        await source.get(["1", "2"])
    assert caught.value.code == "record_unreadable"


async def test_a_missing_route_is_no_missing_order(shop: Connected) -> None:
    shop.faults.set_rules([{"kind": "error_before", "path": "orders/9", "status": 404, "times": 0}])
    with pytest.raises(ConfigurationError) as caught:
        await shop.store.source("order").get(["9"])
    assert caught.value.code == "store_not_woocommerce"


async def test_guests_are_read_from_orders_and_found_again(shop: Connected) -> None:
    shop.sandbox.load_customers([{"id": 3, "email": "member@example.com", "role": "customer"}])
    person = {"first_name": "Ada", "last_name": "Byron", "address_1": "1 Mill", "country": "GB", "phone": "1"}
    shop.sandbox.load_orders(
        [
            record(1, billing={"email": "Ada@Example.com", "first_name": "A."}),
            record(2, billing={"email": "member@example.com"}, customer_id=3),
            record(3, billing={"email": "ada@example.com", **person}),
            record(4, billing={"email": ""}),
            record(5, billing={"email": "b@bücher.example"}),
        ]
    )
    source = cast("CustomerReader", shop.store.source("customer"))
    guests: list[Customer] = await all_of(source.read_guests())
    assert [guest.id for guest in guests] == [
        "guest:ada@example.com",
        "guest:ada@example.com",
        "guest:b@xn--bcher-kva.example",
    ]
    asked = ["3", "guest:ada@example.com", "guest:member@example.com", "guest:b@xn--bcher-kva.example"]
    found = await source.get(asked)
    assert set(found) == {asked[0], asked[1], asked[3]}
    ada = found["guest:ada@example.com"]
    assert (ada.first_name, ada.is_guest, ada.phone) == ("Ada", True, "1")
    assert [address.address1 for address in ada.addresses] == ["1 Mill"]
