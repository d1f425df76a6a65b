"""Undos that are killed or disturbed: what a sync created is gone once, what it found stays, and it can all come again.

Owns the undo's life and death, and what is expected of it: the destination as it was before the sync. It must not know
which record an undo may skip.
"""

import asyncio
import multiprocessing
import signal
import time
from collections import Counter
from dataclasses import fields, replace
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, Self

from crossdock.bootstrap import Services, Settings, open_services
from crossdock.connectors.http import StoreHttp
from crossdock.state import RecordState, Run, RunFilter, RunType, State
from crossdock.state.runs import Runs
from crossdock.state.worklist import Worklist
from crossdock.sync.journal import Journal
from tests.durability.calls import Rule
from tests.durability.haste import in_haste
from tests.durability.killing import bury
from tests.durability.pictures import Picture
from tests.durability.scripts import KINDS, Scripts
from tests.durability.stage import Stage
from tests.durability.trial import Perseverance, undisturbed
from tests.durability.verdict import UNDECIDED, Aftermath, Verdict, judge, look
from tests.durability.victim import Killer

_LONGEST_SECONDS = 60
_MOST_UNDOS = 5
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.durability.victim"])

CROSSED: tuple[tuple[type, tuple[str, ...]], ...] = (
    (Runs, ("create", "claim", "set_phase", "finish")),
    (Worklist, ("add",)),
    (Journal, ("mark_undone", "record")),
    (StoreHttp, ("write",)),
)
"""What an undo crosses: every commit, and every deletion in a store."""

_TO_WOOCOMMERCE: tuple[Rule, ...] = (
    {"method": "GET", "path": "include="},
    {"method": "GET", "path": "/refunds?"},
    {"method": "DELETE"},
)
_TO_SHOPIFY: tuple[Rule, ...] = (
    {"body": "query CrossdockCustomersByIds"},
    {"body": "query CrossdockOrdersByIds"},
    {"body": "query CrossdockOrdersVerify"},
    {"body": "Delete("},
)


class Undoing:
    """Undoes the migration of one way, again and again: each trial leaves all migrated once more, for the next one."""

    def __init__(self, stage: Stage, expected: Aftermath, before: Picture, folder: Path) -> None:
        self._stage = stage
        self._expected = expected
        self._folder = folder
        self._empty = _not_ours(expected.picture, before)
        self._settings: dict[str, Any] = {}
        self._sync_id = ""
        self._times = 0

    @classmethod
    def in_peace(cls, stage: Stage, folder: Path) -> Self:
        """Begin with a migration in peace, whose outcome is what every trial must leave again."""
        stage.refill()
        before = stage.picture()
        undoing = cls(stage, undisturbed(stage, folder), before, folder)
        undoing._settings = stage.settings(folder)
        state = State.open(folder)
        undoing._sync_id = state.runs.find(RunFilter(type=RunType.SYNC))[0].id
        state.close()
        return undoing

    def killed_at_crossing(self, at: int) -> tuple[Verdict, bool]:
        """Kill an undo at a crossing; tells also whether the victim outlived it, since it had fewer."""
        self._migrate()
        victim, _ = self._victim(at)
        victim.join(_LONGEST_SECONDS)
        exitcode = victim.exitcode
        bury(self._stage, victim)
        assert exitcode in {0, -signal.SIGKILL}, f"crossing {at}: the victim ended with {exitcode}"
        return self._taken_up(), exitcode == 0

    def killed_at(self, moment: float) -> Verdict:
        """Kill an undo `moment` seconds after it began, wherever it is by then."""
        self._migrate()
        victim, begun = self._victim(0)
        assert begun.wait(_LONGEST_SECONDS)
        victim.join(moment)
        bury(self._stage, victim)
        return self._taken_up()

    def seconds(self) -> float:
        """Measure how long an undo lasts that nobody kills: the span that random moments are drawn from."""
        self._migrate()
        victim, begun = self._victim(0)
        assert begun.wait(_LONGEST_SECONDS)
        since = time.monotonic()
        victim.join(_LONGEST_SECONDS)
        assert victim.exitcode == 0
        seconds = time.monotonic() - since
        assert self._taken_up().is_clean
        return seconds

    def disturbed(self, scripts: Scripts) -> Verdict:
        """Undo while faults strike; whoever has the answer to a deletion lost undoes once more, as a person would."""
        self._migrate()
        self._stage.set_faults(scripts.woocommerce, scripts.shopify, scripts.seed)
        return self._taken_up(scripts.patience)

    def _migrate(self) -> None:
        if self._sync_id:
            return
        self._stage.refill()
        self._times += 1
        self._settings = self._stage.settings(self._folder / f"again-{self._times}")
        with in_haste():
            asyncio.run(self._first_sync())

    async def _first_sync(self) -> None:
        async with asyncio.timeout(_LONGEST_SECONDS), self._opened() as services:
            perseverance = Perseverance(services, self._stage.way)
            self._sync_id = (await perseverance.sync(await perseverance.compare())).id

    def _opened(self) -> Any:  # noqa: ANN401 - the context that `open_services` gives
        return open_services(Settings.load({}, **self._settings))

    def _victim(self, at: int) -> tuple[BaseProcess, Event]:
        begun = _FORKS.Event()
        process = _FORKS.Process(target=undo_and_die, args=(self._settings, self._sync_id, at, begun))
        process.start()
        return process, begun

    def _taken_up(self, patience: float = 30.0) -> Verdict:
        with in_haste(patience):
            verdict = asyncio.run(self._take_up())
        if not verdict.is_clean:
            # What is wrong now must not be found again by the next trial.
            self._sync_id = ""
        return verdict

    async def _take_up(self) -> Verdict:
        stage, sync_id, self._sync_id = self._stage, self._sync_id, ""
        codes: Counter[str] = Counter()
        async with asyncio.timeout(_LONGEST_SECONDS), self._opened() as services:
            since = time.monotonic()
            perseverance = Perseverance(services, stage.way, codes)
            undo = await _undone(services, perseverance, sync_id)
            seconds = time.monotonic() - since
            await asyncio.to_thread(stage.end_faults)
            emptied = judge(self._without(), await self._look(services, undo), codes=codes)
            compared = await services.runs.list(RunFilter(type="compare"), limit=1)
            sync = await perseverance.sync(compared[0][0])
            await services.mutes.restore()
            again = judge(self._expected, await look(services, stage, sync), codes=codes, seconds=seconds)
        self._sync_id = sync.id
        return _sum(emptied, again)

    def _without(self) -> Aftermath:
        """Expect what was there before the sync, and every record missing again."""
        before = self._expected
        return Aftermath(self._empty, failed={}, chosen=before.chosen, missing=before.missing | before.chosen)

    async def _look(self, services: Services, undo: Run) -> Aftermath:
        """Look at what an undo has left; at work is what the ledger does not call undone."""
        found = await look(services, self._stage, undo)
        between = (undo.source_store, undo.kind, undo.destination_store)
        made = self._expected.chosen - self._expected.failed.keys()
        entries = services.state.ledger.records(*between, sorted(made)).values()
        at_work = sum(entry.state is not RecordState.UNDONE for entry in entries)
        return replace(found, chosen=self._expected.chosen, at_work=at_work + len(made) - len(entries))


def on_every_call_of_an_undo(kind: str) -> Scripts:
    """Let a kind of fault strike each kind of call that an undo makes to either store, once."""
    rule = {"kind": kind, **KINDS[kind]}
    woocommerce, shopify = ([{**rule, **call} for call in calls] for calls in (_TO_WOOCOMMERCE, _TO_SHOPIFY))
    return Scripts(kind, woocommerce, shopify)


def undo_and_die(settings: dict[str, Any], sync_id: str, at: int, is_undoing: Event) -> None:
    """Undo a sync until the crossing `at`."""
    asyncio.run(_undo(Settings.load({}, **settings), sync_id, at, is_undoing))


async def _undo(settings: Settings, sync_id: str, at: int, is_undoing: Event) -> None:
    async with open_services(settings, takes_up_runs=False) as services:
        Killer(at).arm(CROSSED)
        is_undoing.set()
        run = await services.runs.undo(sync_id)
        await services.runs.wait(run.id)


async def _undone(services: Services, perseverance: Perseverance, sync_id: str) -> Run:
    """See every undo of a sync through, and begin another one while a deletion's outcome is not known."""
    runs, _ = await services.runs.list(RunFilter(type=RunType.UNDO))
    left = [run for run in runs if run.parent_run_id == sync_id]
    undo = left[0] if left else await services.runs.undo(sync_id)
    for _ in range(_MOST_UNDOS):
        undo = await perseverance.finish(undo)
        codes = {row.code async for rows in services.runs.stream_results(undo.id) for row in rows}
        if not codes & UNDECIDED:
            return undo
        perseverance.codes.update(codes & UNDECIDED)
        undo = await services.runs.undo(sync_id)
    raise AssertionError(f"not undone after {_MOST_UNDOS} undos: {perseverance.codes}")


def _not_ours(migrated: Picture, before: Picture) -> Picture:
    """Give what must be left: who was there before, though an order that came along may have given them its address."""
    left: Picture = Counter({seen: times for seen, times in migrated.items() if not seen[0]})
    assert {seen[1].identity for seen in before} == {seen[1].identity for seen in left}
    return left


def _sum(one: Verdict, other: Verdict) -> Verdict:
    counted = [field.name for field in fields(Verdict) if field.name not in {"seconds", "codes"}]
    return replace(other, **{name: getattr(one, name) + getattr(other, name) for name in counted})
