"""Runs in words, as pages show them: what one does, and what it came to, in a line.

Owns these sentences. It must not know any kind's columns: figures are found by the kind's name.
"""

from collections.abc import Mapping
from typing import Any

from crossdock.bootstrap import Services
from crossdock.state import Run, RunState, RunType

_VERBS = {RunType.COMPARE: "Compare", RunType.SYNC: "Sync", RunType.UNDO: "Undo the sync of"}
_DONE = {RunType.SYNC: "created", RunType.UNDO: "deleted"}


def what_of(services: Services, run: Run) -> str:
    """Say what a run does, between which platforms: “Compare customers, WooCommerce → Shopify”."""
    source, destination = _titles(services, run)
    ending = ", dry run" if run.request.get("dryRun") else ""
    return f"{_VERBS[run.type]} {_plural(services, run)}, {source} → {destination}{ending}"


def figures_of(services: Services, run: Run) -> str:
    """Say what a run came to, or how far it is."""
    if run.error_code:
        return run.error_message
    if not run.summary:
        return "" if run.state.has_ended else (run.phase or "waiting")
    if run.type is RunType.COMPARE:
        return _found(services, run)
    return _moved(run.summary, _DONE[run.type], is_whole=run.state is RunState.DONE)


def _found(services: Services, run: Run) -> str:
    plural, summary = _plural(services, run), run.summary
    source, destination = _titles(services, run)
    parts = (
        (f"{plural}OnlyInSource", f"only in {source}"),
        (f"{plural}OnlyInDestination", f"only in {destination}"),
    )
    found = [f"{summary[name]:,} {words}" for name, words in parts if name in summary]
    if summary.get("suspectMatches"):
        found.append(f"{summary['suspectMatches']:,} to look at")
    return ", ".join(found)


def _moved(summary: Mapping[str, Any], verb: str, *, is_whole: bool) -> str:
    already = summary.get("alreadyThere", 0)
    text = f"{summary.get('succeeded', 0) - already:,} of {summary.get('total', 0):,} {verb}"
    for name, words in (("alreadyThere", "there already"), ("failed", "failed")):
        if summary.get(name):
            text += f", {summary[name]:,} {words}"
    return text if is_whole else f"{text} so far"


def _plural(services: Services, run: Run) -> str:
    kind = services.kinds.get(run.kind)
    return kind.plural if kind else run.kind


def _titles(services: Services, run: Run) -> tuple[str, str]:
    other = next(platform.title for name, platform in services.platforms.items() if name != run.source_platform)
    return services.platforms[run.source_platform].title, other
