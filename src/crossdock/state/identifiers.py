"""Ids of runs: text that sorts by the time at which it was made.

Owns their form, UUID version 7 (RFC 9562, 5.7). It must not know what is named by them.
"""

import secrets
import threading
import time
import uuid

_RANDOM_BITS = 62
_gate = threading.Lock()
_last = 0


def new_id() -> str:
    """Make an id that sorts after every one that this process made before, even if the clock went back."""
    global _last  # noqa: PLW0603 - the last id is a fact about the process
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    # Below the milliseconds: twelve bits of their fraction, by method 3 of RFC 9562, 6.2.
    tick = milliseconds << 12 | rest * 4096 // 1_000_000
    with _gate:
        _last = tick = max(tick, _last + 1)
    value = (tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | secrets.randbits(_RANDOM_BITS)
    return str(uuid.UUID(int=value))
