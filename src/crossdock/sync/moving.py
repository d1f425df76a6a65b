"""Moving: some records at a time through their steps, the ledger committed around each.

Owns the order of things that makes a migration happen exactly once: commit the intent, send, commit the outcome; never
send what may have been sent. It must not know platforms, nor who asked.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from crossdock.connectors.contract import MAX_IDS, Source, UnreadableRecord
from crossdock.domain.errors import ContractViolationError, CrossdockError, RecordRejectedError
from crossdock.domain.plan import Applied, Linked, NotSent, Refused, StepResult, Unknown
from crossdock.state import LedgerRecord, WorkResult, WorkRow
from crossdock.sync.context import SyncContext
from crossdock.sync.newcomers import CAME_MEANWHILE, Newcomers
from crossdock.sync.parking import Parking
from crossdock.sync.planning import (
    CHANGED_MEANWHILE,
    Journey,
    Way,
    arrived,
    check_identity,
    refused,
    set_out,
    there_already,
    told,
)
from crossdock.sync.resolving import Resolved, Resolver, is_begun, plan_record
from crossdock.sync.settling import Settler
from crossdock.sync.waiting import patiently, wait_out

T = TypeVar("T")

_LATEST = datetime.max.replace(tzinfo=UTC)


async def fetch(source: Source[Any], ids: Sequence[str]) -> dict[str, Any]:
    """Read records by id in groups that the contract allows; one that can't be understood is an `UnreadableRecord`."""
    return await ask_in_groups(source.get, ids)


async def ask_in_groups(
    ask: Callable[[Sequence[str]], Awaitable[Mapping[str, T]]], ids: Sequence[str]
) -> dict[str, T | UnreadableRecord]:
    """Ask about records by id in groups that the contract allows; what can't be understood is an `UnreadableRecord`."""
    found: dict[str, T | UnreadableRecord] = {}
    for start in range(0, len(ids), MAX_IDS):
        group = ids[start : start + MAX_IDS]
        try:
            found.update(await ask(group))
        except ContractViolationError:
            found.update(await _ask_one_by_one(ask, group))
    return found


async def _ask_one_by_one(
    ask: Callable[[Sequence[str]], Awaitable[Mapping[str, T]]], ids: Sequence[str]
) -> dict[str, T | UnreadableRecord]:
    found: dict[str, T | UnreadableRecord] = {}
    for record_id in ids:
        try:
            found.update(await ask([record_id]))
        except ContractViolationError as error:
            found[record_id] = UnreadableRecord(record_id, error.message)
    return found


async def find_gone(context: SyncContext, entries: Mapping[str, LedgerRecord]) -> set[str]:
    """Tell which source records became a destination record that has been deleted since: they are missing again."""
    became = {entry.source_id: entry.destination_id for entry in entries.values() if entry.destination_id}
    found = await fetch(context.destination, list(became.values()))
    return {source_id for source_id, destination_id in became.items() if destination_id not in found}


class Mover:
    """Moves chunks of one run's records. Steps whose outcome is unknown go to the settler and come back from it."""

    def __init__(self, context: SyncContext, settler: Settler, parking: Parking, resolver: Resolver) -> None:
        self._context = context
        self._settler = settler
        self._parking = parking
        self._resolver = resolver
        self._newcomers = Newcomers(context)
        self._number = 0

    async def move(self, items: Sequence[WorkRow], records: Mapping[str, Any]) -> None:
        """Take rows, with their source records, as far as they go now: to a result, or to the settler."""
        journeys, results = await self._prepare(items, records)
        if results:
            await self._context.journal.record(results)
        await self.go_on(journeys)

    async def go_on(self, journeys: Sequence[Journey]) -> None:
        """Send step after step until every journey has a result or waits to be settled."""
        self._settler.add([journey for journey in journeys if journey.way is Way.LOOK])
        ready = [journey for journey in journeys if journey.way is Way.SEND]
        early: list[Journey] = []
        while ready:
            now = self._context.now()
            early += [journey for journey in ready if journey.ready_at > now]
            ready = [journey for journey in ready if journey.ready_at <= now]
            stage = ready[0].stage if ready else ""
            group = [journey for journey in ready if journey.stage == stage]
            others = [journey for journey in ready if journey.stage != stage]
            ready = others + (await self._send_stage(group) if group else [])
        self._parking.add(early)

    async def _prepare(
        self, items: Sequence[WorkRow], records: Mapping[str, Any]
    ) -> tuple[list[Journey], list[WorkResult]]:
        """Sort a chunk: journeys for what is to be written, results for what is refused or there already."""
        context = self._context
        verdicts = [(item, check_identity(context.kind, item, records.get(item.source_id))) for item in items]
        results = [verdict for _, verdict in verdicts if verdict is not None]
        wanted = [item for item, verdict in verdicts if verdict is None]
        entries = await context.journal.entries([item.source_id for item in wanted])
        gone = await find_gone(context, entries)
        there = {entry.source_id: entry for entry in entries.values() if entry.is_there and entry.source_id not in gone}
        results += [
            there_already(item, there[item.source_id].destination_id, there[item.source_id].reasons)
            for item in wanted
            if item.source_id in there
        ]
        left = self._oldest_first([item for item in wanted if item.source_id not in there], records)
        await context.journal.plan_gone(sorted(gone))
        begun = {source_id: entry for source_id, entry in entries.items() if source_id not in gone}
        left, found = await self._link_newcomers(left, records, begun)
        results += found
        resolved = await self._resolver.resolve(left, records, begun)
        # Planning thousands takes longer than the event loop may be held up.
        plans = await asyncio.to_thread(self._plan, left, records, resolved)
        journeys = [plan for plan in plans if isinstance(plan, Journey)]
        results += [plan for plan in plans if not isinstance(plan, Journey)]
        planned = await context.journal.plan(journeys)
        return [set_out(journey, await self._without_lost(journey, entry)) for journey, entry in planned], results

    def _oldest_first(self, items: list[WorkRow], records: Mapping[str, Any]) -> list[WorkRow]:
        """Put rows in the order in which their records came to be, where the kind asks for it; undated ones last."""
        moment = self._context.kind.moment
        if moment is None:
            return items
        return sorted(items, key=lambda item: moment(records[item.source_id]) or _LATEST)

    async def _without_lost(self, journey: Journey, entry: LedgerRecord) -> LedgerRecord:
        """Pass over steps that the source no longer asks for: what exists must be finished all the same."""
        names = {step.name for step in journey.steps}
        while (due := entry.next_step) is not None and due.name not in names:
            entry = await self._context.journal.skip(entry, due.name, CHANGED_MEANWHILE)
        return entry

    async def _link_newcomers(
        self, items: Sequence[WorkRow], records: Mapping[str, Any], entries: Mapping[str, LedgerRecord]
    ) -> tuple[list[WorkRow], list[WorkResult]]:
        """Sort out what somebody else has brought to the destination meanwhile; it is linked and never made."""
        context = self._context
        left: list[WorkRow] = []
        results: list[WorkResult] = []
        for item in items:
            found = ""
            if not is_begun(entries.get(item.source_id)):
                record = records[item.source_id]
                found = await patiently(context, lambda r=record, i=item: self._newcomers.match(i.source_id, r))
            if not found:
                left.append(item)
                continue
            await context.journal.link(item, str(context.marker(item.source_id)), found)
            results.append(there_already(item, found, (CAME_MEANWHILE,)))
        return left, results

    def _plan(
        self, items: Sequence[WorkRow], records: Mapping[str, Any], resolved: Mapping[str, Resolved]
    ) -> list[Journey | WorkResult]:
        return [plan_record(self._context, item, records[item.source_id], resolved[item.source_id]) for item in items]

    async def _send_stage(self, journeys: list[Journey]) -> list[Journey]:
        """Send one step of each journey; gives those that go on with a further step."""
        going_on: list[Journey] = []
        tried = 0
        while journeys:
            tried += 1
            done, journeys, error = await self._send_once(journeys)
            going_on += done
            if error is None:
                break
            try:
                await wait_out(self._context, error, tried)
            except CrossdockError:
                await self.go_on(going_on)
                raise
        return going_on

    async def _send_once(self, journeys: list[Journey]) -> tuple[list[Journey], list[Journey], CrossdockError | None]:
        """Send one step of each journey once: what goes on, what was known not to be sent, and why."""
        batch = await self._begin(journeys)
        by_marker = {journey.key: journey for journey in journeys}
        going_on: list[Journey] = []
        again: list[Journey] = []
        error: CrossdockError | None = None
        async for results in self._send(journeys, batch):
            pairs = [(by_marker[str(result.step.marker)], told(_final(result))) for result in results]
            done, not_sent, error_seen = await self.settle(pairs)
            going_on += done
            again += not_sent
            error = error_seen or error
        return going_on, again, error

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

    async def settle(
        self, pairs: Sequence[tuple[Journey, StepResult]]
    ) -> tuple[list[Journey], list[Journey], CrossdockError | None]:
        """Commit outcomes and draw their consequences: what goes on, what is to be sent again, and why."""
        for journey, result in pairs:
            # Before the outcome is committed: after a crash it comes again, and with it this.
            if isinstance(result.outcome, Applied) and result.outcome.customer_id:
                await self._resolver.join(journey, result.outcome.customer_id)
        await self._context.journal.settle(pairs)
        return await self._take(pairs)

    async def _take(
        self, pairs: Sequence[tuple[Journey, StepResult]]
    ) -> tuple[list[Journey], list[Journey], CrossdockError | None]:
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
                    journey.delay(self._context.now())
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
                    journey.way, journey.lost_at = Way.LOOK, self._context.now()
                    self._settler.add([journey])
        if results:
            await self._context.journal.record(results)
        return going_on, again, error


def _final(result: StepResult) -> StepResult:
    """Let an answer that we don't understand, but that left nothing, be the end of its own record only."""
    outcome = result.outcome
    if isinstance(outcome, NotSent) and isinstance(outcome.error, ContractViolationError):
        refusal = RecordRejectedError(outcome.error.code, outcome.error.message, outcome.error.detail)
        return StepResult(result.step, Refused(refusal))
    return result
