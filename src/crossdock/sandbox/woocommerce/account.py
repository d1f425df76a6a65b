"""Own the shape of one stored user and what the REST API shows of it.

Knows no request and no rule about what may change. Times are stored in UTC, to the second, and shown in the site's
zone.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, cast

BILLING_FIELDS = (
    "first_name",
    "last_name",
    "company",
    "address_1",
    "address_2",
    "city",
    "postcode",
    "country",
    "state",
    "email",
    "phone",
)
SHIPPING_FIELDS = tuple(name for name in BILLING_FIELDS if name != "email")
NO_BILLING = ("",) * len(BILLING_FIELDS)
NO_SHIPPING = ("",) * len(SHIPPING_FIELDS)

_INTERNAL_KEYS = frozenset(
    {f"billing_{name}" for name in BILLING_FIELDS}
    | {f"shipping_{name}" for name in SHIPPING_FIELDS}
    | {
        *("locale", "paying_customer", "last_update", "first_name", "last_name", "display_name", "nickname"),
        *("show_admin_bar_front", "use_ssl", "admin_color", "rich_editing", "comment_shortcuts", "description"),
        *("dismissed_wp_pointers", "show_welcome_panel", "session_tokens", "syntax_highlighting"),
        *("_order_count", "_money_spent", "_last_order", "_woocommerce_tracks_anon_id"),
    },
)


@dataclass(slots=True)
class Meta:
    """One row of user meta."""

    id: int
    key: str
    value: Any


@dataclass(slots=True)
class Account:
    """One user of the site, a customer or staff; addresses are tuples in the order of the field names."""

    id: int
    email: str
    username: str
    registered_at: int
    modified_at: int | None = None
    first_name: str = ""
    last_name: str = ""
    role: str = "customer"
    billing: tuple[str, ...] = NO_BILLING
    shipping: tuple[str, ...] = NO_SHIPPING
    is_paying: bool = False
    display_name: str = ""
    meta: list[Meta] = field(default_factory=list[Meta])


def is_hidden_key(key: str) -> bool:
    """Tell whether a meta key is left out when meta is read (§3.6)."""
    return key in _INTERNAL_KEYS or key.startswith("_woocommerce_persistent_cart") or "wp_" in key


def pack(names: Iterable[str], values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return an address as its tuple; what is missing or null is empty."""
    return tuple("" if values.get(name) is None else str(values[name]) for name in names)


def gmt_seconds(value: str) -> int:
    """Return the epoch second of a UTC time without an offset, as the API writes it."""
    return int(datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp())


def account_from_record(record: Mapping[str, Any], *, account_id: int, now: int, next_meta_id: int) -> Account:
    """Return the account that a REST record describes, its text kept to the letter; fields may be missing."""
    registered, modified = record.get("date_created_gmt"), record.get("date_modified_gmt")
    email = str(record.get("email") or "")
    names = str(record.get("first_name") or ""), str(record.get("last_name") or "")
    username = str(record.get("username") or "") or f"user{account_id}"
    rows = cast("list[dict[str, Any]]", record.get("meta_data") or [])
    return Account(
        id=account_id,
        email=email,
        username=username,
        registered_at=gmt_seconds(registered) if registered else now,
        modified_at=gmt_seconds(modified) if modified else None,
        first_name=names[0],
        last_name=names[1],
        role=str(record.get("role") or "customer"),
        billing=pack(BILLING_FIELDS, record.get("billing") or {}) if record.get("billing") else NO_BILLING,
        shipping=pack(SHIPPING_FIELDS, record.get("shipping") or {}) if record.get("shipping") else NO_SHIPPING,
        is_paying=bool(record.get("is_paying_customer")),
        display_name=" ".join(names).strip() or username,
        meta=[
            Meta(int(row.get("id") or next_meta_id + place), str(row["key"]), row.get("value"))
            for place, row in enumerate(rows)
        ],
    )


def avatar_url(email: str) -> str:
    """Return the address of the picture service for an e-mail; an account without one has an empty hash."""
    digest = hashlib.sha256(email.strip().lower().encode()).hexdigest() if email else ""
    return f"https://secure.gravatar.com/avatar/{digest}?s=96&d=mm&r=g"


def account_view(account: Account, zone: tzinfo, *, shows_meta: bool) -> dict[str, Any]:
    """Return an account in the v3 shape without its links; meta is for keys of administrators only (§2.3)."""
    created, created_gmt = _both_times(account.registered_at, zone)
    modified, modified_gmt = _both_times(account.modified_at, zone) if account.modified_at else (None, None)
    view: dict[str, Any] = {
        "id": account.id,
        "date_created": created,
        "date_created_gmt": created_gmt,
        "date_modified": modified,
        "date_modified_gmt": modified_gmt,
        "email": account.email,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "role": account.role,
        "username": account.username,
        "billing": dict(zip(BILLING_FIELDS, account.billing, strict=True)),
        "shipping": dict(zip(SHIPPING_FIELDS, account.shipping, strict=True)),
        "is_paying_customer": account.is_paying,
        "avatar_url": avatar_url(account.email),
    }
    if shows_meta:
        view["meta_data"] = [
            {"id": row.id, "key": row.key, "value": row.value} for row in account.meta if not is_hidden_key(row.key)
        ]
    return view


def _both_times(second: int, zone: tzinfo) -> tuple[str, str]:
    moment = datetime.fromtimestamp(second, UTC)
    return moment.astimezone(zone).replace(tzinfo=None).isoformat(), moment.replace(tzinfo=None).isoformat()
