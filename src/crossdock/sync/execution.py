"""Execution: a run's work list from its first record to its last, stoppable between any two chunks.

Owns the loop: next chunk, what is due to be settled, progress, stop. It must not know how a record is moved.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from crossdock.domain.plan import StepResult, Unknown
from crossdock.sync.context import SyncContext
from crossdock.sync.moving import Mover
from crossdock.sync.planning import Journey, refused
from crossdock.sync.settling import UNDECIDED, Settler
from crossdock.sync.supply import Supply

_LONGEST_SLEEP_SECONDS = 1.0


class Execution:
    """One run over its work list. A second run of the same object is not meant; a resumed run makes a new one."""

    def __init__(self, context: SyncContext, on_progress: Callable[[], Awaitable[None]]) -> None:
        self._context = context
        self._settler = Settler(context)
        self._mover = Mover(context, self._settler)
        self._on_progress = on_progress

    async def run(self, planned: int) -> bool:
        """Move everything; False when stopped before the end. `planned` is the length of the work list."""
        context = self._context
        async with Supply(context, context.sink.batch_size(planned)) as supply:
            while not await context.should_stop():
                await self._settle()
                if not self._settler.is_full and (chunk := await supply.take()).items:
                    await self._mover.move(chunk.items, chunk.records)
                    await self._on_progress()
                elif self._settler.next_look is None:
                    return True
                else:
                    await self._wait(self._settler.next_look)
        return False

    async def _settle(self) -> None:
        settled = await self._settler.look()
        if not settled:
            return
        decided = [pair for pair in settled if not isinstance(pair[1].outcome, Unknown)]
        await self._conclude([pair for pair in settled if isinstance(pair[1].outcome, Unknown)])
        await self._context.journal.settle(decided)
        going_on, lost, _ = await self._mover.take(decided)
        await self._mover.go_on([*going_on, *lost])
        await self._on_progress()

    async def _conclude(self, undecided: Sequence[tuple[Journey, StepResult]]) -> None:
        await self._context.journal.settle(undecided)
        await self._context.journal.record(
            [refused(journey.item, UNDECIDED.code, UNDECIDED.message) for journey, _ in undecided]
        )

    async def _wait(self, until: datetime) -> None:
        seconds = (until - self._context.now()).total_seconds()
        if seconds > 0:
            await self._context.sleep(min(seconds, _LONGEST_SLEEP_SECONDS))
