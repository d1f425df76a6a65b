"""Newcomers: what came to be in the destination since it was last read as a whole.

Owns the one look, before the first write, that keeps a record from being made which somebody made meanwhile. It must
not know kinds.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from crossdock.connectors.contract import DetailedSource, Source
from crossdock.domain.identity import marker_prefix
from crossdock.domain.plan import Level, Reason
from crossdock.sync.context import SyncContext

CAME_MEANWHILE = Reason(
    "came_meanwhile", Level.INFO, "Somebody brought this record to the destination after the comparison; it is linked."
)
_OVERLAP = timedelta(seconds=60)


class Newcomers:
    """Records of the destination that were made or changed since the comparison; read once, at the first question."""

    def __init__(self, context: SyncContext) -> None:
        self._context = context
        self._by_key: dict[str, list[Any]] | None = None
        self._by_marker: dict[str, str] = {}
        self._taken: set[str] = set()

    async def match(self, source_id: str, record: object) -> str:
        """Give the id of the destination's record that has come to be this one; empty where there is none.

        Raises:
            CrossdockError: the destination refuses or can't be reached.
        """
        kind = self._context.kind
        if kind.match_keys is None or kind.is_match is None:
            return ""
        if self._by_key is None:
            self._by_key = await self._read(self._context.destination)
        ours = self._by_marker.get(str(self._context.marker(source_id)))
        if ours is not None:
            return ours
        candidates: Sequence[Any] = [one for key in kind.match_keys(record) for one in self._by_key.get(key, ())]
        for candidate in candidates:
            if candidate.id not in self._taken and kind.is_match(record, candidate):
                self._taken.add(candidate.id)
                return str(candidate.id)
        return ""

    async def _read(self, destination: Source[Any]) -> dict[str, list[Any]]:
        context = self._context
        by_key: dict[str, list[Any]] = {}
        if not isinstance(destination, DetailedSource) or context.kind.match_keys is None:
            return by_key
        records: DetailedSource[Any] = destination
        ours = marker_prefix(context.source_info.platform, context.source_info.key, context.kind.kind.name)
        async for page in records.changed_since(context.compared_at - _OVERLAP):
            for record in page.records:
                if record.marker.startswith(ours):
                    self._by_marker[record.marker] = record.id
                    continue
                for key in context.kind.match_keys(record):
                    by_key.setdefault(key, []).append(record)
        return by_key
