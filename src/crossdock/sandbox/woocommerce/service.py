"""Own how long the store takes: the measured service times, on the two cores that the measured store had.

Off unless the store's mode asks for it. Figures are those of the reference's appendix: a page of 100 customers 0.21 s,
of orders 1.1 s whole and 0.22 s without lines, an account made 0.1 s (its password's hash), two requests at work.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from crossdock.sandbox.woocommerce.store import StoreModes

CREATE_SECONDS = 0.1
UPDATE_SECONDS = 0.03
_REQUEST_SECONDS = 0.05
_ITEM_SECONDS = 0.0016
_CORES = 2
_ORDER_SECONDS = 0.0017
_LINES_SECONDS = 0.009
_WHOLE_ORDER_SECONDS = 0.0105
_ORDER_CREATE_SECONDS = {"pending": 0.05, "checkout-draft": 0.05, "completed": 0.12, "processing": 0.12}
_PARTS = ("tax_lines", "shipping_lines", "fee_lines", "coupon_lines", "refunds", "meta_data")


def listing_seconds(items: int) -> float:
    """Return what a page of that many customers takes."""
    return _REQUEST_SECONDS + _ITEM_SECONDS * items


def order_listing_seconds(items: int, fields: object) -> float:
    """Return what a page of that many orders takes: their lines are what costs, so `_fields` helps (§4.6, appendix)."""
    names = {name.strip().partition(".")[0] for name in str(fields or "").split(",")} - {""}
    if "line_items" in names:
        return _REQUEST_SECONDS + _LINES_SECONDS * items
    is_light = bool(names) and names.isdisjoint(_PARTS[:-2])
    return _REQUEST_SECONDS + (_ORDER_SECONDS if is_light else _WHOLE_ORDER_SECONDS) * items


def order_create_seconds(status: object) -> float:
    """Return what an order made in a status takes: its mails and its stock are what costs."""
    return _ORDER_CREATE_SECONDS.get(str(status or "pending"), 0.08)


class ServiceDesk:
    """The workers of one store."""

    def __init__(self, modes: StoreModes) -> None:
        self._modes = modes
        self._cores = asyncio.Semaphore(_CORES)

    @asynccontextmanager
    async def worker(self) -> AsyncGenerator[None]:
        """Hold one of the store's workers, waiting for it if both are busy."""
        if not self._modes.service_times:
            yield
            return
        async with self._cores:
            yield

    async def spend(self, seconds: float) -> None:
        """Take the time that a piece of work takes, if service times are on."""
        if self._modes.service_times:
            await asyncio.sleep(seconds)

    async def race(self) -> None:
        """Let other requests in between a check and its insert, if the store races its e-mails."""
        if self._modes.races_emails:
            await asyncio.sleep(0)
