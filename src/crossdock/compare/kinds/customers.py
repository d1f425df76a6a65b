"""Customers as the compare room sees them.

Owns the columns of a customer snapshot, the options of a customer comparison, and how its lists are sorted, searched,
filtered and exported. The rules by which customers match are in `sql/customers`. It must not know a platform.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files

from crossdock.compare.kinds import Column, CompareKind, ExportColumn, Filter, Option, RowContext, as_sql_time
from crossdock.compare.kinds.values import read_boolean, read_moment, read_words
from crossdock.domain.customer import Address, Customer
from crossdock.domain.difference import Group
from crossdock.domain.identity import text_key
from crossdock.domain.kinds import CUSTOMER

_COLUMNS = (
    Column("id"),
    Column("marker"),
    Column("email_key"),
    Column("name_phone_key"),
    Column("is_guest", "BOOLEAN"),
    Column("has_past_order", "BOOLEAN"),
    Column("role"),
    Column("created_at", "TIMESTAMP"),
    Column("name_key"),
    Column("phone_key"),
    Column("address_key"),
    Column("consent"),
    Column("tags_key"),
    Column("email"),
    Column("first_name"),
    Column("last_name"),
    Column("phone"),
    Column("address"),
    Column("tags"),
    Column("order_count", "BIGINT"),
)


def _one_line(address: Address) -> str:
    parts = (
        address.company,
        address.address1,
        address.address2,
        f"{address.postcode} {address.city}".strip(),
        address.country_code,
    )
    return ", ".join(part for part in parts if part)


def _utc(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo is None else moment.astimezone(UTC)


def customer_row(customer: Customer, context: RowContext) -> Mapping[str, object]:
    """Describe a customer as one snapshot row: keys for matching, folded fields for comparing, text for showing."""
    return {
        "id": customer.id,
        "marker": customer.marker,
        "email_key": customer.email_key(),
        "name_phone_key": customer.name_phone_key(context.default_region),
        "is_guest": customer.is_guest,
        "has_past_order": customer.has_past_order,
        "role": customer.role,
        "created_at": as_sql_time(_utc(customer.created_at)),
        "name_key": customer.name_key(),
        "phone_key": customer.phone_key(context.default_region),
        "address_key": customer.address_key(),
        "consent": None if customer.email_consent is None else customer.email_consent.state.value,
        "tags_key": customer.tags_key(),
        "email": customer.email,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "phone": customer.phone,
        "address": _one_line(customer.addresses[0]) if customer.addresses else "",
        "tags": ", ".join(customer.tags),
        "order_count": customer.order_count,
    }


_OPTIONS = (
    Option("includeGuests", "include_guests", default=False, parse=read_boolean, help="People known from orders only."),
    Option("requirePastOrder", "require_past_order", default=False, parse=read_boolean, help="Only who has ordered."),
    Option("requireName", "require_name", default=False, parse=read_boolean, help="Only who has a name."),
    Option("roles", "roles", default=["customer"], parse=read_words, help="Roles that count as customers."),
    Option("createdAfter", "created_after", default=None, parse=read_moment, help="Created at this time or later."),
    Option("createdBefore", "created_before", default=None, parse=read_moment, help="Created before this time."),
)

_SIDED = frozenset({Group.DUPLICATES, Group.UNMATCHABLE})

_FILTERS = (
    Filter("createdAfter", read_moment, "created_at >= ?"),
    Filter("createdBefore", read_moment, "created_at < ?"),
    Filter("hasEmail", read_boolean, "(email <> '') = ?"),
    Filter("hasName", read_boolean, "(name_key <> '') = ?"),
    Filter("hasPhone", read_boolean, "(phone <> '') = ?"),
    Filter("hasOrders", read_boolean, "(coalesce(order_count, 0) > 0) = ?"),
    Filter("inSource", read_boolean, "(side = 'source') = ?", _SIDED),
)

_PERSON = (
    ExportColumn("E-mail", "email"),
    ExportColumn("First name", "first_name"),
    ExportColumn("Last name", "last_name"),
    ExportColumn("Phone", "phone"),
    ExportColumn("Created", "created_at"),
    ExportColumn("Orders", "order_count"),
    ExportColumn("Source id", "source_id"),
)
_BOTH_SIDES = (*_PERSON, ExportColumn("Destination id", "destination_id"))
_COMPARED = tuple(
    ExportColumn(f"{field.capitalize()} in {side}", f"{side}_{field}")
    for field in ("name", "phone", "address", "consent", "tags")
    for side in ("source", "destination")
)

CUSTOMERS = CompareKind(
    record=CUSTOMER,
    columns=_COLUMNS,
    row=customer_row,
    sql=files("crossdock.compare") / "sql" / "customers",
    steps=(
        "1_filters.sql",
        "2_links.sql",
        "3_email.sql",
        "4_name_phone.sql",
        "5_groups.sql",
        "6_field_differences.sql",
        "7_counts.sql",
    ),
    groups=(Group.ONLY_IN_SOURCE, Group.FIELD_DIFFERENCES, Group.DUPLICATES, Group.UNMATCHABLE),
    sorts={
        "createdAt": "created_at",
        "email": "email_key",
        "name": "name_key",
        "phone": "phone",
        "orders": "order_count",
    },
    default_descending=True,
    searched=("email_key", "name_key"),
    fold_search=lambda text: text_key(text) or "",
    exports={
        Group.ONLY_IN_SOURCE: (*_PERSON, ExportColumn("Was migrated as", "stale_destination_id")),
        Group.FIELD_DIFFERENCES: (*_BOTH_SIDES, ExportColumn("Different", "fields"), *_COMPARED),
        Group.DUPLICATES: (*_BOTH_SIDES, ExportColumn("Side", "side"), ExportColumn("Same as", "representative_id")),
        Group.UNMATCHABLE: (*_BOTH_SIDES, ExportColumn("Side", "side"), ExportColumn("Reason", "reason")),
    },
    options=_OPTIONS,
    filters=_FILTERS,
    figures=("matched_with_other_role",),
    chart_column="created_at",
)
"""The kind `customer`; compared fields are `name`, `phone`, `address`, `consent`, `tags`."""
