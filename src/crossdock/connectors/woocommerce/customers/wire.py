"""Customers in the JSON that WooCommerce documents.

Owns the wire structs and how one record is decoded. Must not know the domain.

Source: WooCommerce REST API v3, customers; WooCommerce 9.2.5, observed.
"""

from datetime import datetime

import msgspec

from crossdock.connectors.contract import UnreadableRecord

MARKER_KEY = "_crossdock_source_id"
"""The meta key of our marker. WooCommerce takes some foreign keys for fields, never one with this prefix."""

FIELDS = "id,date_created_gmt,email,first_name,last_name,role,billing,shipping,is_paying_customer,meta_data"
"""What is asked for: the rest (avatars, links) only costs bandwidth."""

_MARKER_BYTES = MARKER_KEY.encode()


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


class WireCustomer(msgspec.Struct, frozen=True, gc=False):
    """A customer; `date_created_gmt` is UTC without saying so. Meta stays undecoded: it can hold password hashes."""

    id: int
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    role: str | None = None
    date_created_gmt: datetime | None = None
    billing: WireAddress = WireAddress()
    shipping: WireAddress = WireAddress()
    is_paying_customer: bool | None = None
    meta_data: msgspec.Raw = msgspec.Raw(b"[]")


class WireError(msgspec.Struct, frozen=True):
    """Why one item of a batch was refused."""

    code: str | int = ""
    message: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


class WireBatchItem(msgspec.Struct, frozen=True):
    """One result of a batch: the record, or `id: 0` and an error."""

    id: int | None = None
    error: WireError | None = None


class WireBatch(msgspec.Struct, frozen=True):
    """The reply to `POST customers/batch`; results stand in the order of what was sent."""

    create: list[msgspec.Raw]


class _Id(msgspec.Struct, frozen=True):
    id: int


class _Meta(msgspec.Struct, frozen=True):
    key: str = ""
    value: object = None


_CUSTOMER = msgspec.json.Decoder(WireCustomer)
_ID = msgspec.json.Decoder(_Id)
_META = msgspec.json.Decoder(list[msgspec.Raw])
_META_ITEM = msgspec.json.Decoder(_Meta)


def customer_of(raw: msgspec.Raw) -> WireCustomer | UnreadableRecord:
    """Decode one record; one that does not fit tells its id and what does not fit, never a value."""
    try:
        return _CUSTOMER.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        return UnreadableRecord(id_of(raw), str(error))


def id_of(raw: msgspec.Raw) -> str:
    """Give the id of a record that may not fit otherwise; empty where there is none."""
    try:
        return str(_ID.decode(raw).id)
    except (msgspec.DecodeError, RecursionError):
        return ""


def marker_of(customer: WireCustomer) -> str:
    """Find our marker among the meta; empty where there is none or where the key may not see meta."""
    if _MARKER_BYTES not in memoryview(customer.meta_data).tobytes():
        return ""
    try:
        items = _META.decode(customer.meta_data)
    except (msgspec.DecodeError, RecursionError):
        return ""
    return next((marker for item in items if (marker := _marker_value(item))), "")


def _marker_value(raw: msgspec.Raw) -> str:
    try:
        item = _META_ITEM.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return ""
    return item.value if item.key == MARKER_KEY and isinstance(item.value, str) else ""
