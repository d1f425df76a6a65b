"""Before a sync: how many records, from where to where, what is lost on the way, how long it takes, what reacts.

Owns what is gathered for the confirmation, and the number that must be typed. It must not know how it is drawn.
"""

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from crossdock.bootstrap import Services
from crossdock.state import Run, RunFilter, RunState, RunType
from crossdock.web.pages.tool_list import ListState
from crossdock.web.pages.tool_live import duration
from crossdock.web.pages.tool_options import SYNC_PREFIX, is_about_drafts, makes_drafts, sync_fields
from crossdock.web.pages.tool_rehearsal import loss_report, outcome
from crossdock.web.pages.tool_stores import Direction
from crossdock.web.pages.tool_words import ToolWords

TYPE_ABOVE = 500
"""From more records than this on the number is typed."""

_POINTS_A_RECORD = 13
_WITHOUT_LIMIT = 4.0
_TELLING = 20
_FIRST_LOOK_SECONDS = 1.5
"""How long the dialog waits for the count: a small one is whole at first sight."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long a sync will take, and by what that is known."""

    time: str
    basis: str


async def confirm_context(
    services: Services,
    run: Run,
    words: ToolWords,
    state: ListState,
    direction: Direction,
    *,
    rehearsal_id: str = "",
    problem: str = "",
) -> dict[str, Any]:
    """Gather the confirmation of a sync of what is chosen."""
    tool = services.tools[run.kind]
    options = tool.sync.options if tool.sync else ()
    has_drafts = services.platforms[direction.destination.platform].capabilities.has_drafts
    counted, reactions, estimate_rate = await asyncio.gather(
        losses_context(services, run, words, state, rehearsal_id=rehearsal_id, patience=_FIRST_LOOK_SECONDS),
        services.inspection.reactions(run.pair, direction.destination.platform),
        _rate(services, run, direction),
    )
    count = counted["count"]
    given = {name.removeprefix(SYNC_PREFIX): value for name, value in state.kept.items()}
    is_drafts = makes_drafts(options, given, has_drafts=has_drafts)
    fields = sync_fields(options, state.kept, words.names, has_drafts=has_drafts)
    made = f"draft {words.made}" if is_drafts else words.made
    return {
        **counted,
        "run": run,
        "state": state,
        "direction": direction,
        "made": made if count != 1 else made.removesuffix("s"),
        "pick": next((field for field in fields if is_about_drafts(field)), None),
        "fields": [field for field in fields if not is_about_drafts(field)],
        "estimate": estimate_of(count, *estimate_rate),
        "reactions": reactions,
        "rehearsal_id": rehearsal_id,
        "must_type": count > TYPE_ABOVE,
        "token": uuid.uuid4().hex,
        "problem": problem,
        "back_href": state.here,
        "is_part": False,
        "hidden": {name: value for name, value in state.parameters().items() if name not in state.kept},
    }


async def losses_context(
    services: Services, run: Run, words: ToolWords, state: ListState, *, rehearsal_id: str = "", patience: float = 0.0
) -> dict[str, Any]:
    """Gather the loss report as far as it is counted, after waiting a little for its end."""
    report = loss_report(await outcome(services, rehearsal_id, patience)) if rehearsal_id else None
    asked = urlencode({**state.parameters(), "rehearsal": rehearsal_id})
    chosen = await services.selections.read(run.id, state.group)
    return {
        "words": words,
        "report": report,
        "count": chosen.count,
        "losses_href": f"{state.path}/losses?{asked}",
        "again_href": f"{state.path}/confirm?{asked}",
    }


def estimate_of(count: int, rate: float, basis: str) -> Estimate:
    """Say how long `count` records take at a rate a second."""
    seconds = count / rate if rate else 0.0
    rounded = max(10.0, round(seconds / 10) * 10) if seconds < 600 else round(seconds / 60) * 60  # noqa: PLR2004
    return Estimate(f"About {duration(rounded)}", basis)


async def _rate(services: Services, run: Run, direction: Direction) -> tuple[float, str]:
    """Give records a second: as the last sync of this kind into that store went, else as its limit allows."""
    done = RunFilter(pair=run.pair, kind=run.kind, type=RunType.SYNC, state=RunState.DONE, is_preview=False)
    last, _ = await services.runs.list(done, limit=20)
    title = direction.destination.title
    for one in last:
        made = int(one.summary.get("succeeded") or 0) - int(one.summary.get("alreadyThere") or 0)
        is_like = one.destination_store == run.destination_store
        if is_like and made >= _TELLING and one.started_at and one.ended_at:
            seconds = max(1.0, (one.ended_at - one.started_at).total_seconds())
            return made / seconds, f"{made / seconds:.1f} a second, as in the last sync"
    face = await services.inspection.face(run.pair, direction.destination.platform, run.kind)
    if face.info is not None and face.info.restore_rate:
        rate = face.info.restore_rate / _POINTS_A_RECORD
        return rate, f"{rate:.0f} a second at {title}’s limit"  # noqa: RUF001 - the apostrophe of printed text
    return _WITHOUT_LIMIT, f"if {title} takes {_WITHOUT_LIMIT:.0f} a second, as most hosts do"


def typed_number(form: Mapping[str, str]) -> str:
    """Read the number that was typed to confirm, without what people put between digits."""
    return "".join(form.get("typed", "").split()).replace(",", "").replace(".", "")
