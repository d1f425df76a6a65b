"""How far a run is, on standard error: bars with rate and time left on a terminal, plain lines anywhere else.

Owns the display of a run's events. It must not know what a run does.
"""

import asyncio
import sys
import time
from collections.abc import Mapping
from typing import Any, Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from crossdock.bootstrap import Services
from crossdock.cli.exits import complain
from crossdock.cli.figures import headline
from crossdock.cli.text import printable
from crossdock.state import Run

_LINE_GAP_SECONDS = 5.0
_TOLD = frozenset({"release_failed", "no_worker"})
_SIDES = ("source", "destination", "sync", "undo")


class _Display(Protocol):
    def phase(self, name: str) -> None: ...

    def figures(self, side: str, figures: Mapping[str, Any]) -> None: ...

    def waiting(self, said: str) -> None: ...

    def close(self) -> None: ...


class _Bars:
    """Bars on a terminal."""

    def __init__(self) -> None:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}", markup=False),
        )
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._tasks: dict[str, TaskID] = {}
        self._waiting: TaskID | None = None
        self._progress.start()

    def phase(self, name: str) -> None:
        self._progress.console.print(name, markup=False, style="dim")

    def figures(self, side: str, figures: Mapping[str, Any]) -> None:
        if side not in self._tasks:
            self._tasks[side] = self._progress.add_task(side, total=None, pace="")
        self._progress.update(self._tasks[side], completed=figures["done"], total=figures["total"], pace=_pace(figures))

    def waiting(self, said: str) -> None:
        if said and self._waiting is None:
            self._waiting = self._progress.add_task(said, total=None, completed=0, pace="")
        if self._waiting is not None:
            self._progress.update(self._waiting, description=said, visible=bool(said))

    def close(self) -> None:
        self._progress.stop()


class _Lines:
    """A line now and then, for logs and pipes."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[int, float]] = {}
        self._waited_at = -_LINE_GAP_SECONDS

    def phase(self, name: str) -> None:
        typer.echo(name, err=True)

    def figures(self, side: str, figures: Mapping[str, Any]) -> None:
        done, total, now = int(figures["done"]), figures["total"], time.monotonic()
        told, told_at = self._told.get(side, (0, 0.0))
        if done != told and (done == total or now - told_at >= _LINE_GAP_SECONDS):
            self._told[side] = done, now
            typer.echo(f"{side}: {done}/{'?' if total is None else total} {_pace(figures)}", err=True)

    def waiting(self, said: str) -> None:
        now = time.monotonic()
        if said and now - self._waited_at >= _LINE_GAP_SECONDS:
            self._waited_at = now
            typer.echo(said, err=True)

    def close(self) -> None:
        pass


def _pace(figures: Mapping[str, Any]) -> str:
    left = figures.get("secondsLeft")
    rate = f"{figures.get('perSecond', 0):g}/s"
    return rate if not left else f"{rate}, {int(left) // 60}:{int(left) % 60:02d} left"


def _wait(services: Services, waiting: Mapping[str, Any] | None) -> str:
    if not waiting:
        return ""
    title = services.platforms[waiting["platform"]].title
    return f"waiting for {title}'s rate limit, {waiting['seconds']} s"


async def watch(services: Services, run: Run) -> Run:
    """Show a run's progress until it rests, and give it as it is then.

    Raises:
        StateError: how it stands can't be written down.
    """
    display: _Display = _Bars() if sys.stderr.isatty() else _Lines()
    typer.echo(f"{headline(services, run)}\nrun {run.id}", err=True)
    showing = asyncio.create_task(_show(services, run, display))
    try:
        # The wait knows of trouble that could not be written down, and of which no event tells.
        ended = await services.runs.wait(run.id)
        await showing
    finally:
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)
        display.close()
    return ended


async def _show(services: Services, run: Run, display: _Display) -> None:
    async for event in services.runs.follow(run.id):
        if event.type == "phase":
            display.phase(printable(event.data["phase"]))
        elif event.type == "progress":
            for side in _SIDES:
                if side in event.data:
                    display.figures(side, event.data[side])
            display.waiting(_wait(services, event.data.get("waiting")))
        elif event.type in _TOLD:
            complain(str(event.data["message"]), str(event.data["code"]))
