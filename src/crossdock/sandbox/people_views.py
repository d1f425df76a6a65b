"""Own how each platform would hold an invented person: the same people, written differently.

WooCommerce records have the REST API's fields; Shopify customers are keyword arguments of the Shopify sandbox's
`SeedCustomer`. Knows neither store. A person may have no record on a store, one, or two that are the same identity.
"""

import unicodedata
from collections.abc import Iterator
from typing import Any

from crossdock.sandbox.people import Person, person

_NO_PHONES = ("n/a", "call me", "000", "12345")
_REFUSED = (
    {"address_1": "12 Main St 🏠"},
    {"city": "https://spam.example"},
    {"country": "XX"},
    {"country": "US", "state": "ZZ"},
    {"address_2": "<b>back door</b>"},
)
_EXIT_CODES: dict[str, str] = dict.fromkeys(("GB", "DE", "FR", "TR"), "00")
_FIRST_WOO_ID = 2
_TAGS = ("vip", "newsletter", "Wholesale", "été", "b2b")


def woo_records(seed: int, customers: int) -> Iterator[dict[str, Any]]:
    """Yield the WooCommerce records of that many people, a store owner who is nobody's customer first."""
    yield {
        "id": 1,
        "email": "owner@shop.example.com",
        "username": "owner",
        "role": "administrator",
        "date_created_gmt": "2019-01-01T00:00:00",
    }
    for index in range(customers):
        yield from woo_views(person(seed, index))


def shopify_customers(seed: int, customers: int) -> Iterator[dict[str, Any]]:
    """Yield the Shopify customers of that many people."""
    for index in range(customers):
        yield from shopify_views(person(seed, index))


def woo_id(index: int) -> int:
    """Return the id of a person's account on WooCommerce; a twin has the one after."""
    return _FIRST_WOO_ID + 2 * index


def woo_views(who: Person) -> list[dict[str, Any]]:
    """Return a person's WooCommerce records; names read as WordPress stores them (WooCommerce reference §3.7)."""
    if who.presence == "shopify":
        return []
    email = "" if who.trait in ("woo_without_email", "no_email") else woo_email(who)
    first, last = _spelling(who, who.first_name), _spelling(who, who.last_name)
    billing = woo_billing(who, email)
    record: dict[str, Any] = {
        "id": woo_id(who.index),
        "email": email,
        "username": f"{who.email.partition('@')[0].replace('+', '')}",
        "first_name": first.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        "last_name": last.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        "role": ("administrator", "shop_manager")[who.style % 2] if who.trait == "staff" else "customer",
        "billing": billing,
        "shipping": woo_shipping(billing) if who.style % 3 == 0 else {},
        "date_created_gmt": who.created_at.replace(tzinfo=None).isoformat(),
        "date_modified_gmt": who.changed_at.replace(tzinfo=None).isoformat() if who.changed_at else None,
        "is_paying_customer": who.trait != "spam" and who.style % 4 == 0,
        "meta_data": [{"key": "loyalty", "value": str(who.style)}] if who.style % 9 == 0 else [],
    }
    if who.trait != "woo_twin":
        return [record]
    # Two simultaneous checkouts can make two accounts of one e-mail (appendix).
    twin: dict[str, Any] = {**record, "id": record["id"] + 1, "meta_data": []}
    return [record, {**twin, "username": f"{record['username']}-{who.style % 10_000:04d}"}]


def shopify_views(who: Person) -> list[dict[str, Any]]:
    """Return a person's Shopify customers; e-mail and phone are unique there, a twin has neither (reference §3.3)."""
    if who.presence == "woocommerce":
        return []
    lacks_email = who.trait in ("shopify_without_email", "no_email")
    owns_phone = bool(who.national_phone) and who.trait != "invalid_phone"
    address = shopify_address(who)
    customer: dict[str, Any] = {
        "email": None if lacks_email else who.email.lower(),
        "first_name": who.first_name or None,
        "last_name": who.last_name or None,
        "phone": who.phone if owns_phone and (who.style % 3 or who.trait == "no_email") else None,
        "addresses": [address] if who.street else [],
        "tags": [tag for place, tag in enumerate(_TAGS) if who.style >> place & 3 == 0],
        "note": "Ask for <b>Ada</b> & ring twice" if who.style % 11 == 0 else None,
        "locale": "de" if who.place.country == "DE" else "en",
        "email_marketing_state": "SUBSCRIBED" if not lacks_email and who.style % 5 == 0 else "NOT_SUBSCRIBED",
        "created_at": who.created_at,
        "updated_at": who.changed_at,
    }
    if who.trait != "shopify_twin":
        return [customer]
    twin = {**customer, "email": None, "phone": None, "tags": ["import"], "email_marketing_state": "NOT_SUBSCRIBED"}
    return [customer, twin]


def woo_email(who: Person) -> str:
    """Return an address as WordPress takes it: the domain in ASCII, the case as its owner typed it."""
    local, _, domain = who.email.partition("@")
    ascii_domain = ".".join(label.encode("idna").decode() for label in domain.split("."))
    match who.style % 5:
        case 0:
            return f"{local.title()}@{ascii_domain}"
        case 1:
            return f"{local}@{ascii_domain}".upper() if ascii_domain == domain else f"{local.upper()}@{ascii_domain}"
        case _:
            return f"{local}@{ascii_domain}"


def _spelling(who: Person, name: str) -> str:
    """Return a name as typed on another day: another Unicode form, another case, more white space."""
    match who.style % 7:
        case 0:
            return unicodedata.normalize("NFD", name)
        case 1:
            return name.upper()
        case 2:
            return name.replace(" ", "  ")
        case _:
            return name


def _phone_form(who: Person) -> str:
    """Return a phone as people write it: with and without codes, dotted, spaced, bracketed."""
    number, code, trunk = who.national_phone, who.place.calling_code, who.place.trunk
    if not number:
        return ""
    forms = (
        f"+{code}{number}",
        f"+{code} ({number[:3]}) {number[3:6]}-{number[6:]}",
        f"{_EXIT_CODES.get(who.place.country, '+')}{code}{number}",
        f"{trunk}{number}",
        f"{trunk}{number[:3]}.{number[3:6]}.{number[6:]}",
        f" +{code} {number[:2]} {number[2:]} ",
    )
    return forms[who.style // 7 % len(forms)]


def woo_billing(who: Person, email: str) -> dict[str, str]:
    """Return what a person gives as billing address, with that e-mail; nothing of who only spams."""
    if who.trait == "spam":
        return {}
    phone = _NO_PHONES[who.style % len(_NO_PHONES)] if who.trait == "invalid_phone" else _phone_form(who)
    refused = _REFUSED[who.style % len(_REFUSED)] if who.trait == "refused_address" else {}
    return {
        "first_name": who.first_name,
        "last_name": who.last_name,
        "company": who.company,
        "address_1": who.street,
        "address_2": "",
        "city": who.place.city,
        "postcode": who.place.postcode,
        "country": who.place.country,
        "state": who.place.woo_state,
        "email": email,
        "phone": phone,
        **refused,
    }


def woo_shipping(billing: dict[str, str]) -> dict[str, str]:
    """Return the same as the shipping address, which has no e-mail."""
    return {name: value for name, value in billing.items() if name not in ("email", "phone")}


def shopify_address(who: Person) -> dict[str, str | None]:
    """Return a person's address by the Admin API's field names in snake case."""
    return {
        "first_name": who.first_name or None,
        "last_name": who.last_name or None,
        "company": who.company or None,
        "address1": who.street,
        "city": who.place.city,
        "zip": who.place.postcode,
        "country_code_v2": who.place.country,
        "province_code": who.place.shopify_province,
        "phone": who.phone or None,
    }
