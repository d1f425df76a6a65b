"""Customers in the JSON that WooCommerce documents.

Owns the wire structs and how one record is decoded. Must not know the domain.

Source: WooCommerce REST API v3, customers; WooCommerce 9.2.5, observed.
"""

from datetime import datetime

import msgspec

from crossdock.connectors.contract import UnreadableRecord
from crossdock.connectors.woocommerce.addresses import WireAddress
from crossdock.connectors.woocommerce.walking import id_of

FIELDS = "id,date_created_gmt,email,first_name,last_name,role,billing,shipping,is_paying_customer,meta_data"
"""What is asked for: the rest (avatars, links) only costs bandwidth."""


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


_CUSTOMER = msgspec.json.Decoder(WireCustomer)


def customer_of(raw: msgspec.Raw) -> WireCustomer | UnreadableRecord:
    """Decode one record; one that does not fit tells its id and what does not fit, never a value."""
    try:
        return _CUSTOMER.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        return UnreadableRecord(id_of(raw), str(error))
