"""The manifest of a snapshot: what has been read so far, and where the reading goes on.

Owns its file and its shape. A part that no manifest names does not exist. It must not know how records are read.
"""

from datetime import datetime
from pathlib import Path

import msgspec

from crossdock.compare.durable import write_whole
from crossdock.domain.errors import StateError

MANIFEST = "manifest.json"
MAX_LISTED_UNREADABLE = 1_000
"""How many unreadable records are named one by one; all are counted."""


class SnapshotMeta(msgspec.Struct, frozen=True, rename="camel"):
    """What a snapshot is of. `filters` are the choices that shaped the reading, as text."""

    platform: str
    store_key: str
    kind: str
    started_at: datetime
    api_version: str = ""
    filters: dict[str, str] = {}

    def same_reading(self, other: "SnapshotMeta") -> bool:
        """Whether a reading of `other` may go on where this one stopped."""
        mine = (self.platform, self.store_key, self.kind, self.filters)
        return mine == (other.platform, other.store_key, other.kind, other.filters)


class Part(msgspec.Struct, frozen=True):
    """One Parquet file of a snapshot."""

    name: str
    records: int


class Unreadable(msgspec.Struct, frozen=True):
    """A record that could not be read, with its id (empty when unknown) and the reason."""

    id: str
    reason: str


class Manifest(msgspec.Struct, frozen=True, rename="camel"):
    """A snapshot as far as it has been read. `records` counts rows before repeated ids are dropped."""

    meta: SnapshotMeta
    parts: tuple[Part, ...] = ()
    records: int = 0
    cursor: str | None = None
    is_complete: bool = False
    unreadable: tuple[Unreadable, ...] = ()
    unreadable_count: int = 0

    def part_paths(self, directory: Path) -> list[str]:
        """Give the paths of the parts in reading order."""
        return [str(directory / part.name) for part in self.parts]


def load_manifest(directory: Path) -> Manifest | None:
    """Read the manifest of a snapshot; None when nothing has been kept yet.

    Raises:
        StateError: the file can't be read or is damaged.
    """
    path = directory / MANIFEST
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise StateError(
            "snapshot_damaged", "What was read from the store can't be used any more; compare again.", str(path)
        ) from error


def save_manifest(directory: Path, manifest: Manifest) -> None:
    """Commit a manifest: from here on its parts and its cursor count."""
    write_whole(directory / MANIFEST, msgspec.json.encode(manifest))
