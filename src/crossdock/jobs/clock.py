"""The clock that waits are measured by: nobody sets it, and it goes on while the machine sleeps.

Owns the choice of that clock. It must not know what is waited for.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta


def elapsed_seconds() -> float:
    """Seconds since some moment; also those that the machine slept, where the system offers such a clock."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boottime is None else time.clock_gettime(boottime)


def steady(now: Callable[[], datetime], elapsed: Callable[[], float] = elapsed_seconds) -> Callable[[], datetime]:
    """Read `now` once and let time go on from there, whatever the clock behind it is set to later."""
    began_at, began = now(), elapsed()
    return lambda: began_at + timedelta(seconds=elapsed() - began)
