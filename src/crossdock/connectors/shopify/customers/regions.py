"""Countries and provinces in the codes that Shopify knows.

Owns the translation of an address's region codes, which other platforms write their own way. It must not know the rest
of an address. A province that Shopify can't know is left out; the customer's own words for it stay in the city line.

Source: Shopify Admin GraphQL API 2026-10, `CountryCode`; provinces as in Shopify's address forms.
"""

import re
from typing import Final

_UNITED_STATES: Final = frozenset({"AS", "FM", "GU", "MH", "MP", "PR", "PW", "VI"})
"""Areas with a country code of their own that Shopify keeps as provinces of the United States."""

_COUNTRIES: Final = (
    "AC AD AE AF AG AI AL AM AN AO AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW "
    "BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI "
    "FJ FK FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ "
    "IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG "
    "MK ML MM MN MO MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL "
    "PM PN PS PT PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD "
    "TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VN VU WF WS XK YE YT ZA ZM ZW"
)
COUNTRIES: Final = frozenset(_COUNTRIES.split())
"""What `CountryCode` knows. `ZZ`, the unknown region, is a word of it too, but no address may have it."""

_CORRECTED: Final = {"UK": "GB", "EL": "GR"}
"""Codes in wide use for countries that ISO 3166 writes otherwise, and that stand for no other country."""

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


def corrected_country(country: str) -> str:
    """Give a country code as ISO 3166 writes it; an unknown one comes back in upper case."""
    code = country.strip().upper()
    return _CORRECTED.get(code, code)


def is_unknown_country(country: str) -> bool:
    """Tell whether a country is given that Shopify has no code for."""
    return bool(country.strip()) and not shopify_region(country, "")[0]


def shopify_region(country: str, province: str) -> tuple[str, str]:
    """Give country and province code as Shopify writes them; either is empty where Shopify can't know it."""
    country, province = corrected_country(country), province.strip().upper()
    if country in _UNITED_STATES:
        return "US", country
    if country not in COUNTRIES:
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
