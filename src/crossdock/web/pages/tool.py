"""The tool pages: choose a source, compare, look, choose records, and hand them to a sync. Written once for all kinds.

Owns the addresses of a tool and what each form does. A kind brings its `ToolWords`; nothing here knows any.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from crossdock.bootstrap import Services
from crossdock.domain.errors import CrossdockError, NotFoundError
from crossdock.jobs.requests import CompareRequest
from crossdock.state import Run, RunFilter, RunState, RunType
from crossdock.web.errors import status_of
from crossdock.web.pages.layout import pair_of, render, with_pair
from crossdock.web.pages.run_lines import line_of
from crossdock.web.pages.tool_list import ListState, read_state
from crossdock.web.pages.tool_live import live_of
from crossdock.web.pages.tool_options import (
    SYNC_PREFIX,
    compare_fields,
    read_compare,
    sync_fields,
)
from crossdock.web.pages.tool_result import list_context, result_context
from crossdock.web.pages.tool_stores import direction_of, stores_of
from crossdock.web.pages.tool_words import ToolWords
from crossdock.web.services import ServicesDep

_FAILED_NOT_FOUND = "run_not_found"
_LAST_COMPARES = 3


def tool_router(words: ToolWords) -> APIRouter:
    """Make the pages of one tool up to its result; what is done with the result has a router of its own."""
    router = APIRouter(prefix=f"/{words.slug}", include_in_schema=False)
    _add_start(router, words)
    _add_result(router, words)
    return router


async def comparison(services: Services, words: ToolWords, run_id: str) -> Run:
    """Give a comparison of this tool's kind.

    Raises:
        NotFoundError: there is none of that id.
    """
    run = await services.runs.get(run_id)
    if run.type is not RunType.COMPARE or run.kind != words.kind.name:
        raise NotFoundError(_FAILED_NOT_FOUND, f"There is no comparison of {words.kind.plural} of that id.")
    return run


def state_of(services: Services, words: ToolWords, run_id: str, parameters: Mapping[str, str]) -> ListState:
    """Read an address or a form as a list of this comparison."""
    return read_state(f"/{words.slug}/{run_id}", parameters, services.tools[words.kind.name].compare)


async def form_of(request: Request) -> dict[str, str]:
    """Read a sent form; of fields that come several times the last counts."""
    form = await request.form(max_files=0)
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


FormDep = Annotated[dict[str, str], Depends(form_of)]


def _add_start(router: APIRouter, words: ToolWords) -> None:
    @router.get("")
    async def start(request: Request, services: ServicesDep) -> Response:
        return await _start_page(request, services, words, dict(request.query_params))

    @router.post("/compare")
    async def compare(request: Request, services: ServicesDep, form: FormDep) -> Response:
        pair, source = form.get("pair") or pair_of(request), _source(services, form)
        options = read_compare(services.tools[words.kind.name].compare.options, form)
        try:
            run = await services.runs.start_compare(CompareRequest(words.kind.name, source, pair, options))
        except CrossdockError as error:
            return await _start_page(request, services, words, form, error)
        kept = {name: value for name, value in form.items() if name.startswith(SYNC_PREFIX)}
        return RedirectResponse(with_pair(f"/{words.slug}/{run.id}", pair, **_changed(services, words, kept)), 303)


def _source(services: Services, given: Mapping[str, str]) -> str:
    names = list(services.platforms)
    chosen = given.get("swap") or given.get("source")
    return chosen if chosen in names else names[0]


def _changed(services: Services, words: ToolWords, kept: Mapping[str, str]) -> dict[str, str]:
    """Keep of a sync's options those that are not as they would be anyway: an address should be short."""
    sync = services.tools[words.kind.name].sync
    fields = sync_fields(sync.options if sync else (), kept, words.names)
    return {field.name: field.value for field in fields if field.is_changed}


async def _start_page(
    request: Request,
    services: Services,
    words: ToolWords,
    given: Mapping[str, str],
    error: CrossdockError | None = None,
) -> Response:
    pair = given.get("pair") or pair_of(request)
    tool = services.tools[words.kind.name]
    source = _source(services, given)
    direction = await stores_of(services, pair, source, words.kind.name)
    has_drafts = services.platforms[direction.destination.platform].capabilities.has_drafts
    options = tool.sync.options if tool.sync else ()
    fields = compare_fields(tool.compare.options, given, words.names)
    later = sync_fields(options, given, words.names, has_drafts=has_drafts)
    compared = RunFilter(pair=pair, kind=words.kind.name, type=RunType.COMPARE, state=RunState.DONE)
    compares, _ = await services.runs.list(compared, limit=_LAST_COMPARES)
    context: dict[str, Any] = {
        "words": words,
        "direction": direction,
        "pair": pair,
        "fields": fields,
        "later": later,
        "changed": sum(field.is_changed for field in (*fields, *later)),
        "is_open": "options" in given,
        "problem": error,
        "is_missing": bool(direction.source.problem or direction.destination.problem),
        "connections_href": with_pair("/connections", pair),
        "runs_href": with_pair("/runs", pair, kind=words.kind.name),
        "reset_href": with_pair(f"/{words.slug}", pair, source=source, options=1),
        "compares": [line_of(services, run) for run in compares],
    }
    status = 200 if error is None else int(status_of(error))
    return await render(
        request, "tool/start.html", context, here=words.slug, pair=pair, block="start", status_code=status
    )


def _add_result(router: APIRouter, words: ToolWords) -> None:
    @router.get("/{run_id}")
    async def show(request: Request, services: ServicesDep, run_id: str) -> Response:
        run = await comparison(services, words, run_id)
        direction = await direction_of(services, run)
        state = state_of(services, words, run.id, request.query_params)
        if run.state is RunState.DONE:
            is_part = request.headers.get("hx-target") == "list"
            gather = list_context if is_part else result_context
            context = await gather(services, run, words, state, direction)
            return await render(request, "tool/result.html", context, here=words.slug, pair=run.pair, block="list")
        told = await services.inspection.progress(run.id)
        figures: Mapping[str, Any] = told.data if told else {}
        context = {
            "words": words,
            "run": run,
            "state": state,
            "direction": direction,
            "live": live_of(run, direction, figures, told.seq if told else 0),
            "again_href": with_pair(f"/{words.slug}", run.pair, source=run.source_platform),
        }
        name = "tool/ended.html" if run.state.has_ended else "tool/live.html"
        return await render(request, name, context, here=words.slug, pair=run.pair)

    @router.post("/{run_id}/cancel")
    async def cancel(services: ServicesDep, run_id: str) -> Response:
        run = await comparison(services, words, run_id)
        if not run.state.has_ended:
            await services.runs.cancel(run.id)
        return RedirectResponse(f"/{words.slug}/{run.id}", 303)

    @router.post("/{run_id}/resume")
    async def resume(services: ServicesDep, run_id: str) -> Response:
        run = await comparison(services, words, run_id)
        if run.state not in {RunState.DONE, RunState.CANCELLED}:
            await services.runs.resume(run.id)
        return RedirectResponse(f"/{words.slug}/{run.id}", 303)
