"""Executes bulk operations, a slice at a time. Must not know how one is requested or downloaded.

Bulk work uses no points. Lines of a mutation run in a shuffled, repeatable order; children of a query's objects come
unordered, with `__parentId` (reference §2.1, §2.3).
"""

import random
import time
from collections.abc import Iterator, Mapping

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLNamedType,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from crossdock.sandbox.shopify.bulk_documents import operation_of
from crossdock.sandbox.shopify.bulk_ledger import BulkOperation
from crossdock.sandbox.shopify.context import BulkPage, Request
from crossdock.sandbox.shopify.engine import long_arrays, run
from crossdock.sandbox.shopify.records import Wire
from crossdock.sandbox.shopify.schema import load_schema
from crossdock.sandbox.shopify.schema_walk import answered_type, is_connection
from crossdock.sandbox.shopify.store import ShopifyStore
from crossdock.sandbox.shopify.variables import check_variables


class _DeniedError(Exception):
    """A field of a bulk query that the token may not read."""


def advance(store: ShopifyStore, budget_seconds: float) -> bool:
    """Carry unfinished operations on for about that long; False when nothing is due before the clock moves."""
    deadline = time.monotonic() + budget_seconds
    has_worked = False
    for operation in store.bulk.unfinished():
        has_worked |= _step(store, operation, deadline)
        if time.monotonic() >= deadline:
            break
    return has_worked


def _step(store: ShopifyStore, operation: BulkOperation, deadline: float) -> bool:
    now = store.exact_now()
    if operation.status == "CANCELING":
        operation.end("CANCELED", store.now())
        return True
    if now < operation.starts_at:
        return False
    if operation.status == "CREATED":
        operation.status = "RUNNING"
        operation.work = _lines(store, operation)
    try:
        return _run(store, operation, deadline)
    except _DeniedError:
        operation.end("FAILED", store.now(), "ACCESS_DENIED")
        return True


def _run(store: ShopifyStore, operation: BulkOperation, deadline: float) -> bool:
    fails_after = store.behaviour.bulk_fails_after
    has_worked = False
    for line, is_root in operation.work or iter(()):
        has_worked = True
        operation.result += line
        operation.object_count += 1
        operation.root_object_count += is_root
        if fails_after is not None and operation.object_count >= fails_after:
            operation.end("FAILED", store.now(), "INTERNAL_SERVER_ERROR")
            return True
        if time.monotonic() >= deadline:
            return True
    operation.work = None
    if store.exact_now() >= operation.ends_at:
        operation.end("COMPLETED", store.now())
        return True
    return has_worked


def _lines(store: ShopifyStore, operation: BulkOperation) -> Iterator[tuple[bytes, bool]]:
    request = Request(store, operation.token, operation.base_url)
    document = parse(operation.query)
    if operation.type == "MUTATION":
        return _mutate(request, operation, document)
    return _export(request, operation, document)


def _encode(value: Mapping[str, Wire]) -> bytes:
    return msgspec.json.encode(value).replace(b"/", rb"\/") + b"\n"


def _mutate(request: Request, operation: BulkOperation, document: DocumentNode) -> Iterator[tuple[bytes, bool]]:
    definition = operation_of(document)
    lines = [line for line in operation.content.split(b"\n") if line.strip()]
    order = list(range(len(lines)))
    random.Random(operation.number).shuffle(order)
    for number in order:
        yield _encode({**_mutate_once(request, document, definition, lines[number]), "__lineNumber": number}), True


def _mutate_once(
    request: Request, document: DocumentNode, definition: OperationDefinitionNode, line: bytes
) -> dict[str, Wire]:
    try:
        variables = msgspec.json.decode(line, type=dict[str, object])
    except msgspec.DecodeError:
        return {"errors": [{"message": "The line is not valid JSON."}]}
    errors = check_variables(load_schema(), definition.variable_definitions or (), variables)
    errors = errors or long_arrays(definition, variables)
    return {"errors": errors} if errors else run(request, document, definition, variables)


def _export(request: Request, operation: BulkOperation, document: DocumentNode) -> Iterator[tuple[bytes, bool]]:
    definition = operation_of(document)
    root = next(node for node in definition.selection_set.selections if isinstance(node, FieldNode))
    tree = _connection_keys(definition.selection_set, load_schema().query_type)
    key = (root.alias or root.name).value
    shuffler = random.Random(operation.number)
    request.bulk_page = BulkPage()
    while request.bulk_page.has_next:
        reply = run(request, document, definition, {})
        if reply.get("errors"):
            raise _DeniedError
        yield from _flatten_page(reply["data"][key]["edges"], tree[key], shuffler, is_grouped=operation.is_grouped)


def _flatten_page(
    edges: list[Wire], tree: Mapping[str, Wire], shuffler: random.Random, *, is_grouped: bool
) -> Iterator[tuple[bytes, bool]]:
    later: list[bytes] = []
    for edge in edges:
        line, children = _split(edge["node"], tree)
        yield _encode(line), True
        rows = [_encode(child) for child in children]
        if is_grouped:
            yield from ((row, False) for row in rows)
        else:
            later.extend(rows)
    shuffler.shuffle(later)
    yield from ((row, False) for row in later)


def _split(node: Mapping[str, Wire], tree: Mapping[str, Wire]) -> tuple[dict[str, Wire], list[dict[str, Wire]]]:
    line = {key: value for key, value in node.items() if key not in tree}
    children: list[dict[str, Wire]] = []
    for key, inner in tree.items():
        connection: Wire = node.get(key)
        for edge in connection["edges"] if connection else ():
            child, deeper = _split(edge["node"], inner)
            children.append({**child, "__parentId": node.get("id")})
            children.extend(deeper)
    return line, children


def _connection_keys(selection: SelectionSetNode, parent: GraphQLNamedType | None) -> dict[str, Wire]:
    keys: dict[str, Wire] = {}
    for node in selection.selections:
        if not isinstance(node, FieldNode) or node.selection_set is None:
            continue
        answered = answered_type(parent, node.name.value)
        if is_connection(answered):
            keys[(node.alias or node.name).value] = _connection_keys(_inner(node), answered_type(answered, "nodes"))
    return keys


def _inner(node: FieldNode) -> SelectionSetNode:
    for name in ("edges", "node"):
        selections = node.selection_set.selections if node.selection_set else ()
        node = next(one for one in selections if isinstance(one, FieldNode) and one.name.value == name)
    if node.selection_set is None:
        raise TypeError("a node of a checked bulk query has fields")
    return node.selection_set
