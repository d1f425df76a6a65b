"""The history: every run, filtered and page by page.

Owns this page. It must not know what a run's own page shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from crossdock.bootstrap import Services
from crossdock.state import RunFilter, RunState, RunType
from crossdock.web.pages.layout import pair_of, render, with_pair
from crossdock.web.pages.run_lines import line_of
from crossdock.web.services import ServicesDep

router = APIRouter(include_in_schema=False)

PAGE_ROWS = 25
_DEEPEST_PAGE = 1_000_000
_PREVIEW = "preview"
_TABS = (
    ("", "All"),
    (RunType.COMPARE, "Comparisons"),
    (RunType.SYNC, "Syncs"),
    (RunType.UNDO, "Undone"),
    (_PREVIEW, "Previews"),
)
"""Previews are listed apart: a dialog that is opened makes one, and it changes nothing."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One list among others, with its length."""

    href: str
    label: str
    count: int
    is_here: bool


@dataclass(frozen=True, slots=True)
class Pager:
    """Which rows of how many are shown, and the addresses around; empty where there is none."""

    first: int
    last: int
    total: int
    start: str
    previous: str
    next: str
    end: str

    @classmethod
    def of(cls, path: str, pair: str, query: dict[str, str], *, page: int, total: int) -> "Pager":
        """Lay out the pages of a list of `total` rows."""
        pages = max(1, -(-total // PAGE_ROWS))

        def address(number: int) -> str:
            return with_pair(path, pair, **query, page="" if number == 1 else number)

        is_first, is_last = page <= 1, page >= pages
        return cls(
            first=min((page - 1) * PAGE_ROWS + 1, total),
            last=min(page * PAGE_ROWS, total),
            total=total,
            start="" if is_first else address(1),
            previous="" if is_first else address(min(page - 1, pages)),
            next="" if is_last else address(page + 1),
            end="" if is_last else address(pages),
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which runs are listed; `type` is that of a tab."""

    pair: str
    kind: str
    type: str
    state: str

    def runs(self) -> RunFilter:
        """Write it as the filter of runs."""
        is_preview = self.type == _PREVIEW
        type_ = RunType.SYNC if is_preview else self.type
        return RunFilter(pair=self.pair, kind=self.kind, type=type_, state=self.state, is_preview=is_preview)


def _asked(
    request: Request,
    kind: Annotated[str, Query(max_length=40)] = "",
    tab: Annotated[str, Query(alias="type", max_length=20)] = "",
    state: Annotated[str, Query(max_length=20)] = "",
) -> _Asked:
    return _Asked(pair_of(request), kind, tab, state)


@router.get("/runs")
async def history(
    request: Request,
    services: ServicesDep,
    asked: Annotated[_Asked, Depends(_asked)],
    page: Annotated[int, Query(ge=1, le=_DEEPEST_PAGE)] = 1,
) -> Response:
    """List the runs of the pair in hand, newest first."""
    pair = asked.pair
    runs, total = await services.runs.list(asked.runs(), offset=(page - 1) * PAGE_ROWS, limit=PAGE_ROWS)
    query = {"kind": asked.kind, "type": asked.type, "state": asked.state}
    context = {
        "tabs": await _tabs(services, asked),
        "runs": [line_of(services, run) for run in runs],
        "pager": Pager.of("/runs", pair, query, page=page, total=total),
        "asked": {**query, "pair": pair},
        "is_filtered": any(query.values()),
        "everything": with_pair("/runs", pair),
        "kinds": [("", "Every kind"), *((one.name, one.title) for one in services.kinds.values())],
        "states": [("", "Any outcome"), *((one.value, one.value.capitalize()) for one in RunState)],
    }
    return await render(request, "history.html", context, here="runs", block="list")


async def _tabs(services: Services, asked: _Asked) -> Sequence[Tab]:
    tabs: list[Tab] = []
    for type_, label in _TABS:
        _, count = await services.runs.list(replace(asked, type=type_).runs(), limit=1)
        href = with_pair("/runs", asked.pair, kind=asked.kind, type=type_, state=asked.state)
        tabs.append(Tab(href, label, count, is_here=asked.type == type_))
    return tabs
