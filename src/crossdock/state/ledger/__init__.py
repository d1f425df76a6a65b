"""The ledger: which source record became which destination record, and how far each is.

`transitions` holds the rules, `ledger` the questions and changes, `storage` the statements, `records` the values.
"""

from crossdock.state.ledger.ledger import Ledger
from crossdock.state.ledger.records import (
    LedgerRecord,
    LedgerStep,
    OpenStep,
    PlannedRecord,
    RecordState,
    Result,
    StepOutcome,
    StepState,
)

__all__ = [
    "Ledger",
    "LedgerRecord",
    "LedgerStep",
    "OpenStep",
    "PlannedRecord",
    "RecordState",
    "Result",
    "StepOutcome",
    "StepState",
]
