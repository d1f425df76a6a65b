"""JSON objects that are written while their lists are still being read.

Owns the writing: memory stays flat whatever the length of a list, and the loop is never held for more than a slice.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_SLICE = 500
"""How many rows are written at a time: a few milliseconds of the loop."""


@dataclass(frozen=True, slots=True)
class JsonList:
    """A list whose rows come in chunks; `write` makes a JSON object of each."""

    chunks: AsyncIterator[Sequence[Any]]
    write: Callable[[Any], Mapping[str, Any]]


async def stream_object(members: Mapping[str, JsonList | Any]) -> AsyncIterator[bytes]:
    """Write an object member by member."""
    before = "{"
    for name, value in members.items():
        head = f"{before}{json.dumps(name)}:".encode()
        before = ","
        if isinstance(value, JsonList):
            yield head
            async for part in _stream_list(value):
                yield part
        else:
            yield head + _encoded(value)
    yield b"}"


async def _stream_list(rows: JsonList) -> AsyncIterator[bytes]:
    before = b"["
    async for chunk in rows.chunks:
        for start in range(0, len(chunk), _SLICE):
            written = _encoded([rows.write(row) for row in chunk[start : start + _SLICE]])
            yield before + written[1:-1]
            before = b","
    yield b"[]" if before == b"[" else b"]"


def _encoded(value: object) -> bytes:
    # A store can send half of a surrogate pair, which is no character and which UTF-8 can't hold.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
