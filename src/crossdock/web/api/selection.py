"""The body of a sync, and how it becomes a request: what is the same for every kind.

Owns the two ways to say which records are meant: a list of them, or all that a comparison lists. It must not know what
a kind's members are called beyond what its name tells.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from crossdock.bootstrap import Services
from crossdock.domain.difference import Group
from crossdock.domain.errors import InvalidRequestError
from crossdock.domain.kinds import RecordKind
from crossdock.jobs.bodies import source_id_member
from crossdock.jobs.requests import DEFAULT_PAIR, CompareRequest, SelectAll, SelectedItem, SyncRequest
from crossdock.web.api.bodies import MAX_SELECTED, PairName, PlatformName, RequestBody
from crossdock.web.errors import RequestProblemError
from crossdock.web.validation import MOST_REPORTED, FieldError

SourceId = Annotated[str, Field(min_length=1, max_length=255)]
Options = dict[str, Any]


class CompareBody(RequestBody):
    """Which store is the source. A kind adds its options."""

    source_of_truth: PlatformName
    pair: PairName = DEFAULT_PAIR
    options: Options = Field(default_factory=dict)


class SyncBody(RequestBody):
    """What every kind's sync takes beside its list of records, which a kind adds with its filters and options."""

    source_of_truth: PlatformName | None = Field(None, description="Required beside a list of records.")
    pair: PairName | None = None
    compare_run_id: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        None, description="With `select`: take what this comparison lists."
    )
    select: Annotated[str, Field(pattern="^all$")] | None = None
    group: Literal["onlyInSource", "suspectMatches"] = Field(
        "onlyInSource", description="With `select`: which list of the comparison."
    )
    where: Options = Field(default_factory=dict)
    excluded: list[Annotated[str, Field(max_length=255)]] = Field(
        default_factory=list, alias="except", max_length=MAX_SELECTED
    )
    dry_run: bool = Field(default=False, description="Answer what would be sent, and write nothing.")
    options: Options = Field(default_factory=dict)


def compare_request(body: CompareBody, kind: RecordKind) -> CompareRequest:
    """Turn a compare body into a request."""
    return CompareRequest(kind=kind.name, source_platform=body.source_of_truth, pair=body.pair, options=body.options)


async def sync_request(
    body: SyncBody, listed: Sequence[SelectedItem] | None, kind: RecordKind, services: Services
) -> SyncRequest:
    """Turn a sync body into a request; `listed` are the records that it names, if it names any.

    Raises:
        RequestProblemError: listed ids are no ids of the source.
        InvalidRequestError: members are missing or contradict each other.
        NotFoundError: there is no such comparison.
    """
    if listed is not None:
        return _of_list(body, listed, kind, services)
    if body.compare_run_id is None:
        sentence = f"Send a list of {kind.plural}, or compareRunId and select."
        raise _wrong(kind.plural, sentence, f"1 to {MAX_SELECTED} {kind.plural}")
    if body.select is None:
        raise _wrong("select", "This is required beside compareRunId.", "all")
    run = await services.runs.get(body.compare_run_id)
    if body.source_of_truth not in {None, run.source_platform}:
        raise _wrong("sourceOfTruth", "The comparison had the other store as its source.", run.source_platform)
    if body.pair not in {None, run.pair}:
        raise _wrong("pair", "The comparison was made for another pair.", run.pair)
    return SyncRequest(
        kind=kind.name,
        source_platform=run.source_platform,
        selection=_all_of(body),
        pair=run.pair,
        options=body.options,
        is_dry_run=body.dry_run,
    )


def _of_list(body: SyncBody, listed: Sequence[SelectedItem], kind: RecordKind, services: Services) -> SyncRequest:
    if body.source_of_truth is None:
        raise _wrong("sourceOfTruth", f"This is required beside {kind.plural}.", ", ".join(services.platforms))
    for name, given in (("compareRunId", body.compare_run_id), ("select", body.select), ("where", body.where)):
        if given:
            raise _wrong(name, f"Send either a list of {kind.plural} or a selection of a comparison, not both.", "")
    pattern = services.platforms[body.source_of_truth].id_patterns[kind.name]
    wrong = [
        FieldError(
            field=f"{kind.plural}[{place}].{source_id_member(kind)}",
            message=f"This is no id of {kind.plural}.",
            allowed=pattern,
        )
        for place, item in enumerate(listed)
        if re.fullmatch(pattern, item.source_id) is None
    ]
    if wrong:
        raise RequestProblemError(wrong[:MOST_REPORTED])
    return SyncRequest(
        kind=kind.name,
        source_platform=body.source_of_truth,
        selection=tuple(listed),
        pair=body.pair or DEFAULT_PAIR,
        options=body.options,
        is_dry_run=body.dry_run,
    )


def _all_of(body: SyncBody) -> SelectAll:
    search = body.where.get("search", "")
    if not isinstance(search, str):
        raise _wrong("where.search", "This must be text.", "text")
    where = {name: value for name, value in body.where.items() if name != "search"}
    return SelectAll(body.compare_run_id or "", where, search, tuple(body.excluded), Group(body.group))


def _wrong(field: str, message: str, allowed: str) -> InvalidRequestError:
    return InvalidRequestError("request_invalid", message, field=field, allowed=allowed)
