"""Customers in the JSON contract: their bodies, and how these become requests of the services.

Owns the contract's names for a customer's members. It must not know how customers are matched or written; what options
and filters there are is read from the compare room's description of the kind.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Body, Request
from pydantic import ConfigDict, Field, TypeAdapter, model_validator

from crossdock.bootstrap import Services
from crossdock.compare.kinds.customers import CUSTOMERS
from crossdock.domain.difference import Group
from crossdock.domain.errors import InvalidRequestError
from crossdock.domain.kinds import CUSTOMER
from crossdock.jobs.requests import DEFAULT_PAIR, CompareRequest, SelectAll, SelectedItem, SyncRequest
from crossdock.state import WorkOutcome, WorkRow
from crossdock.web.api.bodies import (
    MAX_SELECTED,
    AnswerBody,
    OptionalMoment,
    OptionalText,
    PairName,
    PlatformName,
    RequestBody,
    Text,
    examples,
)
from crossdock.web.api.choices import options_schema, where_schema
from crossdock.web.api.records import RecordApi
from crossdock.web.errors import RequestProblemError
from crossdock.web.services import services_of
from crossdock.web.validation import MOST_REPORTED, FieldError

_PERSON = {"email": "customer@example.com", "firstName": "John", "lastName": "Doe", "phone": "+1234567890"}
_PLATFORMS = {"sourcePlatform": "woocommerce", "destinationPlatform": "shopify"}
_RUN_ID = "0197a3c2-e41d-7b6f-8a90-1c2d3e4f5a6b"
_RESULT = {
    "email": "customer@example.com",
    "sourceCustomerId": "123",
    "success": True,
    "newCustomerId": "gid://shopify/Customer/123456",
}
_DIFFERENCE: dict[str, Any] = {
    **_PERSON,
    "sourceCustomerId": "123",
    "existsInSource": True,
    "existsInDestination": False,
    **_PLATFORMS,
}
_COUNTS = {
    "sourceOfTruth": "woocommerce",
    "sourceCustomerCount": 150,
    "destinationCustomerCount": 120,
    "matchedCustomers": 120,
    "customersOnlyInSource": 30,
}


class CustomerCompareBody(RequestBody):
    """Which store is the source, and what narrows the comparison."""

    model_config = ConfigDict(json_schema_extra=examples({"sourceOfTruth": "woocommerce"}))

    source_of_truth: PlatformName
    pair: PairName = DEFAULT_PAIR
    options: Annotated[dict[str, Any], Field(json_schema_extra=options_schema(CUSTOMERS.options))] = Field(
        default_factory=dict
    )


class SelectedCustomer(RequestBody):
    """A customer to migrate: its id in the source, and its e-mail address, by which a mistaken id is noticed."""

    email: Annotated[str, Field(max_length=1000)]
    source_customer_id: Annotated[str, Field(min_length=1, max_length=255)]


class CustomerSyncBody(RequestBody):
    """The customers to migrate: a list, or all that a comparison found missing."""

    model_config = ConfigDict(
        json_schema_extra=examples(
            {
                "sourceOfTruth": "woocommerce",
                "customers": [{"email": "customer@example.com", "sourceCustomerId": "123"}],
            },
            {"compareRunId": _RUN_ID, "select": "all", "where": {"hasPhone": True}, "except": []},
        )
    )

    source_of_truth: PlatformName | None = Field(None, description="Required beside `customers`.")
    pair: PairName | None = None
    customers: list[SelectedCustomer] | None = Field(None, min_length=1, max_length=MAX_SELECTED)
    compare_run_id: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        None, description="With `select`: take what this comparison lists as missing."
    )
    select: Annotated[str, Field(pattern="^all$")] | None = None
    where: Annotated[dict[str, Any], Field(json_schema_extra=where_schema(CUSTOMERS.filters))] = Field(
        default_factory=dict, description="The filters of `GET /api/runs/{id}/differences`, and `search`."
    )
    excluded: list[Annotated[str, Field(max_length=255)]] = Field(
        default_factory=list, alias="except", max_length=MAX_SELECTED
    )
    dry_run: bool = Field(default=False, description="Answer what would be sent, and write nothing.")
    options: Annotated[dict[str, Any], Field(max_length=0, description="Customers have no options yet.")] = Field(
        default_factory=dict
    )


class _Person(AnswerBody):
    email: Text = ""
    first_name: Text = ""
    last_name: Text = ""
    phone: OptionalText = None
    created_at: OptionalMoment = None
    order_count: int | None = None


class _SourcePerson(_Person):
    source_customer_id: Text = Field("", validation_alias="source_id", serialization_alias="sourceCustomerId")
    source_platform: str
    destination_platform: str


class CustomerDifference(_SourcePerson):
    """A customer that exists in the source only."""

    model_config = ConfigDict(json_schema_extra=examples(_DIFFERENCE))

    exists_in_source: bool = True
    exists_in_destination: bool = False
    migrated_before_as: OptionalText = Field(
        None,
        validation_alias="stale_destination_id",
        serialization_alias="migratedBeforeAs",
        description="The id of an earlier migration that was deleted since.",
    )
    migrated_before_at: OptionalText = Field(
        None, validation_alias="stale_linked_at", serialization_alias="migratedBeforeAt"
    )


class CustomerFieldDifference(_SourcePerson):
    """A matched customer of whom some fields differ; a report, never selected for migration."""

    destination_customer_id: Text = Field(
        "", validation_alias="destination_id", serialization_alias="destinationCustomerId"
    )
    exists_in_source: bool = True
    exists_in_destination: bool = True
    fields: list[str] = Field(default_factory=list, description="The fields that differ.")
    source: dict[str, Text] = Field(default_factory=dict, description="What the source shows for them.")
    destination: dict[str, Text] = Field(default_factory=dict, description="What the destination shows for them.")

    @model_validator(mode="before")
    @classmethod
    def _gather_sides(cls, row: Mapping[str, Any]) -> Mapping[str, Any]:
        shown = {side: {name: row[f"{side}_{name}"] for name in row["fields"]} for side in ("source", "destination")}
        return {**row, **shown}


class CustomerDuplicate(_SourcePerson):
    """A further record of a person whom another record of the same store represents."""

    destination_customer_id: OptionalText = Field(
        None, validation_alias="destination_id", serialization_alias="destinationCustomerId"
    )
    side: str = Field(description="`source` or `destination`.")
    duplicate_of: Text = Field("", validation_alias="representative_id", serialization_alias="duplicateOf")


class UnmatchableCustomer(_SourcePerson):
    """A customer that nothing identifies, or that several of the other store could be."""

    destination_customer_id: OptionalText = Field(
        None, validation_alias="destination_id", serialization_alias="destinationCustomerId"
    )
    side: str = Field(description="`source` or `destination`.")
    reason: Text = Field("", description="`no_usable_key`, `ambiguous_candidates`, or why it can't be read.")


class CustomerComparison(AnswerBody):
    """What a comparison found."""

    model_config = ConfigDict(
        json_schema_extra=examples(
            {
                "runId": _RUN_ID,
                "differences": [_DIFFERENCE],
                "suspectMatches": [],
                "fieldDifferences": [],
                "duplicates": [],
                "unmatchable": [],
                "summary": _COUNTS,
            }
        )
    )

    run_id: str
    differences: list[CustomerDifference]
    suspect_matches: list[CustomerFieldDifference]
    field_differences: list[CustomerFieldDifference]
    duplicates: list[CustomerDuplicate]
    unmatchable: list[UnmatchableCustomer]
    summary: dict[str, Any]


class CustomerResult(AnswerBody):
    """What became of one selected customer."""

    model_config = ConfigDict(json_schema_extra=examples(_RESULT))

    email: Text
    source_customer_id: Text
    success: bool
    new_customer_id: OptionalText = None
    already_there: bool | None = None
    code: OptionalText = Field(None, description="Why it failed; stable and documented.")
    error: OptionalText = None
    warnings: list[str] | None = None
    payload: dict[str, Any] | None = Field(None, description="Dry run: the very object that would be sent.")


class CustomerSync(AnswerBody):
    """What became of each selected customer, and how many there were of each outcome."""

    model_config = ConfigDict(
        json_schema_extra=examples(
            {
                "runId": _RUN_ID,
                "results": [_RESULT],
                "summary": {"total": 30, "succeeded": 28, "failed": 2, "alreadyThere": 0},
            }
        )
    )

    run_id: str
    results: list[CustomerResult]
    summary: dict[str, Any]


def read_compare(body: Annotated[CustomerCompareBody, Body()]) -> CompareRequest:
    """Turn a compare body into a request."""
    return CompareRequest(
        kind=CUSTOMER.name, source_platform=body.source_of_truth, pair=body.pair, options=body.options
    )


async def read_sync(body: Annotated[CustomerSyncBody, Body()], request: Request) -> SyncRequest:
    """Turn a sync body into a request.

    Raises:
        RequestProblemError: members are missing, contradict each other or are no ids of the source.
    """
    services = services_of(request)
    if body.customers is not None:
        return _listed(body, body.customers, services)
    if body.compare_run_id is None:
        raise _wrong("customers", "Send a list of customers, or compareRunId and select.", "1 to 10000 customers")
    if body.select is None:
        raise _wrong("select", "This is required beside compareRunId.", "all")
    run = await services.runs.get(body.compare_run_id)
    if body.source_of_truth not in {None, run.source_platform}:
        raise _wrong("sourceOfTruth", "The comparison had the other store as its source.", run.source_platform)
    if body.pair not in {None, run.pair}:
        raise _wrong("pair", "The comparison was made for another pair.", run.pair)
    return SyncRequest(
        kind=CUSTOMER.name,
        source_platform=run.source_platform,
        selection=_all_of(body),
        pair=run.pair,
        is_dry_run=body.dry_run,
    )


def _listed(body: CustomerSyncBody, customers: Sequence[SelectedCustomer], services: Services) -> SyncRequest:
    if body.source_of_truth is None:
        raise _wrong("sourceOfTruth", "This is required beside customers.", "woocommerce, shopify")
    for name, given in (("compareRunId", body.compare_run_id), ("select", body.select), ("where", body.where)):
        if given:
            raise _wrong(name, "Send either a list of customers or a selection of a comparison, not both.", "")
    pattern = services.platforms[body.source_of_truth].id_patterns[CUSTOMER.name]
    wrong = [
        FieldError(field=f"customers[{place}].sourceCustomerId", message="This is no customer's id.", allowed=pattern)
        for place, customer in enumerate(customers)
        if re.fullmatch(pattern, customer.source_customer_id) is None
    ]
    if wrong:
        raise RequestProblemError(wrong[:MOST_REPORTED])
    return SyncRequest(
        kind=CUSTOMER.name,
        source_platform=body.source_of_truth,
        selection=tuple(SelectedItem(customer.source_customer_id, customer.email) for customer in customers),
        pair=body.pair or DEFAULT_PAIR,
        is_dry_run=body.dry_run,
    )


def _all_of(body: CustomerSyncBody) -> SelectAll:
    search = body.where.get("search", "")
    if not isinstance(search, str):
        raise _wrong("where.search", "This must be text.", "text")
    where = {name: value for name, value in body.where.items() if name != "search"}
    return SelectAll(body.compare_run_id or "", where, search, tuple(body.excluded))


def _wrong(field: str, message: str, allowed: str) -> InvalidRequestError:
    return InvalidRequestError("request_invalid", message, field=field, allowed=allowed)


def _email_of(row: WorkRow) -> str:
    # Whoever has no address is named in lists by name or telephone, which is no e-mail.
    return next((text for text in (row.expected, row.label) if "@" in text), "")


def result_body(row: WorkRow) -> CustomerResult:
    """Describe one record's outcome in the contract's words."""
    return CustomerResult.model_validate(
        {
            "email": _email_of(row),
            "source_customer_id": row.source_id,
            "success": row.is_success,
            "new_customer_id": row.destination_id,
            "already_there": True if row.outcome is WorkOutcome.ALREADY_THERE else None,
            "code": row.code,
            "error": row.error,
            "warnings": [reason.message for reason in row.warnings] or None,
            "payload": dict(row.payload) if row.payload else None,
        }
    )


_ROWS: Mapping[Group, TypeAdapter[Any]] = {
    Group.ONLY_IN_SOURCE: TypeAdapter(list[CustomerDifference]),
    Group.SUSPECT_MATCHES: TypeAdapter(list[CustomerFieldDifference]),
    Group.FIELD_DIFFERENCES: TypeAdapter(list[CustomerFieldDifference]),
    Group.DUPLICATES: TypeAdapter(list[CustomerDuplicate]),
    Group.UNMATCHABLE: TypeAdapter(list[UnmatchableCustomer]),
}

CUSTOMERS_API = RecordApi(
    kind=CUSTOMER,
    compare_kind=CUSTOMERS,
    read_compare=read_compare,
    read_sync=read_sync,
    comparison=CustomerComparison,
    sync=CustomerSync,
    rows=_ROWS,
    results=TypeAdapter(list[CustomerResult]),
    result=result_body,
    result_columns={"email": "E-mail", "sourceCustomerId": "Source id", "newCustomerId": "New id"},
)
"""What the record routes need to know of customers."""
