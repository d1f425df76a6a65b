"""The page of one run: watched while it works, read when it has ended, and steered.

Owns these routes. A comparison is shown by its tool's page.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import RedirectResponse, Response

from crossdock.bootstrap import Services
from crossdock.domain.errors import InvalidRequestError
from crossdock.state import Run, RunState, RunType
from crossdock.web.pages.history import PAGE_ROWS, Pager
from crossdock.web.pages.layout import render, with_pair
from crossdock.web.pages.mail_notice import mail_notices_of
from crossdock.web.pages.run_view import RunView, result_of, view_of
from crossdock.web.services import ServicesDep
from crossdock.web.templating import render_block

router = APIRouter(include_in_schema=False, prefix="/runs/{run_id}")

_DEEPEST_PAGE = 1_000_000
_GAP_SECONDS = 0.5
"""How often a page that is watched is drawn anew."""

Step = Callable[[str], Awaitable[Run]]


async def _run(services: ServicesDep, run_id: str) -> Run:
    return await services.runs.get(run_id)


RunDep = Annotated[Run, Depends(_run)]


class _Asked:
    """Which records are listed, and whether the dialog is open."""

    def __init__(
        self,
        show: Annotated[str, Query(pattern="^(failed)?$")] = "",
        code: Annotated[str, Query(max_length=64)] = "",
        ask: Annotated[str, Query(pattern="^(undo)?$")] = "",
        page: Annotated[int, Query(ge=1, le=_DEEPEST_PAGE)] = 1,
    ) -> None:
        self.show = show
        self.code = code
        self.ask = ask
        self.page = page
        self.only_failed = show == "failed"


@router.get("")
async def show(request: Request, services: ServicesDep, run: RunDep, asked: Annotated[_Asked, Depends()]) -> Response:
    """Show a run as it is now; a comparison on its tool's page."""
    if run.type is RunType.COMPARE:
        return RedirectResponse(f"/{run.kind}-sync/{run.id}", HTTPStatus.SEE_OTHER)
    view = await _view(services, run)
    rows, total = await services.runs.results(
        run.id, offset=(asked.page - 1) * PAGE_ROWS, limit=PAGE_ROWS, failed_only=asked.only_failed, code=asked.code
    )
    kind = services.kinds.get(run.kind)
    context = {
        "run": view,
        "mail_notices": await mail_notices_of(services, run),
        "singular": kind.name if kind else "record",
        "plural": kind.plural if kind else "records",
        "tool": f"/{run.kind}-sync",
        "rows": [result_of(row) for row in rows],
        "pager": Pager.of(
            f"/runs/{run.id}", run.pair, {"show": asked.show, "code": asked.code}, page=asked.page, total=total
        ),
        "only_failed": asked.only_failed,
        "cause": next((cause for cause in view.causes if cause.code == asked.code), None),
        "ask": asked.ask,
        "parent": run.parent_run_id,
        "connections": with_pair("/connections", run.pair),
    }
    return await render(request, "run.html", context, here="runs", pair=run.pair, block="results")


@router.get("/live", response_class=EventSourceResponse)
async def live(
    services: ServicesDep,
    run: RunDep,
    last_event_id: Annotated[str | None, Header(pattern=r"^\d{0,18}$")] = None,
    shown: Annotated[str, Query(pattern="^(paused)?$")] = "",
) -> AsyncIterator[ServerSentEvent]:
    """Send the part that changes, as HTML, at most twice a second, until the run rests and the page is another.

    Of a run that is shown as paused nothing is sent but that it is so no longer: somebody resumed it elsewhere.
    """
    after, told = int(last_event_id or 0), dict[str, Any]()
    while True:
        current = await services.runs.get(run.id)
        if not shown:
            seen, told = await asyncio.to_thread(_catch_up, services, run.id, after, told)
            if seen != after or not after:
                yield ServerSentEvent(id=str(seen), raw_data=await _drawn(services, current, told))
            after = seen
        if current.state.has_ended or (current.state is RunState.PAUSED) != bool(shown):
            yield ServerSentEvent(event="end", raw_data="end")
            return
        await asyncio.sleep(_GAP_SECONDS)


async def _drawn(services: Services, run: Run, told: Mapping[str, Any]) -> str:
    notices = await mail_notices_of(services, run)
    return render_block("run.html", "live", {"run": view_of(services, run, told=told), "mail_notices": notices})


def _catch_up(services: Services, run_id: str, after: int, told: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    """Go through what happened since; gives the last event's number and what the last progress event says."""
    last = dict(told)
    while batch := services.state.events.since(run_id, after):
        after = batch[-1].seq
        for event in batch:
            if event.type == "progress":
                last = dict(event.data)
    return after, last


async def _view(services: Services, run: Run) -> RunView:
    failures = await asyncio.to_thread(services.state.worklist.failures, run.id)
    return view_of(services, run, failures)


def _add_change(name: str) -> None:
    method = name.replace("-", "_")

    @router.post(f"/{name}", name=f"page_{method}")
    async def change(services: ServicesDep, run: RunDep) -> Response:
        act: Step = getattr(services.runs, method)
        changed = await act(run.id)
        return RedirectResponse(f"/runs/{changed.id}", HTTPStatus.SEE_OTHER)


for _name in ("pause", "resume", "cancel", "retry-failed"):
    _add_change(_name)


@router.post("/undo")
async def undo(services: ServicesDep, run: RunDep, number: Annotated[str, Form(max_length=20)] = "") -> Response:
    """Begin to delete what a sync created, once its number is typed where there are many.

    Raises:
        InvalidRequestError: the number is not that of the records, or the run can't be undone.
    """
    view = await _view(services, run)
    typed = "".join(digit for digit in number if digit.isdecimal())
    if view.needs_number and typed != str(view.figures.created):
        raise InvalidRequestError(
            "number_not_confirmed",
            f"Type {view.figures.created} to confirm how many are deleted.",
            field="number",
            allowed=str(view.figures.created),
        )
    changed = await services.runs.undo(run.id)
    return RedirectResponse(f"/runs/{changed.id}", HTTPStatus.SEE_OTHER)
