"""Checks and normalises a postal address as the platform does. Must not know where an address is kept.

Source: reference §3.2 and §3.3 (recorded answers of customerCreate and customerAddressCreate).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from crossdock.sandbox.shopify.records import Address, UserError, Wire
from crossdock.sandbox.shopify.zones import find_country, find_province, zones_of

MAX_TEXT: Final = 255
_LABELS: Final = {
    "firstName": "First name",
    "lastName": "Last name",
    "company": "Company",
    "address1": "Address1",
    "address2": "Address2",
    "city": "City",
    "zip": "Zip",
    "phone": "Phone",
}
_HTML = re.compile(r"<[^<>]*>")
_URL = re.compile(r"https?://|www\.", re.IGNORECASE)
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2b55\ufe0f]")


class AddressRefusedError(Exception):
    """An address that breaks at least one rule."""

    def __init__(self, errors: list[UserError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


def build_address(
    number: int, given: Mapping[str, Wire], path: Sequence[str], names: tuple[str | None, str | None]
) -> Address:
    """Build the address that the platform would store; `names` are the customer's, taken where the address has none.

    Raises:
        AddressRefusedError: every broken rule at once, each with its field under `path`.

    """
    texts = {key: _clean(given.get(key)) for key in _LABELS}
    places = [_clean(given.get(key)) for key in ("country", "countryCode", "province", "provinceCode")]
    if not any(texts.values()) and not any(places):
        raise AddressRefusedError([UserError([*path], "Customer address cannot be blank.", "BLANK")])
    errors = [error for key, text in texts.items() if text for error in _text_errors(key, text, path)]
    country = _country(given, path, errors)
    province = _province(given, country, path, errors)
    if errors:
        raise AddressRefusedError(errors)
    first_name, last_name = texts["firstName"], texts["lastName"]
    if first_name is None and last_name is None:
        first_name, last_name = names
    return Address(
        number,
        address1=texts["address1"],
        address2=texts["address2"],
        city=texts["city"],
        company=texts["company"],
        country=country[1] if country else None,
        country_code_v2=country[0] if country else None,
        first_name=first_name,
        last_name=last_name,
        phone=texts["phone"],
        province=province[1] if province else None,
        province_code=province[0] if province else None,
        zip=texts["zip"],
    )


def _clean(value: Wire) -> str | None:
    return str(value).strip() or None if value is not None else None


def _text_errors(key: str, text: str, path: Sequence[str]) -> list[UserError]:
    label, at = _LABELS[key], [*path, key]
    errors: list[UserError] = []
    if len(text) > MAX_TEXT:
        errors.append(UserError(at, f"{label} is too long (maximum is {MAX_TEXT} characters)", "TOO_LONG"))
    if _HTML.search(text):
        errors.append(UserError(at, f"{label} cannot contain HTML tags", "INVALID"))
    if _URL.search(text):
        errors.append(UserError(at, f"{label} cannot contain URL", "INVALID"))
    if _EMOJI.search(text):
        errors.append(UserError(at, f"{label} cannot contain emojis", "INVALID"))
    return errors


def _country(given: Mapping[str, Wire], path: Sequence[str], errors: list[UserError]) -> tuple[str, str] | None:
    wanted = _clean(given.get("countryCode")) or _clean(given.get("country"))
    if wanted is None:
        return None
    country = find_country(wanted)
    if country is None:
        errors.append(UserError([*path, "country"], "Country is invalid", "INVALID"))
    return country


def _province(
    given: Mapping[str, Wire], country: tuple[str, str] | None, path: Sequence[str], errors: list[UserError]
) -> tuple[str, str] | None:
    wanted = _clean(given.get("provinceCode")) or _clean(given.get("province"))
    if wanted is None or country is None or not zones_of(country[0]):
        return None
    province = find_province(country[0], wanted)
    if province is None:
        errors.append(UserError([*path, "province"], "Province is invalid", "INVALID"))
    return province
