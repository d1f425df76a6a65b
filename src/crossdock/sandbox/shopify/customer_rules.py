"""Turns a customer input into the customer the platform would store, or into its recorded error messages.

Must not know which mutation asked: customerCreate, customerUpdate and customerSet differ in what they pass.
Source: reference §3.2 to §3.4.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers
from babel import Locale, UnknownLocaleError

from crossdock.sandbox.shopify.records import UserError, Wire

MAX_NAME: Final = 255
MAX_NOTE: Final = 5000
MAX_TAGS: Final = 250
_EMAIL = re.compile(r"[^@\s<>()\[\],;:\\\"]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]*[^\W_]", re.UNICODE)


@dataclass(slots=True)
class Scalars:
    """The checked plain fields of an input: only the keys that were given are in `values`."""

    values: dict[str, Wire]
    errors: list[UserError]


def check_scalars(given: Mapping[str, Wire], prefix: Sequence[str], region: str) -> Scalars:
    """Check and normalise e-mail, phone, names, note, tags and locale; several errors come together, as recorded.

    `region` is the country by which a phone without country code is read.
    """
    found = Scalars({}, [])
    if "email" in given:
        found.values["email"] = _email(given["email"], [*prefix, "email"], found.errors)
    if "phone" in given:
        found.values["phone"] = _phone(given["phone"], region, [*prefix, "phone"], found.errors)
    _check_texts(given, prefix, found)
    if "tags" in given:
        found.values["tags"] = normalise_tags(given["tags"] or ())
        found.errors.extend(tag_errors(found.values["tags"], [*prefix, "tags"]))
    if given.get("locale"):
        found.values["locale"] = given["locale"]
        if not _is_locale(given["locale"]):
            found.errors.append(UserError([*prefix, "locale"], "Locale is invalid", "INVALID"))
    for key, attribute in (("taxExempt", "tax_exempt"), ("multipassIdentifier", "multipass_identifier")):
        if given.get(key) is not None:
            found.values[attribute] = given[key]
    if given.get("taxExemptions") is not None:
        found.values["tax_exemptions"] = tuple(dict.fromkeys(given["taxExemptions"]))
    return found


def _check_texts(given: Mapping[str, Wire], prefix: Sequence[str], found: Scalars) -> None:
    for key, attribute, label in (("firstName", "first_name", "First name"), ("lastName", "last_name", "Last name")):
        if key in given:
            text = (given[key] or "").strip() or None
            found.errors.extend(_too_long(text, MAX_NAME, label, [*prefix, key]))
            found.values[attribute] = text
    if "note" in given:
        found.errors.extend(_too_long(given["note"], MAX_NOTE, "Note", [*prefix, "note"]))
        found.values["note"] = given["note"]


def normalise_tags(given: Iterable[str]) -> tuple[str, ...]:
    """Split tags at commas, trim, drop repeats in any case, and sort them in any case."""
    tags: dict[str, str] = {}
    for item in given:
        for tag in item.split(","):
            if tag.strip():
                tags.setdefault(tag.strip().casefold(), tag.strip())
    return tuple(tags[key] for key in sorted(tags))


def tag_errors(tags: Sequence[str], path: list[str]) -> list[UserError]:
    """List what is wrong with a customer's tags."""
    errors: list[UserError] = []
    if any(len(tag) > MAX_NAME for tag in tags):
        errors.append(UserError(path, f"Tags is too long (maximum is {MAX_NAME} characters)", "TOO_LONG"))
    if len(tags) > MAX_TAGS:
        errors.append(UserError(path, f"Tags cannot be more than {MAX_TAGS}", "INVALID"))
    return errors


@lru_cache(maxsize=65536)
def to_e164(text: str, region: str) -> str | None:
    """Read a phone in any notation as E.164; None for what is no phone number of that region or country code."""
    if re.search(r"[A-Za-z]", text):
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_email(text: str) -> bool:
    """Tell whether the platform would take this as an e-mail address."""
    local = text.rpartition("@")[0]
    return bool(_EMAIL.fullmatch(text)) and ".." not in text and not local.startswith(".") and not local.endswith(".")


def _email(value: str | None, path: list[str], errors: list[UserError]) -> str | None:
    email = "".join((value or "").split())
    if not email:
        return None
    too_long = _too_long(email, MAX_NAME, "Email", path)
    errors.extend(too_long)
    if not is_email(email):
        errors.append(UserError(path, "Email is invalid", "INVALID"))
    return email


def _phone(value: str | None, region: str, path: list[str], errors: list[UserError]) -> str | None:
    phone = (value or "").strip()
    if not phone:
        return None
    errors.extend(_too_long(phone, MAX_NAME, "Phone", path))
    parsed = to_e164(phone, region) if len(phone) <= MAX_NAME else None
    if parsed is None:
        errors.append(UserError(path, "Phone is invalid", "INVALID"))
    return parsed


def _too_long(text: str | None, limit: int, label: str, path: list[str]) -> list[UserError]:
    if text is None or len(text) <= limit:
        return []
    return [UserError(path, f"{label} is too long (maximum is {limit} characters)", "TOO_LONG")]


@lru_cache(maxsize=256)
def _is_locale(text: str) -> bool:
    try:
        Locale.parse(text, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True
