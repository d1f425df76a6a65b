"""What a caller asks for: a comparison, or a sync of chosen records.

Owns the requests' values and how they are kept with a run. It must not know HTTP, options of the command line, or how a
request is carried out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from crossdock.domain.difference import Group
from crossdock.domain.errors import InvalidRequestError
from crossdock.state import DEFAULT_PAIR

OLDEST_COMPARE = timedelta(hours=24)
"""How old a comparison may be that a sync rests on."""
SELECTABLE = (Group.ONLY_IN_SOURCE, Group.SUSPECT_MATCHES)
"""The lists of a comparison whose records can be migrated."""
COUNTS_ONLY = "countsOnly"
"""The member of a kept request that says that only sums are asked for."""
MAX_SELECTED = 10_000
"""How many records a caller may list one by one; more are selected by a comparison."""


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """Compare one kind of a pair's stores; `options` are the kind's, camelCase, checked when the run is made."""

    kind: str
    source_platform: str
    pair: str = DEFAULT_PAIR
    options: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class SelectedItem:
    """A record that the caller names by id; `expected` is the e-mail address or order number that goes with it."""

    source_id: str
    expected: str


@dataclass(frozen=True, slots=True)
class SelectAll:
    """All records of a comparison's list, narrowed by `where` and `search`, less `except_ids`.

    The list is that of missing records unless `group` says suspect matches. `also` are records of it that the filter
    does not leave.
    """

    compare_run_id: str
    where: Mapping[str, object] = field(default_factory=dict[str, object])
    search: str = ""
    except_ids: tuple[str, ...] = ()
    group: Group = Group.ONLY_IN_SOURCE
    also: tuple[SelectedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """Migrate the selected records of one kind. A dry run plans and shows, and writes to no store.

    One that only counts keeps the sums of what would be lost, and no record's result; it gives way to other runs.
    """

    kind: str
    source_platform: str
    selection: tuple[SelectedItem, ...] | SelectAll
    pair: str = DEFAULT_PAIR
    options: Mapping[str, object] = field(default_factory=dict[str, object])
    is_dry_run: bool = False
    counts_only: bool = False


def check_selection(selection: tuple[SelectedItem, ...] | SelectAll, field_name: str) -> None:
    """Refuse a list that is empty, too long or names a record twice; `field_name` is what the caller calls it.

    Raises:
        InvalidRequestError: which it is.
    """
    if isinstance(selection, SelectAll):
        if selection.group not in SELECTABLE:
            raise InvalidRequestError(
                "group_not_selectable",
                f"The list {selection.group.value} is a report; nothing of it can be migrated.",
                field="group",
                allowed=", ".join(SELECTABLE),
            )
        return
    if not selection:
        raise InvalidRequestError(
            "selection_empty", "No record is selected.", field=field_name, allowed=f"1 to {MAX_SELECTED} records"
        )
    if len(selection) > MAX_SELECTED:
        raise InvalidRequestError(
            "selection_too_long",
            f"{len(selection)} records are listed; select more than {MAX_SELECTED} by a comparison's runId.",
            field=field_name,
            allowed=f"1 to {MAX_SELECTED} records",
        )
    if len({item.source_id for item in selection}) < len(selection):
        raise InvalidRequestError(
            "selection_repeats", "A record is listed twice.", field=field_name, allowed="each id once"
        )


def dump_sync(request: SyncRequest) -> dict[str, Any]:
    """Write a request as JSON values, to be kept with its run."""
    selection = request.selection
    kept: dict[str, Any]
    if isinstance(selection, SelectAll):
        kept = {
            "compareRunId": selection.compare_run_id,
            "where": dict(selection.where),
            "search": selection.search,
            "except": list(selection.except_ids),
            "group": selection.group.value,
            "also": [[item.source_id, item.expected] for item in selection.also],
        }
    else:
        kept = {"items": [[item.source_id, item.expected] for item in selection]}
    counted = {COUNTS_ONLY: True} if request.counts_only else {}
    is_dry_run = request.is_dry_run or request.counts_only
    return {"options": dict(request.options), "dryRun": is_dry_run, "selection": kept, **counted}


def load_selection(kept: Mapping[str, Any]) -> tuple[SelectedItem, ...] | SelectAll:
    """Read a selection that `dump_sync` wrote."""
    if "items" in kept:
        return _items_of(kept["items"])
    group = Group(kept.get("group", Group.ONLY_IN_SOURCE))
    return SelectAll(
        kept["compareRunId"],
        kept["where"],
        kept["search"],
        tuple(kept["except"]),
        group,
        _items_of(kept.get("also", ())),
    )


def _items_of(kept: Iterable[tuple[str, str]]) -> tuple[SelectedItem, ...]:
    return tuple(SelectedItem(source_id, expected) for source_id, expected in kept)
