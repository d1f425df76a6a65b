"""Pairs and the stores that they join, over HTTP.

Owns these routes. Secrets come in and never go out.
"""

from http import HTTPStatus
from typing import Annotated, get_args

from fastapi import APIRouter, Path, Query
from starlette.responses import JSONResponse, Response

from crossdock.connectors.contract import FindingLevel
from crossdock.domain.errors import InvalidRequestError, NotFoundError
from crossdock.jobs.connections import Connection
from crossdock.web.api.bodies import (
    ConnectionBody,
    ConnectionList,
    FindingBody,
    FindingList,
    NewConnection,
    NewPair,
    PairBody,
    PairList,
    PairName,
    PlatformName,
    dump,
)
from crossdock.web.errors import documented
from crossdock.web.services import ServicesDep

router = APIRouter(prefix="/api", tags=["Connections"])

_READING = documented(
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.FAILED_DEPENDENCY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_CHANGING = {
    **_READING,
    **documented(HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
}

PairQuery = Annotated[PairName, Query()]
PlatformPath = Annotated[str, Path(json_schema_extra={"enum": list(get_args(PlatformName))})]


@router.get(
    "/pairs", summary="List all pairs", responses={**_READING, 200: {"model": PairList, "description": "All pairs."}}
)
async def list_pairs(services: ServicesDep) -> Response:
    """List all pairs, `default` first."""
    names = await services.connections.pairs()
    return JSONResponse(dump(PairList(pairs=[PairBody(name=name) for name in names])))


@router.post(
    "/pairs",
    summary="Make a pair",
    status_code=HTTPStatus.CREATED,
    responses={**_CHANGING, 201: {"model": PairBody, "description": "The new pair."}},
)
async def create_pair(services: ServicesDep, wanted: NewPair) -> Response:
    """Make a pair without stores."""
    await services.connections.create_pair(wanted.name)
    headers = {"Location": f"/api/connections?pair={wanted.name}"}
    return JSONResponse(dump(PairBody(name=wanted.name)), HTTPStatus.CREATED, headers)


@router.delete(
    "/pairs", summary="Forget a pair and its connections", status_code=HTTPStatus.NO_CONTENT, responses=_CHANGING
)
async def delete_pair(services: ServicesDep, name: PairQuery) -> Response:
    """Forget a pair; its runs and links stay."""
    await services.connections.delete_pair(name)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get(
    "/connections",
    summary="Show both stores of a pair",
    responses={**_READING, 200: {"model": ConnectionList, "description": "Both stores, connected or not."}},
)
async def list_connections(services: ServicesDep, pair: PairQuery = "default") -> Response:
    """Show what a pair is connected to."""
    found = [connection_body(pair, name, await services.connections.get(pair, name)) for name in services.platforms]
    return JSONResponse(dump(ConnectionList(connections=found)))


@router.get(
    "/connections/{platform}",
    summary="Show one store",
    responses={**_READING, 200: {"model": ConnectionBody, "description": "The store, without its secrets."}},
)
async def show_connection(services: ServicesDep, platform: PlatformPath, pair: PairQuery = "default") -> Response:
    """Show one store of a pair, connected or not."""
    connection = await services.connections.get(pair, platform)
    return JSONResponse(dump(connection_body(pair, platform, connection)))


@router.put(
    "/connections/{platform}",
    summary="Connect a store",
    responses={**_CHANGING, 200: {"model": ConnectionBody, "description": "The store, without its secrets."}},
)
async def put_connection(
    services: ServicesDep, platform: PlatformPath, wanted: NewConnection, pair: PairQuery = "default"
) -> Response:
    """Contact the store with these credentials and keep them when it accepts them."""
    secrets = {name: secret.get_secret_value() for name, secret in wanted.secrets.items()}
    connection = await services.connections.put(pair, platform, wanted.settings, secrets)
    return JSONResponse(dump(connection_body(pair, platform, connection)))


@router.delete(
    "/connections/{platform}",
    summary="Forget a store and its credentials",
    status_code=HTTPStatus.NO_CONTENT,
    responses=_CHANGING,
)
async def delete_connection(services: ServicesDep, platform: PlatformPath, pair: PairQuery = "default") -> Response:
    """Forget a store with its secrets; its runs and links stay."""
    connection = await services.connections.get(pair, platform)
    if connection is None:
        raise NotFoundError("not_connected", "There is no such connection.")
    if connection.is_from_environment:
        sentence = "This store is set by the program's variables; take them away there."
        raise InvalidRequestError("set_by_environment", sentence, field="platform")
    await services.connections.delete(pair, platform)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post(
    "/connections/{platform}/check",
    summary="Try every capability that Crossdock needs",
    responses={**_CHANGING, 200: {"model": FindingList, "description": "What the check found."}},
)
async def check_connection(services: ServicesDep, platform: PlatformPath, pair: PairQuery = "default") -> Response:
    """Report each capability as pass, warning or blocker, with advice."""
    findings = await services.connections.check(pair, platform)
    shown = [
        FindingBody(
            capability=finding.capability,
            level=finding.level.value,
            message=finding.message,
            advice=finding.advice or None,
        )
        for finding in findings
    ]
    is_ok = all(finding.level is not FindingLevel.BLOCKER for finding in findings)
    return JSONResponse(dump(FindingList(ok=is_ok, findings=shown)))


def connection_body(pair: str, platform: str, connection: Connection | None) -> ConnectionBody:
    """Describe a connection without its secrets; None is a store that is not connected yet."""
    if connection is None:
        return ConnectionBody(pair=pair, platform=platform, is_connected=False)
    return ConnectionBody(
        pair=connection.pair,
        platform=connection.platform,
        is_connected=True,
        settings=dict(connection.settings),
        store_key=connection.store_key,
        info=dict(connection.info),
        is_from_environment=connection.is_from_environment,
    )
