"""Many trials at once: `python -m tests.durability --kills 200 --faults 200` prints what became of people.

Owns how many trials of which sort are held for each way, and the table. Ends with 1 when any figure is not 0.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from crossdock.logs import configure_logging
from tests.durability.killing import frozen_at, killed_at, killed_at_crossing, sync_seconds
from tests.durability.scripts import KINDS, Scripts, drawn, on_every_call
from tests.durability.stage import WAYS, Stage, Way, open_stage
from tests.durability.trial import disturbed, undisturbed
from tests.durability.undoing import Undoing, on_every_call_of_an_undo
from tests.durability.verdict import Aftermath, Verdict

_MOST_CROSSINGS = 500
_STRIDE_OF_UNDOS = 5
_WIDTH = 160

Trial = tuple[str, Callable[[], Verdict]]


@dataclass(slots=True)
class Series:
    """The trials of one sort and way."""

    sort: str
    way: Way
    verdicts: list[Verdict] = field(default_factory=list[Verdict])
    troubles: list[str] = field(default_factory=list[str])

    def row(self) -> list[str]:
        """Write the series down: sums, and the middle and the longest of the seconds."""
        sums = [str(sum(verdict.figures[name] for verdict in self.verdicts)) for name in Verdict().figures]
        seconds = [verdict.seconds for verdict in self.verdicts] or [0.0]
        times = f"{statistics.median(seconds):.1f} / {max(seconds):.1f}"
        return [self.sort, self.way.name, str(len(self.verdicts)), *sums, times]


@dataclass(slots=True)
class Crossings:
    """Kills at every `stride`-th crossing, until somebody outlives them all; `held` counts them."""

    kill: Callable[[int], tuple[Verdict, bool]]
    stride: int = 1
    held: int = 0
    has_outlived: bool = False

    def trials(self) -> Iterator[Trial]:
        """Kill at one crossing after the other."""
        for at in range(1, _MOST_CROSSINGS, self.stride):
            if self.has_outlived:
                return
            yield f"crossing {at}", partial(self._cross, at)

    def _cross(self, at: int) -> Verdict:
        verdict, self.has_outlived = self.kill(at)
        self.held += 1
        return verdict


@dataclass(frozen=True, slots=True)
class Campaign:
    """The trials of one way, over one pair of stores; `seconds` is how long a sync lasts there in peace."""

    stage: Stage
    folder: Path
    expected: Aftermath
    seconds: float
    seed: int

    def kills(self, times: int) -> Iterator[tuple[str, Iterator[Trial]]]:
        """Kill a sync at every crossing, and at random moments up to `times` kills in all."""
        crossings = Crossings(self._killed_at_crossing)
        yield "kill, every crossing", crossings.trials()
        kill = partial(killed_at, self.stage, self.expected)
        yield "kill, random moment", self._moments(kill, "moment", times - crossings.held)

    def freezes(self, times: int) -> Iterator[tuple[str, Iterator[Trial]]]:
        """Freeze a sync at random moments, for longer than the lease."""
        yield "frozen, random moment", self._moments(partial(frozen_at, self.stage, self.expected), "frozen", times)

    def faults(self, times: int) -> Iterator[tuple[str, Iterator[Trial]]]:
        """Put each kind of fault on every kind of call, and mixtures by seed up to `times` schedules in all."""
        each = [on_every_call(kind, self.stage.way) for kind in KINDS]
        yield "fault, each kind", (self._schedule(scripts) for scripts in each)
        seeds = range(self.seed, self.seed + times - len(each))
        yield "fault, by seed", (self._schedule(drawn(seed, self.stage.way)) for seed in seeds)

    def undos(self, times: int) -> Iterator[tuple[str, Iterator[Trial]]]:
        """Kill an undo at some crossings and at random moments up to `times`, and put each kind of fault on it."""
        undoing = Undoing.in_peace(self.stage, self.folder / "undo")
        crossings = Crossings(undoing.killed_at_crossing, _STRIDE_OF_UNDOS)
        yield "undo: kill, crossings", crossings.trials()
        moments = self._drawn(undoing.seconds(), times - crossings.held)
        yield (
            "undo: kill, random moment",
            ((f"{moment:.3f} s", partial(undoing.killed_at, moment)) for moment in moments),
        )
        each = [on_every_call_of_an_undo(kind) for kind in KINDS]
        yield "undo: fault, each kind", ((scripts.name, partial(undoing.disturbed, scripts)) for scripts in each)

    def _moments(self, end: Callable[[Path, float], Verdict], name: str, times: int) -> Iterator[Trial]:
        for number, moment in enumerate(self._drawn(self.seconds, times)):
            yield f"{moment:.3f} s", partial(end, self.folder / f"{name}-{number}", moment)

    def _drawn(self, longest: float, times: int) -> Iterator[float]:
        random = Random(f"{self.seed} {self.stage.way.name}")
        return (random.uniform(0, longest) for _ in range(times))

    def _schedule(self, scripts: Scripts) -> Trial:
        place = self.folder / scripts.name
        return scripts.name, partial(disturbed, self.stage, self.expected, place, scripts)

    def _killed_at_crossing(self, at: int) -> tuple[Verdict, bool]:
        return killed_at_crossing(self.stage, self.expected, self.folder / f"crossing-{at}", at)


def main() -> int:
    """Hold every trial that was asked for."""
    asked = _arguments()
    configure_logging("CRITICAL")
    console = Console(width=_WIDTH)
    series: list[Series] = []
    for way in WAYS:
        if asked.way and way.name not in asked.way:
            continue
        with open_stage(way) as stage, tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            expected = undisturbed(stage, folder / "peace")
            campaign = Campaign(stage, folder, expected, sync_seconds(stage, folder / "life"), asked.seed)
            for sort, trials in _sorts(campaign, asked):
                series.append(_held(Series(sort, way), trials, console))
    _show(series, console)
    return int(any(entry.troubles for entry in series))


def _sorts(campaign: Campaign, asked: argparse.Namespace) -> Iterator[tuple[str, Iterator[Trial]]]:
    if asked.kills:
        yield from campaign.kills(asked.kills)
    if asked.freezes:
        yield from campaign.freezes(asked.freezes)
    if asked.faults:
        yield from campaign.faults(asked.faults)
    if asked.undos:
        yield from campaign.undos(asked.undos)


def _held(series: Series, trials: Iterator[Trial], console: Console) -> Series:
    """Hold a series; a trial that breaks off counts as trouble, and the others are still worth holding."""
    for name, trial in trials:
        try:
            verdict = trial()
        except Exception as error:  # noqa: BLE001 - whatever it was, it is told and counted
            trouble = f"broken off: {type(error).__name__}: {error}"
        else:
            series.verdicts.append(verdict)
            trouble = "" if verdict.is_clean else str(verdict.figures)
        if trouble:
            series.troubles.append(trouble)
            console.print(f"{series.sort}, {series.way.name}, {name}: {trouble}", highlight=False)
    console.print(f"{series.sort}, {series.way.name}: {len(series.verdicts)} held", style="dim", highlight=False)
    return series


def _show(series: list[Series], console: Console) -> None:
    columns = ["trial", "way", "held", *Verdict().figures, "seconds to recover"]
    table = Table(*columns)
    for entry in series:
        table.add_row(*entry.row(), style="red" if entry.troubles else "")
    console.print(table)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.durability", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="kills of each way, at every crossing at least; or 0")
    parser.add_argument("--freezes", type=int, default=20, help="freezes of each way, longer than the lease; or 0")
    parser.add_argument("--faults", type=int, default=200, help="schedules of each way, each kind at least; or 0")
    parser.add_argument("--undos", type=int, default=50, help="kills of each way's undo, and each kind of fault; or 0")
    parser.add_argument("--seed", type=int, default=1, help="where the series of random trials begins")
    parser.add_argument("--way", action="append", choices=[way.name for way in WAYS], help="only this way, or these")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
