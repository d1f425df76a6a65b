"""Whom an order belongs to and where it went, as far as Shopify can hold that. Pure.

Owns e-mail, telephone and addresses of an order in the form that is sent. What can't be held is kept in the order's
details by the payload.

Source: Shopify Admin GraphQL API 2026-10, `OrderCreateOrderInput`, `MailingAddressInput`.
"""

import re
from dataclasses import dataclass, fields, replace
from typing import Final

from crossdock.connectors.shopify.customers.mapping import MOST_TEXT, address_input
from crossdock.connectors.shopify.customers.regions import corrected_country, is_unknown_country
from crossdock.connectors.shopify.customers.wire import AddressInput
from crossdock.domain.customer import Address
from crossdock.domain.identity import phone_key
from crossdock.domain.order import Order

_EMAIL: Final = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")


@dataclass(frozen=True, slots=True)
class Contact:
    """What is sent of a person; `lost_email` and `lost_phone` are what Shopify would not take."""

    email: str
    phone: str
    billing: AddressInput | None
    shipping: AddressInput | None
    lost_email: str = ""
    lost_phone: str = ""


def contact_of(order: Order, region: str) -> Contact:
    """Give the contact of an order; `region` reads national numbers where no address tells a country."""
    email = "".join(order.email.split())
    is_valid = _EMAIL.fullmatch(email) is not None and len(email) <= MOST_TEXT
    country = next((a.country_code for a in (order.billing, order.shipping) if a and a.country_code), region)
    phone = phone_key(order.phone, corrected_country(country)) or ""
    return Contact(
        email=email if is_valid else "",
        phone=phone,
        billing=_input(order.billing),
        shipping=_input(order.shipping),
        lost_email="" if is_valid else order.email.strip(),
        lost_phone="" if phone else order.phone.strip(),
    )


def is_too_long(address: Address) -> bool:
    """Tell whether a part of an address is longer than Shopify holds."""
    return any(len(getattr(address, part.name).strip()) > MOST_TEXT for part in fields(address))


def _input(address: Address | None) -> AddressInput | None:
    if address is None or is_unknown_country(address.country_code):
        return None
    cut = {part.name: getattr(address, part.name).strip()[:MOST_TEXT] for part in fields(address)}
    sent = address_input(replace(address, **{**cut, "country_code": corrected_country(address.country_code)}))
    return sent if sent != AddressInput() else None
