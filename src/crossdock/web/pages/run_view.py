"""One run that writes, as its page shows it: figures, what failed and why, warnings, sums.

Owns this view. It must not know addresses of other pages, nor how a record is moved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock.bootstrap import Services
from crossdock.jobs.lease import waits_for_a_person
from crossdock.state import Control, FailureGroup, Run, RunState, RunType, WorkRow
from crossdock.web.pages.run_lines import RunLine, line_of
from crossdock.web.pages.run_words import NOTHING, deleted_by_kind, duration, phase_of

MANY = 500
"""Above so many records a deletion is confirmed by typing their number."""

_ANNOUNCED_STEPS = 10
_UNKNOWN = "outcome_unknown"
_DONE_WORDS = {RunType.SYNC: "Created", RunType.UNDO: "Deleted"}


@dataclass(frozen=True, slots=True)
class Cause:
    """Records that failed, or were written with a warning, for one reason. `title` is its first sentence."""

    code: str
    count: int
    title: str
    advice: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class SumsTable:
    """What was migrated in one currency, added up on both sides. A row: name, source, destination, difference."""

    currency: str
    records: int
    rows: Sequence[tuple[str, str, str, str]]
    differs: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one record. `href` is empty for records that have no page in the store."""

    label: str
    source_id: str
    outcome: str
    tone: str
    new_id: str
    said: str


@dataclass(frozen=True, slots=True)
class Figures:
    """How far the run is, in numbers and in words; `said` changes every tenth, for whoever listens."""

    total: int
    done: int
    created: int
    already_there: int
    failed: int
    unknown: int
    rate: str
    left: str
    phase: str
    said: str
    done_word: str

    @property
    def parts(self) -> Sequence[Mapping[str, Any]]:
        """The parts of the bar."""
        parts = (
            (self.done_word.lower(), self.created, "accent"),
            ("already there", self.already_there, "soft"),
            ("failed", self.failed, "bad"),
            ("to go", max(0, self.total - self.done), "none"),
        )
        return [
            {"label": label, "count": count, "tone": tone} for label, count, tone in parts if count or tone == "accent"
        ]


@dataclass(frozen=True, slots=True)
class RunView:
    """Everything about one run that its page shows.

    `waits_for_person`: it was left for so long that it goes on only when asked. `waits_for_store` names the platform
    that takes no more requests for `wait_seconds`; empty where none makes it wait.
    """

    line: RunLine
    figures: Figures
    is_live: bool
    is_paused: bool
    is_dry_run: bool
    is_undo: bool
    asked: str
    error: str
    causes: Sequence[Cause] = ()
    warnings: Sequence[Cause] = ()
    sums: Sequence[SumsTable] = ()
    is_cancelled: bool = False
    deleted_by_kind: str = ""
    can_retry: bool = False
    can_undo: bool = False
    can_resume: bool = False
    waits_for_person: bool = False
    waits_for_store: str = ""
    wait_seconds: int = 0

    @property
    def needs_number(self) -> bool:
        """Whether an undo is confirmed by typing how many."""
        return self.figures.created > MANY


def view_of(
    services: Services, run: Run, failures: Sequence[FailureGroup] = (), told: Mapping[str, Any] | None = None
) -> RunView:
    """Gather the view; `told` is what the run's last progress event says."""
    told = told or {}
    figures = figures_of_run(run, failures, told.get("sync", {}))
    has_ended, is_sync = run.state.has_ended, run.type is RunType.SYNC
    waits = not has_ended and run.control is not Control.CANCEL and waits_for_a_person(run, datetime.now(UTC))
    waiting = told.get("waiting", {})
    is_dry = run.is_preview
    return RunView(
        line=line_of(services, run),
        figures=figures,
        is_live=not has_ended and not waits and run.state is not RunState.PAUSED,
        is_paused=run.state is RunState.PAUSED,
        is_dry_run=is_dry,
        is_undo=run.type is RunType.UNDO,
        deleted_by_kind=deleted_by_kind(services, run),
        asked=run.control.value,
        error=run.error_message,
        causes=[_cause(group) for group in failures],
        warnings=[_warning(told) for told in run.summary.get("warnings", run.summary.get("losses", ()))],
        sums=[_sums(line) for line in run.summary.get("reconciliation", ())],
        is_cancelled=run.state is RunState.CANCELLED,
        can_retry=is_sync and has_ended,
        can_undo=is_sync and has_ended and not is_dry and figures.created > 0,
        can_resume=waits or run.state in {RunState.PAUSED, RunState.FAILED},
        waits_for_person=waits and run.state is not RunState.PAUSED,
        waits_for_store=services.platforms[waiting["platform"]].title if waiting else "",
        wait_seconds=int(waiting.get("seconds", 0)),
    )


def figures_of_run(run: Run, failures: Sequence[FailureGroup], progress: Mapping[str, Any]) -> Figures:
    """Read the figures that the run has kept or told last."""
    told: Mapping[str, Any] = {**run.summary, **progress} if not run.state.has_ended else run.summary
    total, succeeded, failed = (int(told.get(name) or 0) for name in ("total", "succeeded", "failed"))
    already, done = int(told.get("alreadyThere") or 0), succeeded + failed
    rate, left = told.get("perSecond"), told.get("secondsLeft")
    tenth = _ANNOUNCED_STEPS * done // total if total else 0
    word = _DONE_WORDS.get(run.type, "Created") if not run.is_preview else "Would be created"
    return Figures(
        total=total,
        done=done,
        created=succeeded - already,
        already_there=already,
        failed=failed,
        unknown=sum(group.count for group in failures if group.code == _UNKNOWN),
        rate=f"{rate:,.1f} a second" if rate else NOTHING,
        left=f"{duration(left)} left" if left else NOTHING,
        phase=phase_of(run),
        said=f"{tenth * 100 // _ANNOUNCED_STEPS} % done, {failed:,} failed" if total else phase_of(run),
        done_word=word,
    )


def result_of(row: WorkRow) -> Result:
    """Write what became of one record."""
    words = {
        "pending": ("Not yet", ""),
        "succeeded": ("Done", "ok"),
        "already_there": ("Already there", "ok"),
        "failed": ("Failed", "bad"),
    }
    outcome, tone = words[row.outcome.value]
    said = row.error or " ".join(reason.message for reason in row.warnings)
    if row.code == _UNKNOWN:
        outcome, tone = "Outcome not known", "warn"
    return Result(
        row.expected or row.label or NOTHING, row.source_id, outcome, tone, row.destination_id or NOTHING, said
    )


def _cause(group: FailureGroup) -> Cause:
    title, _, advice = group.example.partition(". ")
    if group.code == _UNKNOWN:
        return Cause(group.code, group.count, "Outcome not known", group.example, "warn")
    return Cause(group.code, group.count, title.rstrip("."), advice)


def _warning(told: Mapping[str, Any]) -> Cause:
    title, _, advice = str(told["message"]).partition(". ")
    return Cause(str(told["code"]), int(told["count"]), title.rstrip("."), advice, "mute")


def _sums(line: Mapping[str, Any]) -> SumsTable:
    source, destination, difference = line["source"], line["destination"], line["difference"]
    rows = [
        (_words(name), _amount(source[name]), _amount(destination[name]), _amount(difference[name])) for name in source
    ]
    differs = any(Decimal(value) for value in difference.values())
    return SumsTable(str(line["currency"]), int(line["records"]), rows, differs)


def _words(name: str) -> str:
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return spaced.replace("_", " ").strip().capitalize()


def _amount(text: str) -> str:
    try:
        return f"{Decimal(text):,}".replace("-", "\N{MINUS SIGN}")
    except InvalidOperation:
        return text
