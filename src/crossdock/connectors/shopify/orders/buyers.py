"""The customers that orders are to belong to: whether they still exist, and which address is their default.

Owns that one question. It must not know orders or how an address is set back.

Source: Shopify Admin GraphQL API 2026-10: `orderCreate` makes the order's address its customer's default address.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from crossdock.connectors.shopify.documents import load
from crossdock.connectors.shopify.gid import is_customer_id
from crossdock.connectors.shopify.graphql import GraphQL

BUYERS: Final = load("orders/buyers.graphql")
MOST_AT_ONCE: Final = 250


class _Address(msgspec.Struct):
    id: str


class _Buyer(msgspec.Struct, rename="camel"):
    id: str = ""
    default_address: _Address | None = None


class _Buyers(msgspec.Struct):
    nodes: tuple[_Buyer | None, ...]


class Buyers:
    """Asks one store."""

    def __init__(self, graphql: GraphQL) -> None:
        self._graphql = graphql

    async def default_addresses(self, customer_ids: Sequence[str]) -> Mapping[str, str | None]:
        """Give each customer's default address, None where there is none; customers who are gone are absent."""
        known = [one for one in dict.fromkeys(customer_ids) if is_customer_id(one)]
        found: dict[str, str | None] = {}
        for start in range(0, len(known), MOST_AT_ONCE):
            ids = known[start : start + MOST_AT_ONCE]
            answer = await self._graphql.query(BUYERS, {"ids": ids}, _Buyers)
            for buyer in answer.nodes:
                if buyer is not None and buyer.id:
                    found[buyer.id] = buyer.default_address.id if buyer.default_address else None
        return found
