"""Coerces a request's variables and explains in the platform's words what is wrong with them.

Must not know what the variables are for. Source: reference §1.4 (`INVALID_VARIABLE`: a reply without data and cost).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    Undefined,
    VariableDefinitionNode,
    get_location,
    print_ast,
    type_from_ast,  # pyright: ignore[reportUnknownVariableType]  # The library leaves an overload untyped.
    value_from_ast_untyped,
)

from crossdock.sandbox.shopify.records import Wire
from crossdock.sandbox.shopify.schema_walk import shape_of

_NOT_NULL: Final = "Expected value to not be null"


@dataclass(slots=True)
class _Check:
    problems: list[dict[str, Wire]] = field(default_factory=list[dict[str, Wire]])

    def note(self, path: list[str | int], explanation: str, *, is_custom: bool = False) -> None:
        problem: dict[str, Wire] = {"path": path, "explanation": explanation}
        if is_custom:
            problem["message"] = explanation
        self.problems.append(problem)


def check_variables(
    schema: GraphQLSchema, definitions: tuple[VariableDefinitionNode, ...], given: Mapping[str, Wire]
) -> list[dict[str, Wire]]:
    """List an `INVALID_VARIABLE` error for each variable that doesn't fit its declared type."""
    errors: list[dict[str, Wire]] = []
    for definition in definitions:
        name = definition.variable.name.value
        kind: Wire = type_from_ast(schema, definition.type)
        if kind is None or (name not in given and definition.default_value is not None):
            continue
        check = _Check()
        _check(kind, given.get(name), [], check)
        if check.problems:
            errors.append(_error(definition, given.get(name), check.problems))
    return errors


def with_defaults(definitions: tuple[VariableDefinitionNode, ...], given: Mapping[str, Wire]) -> dict[str, Wire]:
    """Answer the raw variables with the operation's own defaults filled in, for pricing."""
    defaults = {
        definition.variable.name.value: value_from_ast_untyped(definition.default_value)
        for definition in definitions
        if definition.default_value is not None
    }
    return {**defaults, **given}


def _error(definition: VariableDefinitionNode, value: Wire, problems: list[dict[str, Wire]]) -> dict[str, Wire]:
    places = [
        f"{'.'.join(str(part) for part in problem['path'])} ({problem['explanation']})"
        for problem in problems
        if problem["path"]
    ]
    message = (
        f"Variable ${definition.variable.name.value} of type {print_ast(definition.type)} was provided invalid value"
    )
    if places:
        message += f" for {', '.join(places)}"
    error: dict[str, Wire] = {"message": message}
    if definition.loc is not None:
        at = get_location(definition.loc.source, definition.loc.start)
        error["locations"] = [{"line": at.line, "column": at.column}]
    error["extensions"] = {"code": "INVALID_VARIABLE", "value": value, "problems": problems}
    return error


def _check(kind: Wire, value: Wire, path: list[str | int], check: _Check) -> None:
    shape = shape_of(kind)
    if shape == "non-null":
        if value is None:
            check.note(path, _NOT_NULL)
        else:
            _check(kind.of_type, value, path, check)
    elif value is None:
        return
    elif shape == "list":
        if not isinstance(value, list):
            _check(kind.of_type, value, path, check)
            return
        for index, item in enumerate(cast("list[Wire]", value)):
            _check(kind.of_type, item, [*path, index], check)
    elif shape == "object":
        _check_object(kind, value, path, check)
    elif shape == "enum":
        if value not in kind.values:
            check.note(path, f'Expected "{value}" to be one of: {", ".join(kind.values)}')
    else:
        _check_scalar(kind, value, path, check)


def _check_object(kind: GraphQLInputObjectType, value: Wire, path: list[str | int], check: _Check) -> None:
    if not isinstance(value, dict):
        check.note(path, f"Expected {value!r} to be a key-value object.")
        return
    given = cast("dict[str, Wire]", value)
    if kind.is_one_of and len(given) != 1:
        check.note(path, f"'{kind.name}' requires exactly one argument, but {len(given)} were provided.")
        return
    for name, inner in kind.fields.items():
        if name in given or inner.default is None:
            _check(inner.type, given.get(name), [*path, name], check)
        if kind.is_one_of and name in given and given[name] is None:
            check.note([*path, name], _NOT_NULL)
    for name in given:
        if name not in kind.fields:
            check.note([*path, name], f"Field is not defined on {kind.name}")


def _check_scalar(kind: GraphQLScalarType, value: Wire, path: list[str | int], check: _Check) -> None:
    try:
        coerced = kind.coerce_input_value(value)
    except GraphQLError as error:
        is_custom = error.message.startswith("invalid ")
        text = error.message if is_custom else f"Could not coerce value {_shown(value)} to {kind.name}"
        check.note(path, text, is_custom=is_custom)
        return
    if coerced is Undefined:
        check.note(path, f"Could not coerce value {_shown(value)} to {kind.name}")


def _shown(value: Wire) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
