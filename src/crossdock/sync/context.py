"""What one sync run works with: its two stores, its journal, and the clock it waits by.

Owns no behaviour beyond asking whether it may go on. It must not know who runs the run.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crossdock.connectors.contract import Sink, Source, StoreInfo
from crossdock.domain.identity import Marker
from crossdock.sync.journal import Journal
from crossdock.sync.kinds import SyncKind


@dataclass(frozen=True, slots=True)
class Timing:
    """How long to wait before concluding that a write was lost, in seconds.

    `settle_seconds` runs from the start of the attempt to the first look, `look_gap_seconds` between two empty looks.
    """

    settle_seconds: float
    look_gap_seconds: float


@dataclass(frozen=True, slots=True)
class SyncContext:
    """One run's stores, journal and waiting.

    `may_send` raises `LeaseLostError` when the run is no longer ours, `should_stop` tells whether someone asked to
    pause or cancel, `now` is aware UTC.
    """

    run_id: str
    kind: SyncKind
    source_info: StoreInfo
    destination_info: StoreInfo
    source: Source[Any]
    destination: Source[Any]
    sink: Sink[Any]
    journal: Journal
    timing: Timing
    may_send: Callable[[], Awaitable[None]]
    should_stop: Callable[[], Awaitable[bool]]
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]

    def marker(self, source_id: str) -> Marker:
        """Give the marker that a record of the source will carry."""
        return Marker(self.source_info.platform, self.source_info.key, self.kind.kind.name, source_id)
