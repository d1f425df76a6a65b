"""Proves the sandbox's SDL a subset of the official 2026-10 schema: what it takes, the platform takes the same way."""

import gzip
import json
from pathlib import Path

import pytest
from graphql import (
    BreakingChangeType,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_client_schema,
    build_schema,
    find_breaking_changes,
    print_ast,
)

from crossdock.sandbox.shopify.schema import RESOLVERS, load_schema
from crossdock.sandbox.shopify.schema_walk import print_type_of

OFFICIAL = Path(__file__).parents[2] / ".cache" / "shopify-schema" / "admin_2026-10.json.gz"


@pytest.fixture(scope="module")
def official() -> GraphQLSchema:
    if not OFFICIAL.exists():
        pytest.fail(f"{OFFICIAL.name} is missing: `make setup` fetches the official schema.")
    with gzip.open(OFFICIAL) as file:
        # The official schema breaks a rule of the library on deprecated interface fields, hence assume_valid.
        return build_client_schema(json.load(file)["data"], assume_valid=True)


def test_a_document_that_the_sandbox_takes_is_valid_on_the_platform(official: GraphQLSchema) -> None:
    changes = find_breaking_changes(load_schema(), official)
    directives = {kind for kind in BreakingChangeType if kind.name.startswith("DIRECTIVE_")}
    assert [change.description for change in changes if change.type not in directives] == []


def test_every_type_of_the_sandbox_is_the_official_one_where_it_says_anything(official: GraphQLSchema) -> None:
    assert _differences(load_schema(), official) == []


def test_the_walk_sees_what_the_library_does_not() -> None:
    """Looser outputs, stricter inputs, other defaults, and left-out enum values or arguments must be caught."""
    ours = build_schema("enum E { A } type Query { a: String  b(x: Int! = 1): [Int] c: E }")
    theirs = build_schema("enum E { A B } type Query { a: String!  b(x: Int = 2, y: Int): [Int] c: E }")
    assert _differences(ours, theirs) == [
        "E: ['A'] is not ['A', 'B']",
        "Query.a: String is not String!",
        "Query.b: arguments ['x'] are not ['x', 'y']",
        "Query.b(x): Int! is not Int",
        "Query.b(x): default 1 is not 2",
    ]


def test_each_resolver_belongs_to_a_field_of_the_schema() -> None:
    schema = load_schema()
    for type_name, field_name in RESOLVERS:
        owner = schema.type_map[type_name]
        assert isinstance(owner, GraphQLObjectType)
        assert field_name in owner.fields


def _differences(ours: GraphQLSchema, theirs: GraphQLSchema) -> list[str]:
    found: list[str] = []
    for name in sorted(ours.type_map):
        if name.startswith("__"):
            continue
        mine, official = ours.type_map[name], theirs.type_map.get(name)
        if official is None or type(mine) is not type(official):
            found.append(f"{name}: is no such type")
        elif isinstance(mine, GraphQLEnumType) and isinstance(official, GraphQLEnumType):
            found.extend(_unequal(name, sorted(mine.values), sorted(official.values)))
        elif isinstance(mine, GraphQLInputObjectType) and isinstance(official, GraphQLInputObjectType):
            found.extend(_unequal(name, sorted(mine.fields), sorted(official.fields)))
            found.extend(_unequal(f"{name} oneOf", mine.is_one_of, official.is_one_of))
            for key, field in mine.fields.items():
                if key in official.fields:
                    found.extend(_inputs(f"{name}.{key}", field, official.fields[key]))
        elif isinstance(mine, GraphQLObjectType | GraphQLInterfaceType):
            assert isinstance(official, GraphQLObjectType | GraphQLInterfaceType)
            found.extend(_outputs(name, mine, official))
    return found


def _outputs(
    name: str, mine: GraphQLObjectType | GraphQLInterfaceType, official: GraphQLObjectType | GraphQLInterfaceType
) -> list[str]:
    found: list[str] = []
    for key, field in mine.fields.items():
        place = f"{name}.{key}"
        if key not in official.fields:
            found.append(f"{place}: is no such field")
            continue
        other = official.fields[key]
        found.extend(_unequal(place, str(field.type), str(other.type)))
        is_deprecated, other_deprecated = field.deprecation_reason is not None, other.deprecation_reason is not None
        found.extend(_unequal(f"{place} deprecated", is_deprecated, other_deprecated))
        if sorted(field.args) != sorted(other.args):
            found.append(f"{place}: arguments {sorted(field.args)} are not {sorted(other.args)}")
        for argument in field.args:
            if argument in other.args:
                found.extend(_inputs(f"{place}({argument})", field.args[argument], other.args[argument]))
    return found


def _inputs(
    place: str, mine: GraphQLArgument | GraphQLInputField, official: GraphQLArgument | GraphQLInputField
) -> list[str]:
    found = _unequal(place, print_type_of(mine), print_type_of(official))
    default, other = _default(mine), _default(official)
    return found if default == other else [*found, f"{place}: default {default} is not {other}"]


def _default(field: GraphQLArgument | GraphQLInputField) -> str | None:
    if field.default is None or field.default.literal is None:
        return None
    return print_ast(field.default.literal)


def _unequal(place: str, mine: object, official: object) -> list[str]:
    return [] if mine == official else [f"{place}: {mine} is not {official}"]
