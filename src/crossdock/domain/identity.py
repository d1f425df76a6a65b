"""Identity: the keys by which records of two stores are matched, and the marker that we leave on what we create.

Keys are for comparing only; what is written keeps its form. Every key function is pure, idempotent on its own result
and answers None where a value can't identify anybody. It must not know where a record came from.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import idna
import phonenumbers

_SCRIPT = re.compile(r"<(script|style)\b[^>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[a-zA-Z/!][^>]*>?")
_NEEDS_CARE = re.compile(r"[&<\\]")
_MAX_ROUNDS = 8


@lru_cache(maxsize=4096)
def _domain_key(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return domain


def email_key(email: str) -> str | None:
    """Fold an e-mail address: NFC, white space removed, lower case, domain by IDNA; no dot or plus folding."""
    folded = email.lower() if email.isascii() else unicodedata.normalize("NFC", email).lower()
    folded = "".join(folded.split())
    if not folded:
        return None
    local, at, domain = folded.rpartition("@")
    if not at or domain.isascii():
        return folded
    return unicodedata.normalize("NFC", local) + at + _domain_key(domain)


def _plain_text(text: str) -> str:
    text = html.unescape(unicodedata.normalize("NFKC", text))
    text = _TAG.sub("", _SCRIPT.sub("", text)).replace("\\", "")
    return " ".join(unicodedata.normalize("NFKC", text.casefold()).split())


def text_key(text: str) -> str | None:
    """Fold a name or an address part: NFKC, entities decoded, markup and backslashes dropped, spaces and case folded.

    Markup and backslashes go because WooCommerce drops them when it stores a name (REST v3, observed on 9.2.5).
    """
    if text.isascii() and not _NEEDS_CARE.search(text):
        return " ".join(text.split()).lower() or None
    for _ in range(_MAX_ROUNDS):
        folded = _plain_text(text)
        if folded == text:
            break
        text = folded
    return text or None


@lru_cache(maxsize=65536)
def phone_key(phone: str, region: str) -> str | None:
    """Write a telephone number in E.164; `region` (ISO 3166 alpha-2, may be empty) reads national forms."""
    if not phone:
        return None
    try:
        parsed = phonenumbers.parse(phone, region.upper() or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def number_key(number: str, prefix: str = "", suffix: str = "") -> str | None:
    """Fold an order number: white space, the leading `#` and what the store puts around it go, case is folded."""
    folded = "".join(unicodedata.normalize("NFKC", number).split()).casefold().removeprefix("#")
    before = "".join(prefix.split()).casefold().removeprefix("#")
    after = "".join(suffix.split()).casefold()
    if before and folded.startswith(before) and len(folded) > len(before):
        folded = folded[len(before) :]
    if after and folded.endswith(after) and len(folded) > len(after):
        folded = folded[: -len(after)]
    return folded or None


def name_phone_key(first_name: str, last_name: str, phone: str, region: str) -> str | None:
    """Join first name, last name and E.164 telephone into one key; None unless all three are present."""
    first, last, number = text_key(first_name), text_key(last_name), phone_key(phone, region)
    if first is None or last is None or number is None:
        return None
    return f"{first}\x1f{last}\x1f{number}"


@dataclass(frozen=True, slots=True)
class Marker:
    """Our note on a record that we created: `<platform>:<store key>:<kind>:<source id>`, compared whole."""

    platform: str
    store_key: str
    kind: str
    source_id: str

    def __str__(self) -> str:
        return f"{marker_prefix(self.platform, self.store_key, self.kind)}{self.source_id}"


def marker_prefix(platform: str, store_key: str, kind: str) -> str:
    """Give what every marker of one store's kind begins with; the rest is the source id."""
    return f"{platform}:{store_key}:{kind}:"
