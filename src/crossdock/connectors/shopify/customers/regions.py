"""Countries and provinces in the codes that Shopify knows.

Owns the translation of an address's region codes, which other platforms write their own way. It must not know the rest
of an address. A province that Shopify can't know is left out; the customer's own words for it stay in the city line.

Source: Shopify Admin GraphQL API 2026-10, `CountryCode`; provinces as in Shopify's address forms.
"""

import re
from typing import Final

_UNITED_STATES: Final = frozenset({"AS", "FM", "GU", "MH", "MP", "PR", "PW", "VI"})
"""Areas with a country code of their own that Shopify keeps as provinces of the United States."""

_UNKNOWN: Final = frozenset({"AQ", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "UN", "XA", "XB", "ZZ"})
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_CODE: Final = re.compile(r"[A-Z0-9]{1,3}")

_PLAIN: Final = frozenset(
    {"AE", "AR", "AU", "BR", "CA", "CL", "CO", "EG", "ES", "HK", "ID", "IE", "IN", "IT", "MY", "NG", "NZ", "RO", "US"}
    | {"ZA"}
)
"""Countries whose provinces Shopify writes without the country before them: `ON`, `RM`."""

_PREFIXED: Final = frozenset({"CR", "JP", "KR", "PA", "PE", "PH", "PT", "SV", "TH"})
"""Countries whose provinces Shopify writes as in ISO 3166-2: `JP-13`."""

_OTHER_NAMES: Final = {
    ("HK", "HONG KONG"): "HK",
    ("HK", "KOWLOON"): "KL",
    ("HK", "NEW TERRITORIES"): "NT",
    ("ZA", "KZN"): "NL",
}


def shopify_region(country: str, province: str) -> tuple[str, str]:
    """Give country and province code as Shopify writes them; either is empty where Shopify can't know it."""
    country, province = country.strip().upper(), province.strip().upper()
    if country in _UNITED_STATES:
        return "US", country
    if country in _UNKNOWN or _COUNTRY.fullmatch(country) is None:
        return "", ""
    return country, _province(country, province)


def _province(country: str, province: str) -> str:
    province = _OTHER_NAMES.get((country, province), province)
    bare = province.removeprefix(country).lstrip("-") if len(province) > len(country) + 1 else province
    if _CODE.fullmatch(bare) is None:
        return ""
    if country in _PREFIXED:
        return f"{country}-{bare}"
    return bare if country in _PLAIN else ""
