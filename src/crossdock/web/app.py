"""The web application, put together.

Owns which routers there are and what stands in front of them. Each kind's routes come from its `RecordApi`.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.staticfiles import StaticFiles

from crossdock.bootstrap import Services
from crossdock.web.api import connections, health, metrics
from crossdock.web.api.customers import CUSTOMERS_API
from crossdock.web.api.orders import ORDERS_API
from crossdock.web.api.records import RecordApi, record_router
from crossdock.web.api.runs import runs_router
from crossdock.web.errors import Problem, install_error_handlers
from crossdock.web.loop_delay import LoopDelay
from crossdock.web.pages import connections as connections_page
from crossdock.web.pages import history, layout, overview, reference, run, styleguide
from crossdock.web.pages.errors import error_page
from crossdock.web.pages.tools import tool_routers
from crossdock.web.safety import Policy, SafetyMiddleware
from crossdock.web.templating import STATIC

RECORD_APIS: tuple[RecordApi, ...] = (CUSTOMERS_API, ORDERS_API)
_DESCRIPTION = (
    "Compare and migrate customers and orders between WooCommerce and Shopify. Errors are `application/problem+json` "
    "(RFC 9457) with a stable `code`."
)


def create_app(services: Services) -> FastAPI:
    """Put the application together over open services, which stay the caller's to close."""
    app = FastAPI(
        title="Crossdock",
        version=version("crossdock"),
        description=_DESCRIPTION,
        # FastAPI's own documentation pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        lifespan=_measuring,
    )
    app.state.services = services
    app.state.loop_delay = LoopDelay()
    install_error_handlers(app, error_page)
    for api in RECORD_APIS:
        app.include_router(record_router(api))
    app.include_router(runs_router({api.kind.name: api for api in RECORD_APIS}))
    app.include_router(connections.router)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(layout.router)
    app.include_router(overview.router)
    app.include_router(history.router)
    app.include_router(run.router)
    app.include_router(connections_page.router)
    app.include_router(styleguide.router)
    app.include_router(reference.router)
    for router in tool_routers():
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(SafetyMiddleware, policy=Policy.of(services.settings))
    _describe_by(app)
    return app


@asynccontextmanager
async def _measuring(app: FastAPI) -> AsyncGenerator[None]:
    """Measure the event loop for as long as the application is served."""
    measuring = asyncio.create_task(app.state.loop_delay.measure())
    try:
        yield
    finally:
        measuring.cancel()


def _describe_by(app: FastAPI) -> None:
    """Let `/openapi.json` hold the schema of a problem, to which every documented error refers."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            _, problems = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
            schema["components"].setdefault("schemas", {}).update(problems["$defs"])
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi
