"""Customers in the JSON contract: the bodies that a caller sends, and examples of what is answered.

Owns the contract's names for what a request says of customers; the names in answers come from the jobs' description. It
must not know how customers are matched or written; what options and filters there are is read from the compare room's
description of the kind.
"""

from typing import Annotated, Any

from fastapi import Body, Request
from pydantic import ConfigDict, Field

from crossdock.compare.kinds.customers import CUSTOMERS
from crossdock.domain.kinds import CUSTOMER
from crossdock.jobs.bodies.customers import CUSTOMER_BODIES
from crossdock.jobs.requests import CompareRequest, SelectedItem, SyncRequest
from crossdock.sync.kinds import CUSTOMERS as SYNC_CUSTOMERS
from crossdock.web.api.bodies import MAX_SELECTED, RUN_ID, RequestBody, examples
from crossdock.web.api.choices import options_schema, sync_options_schema, where_schema
from crossdock.web.api.records import RecordApi, record_api
from crossdock.web.api.schemas import Examples
from crossdock.web.api.selection import CompareBody, Options, SourceId, SyncBody, compare_request, sync_request
from crossdock.web.services import services_of

_SELECTED: dict[str, Any] = {"email": "customer@example.com", "sourceCustomerId": "123"}
_EXAMPLES = Examples(
    difference={
        "email": "customer@example.com",
        "firstName": "John",
        "lastName": "Doe",
        "phone": "+1234567890",
        "sourceCustomerId": "123",
        "existsInSource": True,
        "existsInDestination": False,
        "sourcePlatform": "woocommerce",
        "destinationPlatform": "shopify",
    },
    counts={
        "sourceOfTruth": "woocommerce",
        "sourceCustomerCount": 150,
        "destinationCustomerCount": 120,
        "matchedCustomers": 120,
        "customersOnlyInSource": 30,
    },
    result={**_SELECTED, "success": True, "newCustomerId": "gid://shopify/Customer/123456"},
    sync_summary={"total": 30, "succeeded": 28, "failed": 2, "alreadyThere": 0},
)


class CustomerCompareBody(CompareBody):
    """Which store is the source, and what narrows the comparison."""

    model_config = ConfigDict(json_schema_extra=examples({"sourceOfTruth": "woocommerce"}))

    options: Annotated[Options, Field(json_schema_extra=options_schema(CUSTOMERS.options))] = Field(
        default_factory=dict
    )


class SelectedCustomer(RequestBody):
    """A customer to migrate: its id in the source, and its e-mail address, by which a mistaken id is noticed."""

    email: Annotated[str, Field(max_length=1000)]
    source_customer_id: SourceId


class CustomerSyncBody(SyncBody):
    """The customers to migrate: a list, or all that a comparison found missing."""

    model_config = ConfigDict(
        json_schema_extra=examples(
            {"sourceOfTruth": "woocommerce", "customers": [_SELECTED]},
            {"compareRunId": RUN_ID, "select": "all", "where": {"hasPhone": True}, "except": []},
        )
    )

    customers: list[SelectedCustomer] | None = Field(None, min_length=1, max_length=MAX_SELECTED)
    where: Annotated[Options, Field(json_schema_extra=where_schema(CUSTOMERS.filters))] = Field(
        default_factory=dict, description="The filters of `GET /api/runs/{id}/differences`, and `search`."
    )
    options: Annotated[Options, Field(json_schema_extra=sync_options_schema(SYNC_CUSTOMERS.options))] = Field(
        default_factory=dict, description="What may be chosen; nothing yet."
    )


def read_compare(body: Annotated[CustomerCompareBody, Body()]) -> CompareRequest:
    """Turn a compare body into a request."""
    return compare_request(body, CUSTOMER)


async def read_sync(body: Annotated[CustomerSyncBody, Body()], request: Request) -> SyncRequest:
    """Turn a sync body into a request."""
    named = body.customers
    listed = None if named is None else [SelectedItem(one.source_customer_id, one.email) for one in named]
    return await sync_request(body, listed, CUSTOMER, services_of(request))


CUSTOMERS_API: RecordApi = record_api(CUSTOMERS, CUSTOMER_BODIES, read_compare, read_sync, _EXAMPLES)
"""What the record routes need to know of customers."""
