"""Leases: proof, within a transaction, that a worker may still write for its run.

Owns the check of the fence. It must not know how a lease is won: `runs.py` does.
"""

from dataclasses import dataclass, replace
from typing import Self

from sqlalchemy import Connection, Update, select, update

from crossdock.domain.errors import LeaseLostError
from crossdock.state.run_rows import Lease, runs


@dataclass(frozen=True, slots=True)
class HeldRun:
    """What the writes of a lease's holder are about."""

    run_id: str
    kind: str
    source_store: str
    destination_store: str

    def about(self, kind: str) -> Self:
        """Give the same about records of another kind; an empty word changes nothing."""
        return replace(self, kind=kind or self.kind)


def check_lease(connection: Connection, lease: Lease) -> HeldRun:
    """Make sure that nobody took the run over, nor can before the transaction ends.

    Raises:
        LeaseLostError: somebody has.
    """
    row = (
        connection.execute(
            select(runs.c.kind, runs.c.source_store, runs.c.destination_store)
            .where(runs.c.id == lease.run_id, runs.c.fence == lease.fence)
            .with_for_update(read=True)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise lease_lost(lease)
    return HeldRun(lease.run_id, row["kind"], row["source_store"], row["destination_store"])


def fenced_update(lease: Lease) -> Update:
    """Begin an update of the run's own row that finds it only while the lease holds."""
    return update(runs).where(runs.c.id == lease.run_id, runs.c.fence == lease.fence)


def lease_lost(lease: Lease) -> LeaseLostError:
    """Make the error for a lease that holds no more."""
    return LeaseLostError(
        "lease_lost", f"Another worker has taken over the run {lease.run_id}.", f"fence {lease.fence}"
    )
