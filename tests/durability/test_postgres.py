"""Killed with the state in a real PostgreSQL: the next process takes over once the lease has ended; nothing is doubled.

The dead one's lease is all that is known of it there: no lock on a file tells that its process is gone.
"""

import random
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.durability.killing import killed_at, killed_at_crossing
from tests.durability.stage import CUSTOMER_WAYS, ORDER_WAYS, Stage, open_stage
from tests.durability.trial import undisturbed
from tests.durability.verdict import Aftermath, Verdict
from tests.support.state import Place

pytest_plugins = ("tests.support.state_fixtures",)
pytestmark = pytest.mark.xdist_group("workers")

_REQUEST_SECONDS, _LEASE_SECONDS = 2.0, 3.0
# One way of customers and one of orders; with the crossing that is killed at.
_TRIALS = ((CUSTOMER_WAYS[-1], 14), (ORDER_WAYS[0], 55))

Staged = tuple[Stage, Aftermath, int]


@dataclass(frozen=True, slots=True)
class SharedStage(Stage):
    """A stage whose product keeps its state in a database that others could use too."""

    database_url: str = ""

    def settings(self, folder: Path, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - any setting
        """Give settings for a product on that database, with a lease that is soon over."""
        shared = {
            "database_url": self.database_url,
            "request_seconds": _REQUEST_SECONDS,
            "lease_seconds": _LEASE_SECONDS,
        }
        return Stage.settings(self, folder, **shared, **changed)


@pytest.fixture(scope="module", params=_TRIALS, ids=lambda trial: trial[0].name)
def staged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Staged]:
    way, crossing = request.param
    with open_stage(way) as stage:
        yield stage, undisturbed(stage, tmp_path_factory.mktemp("peace")), crossing


def test_killed_between_two_steps(staged: Staged, postgres_place: Place) -> None:
    stage, expected, crossing = staged
    verdict, has_outlived = killed_at_crossing(on(postgres_place, stage), expected, postgres_place.data_dir, crossing)
    assert not has_outlived
    check(verdict)


@pytest.mark.parametrize("staged", _TRIALS[1:], indirect=True, ids=lambda trial: trial[0].name)
def test_killed_at_a_random_moment(staged: Staged, postgres_place: Place) -> None:
    stage, expected, _ = staged
    moment = random.Random(stage.way.name).uniform(0.2, 1.5)
    check(killed_at(on(postgres_place, stage), expected, postgres_place.data_dir, moment))


def on(place: Place, stage: Stage) -> SharedStage:
    assert place.url is not None
    return SharedStage(stage.stores, stage.way, stage.traffic, place.url)


def check(verdict: Verdict) -> None:
    assert verdict.is_clean, verdict.figures
