"""Pages of customers: only Shopify's plain word ends them."""

from typing import Any

import httpx2
import msgspec
import pytest

from crossdock.connectors.contract import AccessToken
from crossdock.connectors.shopify.store import ShopifyConfig, ShopifyStore
from crossdock.domain.errors import ContractViolationError


class NoTokens:
    """A token store that nobody needs beside a fixed token."""

    async def load(self, store_key: str) -> AccessToken | None:
        raise AssertionError(store_key)

    async def save(self, store_key: str, token: AccessToken) -> None:
        raise AssertionError(store_key, token)


def open_store(*infos: object) -> ShopifyStore:
    """Open a store whose pages, of one customer each, say this of what follows."""
    pages = list(infos)

    def answer(request: httpx2.Request) -> httpx2.Response:
        if "CrossdockCustomersCount" in msgspec.json.decode(request.content)["query"]:
            return httpx2.Response(200, json={"data": {"customersCount": {"count": len(infos)}}})
        nodes = [{"id": f"gid://shopify/Customer/{len(pages)}"}]
        data: dict[str, Any] = {"customers": {"nodes": nodes, "pageInfo": pages.pop(0)}}
        return httpx2.Response(200, json={"data": data})

    config = ShopifyConfig("harbour-books.myshopify.com", token="fixed-token")
    return ShopifyStore(config, tokens=NoTokens(), transport=httpx2.MockTransport(answer))


def page(cursor: str | None, *, more: object = True) -> dict[str, object]:
    return {"hasNextPage": more, "endCursor": cursor}


async def read(store: ShopifyStore) -> int:
    return sum([len(found.records) + len(found.unreadable) async for found in store.source("customer").read()])


async def test_pages_are_read_to_the_one_that_has_no_next() -> None:
    assert await read(open_store(page("a"), page("b"), page("c", more=False))) == 3
    assert await read(open_store(page(None, more=False))) == 1


@pytest.mark.parametrize(
    "spoilt",
    [page(None), page(""), page("a"), page("b", more=None), {"endCursor": "b"}, {}, None],
    ids=["no cursor", "an empty cursor", "the same cursor", "unsaid", "left out", "nothing", "null"],
)
async def test_a_page_that_does_not_say_what_follows_is_no_end(spoilt: object) -> None:
    with pytest.raises(ContractViolationError) as caught:
        await read(open_store(page("a"), spoilt, page("c", more=False)))
    assert caught.value.code == "reply_unknown"
