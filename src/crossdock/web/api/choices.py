"""A kind's options and filters, described for OpenAPI from the one place where they are defined.

Owns the translation from the readers of the compare and sync rooms to JSON schema. It must not know any kind.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, get_type_hints

from crossdock.compare.kinds import Filter, Option
from crossdock.sync.options import SyncOption

SEARCH = (
    "A part of an e-mail address, of a customer's name or of an order's number. With `*` behind it, their beginning: "
    "`jo*`; that is the fastest."
)
"""What a search finds."""

_SCHEMAS: Mapping[object, Mapping[str, Any]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    str: {"type": "string"},
    datetime: {"type": "string", "description": "An RFC 3339 time, or a date (its first moment in UTC)."},
    list[str]: {"type": "array", "items": {"type": "string"}, "minItems": 1},
}
"""What a reader takes, by what it gives."""


def options_schema(options: Sequence[Option]) -> dict[str, Any]:
    """Describe options with their defaults."""
    return _object(
        {
            option.name: {
                **_schema(option.parse),
                "description": option.help,
                **({} if option.default is None else {"default": option.default}),
            }
            for option in options
        }
    )


def sync_options_schema(options: Sequence[SyncOption]) -> dict[str, Any]:
    """Describe what may be chosen for a sync, with the defaults; null stands for the default, too."""
    forms: dict[str, dict[str, Any]] = {"flag": {"type": "boolean"}, "text": {"type": "string"}}
    return _object(
        {
            option.name: {
                **forms.get(option.form, {"type": "string", "enum": list(option.choices)}),
                "description": option.help,
                **({} if option.default is None else {"default": option.default}),
            }
            for option in options
        }
    )


def where_schema(filters: Sequence[Filter]) -> dict[str, Any]:
    """Describe filters as members of `where`, with the search beside them."""
    described: dict[str, Any] = {one.name: _schema(one.parse) for one in filters}
    return _object({**described, "search": {"type": "string", "description": SEARCH}})


def filter_parameters(filters: Sequence[Filter]) -> list[dict[str, Any]]:
    """Describe filters as query parameters."""
    return [{"name": one.name, "in": "query", "required": False, "schema": _schema(one.parse)} for one in filters]


def _schema(read: Callable[[str, object], Any]) -> Mapping[str, Any]:
    return _SCHEMAS[get_type_hints(read)["return"]]


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"properties": properties, "additionalProperties": False}
