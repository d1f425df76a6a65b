"""A clock that was set while the program was down: what was sent before is found all the same, and not sent again.

Into WooCommerce, since it can't be asked for a marker: there a look goes back to when a record was sent.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from crossdock.state import RunState, State
from crossdock.state.ledger.records import StepState, steps
from tests.durability.haste import in_haste
from tests.support.odd_orders import shopify_line, shopify_order, stock_up
from tests.support.sync_desk import Premises, open_premises


@pytest.fixture
def premises(tmp_path: Path) -> Iterator[Premises]:
    with in_haste(), open_premises(tmp_path / "data") as opened:
        stock_up(opened.pair)
        yield opened


@pytest.mark.parametrize("hours", [23, -23])
@pytest.mark.parametrize("kind", ["order", "customer"])
async def test_what_was_sent_by_another_clock_is_found(premises: Premises, kind: str, hours: int) -> None:
    woo, faults = premises.pair.woo, premises.pair.woo_faults
    line = shopify_line("10.00")
    premises.pair.shopify.seed_orders([shopify_order(number, [line], "10.00") for number in (1, 2)])
    create = {"path": "/wc/v3/orders?"} if kind == "order" else {"path": "/customers/batch", "body": '"create"'}
    async with premises.open() as opened:
        desk = opened.of(kind)
        chosen = tuple(await desk.missing("shopify"))
        faults.set_rules([{"kind": "hang_after", "method": "POST", **create}])
        run = await desk.start("shopify", chosen)
        while not any(call.kind == "hang_after" and call.committed for call in faults.calls):
            await desk.services.runs.get(run.id)
    faults.set_rules([])
    sent_by_another_clock(premises.folder, timedelta(hours=hours))
    async with premises.open() as opened:
        ended = await opened.ended(run)
    assert (ended.state, ended.summary["succeeded"]) == (RunState.DONE, len(chosen))
    assert woo.state()["repeatedMarkers"] == {}
    made = woo.state()["ordersCreated"] if kind == "order" else woo.state()["created"]
    assert made == len(chosen)


def sent_by_another_clock(folder: Path, ahead: timedelta) -> None:
    """Let what is under way have been sent by a clock that was so far ahead."""
    state = State.open(folder)
    with state.database.write() as connection:
        for row in connection.execute(select(steps).where(steps.c.state == StepState.IN_FLIGHT)).mappings().all():
            is_this = (steps.c.record_id == row["record_id"]) & (steps.c.name == row["name"])
            connection.execute(update(steps).where(is_this).values(started_at=row["started_at"] + ahead))
    state.close()
