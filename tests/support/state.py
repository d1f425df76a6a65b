"""What the tests of `state` share: where one can be opened, and runs to write for."""

from dataclasses import dataclass
from pathlib import Path

from crossdock.state import Lease, RunSpec, RunType, State


@dataclass(frozen=True, slots=True)
class Place:
    """Where a state can be opened, more than once."""

    data_dir: Path
    url: str | None

    def open(self) -> State:
        return State.open(self.data_dir, database_url=self.url)


def sync_spec(source: str = "shop.example.com", destination: str = "example.myshopify.com") -> RunSpec:
    """Ask for a sync of customers."""
    return RunSpec(RunType.SYNC, "customer", "default", "woocommerce", source, destination)


def compare_spec(source: str = "shop.example.com", destination: str = "example.myshopify.com") -> RunSpec:
    """Ask for a comparison of customers."""
    return RunSpec(RunType.COMPARE, "customer", "default", "woocommerce", source, destination)


def claimed(state: State, spec: RunSpec | None = None) -> Lease:
    """Create a run and claim it."""
    run = state.runs.create(spec or sync_spec()).run
    lease = state.runs.claim(run.id, "worker", 60)
    assert lease is not None
    return lease
