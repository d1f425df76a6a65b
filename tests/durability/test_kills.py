"""Killed between any two steps or at any moment, and taken up again: every customer is there once and whole.

Exactly once, and no mail that a crash lets through.
"""

import random
from pathlib import Path

import pytest

from tests.durability.killing import killed_at, killed_at_crossings
from tests.durability.stage import WAYS, Stage
from tests.durability.verdict import Aftermath

# Each way skips other crossings; `make durability` skips none.
_STRIDE = 8
_MOMENTS = 2


def test_killed_between_two_steps(staged: tuple[Stage, Aftermath], tmp_path: Path) -> None:
    stage, expected = staged
    first = 1 + WAYS.index(stage.way)
    crossings = 0
    for where, verdict in killed_at_crossings(stage, expected, tmp_path, first=first, stride=_STRIDE):
        assert verdict.is_clean, f"{where}: {verdict.figures}"
        crossings += 1
    assert crossings > 20 / _STRIDE


@pytest.mark.parametrize("number", range(_MOMENTS))
def test_killed_at_a_random_moment(staged: tuple[Stage, Aftermath], tmp_path: Path, number: int) -> None:
    stage, expected = staged
    moment = random.Random(f"{stage.way.name} {number}").uniform(0, 1.5)
    verdict = killed_at(stage, expected, tmp_path, moment)
    assert verdict.is_clean, f"{moment:.3f} s: {verdict.figures}"
