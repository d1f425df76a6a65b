"""Rehearsals: dry runs of a few records, by which a page shows what a sync would send and what it would lose.

Owns how one is begun, found again and waited for. It must not know how its outcome is shown.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.bootstrap import Services
from crossdock.domain.errors import CrossdockError, StoreBusyError
from crossdock.jobs.requests import SelectedItem, SyncRequest
from crossdock.state import Run, RunState

_PATIENCE_SECONDS = 8.0
SAMPLE = 100
"""How many records are rehearsed at most before a sync is confirmed."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What is not carried over: how many records have it, and the sentence that says so."""

    code: str
    level: str
    message: str
    count: int


async def rehearse(services: Services, run: Run, items: tuple[SelectedItem, ...], options: Mapping[str, object]) -> str:
    """Begin a dry run of some records of a comparison and give its id, or the one that was begun for them before.

    Raises:
        InvalidRequestError: an option is wrong.
        StoreBusyError: another run writes to the destination.
        CrossdockError: a store refuses or can't be reached.
    """
    request = SyncRequest(run.kind, run.source_platform, items, run.pair, options, is_dry_run=True)
    asked = [run.id, [[item.source_id, item.expected] for item in items], dict(sorted(options.items()))]
    body = json.dumps(asked).encode()
    key = f"rehearsal:{hashlib.sha256(body).hexdigest()}"
    try:
        return (await services.runs.start_sync(request, idempotency_key=key, body=body)).id
    except StoreBusyError as error:
        # What keeps the store busy may be a rehearsal too, which is soon over.
        if not await _is_rehearsal(services, error.run_id):
            raise
        await outcome(services, error.run_id)
        return (await services.runs.start_sync(request, idempotency_key=key, body=body)).id


async def outcome(services: Services, run_id: str) -> Run:
    """Wait a while for a rehearsal and give it as it is then."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await services.runs.wait(run_id)
    except TimeoutError:
        return await services.runs.get(run_id)


def losses_of(run: Run) -> list[Loss]:
    """Read the loss report of a rehearsal that is done."""
    if run.state is not RunState.DONE:
        return []
    told: list[dict[str, Any]] = run.summary.get("losses") or []
    return [Loss(one["code"], one["level"], one["message"], one["count"]) for one in told]


async def _is_rehearsal(services: Services, run_id: str) -> bool:
    try:
        return (await services.runs.get(run_id)).is_preview
    except CrossdockError:
        return False
