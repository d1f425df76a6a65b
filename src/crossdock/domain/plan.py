"""Plans: what will be written for a record, as named steps that are known before the first is sent.

Owns steps, reasons and the outcomes a step can have. It must not know how a step is sent or remembered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from crossdock.domain.errors import CrossdockError, OutcomeUnknownError, RecordError
from crossdock.domain.figures import Figures
from crossdock.domain.identity import Marker
from crossdock.domain.imprint import Imprint


class Level(StrEnum):
    """How much a reason matters: a blocker stops a run, a warning is carried along, info only tells."""

    INFO = "info"
    WARNING = "warning"
    BLOCKER = "blocker"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is as it is: a stable `code`, a `level`, and a sentence that a merchant understands."""

    code: str
    level: Level
    message: str


CREATE = "create"
REFUND = "refund"
FINISH = "finish"
CANCEL = "cancel"
VERIFY = "verify"

Resolution = Mapping[str, Any]
"""What a plan needs of the destination, looked up or chosen before anything is sent: JSON values that the sink made.

It is kept with the record, so that a plan is the same after a crash and in another run.
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One write (or the check after it) for one record.

    `payload` is the very object that is sent, as JSON values. `destination_id` is empty until the record exists.
    `label` names the record for people (an e-mail address, an order number). `reasons` are known before sending, `told`
    is what has come up for the record in the steps before. `delay_seconds` is how long after the step before it this
    one may be sent at the earliest.
    """

    name: str
    marker: Marker
    payload: Mapping[str, object]
    label: str = ""
    destination_id: str = ""
    reasons: tuple[Reason, ...] = ()
    told: tuple[Reason, ...] = ()
    delay_seconds: float = 0.0

    def at(self, destination_id: str, told: Sequence[Reason] = ()) -> Self:
        """Give the same step for a record that now exists, of which this much has been told."""
        return replace(self, destination_id=destination_id, told=tuple(told))


@dataclass(frozen=True, slots=True)
class Applied:
    """The step took effect; `reasons` tell what had to be given up on the way.

    Where the step has read the record back, `figures` are its amounts as the destination holds them, and `imprint` is
    what it holds of all that was sent. `customer_id` is the customer to whom the store has given the record by itself.
    """

    destination_id: str
    reasons: tuple[Reason, ...] = ()
    figures: Figures | None = None
    imprint: Imprint | None = None
    customer_id: str = ""


@dataclass(frozen=True, slots=True)
class Linked:
    """The record was there already, not made by us: it is linked and never written to."""

    destination_id: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The store refused; nothing was written."""

    error: RecordError


@dataclass(frozen=True, slots=True)
class NotSent:
    """The store is known not to have executed the step: it may be sent again when `error` allows."""

    error: CrossdockError


@dataclass(frozen=True, slots=True)
class Unknown:
    """The step may have taken effect: look before any second sending."""

    error: OutcomeUnknownError


Outcome = Applied | Linked | Refused | NotSent | Unknown


@dataclass(frozen=True, slots=True)
class StepResult:
    """A step and what became of it."""

    step: Step
    outcome: Outcome
