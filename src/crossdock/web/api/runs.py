"""Runs over HTTP: listed, watched, re-read, exported, paused, resumed, cancelled, retried, undone.

Owns these routes for every kind alike. What a row or a result looks like comes with the run's kind.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from crossdock.domain.difference import Group
from crossdock.domain.errors import InvalidRequestError, NotFoundError
from crossdock.jobs.bodies.runs import results_csv, run_body
from crossdock.state import Run, RunFilter
from crossdock.web.api.bodies import RUN_ID, RunBody, RunList
from crossdock.web.api.choices import SEARCH, filter_parameters
from crossdock.web.api.exports import csv_response
from crossdock.web.api.paging import PageDep, PageQuery
from crossdock.web.api.records import RecordApi, accepted, difference_writer
from crossdock.web.errors import documented
from crossdock.web.services import ServicesDep

_READING = documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)
_CHANGING = documented(
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.FAILED_DEPENDENCY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_CSV: dict[int | str, dict[str, Any]] = {
    200: {"description": "The list as CSV: UTF-8, RFC 4180, safe in spreadsheets.", "content": {"text/csv": {}}}
}
_LIST_PARAMETERS = frozenset({"group", "page", "pageSize", "sort", "direction", "search"})
_CHANGES: Mapping[str, str] = {
    "pause": "Pause after the record in hand",
    "resume": "Go on at the first unfinished step",
    "cancel": "Stop after the record in hand",
    "retry-failed": "Try the failed records again",
    "undo": "Delete what this run created, and only that",
}

RecordApis = Mapping[str, RecordApi]
"""By singular kind name."""

_Cause = Annotated[str, Query(max_length=100, description="Only the records that failed for this cause, by its code.")]


async def _run(services: ServicesDep, run_id: str) -> Run:
    return await services.runs.get(run_id)


def _which(
    pair: Annotated[str, Query(max_length=40)] = "",
    kind: Annotated[str, Query(max_length=40)] = "",
    run_type: Annotated[str, Query(alias="type", pattern="^(compare|sync|undo)?$")] = "",
    state: Annotated[str, Query(max_length=20)] = "",
) -> RunFilter:
    return RunFilter(pair=pair, kind=kind, type=run_type, state=state)


def runs_router(apis: RecordApis) -> APIRouter:
    """Make the routes of runs; `apis` says how the records of each kind are shown."""
    router = APIRouter(prefix="/api/runs", tags=["Runs"])
    _add_list(router)
    _add_events(router)
    _add_differences(router, apis)
    _add_differences_file(router, apis)
    _add_results(router, apis)
    for name, summary in _CHANGES.items():
        _add_change(router, name, summary)
    return router


def _add_list(router: APIRouter) -> None:
    @router.get(
        "",
        summary="List runs, newest first",
        responses={**_READING, 200: {"model": RunList, "description": "One page of runs."}},
    )
    async def list_runs(
        services: ServicesDep, paging: PageDep, which: Annotated[RunFilter, Depends(_which)]
    ) -> Response:
        found, total = await services.runs.list(which, offset=paging.offset, limit=paging.page_size)
        return JSONResponse({"runs": [run_body(run) for run in found], **_figures(total, paging)})

    @router.get(
        "/{run_id}",
        summary="Look a run up",
        responses={**_READING, 200: {"model": RunBody, "description": "The run as it is now."}},
    )
    async def show(run: Annotated[Run, Depends(_run)]) -> Response:
        return JSONResponse(run_body(run))


def _add_events(router: APIRouter) -> None:
    @router.get(
        "/{run_id}/events",
        summary="Follow a run (Server-Sent Events)",
        description="Each event has its sequence number as `id`; send it back as `Last-Event-ID` to go on after it. "
        "`end` comes last, with the run.",
        response_class=EventSourceResponse,
        responses=_READING,
    )
    async def events(
        services: ServicesDep,
        run: Annotated[Run, Depends(_run)],
        last_event_id: Annotated[str | None, Header(pattern=r"^\d{0,18}$")] = None,
    ) -> AsyncIterator[ServerSentEvent]:
        async for event in services.runs.follow(run.id, int(last_event_id or 0)):
            data = {**event.data, "at": event.at.isoformat().replace("+00:00", "Z")}
            yield ServerSentEvent(id=str(event.seq), event=event.type, data=data)
        yield ServerSentEvent(event="end", data=run_body(await services.runs.get(run.id)))


def _page_of(member: str, rows: Sequence[type[BaseModel]]) -> dict[int | str, dict[str, Any]]:
    """Describe a page of a list whose rows differ by kind, with an example of the first kind's."""
    row = rows[0].model_json_schema(mode="serialization")
    whole = {"type": "integer", "minimum": 0}
    schema = {
        "type": "object",
        "required": ["runId", member, "total", "page", "pageSize"],
        "properties": {
            "runId": {"type": "string"},
            member: {"type": "array", "items": {"type": "object"}},
            **dict.fromkeys(("total", "page", "pageSize"), whole),
        },
    }
    example = {"runId": RUN_ID, member: row["examples"][:1], "total": 1, "page": 1, "pageSize": 50}
    content = {"application/json": {"schema": schema, "example": example}}
    return {200: {"description": "One page; rows look as in the body of compare or sync.", "content": content}}


def _filters(apis: RecordApis) -> dict[str, Any]:
    """Describe the filters of all kinds, which are read by name from the query."""
    filters = {one.name: one for api in apis.values() for one in api.compare_kind.filters}
    return {"parameters": filter_parameters(list(filters.values()))}


def _add_differences(router: APIRouter, apis: RecordApis) -> None:
    @router.get(
        "/{run_id}/differences",
        summary="Page through what a comparison found",
        responses={**_READING, **_page_of("differences", [api.rows[Group.ONLY_IN_SOURCE] for api in apis.values()])},
        openapi_extra=_filters(apis),
    )
    async def differences(
        request: Request,
        services: ServicesDep,
        run: Annotated[Run, Depends(_run)],
        paging: PageDep,
        asked: Annotated[_Asked, Depends()],
    ) -> Response:
        api = _api_of(run, apis)
        rows, total = await services.runs.differences(
            run.id,
            asked.group,
            sort=asked.sort,
            descending=asked.descending,
            search=asked.search,
            where=_where(request),
            offset=paging.offset,
            limit=paging.page_size,
        )
        shown = [*map(difference_writer(services, run, api, asked.group), rows)]
        return JSONResponse(
            {"runId": run.id, "group": asked.group.value, "differences": shown, **_figures(total, paging)}
        )


def _add_differences_file(router: APIRouter, apis: RecordApis) -> None:
    @router.get(
        "/{run_id}/differences.csv",
        summary="Export what a comparison found",
        response_class=Response,
        responses={**_READING, **_CSV},
        openapi_extra=_filters(apis),
    )
    async def differences_csv(
        request: Request, services: ServicesDep, run: Annotated[Run, Depends(_run)], asked: Annotated[_Asked, Depends()]
    ) -> Response:
        api = _api_of(run, apis)
        chunks = services.runs.differences_csv(
            run.id,
            asked.group,
            sort=asked.sort,
            descending=asked.descending,
            search=asked.search,
            where=_where(request),
        )
        return await csv_response(chunks, f"{api.kind.plural}-{asked.group.value}-{run.id}.csv")


def _add_results(router: APIRouter, apis: RecordApis) -> None:
    @router.get(
        "/{run_id}/results",
        summary="Page through what became of each record",
        responses={**_READING, **_page_of("results", [api.results for api in apis.values()])},
    )
    async def results(
        services: ServicesDep,
        run: Annotated[Run, Depends(_run)],
        paging: PageDep,
        failed_only: Annotated[bool, Query(alias="failedOnly")] = False,  # noqa: FBT002 - a query parameter
        code: _Cause = "",
    ) -> Response:
        api = _api_of(run, apis)
        rows, total = await services.runs.results(
            run.id, offset=paging.offset, limit=paging.page_size, failed_only=failed_only, code=code
        )
        shown = [api.bodies.result(row) for row in rows]
        return JSONResponse({"runId": run.id, "results": shown, **_figures(total, paging)})

    @router.get(
        "/{run_id}/results.csv",
        summary="Export what became of each record",
        response_class=Response,
        responses={**_READING, **_CSV},
    )
    async def results_file(services: ServicesDep, run: Annotated[Run, Depends(_run)], code: _Cause = "") -> Response:
        api = _api_of(run, apis)
        chunks = results_csv(services.runs.stream_results(run.id, code=code), api.bodies)
        return await csv_response(chunks, f"{api.kind.plural}-results-{run.id}.csv")


def _add_change(router: APIRouter, name: str, summary: str) -> None:
    method = name.replace("-", "_")

    @router.post(
        f"/{{run_id}}/{name}",
        summary=summary,
        name=method,
        status_code=HTTPStatus.ACCEPTED,
        responses={**_CHANGING, 202: {"model": RunBody, "description": "Taken; `Location` is the run to watch."}},
    )
    async def change(services: ServicesDep, run: Annotated[Run, Depends(_run)]) -> Response:
        act: Callable[[str], Awaitable[Run]] = getattr(services.runs, method)
        return accepted(await act(run.id))


class _Asked:
    """Which list is asked for, in which order."""

    def __init__(
        self,
        group: Annotated[Group, Query()] = Group.ONLY_IN_SOURCE,
        sort: Annotated[str | None, Query(max_length=40)] = None,
        direction: Annotated[str | None, Query(pattern="^(asc|desc)$")] = None,
        search: Annotated[str, Query(max_length=200, description=SEARCH)] = "",
    ) -> None:
        self.group = group
        self.sort = sort
        self.descending = None if direction is None else direction == "desc"
        self.search = search


def _where(request: Request) -> dict[str, object]:
    """Take the parameters that are neither paging nor sorting: the kind's filters, which its own readers check."""
    where: dict[str, object] = {}
    for name, value in request.query_params.multi_items():
        if name in where:
            raise InvalidRequestError("request_invalid", "This stands twice in the address.", field=name)
        if name not in _LIST_PARAMETERS:
            where[name] = value
    return where


def _api_of(run: Run, apis: RecordApis) -> RecordApi:
    api = apis.get(run.kind)
    if api is None:
        raise NotFoundError("kind_unknown", f"Runs of the kind {run.kind} can't be shown here.")
    return api


def _figures(total: int, paging: PageQuery) -> dict[str, Any]:
    return {"total": total, "page": paging.page, "pageSize": paging.page_size}
