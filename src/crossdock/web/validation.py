"""What is wrong with a request, member by member, in words for whoever sent it.

Owns the translation of pydantic's findings. It must not repeat a value that was sent: it may be personal.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

MOST_REPORTED = 20
"""How many wrong members one answer names; a caller mends them in rounds."""

_SENTENCES: Mapping[str, tuple[str, str | None]] = {
    "json_invalid": ("The body is not valid JSON.", "one JSON object"),
    "missing": ("This is required.", None),
    "extra_forbidden": ("This is not known here.", None),
    "literal_error": ("This value is not known.", "{expected}"),
    "enum": ("This value is not known.", "{expected}"),
    "too_long": ("There are too many: {actual_length}.", "at most {max_length}"),
    "too_short": ("This must not be empty.", "at least {min_length}"),
    "string_too_short": ("This must not be empty.", "at least {min_length}"),
    "string_too_long": ("This is too long.", "at most {max_length} characters"),
    "string_pattern_mismatch": ("This value is not allowed.", "{pattern}"),
    "string_type": ("This must be text.", "text"),
    "string_unicode": ("This must be text in Unicode.", "text"),
    "list_type": ("This must be a list.", "a list"),
    "bool_type": ("This must be true or false.", "true, false"),
    "bool_parsing": ("This must be true or false.", "true, false"),
    "int_parsing": ("This must be a whole number.", "a whole number"),
    "model_type": ("This must be an object.", "an object"),
    "model_attributes_type": ("This must be an object.", "an object"),
    "dict_type": ("This must be an object.", "an object"),
}
_PLACES = {"body", "query", "path", "header", "cookie"}


class FieldError(BaseModel):
    """One member that is wrong: which, why, and what is allowed."""

    field: str = Field(description="Path of the member, such as `customers[3].sourceCustomerId`.")
    message: str
    allowed: str | None = None


def describe(findings: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """Translate pydantic's findings, at most `MOST_REPORTED` of them."""
    return [_describe(finding) for finding in findings[:MOST_REPORTED]]


def field_path(location: Sequence[str | int]) -> str:
    """Write a place within a body as its author would: `customers[3].email`."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _describe(finding: Mapping[str, Any]) -> FieldError:
    kind = str(finding["type"])
    context: Mapping[str, Any] = finding.get("ctx") or {}
    location: tuple[str | int, ...] = tuple(finding["loc"])
    if location and location[0] in _PLACES:
        location = location[1:] if kind != "json_invalid" else ()
    field = field_path(location) or "body"
    message, allowed = _sentence(kind, context, str(finding["msg"]))
    return FieldError(field=field, message=message, allowed=allowed)


def _sentence(kind: str, context: Mapping[str, Any], fallback: str) -> tuple[str, str | None]:
    known = _SENTENCES.get(kind)
    if known is None:
        return fallback.removeprefix("Value error, ").rstrip(".") + ".", None
    message, allowed = known
    # Pydantic writes expected values as 'one' or 'two'.
    values = {name: str(value).replace("'", "").replace(" or ", ", ") for name, value in context.items()}
    return message.format_map(values), None if allowed is None else allowed.format_map(values)
