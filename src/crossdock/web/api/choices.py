"""A kind's options and filters, described for OpenAPI from the one place where they are defined.

Owns the translation from the compare room's readers to JSON schema. It must not know any kind.
"""

from collections.abc import Callable, Sequence
from typing import Any

from crossdock.compare.kinds import Filter, Option
from crossdock.compare.kinds.values import read_boolean, read_moment, read_words

_SCHEMAS: dict[Callable[[str, object], Any], dict[str, Any]] = {
    read_boolean: {"type": "boolean"},
    read_moment: {"type": "string", "description": "An RFC 3339 time, or a date (its first moment in UTC)."},
    read_words: {"type": "array", "items": {"type": "string"}, "minItems": 1},
}


def options_schema(options: Sequence[Option]) -> dict[str, Any]:
    """Describe options with their defaults."""
    return _object(
        {
            option.name: {
                **_SCHEMAS.get(option.parse, {}),
                "description": option.help,
                **({} if option.default is None else {"default": option.default}),
            }
            for option in options
        }
    )


def where_schema(filters: Sequence[Filter]) -> dict[str, Any]:
    """Describe filters as members of `where`, with the search beside them."""
    described = {one.name: _SCHEMAS.get(one.parse, {}) for one in filters}
    return _object({**described, "search": {"type": "string", "description": "A part of an e-mail or a name."}})


def filter_parameters(filters: Sequence[Filter]) -> list[dict[str, Any]]:
    """Describe filters as query parameters."""
    return [
        {"name": one.name, "in": "query", "required": False, "schema": _SCHEMAS.get(one.parse, {})} for one in filters
    ]


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"properties": properties, "additionalProperties": False}
