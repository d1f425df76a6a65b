"""JSON objects that are written while their lists are still being read.

Owns the writing: memory stays flat whatever the length of a list, and the loop is never held for more than a slice.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

_SLICE = 500
"""How many rows are checked and written at a time: about two milliseconds of the loop."""


@dataclass(frozen=True, slots=True)
class JsonList:
    """A list whose rows come in chunks; `adapter` checks and writes a list of them."""

    adapter: TypeAdapter[Any]
    chunks: AsyncIterator[Sequence[Any]]


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
            yield head + json.dumps(value, ensure_ascii=False).encode()
    yield b"}"


async def _stream_list(rows: JsonList) -> AsyncIterator[bytes]:
    before = b"["
    async for chunk in rows.chunks:
        for start in range(0, len(chunk), _SLICE):
            checked = rows.adapter.validate_python(list(chunk[start : start + _SLICE]))
            written = rows.adapter.dump_json(checked, by_alias=True, exclude_none=True)
            yield before + written[1:-1]
            before = b","
    yield b"[]" if before == b"[" else b"]"
