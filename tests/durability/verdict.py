"""What a trial did to people: nothing, it must say, whatever happened on the way.

Owns the figures and how they are found. What is expected is not taken from the product: it is what the same migration
leaves behind when nothing disturbs it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from crossdock.bootstrap import Services
from crossdock.domain.difference import Group
from crossdock.jobs.requests import CompareRequest
from crossdock.state import Run, RunState
from crossdock.state.ledger.records import RecordState
from tests.durability.pictures import Picture
from tests.durability.stage import Stage

_AT_REST = frozenset({RecordState.DONE, RecordState.LINKED, RecordState.FAILED})
UNDECIDED = frozenset(
    {
        *("outcome_unknown", "bulk_running", "bulk_unobserved", "bulk_line_missing", "not_shown"),
        "not_found_after_create",
    }
)
"""The codes of records of which nobody knows whether they are there (docs/reference/error-codes.md, Records)."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What is to be seen once a trial's run has ended; `failed` has the code of each record that was not migrated.

    `chosen` are the records that the first comparison found missing, `missing` those that the last one did.
    """

    picture: Picture
    failed: Mapping[str, str]
    chosen: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    at_work: int = 0
    suspects: int = 0
    uncounted: int = 0
    mails: int = 0
    stock_changes: int = 0
    money: int = 0
    markers_doubled: int = 0
    is_muted: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The figures of one trial; all but `seconds` and `codes` must be 0. `codes` are those that the run ended with."""

    doubled: int = 0
    lost: int = 0
    half_done: int = 0
    unknown: int = 0
    mails: int = 0
    stock: int = 0
    money: int = 0
    uncounted: int = 0
    still_muted: int = 0
    seconds: float = 0.0
    codes: Counter[str] = field(default_factory=Counter[str])

    @property
    def figures(self) -> dict[str, int]:
        """Everything that must be 0."""
        return {
            "doubled": self.doubled,
            "lost": self.lost,
            "half-done": self.half_done,
            "unknown": self.unknown,
            "mails": self.mails,
            "stock": self.stock,
            "money": self.money,
            "uncounted": self.uncounted,
            "still muted": self.still_muted,
        }

    @property
    def is_clean(self) -> bool:
        """Whether nobody was harmed."""
        return not any(self.figures.values())


async def look(services: Services, stage: Stage, sync: Run) -> Aftermath:
    """Compare once more, and look into the stores past every API."""
    run = await services.runs.start_compare(CompareRequest(stage.way.kind, stage.way.source))
    compared = await services.runs.wait(run.id)
    assert compared.state is RunState.DONE, compared.error_code
    missing: set[str] = set()
    async for rows in services.runs.stream_differences(compared.id, Group.ONLY_IN_SOURCE):
        missing.update(str(row["source_id"]) for row in rows)
    results = [row async for rows in services.runs.stream_results(sync.id) for row in rows]
    ids = [row.source_id for row in results]
    ledger = services.state.ledger.records(sync.source_store, sync.kind, sync.destination_store, ids)
    return Aftermath(
        picture=stage.picture(),
        failed={row.source_id: row.code for row in results if row.code},
        chosen=frozenset(ids),
        missing=frozenset(missing),
        at_work=sum(record.state not in _AT_REST for record in ledger.values()),
        suspects=int(compared.summary["suspectMatches"]),
        uncounted=abs(len(results) - int(sync.summary["succeeded"]) - int(sync.summary["failed"])),
        mails=stage.mails(),
        stock_changes=stage.stock_changes(),
        money=stage.money(),
        markers_doubled=stage.doubled(),
        is_muted=bool(stage.changed_settings()),
    )


def judge(expected: Aftermath, found: Aftermath, *, codes: Counter[str], seconds: float = 0.0) -> Verdict:
    """Hold what a disturbed run has left against what an undisturbed one leaves; `seconds` is how long it took."""
    want, have = expected.picture, found.picture
    kept = want & have
    want_ids, have_ids = _by_identity(want - kept), _by_identity(have - kept)
    changed = want_ids & have_ids
    # What the comparison still lists must be exactly what could not be migrated in peace either.
    unexplained = found.missing ^ expected.missing
    return Verdict(
        doubled=max((have_ids - changed).total(), found.markers_doubled),
        lost=max((want_ids - changed).total(), len(unexplained)),
        half_done=max(changed.total(), found.at_work, found.suspects),
        unknown=sum(code in UNDECIDED for code in found.failed.values()),
        mails=found.mails,
        stock=found.stock_changes,
        money=found.money,
        uncounted=max(
            found.uncounted, len(found.failed.keys() ^ expected.failed.keys()), len(found.chosen ^ expected.chosen)
        ),
        still_muted=int(found.is_muted),
        seconds=seconds,
        codes=codes,
    )


def _by_identity(picture: Picture) -> Counter[tuple[str, str]]:
    """Count records by who they are, whatever they hold."""
    found: Counter[tuple[str, str]] = Counter()
    for (source_id, content), times in picture.items():
        found[source_id, content.identity] += times
    return found
