"""What is done with a result: ticking rows, looking at one, and handing the chosen ones to a sync.

Owns these forms of a tool page. A kind brings its `ToolWords`; nothing here knows any.
"""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from crossdock.bootstrap import Services
from crossdock.domain.errors import CrossdockError, InvalidRequestError
from crossdock.jobs.requests import SyncRequest
from crossdock.state import Idempotency, Run
from crossdock.web.errors import status_of
from crossdock.web.pages.layout import render, wants_part
from crossdock.web.pages.tool import FormDep, comparison, state_of
from crossdock.web.pages.tool_confirm import TYPE_ABOVE, confirm_context, losses_context, typed_number
from crossdock.web.pages.tool_list import PAGE_ROWS, ListState
from crossdock.web.pages.tool_options import read_sync
from crossdock.web.pages.tool_record import Payload, item_of, payload_of, record_context
from crossdock.web.pages.tool_rehearsal import count_losses, rehearse
from crossdock.web.pages.tool_result import list_context
from crossdock.web.pages.tool_stores import direction_of
from crossdock.web.pages.tool_words import ToolWords
from crossdock.web.services import ServicesDep


def choice_router(words: ToolWords) -> APIRouter:
    """Make the addresses by which a result is worked with."""
    router = APIRouter(prefix=f"/{words.slug}/{{run_id}}", include_in_schema=False)
    _add_selection(router, words)
    _add_record(router, words)
    _add_payload(router, words)
    _add_confirm(router, words)
    _add_sync(router, words)
    return router


def _add_selection(router: APIRouter, words: ToolWords) -> None:
    @router.post("/selection")
    async def select(request: Request, services: ServicesDep, run_id: str, form: FormDep) -> Response:
        run = await comparison(services, words, run_id)
        state = state_of(services, words, run.id, form)
        await _keep_ticks(request, services, run, state)
        await _act(services, run, state, form)
        if not wants_part(request):
            return RedirectResponse(state.here, 303)
        direction = await direction_of(services, run)
        context = await list_context(services, run, words, state, direction)
        block = "dock" if request.headers.get("hx-target") == "dock" else "list"
        return await render(request, "tool/result.html", context, here=words.slug, pair=run.pair, block=block)


async def _keep_ticks(request: Request, services: Services, run: Run, state: ListState) -> None:
    """Keep what is ticked on the page, and only there: other pages have sent theirs."""
    form = await request.form()
    shown = {value for value in form.getlist("shown") if isinstance(value, str)}
    ticked = {value for value in form.getlist("chosen") if isinstance(value, str)} & shown
    if len(shown) > PAGE_ROWS:
        raise InvalidRequestError(
            "request_invalid", "More rows were sent than a page has.", field="shown", allowed=f"at most {PAGE_ROWS}"
        )
    if shown:
        await services.selections.choose(run.id, state.group, ticked)
        await services.selections.choose(run.id, state.group, shown - ticked, is_chosen=False)


async def _act(services: Services, run: Run, state: ListState, form: dict[str, str]) -> None:
    action = form.get("action", "")
    if action == "all":
        await services.selections.choose_all(run.id, state.group, where=dict(state.where), search=state.search)
    elif action == "clear":
        await services.selections.clear(run.id, state.group)
    elif action == "page":
        rows, _ = await services.runs.differences(
            run.id,
            state.group,
            sort=state.sort or None,
            descending=state.descending,
            search=state.search,
            where=state.where,
            offset=state.offset,
            limit=PAGE_ROWS,
        )
        ids = [str(row["source_id"]) for row in rows]
        ticked = await services.selections.chosen_among(run.id, state.group, ids)
        await services.selections.choose(run.id, state.group, ids, is_chosen=len(ticked) < len(ids))
    elif action in {"add", "drop"}:
        await services.selections.choose(run.id, state.group, [form.get("record", "")], is_chosen=action == "add")


def _add_record(router: APIRouter, words: ToolWords) -> None:
    @router.get("/record")
    async def record(request: Request, services: ServicesDep, run_id: str) -> Response:
        asked = request.query_params
        run = await comparison(services, words, run_id)
        state = state_of(services, words, run.id, asked)
        direction = await direction_of(services, run)
        context = await record_context(services, run, words, state, direction, record_id=asked.get("record", ""))
        context["is_part"] = wants_part(request)
        if asked.get("rehearsal"):
            context["payload"] = await payload_of(services, asked["rehearsal"])
        return await render(request, "tool/record.html", context, here=words.slug, pair=run.pair, block="record")


def _add_payload(router: APIRouter, words: ToolWords) -> None:
    @router.post("/payload")
    async def payload(request: Request, services: ServicesDep, run_id: str, form: FormDep) -> Response:
        run = await comparison(services, words, run_id)
        state = state_of(services, words, run.id, form)
        record_id = form.get("record", "")
        row = await services.inspection.row(run.id, state.group, record_id)
        tool = services.tools[run.kind]
        options = read_sync(tool.sync.options if tool.sync else (), form)
        try:
            rehearsal = await rehearse(services, run, item_of(row), options)
        except CrossdockError as error:
            shown = Payload(problem=error.message)
        else:
            if not wants_part(request):
                asked = {**state.parameters(), "record": record_id, "rehearsal": rehearsal}
                return RedirectResponse(f"{state.path}/record?{urlencode(asked)}", 303)
            shown = await payload_of(services, rehearsal)
        direction = await direction_of(services, run)
        context = await record_context(services, run, words, state, direction, record_id=record_id)
        context |= {"payload": shown, "is_part": wants_part(request)}
        return await render(request, "tool/record.html", context, here=words.slug, pair=run.pair, block="payload")


def _add_confirm(router: APIRouter, words: ToolWords) -> None:
    @router.post("/confirm")
    async def prepare(request: Request, services: ServicesDep, run_id: str, form: FormDep) -> Response:
        run = await comparison(services, words, run_id)
        state = state_of(services, words, run.id, form)
        await _keep_ticks(request, services, run, state)
        chosen = await services.selections.wanted(run.id, state.group)
        if not (await services.selections.read(run.id, state.group)).count:
            problem = "Nothing is selected yet. Go back and tick what should be brought over."
            return await _confirmation(request, services, words, run, state, problem=problem)
        tool = services.tools[run.kind]
        options = read_sync(tool.sync.options if tool.sync else (), form)
        try:
            rehearsal, problem = await count_losses(services, run, chosen, options), ""
        except CrossdockError as error:
            rehearsal, problem = "", error.message
        if not problem:
            asked = {**state.parameters(), "rehearsal": rehearsal}
            return RedirectResponse(f"{state.path}/confirm?{urlencode(asked)}", 303)
        return await _confirmation(request, services, words, run, state, problem=problem)

    @router.get("/confirm")
    async def confirm(request: Request, services: ServicesDep, run_id: str) -> Response:
        run = await comparison(services, words, run_id)
        state = state_of(services, words, run.id, request.query_params)
        rehearsal = request.query_params.get("rehearsal", "")
        return await _confirmation(request, services, words, run, state, rehearsal=rehearsal)

    @router.get("/losses")
    async def losses(request: Request, services: ServicesDep, run_id: str) -> Response:
        run = await comparison(services, words, run_id)
        state = state_of(services, words, run.id, request.query_params)
        rehearsal = request.query_params.get("rehearsal", "")
        if not wants_part(request):
            return RedirectResponse(f"{state.path}/confirm?{urlencode(request.query_params)}", 303)
        chosen = await services.selections.read(run.id, state.group)
        context = await losses_context(services, words, state, chosen.count, rehearsal_id=rehearsal)
        return await render(request, "tool/losses.html", context, here=words.slug, pair=run.pair, block="losses")


async def _confirmation(
    request: Request,
    services: Services,
    words: ToolWords,
    run: Run,
    state: ListState,
    *,
    rehearsal: str = "",
    problem: str = "",
    status_code: int = 200,
) -> Response:
    direction = await direction_of(services, run)
    context = await confirm_context(services, run, words, state, direction, rehearsal_id=rehearsal, problem=problem)
    context["is_part"] = wants_part(request)
    return await render(
        request,
        "tool/confirm.html",
        context,
        here=words.slug,
        pair=run.pair,
        block="confirm",
        status_code=status_code,
    )


def _add_sync(router: APIRouter, words: ToolWords) -> None:
    @router.post("/sync")
    async def sync(request: Request, services: ServicesDep, run_id: str, form: FormDep) -> Response:
        run = await comparison(services, words, run_id)
        state = state_of(services, words, run.id, form)
        rehearsal = form.get("rehearsal", "")
        chosen = await services.selections.read(run.id, state.group)
        problem, status = _doubt(form, chosen.count), 422
        if not problem:
            try:
                made = await _start_sync(services, run, state, form)
            except CrossdockError as error:
                problem, status = error.message, int(status_of(error))
            else:
                return _lead_to(request, f"/runs/{made.id}")
        return await _confirmation(
            request, services, words, run, state, rehearsal=rehearsal, problem=problem, status_code=status
        )


def _doubt(form: dict[str, str], count: int) -> str:
    """Say why a confirmed sync is not begun; empty where nothing speaks against it."""
    if form.get("count") != str(count):
        return "What is chosen has changed since this was shown. Read it again, and confirm."
    if count > TYPE_ABOVE and typed_number(form) != str(count):
        return f"Type {count} to confirm."
    return ""


async def _start_sync(services: Services, run: Run, state: ListState, form: dict[str, str]) -> Run:
    tool = services.tools[run.kind]
    options = read_sync(tool.sync.options if tool.sync else (), form)
    wanted = await services.selections.wanted(run.id, state.group)
    request = SyncRequest(run.kind, run.source_platform, wanted, run.pair, options)
    # The page's token makes a second press of the button the same request.
    key, body = f"page:{run.id}:{form.get('token', '')[:64]}", str(form.get("count")).encode()
    return await services.runs.start_sync(request, idempotency_key=Idempotency.of(key, body).key, body=body)


def _lead_to(request: Request, address: str) -> Response:
    """Lead a browser on; htmx is told to load the page whole."""
    if wants_part(request):
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)
