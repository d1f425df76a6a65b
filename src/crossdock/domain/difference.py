"""Differences: the words in which a comparison speaks, whatever the kind.

Owns the groups into which a comparison sorts records, and links. It must not know columns or SQL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """Where a comparison lists a record; the values name tabs, API members and result files."""

    ONLY_IN_SOURCE = "onlyInSource"
    SUSPECT_MATCHES = "suspectMatches"
    FIELD_DIFFERENCES = "fieldDifferences"
    DUPLICATES = "duplicates"
    UNMATCHABLE = "unmatchable"


class LinkOrigin(StrEnum):
    """Who says that two records are one: our ledger, or the marker on a record."""

    LEDGER = "ledger"
    MARKER = "marker"


@dataclass(frozen=True, slots=True)
class Link:
    """A source record that has become, or was found to be, a destination record. `linked_at`: RFC 3339 UTC or empty."""

    source_id: str
    destination_id: str
    origin: LinkOrigin = LinkOrigin.LEDGER
    linked_at: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures of a comparison (§3.1 of the product's rules).

    Always `source = matched + only_in_source + duplicates + unmatchable` and
    `destination + matched_as_draft = matched + only_in_destination + destination_duplicates + destination_unmatchable`.
    """

    source_read: int
    source_filtered: int
    source: int
    destination: int
    matched: int
    only_in_source: int
    only_in_destination: int
    duplicates: int
    unmatchable: int
    destination_duplicates: int
    destination_unmatchable: int
    suspect_matches: int = 0
    field_differences: int = 0
    matched_as_draft: int = 0
    matched_by: Mapping[str, int] | None = None

    def add_up(self) -> bool:
        """Check both equations."""
        return (
            self.source == self.matched + self.only_in_source + self.duplicates + self.unmatchable
            and self.source_read == self.source + self.source_filtered
            and self.destination + self.matched_as_draft
            == self.matched + self.only_in_destination + self.destination_duplicates + self.destination_unmatchable
        )
