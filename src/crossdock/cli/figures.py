"""A run in words: what it does, and what its summary's members are called on a terminal.

Owns the words and their order. A member that is not known here is shown under its own name, spelt out, so that no
plain figure is left out because it is new.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from crossdock.bootstrap import Services
from crossdock.state import Run, RunType

_WORDS: Mapping[str, str] = {
    "sourceCustomerCount": "In source",
    "destinationCustomerCount": "In destination",
    "matchedCustomers": "In both",
    "customersOnlyInSource": "Only in source",
    "customersOnlyInDestination": "Only in destination",
    "fieldDifferences": "In both, with differences",
    "suspectMatches": "Perhaps the same",
    "matchedWithOtherRole": "In both, another role there",
    "matchedAsDraft": "In both, a draft there",
    "duplicates": "Twice in source",
    "unmatchable": "Not to be matched in source",
    "destinationDuplicates": "Twice in destination",
    "destinationUnmatchable": "Not to be matched in destination",
    "sourceFiltered": "Left out by the options",
    "total": "In all",
    "succeeded": "Succeeded",
    "alreadyThere": "Of these, there already",
    "failed": "Failed",
}
_MAIN = frozenset(
    {
        *("sourceCustomerCount", "destinationCustomerCount", "matchedCustomers"),
        *("customersOnlyInSource", "customersOnlyInDestination"),
        *("total", "succeeded", "failed"),
    }
)
# What was read is the sum of two other figures; the direction stands in the title.
_UNTOLD = frozenset({"sourceRead", "sourceOfTruth"})
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TYPES = {RunType.COMPARE: "Compare", RunType.SYNC: "Sync", RunType.UNDO: "Undo the sync of"}


def figure_rows(*summaries: Mapping[str, Any]) -> list[tuple[object, ...]]:
    """Give a row for each figure: its words, then its value in each summary. Only the main ones are shown when zero."""
    flat = [dict(_flat(summary)) for summary in summaries]
    names = list(dict.fromkeys(name for summary in flat for name in summary))
    names.sort(key=[*_WORDS, *names].index)
    return [
        (_words(name), *values)
        for name in names
        if any(values := [summary.get(name, 0) for summary in flat]) or name in _MAIN
    ]


def platform_titles(services: Services, source: str) -> tuple[str, str]:
    """Name the source and the destination for people."""
    other = next(one.title for name, one in services.platforms.items() if name != source)
    return services.platforms[source].title, other


def headline(services: Services, run: Run) -> str:
    """Say what a run does, between which platforms."""
    found = services.kinds.get(run.kind)
    kind = found.plural if found else run.kind
    source, destination = platform_titles(services, run.source_platform)
    ending = " (dry run)" if run.request.get("dryRun") else ""
    return f"{_TYPES[run.type]} {kind}, {source} → {destination}{ending}"


def _words(name: str) -> str:
    return _WORDS.get(name) or _CAPITAL.sub(" ", name).capitalize()


def _flat(summary: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in summary.items():
        if name in _UNTOLD or isinstance(value, list):
            continue
        if not isinstance(value, Mapping):
            yield name, value
        elif name == "unreadable":
            for side, found in cast("Mapping[str, Mapping[str, Any]]", value).items():
                yield f"unreadableIn{side.capitalize()}", found["count"]
