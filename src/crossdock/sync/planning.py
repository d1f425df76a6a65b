"""Planning: from what the source has and what the ledger remembers to what is to be done, record by record.

Pure functions over values. It must not send, read or remember anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from crossdock.connectors.contract import Sink, UnreadableRecord
from crossdock.domain.errors import RecordError
from crossdock.domain.figures import Figures
from crossdock.domain.identity import Marker
from crossdock.domain.plan import Applied, Level, Reason, Resolution, Step, StepResult
from crossdock.state import LedgerRecord, StepState, WorkOutcome, WorkResult, WorkRow
from crossdock.sync.kinds import SyncKind

_OPEN = frozenset({StepState.IN_FLIGHT, StepState.UNKNOWN})


CHANGED_MEANWHILE = Reason(
    "changed_meanwhile",
    Level.WARNING,
    "The source changed this record while it was being migrated. Compare the two, and correct the copy by hand.",
)
_NEVER = datetime.min.replace(tzinfo=UTC)


class Way(Enum):
    """How a record goes on: send its next step, or look first what became of it."""

    SEND = "send"
    LOOK = "look"


@dataclass(slots=True)
class Journey:
    """One record on its way through its steps.

    `at` is the index of the next step, `record_id` the ledger's number. `batch` and `started_at` (aware UTC) are of the
    step's last sending: it was sent at that time or later. `lost_at` is when it was seen to have no answer, None after
    a crash, which nobody saw. `resolution` is what the steps were planned with, `figures` are the source's amounts.
    `ready_at` is when the next step may be sent at the earliest. `person` is the source's id of whom the record is.
    """

    item: WorkRow
    steps: Sequence[Step]
    resolution: Resolution = field(default_factory=dict[str, Any])
    figures: Figures | None = None
    person: str = ""
    record_id: int = 0
    way: Way = Way.SEND
    at: int = 0
    destination_id: str = ""
    reasons: list[Reason] = field(default_factory=list[Reason])
    batch: str = ""
    started_at: datetime = _NEVER
    lost_at: datetime | None = None
    ready_at: datetime = _NEVER

    @property
    def step(self) -> Step:
        """The step to send next, aimed at the record if that exists, with what has come up for it."""
        return self.steps[self.at].at(self.destination_id, self.reasons)

    @property
    def key(self) -> str:
        """What tells this journey's results from others': the marker."""
        return str(self.steps[0].marker)

    @property
    def stage(self) -> str:
        """What steps are sent together: a step's name without the id of what it concerns."""
        return self.steps[self.at].name.partition(":")[0]

    def delay(self, former_at: datetime) -> None:
        """Let the next step wait as long as it must after the former one, which ended at that time."""
        seconds = 0.0 if self.is_finished else self.steps[self.at].delay_seconds
        self.ready_at = former_at + timedelta(seconds=seconds) if seconds else _NEVER

    @property
    def is_finished(self) -> bool:
        """Whether the last step is done."""
        return self.at >= len(self.steps)


def refused(item: WorkRow, code: str, message: str) -> WorkResult:
    """Give the result of a record that was not written."""
    return WorkResult(item.position, WorkOutcome.FAILED, code=code, error=message)


def arrived(item: WorkRow, destination_id: str, reasons: Sequence[Reason]) -> WorkResult:
    """Give the result of a record that was written."""
    return WorkResult(
        item.position, WorkOutcome.SUCCEEDED, destination_id=destination_id, warnings=tuple(dict.fromkeys(reasons))
    )


def there_already(item: WorkRow, destination_id: str, reasons: Sequence[Reason]) -> WorkResult:
    """Give the result of a record that had no need to be written."""
    return WorkResult(item.position, WorkOutcome.ALREADY_THERE, destination_id=destination_id, warnings=tuple(reasons))


def told(result: StepResult) -> StepResult:
    """Let a step that took effect tell what was known of it before it was sent, beside what came up on the way."""
    outcome = result.outcome
    if not isinstance(outcome, Applied):
        return result
    known = [reason for reason in result.step.reasons if reason.level is not Level.INFO]
    reasons = tuple(dict.fromkeys((*known, *outcome.reasons)))
    return StepResult(result.step, replace(outcome, reasons=reasons))


def check_identity(kind: SyncKind, item: WorkRow, record: object | None) -> WorkResult | None:
    """Refuse an id that the source no longer has, or that is no longer the record that the caller named."""
    if isinstance(record, UnreadableRecord):
        return refused(
            item, "source_unreadable", f"The source's answer for this record can't be understood: {record.reason}"
        )
    if record is None:
        return refused(
            item, "source_not_found", "The source has no record with this id. Compare again to see what is left."
        )
    if not kind.is_same(record, item.expected):
        return refused(item, "source_changed", kind.changed_message)
    return None


def plan_steps(
    sink: Sink[Any], item: WorkRow, record: object, marker: Marker, resolution: Resolution
) -> Journey | WorkResult:
    """Plan the steps of a record, or say why the destination can't hold it."""
    try:
        return Journey(item=item, steps=sink.steps(record, marker, resolution), resolution=resolution)
    except RecordError as error:
        return refused(item, error.code, error.message)


def set_out(journey: Journey, entry: LedgerRecord) -> Journey:
    """Set a journey to where the ledger says that the record stands: at its first step that is not done.

    A record that was begun keeps the steps that it was begun with, of those that there still are.
    """
    due = entry.next_step
    planned = {step.name: step for step in journey.steps}
    known = [step.name for step in entry.steps if step.name in planned]
    if len(known) < len(planned):
        journey.reasons.append(CHANGED_MEANWHILE)
    journey.steps = [planned[name] for name in known]
    journey.record_id = entry.id
    journey.destination_id = entry.destination_id
    journey.reasons += entry.reasons
    journey.at = len(known) if due is None else known.index(due.name)
    if due is not None and due.position:
        former = entry.steps[due.position - 1]
        journey.delay(former.ended_at or _NEVER)
    if due is not None and due.state in _OPEN and due.started_at is not None:
        journey.way, journey.batch, journey.started_at = Way.LOOK, due.batch, due.started_at
    return journey
