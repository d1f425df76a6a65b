"""The first page: which stores are connected, how to connect them, and what ran last.

Owns this page. A store that does not answer is said so on it; the page itself always comes.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse

from crossdock.bootstrap import Services
from crossdock.domain.errors import CrossdockError
from crossdock.web.pages.run_words import figures_of, what_of
from crossdock.web.services import ServicesDep
from crossdock.web.templating import STATIC, templates

router = APIRouter(include_in_schema=False)

_LAST_RUNS = 20
_PATIENCE_SECONDS = 4.0
"""How long the page waits for a store; whoever wants to know why it is silent asks for a check, which is patient."""


@dataclass(frozen=True, slots=True)
class StoreLine:
    """One store as the page shows it; `address_field` is the setting that a connection begins with."""

    platform: str
    title: str
    address_field: str
    name: str = ""
    is_connected: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run as the page shows it."""

    id: str
    pair: str
    what: str
    state: str
    figures: str
    begun: str


@router.get("/", response_class=HTMLResponse)
async def overview(request: Request, services: ServicesDep) -> HTMLResponse:
    """Show the stores and the last runs."""
    names = await services.connections.pairs()
    pairs = [(name, await _stores(services, name)) for name in names]
    runs, total = await services.runs.list(limit=_LAST_RUNS)
    lines = [
        RunLine(
            id=run.id,
            pair=run.pair,
            what=what_of(services, run),
            state=run.state.value,
            figures=figures_of(services, run),
            begun=f"{run.created_at.day} {run.created_at:%b %Y, %H:%M}",
        )
        for run in runs
    ]
    lacking = [store for _, stores in pairs[:1] for store in stores if not (store.is_connected or store.problem)]
    context = {"pairs": pairs, "lacking": lacking, "runs": lines, "total": total}
    return templates.TemplateResponse(request, "overview.html", context)


@router.get("/favicon.ico")
async def favicon() -> FileResponse:
    """Give the icon to browsers that show something that is no page of ours, such as a JSON answer."""
    return FileResponse(STATIC / "favicon.svg", media_type="image/svg+xml")


async def _stores(services: Services, pair: str) -> Sequence[StoreLine]:
    return await asyncio.gather(*(_store(services, pair, platform) for platform in services.platforms))


async def _store(services: Services, pair: str, platform: str) -> StoreLine:
    described = services.platforms[platform]
    field = described.settings_fields[0]
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            connection = await services.connections.get(pair, platform)
    except CrossdockError as error:
        return StoreLine(platform, described.title, field, name="No contact", problem=error.message)
    except TimeoutError:
        problem = f"The store does not answer at once. POST /api/connections/{platform}/check waits, and says why."
        return StoreLine(platform, described.title, field, name="No contact", problem=problem)
    if connection is None:
        return StoreLine(platform, described.title, field)
    name = str(connection.info.get("name") or connection.store_key)
    return StoreLine(platform, described.title, field, name=name, is_connected=True)
