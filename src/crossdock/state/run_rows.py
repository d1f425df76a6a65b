"""Runs as values: what a run is, what one is asked to be, and the table that keeps it.

Owns the table of runs and its translation. It must not know who may change a run: `runs.py` does.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import Boolean, Column, Float, Index, Integer, RowMapping, Table, false

from crossdock.state.schema import JsonValue, Moment, StoreText, metadata


class RunType(StrEnum):
    """What a run does."""

    COMPARE = "compare"
    SYNC = "sync"
    UNDO = "undo"


class RunState(StrEnum):
    """Where a run stands. A paused run has given its stores free; an interrupted one waits for a worker."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens by itself."""
        return self in ENDED


ENDED = frozenset({RunState.DONE, RunState.FAILED, RunState.CANCELLED})


class Control(StrEnum):
    """What a person has asked of a run; its worker obeys at the next record."""

    NONE = ""
    PAUSE = "pause"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A key that a caller chose for its request, and the digest of the request's body."""

    key: str
    body_digest: str

    @classmethod
    def of(cls, key: str, body: bytes) -> Self:
        """Digest the body as it came."""
        return cls(key, hashlib.sha256(body).hexdigest())


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What is asked for. `request` is what the run needs to know, as JSON values; it is kept as it is.

    `is_preview`: a dry run, which writes nothing to any store.
    """

    type: RunType
    kind: str
    pair: str
    source_platform: str
    source_store: str
    destination_store: str
    request: Mapping[str, Any] = field(default_factory=dict[str, Any])
    parent_run_id: str = ""
    is_preview: bool = False
    idempotency: Idempotency | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run as it was when it was looked up.

    `lease_until` of a run without `owner` is when it was left or resumed; None before anybody worked on it.
    `lease_seconds` is how long its owner, or the last one, leases it for.
    """

    id: str
    type: RunType
    kind: str
    pair: str
    source_platform: str
    source_store: str
    destination_store: str
    state: RunState
    phase: str
    request: Mapping[str, Any]
    summary: Mapping[str, Any]
    error_code: str
    error_message: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    control: Control
    owner: str
    fence: int
    lease_until: datetime | None
    lease_seconds: float
    parent_run_id: str
    is_preview: bool


@dataclass(frozen=True, slots=True)
class CreatedRun:
    """A run, and whether this call made it: an idempotency key gives the run that it made before."""

    run: Run
    is_new: bool


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are listed; an empty part does not filter, and `is_preview` neither where it is None."""

    pair: str = ""
    kind: str = ""
    type: str = ""
    state: str = ""
    is_preview: bool | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a run, until someone else gets a higher fence."""

    run_id: str
    fence: int


runs = Table(
    "runs",
    metadata,
    Column("id", StoreText, primary_key=True),
    Column("type", StoreText, nullable=False),
    Column("kind", StoreText, nullable=False),
    Column("pair", StoreText, nullable=False),
    Column("source_platform", StoreText, nullable=False),
    Column("source_store", StoreText, nullable=False),
    Column("destination_store", StoreText, nullable=False),
    Column("state", StoreText, nullable=False),
    Column("phase", StoreText, nullable=False, default=""),
    Column("request", JsonValue, nullable=False),
    Column("summary", JsonValue, nullable=False, default=dict),
    Column("error_code", StoreText, nullable=False, default=""),
    Column("error_message", StoreText, nullable=False, default=""),
    Column("created_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    Column("control", StoreText, nullable=False, default=""),
    Column("owner", StoreText, nullable=False, default=""),
    Column("fence", Integer, nullable=False, default=0),
    Column("lease_until", Moment),
    Column("lease_seconds", Float, nullable=False, default=0.0, server_default="180"),
    Column("parent_run_id", StoreText, nullable=False, default=""),
    Column("is_preview", Boolean, nullable=False, default=False, server_default=false()),
    Column("idempotency_key", StoreText, unique=True),
    Column("body_digest", StoreText, nullable=False, default=""),
    Index(None, "state"),
    Index(None, "pair", "id"),
    Index(None, "parent_run_id"),
)


def run_of(row: RowMapping) -> Run:
    """Make the value of a row."""
    values: dict[str, Any] = {name: row[name] for name in Run.__slots__}
    values["type"] = RunType(values["type"])
    values["state"] = RunState(values["state"])
    values["control"] = Control(values["control"])
    return Run(**values)
