"""Resolving: what each record's plan needs of the destination, looked up before it is planned.

Owns that a record which was begun keeps what it was planned with, and that people come first. It must not know what a
resolution holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from crossdock.domain.errors import RecordError
from crossdock.domain.plan import Level, Reason, Resolution
from crossdock.state import LedgerRecord, RecordState, WorkResult, WorkRow
from crossdock.sync.context import SyncContext
from crossdock.sync.planning import Journey, plan_steps, refused
from crossdock.sync.waiting import patiently

_BEGUN = frozenset({RecordState.IN_FLIGHT, RecordState.CREATED, RecordState.UNKNOWN})


CREATED_BY_PLATFORM = Reason(
    "created_by_platform",
    Level.INFO,
    "The destination made a customer of the order's e-mail address by itself. An undo leaves that customer.",
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a record is planned with, or why it can't be written; `reasons` are worth telling either way."""

    resolution: Resolution | RecordError
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Who a record belongs to in the destination: an id, or empty with the reasons that are worth telling."""

    destination_id: str = ""
    reasons: tuple[Reason, ...] = ()


def is_begun(entry: LedgerRecord | None) -> bool:
    """Tell whether a record may be there already, as far as it came: it must go on, and never begin anew."""
    return entry is not None and entry.state in _BEGUN


class FindsPeople(Protocol):
    """Whoever sees to it that the people of records are in the destination first."""

    async def of(self, records: Sequence[Any]) -> Mapping[str, Person]:
        """Give the person of each record by the record's id; a record without any person is absent."""
        ...

    async def join(self, person: str, destination_id: str) -> None:
        """Note as whom the destination has taken a person, named by the source's id, of its own accord."""
        ...


def plan_record(context: SyncContext, item: WorkRow, record: object, resolved: Resolved) -> Journey | WorkResult:
    """Plan a record as it was resolved, or say why it can't be written."""
    if isinstance(resolved.resolution, RecordError):
        return refused(item, resolved.resolution.code, resolved.resolution.message)
    planned = plan_steps(context.sink, item, record, context.marker(item.source_id), resolved.resolution)
    if isinstance(planned, Journey):
        planned.reasons += resolved.reasons
        planned.figures = context.kind.figures(record) if context.kind.figures else None
        planned.person = context.kind.person(record) if context.kind.person else ""
    return planned


class Resolver:
    """Resolves the records of one run; `people` is None for a kind that brings nobody along."""

    def __init__(self, context: SyncContext, people: FindsPeople | None) -> None:
        self._context = context
        self._people = people

    async def join(self, journey: Journey, customer_id: str) -> None:
        """Note the customer to whom the destination has given a record by itself."""
        if self._people is not None and journey.person:
            journey.reasons.append(CREATED_BY_PLATFORM)
            await self._people.join(journey.person, customer_id)

    async def resolve(
        self, items: Sequence[WorkRow], records: Mapping[str, Any], entries: Mapping[str, LedgerRecord]
    ) -> dict[str, Resolved]:
        """Give what each record is planned with, by source id.

        Raises:
            CrossdockError: a store refuses or can't be reached.
        """
        found = {source_id: Resolved(entry.resolution or {}) for source_id, entry in entries.items() if is_begun(entry)}
        fresh = [records[item.source_id] for item in items if item.source_id not in found]
        if not fresh:
            return found
        people: Mapping[str, Person] = {} if self._people is None else await self._people.of(fresh)
        customers = {source_id: person.destination_id for source_id, person in people.items() if person.destination_id}
        answers = await patiently(
            self._context, lambda: self._context.sink.resolve(fresh, customers, self._context.options)
        )
        for record, answer in zip(fresh, answers, strict=True):
            person = people.get(record.id, Person())
            found[record.id] = Resolved(answer, person.reasons)
        return found
