"""A customer as both platforms can describe one.

Owns the domain model that mappings produce and consume. Unknown text is the empty string, never None. It must not know
either platform's field names.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crossdock.domain.identity import email_key, name_phone_key, phone_key, text_key


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address. `country_code` is ISO 3166 alpha-2; `province_code` keeps its platform's form."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    address1: str = ""
    address2: str = ""
    city: str = ""
    province_code: str = ""
    postcode: str = ""
    country_code: str = ""
    phone: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether no part but names and telephone is filled: such an address locates nobody."""
        return not any((self.address1, self.address2, self.city, self.postcode, self.country_code, self.company))

    @property
    def key(self) -> str | None:
        """A key for comparing: street, city, postcode, country; provinces differ by platform and are left out."""
        if self.is_blank:
            return None
        postcode = (text_key(self.postcode) or "").replace(" ", "")
        parts = (text_key(self.address1), text_key(self.address2), text_key(self.city), postcode)
        return "\x1f".join((*(part or "" for part in parts), self.country_code.upper()))


class ConsentState(StrEnum):
    """What a customer has said about marketing e-mail."""

    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    NOT_SUBSCRIBED = "not_subscribed"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class EmailConsent:
    """Consent as the source recorded it; never invented. `opt_in_level` is Shopify's word in lower case or empty."""

    state: ConsentState
    opt_in_level: str = ""
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer of one store.

    `id` is the platform's id as in our JSON. `addresses` holds the default (billing) address first, without blanks and
    doubles. `email_consent` is None where the platform does not know it, `order_count` where it does not tell.
    `role` is empty on platforms without roles. `marker` is our own note, empty on records that we did not make.
    """

    id: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    created_at: datetime | None = None
    addresses: tuple[Address, ...] = ()
    tags: tuple[str, ...] = ()
    note: str = ""
    locale: str = ""
    is_tax_exempt: bool = False
    email_consent: EmailConsent | None = None
    role: str = ""
    is_guest: bool = False
    has_past_order: bool = False
    order_count: int | None = None
    marker: str = ""

    def region(self, default: str) -> str:
        """Give the country in which a national telephone number of this customer is read."""
        return next((a.country_code for a in self.addresses if a.country_code), default)

    def email_key(self) -> str | None:
        """Key by e-mail address."""
        return email_key(self.email)

    def phone_key(self, default_region: str) -> str | None:
        """Key by telephone, in E.164."""
        return phone_key(self.phone, self.region(default_region))

    def name_phone_key(self, default_region: str) -> str | None:
        """Key by first name, last name and telephone together."""
        return name_phone_key(self.first_name, self.last_name, self.phone, self.region(default_region))

    def name_key(self) -> str:
        """Both names folded for comparing; empty when there is no name."""
        return " ".join(part for part in (text_key(self.first_name), text_key(self.last_name)) if part)

    def address_key(self) -> str | None:
        """Key of the default address."""
        return self.addresses[0].key if self.addresses else None

    def tags_key(self) -> str:
        """Tags as one folded, sorted text: their order and case carry nothing."""
        return "\x1f".join(sorted({tag.strip().casefold() for tag in self.tags if tag.strip()}))


def distinct_addresses(addresses: tuple[Address, ...]) -> tuple[Address, ...]:
    """Drop blank addresses and those that repeat an earlier one's key, keeping the order."""
    kept: dict[str, Address] = {}
    for address in addresses:
        key = address.key
        if key is not None and key not in kept:
            kept[key] = address
    return tuple(kept.values())
