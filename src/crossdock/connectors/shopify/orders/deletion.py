"""Deleting orders and drafts that we made, and only those.

Owns the look before: a record without our marker is not ours, and what a draft has become is a sale of the shop.

Source: Shopify Admin GraphQL API 2026-10, `orderDelete`, `draftOrderDelete`; only some orders can be deleted.
"""

from typing import Final

import msgspec

from crossdock.connectors.replies import store_words
from crossdock.connectors.shopify.customers.wire import Metafield
from crossdock.connectors.shopify.documents import load
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.orders.verdicts import UserError
from crossdock.connectors.shopify.orders.wire import Named
from crossdock.domain.errors import RecordConflictError

OWNED: Final = load("orders/owned.graphql")
DELETE_ORDER: Final = load("orders/delete.graphql")
DELETE_DRAFT: Final = load("orders/delete_draft.graphql")
_DRAFT: Final = "/DraftOrder/"
_MISSING: Final = ("does not exist", "not found", "NOT_FOUND")


class _Record(msgspec.Struct, frozen=True):
    id: str = ""
    order: Named | None = None
    metafield: Metafield | None = None


class _Found(msgspec.Struct, frozen=True):
    node: _Record | None = None


class _Payload(msgspec.Struct, rename="camel", frozen=True):
    deleted_id: str | None = None
    user_errors: tuple[UserError, ...] = ()


class _Deleted(msgspec.Struct, rename="camel", frozen=True):
    order_delete: _Payload | None = None
    draft_order_delete: _Payload | None = None


class OrderDeletion:
    """Deletes in one store."""

    def __init__(self, graphql: GraphQL) -> None:
        self._graphql = graphql

    async def delete(self, record_id: str) -> None:
        """Delete an order or a draft; one that is gone already is no error.

        Raises:
            RecordConflictError: it is not ours, it has become an order, or Shopify refuses.
        """
        found = (await self._graphql.query(OWNED, {"id": record_id}, _Found)).node
        if found is None or not found.id:
            return
        if found.metafield is None or not found.metafield.value:
            raise RecordConflictError("not_ours", "The order does not carry Crossdock's note: it is left alone.")
        if found.order is not None:
            raise draft_completed()
        document = DELETE_DRAFT if _DRAFT in record_id else DELETE_ORDER
        data = await self._graphql.mutate(document, {"id": record_id}, _Deleted)
        payload = data.order_delete or data.draft_order_delete or _Payload()
        if payload.deleted_id or (payload.user_errors and all(map(_is_missing, payload.user_errors))):
            return
        said = store_words("; ".join(error.message for error in payload.user_errors))
        raise RecordConflictError("delete_refused", f"Shopify does not delete the order. It says: {said}")


def draft_completed() -> RecordConflictError:
    """Say why a draft is left that somebody has completed."""
    return RecordConflictError(
        "draft_completed", "The draft was completed and is an order of the shop now: it is left alone."
    )


def _is_missing(error: UserError) -> bool:
    return any(word in f"{error.message} {error.code}" for word in _MISSING)
