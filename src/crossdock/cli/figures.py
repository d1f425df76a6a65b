"""A run in words: what it does, and what its summary's members are called on a terminal.

Owns the words and their order. A member that is not known here is shown under its own name, spelt out, so that no
plain figure is left out because it is new.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from crossdock.bootstrap import Services
from crossdock.state import Run, RunType


@dataclass(frozen=True, slots=True)
class _Figure:
    """Members of a summary by a pattern of their names, in which a kind's name may stand. The main ones always show."""

    pattern: re.Pattern[str]
    words: str
    is_main: bool = False


def _figure(pattern: str, words: str, *, is_main: bool = False) -> _Figure:
    return _Figure(re.compile(pattern), words, is_main)


_FIGURES = (
    _figure("source[A-Z][a-z]+Count", "In source", is_main=True),
    _figure("destination[A-Z][a-z]+Count", "In destination", is_main=True),
    _figure("matched(?!As|With)[A-Z][a-z]+", "In both", is_main=True),
    _figure("[a-z]+OnlyInSource", "Only in source", is_main=True),
    _figure("[a-z]+OnlyInDestination", "Only in destination", is_main=True),
    _figure("fieldDifferences", "In both, with differences"),
    _figure("suspectMatches", "Perhaps the same"),
    _figure("matchedWithOtherRole", "In both, another role there"),
    _figure("matchedAsDraft", "In both, a draft there"),
    _figure("duplicates", "Twice in source"),
    _figure("unmatchable", "Not to be matched in source"),
    _figure("destinationDuplicates", "Twice in destination"),
    _figure("destinationUnmatchable", "Not to be matched in destination"),
    _figure("sourceFiltered", "Left out by the options"),
    _figure("total", "In all", is_main=True),
    _figure("succeeded", "Succeeded", is_main=True),
    _figure("alreadyThere", "Of these, there already"),
    _figure("customersDeleted", "Of these, customers that came along"),
    _figure("failed", "Failed", is_main=True),
)
# What was read is the sum of two other figures; the direction stands in the title.
_UNTOLD = frozenset({"sourceRead", "sourceOfTruth"})
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TYPES = {RunType.COMPARE: "Compare", RunType.SYNC: "Sync", RunType.UNDO: "Undo the sync of"}


def figure_rows(*summaries: Mapping[str, Any]) -> list[tuple[object, ...]]:
    """Give a row for each figure: its words, then its value in each summary. Only the main ones are shown when zero."""
    flat = [dict(_flat(summary)) for summary in summaries]
    names = dict.fromkeys(name for summary in flat for name in summary)
    known = {name: next((figure for figure in _FIGURES if figure.pattern.fullmatch(name)), None) for name in names}
    return [
        (figure.words if figure else _spelt_out(name), *values)
        for name, figure in sorted(known.items(), key=lambda item: _place(item[1]))
        if any(values := [summary.get(name, 0) for summary in flat]) or (figure and figure.is_main)
    ]


def _place(figure: _Figure | None) -> int:
    return _FIGURES.index(figure) if figure else len(_FIGURES)


def platform_titles(services: Services, source: str) -> tuple[str, str]:
    """Name the source and the destination for people."""
    other = next(one.title for name, one in services.platforms.items() if name != source)
    return services.platforms[source].title, other


def headline(services: Services, run: Run) -> str:
    """Say what a run does, between which platforms."""
    found = services.kinds.get(run.kind)
    kind = found.plural if found else run.kind
    source, destination = platform_titles(services, run.source_platform)
    ending = " (dry run)" if run.is_preview else ""
    return f"{_TYPES[run.type]} {kind}, {source} → {destination}{ending}"


def _spelt_out(name: str) -> str:
    return _CAPITAL.sub(" ", name).capitalize()


def _flat(summary: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in summary.items():
        if name in _UNTOLD or isinstance(value, list):
            continue
        if not isinstance(value, Mapping):
            yield name, value
        elif name == "unreadable":
            for side, found in cast("Mapping[str, Mapping[str, Any]]", value).items():
                yield f"unreadableIn{side.capitalize()}", found["count"]
