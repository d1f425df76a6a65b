"""The phases of a comparison: read both stores at once, compare, sum up.

Owns their order and what is kept in the run. It must not know SQL or a platform.
"""

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from crossdock.compare.details import MissingDetails
from crossdock.compare.kinds import RowContext
from crossdock.compare.manifest import Manifest, SnapshotMeta
from crossdock.compare.snapshot import read_snapshot
from crossdock.compare.spec import CompareSpec
from crossdock.connectors.contract import GuestSource, Source, Store, StoreInfo
from crossdock.domain.difference import Counts, Link
from crossdock.domain.identity import marker_prefix
from crossdock.jobs.details import fetch_details
from crossdock.jobs.guests import WithGuests
from crossdock.jobs.progress import Rate
from crossdock.jobs.rate_limits import RateLimits
from crossdock.jobs.toolbox import Assignment, Toolbox
from crossdock.jobs.tools import Tool
from crossdock.state import Control, Run

_LISTED_UNREADABLE = 100
_LISTENING_GAP_SECONDS = 1.0
# Threads of their own: long statements in those that the event loop shares would keep every look at the state waiting.
_COMPARING = ThreadPoolExecutor(2, thread_name_prefix="compare")


class CompareWorkflow:
    """One comparison, from its first phase or from where it stopped."""

    def __init__(self, toolbox: Toolbox, assignment: Assignment) -> None:
        self._box = toolbox
        self._run = assignment.run
        self._keeper = assignment.keeper
        self._progress = assignment.progress
        self._figures: dict[str, Any] = {}
        self._limits = RateLimits()

    async def perform(self) -> Control:
        """Go through all phases; gives what a person asked for, if that ended it early."""
        tool = self._box.tools[self._run.kind]
        source_store = await self._box.connections.open(self._run.pair, self._run.source_platform)
        other = self._box.other_platform(self._run.source_platform)
        destination_store = await self._box.connections.open(self._run.pair, other)
        self._limits.look_at(source_store, destination_store)
        await self._enter("reading")
        async with self._limits.told_by(self._tell):
            source, destination = await self._read_both(tool, source_store, destination_store)
        if not (source.is_complete and destination.is_complete):
            return self._keeper.control
        await self._enter("comparing")
        infos = await source_store.info(), await destination_store.info()
        fields = _shared_fields(tool.kind.name, source_store, destination_store)
        spec = self._spec(tool, infos, fields)
        found = await asyncio.get_running_loop().run_in_executor(_COMPARING, self._box.engine.compare, spec)
        if tool.compare.details is not None and not await self._fetch_details(tool, source_store, destination_store):
            return self._keeper.control
        summary = summarise(self._run, tool, found.counts, found.figures)
        summary["unreadable"] = {
            "source": _unreadable(source),
            "destination": _unreadable(destination),
        }
        await asyncio.to_thread(self._box.state.runs.set_summary, self._keeper.lease, summary)
        return Control.NONE

    async def _tell(self) -> bool:
        return await self._progress.tell({**self._figures, **self._limits.figures()})

    async def _enter(self, phase: str) -> None:
        await asyncio.to_thread(self._box.state.runs.set_phase, self._keeper.lease, phase)
        await self._progress.say("phase", {"phase": phase})

    async def _read_both(self, tool: Tool, source_store: Store, destination_store: Store) -> tuple[Manifest, Manifest]:
        async with asyncio.TaskGroup() as listeners:
            listener = listeners.create_task(self._listen())
            async with asyncio.TaskGroup() as readers:
                source = readers.create_task(self._read(tool, source_store, "source"))
                destination = readers.create_task(self._read(tool, destination_store, "destination"))
            listener.cancel()
        return source.result(), destination.result()

    async def _listen(self) -> None:
        """Hear within a second or so what a person asks for, however seldom the lease has to be renewed."""
        while True:
            if await asyncio.to_thread(self._keeper.asked) is not Control.NONE:
                return
            await asyncio.sleep(_LISTENING_GAP_SECONDS)

    async def _read(self, tool: Tool, store: Store, side: str) -> Manifest:
        info = await store.info()
        source = self._reader(tool, store, side)
        rate = Rate(await source.count())
        loop = asyncio.get_running_loop()
        told: set[asyncio.Task[bool]] = set()

        def on_progress(records: int) -> None:
            self._figures[side] = rate.figures(records)
            task = loop.create_task(self._tell())
            told.add(task)
            task.add_done_callback(told.discard)

        manifest = await read_snapshot(
            source,
            self._box.run_dir(self._run.id) / side,
            database=self._box.engine.database,
            kind=tool.compare,
            meta=_meta(self._run, info),
            context=RowContext(default_region=info.country),
            on_progress=on_progress,
            should_stop=lambda: self._keeper.control is not Control.NONE,
        )
        await asyncio.gather(*told)
        await self._progress.tell(dict(self._figures), is_last=True)
        return manifest

    async def _fetch_details(self, tool: Tool, source_store: Store, destination_store: Store) -> bool:
        await self._enter("details")
        kind = tool.kind.name
        missing = MissingDetails(self._box.engine.database, tool.compare, self._box.result_dir(self._run.id))

        async def on_progress(side: str, records: int) -> None:
            self._figures["details"] = {"side": side, "records": records}
            await self._tell()

        return await fetch_details(
            missing,
            (source_store.source(kind), destination_store.source(kind)),
            lambda: self._keeper.control is not Control.NONE,
            on_progress,
        )

    def _reader(self, tool: Tool, store: Store, side: str) -> Source[Any]:
        """Give what reads a side: of a source's customers also the people without an account, where that is asked."""
        source = store.source(tool.kind.name)
        is_asked = tool.compare.parse_options(self._run.request["options"]).get("includeGuests")
        if is_asked and side == "source" and isinstance(source, GuestSource):
            return WithGuests(source, source)
        return source

    def _spec(self, tool: Tool, infos: tuple[StoreInfo, StoreInfo], fields: frozenset[str]) -> CompareSpec:
        source, destination = infos
        directory: Path = self._box.run_dir(self._run.id)
        kind = tool.kind.name
        return CompareSpec(
            kind=tool.compare,
            source_dir=directory / "source",
            destination_dir=directory / "destination",
            result_dir=directory / "result",
            links=known_links(self._box, kind, source.key, destination.key),
            options=tool.compare.parse_options(self._run.request["options"]),
            source_prefix=marker_prefix(source.platform, source.key, kind),
            destination_prefix=marker_prefix(destination.platform, destination.key, kind),
            compared_fields=fields,
        )


def _shared_fields(kind: str, one: Store, other: Store) -> frozenset[str]:
    nothing = frozenset[str]()
    return one.capabilities.fields.get(kind, nothing) & other.capabilities.fields.get(kind, nothing)


def known_links(box: Toolbox, kind: str, source_store: str, destination_store: str) -> Iterator[Link]:
    """Give every link of the ledger between two stores, in the direction of this run, whichever way it was made."""
    yield from box.state.ledger.links(source_store, kind, destination_store)
    for link in box.state.ledger.links(destination_store, kind, source_store):
        yield replace(link, source_id=link.destination_id, destination_id=link.source_id)


def summarise(run: Run, tool: Tool, counts: Counts, figures: Mapping[str, int]) -> dict[str, Any]:
    """Write the figures of a comparison in the words of the HTTP contract."""
    one, many = tool.kind.name.capitalize(), tool.kind.plural
    return {
        "sourceOfTruth": run.source_platform,
        f"source{one}Count": counts.source,
        f"destination{one}Count": counts.destination,
        f"matched{many.capitalize()}": counts.matched,
        f"{many}OnlyInSource": counts.only_in_source,
        f"{many}OnlyInDestination": counts.only_in_destination,
        "sourceRead": counts.source_read,
        "sourceFiltered": counts.source_filtered,
        "duplicates": counts.duplicates,
        "unmatchable": counts.unmatchable,
        "destinationDuplicates": counts.destination_duplicates,
        "destinationUnmatchable": counts.destination_unmatchable,
        "suspectMatches": counts.suspect_matches,
        "fieldDifferences": counts.field_differences,
        "matchedAsDraft": counts.matched_as_draft,
        "matchedBy": dict(counts.matched_by or {}),
        **{_camel(name): value for name, value in figures.items()},
    }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _meta(run: Run, info: StoreInfo) -> SnapshotMeta:
    return SnapshotMeta(
        platform=info.platform,
        store_key=info.key,
        kind=run.kind,
        started_at=run.started_at or run.created_at,
        api_version=info.api_version,
    )


def _unreadable(manifest: Manifest) -> dict[str, Any]:
    listed = [{"id": item.id, "reason": item.reason} for item in manifest.unreadable[:_LISTED_UNREADABLE]]
    return {"count": manifest.unreadable_count, "records": listed}
