"""Own how long the store takes: the measured service times, on the two cores that the measured store had.

Off unless the store's mode asks for it. Figures are those of the reference's appendix: a page of 100 customers 0.21 s,
an account made 0.1 s (its password's hash), at most two requests at work at once.
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


def listing_seconds(items: int) -> float:
    """Return what a page of that many customers takes."""
    return _REQUEST_SECONDS + _ITEM_SECONDS * items


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
