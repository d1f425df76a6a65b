"""Questions about the schema that pricing, variables and bulk operations ask alike. Must not know documents."""

from typing import Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
)

from crossdock.sandbox.shopify.records import Wire

_SHAPES: Final[dict[type, str]] = {
    GraphQLNonNull: "non-null",
    GraphQLList: "list",
    GraphQLInputObjectType: "object",
    GraphQLEnumType: "enum",
}


def answered_type(owner: GraphQLNamedType | None, field: str) -> GraphQLNamedType | None:
    """Answer the named type of a field; None where the owner has no fields."""
    if not isinstance(owner, GraphQLObjectType | GraphQLInterfaceType):
        return None
    return _named(owner.fields[field])


def _named(definition: Wire) -> GraphQLNamedType:
    kind: GraphQLNamedType = definition.type
    return get_named_type(kind)


def is_list_field(owner: GraphQLObjectType, field: str) -> bool:
    """Tell whether a field answers a list."""
    return print_type_of(owner.fields[field]).startswith("[")


def print_type_of(definition: Wire) -> str:
    """Print the type of a field or an argument as a document would write it."""
    return str(definition.type)


def is_connection(kind: GraphQLNamedType | None) -> bool:
    """Tell whether a type is a connection, which its name says."""
    return kind is not None and kind.name.endswith("Connection")


def shape_of(kind: Wire) -> str:
    """Tell what kind of input type this is: non-null, list, object, enum or scalar."""
    return _SHAPES.get(kind.__class__, "scalar")
