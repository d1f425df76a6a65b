"""Runs and stores as rows and strips of pages.

Owns how a run becomes a row of a list. It must not know which page shows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.bootstrap import Services
from crossdock.state import Run, RunType
from crossdock.web.pages.run_words import NOTHING, badge_of, duration, figures_of, moment, short_of, title_of


@dataclass(frozen=True, slots=True)
class StoreName:
    """A store in a strip or a table: two letters, the platform's title, and the store's address."""

    short: str
    title: str
    host: str = ""

    @classmethod
    def of(cls, title: str, store_key: str = "") -> "StoreName":
        """Name a store by its platform; its key is its address."""
        return cls(short_of(title), title, store_key)


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run as a row. `figures` is what it came to in a line; numbers are written out, a dash where there is none."""

    id: str
    href: str
    title: str
    kind: str
    source: StoreName
    destination: StoreName
    badge: str
    tone: str
    figures: str
    records: str
    created: str
    already_there: str
    failed: str
    has_failed: bool
    took: str
    begun: str


def line_of(services: Services, run: Run) -> RunLine:
    """Make the row of a run."""
    source, destination = plates_of(services, run)
    badge, tone = badge_of(run)
    summary, is_compare = run.summary, run.type is RunType.COMPARE
    already = int(summary.get("alreadyThere", 0))
    kind = services.kinds.get(run.kind)
    return RunLine(
        id=run.id,
        href=f"/runs/{run.id}",
        title=title_of(run),
        kind=kind.plural.capitalize() if kind else run.kind,
        source=source,
        destination=destination,
        badge=badge,
        tone=tone,
        figures=figures_of(services, run),
        records=NOTHING if is_compare else _number(summary.get("total")),
        created=NOTHING if is_compare else _number(int(summary.get("succeeded", 0)) - already),
        already_there=NOTHING if is_compare else _number(already),
        failed=NOTHING if is_compare else _number(summary.get("failed", 0)),
        has_failed=bool(summary.get("failed")),
        took=_took(run),
        begun=moment(run.created_at),
    )


def plates_of(services: Services, run: Run) -> Sequence[StoreName]:
    """Give source and destination of a run."""
    other = next(title.title for name, title in services.platforms.items() if name != run.source_platform)
    source = services.platforms[run.source_platform].title
    return StoreName.of(source, run.source_store), StoreName.of(other, run.destination_store)


def _took(run: Run) -> str:
    if run.started_at is None or run.ended_at is None:
        return NOTHING
    return duration((run.ended_at - run.started_at).total_seconds())


def _number(value: Any) -> str:  # noqa: ANN401 - a member of a summary, which is JSON
    return NOTHING if value is None else f"{int(value):,}"
