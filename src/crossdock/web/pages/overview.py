"""The first page: which stores are connected, and what ran last.

Owns this page. A store that does not answer is said so on it; the page itself always comes.
"""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from crossdock.bootstrap import Services
from crossdock.domain.errors import CrossdockError
from crossdock.web.services import ServicesDep
from crossdock.web.templating import templates

router = APIRouter(include_in_schema=False)

_LAST_RUNS = 20


@dataclass(frozen=True, slots=True)
class StoreLine:
    """One store as the page shows it."""

    pair: str
    title: str
    name: str
    state: str


@router.get("/", response_class=HTMLResponse)
async def overview(request: Request, services: ServicesDep) -> HTMLResponse:
    """Show the stores and the last runs."""
    runs, total = await services.runs.list(limit=_LAST_RUNS)
    context = {"stores": await _stores(services), "runs": runs, "total": total}
    return templates.TemplateResponse(request, "overview.html", context)


async def _stores(services: Services) -> list[StoreLine]:
    return [
        await _store(services, pair, platform)
        for pair in await services.connections.pairs()
        for platform in services.platforms
    ]


async def _store(services: Services, pair: str, platform: str) -> StoreLine:
    title = services.platforms[platform].title
    try:
        connection = await services.connections.get(pair, platform)
    except CrossdockError as error:
        return StoreLine(pair, title, "", error.message)
    if connection is None:
        return StoreLine(pair, title, "", "not connected")
    return StoreLine(pair, title, str(connection.info.get("name") or connection.store_key), "connected")
