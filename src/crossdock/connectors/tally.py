"""Requests to stores, counted by what became of them: figures for whoever watches the program.

Owns the outcomes and their counts. It must not know a store, an address or a reply; counts are of this process alone.
"""

from collections import Counter
from enum import StrEnum

from crossdock.domain.errors import CrossdockError, OutcomeUnknownError, RateLimitedError, TransientError


class Outcome(StrEnum):
    """What became of one request. A write that is `unknown` may have been carried out."""

    ANSWERED = "answered"
    REFUSED = "refused"
    THROTTLED = "throttled"
    FAILED = "failed"
    UNKNOWN = "unknown"


class StoreTally:
    """The requests to all stores of one platform. To be told by the event loop's thread alone."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[bool, Outcome]] = Counter()

    def answered(self, *, is_write: bool, is_refusal: bool) -> None:
        """Count a request that the store answered; `is_refusal` by a status from 400 on."""
        self._counts[is_write, Outcome.REFUSED if is_refusal else Outcome.ANSWERED] += 1

    def failed(self, error: CrossdockError, *, is_write: bool) -> None:
        """Count a request that came to nothing, or to nobody knows what."""
        self._counts[is_write, _outcome_of(error)] += 1

    def throttled(self, *, is_write: bool) -> None:
        """Count, in place of the answer that it came as, that the store did not carry a request out for its rate."""
        self._counts[is_write, Outcome.ANSWERED] -= 1
        self._counts[is_write, Outcome.THROTTLED] += 1

    def counts(self) -> dict[tuple[bool, Outcome], int]:
        """Give the count of each outcome, by whether it was a write."""
        return {
            (is_write, outcome): self._counts[is_write, outcome] for is_write in (False, True) for outcome in Outcome
        }


def _outcome_of(error: CrossdockError) -> Outcome:
    if isinstance(error, OutcomeUnknownError):
        return Outcome.UNKNOWN
    if isinstance(error, RateLimitedError):
        return Outcome.THROTTLED
    return Outcome.FAILED if isinstance(error, TransientError) else Outcome.REFUSED
