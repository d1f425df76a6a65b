"""`/metrics`: how the program is doing, for Prometheus.

Owns the metrics' names, which docs/reference/metrics.md lists. Kinds, states and platforms are all that is named: no
person, record, run or store.
"""

import asyncio
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import product
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse

from crossdock.connectors.tally import StoreTally
from crossdock.domain.kinds import KindRegistry
from crossdock.state import RecordState, RunState, RunType
from crossdock.state.census import Census, take_census
from crossdock.web.errors import documented
from crossdock.web.exposition import MEDIA_TYPE, Metric, Sample, exposition
from crossdock.web.loop_delay import BOUNDS_SECONDS, LoopDelay
from crossdock.web.services import ServicesDep

router = APIRouter(tags=["Health"])

_EXAMPLE = "# TYPE crossdock_mutes_held gauge\ncrossdock_mutes_held 0\n"


def _loop_delay_of(request: Request) -> LoopDelay:
    return cast("LoopDelay", request.app.state.loop_delay)


@router.get(
    "/metrics",
    summary="How is it doing?",
    response_class=PlainTextResponse,
    responses={
        200: {"description": "Figures for Prometheus.", "content": {"text/plain": {"example": _EXAMPLE}}},
        **documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE),
    },
)
async def metrics(
    services: ServicesDep, loop_delay: Annotated[LoopDelay, Depends(_loop_delay_of)]
) -> PlainTextResponse:
    """Count runs, records, requests to stores, muted settings and the delays of the event loop.

    The text is Prometheus' exposition format 0.0.4; figures of what is remembered are of now, counters of this process
    since its start. Where a token is set, Prometheus must send it.
    """
    census = await asyncio.to_thread(take_census, services.state.database)
    found = (*_of_census(census, services.kinds), _of_requests(services.tallies), _of_loop(loop_delay))
    return PlainTextResponse(exposition(found), media_type=MEDIA_TYPE)


def _of_census(census: Census, kinds: KindRegistry) -> Iterator[Metric]:
    yield Metric(
        "crossdock_runs",
        "gauge",
        "Runs that are remembered, by type, kind of record and state.",
        [
            Sample(census.runs.get((type_, kind, state), 0), {"type": type_, "kind": kind, "state": state})
            for type_, kind, state in product(RunType, kinds, RunState)
        ],
    )
    yield Metric(
        "crossdock_records",
        "gauge",
        "Records of the ledger, by kind and state; unknown are those that may or may not be in the destination.",
        [
            Sample(census.records.get((kind, state), 0), {"kind": kind, "state": state})
            for kind, state in product(kinds, RecordState)
        ],
    )
    yield Metric(
        "crossdock_mutes_held",
        "gauge",
        "Settings of stores that are held at another value and wait to be restored.",
        [Sample(census.mutes_held)],
    )


def _of_requests(tallies: Mapping[str, StoreTally]) -> Metric:
    return Metric(
        "crossdock_store_requests_total",
        "counter",
        "Requests to stores, tries by tries, by platform, intent and outcome.",
        [
            Sample(count, {"platform": platform, "intent": "write" if is_write else "read", "outcome": outcome})
            for platform, tally in tallies.items()
            for (is_write, outcome), count in tally.counts().items()
        ],
    )


def _of_loop(delay: LoopDelay) -> Metric:
    bounds = [*(str(bound) for bound in BOUNDS_SECONDS), "+Inf"]
    counts = delay.cumulative
    return Metric(
        "crossdock_event_loop_delay_seconds",
        "histogram",
        "How much later than asked the event loop came back, measured ten times a second.",
        [
            *(Sample(count, {"le": bound}, "_bucket") for bound, count in zip(bounds, counts, strict=True)),
            Sample(delay.total_seconds, suffix="_sum"),
            Sample(counts[-1], suffix="_count"),
        ],
    )
