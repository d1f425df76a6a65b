"""JSON written while its lists are read: always one valid document, whatever the chunks."""

import json
from collections.abc import AsyncIterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crossdock.web.api.streaming import JsonList, stream_object


def _write(row: dict[str, Any]) -> dict[str, Any]:
    return {"email": row["email"]}


async def _chunks(chunks: list[list[dict[str, Any]]]) -> AsyncIterator[list[dict[str, Any]]]:
    for chunk in chunks:
        yield chunk


async def _read(chunks: list[list[dict[str, Any]]]) -> dict[str, Any]:
    members = {"runId": "r1", "differences": JsonList(_chunks(chunks), _write), "summary": {"é": 1}}
    return json.loads(b"".join([part async for part in stream_object(members)]))


@given(st.lists(st.lists(st.text(), max_size=3), max_size=4))
async def test_any_chunks_make_one_document(emails: list[list[str]]) -> None:
    body = await _read([[{"email": email} for email in chunk] for chunk in emails])
    assert [row["email"] for row in body["differences"]] == [email for chunk in emails for email in chunk]
    assert (body["runId"], body["summary"]) == ("r1", {"é": 1})


async def test_more_rows_than_a_slice_all_come() -> None:
    body = await _read([[{"email": str(number)} for number in range(1234)]])
    assert [row["email"] for row in body["differences"]] == [str(number) for number in range(1234)]


async def test_half_a_surrogate_pair_is_no_reason_to_break_off() -> None:
    body = await _read([[{"email": "\ud800@example.com"}]])
    assert body["differences"] == [{"email": "?@example.com"}]
