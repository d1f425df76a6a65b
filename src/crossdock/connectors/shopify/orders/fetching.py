"""Fetching orders and drafts by their ids: whole, or only how many lines they have.

Owns how many go into a request and how lines beyond a page are fetched. It must not know how ids were found.

Source: Shopify Admin GraphQL API 2026-10, `nodes`: a request may cost 1,000 points and give 250 lines of each order.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from crossdock.connectors.contract import MAX_IDS
from crossdock.connectors.shopify.documents import Document, load
from crossdock.connectors.shopify.gid import is_draft_id, is_order_id
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.orders import wire
from crossdock.connectors.shopify.orders.decoding import Node, id_of, nodes_of
from crossdock.connectors.shopify.orders.drafts import to_draft
from crossdock.connectors.shopify.orders.mapping import to_order, to_outline
from crossdock.connectors.shopify.orders.terms import NumberFormat
from crossdock.connectors.shopify.paging import next_after
from crossdock.domain.errors import ContractViolationError, UnmappableValueError
from crossdock.domain.order import Order

_PARTS: Final = ("orders/taxes.graphql", "orders/address.graphql")
BY_IDS: Final = load(
    "orders/by_ids.graphql", "orders/header.graphql", "orders/line.graphql", "orders/refunds.graphql", *_PARTS
)
DRAFTS_BY_IDS: Final = load(
    "orders/drafts_by_ids.graphql", "orders/draft_header.graphql", "orders/draft_line.graphql", *_PARTS
)
OUTLINE: Final = load("orders/outline.graphql", "orders/refunds.graphql")
LINES: Final = load("orders/lines.graphql", "orders/line.graphql", "orders/draft_line.graphql", "orders/taxes.graphql")

MOST_WHOLE: Final = 20
"""How many whole orders are asked for at once: a reply of more can take Shopify longer than it gives itself."""


class OrderFetching:
    """Fetches orders and drafts of one store."""

    def __init__(self, graphql: GraphQL) -> None:
        self._graphql = graphql

    async def whole(self, ids: Sequence[str], form: NumberFormat) -> Mapping[str, Order]:
        """Fetch up to `MAX_IDS` whole orders and drafts.

        Raises:
            ContractViolationError: `record_unreadable`, one of them does not fit our wire model.
        """
        found: dict[str, Order] = {}
        known = ids[:MAX_IDS]
        try:
            for chunk in _chunks([one for one in known if is_order_id(one)]):
                for order in _all(await self._nodes(BY_IDS, chunk), wire.Order):
                    found[order.id] = to_order(order, await self._lines(order), form)
            for chunk in _chunks([one for one in known if is_draft_id(one)]):
                for draft in _all(await self._nodes(DRAFTS_BY_IDS, chunk), wire.Draft):
                    found[draft.id] = to_draft(draft, await self._lines(draft), form)
        except UnmappableValueError as error:
            raise ContractViolationError("record_unreadable", error.message) from None
        return found

    async def outlines(self, ids: Sequence[str]) -> Mapping[str, Order]:
        """Count the lines of up to `MAX_IDS` orders and drafts; what can't be read is absent."""
        known = [one for one in ids[:MAX_IDS] if is_order_id(one) or is_draft_id(one)]
        if not known:
            return {}
        raws = await self._nodes(OUTLINE, known)
        orders, _ = nodes_of((raw for raw in raws if is_order_id(id_of(raw))), wire.Order)
        drafts, _ = nodes_of((raw for raw in raws if is_draft_id(id_of(raw))), wire.Draft)
        found: dict[str, Order] = {}
        for node in (*orders, *drafts):
            lines = await self._lines(node)
            try:
                found[node.id] = to_outline(node, lines)
            except UnmappableValueError:
                continue
        return found

    async def _nodes(self, document: Document, ids: Sequence[str]) -> list[msgspec.Raw]:
        return (await self._graphql.query(document, {"ids": ids}, wire.Nodes)).nodes

    async def _lines(self, node: wire.Order | wire.Draft) -> list[wire.LineItem]:
        """Give all lines; those beyond the first page are asked for."""
        page = node.line_items
        lines = list(page.nodes) if page else []
        after = next_after(page.page_info, None, LINES.name) if page else None
        while after is not None:
            more = (await self._graphql.query(LINES, {"id": node.id, "after": after}, wire.MoreLines)).node
            if more is None or more.line_items is None:
                raise ContractViolationError("record_unreadable", "The order was deleted while it was read.", node.id)
            lines += more.line_items.nodes
            after = next_after(more.line_items.page_info, after, LINES.name)
        return lines


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), MOST_WHOLE):
        yield ids[start : start + MOST_WHOLE]


def _all(raws: Sequence[msgspec.Raw], shape: type[Node]) -> Sequence[Node]:
    nodes, unreadable = nodes_of(raws, shape)
    if unreadable:
        raise ContractViolationError("record_unreadable", unreadable[0].reason, unreadable[0].id)
    return nodes
