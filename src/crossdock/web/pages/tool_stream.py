"""The live part of a comparison's page, as Server-Sent Events.

Owns the stream: it goes on after the event that the browser saw last, and ends when the run rests.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from crossdock.web.pages.tool import comparison
from crossdock.web.pages.tool_live import live_of
from crossdock.web.pages.tool_stores import direction_of
from crossdock.web.pages.tool_words import ToolWords
from crossdock.web.services import ServicesDep
from crossdock.web.templating import render_block


def stream_router(words: ToolWords) -> APIRouter:
    """Make the stream of one tool."""
    router = APIRouter(prefix=f"/{words.slug}/{{run_id}}", include_in_schema=False)

    @router.get("/events", response_class=EventSourceResponse)
    async def events(
        services: ServicesDep,
        run_id: str,
        after: Annotated[int, Query(ge=0)] = 0,
        last_event_id: Annotated[str, Header()] = "",
    ) -> AsyncIterator[ServerSentEvent]:
        run = await comparison(services, words, run_id)
        direction = await direction_of(services, run)
        seen = int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() else after
        figures: dict[str, Any] = {}
        async for event in services.runs.follow(run.id, seen):
            if event.type == "progress":
                figures = dict(event.data)
            run = await services.runs.get(run.id)
            live = live_of(run, direction, figures, event.seq)
            html = render_block("tool/live.html", "live", {"live": live, "words": words, "run": run})
            yield ServerSentEvent(raw_data=html, id=str(event.seq), retry=1000)
        yield ServerSentEvent(raw_data="end", event="end")

    return router
