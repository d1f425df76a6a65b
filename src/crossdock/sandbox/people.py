"""Own the invented people of the demo and the tests: who they are, and on which store they are known.

A person follows from seed and index alone, in constant time, so that any number can be made without holding them twice.
Knows no store's format: `people_views` writes each person down as each platform would hold them. Messy on purpose; the
traits say how.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Literal

Presence = Literal["both", "woocommerce", "shopify"]

_FIRST_NAMES = (
    *("Ada", "Bruno", "Chloé", "Dmitri", "Éloïse", "Farid", "Grete", "Henrik", "Inês", "Jürgen", "Kwame", "Łucja"),
    *("Máire", "Nguyễn", "Øyvind", "Priya", "Quentin", "Renée", "Søren", "Tomáš", "Ümit", "Violeta", "Wanjiru"),
    *("Xiùyīng", "Yusuf", "Zoë", "さくら", "美咲", "محمد", "Мария", "Ελένη", "María José", "Jean-Luc", "çağla"),
)
_LAST_NAMES = (
    *("Abril", "Brandt", "de la Cruz", "Dvořák", "Eriksson", "Fontaine", "García", "Hughes", "Ångström", "Jankowski"),
    *("Kaya", "Lindqvist", "MacLeod", "Núñez", "O'Brien", "Papadopoulos", "Quispe", "Rossi", "Şahin", "Takahashi"),
    *(
        "Umarov",
        "van den Berg",
        "Weiß",
        "Y\u0131lmaz",
        "Zhang",
        "山田",
        "St. John",
        "Al-Fayed",
        "Ó Súilleabháin",
        "Łukaszewski",
    ),
)
_ODD_NAMES = {
    "ampersand": ("Tom & Ann", "Field & Sons"),
    "formula": ("=1+1", '=HYPERLINK("https://example.com","x")'),
    "markup": ("Robert", "<script>alert(1)</script>"),
    "four_byte": ("𠮷田 🌷", "\U0001d49clmeida"),
}
_DOMAINS = ("example.com", "example.org", "example.net", "mail.example.com", "shop.example.org", "bücher.example")
_AREA_CODES = (212, 213, 303, 305, 312, 404, 415, 503, 512, 602, 617, 702, 713, 718, 773, 805, 818, 858, 917, 972)
_OPENED_AT = datetime(2019, 1, 1, tzinfo=UTC)
_OPEN_SECONDS = 7 * 365 * 24 * 3600

_PRESENCE_STEP = 7
_BOTH_OF_TWENTY, _WOO_OF_TWENTY = 12, 5
_CHANGED_SHARE, _COMPANY_SHARE, _NICKNAME_SHARE = 0.7, 0.1, 0.2
_SHORTEST_SLUG = 3

_TRAITS: dict[Presence, tuple[tuple[str, int], ...]] = {
    "both": (
        ("plain", 70),
        ("woo_without_email", 4),
        ("shopify_without_email", 4),
        ("staff", 2),
        ("ampersand", 3),
        ("four_byte", 2),
        ("formula", 1),
        ("no_phone", 6),
        ("invalid_phone", 3),
        ("woo_twin", 2),
        ("shopify_twin", 3),
    ),
    "woocommerce": (
        ("plain", 50),
        ("spam", 12),
        ("no_name", 5),
        ("no_phone", 6),
        ("invalid_phone", 5),
        ("household", 6),
        ("refused_address", 6),
        ("no_email", 2),
        ("ampersand", 2),
        ("formula", 2),
        ("markup", 2),
        ("four_byte", 2),
    ),
    "shopify": (
        ("plain", 60),
        ("no_email", 10),
        ("no_name", 8),
        ("no_phone", 8),
        ("formula", 4),
        ("markup", 4),
        ("four_byte", 3),
        ("ampersand", 3),
    ),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where people live: a town with the codes that each platform gives its region."""

    country: str
    calling_code: int
    trunk: str
    city: str
    postcode: str
    woo_state: str
    shopify_province: str | None


_PLACES = (
    Place("US", 1, "", "Austin", "78701", "TX", "TX"),
    Place("US", 1, "", "Portland", "97201", "OR", "OR"),
    Place("US", 1, "", "New York", "10001", "NY", "NY"),
    Place("GB", 44, "0", "London", "SW1A 1AA", "", None),
    Place("DE", 49, "0", "Berlin", "10115", "DE-BE", None),
    Place("FR", 33, "0", "Lyon", "69001", "", None),
    Place("TR", 90, "0", "İstanbul", "34000", "TR34", None),
    Place("BR", 55, "", "São Paulo", "01000-000", "SP", "SP"),
    Place("JP", 81, "0", "東京", "100-0001", "JP13", "JP-13"),
    Place("AU", 61, "0", "Sydney", "2000", "NSW", "NSW"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person, as they would write themselves; empty texts are what they never told."""

    index: int
    presence: Presence
    trait: str
    first_name: str
    last_name: str
    email: str
    national_phone: str
    place: Place
    street: str
    company: str
    created_at: datetime
    changed_at: datetime | None
    style: int

    @property
    def phone(self) -> str:
        """Return the phone in E.164, or empty."""
        return f"+{self.place.calling_code}{self.national_phone}" if self.national_phone else ""


def person(seed: int, index: int) -> Person:
    """Return the person of that number, always the same for a seed."""
    random = Random(f"{seed}:{index}")
    place = random.choice(_PLACES)
    presence = _presence((index * _PRESENCE_STEP + seed) % 20)
    names, weights = zip(*_TRAITS[presence], strict=True)
    trait: str = random.choices(names, weights)[0]
    first, last = _ODD_NAMES.get(trait, (random.choice(_FIRST_NAMES), random.choice(_LAST_NAMES)))
    if trait in ("no_name", "spam"):
        first = last = ""
    domain = random.choice(_DOMAINS)
    created_at = _OPENED_AT + timedelta(seconds=random.randrange(_OPEN_SECONDS))
    changed_at = created_at + timedelta(days=random.randrange(1, 120)) if random.random() < _CHANGED_SHARE else None
    if trait == "household" and index > 0:
        neighbour = Random(f"{seed}:{index - 1}")
        place = neighbour.choice(_PLACES)
    return Person(
        index=index,
        presence=presence,
        trait=trait,
        first_name=first,
        last_name=last,
        email=f"{_local_part(first, last, index, random)}@{domain}",
        national_phone=_national_phone(place, index - 1 if trait == "household" and index > 0 else index, trait),
        place=place,
        street=""
        if trait == "spam"
        else f"{random.randrange(1, 900)} {random.choice(('Main St', 'Oak Ave', 'Åkervägen'))}",
        company=f'Acme {index % 97} GmbH & Co. "KG"' if random.random() < _COMPANY_SHARE else "",
        created_at=created_at,
        changed_at=changed_at,
        style=random.randrange(1 << 16),
    )


def _presence(place: int) -> Presence:
    """Spread people over the stores: of twenty, twelve are on both, five on WooCommerce alone, three on Shopify."""
    if place < _BOTH_OF_TWENTY:
        return "both"
    return "woocommerce" if place < _BOTH_OF_TWENTY + _WOO_OF_TWENTY else "shopify"


def _local_part(first: str, last: str, index: int, random: Random) -> str:
    """Return a local part in ASCII that no other index has."""
    plain = unicodedata.normalize("NFKD", f"{first}.{last}").encode("ascii", "ignore").decode().lower()
    slug = "".join(letter for letter in plain if letter.isalnum() or letter == ".").strip(".")
    if len(slug) < _SHORTEST_SLUG or random.random() < _NICKNAME_SHARE:
        slug = random.choice(("buyer", "info", "kunde", "shop.fan"))
    return f"{slug}{random.choice(('', '.', '_', '+news'))}{index}"


def _national_phone(place: Place, index: int, trait: str) -> str:
    """Return a number without its country's code that no other index of the country has."""
    if trait in ("no_phone", "spam"):
        return ""
    forms = {
        "US": f"{_AREA_CODES[index // 10_000 % len(_AREA_CODES)]}555{index % 10_000:04d}",
        "GB": f"20{70_000_000 + index}",
        "DE": f"30{2_000_000 + index}",
        "FR": f"1{40_000_000 + index}",
        "TR": f"212{2_000_000 + index}",
        "BR": f"119{60_000_000 + index}",
        "JP": f"3{30_000_000 + index}",
        "AU": f"2{80_000_000 + index}",
    }
    return forms[place.country]
