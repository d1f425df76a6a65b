"""How long a sync will take, and by what that is known.

Owns the estimate: as the last like sync went, else as the destination's limits allow. It must not know a platform.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crossdock.bootstrap import Services
from crossdock.connectors.contract import StoreInfo
from crossdock.domain.kinds import ORDER
from crossdock.state import Run, RunFilter, RunState, RunType
from crossdock.web.pages.tool_live import duration

_POINTS_A_RECORD = 13
_WITHOUT_LIMIT = 4.0
_TELLING = 20
"""How many records a sync must have made to tell how fast the next one goes."""
_LATEST = 20
_SHORT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long a sync will take, and by what that is known."""

    time: str
    basis: str


async def estimate(
    services: Services, run: Run, count: int, platform: str, is_like: Callable[[Run], bool], *, makes_drafts: bool
) -> Estimate:
    """Say how long `count` records take into a platform's store; `is_like` tells which former syncs went alike."""
    done = RunFilter(pair=run.pair, kind=run.kind, type=RunType.SYNC, state=RunState.DONE, is_preview=False)
    last, _ = await services.runs.list(done, limit=_LATEST)
    rate = rate_of([one for one in last if one.destination_store == run.destination_store and is_like(one)])
    if rate:
        return estimate_of(count, rate, f"{_shown(rate)}, as in the last sync")
    face = await services.inspection.face(run.pair, platform, run.kind)
    title = services.platforms[platform].title
    return estimate_of(count, *limit_of(face.info, run.kind, title, makes_drafts=makes_drafts))


def estimate_of(count: int, rate: float, basis: str) -> Estimate:
    """Say how long `count` records take at a rate a second."""
    seconds = count / rate if rate else 0.0
    rounded = max(10.0, round(seconds / 10) * 10) if seconds < _SHORT_SECONDS else round(seconds / 60) * 60
    return Estimate(f"About {duration(rounded)}", basis)


def rate_of(syncs: Sequence[Run]) -> float:
    """Give the records a second of the first sync that made enough to tell; 0 where none did."""
    for one in syncs:
        made = int(one.summary.get("succeeded") or 0) - int(one.summary.get("alreadyThere") or 0)
        if made >= _TELLING and one.started_at and one.ended_at:
            return made / max(1.0, (one.ended_at - one.started_at).total_seconds())
    return 0.0


def limit_of(info: StoreInfo | None, kind: str, title: str, *, makes_drafts: bool) -> tuple[float, str]:
    """Give the records a second that a store's limits allow, and where that is known from."""
    if info is not None and info.new_orders_a_minute and kind == ORDER.name and not makes_drafts:
        a_minute = info.new_orders_a_minute
        return a_minute / 60, f"{title} takes {a_minute:g} orders a minute from a store for trying out"
    if info is not None and info.restore_rate:
        rate = info.restore_rate / _POINTS_A_RECORD
        return rate, f"{_shown(rate)} at {title}’s limit"  # noqa: RUF001 - the apostrophe of printed text
    return _WITHOUT_LIMIT, f"if {title} takes {_WITHOUT_LIMIT:.0f} a second, as most hosts do"


def _shown(rate: float) -> str:
    return f"{rate:.1f} a second" if rate >= 1 else f"{rate * 60:.1f} a minute"
