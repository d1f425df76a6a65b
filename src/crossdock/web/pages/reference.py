"""The page about the API: every route, rendered from the OpenAPI document, without a script or an outside request."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from crossdock.web.templating import templates

router = APIRouter(include_in_schema=False)

_METHODS = ("get", "post", "put", "delete")


@dataclass(frozen=True, slots=True)
class RouteLine:
    """One route as the page shows it."""

    tag: str
    method: str
    path: str
    summary: str
    answers: tuple[tuple[str, str], ...]


@router.get("/docs/api", response_class=HTMLResponse)
async def reference(request: Request) -> HTMLResponse:
    """List the routes."""
    document: dict[str, Any] = request.app.openapi()
    routes = [
        _line(path, method, operations[method])
        for path, operations in document["paths"].items()
        for method in _METHODS
        if method in operations
    ]
    return templates.TemplateResponse(request, "reference.html", {"routes": routes})


def _line(path: str, method: str, operation: dict[str, Any]) -> RouteLine:
    answers = tuple((status, str(answer["description"])) for status, answer in operation["responses"].items())
    return RouteLine(
        tag=str(operation.get("tags", [""])[0]),
        method=method.upper(),
        path=path,
        summary=str(operation.get("summary", "")),
        answers=answers,
    )
