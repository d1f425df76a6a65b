"""What a resolver is told about the request it serves. Must not know how the request came in."""

from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLResolveInfo

from crossdock.sandbox.shopify.errors import access_denied, protected_data_denied
from crossdock.sandbox.shopify.records import Wire
from crossdock.sandbox.shopify.store import ShopifyStore
from crossdock.sandbox.shopify.tokens import Token


@dataclass(slots=True)
class BulkPage:
    """How far a bulk query has come: its connections are read whole, the outermost one page after page."""

    after: str | None = None
    has_next: bool = True


@dataclass(slots=True)
class Request:
    """One executed GraphQL request; `base_url` is the store's own address as the client sees it."""

    store: ShopifyStore
    token: Token
    base_url: str
    bulk_page: BulkPage | None = None
    searches: list[dict[str, Wire]] = field(default_factory=list[dict[str, Wire]])


Info = GraphQLResolveInfo[Any]


def request_of(info: Info, scope: str | None = None, *, protects: str | None = None) -> Request:
    """Answer the request of a resolver, once its token may do this; `protects` names an object of customer data.

    Raises:
        ShopError: the scope is missing, or customer data isn't approved for the app.

    """
    request: Request = info.context
    if scope is not None and not request.token.may(scope):
        raise access_denied(info.field_name, scope)
    if protects is not None and not request.store.behaviour.is_customer_data_approved:
        raise protected_data_denied(protects)
    return request
