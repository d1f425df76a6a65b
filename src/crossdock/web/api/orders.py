"""Orders in the JSON contract: the bodies that a caller sends, and examples of what is answered.

Owns the contract's names for what a request says of orders; the names in answers come from the jobs' description. It
must not know how orders are matched or written; what options and filters there are is read from the compare and sync
rooms' descriptions of the kind.
"""

from typing import Annotated, Any

from fastapi import Body, Request
from pydantic import ConfigDict, Field

from crossdock.compare.kinds.orders import ORDERS
from crossdock.domain.kinds import ORDER
from crossdock.jobs.bodies.orders import ORDER_BODIES
from crossdock.jobs.requests import CompareRequest, SelectedItem, SyncRequest
from crossdock.sync.kinds import ORDERS as SYNC_ORDERS
from crossdock.web.api.bodies import MAX_SELECTED, RUN_ID, RequestBody, examples
from crossdock.web.api.choices import options_schema, sync_options_schema, where_schema
from crossdock.web.api.records import RecordApi, record_api
from crossdock.web.api.schemas import Examples
from crossdock.web.api.selection import CompareBody, Options, SourceId, SyncBody, compare_request, sync_request
from crossdock.web.services import services_of

_SELECTED: dict[str, Any] = {"orderNumber": "1234", "sourceOrderId": "123"}
_DRAFT = "Created as draft order - requires manual completion"
_SUMS = {"gross": "2499.75", "tax": "399.12", "shipping": "124.80", "discount": "40.00", "refund": "99.99"}
_EXAMPLES = Examples(
    difference={
        "orderNumber": "1234",
        "email": "customer@example.com",
        "totalPrice": "99.99",
        "currency": "EUR",
        "createdAt": "2024-01-15T10:30:00Z",
        "sourceOrderId": "123",
        "existsInSource": True,
        "existsInDestination": False,
        "sourcePlatform": "woocommerce",
        "destinationPlatform": "shopify",
        "lineItemCount": 3,
        "financialStatus": "paid",
        "fulfillmentStatus": "fulfilled",
    },
    counts={
        "sourceOfTruth": "woocommerce",
        "sourceOrderCount": 150,
        "destinationOrderCount": 120,
        "matchedOrders": 120,
        "ordersOnlyInSource": 30,
        "suspectMatches": 2,
        "matchedAsDraft": 0,
    },
    result={
        "orderNumber": "1234",
        "sourceOrderId": "123",
        "success": True,
        "newOrderId": "gid://shopify/DraftOrder/123456",
        "warnings": [_DRAFT],
    },
    sync_summary={
        "sourceOfTruth": "woocommerce",
        "total": 30,
        "succeeded": 28,
        "failed": 2,
        "alreadyThere": 0,
        "warnings": [{"code": "created_as_draft", "level": "warning", "message": _DRAFT, "count": 28}],
        "reconciliation": [
            {
                "currency": "EUR",
                "records": 28,
                "source": _SUMS,
                "destination": _SUMS,
                "difference": dict.fromkeys(_SUMS, "0.00"),
            }
        ],
    },
)


class OrderCompareBody(CompareBody):
    """Which store is the source, and what narrows the comparison."""

    model_config = ConfigDict(
        json_schema_extra=examples(
            {"sourceOfTruth": "woocommerce"},
            {"sourceOfTruth": "shopify", "options": {"createdAfter": "2024-01-01", "statuses": ["paid"]}},
        )
    )

    options: Annotated[Options, Field(json_schema_extra=options_schema(ORDERS.options))] = Field(default_factory=dict)


class SelectedOrder(RequestBody):
    """An order to migrate: its id in the source, and its number, by which a mistaken id is noticed."""

    order_number: Annotated[str, Field(max_length=1000)]
    source_order_id: SourceId


class OrderSyncBody(SyncBody):
    """The orders to migrate: a list, or all that a comparison found missing or only seemingly matched."""

    model_config = ConfigDict(
        json_schema_extra=examples(
            {"sourceOfTruth": "woocommerce", "orders": [_SELECTED]},
            {
                "compareRunId": RUN_ID,
                "select": "all",
                "where": {"createdAfter": "2024-01-01"},
                "except": [],
                "options": {"createAs": "order", "createMissingCustomers": True},
            },
            {"compareRunId": RUN_ID, "select": "all", "group": "suspectMatches", "dryRun": True},
        )
    )

    orders: list[SelectedOrder] | None = Field(None, min_length=1, max_length=MAX_SELECTED)
    where: Annotated[Options, Field(json_schema_extra=where_schema(ORDERS.filters))] = Field(
        default_factory=dict, description="The filters of `GET /api/runs/{id}/differences`, and `search`."
    )
    options: Annotated[Options, Field(json_schema_extra=sync_options_schema(SYNC_ORDERS.options))] = Field(
        default_factory=dict
    )


def read_compare(body: Annotated[OrderCompareBody, Body()]) -> CompareRequest:
    """Turn a compare body into a request."""
    return compare_request(body, ORDER)


async def read_sync(body: Annotated[OrderSyncBody, Body()], request: Request) -> SyncRequest:
    """Turn a sync body into a request."""
    named = body.orders
    listed = None if named is None else [SelectedItem(one.source_order_id, one.order_number) for one in named]
    return await sync_request(body, listed, ORDER, services_of(request))


ORDERS_API: RecordApi = record_api(ORDERS, ORDER_BODIES, read_compare, read_sync, _EXAMPLES)
"""What the record routes need to know of orders."""
