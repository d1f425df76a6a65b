"""How fast orders may be created, and which must wait for which.

Owns the pause between two orders of a development store, and that orders of one person are created one after the other:
each makes its address the person's default. It must not know how an order is created.

Source: Shopify Admin GraphQL API 2026-10, `orderCreate`: five new orders a minute in trial and development stores.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from crossdock.connectors.shopify.orders.creation import input_of
from crossdock.connectors.shopify.orders.verdicts import LIMITED
from crossdock.connectors.shopify.orders.wire_out import DraftInput, OrderInput
from crossdock.connectors.shopify.pacing import finished
from crossdock.connectors.shopify.shop import DEVELOPMENT_SECONDS
from crossdock.connectors.throttle import Clock, Sleep
from crossdock.domain.identity import email_key
from crossdock.domain.plan import NotSent, Outcome, Step, StepResult

DEVELOPMENT_BATCH: Final = 5
"""Few at a time, so that a person who asks to stop is not kept waiting for long."""

AT_ONCE: Final = 50


class OrderPace:
    """Keeps the pause of one store, once it is known to need one."""

    def __init__(self, *, clock: Clock, sleep: Sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._next_at = 0.0
        self._wait_ends = 0.0
        self.is_limited = False

    @property
    def waiting_seconds(self) -> float:
        """How long the next order still waits; 0 while none does."""
        return max(0.0, self._wait_ends - self._clock())

    async def wait(self) -> None:
        """Wait until the next order may be created."""
        if not self.is_limited:
            return
        async with self._turn:
            seconds = self._next_at - self._clock()
            if seconds > 0:
                self._wait_ends = self._next_at
                await self._sleep(seconds)
            self._next_at = self._clock() + DEVELOPMENT_SECONDS

    def heed(self, outcome: Outcome) -> None:
        """Slow down once Shopify has said that orders come too fast; points are counted elsewhere."""
        if isinstance(outcome, NotSent) and outcome.error.code == LIMITED:
            self.is_limited = True


@dataclass(slots=True)
class _Turn:
    """One step's place in the order of its person's."""

    step: Step
    before: list["_Turn"]
    is_over: asyncio.Event = field(default_factory=asyncio.Event)
    not_sent: NotSent | None = None


async def in_turn(steps: Sequence[Step], work: Callable[[Step], Awaitable[Outcome]]) -> AsyncIterator[StepResult]:
    """Do `work` for all steps at once, but for those of one person in the order given.

    After a step that was not sent, the later ones of the same person are not sent either.
    """

    async def one(turn: _Turn) -> StepResult:
        try:
            for former in turn.before:
                await former.is_over.wait()
                turn.not_sent = turn.not_sent or former.not_sent
            outcome = turn.not_sent or await work(turn.step)
            turn.not_sent = outcome if isinstance(outcome, NotSent) else None
            return StepResult(turn.step, outcome)
        finally:
            turn.is_over.set()

    # Places are given out in the order of the turns, so that nobody waits for one who has no place yet.
    async for result in finished(_turns(steps), one, at_once=AT_ONCE):
        yield result


def _turns(steps: Sequence[Step]) -> list[_Turn]:
    last: dict[str, _Turn] = {}
    turns: list[_Turn] = []
    for step in steps:
        people = list(_people(input_of(step)))
        turn = _Turn(step, [last[person] for person in people if person in last])
        last.update(dict.fromkeys(people, turn))
        turns.append(turn)
    return turns


def _people(sent: OrderInput | DraftInput) -> Iterator[str]:
    """Name whom an order belongs to: a customer, and whoever has its e-mail address."""
    if isinstance(sent, DraftInput):
        customer = sent.purchasing_entity.customer_id if sent.purchasing_entity else ""
    else:
        customer = sent.customer.to_associate.id if sent.customer else ""
    if customer:
        yield customer
    key = email_key(sent.email)
    if key:
        yield key
