"""Looking at a comparison closely: its figures, one row of it, and the very records behind that row.

Owns which store is asked for which record. It must not know how a record is shown.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.compare.differences import Differences
from crossdock.compare.listing import Listing, Row
from crossdock.compare.results import group_file
from crossdock.compare.spec import Summary
from crossdock.connectors.contract import FindingLevel, StoreInfo
from crossdock.domain.difference import Group
from crossdock.domain.errors import CrossdockError, NotFoundError
from crossdock.jobs.toolbox import Toolbox
from crossdock.state import Event, Run

_PATIENCE_SECONDS = 6.0
"""How long a page waits for a store."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a row: its record as the store has it now, or why there is none."""

    record: Any = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StoreFace:
    """What is known of a store before it is read: who it is and how many records it has, or why that is not known."""

    info: StoreInfo | None = None
    count: int | None = None
    problem: str = ""


class InspectionService:
    """What pages ask of stores and results beside runs."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._box = toolbox

    async def figures(self, run_id: str) -> Summary:
        """Give the figures of a finished comparison.

        Raises:
            NotFoundError: there is no such run, or no result.
        """
        return await asyncio.to_thread(lambda: self._found(run_id).summary)

    async def row(self, run_id: str, group: Group, record_id: str) -> Row:
        """Give the row of a list that holds a record, by its id in the source, else in the destination.

        Raises:
            NotFoundError: there is none.
        """
        return await asyncio.to_thread(self._row, run_id, group, record_id)

    async def sides(self, run: Run, row: Mapping[str, Any]) -> tuple[Side, Side]:
        """Fetch the records of a row from both stores, as they are now."""
        other = self._box.other_platform(run.source_platform)
        source, destination = await asyncio.gather(
            self._side(run, run.source_platform, str(row.get("source_id") or "")),
            self._side(run, other, str(row.get("destination_id") or "")),
        )
        return source, destination

    async def face(self, pair: str, platform: str, kind: str) -> StoreFace:
        """Ask a store who it is and how many records of a kind it has; trouble is told, not raised."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                store = await self._box.connections.open(pair, platform)
                info, count = await asyncio.gather(store.info(), store.source(kind).count())
                return StoreFace(info, count)
        except CrossdockError as error:
            return StoreFace(problem=error.message)
        except TimeoutError:
            return StoreFace(problem="The store does not answer at once.")

    async def reactions(self, pair: str, platform: str) -> str:
        """Say what reacts in a store to new records, as far as its check can see; empty where that is not known."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                findings = await self._box.connections.check(pair, platform)
        except (CrossdockError, TimeoutError):
            return ""
        found = (finding for finding in findings if finding.capability == "webhooks")
        return " ".join(
            finding.message if finding.level is FindingLevel.PASS else f"{finding.message} {finding.advice}"
            for finding in found
        )

    async def progress(self, run_id: str) -> Event | None:
        """Give what a run told last of how far it is."""
        return await asyncio.to_thread(self._box.state.events.latest, run_id, "progress")

    def _found(self, run_id: str) -> Differences:
        run = self._box.state.runs.get(run_id)
        return Differences(self._box.engine.database, self._box.tools[run.kind].compare, self._box.result_dir(run_id))

    def _row(self, run_id: str, group: Group, record_id: str) -> Row:
        if record_id and group in self._found(run_id).summary.rows:
            listing = Listing(self._box.engine.database, group_file(self._box.result_dir(run_id), group))
            for column in ("source_id", "destination_id"):
                has_column = column == "source_id" or group is not Group.ONLY_IN_SOURCE
                row = listing.first("*", f"{column} = ?", record_id) if has_column else None
                if row is not None:
                    return row
        raise NotFoundError("record_not_listed", "This comparison does not list such a record.")

    async def _side(self, run: Run, platform: str, record_id: str) -> Side:
        if not record_id:
            return Side()
        title = self._box.platforms[platform].title
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                store = await self._box.connections.open(run.pair, platform)
                found = await store.source(run.kind).get([record_id])
        except CrossdockError as error:
            return Side(problem=error.message)
        except TimeoutError:
            return Side(problem=f"{title} does not answer at once.")
        record = found.get(record_id)
        return Side(record, "" if record is not None else f"{title} has no such record any more.")
