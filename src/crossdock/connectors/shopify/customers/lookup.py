"""Finding single customers at once: by e-mail address, and by our markers, many in one request.

Owns lookups by identifier, which see a write immediately; Shopify's search index lags and is never asked.

Source: Shopify Admin GraphQL API 2026-10, `customerByIdentifier`; a request may cost 1,000 points.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from crossdock.connectors.shopify.config import MARKER_KEY, MARKER_NAMESPACE
from crossdock.connectors.shopify.customers import wire
from crossdock.connectors.shopify.documents import Document, document, load
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.refusals import RefusedDocumentError
from crossdock.domain.identity import Marker

MOST_AT_ONCE: Final = 100
_NO_DEFINITION: Final = "NOT_FOUND"

BY_IDENTIFIER: Final = load("customers/by_identifier.graphql")


class CustomerLookup:
    """Finds customers of one store."""

    def __init__(self, graphql: GraphQL) -> None:
        self._graphql = graphql

    async def by_email(self, email: str) -> wire.Found | None:
        """Find whose e-mail address this is."""
        return await self._one({"emailAddress": email})

    async def by_marker(self, marker: Marker) -> str | None:
        """Find the one customer that carries a marker; gives its id."""
        return (await self.by_markers([marker])).get(marker)

    async def by_markers(self, markers: Sequence[Marker]) -> Mapping[Marker, str]:
        """Find the customers that carry these markers; gives their ids. One request for each hundred."""
        found: dict[Marker, str] = {}
        for start in range(0, len(markers), MOST_AT_ONCE):
            chunk = markers[start : start + MOST_AT_ONCE]
            identifiers = [
                {"customId": {"namespace": MARKER_NAMESPACE, "key": MARKER_KEY, "value": str(marker)}}
                for marker in chunk
            ]
            customers = await self._many(identifiers, by_markers_document(len(chunk)))
            for number, marker in enumerate(chunk):
                customer = customers.get(f"c{number}")
                if customer is not None and customer.marker == str(marker):
                    found[marker] = customer.id
        return found

    async def by_emails(self, emails: Sequence[str]) -> Mapping[str, str]:
        """Find the customers with these addresses; gives their ids by the addresses as asked for."""
        found: dict[str, str] = {}
        for start in range(0, len(emails), MOST_AT_ONCE):
            chunk = emails[start : start + MOST_AT_ONCE]
            identifiers = [{"emailAddress": email} for email in chunk]
            customers = await self._many(identifiers, by_emails_document(len(chunk)))
            for number, email in enumerate(chunk):
                customer = customers.get(f"c{number}")
                if customer is not None:
                    found[email] = customer.id
        return found

    async def _one(self, identifier: Mapping[str, object]) -> wire.Found | None:
        data = await self._graphql.query(BY_IDENTIFIER, {"identifier": identifier}, wire.FoundOne)
        return data.customer_by_identifier

    async def _many(
        self, identifiers: Sequence[Mapping[str, object]], asked: Document
    ) -> Mapping[str, wire.Found | None]:
        variables = {f"i{number}": identifier for number, identifier in enumerate(identifiers)}
        try:
            return await self._graphql.query(asked, variables, dict[str, wire.Found | None])
        except RefusedDocumentError as error:
            if any(part.extensions.code == _NO_DEFINITION for part in error.errors):
                # Without the definition of our marker nothing in this store carries one.
                return {}
            raise


def by_markers_document(count: int) -> Document:
    """Make the document that looks for `count` identifiers `$i0`, `$i1` and so on, and answers as `c0`, `c1`."""
    marker = f'metafield(namespace: "{MARKER_NAMESPACE}", key: "{MARKER_KEY}") {{ value }}'
    return _document("CrossdockCustomersByIdentifier", f"id {marker}", count, points=2 * count)


def by_emails_document(count: int) -> Document:
    """Make the same document without our marker, which nobody needs who asks by e-mail: it costs half."""
    return _document("CrossdockCustomersByIdentifierEmail", "id", count, points=count)


def _document(name: str, fields: str, count: int, *, points: int) -> Document:
    declared = ", ".join(f"$i{number}: CustomerIdentifierInput!" for number in range(count))
    one = "customerByIdentifier(identifier: $i{number}) {{ {fields} }}"
    lines = "\n".join(f"  c{number}: {one.format(number=number, fields=fields)}" for number in range(count))
    return document(f"query {name}{count}({declared}) {{\n{lines}\n}}\n", points=points)
