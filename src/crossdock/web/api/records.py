"""The routes that every record kind has: compare and sync.

Owns how a run is started, waited for, answered at once (`Prefer: respond-async`) or streamed. What is particular to a
kind comes as a `RecordApi`; a further kind brings one and changes nothing here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response, StreamingResponse

from crossdock.bootstrap import Services
from crossdock.compare.kinds import CompareKind
from crossdock.domain.difference import Group
from crossdock.domain.kinds import RecordKind
from crossdock.jobs.bodies import LISTS, RecordBodies
from crossdock.jobs.bodies.runs import run_body
from crossdock.jobs.requests import CompareRequest, SyncRequest
from crossdock.state import Run, RunState, RunType
from crossdock.web.api.bodies import RunBody
from crossdock.web.api.schemas import Examples, comparison_schema, result_schema, row_schemas, sync_schema
from crossdock.web.api.streaming import JsonList, stream_object
from crossdock.web.errors import FailedRunError, documented
from crossdock.web.services import ServicesDep

_PROBLEMS = documented(
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.FAILED_DEPENDENCY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)

ReadCompare = Callable[..., CompareRequest]
ReadSync = Callable[..., Awaitable[SyncRequest]]


@dataclass(frozen=True, slots=True)
class RecordApi:
    """What the routes need to know of a kind.

    `read_compare` and `read_sync` are FastAPI dependencies that turn the kind's body into a request. `bodies` writes
    rows and results; the models are their schemas: `rows` of the lists by group, the others of whole bodies.
    """

    kind: RecordKind
    compare_kind: CompareKind
    bodies: RecordBodies
    read_compare: ReadCompare
    read_sync: ReadSync
    comparison: type[BaseModel]
    sync: type[BaseModel]
    rows: Mapping[Group, type[BaseModel]]
    results: type[BaseModel]


def record_api(
    compare_kind: CompareKind,
    bodies: RecordBodies,
    read_compare: ReadCompare,
    read_sync: ReadSync,
    examples: Examples,
) -> RecordApi:
    """Describe a kind's routes by what is particular to it."""
    rows = row_schemas(bodies, examples)
    result = result_schema(bodies, examples)
    return RecordApi(
        kind=bodies.kind,
        compare_kind=compare_kind,
        bodies=bodies,
        read_compare=read_compare,
        read_sync=read_sync,
        comparison=comparison_schema(bodies, rows, examples),
        sync=sync_schema(bodies, result, examples),
        rows=rows,
        results=result,
    )


def record_router(api: RecordApi) -> APIRouter:
    """Make the routes of one kind."""
    router = APIRouter(prefix=f"/api/{api.kind.plural}", tags=[api.kind.title])

    @router.post(
        "/compare",
        summary=f"Compare the {api.kind.plural} of both stores",
        response_model=None,
        responses=_responses(api.comparison, "What one store has and the other lacks; `differences` are streamed."),
    )
    async def compare(
        services: ServicesDep,
        wanted: Annotated[CompareRequest, Depends(api.read_compare)],
        prefer: Annotated[str | None, Header()] = None,
    ) -> Response:
        run = await services.runs.start_compare(wanted)
        if _wants_no_wait(prefer):
            return accepted(run, applied=True)
        return await _answer(services, run, lambda ended: comparison_members(services, ended, api))

    @router.post(
        "/sync",
        summary=f"Create the selected {api.kind.plural} in the destination",
        response_model=None,
        responses=_responses(api.sync, "What became of each selected record."),
    )
    async def sync(
        request: Request,
        services: ServicesDep,
        wanted: Annotated[SyncRequest, Depends(api.read_sync)],
        prefer: Annotated[str | None, Header()] = None,
        idempotency_key: Annotated[
            str | None,
            Header(min_length=1, max_length=255, description="The same key and body give the same run."),
        ] = None,
    ) -> Response:
        run = await services.runs.start_sync(wanted, idempotency_key=idempotency_key, body=await request.body())
        if _wants_no_wait(prefer):
            return accepted(run, applied=True)
        return await _answer(services, run, lambda ended: sync_members(services, ended, api))

    return router


def accepted(run: Run, *, applied: bool = False) -> Response:
    """Answer 202 with the run's address; `applied`: since the caller preferred so (RFC 7240)."""
    headers = {"Location": f"/api/runs/{run.id}"}
    if applied:
        headers["Preference-Applied"] = "respond-async"
    return JSONResponse(run_body(run), HTTPStatus.ACCEPTED, headers)


def comparison_members(services: Services, run: Run, api: RecordApi) -> Mapping[str, JsonList | Any]:
    """Give the members of a comparison's body, its lists as streams."""
    members: dict[str, JsonList | Any] = {"runId": run.id}
    for name, group in LISTS.items():
        # A group that the kind never fills is an empty list: its member is part of the contract.
        has_rows = group in api.compare_kind.groups
        write = difference_writer(services, run, api, group)
        members[name] = JsonList(services.runs.stream_differences(run.id, group), write) if has_rows else []
    return {**members, "summary": dict(run.summary)}


def sync_members(services: Services, run: Run, api: RecordApi) -> Mapping[str, JsonList | Any]:
    """Give the members of a sync's body, its results as a stream."""
    results = JsonList(services.runs.stream_results(run.id), api.bodies.result)
    return {"runId": run.id, "results": results, "summary": dict(run.summary)}


def difference_writer(
    services: Services, run: Run, api: RecordApi, group: Group
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Give what writes the rows of one list, with what is the same for all rows of its run."""
    source = run.source_platform
    destination = next(name for name in services.platforms if name != source)
    return lambda row: api.bodies.difference(group, row, source, destination)


def _wants_no_wait(prefer: str | None) -> bool:
    return any(part.partition(";")[0].strip().lower() == "respond-async" for part in (prefer or "").split(","))


async def _answer(services: Services, run: Run, members: Callable[[Run], Mapping[str, JsonList | Any]]) -> Response:
    # Nothing ties the run to this wait: when the caller hangs up, only the answer is lost.
    ended = await services.runs.wait(run.id, gives_up=True)
    match ended.state:
        case RunState.FAILED:
            raise FailedRunError(ended.id, ended.error_code, ended.error_message)
        case RunState.CANCELLED if ended.type is RunType.COMPARE:
            raise FailedRunError(ended.id, "run_cancelled", "The comparison was cancelled; start another.")
        case RunState.DONE | RunState.CANCELLED:
            return StreamingResponse(stream_object(members(ended)), media_type="application/json")
        case _:
            return accepted(ended)


def _responses(model: type[BaseModel], description: str) -> dict[int | str, dict[str, Any]]:
    location = {"Location": {"description": "The address of the run.", "schema": {"type": "string"}}}
    return {
        200: {"model": model, "description": description},
        202: {
            "model": RunBody,
            "description": "The run was started, is paused or waits for a worker.",
            "headers": location,
        },
        **_PROBLEMS,
    }
