"""Tools: what each record kind brings to the jobs.

Owns the bundle that the composition root makes per kind, so that a further tool is added without touching the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from crossdock.compare.kinds import CompareKind
from crossdock.domain.kinds import RecordKind
from crossdock.sync.kinds import SyncKind


@dataclass(frozen=True, slots=True)
class Tool:
    """One kind with its ways of comparing and migrating; `sync` is None for a kind that is only compared."""

    kind: RecordKind
    compare: CompareKind
    sync: SyncKind | None = None


Tools = Mapping[str, Tool]
"""The tools of a process by singular kind name."""
