"""Own how PHP reads values that nobody has checked: casts to text and numbers, and what counts as a list of objects."""

from collections.abc import Mapping
from typing import Any, cast

Fields = Mapping[str, Any]


def php_string(value: object) -> str:
    """Return a value cast to text the way PHP casts it."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    return "Array" if isinstance(value, (list, dict)) else str(value)


def php_int(value: object) -> int:
    """Return a value cast to an integer; what is none counts as zero."""
    text = str(value).strip()
    return int(text) if text.lstrip("-").isdigit() else 0


def items(value: object) -> list[Any]:
    """Return the items of a list; anything else has none."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def objects(value: object) -> list[Fields]:
    """Return the objects in a list, leaving out what is none."""
    return [cast("Fields", item) for item in items(value) if isinstance(item, Mapping)]


def fields(value: object) -> Fields:
    """Return an object's fields; anything else has none."""
    return cast("Fields", value) if isinstance(value, Mapping) else {}
