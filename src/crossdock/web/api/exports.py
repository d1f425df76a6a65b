"""Files to download: CSV, streamed as it is made.

Owns the headers of a download.
"""

from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse


async def csv_response(chunks: AsyncIterator[bytes], file_name: str) -> Response:
    """Send CSV as a download. What is wrong with the request is raised before the answer begins."""
    first = await anext(chunks, b"")

    async def all_chunks() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return StreamingResponse(all_chunks(), media_type="text/csv; charset=utf-8", headers=headers)
