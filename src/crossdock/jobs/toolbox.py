"""What every workflow is handed: state, stores, the compare engine, tools, waiting and folders.

Owns no behaviour but where a run's files are. It must not know a phase.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crossdock.compare.engine import CompareEngine
from crossdock.jobs.clock import elapsed_seconds
from crossdock.jobs.connections import ConnectionService
from crossdock.jobs.lease import LeaseKeeper
from crossdock.jobs.platforms import Platform
from crossdock.jobs.progress import Progress
from crossdock.jobs.tools import Tools
from crossdock.state import Run, RunType, State


@dataclass(frozen=True, slots=True)
class Waits:
    """How long things may take, in seconds; settings, so that tests and demos can shrink them."""

    look_gap_seconds: float
    lease_seconds: float
    request_seconds: float
    """The longest that one write to a store takes: a lease must outlast it."""


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The parts that workflows are made of. `elapsed` is the clock of waits, in seconds since some moment."""

    state: State
    connections: ConnectionService
    engine: CompareEngine
    tools: Tools
    platforms: Mapping[str, Platform]
    waits: Waits
    runs_dir: Path
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    elapsed: Callable[[], float] = elapsed_seconds

    def run_dir(self, run_id: str) -> Path:
        """Give the folder of a run's snapshots and results."""
        return self.runs_dir / run_id

    def result_dir(self, run_id: str) -> Path:
        """Give the folder of a comparison's result."""
        return self.run_dir(run_id) / "result"

    def settle_seconds(self, run: Run) -> float:
        """Tell how long a write that a dead worker of the run sent last may still be at work."""
        if run.type is RunType.COMPARE or run.source_platform not in self.platforms:
            return 0.0
        return self.platforms[self.other_platform(run.source_platform)].capabilities.settle_seconds

    def other_platform(self, platform: str) -> str:
        """Give the platform on the other side of a pair."""
        return next(name for name in self.platforms if name != platform)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A run that this process holds, with its lease and its voice."""

    run: Run
    keeper: LeaseKeeper
    progress: Progress
