"""Finding orders and drafts by our markers, and which names an order may still be given.

Owns lookups that a migration asks before and after it writes. It must not know how records are written.

Source: Shopify Admin GraphQL API 2026-10, `orderByIdentifier`, which sees a write immediately. Drafts have no lookup by
identifier, and the index of their tags lags: the newest are listed without a query, all others by our tag.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

import msgspec

from crossdock.connectors.shopify.config import MARKER_KEY, MARKER_NAMESPACE
from crossdock.connectors.shopify.customers.wire import Found
from crossdock.connectors.shopify.documents import Document, document, load
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.orders.words import DRAFT_TAG
from crossdock.connectors.shopify.paging import PageInfo, next_after
from crossdock.connectors.shopify.refusals import RefusedDocumentError
from crossdock.domain.errors import ContractViolationError
from crossdock.domain.identity import Marker

DRAFT_MARKERS: Final = load("orders/draft_markers.graphql")
NAMES: Final = load("orders/names.graphql")
NEWEST_NUMBER: Final = load("orders/newest_number.graphql")

MOST_AT_ONCE: Final = 100
FIRST_NUMBER: Final = 1001
"""The number of a shop's first order."""

_NO_DEFINITION: Final = "NOT_FOUND"
_MOST_NAME_PAGES: Final = 20


class _Drafts(msgspec.Struct, rename="camel"):
    nodes: tuple[Found, ...]
    page_info: PageInfo


class _DraftsPage(msgspec.Struct, rename="camel"):
    draft_orders: _Drafts


class _Named(msgspec.Struct):
    name: str


class _Names(msgspec.Struct, rename="camel"):
    nodes: tuple[_Named, ...]
    page_info: PageInfo


class _NamesPage(msgspec.Struct):
    orders: _Names


class _Numbered(msgspec.Struct):
    number: int


class _Numbers(msgspec.Struct):
    nodes: tuple[_Numbered, ...]


class _NewestNumber(msgspec.Struct):
    orders: _Numbers


class OrderLookup:
    """Finds orders and drafts of one store."""

    def __init__(self, graphql: GraphQL) -> None:
        self._graphql = graphql

    async def find(self, markers: Sequence[Marker]) -> Mapping[Marker, str]:
        """Find the orders, and else the drafts, that carry these markers; gives their ids."""
        orders = await self.orders_by_markers(markers)
        drafts = await self.drafts_by_markers([marker for marker in markers if marker not in orders])
        return {**orders, **drafts}

    async def orders_by_markers(self, markers: Sequence[Marker]) -> Mapping[Marker, str]:
        """Find the orders that carry these markers; gives their ids. One request for each hundred."""
        found: dict[Marker, str] = {}
        for start in range(0, len(markers), MOST_AT_ONCE):
            chunk = markers[start : start + MOST_AT_ONCE]
            orders = await self._identified(chunk)
            for number, marker in enumerate(chunk):
                order = orders.get(f"o{number}")
                if order is not None and order.marker == str(marker):
                    found[marker] = order.id
        return found

    async def drafts_by_markers(self, markers: Sequence[Marker]) -> Mapping[Marker, str]:
        """Find the drafts that carry these markers; gives their ids. Reads all of our drafts where it must."""
        wanted = {str(marker): marker for marker in markers}
        found: dict[Marker, str] = {}
        if not wanted:
            return found
        async for draft in self._our_drafts():
            if len(found) == len(wanted):
                break
            marker = wanted.get(draft.marker)
            if marker is not None:
                found[marker] = draft.id
        return found

    async def taken_names(self, names: Sequence[str]) -> frozenset[str]:
        """Tell which of up to a hundred names orders of the store have; a name may be taken more than once.

        The search index lags: an order of the last minutes may be missing.

        Raises:
            ContractViolationError: Shopify does not look for names as it was asked to.
        """
        wanted = frozenset(names[:MOST_AT_ONCE])
        if not wanted:
            return wanted
        query = " OR ".join(f"name:{quoted(name)}" for name in sorted(wanted))
        taken, after = set[str](), None
        for _ in range(_MOST_NAME_PAGES):
            page = (await self._graphql.query(NAMES, {"query": query, "after": after}, _NamesPage)).orders
            taken |= {node.name for node in page.nodes} & wanted
            after = next_after(page.page_info, after, NAMES.name)
            if after is None or len(taken) == len(wanted):
                return frozenset(taken)
        text = "Shopify gives orders of other names than were asked for. Try again later."
        raise ContractViolationError("reply_unknown", text, NAMES.name)

    async def next_number(self) -> int:
        """Tell which number Shopify gives at least to its next order."""
        found = (await self._graphql.query(NEWEST_NUMBER, {}, _NewestNumber)).orders.nodes
        return found[0].number + 1 if found else FIRST_NUMBER

    async def _identified(self, markers: Sequence[Marker]) -> Mapping[str, Found | None]:
        variables = {
            f"i{number}": {"customId": {"namespace": MARKER_NAMESPACE, "key": MARKER_KEY, "value": str(marker)}}
            for number, marker in enumerate(markers)
        }
        try:
            return await self._graphql.query(orders_document(len(markers)), variables, dict[str, Found | None])
        except RefusedDocumentError as error:
            if any(part.extensions.code == _NO_DEFINITION for part in error.errors):
                # Without the definition of our marker nothing in this store carries one.
                return {}
            raise

    async def _our_drafts(self) -> AsyncIterator[Found]:
        newest = await self._drafts(None, None, newest_first=True)
        for draft in newest.nodes:
            yield draft
        if not newest.page_info.has_next_page:
            return
        after = None
        while True:
            page = await self._drafts(f"tag:{quoted(DRAFT_TAG)}", after, newest_first=False)
            for draft in page.nodes:
                yield draft
            after = next_after(page.page_info, after, DRAFT_MARKERS.name)
            if after is None:
                return

    async def _drafts(self, query: str | None, after: str | None, *, newest_first: bool) -> _Drafts:
        variables = {"query": query, "after": after, "newestFirst": newest_first}
        return (await self._graphql.query(DRAFT_MARKERS, variables, _DraftsPage)).draft_orders


def orders_document(count: int) -> Document:
    """Make the document that looks for `count` identifiers `$i0`, `$i1` and so on, and answers as `o0`, `o1`."""
    declared = ", ".join(f"$i{number}: OrderIdentifierInput!" for number in range(count))
    fields = f'{{ id metafield(namespace: "{MARKER_NAMESPACE}", key: "{MARKER_KEY}") {{ value }} }}'
    lines = "\n".join(f"  o{number}: orderByIdentifier(identifier: $i{number}) {fields}" for number in range(count))
    return document(f"query CrossdockOrdersByIdentifier{count}({declared}) {{\n{lines}\n}}\n", points=2 * count)


def quoted(text: str) -> str:
    """Write a value of a search query, so that nothing in it is read as part of the query."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
