"""Moving: some records at a time through their steps, the ledger committed around each.

Owns the order of things that makes a migration happen exactly once: commit the intent, send, commit the outcome; never
send what may have been sent. It must not know platforms, nor who asked.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from crossdock.connectors.contract import MAX_IDS, Source
from crossdock.domain.errors import CrossdockError, RateLimitedError, StoreUnavailableError, TransientError
from crossdock.domain.plan import Applied, Linked, NotSent, Refused, StepResult, Unknown
from crossdock.state import WorkResult, WorkRow
from crossdock.sync.context import SyncContext
from crossdock.sync.planning import (
    Journey,
    Way,
    arrived,
    check_identity,
    plan_steps,
    refused,
    set_out,
    there_already,
)
from crossdock.sync.settling import Settler

_MAX_SENDINGS = 6
_FIRST_PAUSE_SECONDS = 1.0


async def fetch(source: Source[Any], ids: Sequence[str]) -> dict[str, Any]:
    """Read records by id in groups that the contract allows."""
    found: dict[str, Any] = {}
    for start in range(0, len(ids), MAX_IDS):
        found.update(await source.get(ids[start : start + MAX_IDS]))
    return found


class Mover:
    """Moves chunks of one run's records. Steps whose outcome is unknown go to the settler and come back from it."""

    def __init__(self, context: SyncContext, settler: Settler) -> None:
        self._context = context
        self._settler = settler
        self._number = 0

    async def move(self, items: Sequence[WorkRow]) -> None:
        """Take a chunk of the work list as far as it goes now: to a result, or to the settler."""
        records = await fetch(self._context.source, [item.source_id for item in items])
        journeys, results = await self._prepare(items, records)
        if results:
            await self._context.journal.record(results)
        await self.go_on(journeys)

    async def go_on(self, journeys: Sequence[Journey]) -> None:
        """Send step after step until every journey has a result or waits to be settled."""
        self._settler.add([journey for journey in journeys if journey.way is Way.LOOK])
        ready = [journey for journey in journeys if journey.way is Way.SEND]
        while ready:
            stage = ready[0].stage
            group = [journey for journey in ready if journey.stage == stage]
            others = [journey for journey in ready if journey.stage != stage]
            ready = others + await self._send_stage(group)

    async def _prepare(
        self, items: Sequence[WorkRow], records: Mapping[str, Any]
    ) -> tuple[list[Journey], list[WorkResult]]:
        """Sort a chunk: journeys for what is to be written, results for what is refused or there already."""
        context = self._context
        verdicts = [(item, check_identity(context.kind, item, records.get(item.source_id))) for item in items]
        results = [verdict for _, verdict in verdicts if verdict is not None]
        wanted = [item for item, verdict in verdicts if verdict is None]
        entries = await context.journal.entries([item.source_id for item in wanted])
        there = await self._still_there([entry.destination_id for entry in entries.values() if entry.is_there])
        planned: list[Journey] = []
        gone: list[str] = []
        for item in wanted:
            entry = entries.get(item.source_id)
            if entry is not None and entry.is_there:
                if entry.destination_id in there:
                    results.append(there_already(item, entry.destination_id, entry.reasons))
                    continue
                gone.append(item.source_id)
            plan = plan_steps(context.sink, item, records[item.source_id], context.marker(item.source_id))
            if isinstance(plan, Journey):
                planned.append(plan)
            else:
                results.append(plan)
        if gone:
            await context.journal.plan_gone(gone)
        return [set_out(journey, entry) for journey, entry in await context.journal.plan(planned)], results

    async def _still_there(self, destination_ids: Sequence[str]) -> set[str]:
        """Tell which of our records the destination still has: a deleted one is missing again."""
        return set(await fetch(self._context.destination, destination_ids)) if destination_ids else set()

    async def _send_stage(self, journeys: list[Journey]) -> list[Journey]:
        """Send one step of each journey; gives those that go on with a further step."""
        context = self._context
        pause = _FIRST_PAUSE_SECONDS
        going_on: list[Journey] = []
        for sending in range(1, _MAX_SENDINGS + 1):
            batch = await self._begin(journeys)
            by_marker = {journey.key: journey for journey in journeys}
            again: list[Journey] = []
            error: CrossdockError | None = None
            async for results in self._send(journeys, batch):
                pairs = [(by_marker[str(result.step.marker)], result) for result in results]
                await context.journal.settle(pairs)
                done, not_sent, error_seen = await self.take(pairs)
                going_on += done
                again += not_sent
                error = error_seen or error
            if error is None:
                return going_on
            if not isinstance(error, TransientError) or sending == _MAX_SENDINGS or await context.should_stop():
                await self.go_on(going_on)
                raise error
            await context.sleep(max(_retry_after(error), pause))
            pause *= 2
            journeys = again
        return going_on

    async def _begin(self, journeys: Sequence[Journey]) -> str:
        context = self._context
        await context.may_send()
        self._number += 1
        batch = f"crossdock_{context.run_id.replace('-', '')}_{int(context.now().timestamp() * 1000)}{self._number}"
        await context.journal.begin(journeys, batch, context.now())
        return batch

    async def _send(self, journeys: Sequence[Journey], batch: str) -> AsyncIterator[list[StepResult]]:
        """Send and hand the results on in groups small enough for one commit."""
        group: list[StepResult] = []
        async for result in self._context.sink.send([journey.step for journey in journeys], batch):
            group.append(result)
            if len(group) == MAX_IDS:
                yield group
                group = []
        if group:
            yield group

    async def take(
        self, pairs: Sequence[tuple[Journey, StepResult]]
    ) -> tuple[list[Journey], list[Journey], CrossdockError | None]:
        """Draw the consequences of outcomes that the ledger holds: going on, to be sent again, and why."""
        going_on: list[Journey] = []
        again: list[Journey] = []
        error: CrossdockError | None = None
        results: list[WorkResult] = []
        for journey, result in pairs:
            match result.outcome:
                case Applied(destination_id, reasons):
                    journey.destination_id = destination_id
                    journey.reasons += reasons
                    journey.at += 1
                    journey.way = Way.SEND
                    if journey.is_finished:
                        results.append(arrived(journey.item, destination_id, journey.reasons))
                    else:
                        going_on.append(journey)
                case Linked(destination_id, reasons):
                    results.append(there_already(journey.item, destination_id, reasons))
                case Refused(refusal):
                    results.append(refused(journey.item, refusal.code, refusal.message))
                case NotSent(problem):
                    journey.way = Way.SEND
                    again.append(journey)
                    error = problem
                case Unknown():
                    journey.way = Way.LOOK
                    self._settler.add([journey])
        if results:
            await self._context.journal.record(results)
        return going_on, again, error


def _retry_after(error: CrossdockError) -> float:
    if isinstance(error, RateLimitedError | StoreUnavailableError):
        return error.retry_after or 0.0
    return 0.0
