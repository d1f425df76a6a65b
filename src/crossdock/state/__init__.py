"""What Crossdock remembers, in SQL: each module owns its tables and their queries.

No row leaves this package: callers get frozen values. Everything here is synchronous and may be called from threads.
"""

from crossdock.state.data_directory import require_room
from crossdock.state.events import Event
from crossdock.state.facade import State
from crossdock.state.ledger import (
    LedgerRecord,
    LedgerStep,
    OpenStep,
    PlannedRecord,
    RecordState,
    Result,
    StepOutcome,
    StepState,
)
from crossdock.state.mutes import HeldMute
from crossdock.state.pairs import DEFAULT_PAIR, StoreConnection
from crossdock.state.run_rows import (
    Control,
    CreatedRun,
    Idempotency,
    Lease,
    Run,
    RunFilter,
    RunSpec,
    RunState,
    RunType,
)
from crossdock.state.selections import Selection
from crossdock.state.tokens import StoredToken
from crossdock.state.worklist import FailureGroup, WorkCounts, WorkItem, WorkOutcome, WorkResult, WorkRow

__all__ = [
    "DEFAULT_PAIR",
    "Control",
    "CreatedRun",
    "Event",
    "FailureGroup",
    "HeldMute",
    "Idempotency",
    "Lease",
    "LedgerRecord",
    "LedgerStep",
    "OpenStep",
    "PlannedRecord",
    "RecordState",
    "Result",
    "Run",
    "RunFilter",
    "RunSpec",
    "RunState",
    "RunType",
    "Selection",
    "State",
    "StepOutcome",
    "StepState",
    "StoreConnection",
    "StoredToken",
    "WorkCounts",
    "WorkItem",
    "WorkOutcome",
    "WorkResult",
    "WorkRow",
    "require_room",
]
