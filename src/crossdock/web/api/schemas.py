"""The schemas of a kind's answers, made from the description by which their objects are written.

Owns the way from a description to a model that OpenAPI shows. It must not know any kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from crossdock.domain.difference import Group
from crossdock.jobs.bodies import LISTS, SIDES, ListBody, Member, RecordBodies, Unknown
from crossdock.web.api.bodies import RUN_ID, SyncSummary
from crossdock.web.api.bodies import examples as shown_examples

Example = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Examples:
    """A kind's examples: a row of `differences`, the figures of a comparison, a result, the figures of a sync."""

    difference: Example
    counts: Example
    result: Example
    sync_summary: Example


def row_schemas(bodies: RecordBodies, examples: Examples) -> Mapping[Group, type[BaseModel]]:
    """Describe the rows of each list; lists that are written alike share one schema."""
    made: dict[str, type[BaseModel]] = {}
    for group, body in bodies.lists.items():
        example = examples.difference if group is Group.ONLY_IN_SOURCE else None
        made.setdefault(body.name, _row_schema(body, example))
    return {group: made[body.name] for group, body in bodies.lists.items()}


def _row_schema(body: ListBody, example: Example | None) -> type[BaseModel]:
    """Describe the rows of one list."""
    fields: dict[str, Any] = {member.name: _field(member) for member in body.members}
    fields |= {name: (bool, value) for name, value in body.fixed.items()}
    if body.shows_fields:
        fields["fields"] = (list[str], Field(description="The fields that differ."))
    if body.shows_fields or body.shown:
        fields |= {side: (dict[str, str], Field(description=f"What the {side} shows for them.")) for side in SIDES}
    platforms = dict.fromkeys((f"{side}Platform" for side in SIDES), (str, ...))
    return _model(body.name, body.help, {**fields, **platforms}, example)


def result_schema(bodies: RecordBodies, examples: Examples) -> type[BaseModel]:
    """Describe what became of one selected record."""
    fields: dict[str, Any] = {
        bodies.expected: (str, ...),
        bodies.source_id: (str, ...),
        "success": (bool, ...),
        bodies.new_id: (str | None, None),
        "alreadyThere": (bool | None, None),
        "code": (str | None, Field(None, description="Why it failed; stable and documented.")),
        "error": (str | None, None),
        "warnings": (list[str] | None, None),
        "payload": (
            dict[str, Any] | None,
            Field(None, description="Dry run: the very object that would be sent."),
        ),
    }
    name = f"{bodies.kind.name.capitalize()}Result"
    return _model(name, f"What became of one selected {bodies.kind.name}.", fields, examples.result)


def comparison_schema(
    bodies: RecordBodies, rows: Mapping[Group, type[BaseModel]], examples: Examples
) -> type[BaseModel]:
    """Describe the body of a comparison."""
    lists: dict[str, Any] = {member: (list[rows[group]], ...) for member, group in LISTS.items()}
    empty: dict[str, list[Example]] = {member: [] for member in LISTS}
    example = {"runId": RUN_ID, **empty, "differences": [examples.difference], "summary": examples.counts}
    fields = {"runId": (str, ...), **lists, "summary": (dict[str, Any], ...)}
    return _model(f"{bodies.kind.name.capitalize()}Comparison", "What a comparison found.", fields, example)


def sync_schema(bodies: RecordBodies, result: type[BaseModel], examples: Examples) -> type[BaseModel]:
    """Describe the body of a sync."""
    fields: dict[str, Any] = {"runId": (str, ...), "results": (list[result], ...), "summary": (SyncSummary, ...)}
    about = f"What became of each selected {bodies.kind.name}, and how many there were of each outcome."
    shown = {"runId": RUN_ID, "results": [examples.result], "summary": examples.sync_summary}
    return _model(f"{bodies.kind.name.capitalize()}Sync", about, fields, shown)


def _field(member: Member) -> tuple[Any, Any]:
    described = member.help or None
    match member.unknown:
        case Unknown.LEFT_OUT:
            return member.value_type | None, Field(None, description=described)
        case Unknown.NULL:
            return member.value_type | None, Field(description=described)
        case Unknown.EMPTY:
            # A time that is not known is an empty string.
            known = str if member.value_type is datetime else member.value_type
            return known, Field(description=described)


def _model(name: str, about: str, fields: Mapping[str, Any], example: Example | None) -> type[BaseModel]:
    config = ConfigDict(json_schema_extra=shown_examples(example)) if example else ConfigDict()
    return create_model(name, __doc__=about, __config__=config, **dict(fields))
