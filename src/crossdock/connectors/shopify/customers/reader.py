"""Reading customers: pages of 250 in the order of their ids, or one export for a large store.

Owns which way is taken, and cursors for both. It must not know what is done with the records.

Source: Shopify Admin GraphQL API 2026-10. The destination is read without a query: an ignored filter gives all, and a
working one would hide records.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from crossdock.connectors.contract import MAX_IDS, Cursor, Page, UnreadableRecord
from crossdock.connectors.shopify.bulk import BulkOperations, Operation
from crossdock.connectors.shopify.customers import wire
from crossdock.connectors.shopify.customers.mapping import to_customer
from crossdock.connectors.shopify.documents import load
from crossdock.connectors.shopify.gid import is_customer_id
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.paging import EXPORTED, Connection, Exports, walk
from crossdock.domain.customer import Customer
from crossdock.domain.errors import ContractViolationError
from crossdock.domain.kinds import CUSTOMER, RecordKind

_FIELDS: Final = "customers/fields.graphql"
PAGE: Final = load("customers/page.graphql", _FIELDS)
BY_IDS: Final = load("customers/by_ids.graphql", _FIELDS)
BULK: Final = load("customers/bulk.graphql", _FIELDS)
COUNT: Final = load("customers/count.graphql")

_PAGED: Final = "page:"


class _Identity(msgspec.Struct):
    id: str = ""


_CUSTOMER: Final = msgspec.json.Decoder(wire.Customer)
_IDENTITY: Final = msgspec.json.Decoder(_Identity)


class CustomerReader:
    """Reads the customers of one store; from `bulk_threshold` customers on by an export."""

    def __init__(self, graphql: GraphQL, bulk: BulkOperations, *, bulk_threshold: int) -> None:
        self._graphql = graphql
        self._exports = Exports(bulk, BULK, fits=_names_a_record)
        self._bulk_threshold = bulk_threshold

    @property
    def kind(self) -> RecordKind:
        """Customers."""
        return CUSTOMER

    async def count(self) -> int | None:
        """Tell how many customers the store has, exactly."""
        data = await self._graphql.query(COUNT, {}, wire.CustomersCount)
        return data.customers_count.count if data.customers_count else None

    async def read(self, cursor: Cursor | None = None) -> AsyncIterator[Page[Customer]]:
        """Read the whole store, each customer once; only the default address of each.

        Raises:
            ConfigurationError: the export that `cursor` names is gone; a new read must begin.
        """
        if cursor and cursor.startswith(EXPORTED):
            operation, skip = await self._exports.resumed(cursor)
        else:
            operation, skip = (None if cursor else await self._export()), 0
        if operation is not None:
            async for lines, after in self._exports.pages(operation, skip):
                yield _page(lines, after)
            return
        async for found, after in walk(self._fetch, (cursor or "").removeprefix(_PAGED) or None, PAGE.name):
            yield _page(found.nodes, f"{_PAGED}{after}")

    async def get(self, ids: Sequence[str]) -> Mapping[str, Customer]:
        """Fetch up to `MAX_IDS` customers, with up to ten addresses each.

        Raises:
            ContractViolationError: `record_unreadable`, one of them does not fit our wire model.
        """
        known = [record_id for record_id in ids[:MAX_IDS] if is_customer_id(record_id)]
        if not known:
            return {}
        data = await self._graphql.query(BY_IDS, {"ids": known}, wire.CustomerNodes)
        records, unreadable = _decoded(raw for raw in data.nodes if bytes(raw) != b"null")
        if unreadable:
            raise ContractViolationError("record_unreadable", unreadable[0].reason, unreadable[0].id)
        return {record.id: record for record in records}

    async def _export(self) -> Operation | None:
        """Export the customers of a large store; None where pages are the way, or the only one left."""
        return await self._exports.make() if (await self.count() or 0) > self._bulk_threshold else None

    async def _fetch(self, after: str | None) -> Connection:
        return (await self._graphql.query(PAGE, {"after": after}, wire.CustomersPage)).customers


def _page(nodes: Iterable[msgspec.Raw], cursor: Cursor) -> Page[Customer]:
    records, unreadable = _decoded(nodes)
    return Page(records, cursor, unreadable)


def _decoded(nodes: Iterable[msgspec.Raw]) -> tuple[list[Customer], list[UnreadableRecord]]:
    records: list[Customer] = []
    unreadable: list[UnreadableRecord] = []
    for raw in nodes:
        try:
            records.append(to_customer(_CUSTOMER.decode(raw)))
        except (msgspec.DecodeError, ValueError) as error:
            # The decoder's words name a field and a type, never a value.
            reason = str(error) if isinstance(error, msgspec.ValidationError) else "The record is damaged."
            unreadable.append(UnreadableRecord(_id_of(raw), reason))
    return records, unreadable


def _names_a_record(line: bytes) -> bool:
    return bool(_id_of(msgspec.Raw(line)))


def _id_of(raw: msgspec.Raw) -> str:
    try:
        return _IDENTITY.decode(raw).id
    except msgspec.DecodeError:
        return ""
