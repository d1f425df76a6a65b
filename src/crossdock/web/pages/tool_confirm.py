"""Before a sync: how many records, from where to where, what is lost on the way, how long it takes, what reacts.

Owns what is gathered for the confirmation, and the number that must be typed. It must not know how it is drawn.
"""

import asyncio
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from crossdock.bootstrap import Services
from crossdock.state import Run
from crossdock.web.pages.tool_estimate import estimate
from crossdock.web.pages.tool_list import ListState
from crossdock.web.pages.tool_options import SYNC_PREFIX, is_about_drafts, makes_drafts, sync_fields
from crossdock.web.pages.tool_rehearsal import loss_report, outcome
from crossdock.web.pages.tool_stores import Direction
from crossdock.web.pages.tool_words import ToolWords

TYPE_ABOVE = 500
"""From more records than this on the number is typed."""

_FIRST_LOOK_SECONDS = 1.5
"""How long the dialog waits for the count: a small one is whole at first sight."""


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
    given = {name.removeprefix(SYNC_PREFIX): value for name, value in state.kept.items()}
    is_drafts = makes_drafts(options, given, has_drafts=has_drafts)

    def is_like(one: Run) -> bool:
        return makes_drafts(options, one.request.get("options") or {}, has_drafts=has_drafts) == is_drafts

    chosen = await services.selections.read(run.id, state.group)
    platform, count = direction.destination.platform, chosen.count
    counted, reactions, time = await asyncio.gather(
        losses_context(services, words, state, count, rehearsal_id=rehearsal_id, patience=_FIRST_LOOK_SECONDS),
        services.inspection.reactions(run.pair, platform),
        estimate(services, run, count, platform, is_like, makes_drafts=is_drafts),
    )
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
        "estimate": time,
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
    services: Services, words: ToolWords, state: ListState, count: int, *, rehearsal_id: str, patience: float = 0.0
) -> dict[str, Any]:
    """Gather the loss report as far as it is counted, after waiting a little for its end."""
    report = loss_report(await outcome(services, rehearsal_id, patience)) if rehearsal_id else None
    asked = urlencode({**state.parameters(), "rehearsal": rehearsal_id})
    return {
        "words": words,
        "report": report,
        "count": count,
        "losses_href": f"{state.path}/losses?{asked}",
        "again_href": f"{state.path}/confirm?{asked}",
    }


def typed_number(form: Mapping[str, str]) -> str:
    """Read the number that was typed to confirm, without what people put between digits."""
    return "".join(form.get("typed", "").split()).replace(",", "").replace(".", "")
