"""The first page: the state of both stores, the first steps, what ran last and what it found.

Owns this page. A store that does not answer is said so on it; the page itself always comes.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from crossdock.bootstrap import Services
from crossdock.domain.errors import CrossdockError
from crossdock.domain.kinds import RecordKind
from crossdock.state import Run, RunFilter, RunState, RunType
from crossdock.web.pages.layout import pair_of, render, with_pair
from crossdock.web.pages.mail_notice import mail_notices
from crossdock.web.pages.run_lines import StoreName, line_of
from crossdock.web.pages.run_words import moment
from crossdock.web.services import ServicesDep
from crossdock.web.templating import STATIC

router = APIRouter(include_in_schema=False)

_LAST_RUNS = 8
"""Among how many a real one is looked for: the confirming dialog makes previews."""

_PATIENCE_SECONDS = 4.0
"""How long the page waits for a store; whoever wants to know why it is silent asks for a check, which is patient."""


@dataclass(frozen=True, slots=True)
class StoreLine:
    """One store as the page shows it: `facts` are pairs of label and value."""

    store: StoreName
    name: str = ""
    is_connected: bool = False
    problem: str = ""
    facts: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first steps; `state` is done, now or empty. `href` is where it is done."""

    title: str
    help: str
    state: str
    note: str
    href: str
    action: str


@router.get("/")
async def overview(request: Request, services: ServicesDep) -> Response:
    """Show the stores and the last runs of the pair in hand."""
    pair = pair_of(request)
    stores = await asyncio.gather(*(_store(services, pair, platform) for platform in services.platforms))
    runs, total = await services.runs.list(RunFilter(pair=pair, is_preview=False), limit=_LAST_RUNS)
    last = {kind.name: await _last_compare(services, pair, kind.name) for kind in services.kinds.values()}
    steps = await _steps(services, pair, stores, last)
    context = {
        "pair": pair,
        "mail_notices": await mail_notices(services),
        "stores": stores,
        "steps": steps,
        "steps_done": sum(step.state == "done" for step in steps),
        "compares": [line_of(services, run) for run in last.values() if run is not None],
        "runs": [line_of(services, run) for run in runs],
        "total": total,
        "connections": with_pair("/connections", pair),
        "history": with_pair("/runs", pair),
    }
    return await render(request, "overview.html", context, here="overview")


@router.get("/favicon.ico")
async def favicon() -> FileResponse:
    """Give the icon to browsers that show something that is no page of ours, such as a JSON answer."""
    return FileResponse(STATIC / "favicon.svg", media_type="image/svg+xml")


async def _store(services: Services, pair: str, platform: str) -> StoreLine:
    title = services.platforms[platform].title
    bare = StoreName.of(title)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            connection = await services.connections.get(pair, platform)
    except CrossdockError as error:
        return StoreLine(bare, problem=error.message)
    except TimeoutError:
        return StoreLine(bare, problem="The store does not answer at once. A check waits, and says why.")
    if connection is None:
        return StoreLine(bare)
    info = connection.info
    labels = {"Currency": "currency", "Time zone": "timeZone", "API": "apiVersion", "Plan": "plan"}
    facts = [(label, str(info[key])) for label, key in labels.items() if info.get(key)]
    name = str(info.get("name") or connection.store_key)
    return StoreLine(StoreName.of(title, connection.store_key), name, is_connected=True, facts=facts)


async def _last_compare(services: Services, pair: str, kind: str) -> Run | None:
    which = RunFilter(pair=pair, kind=kind, type=RunType.COMPARE, state=RunState.DONE)
    runs, _ = await services.runs.list(which, limit=1)
    return runs[0] if runs else None


async def _steps(
    services: Services, pair: str, stores: Sequence[StoreLine], last: Mapping[str, Run | None]
) -> Sequence[Step]:
    """Give the first steps, each done or not; the first that is not is the one to take now."""
    wanted: list[tuple[str, str, bool, str, str, str]] = []
    connections = with_pair("/connections", pair)
    for store in stores:
        note = store.name if store.is_connected else ""
        is_done = store.is_connected or bool(store.problem)
        title = f"Connect {store.store.title}"
        wanted.append((title, "Its address and a key. Both are checked first.", is_done, note, connections, "Connect"))
    for kind in services.kinds.values():
        tool, path = f"Open {kind.name.capitalize()} Sync", with_pair(f"/{kind.name}-sync", pair)
        compared = last[kind.name]
        note = moment(compared.ended_at) if compared else ""
        title = f"Compare {kind.plural}"
        wanted.append((title, "Only reads: nothing is written.", compared is not None, note, path, tool))
        real = RunFilter(pair=pair, kind=kind.name, type=RunType.SYNC, is_preview=False)
        synced, _ = await services.runs.list(real, limit=1)
        note = moment(synced[0].created_at) if synced else ""
        title = f"Bring the missing {kind.plural} over"
        wanted.append((title, _advice(kind), bool(synced), note, path, tool))
    now = next((number for number, step in enumerate(wanted) if not step[2]), None)
    return [
        Step(title, help_, "done" if done else "now" if number == now else "", note, href, action)
        for number, (title, help_, done, note, href, action) in enumerate(wanted)
    ]


def _advice(kind: RecordKind) -> str:
    return (
        f"Choose some {kind.plural}, see what a sync would write, then start it. "
        "What it created can be undone as long as it was not changed."
    )
