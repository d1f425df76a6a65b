"""The query fields of orders and drafts. Must not know mutations.

Source: reference §4.5 to §4.7 and §5, Admin API 2026-10. Orders older than 60 days are as if they weren't there for an
app without `read_all_orders`: in lists, in counts and by id.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from crossdock.sandbox.shopify.context import Info, Request, request_of
from crossdock.sandbox.shopify.draft_records import DraftOrder
from crossdock.sandbox.shopify.errors import invalid_id
from crossdock.sandbox.shopify.order_records import Order
from crossdock.sandbox.shopify.order_search import DRAFT_FILTERS, ORDER_FILTERS
from crossdock.sandbox.shopify.owned_metafields import find_custom_id
from crossdock.sandbox.shopify.payment_terms import list_templates
from crossdock.sandbox.shopify.records import Wire, parse_gid
from crossdock.sandbox.shopify.table_reading import connect_rows, count_rows

WINDOW: Final = timedelta(days=60)
_ORDERS: Final = "read_orders"
_DRAFTS: Final = "read_draft_orders"


def _request(info: Info) -> Request:
    return request_of(info, _ORDERS, protects="Order")


def _window(request: Request) -> Callable[[Order], bool] | None:
    if "read_all_orders" in request.token.scopes:
        return None
    oldest = request.store.now() - WINDOW
    return lambda order: order.created_at >= oldest


def _visible(request: Request, order: Order | None) -> Order | None:
    is_visible = _window(request)
    return order if order is None or is_visible is None or is_visible(order) else None


def find_orders(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve orders."""
    request = _request(info)
    return connect_rows(info, request.store.orders, ORDER_FILTERS, args, _window(request))


def count_orders(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve ordersCount."""
    request = _request(info)
    return count_rows(info, request.store.orders, ORDER_FILTERS, args, _window(request))


def find_order(_source: object, info: Info, **args: Wire) -> Order | None:
    """Resolve order."""
    return order_by_gid(info, args["id"])


def order_by_gid(info: Info, text: str) -> Order | None:
    """Find an order by its global id, as far back as the token may look.

    Raises:
        ShopError: the id is no order's, or the token may not read orders.

    """
    request = _request(info)
    number = parse_gid(text, "Order")
    if number is None:
        raise invalid_id(text)
    return _visible(request, request.store.orders.get(number))


def identify_order(_source: object, info: Info, **args: Wire) -> Order | None:
    """Resolve orderByIdentifier: immediate, past the search index."""
    request = _request(info)
    identifier: Mapping[str, Wire] = args["identifier"]
    if identifier.get("customId") is None:
        return order_by_gid(info, identifier["id"])
    number = find_custom_id(request.store, "ORDER", identifier["customId"])
    return _visible(request, request.store.orders.get(number))


def find_drafts(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve draftOrders."""
    request = request_of(info, _DRAFTS, protects="DraftOrder")
    return connect_rows(info, request.store.drafts, DRAFT_FILTERS, args)


def count_drafts(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    """Resolve draftOrdersCount."""
    request = request_of(info, _DRAFTS, protects="DraftOrder")
    return count_rows(info, request.store.drafts, DRAFT_FILTERS, args)


def find_draft(_source: object, info: Info, **args: Wire) -> DraftOrder | None:
    """Resolve draftOrder."""
    return draft_by_gid(info, args["id"])


def draft_by_gid(info: Info, text: str) -> DraftOrder | None:
    """Find a draft by its global id.

    Raises:
        ShopError: the id is no draft's, or the token may not read drafts.

    """
    request = request_of(info, _DRAFTS, protects="DraftOrder")
    number = parse_gid(text, "DraftOrder")
    if number is None:
        raise invalid_id(text)
    return request.store.drafts.get(number)


def find_job(_source: object, info: Info, **args: Wire) -> Mapping[str, Wire] | None:
    """Resolve job."""
    return request_of(info).store.jobs.find(args["id"])


def find_terms_templates(_source: object, info: Info, **args: Wire) -> list[Mapping[str, Wire]]:
    """Resolve paymentTermsTemplates."""
    request_of(info)
    return list_templates(args.get("paymentTermsType"))
