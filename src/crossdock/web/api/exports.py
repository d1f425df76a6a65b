"""Files to download: CSV, streamed as it is made.

Owns the headers of a download and the layout of a result file. How a cell is written and defused is the compare room's.
"""

from collections.abc import AsyncIterator, Sequence

from starlette.responses import Response, StreamingResponse

from crossdock.compare.export import csv_chunks
from crossdock.state import WorkRow
from crossdock.web.api.bodies import dump
from crossdock.web.api.records import RecordApi

_OUTCOME_COLUMNS = {
    "success": "Success",
    "alreadyThere": "Already there",
    "code": "Code",
    "error": "Error",
    "warnings": "Warnings",
}


async def csv_response(chunks: AsyncIterator[bytes], file_name: str) -> Response:
    """Send CSV as a download. What is wrong with the request is raised before the answer begins."""
    first = await anext(chunks, b"")

    async def all_chunks() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return StreamingResponse(all_chunks(), media_type="text/csv; charset=utf-8", headers=headers)


async def results_csv(chunks: AsyncIterator[Sequence[WorkRow]], api: RecordApi) -> AsyncIterator[bytes]:
    """Lay the results of a sync out, one row a record."""
    columns = {**api.result_columns, **_OUTCOME_COLUMNS}
    headings = list(columns.values())
    yield next(csv_chunks(headings, []))
    async for rows in chunks:
        shown = [dump(api.result(row)) for row in rows]
        _, lines = csv_chunks(headings, [[[row.get(column) for column in columns] for row in shown]])
        yield lines
