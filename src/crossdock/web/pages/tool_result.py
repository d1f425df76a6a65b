"""The result of a comparison, ready for its page: figures, chart, tabs, the list and what is chosen of it.

Owns what is gathered for that page. It must not know how it is drawn or any kind of record.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from crossdock.bootstrap import Services
from crossdock.compare.kinds import CompareKind
from crossdock.compare.spec import Summary
from crossdock.domain.difference import Counts, Group
from crossdock.domain.errors import InvalidRequestError
from crossdock.jobs.selections import Chosen
from crossdock.state import Run
from crossdock.web.pages.tool_chart import make_chart
from crossdock.web.pages.tool_list import PAGE_ROWS, ListState, headings, pager, shown_rows
from crossdock.web.pages.tool_options import filter_fields, title_of
from crossdock.web.pages.tool_stores import Direction
from crossdock.web.pages.tool_words import GROUP_TITLES, ToolWords

_WAYS: Mapping[str, str] = {
    "link": "our own links",
    "email": "e-mail",
    "name phone": "name and telephone",
    "email total time": "e-mail, total, time",
    "number": "number",
    "draft": "their drafts",
}
"""How records were matched, where the rule's own name says it badly."""
_EMPTY: Mapping[Group, str] = {
    Group.ONLY_IN_SOURCE: "The destination has everything that the source has.",
    Group.SUSPECT_MATCHES: "No two records share a number and differ in the rest.",
    Group.FIELD_DIFFERENCES: "What both stores have is equal in every field that both can hold.",
    Group.DUPLICATES: "Neither store has a record twice.",
    Group.UNMATCHABLE: "Every record is identified by something.",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the five figures."""

    label: str
    value: int
    note: str
    is_hot: bool = False


@dataclass(frozen=True, slots=True)
class Tab:
    """A list of the result with the number of its rows."""

    label: str
    count: int
    href: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class SetFilter:
    """A search or filter that is set, with the link that drops it."""

    label: str
    value: str
    href: str


async def list_context(
    services: Services, run: Run, words: ToolWords, state: ListState, direction: Direction
) -> dict[str, Any]:
    """Gather the list alone: what paging, sorting, searching and ticking change."""
    kind = services.tools[run.kind].compare
    problem = ""
    try:
        rows, total, state = await _page(services, run, state)
    except InvalidRequestError as error:
        rows, total, problem = [], 0, error.message
    is_selectable = state.group in kind.selectable
    chosen, ticked = Chosen(0), frozenset[str]()
    if is_selectable:
        ids = [str(row["source_id"]) for row in rows]
        chosen, ticked = await asyncio.gather(
            services.selections.read(run.id, state.group), services.selections.chosen_among(run.id, state.group, ids)
        )
    shown = shown_rows(rows, words, state, direction.formats, ticked)
    first = state.offset + 1 if rows else 0
    return {
        "words": words,
        "run": run,
        "state": state,
        "direction": direction,
        "problem": problem,
        "headings": headings(words, state, kind),
        "rows": shown,
        "total": total,
        "span": f"{first:,}–{state.offset + len(rows):,} of {total:,}" if rows else f"0 of {total:,}",  # noqa: RUF001
        "pager": pager(state, total) if total > PAGE_ROWS else [],
        "is_selectable": is_selectable,
        "chosen": chosen,
        "is_all_ticked": bool(shown) and all(row.is_chosen for row in shown),
        "hidden": state.parameters(),
        "fields": filter_fields(kind.filters, state.group, state.where, words.names),
        "set_filters": _set_filters(state, words.names),
        "export_href": _export_href(run, state),
        "query": urlencode(state.parameters()),
        "noun": words.kind.name,
        "list_title": GROUP_TITLES[state.group],
        "empty_text": _EMPTY[state.group],
    }


async def result_context(
    services: Services, run: Run, words: ToolWords, state: ListState, direction: Direction
) -> dict[str, Any]:
    """Gather the whole page."""
    summary, listed = await asyncio.gather(
        services.inspection.figures(run.id), list_context(services, run, words, state, direction)
    )
    kind = services.tools[run.kind].compare

    def href(first: date, after: date) -> str:
        return state.span_href(first.isoformat(), after.isoformat())

    finished = direction.formats.moment(run.ended_at)
    return {
        **listed,
        "figures": figures_of(summary),
        "chart": make_chart(summary.chart, href),
        "tabs": _tabs(summary, kind, state),
        "subtitle": f"Compared {finished}",
        "again_href": f"/{words.slug}?{urlencode({'source': run.source_platform, 'pair': run.pair})}",
        "unreadable": _unreadable(run),
    }


def figures_of(summary: Summary) -> list[Figure]:
    """Give the five figures of a result."""
    counts: Counts = summary.counts
    others = sum(rows for group, rows in summary.rows.items() if group is not Group.ONLY_IN_SOURCE)
    left_out = f"{counts.source_filtered:,} left out by options" if counts.source_filtered else "none left out"
    ways = sorted((counts.matched_by or {}).items(), key=lambda way: -way[1])
    matched = f"{ways[0][1]:,} of them by {_way(ways[0][0])}" if ways else "none"
    missing = "can be brought over" if counts.only_in_source else "nothing is missing"
    return [
        Figure("In source", counts.source, left_out),
        Figure("In destination", counts.destination, f"{counts.only_in_destination:,} only there"),
        Figure("Matched", counts.matched, matched),
        Figure("Only in source", counts.only_in_source, missing, is_hot=True),
        Figure("Need a look", others, "in the other lists"),
    ]


def _way(rule: str) -> str:
    words = rule.replace("_", " ")
    return _WAYS.get(words, words)


async def _page(services: Services, run: Run, state: ListState) -> tuple[list[Mapping[str, Any]], int, ListState]:
    """Read a page; where the list has become shorter than its address thinks, the last one."""
    while True:
        rows, total = await services.runs.differences(
            run.id,
            state.group,
            sort=state.sort or None,
            descending=state.descending,
            search=state.search,
            where=state.where,
            offset=state.offset,
            limit=PAGE_ROWS,
        )
        last = max(1, -(-total // PAGE_ROWS))
        if state.page <= last:
            return list(rows), total, state
        state = replace(state, page=last)


def _tabs(summary: Summary, kind: CompareKind, state: ListState) -> list[Tab]:
    return [
        Tab(title, summary.rows.get(group, 0), state.group_href(group), group is state.group)
        for group, title in GROUP_TITLES.items()
        if group in kind.groups
    ]


def _set_filters(state: ListState, names: Mapping[str, str]) -> list[SetFilter]:
    words = {"true": "yes", "false": "no"}
    search = [SetFilter("Search", state.search, state.href(search=None))] if state.search else []
    return search + [
        SetFilter(title_of(name, names), words.get(value, value), state.href(**{name: None}))
        for name, value in state.where.items()
    ]


def _export_href(run: Run, state: ListState) -> str:
    """Link to the list as it stands, whole: the address of its pages, less what only a page needs."""
    given = {"group": state.group.value, **state.narrowing()}
    if state.sort:
        given |= {"sort": state.sort, "direction": "desc" if state.is_descending else "asc"}
    return f"/api/runs/{run.id}/differences.csv?{urlencode(given)}"


def _unreadable(run: Run) -> int:
    told: Mapping[str, Any] = run.summary.get("unreadable") or {}
    return sum(int(side.get("count") or 0) for side in told.values())
