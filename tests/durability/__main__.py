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
from tests.durability.scripts import KINDS, drawn, on_every_call
from tests.durability.stage import WAYS, Stage, Way, open_stage
from tests.durability.trial import disturbed, undisturbed
from tests.durability.verdict import Aftermath, Verdict

_MOST_CROSSINGS = 500
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
class Campaign:
    """The trials of one way, over one pair of stores; `seconds` is how long a sync lasts there in peace."""

    stage: Stage
    folder: Path
    expected: Aftermath
    seconds: float
    crossings_held: int = 0
    has_outlived: bool = False

    def crossings(self) -> Iterator[Trial]:
        """Kill at every crossing."""
        for at in range(1, _MOST_CROSSINGS):
            if self.has_outlived:
                return
            yield f"crossing {at}", partial(self._cross, at)

    def moments(self, kills: int, seed: int) -> Iterator[Trial]:
        """Kill at random moments of the sync, so often that with the crossings there are `kills` kills."""
        random = Random(f"{seed} {self.stage.way.name}")
        for number in range(kills - self.crossings_held):
            moment = random.uniform(0, self.seconds)
            place = self.folder / f"moment-{number}"
            yield f"{moment:.3f} s", partial(killed_at, self.stage, self.expected, place, moment)

    def freezes(self, times: int, seed: int) -> Iterator[Trial]:
        """Freeze at random moments of the sync, for longer than the lease."""
        random = Random(f"{seed} {self.stage.way.name}")
        for number in range(times):
            moment = random.uniform(0, self.seconds)
            place = self.folder / f"frozen-{number}"
            yield f"{moment:.3f} s", partial(frozen_at, self.stage, self.expected, place, moment)

    def kinds(self) -> Iterator[Trial]:
        """Put each kind of fault on every kind of call."""
        for kind in KINDS:
            scripts = on_every_call(kind, self.stage.way)
            yield kind, partial(disturbed, self.stage, self.expected, self.folder / f"kind-{kind}", scripts)

    def schedules(self, faults: int, seed: int) -> Iterator[Trial]:
        """Put mixtures of faults, by seed, so many that with the kinds there are `faults` schedules."""
        for number in range(seed, seed + faults - len(KINDS)):
            scripts = drawn(number, self.stage.way)
            yield scripts.name, partial(disturbed, self.stage, self.expected, self.folder / f"seed-{number}", scripts)

    def _cross(self, at: int) -> Verdict:
        place = self.folder / f"crossing-{at}"
        verdict, self.has_outlived = killed_at_crossing(self.stage, self.expected, place, at)
        self.crossings_held += 1
        return verdict


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
            campaign = Campaign(stage, folder, expected, sync_seconds(stage, folder / "life"))
            for sort, trials in _sorts(campaign, asked):
                series.append(_held(Series(sort, way), trials, console))
    _show(series, console)
    return int(any(entry.troubles for entry in series))


def _sorts(campaign: Campaign, asked: argparse.Namespace) -> Iterator[tuple[str, Iterator[Trial]]]:
    if asked.kills:
        yield "kill, every crossing", campaign.crossings()
        yield "kill, random moment", campaign.moments(asked.kills, asked.seed)
    if asked.freezes:
        yield "frozen, random moment", campaign.freezes(asked.freezes, asked.seed)
    if asked.faults:
        yield "fault, each kind", campaign.kinds()
        yield "fault, by seed", campaign.schedules(asked.faults, asked.seed)


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
    parser.add_argument("--freezes", type=int, default=20, help="freezes of each way, longer than the lease")
    parser.add_argument("--faults", type=int, default=200, help="schedules of each way, each kind at least; or 0")
    parser.add_argument("--seed", type=int, default=1, help="where the series of random trials begins")
    parser.add_argument("--way", action="append", choices=[way.name for way in WAYS], help="only this way, or these")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
