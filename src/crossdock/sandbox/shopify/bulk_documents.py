"""What a document must be to run as a bulk operation. Must not know operations or files.

Source: reference §2.1 and §2.3, recorded user errors.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    parse,
)

from crossdock.sandbox.shopify.records import UserError
from crossdock.sandbox.shopify.schema_walk import answered_type, is_connection, is_list_field
from crossdock.sandbox.shopify.validation import check_document

MAX_BYTES: Final = 65_535
MAX_CONNECTIONS: Final = 5
MAX_DEPTH: Final = 2
_BULK_MUTATIONS: Final = frozenset({"bulkOperationRunMutation", "bulkOperationRunQuery"})


class BulkRefusedError(Exception):
    """A document that can't run in bulk."""

    def __init__(self, field: list[str] | None, message: str, code: str | None) -> None:
        super().__init__(message)
        self.error = UserError(field, message, code)


@dataclass(slots=True)
class _Connection:
    node: FieldNode
    depth: int
    is_in_list: bool
    parent: SelectionSetNode | None


def operation_of(document: DocumentNode) -> OperationDefinitionNode:
    """Find the one operation of a document that was checked before."""
    return next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))


def check_bulk_query(schema: GraphQLSchema, text: str) -> DocumentNode:
    """Parse a document for bulkOperationRunQuery.

    Raises:
        BulkRefusedError: code INVALID, field `query`.

    """
    size = len(text.encode())
    if size > MAX_BYTES:
        raise _refuse_query(f"Query is too large ({size} bytes; maximum is {MAX_BYTES} bytes)")
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        raise _refuse_query(f"Invalid bulk query: {_syntax(error)}") from None
    operation = operation_of(document)
    if operation.operation is not OperationType.QUERY:
        raise _refuse_query("Invalid operation type. Only `query` operations are supported.")
    faults = check_document(schema, document)
    if faults:
        raise _refuse_query(f"Invalid bulk query: {faults[0]['message']}")
    roots = [node for node in operation.selection_set.selections if isinstance(node, FieldNode)]
    for root in roots:
        if root.name.value in {"node", "nodes"}:
            raise _refuse_query(f"Bulk queries cannot contain a top level `{root.name.value}` field.")
    if len(roots) != 1:
        raise _refuse_query("Bulk queries must contain exactly one top level field.")
    _check_connections(list(_connections(operation.selection_set, schema.query_type, 0, None)))
    return document


def check_bulk_mutation(schema: GraphQLSchema, text: str) -> DocumentNode:
    """Parse a document for bulkOperationRunMutation.

    Raises:
        BulkRefusedError: code INVALID_MUTATION, or none for the rules on the mutation's fields.

    """
    size = len(text.encode())
    if size > MAX_BYTES:
        message = f"is too large ({size} bytes; maximum is {MAX_BYTES} bytes)"
        raise BulkRefusedError(["query"], message, "INVALID_MUTATION")
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        raise BulkRefusedError(None, f"Failed to parse the mutation - {_syntax(error)}", "INVALID_MUTATION") from None
    operation = operation_of(document)
    if operation.operation is not OperationType.MUTATION:
        message = "Invalid operation type. Only `mutation` operations are supported."
        raise BulkRefusedError(None, message, "INVALID_MUTATION")
    roots = [node for node in operation.selection_set.selections if isinstance(node, FieldNode)]
    if len(roots) != 1:
        raise BulkRefusedError(["mutation"], "You must specify a single top level mutation.", None)
    if roots[0].name.value in _BULK_MUTATIONS:
        raise BulkRefusedError(["mutation"], "You must use an allowed mutation name.", None)
    faults = check_document(schema, document)
    if faults:
        raise BulkRefusedError(None, f"Failed to parse the mutation - {faults[0]['message']}", "INVALID_MUTATION")
    if len(list(_connections(operation.selection_set, schema.mutation_type, 0, None))) > 1:
        raise BulkRefusedError(["mutation"], "Bulk mutations cannot contain more than 1 connection.", None)
    return document


def _check_connections(found: list[_Connection]) -> None:
    if not found:
        raise _refuse_query("Bulk queries must contain at least one connection.")
    by_nodes = [connection.node.name.value for connection in found if not _selects_edges(connection.node)]
    if by_nodes:
        raise _refuse_query(
            "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: "
            "'products { edges { node {'. Selecting via 'nodes' is not supported. "
            f"Invalid connection fields: '{', '.join(by_nodes)}'."
        )
    if any(connection.is_in_list for connection in found):
        raise _refuse_query("Queries that contain a connection field within a list field are not currently supported.")
    if len(found) > MAX_CONNECTIONS:
        raise _refuse_query(f"Bulk queries cannot contain more than {MAX_CONNECTIONS} connections.")
    if any(connection.depth > MAX_DEPTH for connection in found):
        raise _refuse_query(f"Bulk queries cannot contain connections with a nesting depth greater than {MAX_DEPTH}.")
    without_id = [
        connection.node.name.value
        for connection in found
        if any(inner.parent is _node_selection(connection.node) for inner in found)
        and not _has_plain_id(_node_selection(connection.node))
    ]
    if without_id:
        raise _refuse_query(
            "The parent 'node' field for a nested connection must select the 'id' field without an alias and must be "
            f"of 'ID' return type. Connection fields without 'id': {', '.join(without_id)}."
        )


def _connections(
    selection: SelectionSetNode, parent: GraphQLNamedType | None, depth: int, owner: SelectionSetNode | None,
    *, is_in_list: bool = False,
) -> Iterator[_Connection]:  # fmt: skip
    if not isinstance(parent, GraphQLObjectType):
        return
    for node in selection.selections:
        if not isinstance(node, FieldNode) or node.selection_set is None or node.name.value.startswith("__"):
            continue
        named = answered_type(parent, node.name.value)
        if is_connection(named):
            yield _Connection(node, depth + 1, is_in_list, owner)
            inner = _node_selection(node)
            row = answered_type(named, "nodes")
            if inner is not None:
                yield from _connections(inner, row, depth + 1, inner)
            continue
        deeper = is_in_list or is_list_field(parent, node.name.value)
        yield from _connections(node.selection_set, named, depth, owner, is_in_list=deeper)


def _child(selection: SelectionSetNode | None, name: str) -> FieldNode | None:
    nodes = selection.selections if selection is not None else ()
    return next((node for node in nodes if isinstance(node, FieldNode) and node.name.value == name), None)


def _selects_edges(node: FieldNode) -> bool:
    return _child(node.selection_set, "nodes") is None and _node_selection(node) is not None


def _node_selection(node: FieldNode) -> SelectionSetNode | None:
    edges = _child(node.selection_set, "edges")
    inner = _child(edges.selection_set, "node") if edges is not None else None
    return inner.selection_set if inner is not None else None


def _has_plain_id(selection: SelectionSetNode | None) -> bool:
    found = _child(selection, "id")
    return found is not None and found.alias is None


def _refuse_query(message: str) -> BulkRefusedError:
    return BulkRefusedError(["query"], message, "INVALID")


def _syntax(error: GraphQLSyntaxError) -> str:
    if "<EOF>" in error.message:
        at = error.locations[0] if error.locations else None
        where = f" at [{at.line}, {at.column}]" if at is not None else ""
        return f"syntax error, unexpected end of file{where}"
    return f"syntax error, {error.message.removeprefix('Syntax Error: ')}"
