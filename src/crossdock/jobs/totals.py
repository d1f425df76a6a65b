"""Totals: what a run that writes says of all its records together, beyond how many there were.

Owns the warnings by code, the loss report of a dry run, the reconciliation, and what of an undo came along. It must not
know how a record is moved.
"""

from typing import Any

from crossdock.state import Run, RunType, State
from crossdock.sync.counting import ReasonTally
from crossdock.sync.reconciliation import reconcile


def totals(state: State, run: Run) -> dict[str, Any]:
    """Sum up a sync as it stands: `warnings` by code (of a dry run `losses`), and the `reconciliation` by currency.

    Of an undo: `customersDeleted`, how many of those that succeeded were customers that its records had brought along.
    """
    if run.type is RunType.UNDO:
        brought = state.worklist.brought(run.id)
        return {"customersDeleted": brought} if brought else {}
    if run.type is not RunType.SYNC:
        return {}
    told = ReasonTally()
    for row in state.worklist.stream(run.id):
        told.add(row.warnings)
    reasons = told.to_json()
    if run.request.get("dryRun"):
        return {"losses": reasons}
    made = state.ledger.created_by_run(run.id, kind=run.kind)
    lines = reconcile(record.figures for record in made if record.figures)
    return {"warnings": reasons, **({"reconciliation": lines} if lines else {})}
