"""Addresses between WooCommerce's `billing` and `shipping` and the domain.

Owns the wire struct and both directions. Must not know whose address it is.

Source: WooCommerce REST API v3, customers and orders.
"""

import html

import msgspec

from crossdock.domain.customer import Address

_COUNTRY_LENGTH = 2


class WireAddress(msgspec.Struct, frozen=True, gc=False):
    """`billing` or `shipping`; only `billing` has an e-mail."""

    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address_1: str | None = None
    address_2: str | None = None
    city: str | None = None
    state: str | None = None
    postcode: str | None = None
    country: str | None = None
    phone: str | None = None
    email: str | None = None


def address_from_wire(wire: WireAddress) -> Address:
    """Map an address as WooCommerce gives it; names come with entities (`&amp;`)."""
    country = (wire.country or "").strip().upper()
    return Address(
        first_name=html.unescape(wire.first_name or ""),
        last_name=html.unescape(wire.last_name or ""),
        company=wire.company or "",
        address1=wire.address_1 or "",
        address2=wire.address_2 or "",
        city=wire.city or "",
        province_code=wire.state or "",
        postcode=wire.postcode or "",
        # WooCommerce takes any text for a country; only a code means the same elsewhere.
        country_code=country if len(country) == _COUNTRY_LENGTH and country.isalpha() else "",
        phone=wire.phone or "",
    )


def address_to_wire(address: Address) -> dict[str, str]:
    """Map an address to what is sent; parts that are empty are left out."""
    fields = {
        "first_name": address.first_name,
        "last_name": address.last_name,
        "company": address.company,
        "address_1": address.address1,
        "address_2": address.address2,
        "city": address.city,
        "state": address.province_code,
        "postcode": address.postcode,
        "country": address.country_code,
        "phone": address.phone,
    }
    return {name: text for name, text in fields.items() if text}
