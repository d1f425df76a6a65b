"""Orders, killed in any step or disturbed at any kind of call: each is there once and whole, and nothing else happened.

Whole is with its refunds, its dates, its customer and its cancellation, as a migration in peace leaves it; nothing else
is a mail, a changed stock or moved money. `make durability` holds many more trials.
"""

import random
from pathlib import Path

import pytest

from tests.durability.killing import killed_at, killed_at_crossings
from tests.durability.scripts import Scripts, drawn, on_every_call
from tests.durability.stage import ORDER_WAYS, Stage
from tests.durability.trial import disturbed
from tests.durability.verdict import Aftermath

on_every_way = pytest.mark.parametrize("staged", ORDER_WAYS, indirect=True, ids=lambda way: way.name)
Staged = tuple[Stage, Aftermath]

# Each way skips other crossings; `make durability` skips none.
_STRIDE = 32
_KINDS = ("late_commit", "error_after")


@on_every_way
def test_killed_between_two_steps(staged: Staged, tmp_path: Path) -> None:
    stage, expected = staged
    first = 7 + 10 * ORDER_WAYS.index(stage.way)
    crossings = 0
    for where, verdict in killed_at_crossings(stage, expected, tmp_path, first=first, stride=_STRIDE):
        assert verdict.is_clean, f"{where}: {verdict.figures}"
        crossings += 1
    assert crossings > 1


@on_every_way
def test_killed_at_a_random_moment(staged: Staged, tmp_path: Path) -> None:
    stage, expected = staged
    moment = random.Random(stage.way.name).uniform(0, 3)
    verdict = killed_at(stage, expected, tmp_path, moment)
    assert verdict.is_clean, f"{moment:.3f} s: {verdict.figures}"


@on_every_way
@pytest.mark.parametrize("kind", _KINDS)
def test_a_fault_on_every_kind_of_call(staged: Staged, tmp_path: Path, kind: str) -> None:
    stage, expected = staged
    verdict = disturbed(stage, expected, tmp_path, on_every_call(kind, stage.way))
    assert verdict.is_clean, verdict.figures


@on_every_way
def test_faults_by_seed(staged: Staged, tmp_path: Path) -> None:
    stage, expected = staged
    verdict = disturbed(stage, expected, tmp_path, drawn(1, stage.way))
    assert verdict.is_clean, verdict.figures


@pytest.mark.parametrize("staged", ORDER_WAYS[-1:], indirect=True, ids=lambda way: way.name)
def test_a_shop_that_puts_its_mails_off_sends_none(staged: Staged, tmp_path: Path) -> None:
    stage, expected = staged
    stage.pair.woo.outbox.deferral_seconds = 0.3
    try:
        # An order has no address yet when its mails leave: it gets one only after the shop has put them off.
        verdict = disturbed(
            stage, expected, tmp_path, Scripts("put off", [], [], settings={"finish_delay_seconds": 1.5})
        )
        assert verdict.is_clean, verdict.figures
    finally:
        stage.pair.woo.outbox.deferral_seconds = 0.0


@pytest.mark.parametrize("staged", ORDER_WAYS[-1:], indirect=True, ids=lambda way: way.name)
def test_an_order_that_the_shop_left_half_made_is_made_anew(staged: Staged, tmp_path: Path) -> None:
    stage, expected = staged
    stage.pair.woo.modes.dies_after_save = 2
    verdict = disturbed(stage, expected, tmp_path, Scripts("half made", [], []))
    assert verdict.is_clean, verdict.figures
    assert stage.pair.woo.modes.dies_after_save == 0
    assert stage.pair.woo.state()["orphans"] == 0


@pytest.mark.parametrize("staged", ORDER_WAYS[:2], indirect=True, ids=lambda way: way.name)
def test_a_lagging_search_hides_nothing_that_was_made(staged: Staged, tmp_path: Path) -> None:
    stage, expected = staged
    stage.pair.shopify.behaviour.index_lag_seconds = 30.0
    try:
        verdict = disturbed(stage, expected, tmp_path, on_every_call("drop_after", stage.way))
        assert verdict.is_clean, verdict.figures
    finally:
        stage.pair.shopify.behaviour.index_lag_seconds = 0.0
