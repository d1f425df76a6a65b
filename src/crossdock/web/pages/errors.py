"""The page about a problem, for a browser: what happened, and where to go on.

Owns the titles. It must not fail: what the frame needs may be what is out of reach.
"""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import Request
from starlette.responses import HTMLResponse

from crossdock.domain.errors import CrossdockError
from crossdock.web.errors import Problem
from crossdock.web.pages.layout import bare_layout, layout_of, wants_part
from crossdock.web.safety import SECURITY_HEADERS
from crossdock.web.templating import render_block, templates

_TITLES: Mapping[int, str] = {
    HTTPStatus.FORBIDDEN: "This is not allowed",
    HTTPStatus.NOT_FOUND: "Nothing is at this address",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that",
    HTTPStatus.CONFLICT: "A store is busy",
    HTTPStatus.UNPROCESSABLE_ENTITY: "This can't be done so",
    HTTPStatus.FAILED_DEPENDENCY: "The store refused",
    HTTPStatus.SERVICE_UNAVAILABLE: "This can't be reached now",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong in Crossdock itself",
}


async def error_page(request: Request, problem: Problem) -> HTMLResponse:
    """Render the page of a problem, or a note for htmx where only a part was asked for."""
    context = {
        "request": request,
        "here": "",
        "problem": problem,
        "title": _TITLES.get(problem.status, problem.title),
        # A page that was sent by a form can't be asked for again by its address.
        "again": str(request.url.path) if request.method == "GET" and problem.status >= HTTPStatus.CONFLICT else "",
    }
    # The handler of last resort answers outside the guard that else sets these.
    headers = {**SECURITY_HEADERS, "Cache-Control": "no-store", "Vary": "HX-Request"}
    if wants_part(request):
        headers |= {"HX-Retarget": "#toasts", "HX-Reswap": "beforeend", "HX-Reselect": "unset"}
        return HTMLResponse(render_block("error.html", "note", context), problem.status, headers)
    try:
        layout = await layout_of(request)
    except CrossdockError:
        layout = bare_layout(request)
    return templates.TemplateResponse(request, "error.html", {**context, "layout": layout}, problem.status, headers)
