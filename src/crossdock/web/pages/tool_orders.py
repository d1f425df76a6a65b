"""Orders on their tool page: words, columns, and an order laid out field by field.

Owns these words. It must not know how orders are compared or written.
"""

from crossdock.domain.customer import Address
from crossdock.domain.difference import Group
from crossdock.domain.kinds import ORDER
from crossdock.domain.money import Money
from crossdock.domain.order import Order
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
    write_money,
    write_text,
    write_words,
)

_SHOWN_LINES = 50


def _status(row: Row, _: Formats) -> str:
    words = [str(row.get(name) or "").replace("_", " ") for name in ("financial_status", "fulfillment_status")]
    return write_words(", ".join(word for word in words if word))


_ORDER = (
    Column("Order #", lambda row, _: write_text(row["number"] or row["label"]), "orderNumber", "c-no"),
    Column("Customer e-mail", lambda row, _: write_text(row["email"]), "email", "c-mail"),
    Column("Total", lambda row, _: write_money(row["total"], row["currency"]), "totalPrice", "c-total", is_number=True),
    Column("Date", lambda row, formats: formats.moment(row["created_at"]), "createdAt", "c-date"),
    Column("Status", _status, "status", "c-state"),
    Column("Items", lambda row, _: write_count(row["line_item_count"]), "items", "c-items", is_number=True),
)
_FIELDS = {
    "total": "Total",
    "currency": "Currency",
    "status": "Status",
    "email": "E-mail",
    "line_count": "Lines",
    "refunds": "Refunds",
}
_AGREEING = {"email": "e-mail", "total": "total", "time": "time"}


def _evidence(row: Row, _: Formats) -> str:
    agreeing = [_AGREEING.get(str(word), str(word)) for word in row.get("evidence") or ()]
    return f"Number and {', '.join(agreeing)}" if agreeing else "The number alone"


_SUSPECT = (
    Column("In destination", lambda row, _: write_text(row.get("destination_number"))),
    Column("Agree in", _evidence, style="wrap"),
)


def _amount(money: Money | None) -> str:
    return NOTHING if money is None else write_money(money.amount, money.currency)


def _address(address: Address | None) -> str:
    if address is None:
        return NOTHING
    name = f"{address.first_name} {address.last_name}".strip()
    place = f"{address.postcode} {address.city}".strip()
    parts = (name, address.company, address.address1, address.address2, place, address.country_code)
    return write_text(", ".join(part for part in parts if part))


def _lines(order: Order, _: Formats) -> str:
    lines = [
        f"{line.quantity} \N{MULTIPLICATION SIGN} {line.title}" + (f" ({line.sku})" if line.sku else "")
        for line in order.lines
    ]
    more = len(lines) - _SHOWN_LINES
    return write_text("\n".join(lines[:_SHOWN_LINES]) + (f"\nand {more:,} more" if more > 0 else ""))


def _coupons(order: Order, _: Formats) -> str:
    return write_text(", ".join(coupon.code for coupon in order.coupons))


ORDER_WORDS = ToolWords(
    kind=ORDER,
    icon="shopping-cart",
    lead="Find the orders that one store lacks, and bring them over.",
    search_hint="Order number or e-mail; 12* for its beginning",
    columns={
        Group.ONLY_IN_SOURCE: _ORDER,
        Group.SUSPECT_MATCHES: (*_ORDER[:4], *_SUSPECT),
        Group.FIELD_DIFFERENCES: (*_ORDER[:4], different_column(_FIELDS)),
        Group.DUPLICATES: (*_ORDER[:5], side_column(), same_as_column()),
        Group.UNMATCHABLE: (*_ORDER[:5], side_column(), reason_column()),
    },
    fields=(
        DetailField("Number", lambda order, _: write_text(order.number), decides=True),
        DetailField("E-mail", lambda order, _: write_text(order.email), decides=True),
        DetailField("Date", lambda order, formats: formats.moment(order.created_at), decides=True),
        DetailField("Total", lambda order, _: _amount(order.total), decides=True),
        DetailField("Items", _lines, section="Lines"),
        DetailField("Bill to", lambda order, _: _address(order.billing), section="Customer"),
        DetailField("Ship to", lambda order, _: _address(order.shipping), section="Customer"),
        DetailField("Phone", lambda order, _: write_text(order.phone), section="Customer"),
        DetailField("Currency", lambda order, _: write_text(order.currency), section="Money"),
        DetailField("Shipping", lambda order, _: _amount(order.shipping_total), section="Money"),
        DetailField("Tax", lambda order, _: _amount(order.total_tax), section="Money"),
        DetailField("Discounts", lambda order, _: _amount(order.discount_total), section="Money"),
        DetailField("Coupons", _coupons, section="Money"),
        DetailField("Refunds", lambda order, _: _amount(order.refunded), section="Money"),
        DetailField("Status", lambda order, _: write_words(order.status), section="State"),
        DetailField("Payment", lambda order, _: write_words(order.financial_status), section="State"),
        DetailField("Fulfilment", lambda order, _: write_words(order.fulfillment_status), section="State"),
        DetailField("Paid by", lambda order, _: write_text(order.payment_title), section="State"),
        DetailField("Note", lambda order, _: write_text(order.note), section="State"),
    ),
    made="orders",
    names={
        "createdAfter": "Ordered from",
        "createdBefore": "Ordered before",
        "includeTest": "Include test orders",
        "draft": "Draft orders",
        "order": "Real orders",
        "keepNumber": "Order numbers",
        "free": "Kept where free",
        "prefix": "Always with the prefix",
        "requireProducts": "Only with known products",
        "hasEmail": "Has an e-mail",
    },
)
"""The words of Order Sync."""
