"""Own what writing a row of order meta does: an upsert, a deletion, or the setter of an internal key (§5.3).

Knows no request and no status rule: a status written through meta is handed back to whoever applies transitions.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import cast

from crossdock.sandbox.woocommerce.amounts import decimal, fixed
from crossdock.sandbox.woocommerce.ledger.order import ADDRESS_FIELDS, SHIPPING_ADDRESS_FIELDS, MetaRow, Order
from crossdock.sandbox.woocommerce.php import objects, php_string

_EXACT_TIME = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?P<zone>Z|[+-]\d{2}:\d{2})$")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # naive on purpose: the site's midnight, wherever the site is
_FIRST, _LAST = -62_135_000_000, 253_402_000_000
_FLAGS = (
    *("order_stock_reduced", "new_order_email_sent", "recorded_sales", "recorded_coupon_usage_counts"),
    "download_permissions_granted",
)
_TEXTS = ("transaction_id", "customer_ip_address", "customer_user_agent", "order_key")
_TEXTS_ON_PUT = ("created_via", "payment_method", "payment_method_title", "customer_note", "cart_hash", "version")
_AMOUNTS_ON_PUT = ("total", "discount_total", "discount_tax", "shipping_total", "total_tax")
_SET_ON_POST = frozenset({"date_paid", "date_completed", *_FLAGS, *_TEXTS})
_PROPERTIES = frozenset(
    {
        *("date_created", "date_modified", "date_completed", "date_paid", "status", "currency", "customer_id"),
        *("parent_id", "prices_include_tax", "cart_tax", "shipping_tax"),
        *_FLAGS,
        *_TEXTS,
        *_TEXTS_ON_PUT,
        *_AMOUNTS_ON_PUT,
        *(f"billing_{name}" for name in ADDRESS_FIELDS),
        *(f"shipping_{name}" for name in SHIPPING_ADDRESS_FIELDS),
    },
)
_HIDDEN = frozenset({f"_{name}" for name in _PROPERTIES}) | {
    *("_customer_user", "_order_currency", "_completed_date", "_paid_date", "_edit_lock", "_edit_last"),
    *("_cart_discount", "_cart_discount_tax", "_order_shipping", "_order_shipping_tax", "_order_tax", "_order_total"),
    *("_order_version", "_payment_tokens", "_billing_address_index", "_shipping_address_index"),
}


def is_hidden(key: str) -> bool:
    """Tell whether a key is WooCommerce's own and left out when meta is read (§4.6)."""
    return key in _HIDDEN


def is_yes(value: object) -> bool:
    """Read a flag the way WooCommerce reads its options: `yes`, `true` and one are, everything else isn't."""
    return value is True or value == 1 or str(value).lower() in ("yes", "true", "1")


def parse_time(value: object, zone: tzinfo, now: int) -> int | None:
    """Return the epoch second that a written date means; None where nothing is written (§5.3).

    Unix seconds and times with a zone are right, naive ones are the site's; fractional seconds lose their zone, and
    what is no date at all becomes 1970, both without a word.
    """
    text = php_string(value).strip()
    if text in ("", "0"):
        return None
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return min(max(int(float(text)), _FIRST), _LAST)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return now if text == "now" else _site_seconds(_EPOCH, zone)
    if moment.tzinfo is not None and _EXACT_TIME.match(text):
        return int(moment.timestamp())
    naive = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return _site_seconds(naive.replace(microsecond=0), zone)


class MetaWriter:
    """Writes the meta of one request; `creates` is a POST, where fewer internal keys have a setter."""

    def __init__(
        self,
        zone: tzinfo,
        now: int,
        next_meta_id: Callable[[], int],
        *,
        creates: bool,
        sets_created: bool = False,
        places: int = 2,
    ) -> None:
        self.status: str | None = None
        self.has_set = False
        self._zone = zone
        self._now = now
        self._next_meta_id = next_meta_id
        self._creates = creates
        self._sets_created = sets_created
        self._places = places

    def write(self, order: Order, rows: object) -> None:
        """Write every row of a request into an order, in their order."""
        for row in objects(rows):
            if "key" not in row:
                continue
            key = php_string(row["key"])
            if not self._set(order, key.removeprefix("_") if key.startswith("_") else "", row.get("value")):
                upsert(order.meta, row.get("id"), key, row.get("value"), self._next_meta_id)

    def _set(self, order: Order, name: str, value: object) -> bool:
        """Set the property of an internal key and tell whether there was one with a setter."""
        if name not in _PROPERTIES or (self._creates and not self._is_set_on_post(name)):
            return False
        self.has_set = True
        if name.startswith("date_"):
            self._set_time(order, name, value)
        elif name == "status":
            self.status = php_string(value)
        else:
            self._set_property(order, name, value)
        return True

    def _is_set_on_post(self, name: str) -> bool:
        return name in _SET_ON_POST or (name == "date_created" and self._sets_created)

    def _set_time(self, order: Order, name: str, value: object) -> None:
        second = parse_time(value, self._zone, self._now)
        if name == "date_created":
            order.created_at = self._now if second is None else second
        elif name == "date_paid":
            order.paid_at = second
        elif name == "date_completed":
            order.completed_at = second

    def _set_property(self, order: Order, name: str, value: object) -> None:
        part, _, field = name.partition("_")
        if name in _FLAGS:
            setattr(order, name, is_yes(value))
        elif name in ("cart_tax", "shipping_tax"):
            setattr(order, name, fixed(value, self._places))
            order.total_tax = fixed(decimal(order.cart_tax) + decimal(order.shipping_tax), self._places)
        elif name in _AMOUNTS_ON_PUT:
            setattr(order, name, fixed(value, self._places))
        elif name in ("customer_id", "parent_id"):
            setattr(order, name, int(decimal(value)))
        elif name == "prices_include_tax":
            order.prices_include_tax = is_yes(value)
        elif part == "billing":
            order.billing[ADDRESS_FIELDS.index(field)] = php_string(value)
        elif part == "shipping":
            order.shipping[SHIPPING_ADDRESS_FIELDS.index(field)] = php_string(value)
        else:
            setattr(order, name, php_string(value))


def upsert(rows: list[MetaRow], row_id: object, key: str, value: object, next_meta_id: Callable[[], int]) -> None:
    """Write one row: by id if it names one, else by key, where doubles collapse; null deletes (§5.12)."""
    found = [row for row in rows if row_id and row.id == row_id] or [row for row in rows if row.key == key]
    if value is None:
        rows[:] = [row for row in rows if row not in found]
    elif found:
        found[0].key, found[0].value = key, stored(value)
        rows[:] = [row for row in rows if row is found[0] or row not in found]
    else:
        rows.append(MetaRow(next_meta_id(), key, stored(value)))


def stored(value: object) -> object:
    """Return a meta value as it reads back: scalars are text in the database, structures stay (§5.12)."""
    return cast("object", value) if isinstance(value, (list, dict)) else php_string(value)


def _site_seconds(naive: datetime, zone: tzinfo) -> int:
    """Return the epoch second of a wall clock time of the site; one that a clock skips is an hour later."""
    moment = naive.replace(tzinfo=zone)
    return int((moment - (moment.utcoffset() or timedelta())).replace(tzinfo=UTC).timestamp())
