"""Totals: what a run that writes says of all its records together, beyond how many there were.

Owns the warnings by code, the loss report of a dry run and the reconciliation. It must not know how a record is moved.
"""

from dataclasses import asdict, dataclass
from typing import Any

from crossdock.domain.plan import Reason
from crossdock.state import Run, RunType, State
from crossdock.sync.reconciliation import reconcile


@dataclass(slots=True)
class _Told:
    """How many records told a reason, and its sentence in the first of them."""

    code: str
    level: str
    message: str
    count: int = 0


def totals(state: State, run: Run) -> dict[str, Any]:
    """Sum up a sync as it stands: `warnings` by code (of a dry run `losses`), and the `reconciliation` by currency."""
    if run.type is not RunType.SYNC:
        return {}
    told: dict[str, _Told] = {}
    for row in state.worklist.stream(run.id):
        for code, reason in {reason.code: reason for reason in row.warnings}.items():
            told.setdefault(code, _first(reason)).count += 1
    reasons = [asdict(reason) for reason in sorted(told.values(), key=lambda one: (-one.count, one.code))]
    if run.request.get("dryRun"):
        return {"losses": reasons}
    made = state.ledger.created_by_run(run.id, kind=run.kind)
    lines = reconcile(record.figures for record in made if record.figures)
    return {"warnings": reasons, **({"reconciliation": lines} if lines else {})}


def _first(reason: Reason) -> _Told:
    return _Told(reason.code, reason.level.value, reason.message)
