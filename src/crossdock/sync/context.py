"""What one sync run works with: its two stores, its journal, and the clock it waits by.

Owns no behaviour beyond asking whether it may go on. It must not know who runs the run.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crossdock.connectors.contract import CustomerSink, Sink, Source, StoreInfo
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
class CustomerSide:
    """How the people of a run's records are read and written.

    `is_wanted`: those whom the destination lacks are migrated along, unless `is_dry_run`.
    """

    source: Source[Any]
    destination: Source[Any]
    sink: CustomerSink[Any]
    is_wanted: bool
    is_dry_run: bool

    @property
    def writes(self) -> bool:
        """Whether customers may be created."""
        return self.is_wanted and not self.is_dry_run


@dataclass(frozen=True, slots=True)
class SyncContext:
    """One run's stores, journal and waiting.

    `options` are the run's, all with their values. `compared_at` (aware UTC) is when the destination was last known
    whole: what was made in it since is looked at before anything is written. `customers` is None for a kind that
    brings nobody along.

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
    compared_at: datetime
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    customers: CustomerSide | None = None

    def marker(self, source_id: str) -> Marker:
        """Give the marker that a record of the source will carry."""
        return Marker(self.source_info.platform, self.source_info.key, self.kind.kind.name, source_id)
