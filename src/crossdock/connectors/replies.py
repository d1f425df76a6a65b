"""What a store answered, made safe to use: text without markup, addresses without secrets, JSON freed of PHP notices.

Owns how a raw body is read. It must not know any platform's error codes, nor how a request was sent.
"""

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import msgspec

LONGEST_QUOTE = 300
"""How many characters of a store's own words a message quotes."""

_HIDDEN = re.compile(r"<(script|style|head)\b.*?(</\1\s*>|\Z)|<!--.*?(-->|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[a-zA-Z/!?][^>]*(>|\Z)")
_HTML_START = re.compile(rb"\s*(<!doctype\s+html|<html|<head|<body|<br|<b>|<p>|<div|<script|<!--)", re.IGNORECASE)
_JSON_START = re.compile(rb"(?:(?<=[\n>])|(?<=\xef\xbb\xbf))[{\[]")
_MOST_STARTS = 64
_RAW = msgspec.json.Decoder(msgspec.Raw)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer whose status the connector must judge. `body` is one JSON text where `is_json`.

    `place` is the method and address without its query, fit for logs. `headers` have lower-case names.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    place: str
    is_json: bool = True
    seconds: float = 0.0

    @property
    def is_success(self) -> bool:
        """Whether the store says that it did what was asked."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the class of statuses that RFC 9110 calls successful


def store_words(text: str) -> str:
    """Give a store's own words as plain text: no markup, entities decoded, one line, at most `LONGEST_QUOTE` long."""
    plain = html.unescape(_TAG.sub(" ", _HIDDEN.sub(" ", text)))
    plain = "".join(" " if unicodedata.category(character)[0] == "C" else character for character in plain)
    plain = " ".join(plain.split())
    return plain if len(plain) <= LONGEST_QUOTE else plain[: LONGEST_QUOTE - 1].rstrip() + "…"


def place_of(url: str) -> str:
    """Give an address without user, query and fragment: those can hold secrets and personal data."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def json_part(body: bytes) -> bytes | None:
    """Find the JSON text in a body, also behind PHP notices; None where there is no whole JSON text.

    Only what begins a line or follows a tag counts as a start: the last part of a cut JSON text can be JSON too.
    """
    if _is_json(body):
        return body
    if body[:1] in (b"{", b"["):
        return None
    for count, start in enumerate(_JSON_START.finditer(body)):
        if count >= _MOST_STARTS:
            return None
        if _is_json(body[start.start() :]):
            return body[start.start() :]
    return None


def looks_like_html(body: bytes, content_type: str) -> bool:
    """Tell whether a body is a page for people: a challenge, a login form, a notice of maintenance."""
    return "html" in content_type.lower() or _HTML_START.match(body) is not None


def _is_json(body: bytes) -> bool:
    try:
        _RAW.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
