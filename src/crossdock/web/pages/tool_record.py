"""One record of a result: both sides field by field, and the very object that a sync would send.

Owns what is gathered for that drawer. It must not know how it is drawn or any kind of record.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.bootstrap import Services
from crossdock.domain.plan import Reason
from crossdock.jobs.inspection import Side
from crossdock.jobs.requests import SelectedItem
from crossdock.state import Run, RunState
from crossdock.web.pages.tool_list import ListState
from crossdock.web.pages.tool_rehearsal import outcome
from crossdock.web.pages.tool_stores import Direction
from crossdock.web.pages.tool_words import GROUP_TITLES, NOTHING, Formats, ToolWords


@dataclass(frozen=True, slots=True)
class Line:
    """A field on both sides; `section` is a heading before it, empty where the former one goes on."""

    label: str
    source: str
    destination: str
    is_different: bool
    decides: bool
    section: str


@dataclass(frozen=True, slots=True)
class Payload:
    """What a sync would send, as text; or why there is nothing to send. `is_ready` is false while it is worked out."""

    text: str = ""
    problem: str = ""
    reasons: Sequence[Reason] = ()
    is_ready: bool = True


async def record_context(
    services: Services, run: Run, words: ToolWords, state: ListState, direction: Direction, *, record_id: str
) -> dict[str, Any]:
    """Gather the drawer of a record.

    Raises:
        NotFoundError: the comparison does not list it.
    """
    row = await services.inspection.row(run.id, state.group, record_id)
    source, destination = await services.inspection.sides(run, row)
    source_id = str(row.get("source_id") or "")
    is_selectable = bool(source_id) and state.group in services.tools[run.kind].compare.selectable
    ticked = await services.selections.chosen_among(run.id, state.group, [source_id]) if is_selectable else ()
    return {
        "words": words,
        "run": run,
        "state": state,
        "direction": direction,
        "record_id": record_id,
        "title": f"{words.kind.name.capitalize()} {row.get('label') or record_id}",
        "group_title": GROUP_TITLES[state.group],
        "lines": lines_of(words, source, destination, direction.formats),
        "sides": (source, destination),
        "has_both": source.record is not None and destination.record is not None,
        "is_selectable": is_selectable,
        "is_chosen": source_id in ticked,
        "hidden": state.parameters(),
        "payload": None,
        "back_href": state.here,
        "is_part": False,
    }


def lines_of(words: ToolWords, source: Side, destination: Side, formats: Formats) -> list[Line]:
    """Lay both sides out; fields that neither side has are left out."""
    lines: list[Line] = []
    former = ""
    for field in words.fields:
        one, other = (
            NOTHING if side.record is None else field.value(side.record, formats) for side in (source, destination)
        )
        if one == other == NOTHING:
            continue
        has_both = source.record is not None and destination.record is not None
        section = field.section if field.section != former else ""
        former = field.section
        lines.append(Line(field.label, one, other, has_both and one != other, field.decides, section))
    return lines


def item_of(row: Mapping[str, Any]) -> SelectedItem:
    """Name a row's record as a selection does."""
    return SelectedItem(str(row["source_id"]), str(row["label"]))


async def payload_of(services: Services, rehearsal_id: str) -> Payload:
    """Read what a rehearsal of one record came to."""
    run = await outcome(services, rehearsal_id)
    if not run.state.has_ended:
        return Payload(is_ready=False)
    if run.state is not RunState.DONE:
        return Payload(problem=run.error_message or "The dry run was stopped.")
    rows, _ = await services.runs.results(run.id, limit=1)
    row = rows[0] if rows else None
    if row is None or not row.payload:
        there = "It is in the destination already; a sync links it and writes nothing."
        return Payload(problem=(row.error if row and row.error else there), reasons=row.warnings if row else ())
    return Payload(text=json.dumps(dict(row.payload), indent=2, ensure_ascii=False), reasons=row.warnings)
