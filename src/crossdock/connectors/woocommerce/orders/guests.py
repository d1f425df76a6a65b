"""People who have ordered without an account, known by the e-mail address of their orders.

Owns how they are found among the orders. Must not know accounts.

Source: WooCommerce REST API v3, `GET orders`: `customer=0` are guests' orders; `search` finds an e-mail address and
much else.
"""

from collections.abc import AsyncGenerator

import msgspec

from crossdock.connectors.contract import Cursor, Page, UnreadableRecord
from crossdock.connectors.http import Params
from crossdock.connectors.throttle import AdaptiveConcurrency
from crossdock.connectors.woocommerce.orders.mapping import readable
from crossdock.connectors.woocommerce.orders.wire import GUEST_FIELDS
from crossdock.connectors.woocommerce.transport import WooTransport
from crossdock.connectors.woocommerce.walking import ListWalk, newest_first
from crossdock.domain.customer import Customer
from crossdock.domain.order import GUEST_PREFIX, Order, guest_of

_GUESTS: Params = {"customer": 0, "status": "any", "_fields": GUEST_FIELDS}
_FOLDED_DOMAIN = "xn--"


class GuestReader:
    """Reads guests, each under the id `guest:<folded e-mail>`."""

    def __init__(self, transport: WooTransport, concurrency: AdaptiveConcurrency) -> None:
        self._transport = transport
        self._walk = ListWalk(transport, concurrency, "orders", _GUESTS, _guest)

    def read(self, cursor: Cursor | None = None) -> AsyncGenerator[Page[Customer]]:
        """Read the person of every guest order; who has ordered twice comes twice."""
        return self._walk.read(cursor)

    async def get(self, guest: str) -> Customer | None:
        """Find one guest by id, as the newest order tells; None where no guest order has that address."""
        email = guest.removeprefix(GUEST_PREFIX)
        local, _, domain = email.rpartition("@")
        # The shop keeps an international domain as it was typed.
        term = f"{local}@" if _FOLDED_DOMAIN in domain else email
        async for listed in newest_first(self._transport, "orders", {**_GUESTS, "search": term}):
            for raw in listed.rows:
                person = _guest(raw)
                if isinstance(person, Customer) and person.id == guest:
                    return person
        return None


def _guest(raw: msgspec.Raw) -> Customer | UnreadableRecord | None:
    order = readable(raw)
    if not isinstance(order, Order):
        return order
    person = guest_of(order)
    # A filter that the store ignores would give everybody.
    return person if person.id and not order.customer_id else None
