"""The definition of our marker, which makes it unique and lets a record be looked up by it.

Owns the metafield definition `crossdock.source_id` of type `id`. It must not know any record.

Source: Shopify Admin GraphQL API 2026-10: values of an `id` metafield are unique per owner type and serve as custom id.
"""

from typing import Final

import msgspec

from crossdock.connectors.replies import store_words
from crossdock.connectors.shopify.config import MARKER_KEY, MARKER_NAMESPACE
from crossdock.connectors.shopify.documents import load
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.domain.errors import ConfigurationError, OutcomeUnknownError, StoreUnavailableError

DEFINITION: Final = load("operations/marker_definition.graphql")
CREATE_DEFINITION: Final = load("operations/marker_definition_create.graphql")
_TYPE: Final = "id"
_TAKEN: Final = "TAKEN"


class _Type(msgspec.Struct):
    name: str


class _Definition(msgspec.Struct):
    type: _Type


class _Definitions(msgspec.Struct):
    nodes: list[_Definition]


class _Found(msgspec.Struct, rename="camel"):
    metafield_definitions: _Definitions


class _UserError(msgspec.Struct):
    message: str = ""
    code: str | None = None


class _Payload(msgspec.Struct, rename="camel"):
    user_errors: list[_UserError] = []


class _Created(msgspec.Struct, rename="camel"):
    metafield_definition_create: _Payload | None = None


class MarkerDefinitions:
    """Makes sure of the definition, once for each type of owner in the life of this object."""

    def __init__(self, graphql: GraphQL) -> None:
        self._graphql = graphql
        self._sure: set[str] = set()

    async def exists(self, owner_type: str) -> bool:
        """Tell whether the definition is there.

        Raises:
            ConfigurationError: another app has defined our key with another type.
        """
        variables = {"ownerType": owner_type, "namespace": MARKER_NAMESPACE, "key": MARKER_KEY}
        data = await self._graphql.query(DEFINITION, variables, _Found)
        found = data.metafield_definitions.nodes
        if found and found[0].type.name != _TYPE:
            text = (
                f"The store has a metafield definition {MARKER_NAMESPACE}.{MARKER_KEY} of another type than Crossdock "
                "needs. Delete it in Shopify's admin under Settings, Custom data."
            )
            raise ConfigurationError("marker_definition_foreign", text)
        return bool(found)

    async def ensure(self, owner_type: str) -> None:
        """Create the definition where it is missing. May be repeated, also by several processes at once.

        Raises:
            ConfigurationError: Shopify refuses it.
        """
        if owner_type in self._sure:
            return
        if not await self.exists(owner_type):
            await self._create(owner_type)
        self._sure.add(owner_type)

    async def _create(self, owner_type: str) -> None:
        definition = {
            "name": "Crossdock source id",
            "description": "Which record of another store this one was made from. Written by Crossdock.",
            "namespace": MARKER_NAMESPACE,
            "key": MARKER_KEY,
            "type": _TYPE,
            "ownerType": owner_type,
        }
        try:
            # A second definition is refused as taken, which is as good.
            data = await self._graphql.mutate_again(CREATE_DEFINITION, {"definition": definition}, _Created)
        except OutcomeUnknownError as error:
            if await self.exists(owner_type):
                return
            text = "Shopify did not say whether it made the definition of Crossdock's note. Try again."
            raise StoreUnavailableError(error.code, text, error.detail) from None
        errors = data.metafield_definition_create.user_errors if data.metafield_definition_create else []
        if any(error.code != _TAKEN for error in errors):
            said = store_words("; ".join(error.message for error in errors))
            text = f"Shopify refuses the metafield definition by which Crossdock knows its records. It says: {said}"
            raise ConfigurationError("marker_definition_refused", text)
