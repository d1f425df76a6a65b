"""What the Shopify sandbox stores: customers and what hangs on them, as slotted records.

Attribute names are the API's field names in snake case, so that one generic resolver serves them. Must not know how a
record is validated, searched or served.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar

# A decoded JSON value or a coerced GraphQL argument: proven against the schema before any code of ours sees it.
Wire = Any

_HUMP = re.compile(r"(?<!^)(?=[A-Z])")
_GID = re.compile(r"gid://shopify/([A-Za-z]+)/(\d+)(?:\?.*)?")


@cache
def snake(name: str) -> str:
    """Spell an API field name as the attribute that holds it."""
    return _HUMP.sub("_", name).lower()


def gid(kind: str, number: int) -> str:
    """Build a global id such as `gid://shopify/Customer/1`."""
    return f"gid://shopify/{kind}/{number}"


def parse_gid(text: str, kind: str) -> int | None:
    """Read the number of a global id of that kind; None when the text is none."""
    match = _GID.fullmatch(text)
    return int(match[2]) if match is not None and match[1] == kind else None


@dataclass(slots=True, frozen=True)
class UserError:
    """One entry of a payload's `userErrors`; payload types without `code` simply don't offer it."""

    field: list[str] | None
    message: str
    code: str | None = None
    element_index: int | None = None
    element_key: str | None = None


@dataclass(slots=True, frozen=True)
class Consent:
    """A marketing consent of one channel."""

    state: str = "NOT_SUBSCRIBED"
    opt_in_level: str | None = "SINGLE_OPT_IN"
    updated_at: datetime | None = None
    collected_from: str | None = None


NO_CONSENT = Consent()


@dataclass(slots=True, frozen=True)
class Address:
    """A customer's postal address; `province_code` is None where the country has no zones."""

    typename: ClassVar[str] = "MailingAddress"
    number: int
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    company: str | None = None
    country: str | None = None
    country_code_v2: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    province: str | None = None
    province_code: str | None = None
    zip: str | None = None
    coordinates_validated: ClassVar[bool] = False

    @property
    def id(self) -> str:
        """Answer the global id, with the model name that the platform appends."""
        return f"{gid('MailingAddress', self.number)}?model_name=CustomerAddress"

    @property
    def country_code(self) -> str | None:
        """Answer the deprecated twin of the country code."""
        return self.country_code_v2

    @property
    def name(self) -> str | None:
        """Answer first and last name in one."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or None

    @property
    def formatted_area(self) -> str | None:
        """Answer city, province and country in one line."""
        place = " ".join(part for part in (self.city, self.province_code) if part)
        return ", ".join(part for part in (place, self.country) if part) or None


@dataclass(slots=True, frozen=True)
class Metafield:
    """A typed value under a namespace and key."""

    typename: ClassVar[str] = "Metafield"
    number: int
    namespace: str
    key: str
    type: str
    value: str
    created_at: datetime
    updated_at: datetime
    owner_type: str = "CUSTOMER"

    @property
    def id(self) -> str:
        """Answer the global id."""
        return gid("Metafield", self.number)

    @property
    def legacy_resource_id(self) -> int:
        """Answer the number of the global id."""
        return self.number

    @property
    def compare_digest(self) -> str:
        """Answer a value that changes whenever the metafield does."""
        return f"{self.number:x}-{hash(self.value) & 0xFFFFFFFF:08x}"


@dataclass(slots=True, frozen=True)
class EmailAddress:
    """The `defaultEmailAddress` of a customer."""

    email_address: str
    consent: Consent
    valid_format: ClassVar[bool] = True

    @property
    def marketing_state(self) -> str:
        """Answer the consent state."""
        return self.consent.state

    @property
    def marketing_opt_in_level(self) -> str | None:
        """Answer the consent's opt-in level."""
        return self.consent.opt_in_level

    @property
    def marketing_updated_at(self) -> datetime | None:
        """Answer when the consent was given or withdrawn."""
        return self.consent.updated_at


@dataclass(slots=True, frozen=True)
class PhoneNumber:
    """The `defaultPhoneNumber` of a customer."""

    phone_number: str
    consent: Consent

    @property
    def sms_marketing_consent(self) -> Consent:
        """Answer the consent; the object new in 2026-10 has another name for its default state than the old ones."""
        consent = self.consent
        return replace(consent, state="NEVER_SUBSCRIBED") if consent.state == "NOT_SUBSCRIBED" else consent

    @property
    def marketing_state(self) -> str:
        """Answer the consent state (deprecated field)."""
        return self.consent.state

    @property
    def marketing_opt_in_level(self) -> str | None:
        """Answer the opt-in level (deprecated field)."""
        return self.consent.opt_in_level

    @property
    def marketing_updated_at(self) -> datetime | None:
        """Answer the time of consent (deprecated field)."""
        return self.consent.updated_at

    @property
    def marketing_collected_from(self) -> str | None:
        """Answer who collected the consent (deprecated field)."""
        return self.consent.collected_from


@dataclass(slots=True, frozen=True)
class Customer:
    """A customer of the store. A change makes a new record; the one before is what a lagging index still shows."""

    typename: ClassVar[str] = "Customer"
    number: int
    created_at: datetime
    updated_at: datetime
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    note: str | None = None
    locale: str = "en"
    state: str = "DISABLED"
    tags: tuple[str, ...] = ()
    tax_exempt: bool = False
    tax_exemptions: tuple[str, ...] = ()
    email_consent: Consent = NO_CONSENT
    sms_consent: Consent = NO_CONSENT
    addresses: tuple[Address, ...] = ()
    default_address_number: int | None = None
    metafields: tuple[Metafield, ...] = ()
    number_of_orders: int = 0
    spent: Decimal = Decimal(0)
    multipass_identifier: str | None = None
    verified_email: ClassVar[bool] = True
    valid_email_address: ClassVar[bool] = True
    data_sale_opt_out: ClassVar[bool] = False

    @property
    def id(self) -> str:
        """Answer the global id."""
        return f"gid://shopify/Customer/{self.number}"

    @property
    def legacy_resource_id(self) -> int:
        """Answer the number of the global id."""
        return self.number

    @property
    def display_name(self) -> str:
        """Answer the full name, else the e-mail, else the phone."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.email or self.phone or ""

    @property
    def default_address(self) -> Address | None:
        """Answer the address marked as default."""
        number = self.default_address_number
        return next((address for address in self.addresses if address.number == number), None)

    @property
    def default_email_address(self) -> EmailAddress | None:
        """Answer the e-mail address with its consent."""
        return None if self.email is None else EmailAddress(self.email, self.email_consent)

    @property
    def default_phone_number(self) -> PhoneNumber | None:
        """Answer the phone number with its consent."""
        return None if self.phone is None else PhoneNumber(self.phone, self.sms_consent)

    @property
    def email_marketing_consent(self) -> Mapping[str, Wire] | None:
        """Answer the deprecated consent object of the e-mail address."""
        return None if self.email is None else _old_consent(self.email_consent)

    @property
    def sms_marketing_consent(self) -> Mapping[str, Wire] | None:
        """Answer the deprecated consent object of the phone."""
        return None if self.phone is None else _old_consent(self.sms_consent)

    def metafield_of(self, namespace: str, key: str) -> Metafield | None:
        """Find the metafield under that namespace and key."""
        return next((m for m in self.metafields if m.key == key and m.namespace == namespace), None)


def _old_consent(consent: Consent) -> Mapping[str, Wire]:
    return {
        "marketingState": consent.state,
        "marketingOptInLevel": consent.opt_in_level,
        "consentUpdatedAt": consent.updated_at,
        "consentCollectedFrom": consent.collected_from or "OTHER",
    }


@dataclass(slots=True, frozen=True)
class SeedCustomer:
    """A customer to fill the store with, past every rule of the API but uniqueness.

    `addresses` hold the API's field names in snake case; the first is the default. A metafield is (namespace, key,
    type, value).
    """

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    note: str | None = None
    locale: str = "en"
    tags: Sequence[str] = ()
    tax_exempt: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None
    addresses: Sequence[Mapping[str, str | None]] = ()
    email_marketing_state: str = "NOT_SUBSCRIBED"
    sms_marketing_state: str = "NOT_SUBSCRIBED"
    number_of_orders: int = 0
    amount_spent: Decimal = Decimal(0)
    metafields: Sequence[tuple[str, str, str, str]] = field(default=())
