"""Leave to write: a write goes out only while whoever asked for it may still make it.

Owns how the question travels with the work, through every task that it starts. It must not know who may write or why.
"""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

AskLeave = Callable[[], Awaitable[None]]
"""Returns when a write may go out now, and raises when it must not."""

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
