"""Orders as the compare room sees them.

Owns the columns of an order snapshot, the options of an order comparison, and how its lists are sorted, searched,
filtered and exported. The rules by which orders match are in `sql/orders`. It must not know a platform.
"""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files

from crossdock.compare.kinds import (
    Column,
    CompareKind,
    Details,
    ExportColumn,
    Filter,
    ListedDetails,
    Option,
    RowContext,
    as_sql_time,
)
from crossdock.compare.kinds.values import read_boolean, read_integer, read_moment, read_words
from crossdock.domain.difference import Group
from crossdock.domain.kinds import ORDER
from crossdock.domain.money import Money
from crossdock.domain.order import Order

DEFAULT_WINDOW_HOURS = 24
"""How far apart two orders of one e-mail address and total may be and still be one order."""

_MOST_WINDOW_HOURS = 31 * 24
_MOST_DIGITS = 40

_COLUMNS = (
    Column("id"),
    Column("marker"),
    Column("number_key"),
    Column("number_order"),
    Column("number"),
    Column("email_key"),
    Column("email"),
    Column("customer_id"),
    Column("currency"),
    Column("total"),
    Column("total_key"),
    Column("total_amount", "DECIMAL(38, 4)"),
    Column("paid_key"),
    Column("presentment_total"),
    Column("presentment_currency"),
    Column("created_at", "TIMESTAMP"),
    Column("status"),
    Column("financial_status"),
    Column("fulfillment_status"),
    Column("status_key"),
    Column("refunded"),
    Column("refunded_key"),
    Column("line_count", "BIGINT"),
    Column("comparable_line_count", "BIGINT"),
    Column("is_draft", "BOOLEAN"),
    Column("became_id"),
    Column("is_test", "BOOLEAN"),
    Column("unknown"),
)


def _money_key(money: Money) -> str:
    return f"{money.currency} {money}"


def _number_order(key: str) -> str:
    """Give text that sorts plain numbers by their value, and all others as text."""
    return key.zfill(_MOST_DIGITS) if key.isascii() and key.isdigit() and len(key) <= _MOST_DIGITS else key


def _utc(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo is None else moment.astimezone(UTC)


def order_row(order: Order, _: RowContext) -> Mapping[str, object]:
    """Describe an order as one snapshot row: keys for matching and comparing, text for showing.

    Money is text, exact to the currency's decimals; keys of money begin with the currency, so that amounts of two
    currencies are never equal. `paid_key` is the total in the customer's currency.
    """
    paid, refunded = order.presentment_total, order.given_back()
    return {
        "id": order.id,
        "marker": order.marker,
        "number_key": order.number_key(),
        "number_order": _number_order(order.number_key() or ""),
        "number": order.number.strip().removeprefix("#"),
        "email_key": order.email_key(),
        "email": order.email,
        "customer_id": order.customer_id,
        "currency": order.currency,
        "total": str(order.total),
        "total_key": _money_key(order.total),
        "total_amount": str(order.total),
        "paid_key": _money_key(paid or order.total),
        "presentment_total": "" if paid is None else str(paid),
        "presentment_currency": "" if paid is None else paid.currency,
        "created_at": as_sql_time(_utc(order.created_at)),
        "status": order.status,
        "financial_status": order.financial_status,
        "fulfillment_status": order.fulfillment_status,
        "status_key": order.status_key().value,
        "refunded": str(refunded),
        "refunded_key": _money_key(refunded) if refunded.amount else "",
        "line_count": order.line_count,
        "comparable_line_count": order.comparable_line_count,
        "is_draft": order.is_draft,
        "became_id": order.became_id,
        "is_test": order.is_test,
        "unknown": ", ".join(order.unknown),
    }


def fold_search(text: str) -> str:
    """Fold what is searched for as e-mail addresses and numbers are folded: no white space, no `#`, lower case."""
    return "".join(unicodedata.normalize("NFC", text).lower().split()).removeprefix("#")


def read_statuses(field: str, value: object) -> list[str]:
    """Read a list of status words, in lower case.

    Raises:
        InvalidRequestError: it is no list of words.
    """
    return [word.lower() for word in read_words(field, value)]


def read_window(field: str, value: object) -> int:
    """Read a number of hours.

    Raises:
        InvalidRequestError: it is no whole number, or out of bounds.
    """
    return read_integer(field, value, lowest=0, highest=_MOST_WINDOW_HOURS)


def read_currency(field: str, value: object) -> str:
    """Read one currency code, in upper case.

    Raises:
        InvalidRequestError: it is no word.
    """
    return read_words(field, [value])[0].upper()


_OPTIONS = (
    Option("createdAfter", "created_after", default=None, parse=read_moment, help="Ordered at this time or later."),
    Option("createdBefore", "created_before", default=None, parse=read_moment, help="Ordered before this time."),
    Option("statuses", "statuses", default=None, parse=read_statuses, help="Only orders with one of these statuses."),
    Option("includeTest", "include_test", default=False, parse=read_boolean, help="Also test orders."),
    Option(
        "matchWindowHours",
        "match_window_hours",
        default=DEFAULT_WINDOW_HOURS,
        parse=read_window,
        help="How far apart equal orders without a common number may be.",
    ),
)

_SIDED = frozenset({Group.DUPLICATES, Group.UNMATCHABLE})

_FILTERS = (
    Filter("createdAfter", read_moment, "created_at >= ?"),
    Filter("createdBefore", read_moment, "created_at < ?"),
    Filter(
        "status",
        read_statuses,
        "list_has_any([lower(status), financial_status, fulfillment_status, status_key], ?)",
    ),
    Filter("currency", read_currency, "currency = ?"),
    Filter("hasEmail", read_boolean, "(email <> '') = ?"),
    Filter("inSource", read_boolean, "(side = 'source') = ?", _SIDED),
)

_SHOWN = (
    ExportColumn("Order", "number"),
    ExportColumn("E-mail", "email"),
    ExportColumn("Total", "total"),
    ExportColumn("Currency", "currency"),
    ExportColumn("Date", "created_at"),
    ExportColumn("Payment", "financial_status"),
    ExportColumn("Fulfillment", "fulfillment_status"),
    ExportColumn("Items", "line_item_count"),
    ExportColumn("Source id", "source_id"),
)
_BOTH_SIDES = (*_SHOWN, ExportColumn("Destination id", "destination_id"))


def _compared(*fields: str) -> tuple[ExportColumn, ...]:
    return tuple(
        ExportColumn(f"{field.replace('_', ' ').capitalize()} in {side}", f"{side}_{field}")
        for field in fields
        for side in ("source", "destination")
    )


_DETAILS = Details(
    columns=(Column("line_count", "BIGINT"), Column("comparable_line_count", "BIGINT")),
    row=lambda order: {"line_count": order.line_count, "comparable_line_count": order.comparable_line_count},
    lists={
        Group.ONLY_IN_SOURCE: ListedDetails("details/only_in_source.sql", {"source": "line_item_count is null"}),
        Group.SUSPECT_MATCHES: ListedDetails(
            "details/suspect_matches.sql",
            {"source": "source_line_count is null", "destination": "destination_line_count is null"},
        ),
        Group.FIELD_DIFFERENCES: ListedDetails(
            "details/field_differences.sql",
            {
                "source": "line_item_count is null or (compares_lines and source_line_count is null)",
                "destination": "compares_lines and destination_line_count is null",
            },
        ),
    },
)

_RULE = ("next_rule.sql", "pair_in_order.sql")
_TIMED_RULE = ("next_rule.sql", "pair_in_time.sql")

ORDERS = CompareKind(
    record=ORDER,
    columns=_COLUMNS,
    row=order_row,
    sql=files("crossdock.compare") / "sql" / "orders",
    steps=(
        "1_filters.sql",
        "2_links.sql",
        "3_rules.sql",
        "4_all.sql",
        *_TIMED_RULE,
        "5_rest.sql",
        "6_numbers.sql",
        *_RULE,
        *_TIMED_RULE,
        *_TIMED_RULE,
        "7_left_over.sql",
        *_TIMED_RULE,
        *_TIMED_RULE,
        "6_numbers.sql",
        *_RULE,
        *_RULE,
        *_TIMED_RULE,
        *_RULE,
        "8_groups.sql",
        "9_field_differences.sql",
        "10_counts.sql",
    ),
    groups=(
        Group.ONLY_IN_SOURCE,
        Group.SUSPECT_MATCHES,
        Group.FIELD_DIFFERENCES,
        Group.DUPLICATES,
        Group.UNMATCHABLE,
    ),
    sorts={
        "createdAt": "created_at",
        "orderNumber": "number_order",
        "email": "email_key",
        "totalPrice": "total_amount",
        "status": "financial_status || ' ' || fulfillment_status",
        "items": "line_item_count",
    },
    default_descending=True,
    searched=("email_key", "number_key"),
    fold_search=fold_search,
    exports={
        Group.ONLY_IN_SOURCE: (*_SHOWN, ExportColumn("Was migrated as", "stale_destination_id")),
        Group.SUSPECT_MATCHES: (
            *_BOTH_SIDES,
            ExportColumn("Agree in", "evidence"),
            ExportColumn("Order in destination", "destination_number"),
            *_compared("email", "total", "currency", "created_at", "line_count"),
        ),
        Group.FIELD_DIFFERENCES: (
            *_BOTH_SIDES,
            ExportColumn("Different", "fields"),
            *_compared("total", "currency", "status", "email", "line_count", "refunds"),
        ),
        Group.DUPLICATES: (*_BOTH_SIDES, ExportColumn("Side", "side"), ExportColumn("Same as", "representative_id")),
        Group.UNMATCHABLE: (*_BOTH_SIDES, ExportColumn("Side", "side"), ExportColumn("Reason", "reason")),
    },
    options=_OPTIONS,
    filters=_FILTERS,
    selection_order="created_at nulls last, length(source_id), source_id",
    details=_DETAILS,
    chart_column="created_at",
)
"""The kind `order`; compared fields are `total`, `currency`, `status`, `email`, `line_count`, `refunds`."""
