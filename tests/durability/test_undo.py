"""An undo that is killed or disturbed: what was made is gone, the rest is as it was, and all can be made again, once.

`make durability` holds many more trials.
"""

from collections.abc import Generator

import pytest

from tests.durability.stage import WAYS, Way, open_stage
from tests.durability.undoing import Undoing, on_every_call_of_an_undo

_WAYS = [way for way in WAYS if way.has_orders or way.source == "shopify"]
# Each way is killed elsewhere: before a deletion, after it, after the ledger knows of it, between two records.
_CROSSINGS = {way.name: 12 + 5 * place for place, way in enumerate(_WAYS)}


@pytest.fixture(scope="module", params=_WAYS, ids=lambda way: way.name)
def undoing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Way, Undoing]]:
    way: Way = request.param
    with open_stage(way) as stage:
        yield way, Undoing.in_peace(stage, tmp_path_factory.mktemp("peace"))


def test_killed_between_two_steps(undoing: tuple[Way, Undoing]) -> None:
    way, trials = undoing
    verdict, has_outlived = trials.killed_at_crossing(_CROSSINGS[way.name])
    assert verdict.is_clean, verdict.figures
    assert not has_outlived


@pytest.mark.parametrize("undoing", _WAYS[:1], indirect=True, ids=lambda way: way.name)
def test_a_late_commit_of_every_kind_of_call(undoing: tuple[Way, Undoing]) -> None:
    _, trials = undoing
    verdict = trials.disturbed(on_every_call_of_an_undo("late_commit"))
    assert verdict.is_clean, verdict.figures
