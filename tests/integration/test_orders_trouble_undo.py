"""Undoing orders, end to end: what somebody has changed since is left with a reason, everything else is gone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crossdock.sandbox.shopify.order_seeds import SeedRefund
from crossdock.state import WorkOutcome
from tests.support.odd_orders import (
    by_the_merchant,
    results,
    shopify_line,
    shopify_order,
    stock_up,
    woo_line,
    woo_order,
)
from tests.support.sync_desk import Premises, open_premises

_NOTE = 'mutation Note($id: ID!) { orderUpdate(input: { id: $id, note: "Call first" }) { order { id } } }'


@pytest.fixture
def premises(tmp_path: Path) -> Iterator[Premises]:
    with open_premises(tmp_path / "data", customers=4) as opened:
        stock_up(opened.pair)
        yield opened


def refund_in_shopify(premises: Premises, order_id: str) -> None:
    """Give an order the refund that another one has."""
    store = premises.pair.shopify
    made = next(order for order in store.orders if order.refunds_made).refunds_made
    held = next(order for order in store.orders if order.id == order_id)
    store.orders.put(replace(held, refunds_made=made), store.now())


async def test_orders_that_were_changed_in_shopify_since_are_left(premises: Premises) -> None:
    premises.pair.shopify.seed_orders([shopify_order(77, [shopify_line("5.00")], "5.00", refunds=(SeedRefund("1"),))])
    premises.pair.woo.load_orders([woo_order(number, [woo_line("10.00")]) for number in (1, 2, 3)])
    people = premises.pair.shopify.state()["customers"]
    async with premises.open() as opened:
        desk = opened.of("order")
        run = await desk.sync("woocommerce", createAs="order")
        made = await results(desk, run)
        await by_the_merchant(premises, _NOTE, made[1].destination_id)
        refund_in_shopify(premises, made[2].destination_id)
        undo = await desk.ended(await desk.services.runs.undo(run.id))
        told = {row.source_id: row for row in await desk.rows(undo)}
        assert {told[name].code for name in ("1", "2")} == {"changed_since"}
        assert told["3"].outcome is WorkOutcome.SUCCEEDED
        assert {order.name for order in premises.pair.shopify.orders} == {"#77", "#1", "#2"}
        # Whoever still has an order stays, with a reason; whoever has none is gone, as before.
        assert premises.pair.shopify.state()["customers"] == int(str(people)) + 2
        assert {row.code for row in told.values() if not row.is_success} <= {"changed_since", "delete_refused"}
        after = await desk.compare("woocommerce")
        assert (after.summary["matchedOrders"], after.summary["ordersOnlyInSource"]) == (2, 1)


async def test_orders_that_were_changed_in_woocommerce_since_are_left(premises: Premises) -> None:
    premises.pair.shopify.seed_orders([shopify_order(number, [shopify_line("10.00")], "10.00") for number in (1, 2, 3)])
    woo = premises.pair.woo
    async with premises.open() as opened:
        desk = opened.of("order")
        run = await desk.sync("shopify", createMissingCustomers=True)
        made = await results(desk, run)
        held = woo.orders.get(int(made[1].destination_id))
        assert held is not None
        held.customer_note = "Call first"
        woo.orders.put(held)
        woo.load_refunds([{"order_id": int(made[2].destination_id), "amount": "1.00"}])
        undo = await desk.ended(await desk.services.runs.undo(run.id))
        told = {row.source_id: row for row in await desk.rows(undo)}
        by_number = {number: told[row.source_id] for number, row in made.items()}
        assert {by_number[number].code for number in (1, 2)} == {"changed_since"}
        assert by_number[3].outcome is WorkOutcome.SUCCEEDED
        assert woo.state()["orders"] == 2
        # The people of orders that stay are theirs: no order becomes a guest's by an undo.
        assert {bool(entry.customer_id) for entry in woo.orders.entries()} == {True}
        after = await desk.compare("shopify")
        assert (after.summary["matchedOrders"], after.summary["ordersOnlyInSource"]) == (2, 1)
