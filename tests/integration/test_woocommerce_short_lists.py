"""Lists that a cache or plugin answers with too few rows: read again, and never taken for the end of the store."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crossdock.connectors.woocommerce.store import WooCommerceConfig, WooCommerceStore
from crossdock.domain.errors import StoreUnavailableError
from crossdock.jobs.mutes import KeptMutes
from tests.integration.woocommerce_connected import Connected, person

Rows = list[dict[str, Any]]


class Cache(httpx2.ASGITransport):
    """Stands before a shop and spoils the answers that hold a list: `spoil` is told the offset asked for."""

    def __init__(self, shop: Connected) -> None:
        super().__init__(shop.app)
        self.spoil: Callable[[int, Rows], Rows] = lambda _, rows: rows
        self.hides_totals_from = 10_000
        self.asked: list[int] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        reply = await super().handle_async_request(request)
        await reply.aread()
        if not reply.content.startswith(b"[") or "per_page" not in request.url.params:
            return reply
        offset = int(request.url.params.get("offset", 0))
        self.asked.append(offset)
        headers = {"x-wp-total": reply.headers["x-wp-total"]} if offset < self.hides_totals_from else {}
        return httpx2.Response(200, json=self.spoil(offset, reply.json()), headers=headers)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Connected]:
    connected = Connected(tmp_path)
    connected.sandbox.seed({"email": f"p{number}@example.com", "role": "customer"} for number in range(1, 351))
    yield connected
    connected.state.close()


@pytest.fixture
def cache(shop: Connected) -> Cache:
    return Cache(shop)


@pytest.fixture
def store(shop: Connected, cache: Cache) -> WooCommerceStore:
    config = WooCommerceConfig(shop.sandbox.url, *shop.key)
    return WooCommerceStore(
        config, mutes=KeptMutes(shop.state), clock=shop.seconds, sleep=shop.sleep, chance=lambda: 0.0, transport=cache
    )


async def emails(store: WooCommerceStore) -> list[str]:
    return [record.email async for page in store.source("customer").read() for record in page.records]


SHORT: dict[str, Callable[[Rows], Rows]] = {
    "empty": lambda _: [],
    "half": lambda rows: rows[: len(rows) // 2],
    "one less": lambda rows: rows[:-1],
}


@pytest.mark.parametrize("shorten", SHORT.values(), ids=SHORT)
@pytest.mark.parametrize("offset", [0, 99, 297])
async def test_a_list_that_is_short_for_a_moment_is_read_again(
    store: WooCommerceStore, cache: Cache, shorten: Callable[[Rows], Rows], offset: int
) -> None:
    cache.spoil = lambda asked, rows: shorten(rows) if asked == offset and cache.asked.count(asked) < 3 else rows
    found = await emails(store)
    assert len(found) == len(set(found)) == 350


async def test_a_short_list_without_a_total_is_no_end_where_totals_were_told(
    store: WooCommerceStore, cache: Cache
) -> None:
    cache.hides_totals_from = 99
    cache.spoil = lambda asked, rows: rows[:50] if asked == 99 else rows
    with pytest.raises(StoreUnavailableError):
        await emails(store)


@pytest.mark.parametrize("shorten", SHORT.values(), ids=SHORT)
@pytest.mark.parametrize("offset", [0, 99, 297])
async def test_a_list_that_stays_short_fails(
    store: WooCommerceStore, cache: Cache, shorten: Callable[[Rows], Rows], offset: int
) -> None:
    cache.spoil = lambda asked, rows: shorten(rows) if asked == offset else rows
    with pytest.raises(StoreUnavailableError) as caught:
        await emails(store)
    assert caught.value.code == "cut_body"


async def test_a_store_that_never_tells_totals_is_read_to_its_short_list(store: WooCommerceStore, cache: Cache) -> None:
    cache.hides_totals_from = 0
    assert len(await emails(store)) == 350


async def test_effects_are_not_absent_because_a_list_was_short(
    shop: Connected, store: WooCommerceStore, cache: Cache
) -> None:
    people = [person(1), person(2)]
    began = shop.now
    await shop.send(people)
    cache.spoil = lambda asked, rows: [] if cache.asked.count(asked) < 3 else rows
    found = await store.sink("customer").find_effects(
        shop.creates(people), "crossdock_1_1", shop.now - began + timedelta(1)
    )
    assert len(found) == 2
