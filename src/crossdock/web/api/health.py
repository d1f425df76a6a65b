"""The two probes: is the process up, and can it work."""

import asyncio
from http import HTTPStatus

from fastapi import APIRouter

from crossdock.state import require_room
from crossdock.web.errors import documented
from crossdock.web.services import ServicesDep

router = APIRouter(tags=["Health"])


@router.get("/healthz", summary="Is the process up?")
async def healthz() -> dict[str, str]:
    """Answer as long as the process serves."""
    return {"status": "ok"}


@router.get("/readyz", summary="Can it work?", responses=documented(HTTPStatus.SERVICE_UNAVAILABLE))
async def readyz(services: ServicesDep) -> dict[str, str]:
    """Answer as long as what we remember can be read and added to; a `StateError` becomes 503."""
    await asyncio.to_thread(services.state.database.ping)
    await asyncio.to_thread(require_room, services.settings.data_dir)
    return {"status": "ready"}
