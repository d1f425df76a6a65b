"""Own how a request is read: PHP's query arrays, WordPress's parameter order, method override and body rules.

Knows no route and no store.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qsl

from crossdock.sandbox.woocommerce.errors import RestError

_SUBKEYS = re.compile(r"\[([^\]]*)\]")
_FORM = "application/x-www-form-urlencoded"
_OVERRIDABLE = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")


@dataclass(slots=True)
class RestRequest:
    """One request as WordPress sees it; `path` is the raw path below the home URL, `query` PHP's `$_GET`."""

    verb: str
    scheme: str
    path: str
    query_text: str
    headers: Mapping[str, str]
    body: bytes
    query: dict[str, Any] = field(default_factory=dict[str, Any])
    form: dict[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        self.query = parse_php(parse_qsl(self.query_text, keep_blank_values=True))
        if self.content_type == _FORM:
            self.form = parse_php(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def content_type(self) -> str:
        """Return the body's media type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def uri(self) -> str:
        """Return path and query as PHP's REQUEST_URI holds them."""
        return f"{self.path}?{self.query_text}" if self.query_text else self.path

    @property
    def method(self) -> str:
        """Return the method WordPress acts on, which a POST may override (reference §1.7)."""
        if "_method" in self.query:
            asked = str(self.query["_method"]).upper()
            return asked if asked in _OVERRIDABLE else self.verb
        if self.verb == "POST" and "x-http-method-override" in self.headers:
            return self.headers["x-http-method-override"].upper()
        return self.verb

    def params(self) -> dict[str, Any]:
        """Return query, form and JSON parameters, later ones winning; raises RestError 400 for broken JSON (§7)."""
        merged = {**self.query, **self.form}
        if self.content_type.endswith("json") and self.body.strip():
            merged.update(self._json())
        return merged

    def _json(self) -> dict[str, Any]:
        try:
            value: object = json.loads(self.body)
        except ValueError:
            raise RestError(
                "rest_invalid_json",
                "Invalid JSON body passed.",
                data={"json_error_code": 4, "json_error_message": "Syntax error"},
            ) from None
        return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def parse_php(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return parameters as PHP parses them: `a[]` counts up, `a[k]` nests, the last of equal names wins."""
    result: dict[str, Any] = {}
    for name, value in pairs:
        bracket = name.find("[")
        top = (name if bracket < 1 else name[:bracket]).replace(".", "_").replace(" ", "_")
        keys = cast("list[str]", _SUBKEYS.findall(name[bracket:])) if bracket > 0 else []
        if not keys:
            result[top] = value
            continue
        target = _nested(result, top)
        for key in keys[:-1]:
            target = _nested(target, key or str(len(target)))
        target[keys[-1] or str(len(target))] = value
    return result


def _nested(holder: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the dictionary under a key, put there if something else or nothing was."""
    found = holder.get(key)
    if not isinstance(found, dict):
        found = holder[key] = {}
    return cast("dict[str, Any]", found)
