"""The routes that every record kind has: compare and sync.

Owns how a run is started, waited for, answered at once (`Prefer: respond-async`) or streamed. What is particular to a
kind comes as a `RecordApi`; a further kind brings one and changes nothing here.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel, TypeAdapter
from starlette.responses import JSONResponse, Response, StreamingResponse

from crossdock.bootstrap import Services
from crossdock.compare.kinds import CompareKind
from crossdock.domain.difference import Group
from crossdock.domain.kinds import RecordKind
from crossdock.jobs.requests import CompareRequest, SyncRequest
from crossdock.state import Run, RunState, RunType, WorkRow
from crossdock.web.api.bodies import RunBody, dump
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
DIFFERENCES = "differences"
"""What the contract calls the group of records that exist in the source only."""


@dataclass(frozen=True, slots=True)
class RecordApi:
    """What the routes need to know of a kind.

    `read_compare` and `read_sync` are FastAPI dependencies that turn the kind's body into a request. `rows` are the
    schemas of the lists by group, `results` the one of results, and `result` gives a result its shape.
    """

    kind: RecordKind
    compare_kind: CompareKind
    read_compare: Callable[..., CompareRequest]
    read_sync: Callable[..., Awaitable[SyncRequest]]
    comparison: type[BaseModel]
    sync: type[BaseModel]
    rows: Mapping[Group, TypeAdapter[Any]]
    results: TypeAdapter[Any]
    result: Callable[[WorkRow], BaseModel]
    result_columns: Mapping[str, str]


def record_router(api: RecordApi) -> APIRouter:
    """Make the routes of one kind."""
    router = APIRouter(prefix=f"/api/{api.kind.plural}", tags=[api.kind.title])

    @router.post(
        "/compare",
        summary=f"Compare the {api.kind.plural} of both stores",
        response_model=None,
        responses=_responses(api.comparison, f"What one store has and the other lacks; `{DIFFERENCES}` are streamed."),
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


def run_body(run: Run) -> RunBody:
    """Describe a run for an answer."""
    has_failed = bool(run.error_code)
    return RunBody.model_validate(
        {
            "run_id": run.id,
            "type": str(run.type),
            "kind": run.kind,
            "pair": run.pair,
            "source_of_truth": run.source_platform,
            "state": str(run.state),
            "phase": run.phase,
            "summary": dict(run.summary),
            "error": {"code": run.error_code, "detail": run.error_message} if has_failed else None,
            "created_at": run.created_at,
            "started_at": run.started_at,
            "ended_at": run.ended_at,
            "parent_run_id": run.parent_run_id,
        }
    )


def accepted(run: Run, *, applied: bool = False) -> Response:
    """Answer 202 with the run's address; `applied`: since the caller preferred so (RFC 7240)."""
    headers = {"Location": f"/api/runs/{run.id}"}
    if applied:
        headers["Preference-Applied"] = "respond-async"
    return JSONResponse(dump(run_body(run)), HTTPStatus.ACCEPTED, headers)


def comparison_members(services: Services, run: Run, api: RecordApi) -> Mapping[str, JsonList | Any]:
    """Give the members of a comparison's body, its lists as streams."""
    members: dict[str, JsonList | Any] = {"runId": run.id}
    for group, adapter in api.rows.items():
        name = DIFFERENCES if group is Group.ONLY_IN_SOURCE else group.value
        # A group that the kind never fills is an empty list: its member is part of the contract.
        has_rows = group in api.compare_kind.groups
        members[name] = JsonList(adapter, difference_rows(services, run, group)) if has_rows else []
    return {**members, "summary": dict(run.summary)}


def sync_members(services: Services, run: Run, api: RecordApi) -> Mapping[str, JsonList | Any]:
    """Give the members of a sync's body, its results as a stream."""

    async def results() -> AsyncIterator[Sequence[BaseModel]]:
        async for chunk in services.runs.stream_results(run.id):
            yield [api.result(row) for row in chunk]

    return {"runId": run.id, "results": JsonList(api.results, results()), "summary": dict(run.summary)}


async def difference_rows(services: Services, run: Run, group: Group) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    """Give a comparison's list in chunks, with what is the same for all rows of its run."""
    async for chunk in services.runs.stream_differences(run.id, group):
        yield with_platforms(services, run, chunk)


def with_platforms(services: Services, run: Run, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Add the two platforms of a run to rows of its result."""
    source = run.source_platform
    destination = next(name for name in services.platforms if name != source)
    return [{**row, "source_platform": source, "destination_platform": destination} for row in rows]


def _wants_no_wait(prefer: str | None) -> bool:
    return any(part.partition(";")[0].strip().lower() == "respond-async" for part in (prefer or "").split(","))


async def _answer(services: Services, run: Run, members: Callable[[Run], Mapping[str, JsonList | Any]]) -> Response:
    # Nothing ties the run to this wait: when the caller hangs up, only the answer is lost.
    ended = await services.runs.wait(run.id)
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
        202: {"model": RunBody, "description": "The run was started or is paused.", "headers": location},
        **_PROBLEMS,
    }
