"""Customers on their tool page: words, columns, and a customer laid out field by field.

Owns these words. It must not know how customers are compared or written.
"""

from crossdock.domain.customer import Address, Customer
from crossdock.domain.difference import Group
from crossdock.domain.kinds import CUSTOMER
from crossdock.web.pages.tool_words import (
    NOTHING,
    Column,
    DetailField,
    Formats,
    Row,
    ToolWords,
    different_column,
    reason_column,
    same_as_column,
    side_column,
    write_count,
    write_text,
    write_words,
)


def _name(row: Row, _: Formats) -> str:
    return write_text(f"{row['first_name'] or ''} {row['last_name'] or ''}")


_PERSON = (
    Column("E-mail", lambda row, _: write_text(row["email"] or row["label"]), "email", "c-no"),
    Column("Name", _name, "name", "c-mail"),
    Column("Phone", lambda row, _: write_text(row["phone"]), "phone", "c-state"),
    Column("Created", lambda row, formats: formats.moment(row["created_at"]), "createdAt", "c-date"),
    Column("Orders", lambda row, _: write_count(row["order_count"]), "orders", "c-items", is_number=True),
)
_FIELDS = {"name": "Name", "phone": "Phone", "address": "Address", "consent": "Consent", "tags": "Tags"}


def _address(address: Address) -> str:
    place = f"{address.postcode} {address.city}".strip()
    parts = (address.company, address.address1, address.address2, place, address.country_code)
    return ", ".join(part for part in parts if part)


def _addresses(customer: Customer, _: Formats) -> str:
    return write_text("\n".join(_address(address) for address in customer.addresses))


def _consent(customer: Customer, _: Formats) -> str:
    return NOTHING if customer.email_consent is None else write_words(customer.email_consent.state.value)


CUSTOMER_WORDS = ToolWords(
    kind=CUSTOMER,
    icon="users",
    lead="Find the customers that one store lacks, and bring them over.",
    search_hint="E-mail or name; jo* for its beginning",
    columns={
        Group.ONLY_IN_SOURCE: _PERSON,
        Group.FIELD_DIFFERENCES: (*_PERSON[:2], different_column(_FIELDS)),
        Group.DUPLICATES: (*_PERSON[:4], side_column(), same_as_column()),
        Group.UNMATCHABLE: (*_PERSON[:4], side_column(), reason_column()),
    },
    fields=(
        DetailField("E-mail", lambda customer, _: write_text(customer.email), decides=True),
        DetailField("First name", lambda customer, _: write_text(customer.first_name)),
        DetailField("Last name", lambda customer, _: write_text(customer.last_name)),
        DetailField("Phone", lambda customer, _: write_text(customer.phone)),
        DetailField("Created", lambda customer, formats: formats.moment(customer.created_at)),
        DetailField("Orders", lambda customer, _: write_count(customer.order_count)),
        DetailField("Addresses", _addresses, section="Details"),
        DetailField("Marketing e-mail", _consent, section="Details"),
        DetailField("Tags", lambda customer, _: write_text(", ".join(customer.tags)), section="Details"),
        DetailField("Role", lambda customer, _: write_words(customer.role), section="Details"),
        DetailField("Note", lambda customer, _: write_text(customer.note), section="Details"),
    ),
    made="customers",
    names={
        "createdAfter": "Created from",
        "createdBefore": "Created before",
        "requirePastOrder": "Only with an order",
        "requireName": "Only with a name",
        "hasEmail": "Has an e-mail",
        "hasOrders": "Has orders",
    },
)
"""The words of Customer Sync."""
