"""Own what WordPress does to text on its way in: e-mail rules, tag stripping, slashes, user names.

Knows nothing of customers, requests or storage. The rules are those that reference §3.1, §3.2 and §3.7 observe.
"""

import re
import unicodedata
from collections.abc import Callable
from random import Random

_LOCAL_PART = re.compile(r"^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~.\-]+$")
_LOCAL_JUNK = re.compile(r"[^a-zA-Z0-9!#$%&'*+/=?^_`{|}~.\-]")
_LABEL = re.compile(r"^[a-zA-Z0-9-]+$")
_SCRIPT = re.compile(r"<(script|style)[^>]*>.*?</\1>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z!][^>]*>")
_BARE_AMPERSAND = re.compile(r"&(?!#\d+;|#[xX][0-9a-fA-F]+;|[a-zA-Z][a-zA-Z0-9]*;)")
_SLASH = re.compile(r"\\(.?)", re.DOTALL)
_OCTET = re.compile(r"%[a-fA-F0-9]{2}")
_USERNAME_JUNK = re.compile(r"[^a-zA-Z0-9 _.\-@]")
_EDGE = " \t\n\r\0\x0b"
_SHORTEST_EMAIL = 6
_TOO_GENERAL = frozenset({"sales", "hello", "mail", "contact", "info"})
_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "\u0131": "i",
        "đ": "d",
        "Đ": "D",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
    },
)


def is_email(value: str) -> bool:
    """Tell whether WordPress takes a value for an address: ASCII only, no quoting, a domain of two labels or more."""
    if len(value) < _SHORTEST_EMAIL or "@" not in value[1:]:
        return False
    local, domain = value.split("@", 1)
    if not _LOCAL_PART.match(local) or ".." in domain or domain.strip(_EDGE + ".") != domain:
        return False
    labels = domain.split(".")
    return len(labels) > 1 and all(label.strip(_EDGE + "-") == label and _LABEL.match(label) for label in labels)


def sanitize_email(value: str) -> str:
    """Return what is left of an address once its forbidden characters are dropped; empty when nothing sensible is."""
    if len(value) < _SHORTEST_EMAIL or "@" not in value[1:]:
        return ""
    local, domain = value.split("@", 1)
    local = _LOCAL_JUNK.sub("", local)
    domain = re.sub(r"\.{2,}", "", domain).strip(_EDGE + ".")
    labels = [re.sub(r"[^a-zA-Z0-9-]+", "", label.strip(_EDGE + "-")) for label in domain.split(".")]
    labels = [label for label in labels if label]
    return f"{local}@{'.'.join(labels)}" if local and len(labels) > 1 else ""


def drop_slashes(value: str) -> str:
    """Drop backslashes the way PHP's stripslashes does: a doubled one leaves one."""
    return _SLASH.sub(r"\1", value)


def strip_tags(value: str) -> str:
    """Drop markup, scripts and styles with what is in them; a lone `<` becomes an entity."""
    return _TAG.sub("", _SCRIPT.sub("", value)).replace("<", "&lt;")


def clean_name(value: str) -> str:
    """Return a profile name as it reads back: no tags, white space collapsed, `&` as `&amp;`, no backslashes (§3.7)."""
    plain = _OCTET.sub("", " ".join(strip_tags(value).split()))
    return drop_slashes(_BARE_AMPERSAND.sub("&amp;", plain).replace(">", "&gt;"))


def remove_accents(value: str) -> str:
    """Transliterate Latin letters to ASCII and leave every other script alone."""
    decomposed = unicodedata.normalize("NFKD", value.translate(_LETTERS))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def sanitize_username(value: str) -> str:
    """Return a user name with only the characters that WordPress allows in one."""
    plain = _OCTET.sub("", remove_accents(strip_tags(value)))
    return " ".join(_USERNAME_JUNK.sub("", plain).split())


def generate_username(email: str, is_taken: Callable[[str], bool], random: Random) -> str:
    """Make a user name of an address's local part, or of its domain for `info@` and the like (§3.1).

    A clash adds `-` and four random digits to the plain name, again until one is free.
    """
    local, _, domain = email.partition("@")
    plain = sanitize_username(domain if local in _TOO_GENERAL else local).lower()
    username = plain
    while is_taken(username):
        username = f"{plain}-{random.randrange(10_000):04d}"
    return username
