"""One migration in adverse conditions, from the first comparison to the last record: begun, resumed, judged.

Owns how a person would see a run through: what ends for a moment's trouble is taken up again. It must not know which
fault strikes where.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crossdock.bootstrap import Services, Settings, open_services
from crossdock.domain.errors import CrossdockError
from crossdock.jobs.requests import CompareRequest, SelectAll, SyncRequest
from crossdock.state import Run, RunState
from tests.durability.haste import in_haste
from tests.durability.scripts import Scripts
from tests.durability.stage import Stage, Way
from tests.durability.verdict import Aftermath, Verdict, judge, look

_LONGEST_SECONDS = 90
_MOST_RESUMES = 40


@dataclass(slots=True)
class Perseverance:
    """Sees runs through; `codes` counts what they ended with on the way."""

    services: Services
    way: Way
    codes: Counter[str] = field(default_factory=Counter[str])

    async def compare(self) -> Run:
        """Compare until it is done."""
        runs = self.services.runs
        return await self._see_through(lambda: runs.start_compare(CompareRequest(self.way.kind, self.way.source)))

    async def sync(self, compared: Run) -> Run:
        """Migrate all that a comparison has found missing, until it is done."""
        request = sync_request(self.way, compared.id)
        return await self._see_through(lambda: self.services.runs.start_sync(request))

    async def finish(self, run: Run) -> Run:
        """Resume a run until it is done."""
        for _ in range(_MOST_RESUMES):
            run = await self.services.runs.wait(run.id)
            if run.state is RunState.DONE:
                return run
            assert run.state is RunState.FAILED, run.state
            self.codes[run.error_code] += 1
            await self.services.runs.resume(run.id)
        raise AssertionError(f"not done after {_MOST_RESUMES} resumes: {self.codes}")

    async def _see_through(self, start: Callable[[], Awaitable[Run]]) -> Run:
        for _ in range(_MOST_RESUMES):
            try:
                run = await start()
            except CrossdockError as error:
                self.codes[error.code] += 1
                continue
            return await self.finish(run)
        raise AssertionError(f"not started after {_MOST_RESUMES} tries: {self.codes}")


def sync_request(way: Way, compare_id: str) -> SyncRequest:
    """Ask for all that a comparison has found missing."""
    return SyncRequest(way.kind, way.source, SelectAll(compare_id), options=way.options)


async def persevere(stage: Stage, settings: dict[str, Any]) -> tuple[Aftermath, Counter[str], float]:
    """Compare and migrate whatever it takes, then look with no fault left; gives also how long the migration took."""
    async with asyncio.timeout(_LONGEST_SECONDS), open_services(Settings.load({}, **settings)) as services:
        perseverance = Perseverance(services, stage.way)
        compared = await perseverance.compare()
        since = time.monotonic()
        sync = await perseverance.sync(compared)
        seconds = time.monotonic() - since
        await asyncio.to_thread(stage.end_faults)
        await services.mutes.restore()
        return await look(services, stage, sync), perseverance.codes, seconds


def undisturbed(stage: Stage, folder: Path) -> Aftermath:
    """Migrate in peace: what is there afterwards is what every trial must leave."""
    stage.refill()
    with in_haste():
        found, codes, _ = asyncio.run(persevere(stage, stage.settings(folder)))
    assert not codes
    assert not found.mails + found.stock_changes + found.money + found.markers_doubled
    assert not found.at_work
    assert set(found.failed) == found.missing
    return found


def disturbed(stage: Stage, expected: Aftermath, folder: Path, scripts: Scripts) -> Verdict:
    """Migrate while faults strike, and judge."""
    stage.refill()
    stage.set_faults(scripts.woocommerce, scripts.shopify, scripts.seed)
    with in_haste(scripts.patience):
        found, codes, seconds = asyncio.run(persevere(stage, stage.settings(folder, **scripts.settings)))
    return judge(expected, found, codes=codes, seconds=seconds)
