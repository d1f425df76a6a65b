"""A customer as Shopify's Admin API 2026-10 writes it, in the fields that our documents select.

Owns the shapes of answers about customers. It must not know the domain; no struct leaves this package. Enums are open:
Shopify adds values, so they are plain text here.
"""

from datetime import datetime

import msgspec

from crossdock.connectors.shopify.paging import Connection


class Address(msgspec.Struct, rename="camel", frozen=True):
    """`MailingAddress`."""

    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    province_code: str | None = None
    zip: str | None = None
    country_code_v2: str | None = None
    phone: str | None = None


class Addresses(msgspec.Struct, frozen=True):
    """`MailingAddressConnection`."""

    nodes: tuple[Address, ...] = ()


class EmailAddress(msgspec.Struct, rename="camel", frozen=True):
    """`CustomerEmailAddress`."""

    email_address: str
    marketing_state: str = ""
    marketing_opt_in_level: str | None = None
    marketing_updated_at: datetime | None = None


class PhoneNumber(msgspec.Struct, rename="camel", frozen=True):
    """`CustomerPhoneNumber`."""

    phone_number: str


class Metafield(msgspec.Struct, frozen=True):
    """Our marker's `Metafield`."""

    value: str


class Customer(msgspec.Struct, rename="camel", frozen=True):
    """`Customer`. `numberOfOrders` is an unsigned 64-bit number and therefore text."""

    id: str
    first_name: str | None = None
    last_name: str | None = None
    created_at: datetime | None = None
    tags: tuple[str, ...] = ()
    note: str | None = None
    locale: str | None = None
    tax_exempt: bool = False
    number_of_orders: str | int = 0
    default_email_address: EmailAddress | None = None
    default_phone_number: PhoneNumber | None = None
    default_address: Address | None = None
    addresses_v2: Addresses | None = None
    metafield: Metafield | None = None


class Found(msgspec.Struct, frozen=True):
    """A customer that was looked up or created, in the few fields that tell whose it is."""

    id: str
    metafield: Metafield | None = None

    @property
    def marker(self) -> str:
        """Our note on it; empty when it has none."""
        return self.metafield.value if self.metafield else ""


class FoundOne(msgspec.Struct, rename="camel", frozen=True):
    """Data of one lookup by identifier."""

    customer_by_identifier: Found | None = None


class CustomersPage(msgspec.Struct, frozen=True):
    """Data of a page."""

    customers: Connection


class CustomerNodes(msgspec.Struct, frozen=True):
    """Data of a fetch by ids: null for an id that the store does not have."""

    nodes: list[msgspec.Raw]


class Count(msgspec.Struct, frozen=True):
    """`Count`, without a limit and therefore exact."""

    count: int


class CustomersCount(msgspec.Struct, rename="camel", frozen=True):
    """Data of a count; null where the permission is missing."""

    customers_count: Count | None = None


class AddressInput(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True):
    """`MailingAddressInput`: what is empty is not sent."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    address1: str = ""
    address2: str = ""
    city: str = ""
    province_code: str = ""
    zip: str = ""
    country_code: str = ""
    phone: str = ""


class ConsentInput(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True):
    """`CustomerEmailMarketingConsentInput`."""

    marketing_state: str
    marketing_opt_in_level: str = ""
    consent_updated_at: str = ""


class MetafieldInput(msgspec.Struct, frozen=True):
    """`MetafieldInput`."""

    namespace: str
    key: str
    type: str
    value: str


class CustomerInput(msgspec.Struct, rename="camel", omit_defaults=True, frozen=True):
    """`CustomerInput`: what is empty is not sent."""

    email: str = ""
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    locale: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    tax_exempt: bool = False
    addresses: tuple[AddressInput, ...] = ()
    email_marketing_consent: ConsentInput | None = None
    metafields: tuple[MetafieldInput, ...] = ()


class UserError(msgspec.Struct, frozen=True):
    """`UserError`: customer mutations give no code."""

    message: str
    field: tuple[str, ...] | None = None


class CreatePayload(msgspec.Struct, rename="camel", frozen=True):
    """`CustomerCreatePayload`; our marker is selected in bulk operations only."""

    customer: Found | None = None
    user_errors: tuple[UserError, ...] = ()


class Creation(msgspec.Struct, rename="camel", frozen=True):
    """Data of a creation, alone or as a line of a bulk operation."""

    customer_create: CreatePayload | None = None


class DeletePayload(msgspec.Struct, rename="camel", frozen=True):
    """`CustomerDeletePayload`."""

    deleted_customer_id: str | None = None
    user_errors: tuple[UserError, ...] = ()


class Deletion(msgspec.Struct, rename="camel", frozen=True):
    """Data of a deletion."""

    customer_delete: DeletePayload | None = None
