"""A process that migrates records and is killed without a word at the n-th crossing between two steps of the protocol.

A crossing lies before and after each commit of the ledger, the work list and the run, and of orders also before and
after each write to a store: between any two of them there is at most one thing that can be lost.
"""

import asyncio
import functools
import inspect
import os
import signal
from collections.abc import Callable
from multiprocessing.synchronize import Event
from typing import Any

from crossdock.bootstrap import Settings, open_services
from crossdock.connectors.http import StoreHttp
from crossdock.jobs.requests import CompareRequest
from crossdock.state.runs import Runs
from crossdock.state.worklist import Worklist
from crossdock.sync.journal import Journal
from crossdock.sync.moving import Mover
from tests.durability.stage import Way
from tests.durability.trial import sync_request

CROSSED: tuple[tuple[type, tuple[str, ...]], ...] = (
    (Runs, ("create", "claim", "set_phase", "finish")),
    (Worklist, ("add",)),
    (Mover, ("move",)),
    (Journal, ("plan", "begin", "settle", "record")),
)
# An order's steps are written one by one, a customer's many at once.
CROSSED_OF_ORDERS: tuple[tuple[type, tuple[str, ...]], ...] = (*CROSSED, (StoreHttp, ("write",)))


class Killer:
    """Counts crossings and kills this very process at the wanted one; 0 never does."""

    def __init__(self, at: int) -> None:
        self._left = at

    def cross(self) -> None:
        """Pass a crossing, or end here as a power cut would."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def arm(self, crossed: tuple[tuple[type, tuple[str, ...]], ...]) -> None:
        """Put a crossing before and after every call of these."""
        for owner, names in crossed:
            for name in names:
                setattr(owner, name, self._crossed(getattr(owner, name)))

    def _crossed(self, method: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(method):

            @functools.wraps(method)
            async def wait(*args: object, **kwargs: object) -> object:
                self.cross()
                result = await method(*args, **kwargs)
                self.cross()
                return result

            return wait

        @functools.wraps(method)
        def call(*args: object, **kwargs: object) -> object:
            self.cross()
            result = method(*args, **kwargs)
            self.cross()
            return result

        return call


def sync_and_die(settings: dict[str, Any], way: Way, at: int, is_syncing: Event) -> None:
    """Compare, tell that the sync begins, and sync all that is missing until the crossing `at`."""
    asyncio.run(_sync(Settings.load({}, **settings), way, at, is_syncing))


async def _sync(settings: Settings, way: Way, at: int, is_syncing: Event) -> None:
    async with open_services(settings, takes_up_runs=False) as services:
        begun = await services.runs.start_compare(CompareRequest(way.kind, way.source))
        compared = await services.runs.wait(begun.id)
        Killer(at).arm(CROSSED_OF_ORDERS if way.has_orders else CROSSED)
        is_syncing.set()
        run = await services.runs.start_sync(sync_request(way, compared.id))
        await services.runs.wait(run.id)
