"""Waiting in a run: never longer than a person who wants to pause or cancel has patience.

Owns how a transient failure is waited out. It must not know what is tried again.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from crossdock.domain.errors import CrossdockError, RateLimitedError, StoreUnavailableError, TransientError
from crossdock.sync.context import SyncContext

MAX_TRIES = 6
"""How often something that is known not to have happened is tried in all."""

_T = TypeVar("_T")
_SLICE_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 300.0


async def wait(context: SyncContext, seconds: float) -> bool:
    """Sleep; False when a person asked to stop meanwhile."""
    left = seconds
    while left > 0:
        if await context.should_stop():
            return False
        await context.sleep(min(left, _SLICE_SECONDS))
        left -= _SLICE_SECONDS
    return not await context.should_stop()


async def wait_out(context: SyncContext, error: CrossdockError, tried: int) -> None:
    """Wait until it makes sense to try again what failed for the `tried`-th time.

    Raises:
        CrossdockError: `error` itself, when it won't pass by waiting, asks for too long, or a person wants to stop.
    """
    if not isinstance(error, TransientError) or tried >= MAX_TRIES:
        raise error
    asked = error.retry_after if isinstance(error, RateLimitedError | StoreUnavailableError) else None
    seconds = max(asked or 0.0, 2.0 ** (tried - 1))
    if seconds > _LONGEST_WAIT_SECONDS or not await wait(context, seconds):
        raise error


async def patiently(context: SyncContext, call: Callable[[], Awaitable[_T]]) -> _T:
    """Call until it works or can't; only for what may be repeated.

    Raises:
        CrossdockError: what the call raised last.
    """
    tried = 0
    while True:
        try:
            return await call()
        except TransientError as error:
            tried += 1
            await wait_out(context, error, tried)
