"""Parking: records whose next step may not be sent yet.

Owns when they may go on. It must not know why they wait, nor send anything.
"""

from collections.abc import Sequence
from datetime import datetime

from crossdock.sync.planning import Journey

MAX_PARKED = 2_000
"""How many records may wait before no further ones are begun: each is held in memory."""


class Parking:
    """The records of one run that wait for their time."""

    def __init__(self) -> None:
        self._waiting: list[Journey] = []

    def add(self, journeys: Sequence[Journey]) -> None:
        """Take in records; those that come together go on together, when the last of them may."""
        if journeys:
            together = max(journey.ready_at for journey in journeys)
            for journey in journeys:
                journey.ready_at = together
            self._waiting += journeys

    @property
    def is_full(self) -> bool:
        """Whether so many wait that no further ones should be begun."""
        return len(self._waiting) >= MAX_PARKED

    @property
    def next_at(self) -> datetime | None:
        """When the next ones may go on; None when nothing waits."""
        return min((journey.ready_at for journey in self._waiting), default=None)

    def take(self, now: datetime) -> list[Journey]:
        """Give those that may go on now."""
        due = [journey for journey in self._waiting if journey.ready_at <= now]
        self._waiting = [journey for journey in self._waiting if journey.ready_at > now]
        return due
