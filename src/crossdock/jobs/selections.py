"""What is chosen of a comparison's lists: kept by the server, counted, and handed to a sync.

Owns how a selection's filter and its marks come together. It must not know how rows are shown or ticked.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crossdock.compare.differences import CHUNK_ROWS, Differences
from crossdock.compare.kinds import unknown_name
from crossdock.compare.kinds.values import SqlValue
from crossdock.compare.listing import Listing
from crossdock.compare.query import READING_ORDER, Narrowing, narrow
from crossdock.compare.results import group_file
from crossdock.domain.difference import Group
from crossdock.jobs.requests import SelectAll, SelectedItem
from crossdock.jobs.toolbox import Toolbox
from crossdock.state import Selection

_NO_FILTERS: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen of one list: how many rows, and the filter that chose them where one did."""

    count: int
    is_filtered: bool = False
    where: Mapping[str, object] = field(default_factory=dict[str, object])
    search: str = ""


class SelectionService:
    """The selections of all comparisons. Every method raises `NotFoundError` for an unknown run or result."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._box = toolbox

    async def read(self, run_id: str, group: Group) -> Chosen:
        """Tell what is chosen."""
        return await asyncio.to_thread(self._read, run_id, group)

    async def chosen_among(self, run_id: str, group: Group, ids: Sequence[str]) -> frozenset[str]:
        """Tell which of the shown rows are chosen."""
        return await asyncio.to_thread(self._chosen_among, run_id, group, ids)

    async def choose(self, run_id: str, group: Group, ids: Collection[str], *, is_chosen: bool = True) -> None:
        """Choose single rows, or with `is_chosen` false drop them; ids that the list doesn't have are passed over.

        Raises:
            InvalidRequestError: the list is a report, or too many rows are ticked one by one.
        """
        await asyncio.to_thread(self._choose, run_id, group, ids, is_chosen=is_chosen)

    async def choose_all(
        self, run_id: str, group: Group, *, where: Mapping[str, object] = _NO_FILTERS, search: str = ""
    ) -> None:
        """Choose all that a filter leaves, in place of what was chosen.

        Raises:
            InvalidRequestError: the list is a report, or the filter is wrong.
        """
        await asyncio.to_thread(self._choose_all, run_id, group, where, search)

    async def clear(self, run_id: str, group: Group) -> None:
        """Choose nothing."""
        await asyncio.to_thread(self._found, run_id)
        await asyncio.to_thread(self._box.state.selections.replace, run_id, group.value, is_all=False)

    async def wanted(self, run_id: str, group: Group) -> tuple[SelectedItem, ...] | SelectAll:
        """Give what a sync is to take, as it stands now: what is ticked later is no part of it."""
        return await asyncio.to_thread(self._wanted, run_id, group)

    def _read(self, run_id: str, group: Group) -> Chosen:
        found, kept = self._found(run_id), self._box.state.selections.get(run_id, group.value)
        if not kept.is_all:
            return Chosen(kept.added)
        total = found.count(group, where=kept.where, search=kept.search)
        return Chosen(total - kept.left_out + kept.added, is_filtered=True, where=kept.where, search=kept.search)

    def _chosen_among(self, run_id: str, group: Group, ids: Sequence[str]) -> frozenset[str]:
        kept = self._box.state.selections.get(run_id, group.value)
        marks = self._box.state.selections.marks(run_id, group.value, ids)
        matching = self._matching(run_id, kept, group, ids)
        return frozenset(one for one in ids if marks.get(one, one in matching))

    def _choose(self, run_id: str, group: Group, ids: Collection[str], *, is_chosen: bool) -> None:
        found, selections = self._found(run_id), self._box.state.selections
        _check_selectable(found, group)
        kept = selections.get(run_id, group.value)
        there = self._labels(run_id, group, ids, Narrowing())
        matching = self._matching(run_id, kept, group, there)
        # A mark says only what the filter doesn't say already: so the marks can be counted.
        exceptions = {one: label for one, label in there.items() if (one in matching) is not is_chosen}
        selections.unmark(run_id, group.value, [one for one in there if one not in exceptions])
        selections.mark(run_id, group.value, exceptions, is_chosen=is_chosen)

    def _choose_all(self, run_id: str, group: Group, where: Mapping[str, object], search: str) -> None:
        found = self._found(run_id)
        _check_selectable(found, group)
        narrow(found.kind, group, where, search)
        set_ = {name: value for name, value in where.items() if value not in {None, ""}}
        self._box.state.selections.replace(run_id, group.value, is_all=True, where=set_, search=search)

    def _wanted(self, run_id: str, group: Group) -> tuple[SelectedItem, ...] | SelectAll:
        selections = self._box.state.selections
        kept = selections.get(run_id, group.value)
        added = tuple(SelectedItem(*row) for row in selections.marked(run_id, group.value, is_chosen=True).items())
        if not kept.is_all:
            return added
        left_out = tuple(selections.marked(run_id, group.value, is_chosen=False))
        return SelectAll(run_id, kept.where, kept.search, left_out, group, added)

    def _found(self, run_id: str) -> Differences:
        run = self._box.state.runs.get(run_id)
        return Differences(self._box.engine.database, self._box.tools[run.kind].compare, self._box.result_dir(run_id))

    def _matching(self, run_id: str, kept: Selection, group: Group, ids: Collection[str]) -> frozenset[str]:
        """Tell which rows of the list a selection's filter leaves."""
        if not kept.is_all:
            return frozenset()
        narrowing = narrow(self._found(run_id).kind, group, kept.where, kept.search)
        return frozenset(self._labels(run_id, group, ids, narrowing)) if narrowing else frozenset(ids) - {""}

    def _labels(self, run_id: str, group: Group, ids: Collection[str], narrowing: Narrowing) -> Mapping[str, str]:
        """Give the labels of those rows that are in the list and that the narrowing leaves."""
        if not ids or not self._found(run_id).summary.rows[group]:
            return {}
        listing = Listing(self._box.engine.database, group_file(self._box.result_dir(run_id), group))
        parameters: tuple[SqlValue, ...] = (*narrowing.parameters, list(ids))
        condition = f"{narrowing.condition} and source_id <> '' and list_contains(?, source_id)"
        among = replace(narrowing, condition=condition, parameters=parameters)
        chunks = listing.stream("source_id, label", READING_ORDER, among, chunk_rows=CHUNK_ROWS)
        return {str(row["source_id"]): str(row["label"]) for rows in chunks for row in rows}


def _check_selectable(found: Differences, group: Group) -> None:
    if group not in found.kind.selectable:
        raise unknown_name("group", group.value, [known.value for known in found.kind.selectable])
