"""Many trials at once: `python -m tests.durability --kills 200 --faults 200` prints what became of people.

Owns how trials are spread over ways and kinds, and the table. Ends with 1 when any figure is not 0.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from crossdock.logs import configure_logging
from tests.durability.killing import killed_at, killed_at_crossings
from tests.durability.scripts import KINDS, drawn, on_every_call
from tests.durability.stage import WAYS, Stage, Way, open_stage
from tests.durability.trial import disturbed, undisturbed
from tests.durability.verdict import Aftermath, Verdict

_LATEST_KILL_SECONDS, _LATEST_KILL_OF_ORDERS_SECONDS = 2.5, 5.0
_WIDTH = 160


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


@dataclass(frozen=True, slots=True)
class Campaign:
    """The trials of one way, over one pair of stores."""

    stage: Stage
    expected: Aftermath
    folder: Path

    def crossings(self) -> Iterator[tuple[str, Verdict]]:
        """Kill at every crossing."""
        return killed_at_crossings(self.stage, self.expected, self.folder)

    def moments(self, times: int, seed: int) -> Iterator[tuple[str, Verdict]]:
        """Kill at random moments."""
        random = Random(f"{seed} {self.stage.way.name}")
        latest = _LATEST_KILL_OF_ORDERS_SECONDS if self.stage.way.has_orders else _LATEST_KILL_SECONDS
        for number in range(times):
            moment = random.uniform(0.2, latest)
            yield f"{moment:.3f} s", killed_at(self.stage, self.expected, self.folder / f"moment-{number}", moment)

    def kinds(self) -> Iterator[tuple[str, Verdict]]:
        """Put each kind of fault on every kind of call."""
        for kind in KINDS:
            scripts = on_every_call(kind, self.stage.way)
            yield kind, disturbed(self.stage, self.expected, self.folder / f"kind-{kind}", scripts)

    def schedules(self, times: int, seed: int) -> Iterator[tuple[str, Verdict]]:
        """Put mixtures of faults, by seed."""
        for number in range(seed, seed + times):
            scripts = drawn(number, self.stage.way)
            yield scripts.name, disturbed(self.stage, self.expected, self.folder / f"seed-{number}", scripts)


def main() -> int:
    """Hold every trial that was asked for."""
    asked = _arguments()
    configure_logging("CRITICAL")
    console = Console(width=_WIDTH)
    series: list[Series] = []
    ways = [way for way in WAYS if asked.ways in way.name]
    for place, way in enumerate(ways):
        kills, faults = _share(asked.kills, place, len(ways)), _share(asked.faults, place, len(ways))
        with open_stage(way) as stage, tempfile.TemporaryDirectory() as folder:
            campaign = Campaign(stage, undisturbed(stage, Path(folder) / "peace"), Path(folder))
            trials: list[tuple[str, Iterator[tuple[str, Verdict]]]] = []
            if kills:
                trials += [("kill, every crossing", campaign.crossings())]
                trials += [("kill, random moment", campaign.moments(kills, asked.seed))]
            if faults:
                trials += [
                    ("fault, each kind", campaign.kinds()),
                    ("fault, by seed", campaign.schedules(faults, asked.seed)),
                ]
            series += [_held(Series(sort, way), verdicts, console) for sort, verdicts in trials]
    _show(series, console)
    return int(any(entry.troubles for entry in series))


def _held(series: Series, trials: Iterator[tuple[str, Verdict]], console: Console) -> Series:
    """Hold a series; one that breaks off counts as trouble."""
    try:
        for name, verdict in trials:
            series.verdicts.append(verdict)
            if not verdict.is_clean:
                series.troubles.append(f"{name}: {verdict.figures}")
    except Exception as error:  # noqa: BLE001 - the other series are still worth holding
        series.troubles.append(f"broken off: {type(error).__name__}: {error}")
    for trouble in series.troubles:
        console.print(f"{series.sort}, {series.way.name}: {trouble}", highlight=False)
    console.print(f"{series.sort}, {series.way.name}: {len(series.verdicts)} held", style="dim", highlight=False)
    return series


def _share(times: int, place: int, ways: int) -> int:
    """Spread a number of trials over the ways."""
    return (times + ways - 1 - place) // ways


def _show(series: list[Series], console: Console) -> None:
    columns = ["trial", "way", "held", *Verdict().figures, "seconds to recover"]
    table = Table(*columns)
    for entry in series:
        table.add_row(*entry.row(), style="red" if entry.troubles else "")
    console.print(table)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.durability", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="kills at random moments, over all ways; 0 for none")
    parser.add_argument("--faults", type=int, default=200, help="schedules of faults, over all ways; 0 for none")
    parser.add_argument("--seed", type=int, default=1, help="where the series of random trials begins")
    parser.add_argument("--ways", default="", help="only the ways whose name holds this, such as orders")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
