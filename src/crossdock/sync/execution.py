"""Execution: a run's work list from its first record to its last, stoppable between any two chunks.

Owns the loop: next chunk, what is due to be settled, progress, stop. It must not know how a record is moved.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from crossdock.domain.plan import StepResult, Unknown
from crossdock.state import WorkRow
from crossdock.sync.context import SyncContext
from crossdock.sync.moving import Mover
from crossdock.sync.parking import Parking
from crossdock.sync.planning import Journey, refused, told
from crossdock.sync.resolving import FindsPeople, Resolver
from crossdock.sync.settling import UNDECIDED, Settler
from crossdock.sync.supply import Supply
from crossdock.sync.waiting import patiently

_LONGEST_SLEEP_SECONDS = 1.0


async def put_back(context: SyncContext) -> None:
    """Set back what the run's records have changed about others, as far as they are written.

    A run that goes on after a crash begins with this: what its next records find must be what the first ones found.
    """
    async for resolutions in context.journal.resolutions():
        await patiently(context, lambda chunk=resolutions: context.sink.put_back(chunk))


class Execution:
    """One run over its work list. A second run of the same object is not meant; a resumed run makes a new one."""

    def __init__(
        self,
        context: SyncContext,
        on_progress: Callable[[], Awaitable[None]],
        people: FindsPeople | None = None,
    ) -> None:
        self._context = context
        self._settler = Settler(context)
        self._parking = Parking()
        self._mover = Mover(context, self._settler, self._parking, Resolver(context, people))
        self._on_progress = on_progress

    async def run(self, planned: int) -> bool:
        """Move everything; False when stopped before the end. `planned` is the length of the work list."""
        context = self._context
        await put_back(context)
        async with Supply(context, context.sink.batch_size(planned)) as supply:
            while not await context.should_stop():
                await self._go_on()
                if not self._is_full and (chunk := await supply.take()).items:
                    await self._mover.move(chunk.items, chunk.records)
                    await self._on_progress()
                elif not await self._wait():
                    return True
        return False

    async def run_chunk(self, items: Sequence[WorkRow], records: Mapping[str, Any]) -> bool:
        """Move some records to their results; False when stopped before that."""
        await self._mover.move(items, records)
        while await self._wait():
            if await self._context.should_stop():
                return False
            await self._go_on()
        return True

    @property
    def _is_full(self) -> bool:
        return self._settler.is_full or self._parking.is_full

    async def _go_on(self) -> None:
        """Let go on what was waiting and need not any longer."""
        await self._settle()
        if due := self._parking.take(self._context.now()):
            await self._mover.go_on(due)
            await self._on_progress()

    async def _settle(self) -> None:
        settled = await self._settler.look()
        if not settled:
            return
        decided = [(journey, told(result)) for journey, result in settled if not isinstance(result.outcome, Unknown)]
        await self._conclude([pair for pair in settled if isinstance(pair[1].outcome, Unknown)])
        going_on, lost, _ = await self._mover.settle(decided)
        await self._mover.go_on([*going_on, *lost])
        await self._on_progress()

    async def _conclude(self, undecided: Sequence[tuple[Journey, StepResult]]) -> None:
        await self._context.journal.settle(undecided)
        await self._context.journal.record(
            [refused(journey.item, UNDECIDED.code, UNDECIDED.message) for journey, _ in undecided]
        )

    async def _wait(self) -> bool:
        """Wait a while for what comes next; False when nothing waits."""
        moments = [moment for moment in (self._settler.next_look, self._parking.next_at) if moment is not None]
        if not moments:
            return False
        seconds = (min(moments) - self._context.now()).total_seconds()
        if seconds > 0:
            await self._context.sleep(min(seconds, _LONGEST_SLEEP_SECONDS))
        return True
