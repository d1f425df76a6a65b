"""Changes that may be made twice without harm: tried again a few times before a run is given up for them.

Owns how often and after which waits. It must not know what is changed; a change that makes a record is none of these.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from crossdock.connectors.http import Sleep
from crossdock.domain.errors import OutcomeUnknownError, TransientError

T = TypeVar("T")

_WAITS: Final = (1.0, 3.0, 9.0)
_LONGEST_WAIT: Final = 60.0


async def repeated(attempt: Callable[[], Awaitable[T]], *, sleep: Sleep) -> T:
    """Make an attempt, again after transient trouble and after an outcome that is unknown, four times at most.

    Raises:
        CrossdockError: what the last attempt raised; at once what no waiting mends, or asks to wait over a minute.
    """
    for wait in _WAITS:
        try:
            return await attempt()
        except (TransientError, OutcomeUnknownError) as error:
            asked: float = getattr(error, "retry_after", None) or 0.0
            if asked > _LONGEST_WAIT:
                raise
            await sleep(max(wait, asked))
    return await attempt()
