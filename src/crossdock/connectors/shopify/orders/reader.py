"""Reading orders: headers by pages of 250 or by one export, and after them our drafts.

Owns which way is taken, and cursors for all of them. It must not know how whole orders are fetched, nor what is done
with the records.

Source: Shopify Admin GraphQL API 2026-10. The destination is read without a query: an ignored filter gives all, and a
working one would hide records. Drafts are listed by our tag, whose index lags: the newest are read without it.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from crossdock.connectors.contract import Cursor, Page
from crossdock.connectors.shopify.bulk import BulkOperations
from crossdock.connectors.shopify.documents import load
from crossdock.connectors.shopify.gid import legacy_number
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.orders import wire
from crossdock.connectors.shopify.orders.decoding import id_of, nodes_of, records_of
from crossdock.connectors.shopify.orders.drafts import to_draft_header
from crossdock.connectors.shopify.orders.fetching import OrderFetching
from crossdock.connectors.shopify.orders.mapping import to_header
from crossdock.connectors.shopify.orders.terms import NumberFormat, OrderTerms
from crossdock.connectors.shopify.orders.words import DRAFT_TAG
from crossdock.connectors.shopify.paging import EXPORTED, Connection, Exports, walk
from crossdock.domain.kinds import ORDER, RecordKind
from crossdock.domain.order import Order

_HEADER: Final = "orders/header.graphql"
_DRAFT: Final = "orders/draft_header.graphql"
PAGE: Final = load("orders/page.graphql", _HEADER)
CHANGED: Final = load("orders/changed.graphql", _HEADER)
BULK: Final = load("orders/bulk.graphql", _HEADER)
COUNT: Final = load("orders/count.graphql")
DRAFTS: Final = load("orders/drafts.graphql", _DRAFT)

_PAGED: Final = "page:"
_DRAFTED: Final = "draft:"


class OrderReader:
    """Reads the orders of one store; from `bulk_threshold` orders on by an export."""

    def __init__(
        self,
        graphql: GraphQL,
        bulk: BulkOperations,
        terms: OrderTerms,
        fetching: OrderFetching,
        *,
        bulk_threshold: int,
    ) -> None:
        self._graphql = graphql
        self._exports = Exports(bulk, BULK, fits=lambda line: bool(id_of(msgspec.Raw(line))))
        self._terms = terms
        self._fetching = fetching
        self._bulk_threshold = bulk_threshold

    @property
    def kind(self) -> RecordKind:
        """Orders."""
        return ORDER

    async def count(self) -> int | None:
        """Tell how many orders the store has, exactly; drafts are left out."""
        data = await self._graphql.query(COUNT, {}, wire.OrdersCount)
        return data.orders_count.count if data.orders_count else None

    async def read(self, cursor: Cursor | None = None) -> AsyncIterator[Page[Order]]:
        """Read the headers of the whole store, then of the drafts that carry our marker; each once.

        Raises:
            ConfigurationError: the token does not see all orders and drafts, or the export that `cursor` names is gone.
        """
        await self._terms.require_everything()
        form = await self._terms.number_format()
        if not (cursor and cursor.startswith(_DRAFTED)):
            async for page in self._orders(cursor, form):
                yield page
            cursor = None
        async for page in self._drafts((cursor or "").removeprefix(_DRAFTED), form):
            yield page

    async def get(self, ids: Sequence[str]) -> Mapping[str, Order]:
        """Fetch up to `MAX_IDS` whole orders; ids of drafts may be among them.

        Raises:
            ConfigurationError: one is not shown, and the token does not see all orders and drafts.
            ContractViolationError: `record_unreadable`, one of them does not fit our wire model.
        """
        found = await self._fetching.whole(ids, await self._terms.number_format())
        if len(found) < len(set(ids)):
            await self._terms.require_everything()
        return found

    async def outline(self, ids: Sequence[str]) -> Mapping[str, Order]:
        """Fetch how many lines up to `MAX_IDS` orders or drafts have."""
        return await self._fetching.outlines(ids)

    async def changed_since(self, moment: datetime) -> AsyncIterator[Page[Order]]:
        """Read the headers of what was made or changed at `moment` or later, our drafts as well.

        The answer is filtered again here: Shopify ignores a filter that it does not understand.
        """
        form = await self._terms.number_format()
        since = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

        async def fetch(after: str | None) -> Connection:
            variables = {"query": f"updated_at:>='{since}'", "after": after}
            return (await self._graphql.query(CHANGED, variables, wire.OrdersPage)).orders

        async for found, after in walk(fetch, None, CHANGED.name):
            yield _headers(_changed(found.nodes, moment), after, form)
        async for page in self._drafts("", form, since=moment):
            yield page

    async def _orders(self, cursor: Cursor | None, form: NumberFormat) -> AsyncIterator[Page[Order]]:
        if cursor and cursor.startswith(EXPORTED):
            operation, skip = await self._exports.resumed(cursor)
        else:
            is_large = not cursor and (await self.count() or 0) > self._bulk_threshold
            operation, skip = (await self._exports.make() if is_large else None), 0
        if operation is not None:
            async for lines, after in self._exports.pages(operation, skip):
                yield _headers(lines, after, form)
            return
        async for found, after in walk(self._page, (cursor or "").removeprefix(_PAGED) or None, PAGE.name):
            yield _headers(found.nodes, f"{_PAGED}{after}", form)

    async def _drafts(
        self, cursor: str, form: NumberFormat, *, since: datetime | None = None
    ) -> AsyncIterator[Page[Order]]:
        """Read our drafts: the newest of all drafts, and of the others those with our tag.

        A cursor holds the number of the oldest of the newest, and a place among the others.
        """
        oldest, _, after = cursor.partition("#")
        if not oldest:
            newest = await self._draft_page(None, None, newest_first=True)
            numbers = [legacy_number(id_of(raw)) for raw in newest.nodes if id_of(raw)]
            oldest = str(min(numbers, default=0) if newest.page_info.has_next_page else 0)
            yield _our_drafts(_changed(newest.nodes, since), f"{_DRAFTED}{oldest}#", form)
        if int(oldest) == 0:
            return

        async def fetch(after: str | None) -> Connection:
            return await self._draft_page(f"tag:'{DRAFT_TAG}'", after, newest_first=False)

        async for found, end in walk(fetch, after or None, DRAFTS.name):
            others = [raw for raw in found.nodes if not id_of(raw) or legacy_number(id_of(raw)) < int(oldest)]
            yield _our_drafts(_changed(others, since), f"{_DRAFTED}{oldest}#{end}", form)

    async def _page(self, after: str | None) -> Connection:
        return (await self._graphql.query(PAGE, {"after": after}, wire.OrdersPage)).orders

    async def _draft_page(self, query: str | None, after: str | None, *, newest_first: bool) -> Connection:
        variables = {"query": query, "after": after, "newestFirst": newest_first}
        return (await self._graphql.query(DRAFTS, variables, wire.DraftsPage)).draft_orders


class _Updated(msgspec.Struct, rename="camel"):
    updated_at: datetime | None = None


class _Marked(msgspec.Struct):
    metafield: wire.Metafield | None = None


_UPDATED: Final = msgspec.json.Decoder(_Updated)
_MARKED: Final = msgspec.json.Decoder(_Marked)


def _headers(raws: Iterable[msgspec.Raw], cursor: Cursor, form: NumberFormat) -> Page[Order]:
    nodes, damaged = nodes_of(raws, wire.Order)
    records, odd = records_of(nodes, lambda node: to_header(node, form))
    return Page(records, cursor, [*damaged, *odd])


def _our_drafts(raws: Iterable[msgspec.Raw], cursor: Cursor, form: NumberFormat) -> Page[Order]:
    """Give the drafts that carry our marker; a merchant's own drafts are no orders, whatever their tags."""
    nodes, damaged = nodes_of((raw for raw in raws if _is_marked(raw)), wire.Draft)
    records, odd = records_of(nodes, lambda node: to_draft_header(node, form))
    return Page(records, cursor, [*damaged, *odd])


def _is_marked(raw: msgspec.Raw) -> bool:
    try:
        return _MARKED.decode(raw).metafield is not None
    except msgspec.DecodeError:
        return False


def _changed(raws: Iterable[msgspec.Raw], since: datetime | None) -> list[msgspec.Raw]:
    """Give the nodes that were changed since; one that does not say when is kept, so that it is told as unreadable."""
    return [raw for raw in raws if since is None or (_updated_at(raw) or since) >= since]


def _updated_at(raw: msgspec.Raw) -> datetime | None:
    try:
        return _UPDATED.decode(raw).updated_at
    except msgspec.DecodeError:
        return None
