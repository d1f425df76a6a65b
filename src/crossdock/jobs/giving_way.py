"""Giving way: a run that only counts ends when another needs its stores.

Owns that a count is never why a person has to wait. It must not know what either run does.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeVar

from crossdock.domain.errors import InvalidRequestError, StoreBusyError
from crossdock.jobs.count_workflow import is_count
from crossdock.jobs.dispatch import Dispatch
from crossdock.state import Control, Run, State

_T = TypeVar("_T")
_PATIENCE_SECONDS = 20.0
_POLL_SECONDS = 0.1


async def making_way(state: State, dispatcher: Dispatch, take: Callable[[], _T]) -> _T:
    """Do what takes stores, in a thread; what only counts in them is cancelled first.

    Raises:
        StoreBusyError: what holds a store is another run, or a count that does not end at once.
    """
    while True:
        try:
            return await asyncio.to_thread(take)
        except StoreBusyError as error:
            if not is_count(await asyncio.to_thread(state.runs.get, error.run_id)):
                raise
            await _end(state, dispatcher, error.run_id)
            try:
                await _wait_for_end(state, dispatcher, error.run_id)
            except TimeoutError:
                raise error from None


async def end_other_counts(state: State, dispatcher: Dispatch, run: Run) -> None:
    """Ask every other count into the same store to end: whoever begins a new one no longer looks at them."""
    for other in await asyncio.to_thread(state.runs.unfinished):
        if is_count(other) and other.id != run.id and other.destination_store == run.destination_store:
            await _end(state, dispatcher, other.id)


async def _end(state: State, dispatcher: Dispatch, run_id: str) -> None:
    with contextlib.suppress(InvalidRequestError):
        await asyncio.to_thread(state.runs.request_control, run_id, Control.CANCEL)
    dispatcher.submit(run_id)


async def _wait_for_end(state: State, dispatcher: Dispatch, run_id: str) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not (await asyncio.to_thread(state.runs.get, run_id)).state.has_ended:
            await dispatcher.wait_for_change(_POLL_SECONDS)
