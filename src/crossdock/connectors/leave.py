"""Leave to write: a write goes out only while whoever asked for it may still make it.

Owns how the question travels with the work, through every task that it starts. It must not know who may write or why.
"""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

AskLeave = Callable[[], Awaitable[None]]
"""Returns when a write may go out now, and raises when it must not."""

# The client names these just before it hands bytes over: the last moments at which a request can still be held back.
_LAST_MOMENTS = ("send_request_headers.started", "send_request_body.started")
_ASKED: ContextVar[AskLeave | None] = ContextVar("leave_to_write", default=None)


@contextmanager
def writing_by_leave(ask: AskLeave) -> Generator[None]:
    """Ask before each write that the block, or a task begun in it, sends to a store."""
    token = _ASKED.set(ask)
    try:
        yield
    finally:
        _ASKED.reset(token)


async def ask_leave_to_write() -> None:
    """Make sure that a write may go out now; nobody is asked where no block has said whom.

    Raises:
        CrossdockError: it must not; nothing was sent.
    """
    ask = _ASKED.get()
    if ask is not None:
        await ask()


async def ask_at_the_last_moment(event: str, _: Any) -> None:  # noqa: ANN401 - what the client tells of the event
    """Ask once more as a write's bytes go out: whoever froze while it waited for a connection has perhaps lost leave.

    Is called with the client's events (httpx2, extension `trace`).

    Raises:
        CrossdockError: it must not go out; the store has at most the beginning of a request.
    """
    if event.endswith(_LAST_MOMENTS):
        await ask_leave_to_write()
