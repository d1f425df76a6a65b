"""Own what every reply looks like: PHP's JSON, WordPress's headers, trimming by `_fields`.

Knows no route and no rule about customers.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

from starlette.responses import HTMLResponse, Response

from crossdock.sandbox.woocommerce.validation import id_texts

_NO_CACHE = {
    "Expires": "Wed, 11 Jan 1984 05:00:00 GMT",
    "Cache-Control": "no-cache, must-revalidate, max-age=0, no-store, private",
}


def json_reply(
    body: object,
    *,
    root: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    is_private: bool = False,
) -> Response:
    """Return a reply with the headers of every WordPress API answer; `is_private` adds those against caches."""
    text = json.dumps(body, separators=(",", ":")).replace("/", "\\/")
    return Response(
        text,
        status_code=status,
        headers={
            "Content-Type": "application/json; charset=UTF-8",
            "X-Robots-Tag": "noindex",
            "X-Content-Type-Options": "nosniff",
            "Access-Control-Expose-Headers": "X-WP-Total, X-WP-TotalPages, Link",
            "Access-Control-Allow-Headers": "Authorization, X-WP-Nonce, Content-Disposition, Content-MD5, Content-Type",
            "Link": f'<{root}>; rel="https://api.w.org/"',
            **(_NO_CACHE if is_private else {}),
            **(headers or {}),
        },
    )


def html_reply(text: str, *, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return a page, as the theme or the web server in front answers."""
    page = f"<!DOCTYPE html><html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>"
    return HTMLResponse(page, status_code=status, headers=dict(headers or {}))


def trim(body: object, fields: object) -> object:
    """Keep only the named fields, dots reaching into objects; a list is trimmed item by item (§2.2)."""
    names = id_texts(fields)
    if not names:
        return body
    if isinstance(body, list):
        return [_trim_object(item, names) for item in cast("list[object]", body)]
    return _trim_object(body, names)


def _trim_object(body: object, names: list[str]) -> object:
    if not isinstance(body, dict):
        return body
    source = cast("dict[str, Any]", body)
    kept: dict[str, Any] = {}
    for name in source:
        if name in names:
            kept[name] = source[name]
            continue
        inner = [rest for top, dot, rest in (wanted.partition(".") for wanted in names) if dot and top == name]
        if inner:
            # A list has numbers for keys, so that dots find nothing in it.
            kept[name] = [] if isinstance(source[name], list) else _trim_object(source[name], inner)
    # PHP encodes an array that lost all its keys as a list.
    return kept or []
