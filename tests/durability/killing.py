"""Migrations whose process is killed or frozen, at a chosen crossing or moment, and what becomes of them.

Owns the life and death of the process. It must not know what a crossing lies between: the victim does.
"""

import asyncio
import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from crossdock.bootstrap import Settings, open_services
from crossdock.state import RunType
from tests.durability.haste import in_haste
from tests.durability.stage import Stage, Way
from tests.durability.trial import Perseverance
from tests.durability.verdict import Aftermath, Verdict, judge, look
from tests.durability.victim import sync_and_die

_LONGEST_SECONDS = 60
_REQUEST_SECONDS, _LEASE_SECONDS, _FROZEN_SECONDS = 1.0, 1.5, 2.0
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.durability.victim"])


def killed_at_crossings(
    stage: Stage, expected: Aftermath, folder: Path, *, first: int = 1, stride: int = 1
) -> Iterator[tuple[str, Verdict]]:
    """Kill at the crossing `first` and every `stride`-th after it, until a victim has none left; each is judged."""
    at = first
    is_alive = False
    while not is_alive:
        verdict, is_alive = killed_at_crossing(stage, expected, folder / f"crossing-{at}", at)
        yield f"crossing {at}", verdict
        at += stride


def killed_at_crossing(stage: Stage, expected: Aftermath, folder: Path, at: int) -> tuple[Verdict, bool]:
    """Kill at a crossing; tells also whether the victim outlived it, since it had fewer."""
    stage.refill()
    settings = stage.settings(folder)
    victim, _ = _victim(settings, stage.way, at)
    victim.join(_LONGEST_SECONDS)
    exitcode = victim.exitcode
    bury(stage, victim)
    assert exitcode in {0, -signal.SIGKILL}, f"crossing {at}: the victim ended with {exitcode}"
    return _taken_up(stage, expected, settings), exitcode == 0


def sync_seconds(stage: Stage, folder: Path) -> float:
    """Measure how long a sync lasts that nobody kills: the span that random moments are drawn from."""
    stage.refill()
    victim, begun = _victim(stage.settings(folder), stage.way, 0)
    assert begun.wait(_LONGEST_SECONDS)
    since = time.monotonic()
    victim.join(_LONGEST_SECONDS)
    assert victim.exitcode == 0
    return time.monotonic() - since


def killed_at(stage: Stage, expected: Aftermath, folder: Path, moment: float) -> Verdict:
    """Kill `moment` seconds after the sync began, wherever it is by then."""
    stage.refill()
    settings = stage.settings(folder)
    victim, begun = _victim(settings, stage.way, 0)
    assert begun.wait(_LONGEST_SECONDS)
    victim.join(moment)
    bury(stage, victim)
    return _taken_up(stage, expected, settings)


def frozen_at(stage: Stage, expected: Aftermath, folder: Path, moment: float) -> Verdict:
    """Freeze `moment` seconds after the sync began, for longer than the lease, and let it go on by itself."""
    stage.refill()
    settings = stage.settings(folder, request_seconds=_REQUEST_SECONDS, lease_seconds=_LEASE_SECONDS)
    victim, begun = _victim(settings, stage.way, 0)
    assert begun.wait(_LONGEST_SECONDS)
    victim.join(moment)
    if victim.is_alive() and victim.pid:
        os.kill(victim.pid, signal.SIGSTOP)
        victim.join(_FROZEN_SECONDS)
        os.kill(victim.pid, signal.SIGCONT)
    victim.join(_LONGEST_SECONDS)
    exitcode = victim.exitcode
    bury(stage, victim)
    assert exitcode == 0, f"the frozen one ended with {exitcode}"
    return _taken_up(stage, expected, settings)


def _victim(settings: dict[str, Any], way: Way, at: int) -> tuple[BaseProcess, Event]:
    begun = _FORKS.Event()
    process = _FORKS.Process(target=sync_and_die, args=(settings, way, at, begun))
    process.start()
    return process, begun


def bury(stage: Stage, victim: BaseProcess) -> None:
    """Kill what still lives, and let the stores be done with what it had sent."""
    victim.kill()
    victim.join()
    stage.quieten()


def _taken_up(stage: Stage, expected: Aftermath, settings: dict[str, Any]) -> Verdict:
    with in_haste():
        return asyncio.run(_take_up(stage, expected, settings))


async def _take_up(stage: Stage, expected: Aftermath, settings: dict[str, Any]) -> Verdict:
    codes: Counter[str] = Counter()
    async with asyncio.timeout(_LONGEST_SECONDS), open_services(Settings.load({}, **settings)) as services:
        since = time.monotonic()
        perseverance = Perseverance(services, stage.way, codes)
        left, _ = await services.runs.list()
        for run in left:
            await perseverance.finish(run)
        syncs = [run for run in left if run.type is RunType.SYNC]
        if syncs:
            sync = await services.runs.get(syncs[0].id)
        else:
            sync = await perseverance.sync(await perseverance.compare())
        seconds = time.monotonic() - since
        await services.mutes.restore()
        found = await look(services, stage, sync)
    return judge(expected, found, codes=codes, seconds=seconds)
