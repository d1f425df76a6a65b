"""Runs in words, as pages show them: what one does, where it stands, and what it came to, in a line.

Owns these words. It must not know any kind's columns: figures are found by the kind's name.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crossdock.bootstrap import Services
from crossdock.domain.kinds import CUSTOMER, RecordKind
from crossdock.jobs.lease import waits_for_worker
from crossdock.state import Run, RunState, RunType

_NOW = {RunType.COMPARE: "Comparing", RunType.SYNC: "Syncing", RunType.UNDO: "Undoing"}
_TITLES = {RunType.COMPARE: "Compare", RunType.SYNC: "Sync", RunType.UNDO: "Undo"}
_TONES = {
    RunState.DONE: "ok",
    RunState.FAILED: "bad",
    RunState.RUNNING: "run",
    RunState.PAUSED: "warn",
    RunState.INTERRUPTED: "warn",
}
_PHASES = {
    "reading": "Reading both stores",
    "details": "Reading details",
    "comparing": "Comparing",
    "planning": "Checking both stores",
    "selecting": "Making the list",
    "preparing": "Preparing the destination",
    "writing": "Writing",
    "releasing": "Switching e-mails on again",
    "deleting": "Deleting",
}
WAITING_FOR_WORKER = "Waiting for a worker: all are busy, or none is running"
NOTHING = "\N{EN DASH}"
"""What stands where there is no value."""
_SHORT_ID = 8
_DONE = {RunType.SYNC: "created", RunType.UNDO: "deleted"}


def title_of(run: Run) -> str:
    """Name a run as lists and titles do: its verb and the end of its id."""
    verb = "Preview" if run.is_preview else _TITLES[run.type]
    return f"{verb} {run.id[-_SHORT_ID:]}"


def what_short(services: Services, run: Run) -> str:
    """Say what a run is doing: “Syncing customers”."""
    return f"{_NOW[run.type]} {_plural(services, run)}"


def badge_of(run: Run) -> tuple[str, str]:
    """Give a run's state in words and the tone of its badge; done with failed records is no plain success."""
    failed = run.summary.get("failed", 0) if run.type is not RunType.COMPARE else 0
    if run.state is RunState.DONE and failed:
        return f"Done, {failed:,} failed", "warn"
    if run.state is RunState.DONE and run.is_preview:
        return "Preview, nothing written", "ok"
    return run.state.value.capitalize(), _TONES.get(run.state, "")


def phase_of(run: Run) -> str:
    """Say what a run is at."""
    if waits_for_worker(run, datetime.now(UTC)):
        return WAITING_FOR_WORKER
    return _PHASES.get(run.phase, run.phase.replace("_", " ").capitalize()) if run.phase else "Waiting for its turn"


def share_of(run: Run) -> tuple[int | None, int | None]:
    """Give how many records of how many a run has moved; nothing where that is not known."""
    if run.type is RunType.COMPARE or not run.summary.get("total"):
        return None, None
    return int(run.summary.get("succeeded", 0)) + int(run.summary.get("failed", 0)), int(run.summary["total"])


def short_of(title: str) -> str:
    """Give the two letters that stand for a platform: WC, SH."""
    capitals = "".join(letter for letter in title if letter.isupper())
    return capitals[:2] if len(capitals) > 1 else title[:2].upper()


def moment(at: datetime | None) -> str:
    """Write a time as pages do, in UTC: “14 Nov 2026, 09:31”; none as a dash."""
    if at is None:
        return NOTHING
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M}"


def duration(seconds: float) -> str:
    """Write how long something takes: “48 s”, “3 min 2 s”, “2 h 5 min”."""
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004 - seconds of a minute
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours} h {minutes_left} min" if hours else f"{minutes} min {rest} s"


def figures_of(services: Services, run: Run) -> str:
    """Say what a run came to, or how far it is."""
    if run.error_code:
        return run.error_message
    if not run.summary:
        return "" if run.state.has_ended else (run.phase or "waiting")
    if run.type is RunType.COMPARE:
        return _found(services, run)
    moved = _moved(run.summary, _DONE[run.type], is_whole=run.state is RunState.DONE)
    by_kind = deleted_by_kind(services, run)
    return f"{moved} ({by_kind})" if by_kind else moved


def deleted_by_kind(services: Services, run: Run) -> str:
    """Say what an undo has deleted where that was more than one kind: “10 orders and 4 customers”; else nothing."""
    brought, kind = int(run.summary.get("customersDeleted", 0)), services.kinds.get(run.kind)
    if not brought or kind is None:
        return ""
    own = int(run.summary["succeeded"]) - int(run.summary.get("alreadyThere", 0)) - brought
    return f"{_counted(own, kind)} and {_counted(brought, CUSTOMER)}"


def _counted(number: int, kind: RecordKind) -> str:
    return f"{number:,} {kind.name if number == 1 else kind.plural}"


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
