"""Rehearsals: dry runs by which a page shows what a sync would send, and what it would lose of all that is chosen.

Owns how one is begun, found again and waited for, and the loss report. It must not know how these are shown.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.bootstrap import Services
from crossdock.jobs.requests import SelectAll, SelectedItem, SyncRequest, dump_sync
from crossdock.state import Run, RunState

_PATIENCE_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Loss:
    """What is not carried over: how many records have it, and the sentence that says so."""

    code: str
    level: str
    message: str
    count: int


@dataclass(frozen=True, slots=True)
class LossReport:
    """What a sync would lose, counted so far over `counted` of `total` records.

    `failures` are why records can't be created. `problem` says why the count ended before its end.
    """

    counted: int
    total: int
    losses: Sequence[Loss]
    failures: Sequence[Loss]
    is_counting: bool
    problem: str = ""


async def rehearse(services: Services, run: Run, item: SelectedItem, options: Mapping[str, object]) -> str:
    """Begin a dry run of one record of a comparison and give its id, or the one that was begun for it before.

    Raises:
        InvalidRequestError: an option is wrong.
        StoreBusyError: another run writes to the destination.
        CrossdockError: a store refuses or can't be reached.
    """
    request = SyncRequest(run.kind, run.source_platform, (item,), run.pair, options, is_dry_run=True)
    return await _begun(services, run, request)


async def count_losses(
    services: Services, run: Run, chosen: tuple[SelectedItem, ...] | SelectAll, options: Mapping[str, object]
) -> str:
    """Begin to count what a sync of all that is chosen would lose, and give the run's id, as `rehearse` does."""
    return await _begun(
        services, run, SyncRequest(run.kind, run.source_platform, chosen, run.pair, options, counts_only=True)
    )


async def outcome(services: Services, run_id: str, patience: float = _PATIENCE_SECONDS) -> Run:
    """Wait a while for a rehearsal and give it as it is then."""
    try:
        async with asyncio.timeout(patience):
            return await services.runs.wait(run_id)
    except TimeoutError:
        return await services.runs.get(run_id)


def loss_report(run: Run) -> LossReport:
    """Read how far a count is and what it has found."""
    summary: Mapping[str, Any] = run.summary
    return LossReport(
        counted=int(summary.get("succeeded") or 0) + int(summary.get("failed") or 0),
        total=int(summary.get("total") or 0),
        losses=_read(summary.get("losses")),
        failures=_read(summary.get("failures")),
        is_counting=not run.state.has_ended and run.state is not RunState.PAUSED,
        problem="" if run.state is RunState.DONE else run.error_message or "It was stopped.",
    )


def _read(told: Sequence[Mapping[str, Any]] | None) -> list[Loss]:
    return [Loss(one["code"], one["level"], one["message"], one["count"]) for one in told or ()]


async def _begun(services: Services, run: Run, request: SyncRequest) -> str:
    body = json.dumps([run.id, dump_sync(request)], sort_keys=True).encode()
    again = ""
    while True:
        # The same is not begun twice, unless it was stopped or failed.
        key = f"rehearsal:{hashlib.sha256(body).hexdigest()}{again}"
        made = await services.runs.start_sync(request, idempotency_key=key, body=body)
        if made.state not in {RunState.CANCELLED, RunState.FAILED}:
            return made.id
        again = f":{made.id}"
