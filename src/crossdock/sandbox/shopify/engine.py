"""Serves one GraphQL request: parse, check, price, take points, execute, report the cost. Must not know HTTP.

Nothing here waits: a request runs whole or not at all, and what it changed is committed when `serve` returns.
Source: reference §1.2 to §1.4.
"""

import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSyntaxError,
    ListValueNode,
    OperationDefinitionNode,
    VariableNode,
    execute_sync,  # pyright: ignore[reportUnknownVariableType]  # The library leaves a parameter untyped.
    parse,
)

from crossdock.sandbox.shopify.context import Request
from crossdock.sandbox.shopify.cost import MAX_COST, Pricing
from crossdock.sandbox.shopify.records import Wire
from crossdock.sandbox.shopify.schema import load_schema, name_type, read_field
from crossdock.sandbox.shopify.validation import check_document
from crossdock.sandbox.shopify.variables import check_variables, with_defaults

MAX_ARRAY: Final = 250
MAX_DRAFT_LINES: Final = 499
_MAX_DOCUMENTS: Final = 512
_LIMITS_PAGE: Final = "https://shopify.dev/api/usage/rate-limits"
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Prepared:
    """A checked document with the price of each of its operations."""

    document: DocumentNode
    operations: dict[str, OperationDefinitionNode]
    prices: dict[str, Pricing]


_documents: OrderedDict[str, _Prepared | list[dict[str, Wire]]] = OrderedDict()


def serve(request: Request, query: str, variables: Mapping[str, Wire], operation_name: str | None) -> dict[str, Wire]:
    """Answer a request as the body of the reply, which has HTTP status 200 whatever happened."""
    store = request.store
    store.jobs.advance(store.exact_now())
    prepared = prepare(query)
    if isinstance(prepared, list):
        return {"errors": prepared}
    operation = _choose(prepared, operation_name)
    if isinstance(operation, dict):
        return {"errors": [operation]}
    declared = operation.variable_definitions or ()
    errors = check_variables(load_schema(), declared, variables)
    errors = errors or long_arrays(operation, variables)
    if errors:
        return {"errors": errors}
    pricing, raw = prepared.prices[_name(operation)], with_defaults(declared, variables)
    requested, bucket = pricing.requested(raw), store.bucket(request.token.app)
    if requested > MAX_COST:
        return {"errors": [_too_expensive(requested)]}
    if not bucket.take(requested):
        store.counters.throttled += 1
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": _LIMITS_PAGE}}
        return {"errors": [error], "extensions": {"cost": _cost(requested, None, bucket.status())}}
    reply = run(request, prepared.document, operation, variables)
    actual = min(requested, pricing.actual(raw, reply["data"]))
    bucket.refund(requested - actual)
    store.counters.points_used += actual
    extensions: dict[str, Wire] = {"cost": _cost(requested, actual, bucket.status())}
    if request.searches:
        extensions["search"] = request.searches
    return {**reply, "extensions": extensions}


def run(
    request: Request, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Wire]
) -> dict[str, Wire]:
    """Execute a checked operation, without price or bucket; the answer always has `data`."""
    result = execute_sync(
        load_schema(),
        document,
        context_value=request,
        variable_values=dict(variables),
        operation_name=operation.name.value if operation.name else None,
        field_resolver=read_field,
        type_resolver=name_type,
    )
    reply: dict[str, Wire] = {"data": result.data}
    if result.errors:
        reply["errors"] = [_format(error) for error in result.errors]
    return reply


def prepare(query: str) -> _Prepared | list[dict[str, Wire]]:
    """Parse and check a document, once for each text; a list of errors for a faulty one."""
    known = _documents.get(query)
    if known is None:
        known = _documents[query] = _prepare(query)
        if len(_documents) > _MAX_DOCUMENTS:
            _documents.popitem(last=False)
    return known


def _prepare(query: str) -> _Prepared | list[dict[str, Wire]]:
    schema = load_schema()
    try:
        document = parse(query)
    except GraphQLSyntaxError as error:
        return [{**error.formatted, "extensions": {"code": "parseError"}}]
    faults = check_document(schema, document)
    if faults:
        return faults
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    prices = {_name(operation): Pricing(schema, document, operation) for operation in operations}
    return _Prepared(document, {_name(operation): operation for operation in operations}, prices)


def _name(operation: OperationDefinitionNode) -> str:
    return operation.name.value if operation.name else ""


def _choose(prepared: _Prepared, name: str | None) -> OperationDefinitionNode | dict[str, Wire]:
    if name:
        found = prepared.operations.get(name)
        return found or {"message": f'No operation named "{name}"'}
    if len(prepared.operations) == 1:
        return next(iter(prepared.operations.values()))
    return {"message": "An operation name is required"}


def long_arrays(operation: OperationDefinitionNode, variables: Mapping[str, Wire]) -> list[dict[str, Wire]]:
    """List an error for each array of the input that is longer than the platform takes."""
    errors: list[dict[str, Wire]] = []
    for field in operation.selection_set.selections:
        if not isinstance(field, FieldNode):
            continue
        for argument in field.arguments or ():
            path: list[str] = [(field.alias or field.name).value, argument.name.value]
            draft_lines = [*path, "lineItems"] if field.name.value.startswith("draftOrder") else []
            if isinstance(argument.value, VariableNode):
                _measure(variables.get(argument.value.name.value), path, draft_lines, errors)
            elif isinstance(argument.value, ListValueNode) and len(argument.value.values) > MAX_ARRAY:
                errors.append(_array_error(len(argument.value.values), path, MAX_ARRAY))
    return errors


def _measure(value: Wire, path: list[str], draft_lines: list[str], errors: list[dict[str, Wire]]) -> None:
    if isinstance(value, list):
        items = cast("list[Wire]", value)
        # The lines of a draft are the platform's one exception (reference §1.4).
        limit = MAX_DRAFT_LINES if path == draft_lines else MAX_ARRAY
        if len(items) > limit:
            errors.append(_array_error(len(items), path, limit))
            return
        for index, item in enumerate(items):
            _measure(item, [*path, str(index)], draft_lines, errors)
    elif isinstance(value, dict):
        for key, item in cast("dict[str, Wire]", value).items():
            _measure(item, [*path, key], draft_lines, errors)


def _array_error(size: int, path: list[str], limit: int) -> dict[str, Wire]:
    message = f"The input array size of {size} is greater than the maximum allowed of {limit}."
    return {"message": message, "path": path, "extensions": {"code": "MAX_INPUT_SIZE_EXCEEDED"}}


def _too_expensive(cost: int) -> dict[str, Wire]:
    message = (
        f"Query cost is {cost}, which exceeds the single query max cost limit ({MAX_COST}).\n\n"
        "See https://shopify.dev/concepts/about-apis/rate-limits for more information on how the cost of a query is "
        "calculated."
    )
    extensions = {"code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": MAX_COST, "documentation": _LIMITS_PAGE}
    return {"message": message, "extensions": extensions}


def _cost(requested: int, actual: int | None, status: Mapping[str, float]) -> dict[str, Wire]:
    return {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}


def _format(error: GraphQLError) -> dict[str, Wire]:
    if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        _log.error("A resolver of the Shopify sandbox failed: %s", type(error.original_error).__name__)
        message = "Internal error. Looks like something went wrong on our end."
        return {"message": message, "path": error.path, "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    return dict(error.formatted)
