"""Customers read from WooCommerce: the whole store, or some by id, and people who have only ordered.

Owns which accounts are asked for. Must not know what readers do with the records.

Source: WooCommerce REST API v3, `GET customers`. `role=all&orderby=id` is several times cheaper than the default.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence

import msgspec

from crossdock.connectors.contract import MAX_IDS, Cursor, Page, UnreadableRecord
from crossdock.connectors.throttle import AdaptiveConcurrency
from crossdock.connectors.woocommerce.customers.mapping import customer_from_wire
from crossdock.connectors.woocommerce.customers.wire import FIELDS, WireCustomer, customer_of
from crossdock.connectors.woocommerce.orders.guests import GuestReader
from crossdock.connectors.woocommerce.transport import WooTransport, total_of
from crossdock.connectors.woocommerce.walking import WINDOW, ListWalk
from crossdock.domain.customer import Customer
from crossdock.domain.errors import ContractViolationError
from crossdock.domain.kinds import CUSTOMER, RecordKind
from crossdock.domain.order import GUEST_PREFIX


class CustomerReader:
    """The `Source` of a WooCommerce store's customers: every account, whatever its role; guests on demand."""

    def __init__(self, transport: WooTransport, concurrency: AdaptiveConcurrency) -> None:
        self._transport = transport
        self._guests = GuestReader(transport, concurrency)
        self._walk = ListWalk(transport, concurrency, "customers", {"role": "all", "_fields": FIELDS}, _customer_of)

    @property
    def kind(self) -> RecordKind:
        """The kind that is read."""
        return CUSTOMER

    async def count(self) -> int | None:
        """Tell how many accounts the store has."""
        reply = await self._transport.read("customers", {"role": "all", "per_page": 1, "_fields": "id"})
        return total_of(reply)

    async def get(self, ids: Sequence[str]) -> Mapping[str, Customer]:
        """Fetch accounts by id, and guests by `guest:<e-mail>`, each as their newest order tells of them.

        Raises:
            ContractViolationError: `record_unreadable`, one of them does not fit our wire model.
        """
        numbers = [number for number in dict.fromkeys(ids) if number.isdecimal()]
        found: dict[str, Customer] = {}
        for start in range(0, len(numbers), MAX_IDS):
            chunk = numbers[start : start + MAX_IDS]
            for wire in await readable_by_id(self._transport, chunk):
                found[str(wire.id)] = customer_from_wire(wire)
        for guest in dict.fromkeys(ids):
            if guest.startswith(GUEST_PREFIX) and (person := await self._guests.get(guest)) is not None:
                found[guest] = person
        return found

    def read(self, cursor: Cursor | None = None) -> AsyncGenerator[Page[Customer]]:
        """Read every account in ascending order of ids."""
        return self._walk.read(cursor)

    def read_guests(self, cursor: Cursor | None = None) -> AsyncGenerator[Page[Customer]]:
        """Read the people of orders without an account, in ascending order of the orders' ids; one may come often."""
        return self._guests.read(cursor)


async def fetch_by_id(transport: WooTransport, ids: Sequence[str]) -> list[WireCustomer]:
    """Fetch up to 100 accounts by id in one request, in no order; what can't be read is left out."""
    return [account for account in await _by_id(transport, ids) if isinstance(account, WireCustomer)]


async def readable_by_id(transport: WooTransport, ids: Sequence[str]) -> list[WireCustomer]:
    """Fetch up to 100 accounts by id in one request, in no order; what is absent is not there.

    Raises:
        ContractViolationError: `record_unreadable`, one of them is there and can't be read.
    """
    accounts = await _by_id(transport, ids)
    for account in accounts:
        if isinstance(account, UnreadableRecord):
            raise ContractViolationError("record_unreadable", account.reason, account.id)
    return [account for account in accounts if isinstance(account, WireCustomer)]


async def _by_id(transport: WooTransport, ids: Sequence[str]) -> list[WireCustomer | UnreadableRecord]:
    if not ids:
        return []
    params = {"role": "all", "include": ",".join(ids), "per_page": WINDOW, "_fields": FIELDS}
    listed = await transport.rows("customers", params)
    # An unknown parameter is ignored and everything returned: only what was asked for counts.
    accounts = [customer_of(raw) for raw in listed.rows]
    return [account for account in accounts if str(account.id) in ids]


def _customer_of(raw: msgspec.Raw) -> Customer | UnreadableRecord:
    wire = customer_of(raw)
    return customer_from_wire(wire) if isinstance(wire, WireCustomer) else wire
