"""Undo, end to end: whatever of a record somebody has edited since, the record is left, and the result says what."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import text

from crossdock.sandbox.shopify.records import SeedCustomer
from crossdock.state import RecordState, WorkOutcome, WorkRow
from tests.support.odd_orders import (
    by_the_merchant,
    codes,
    results,
    shopify_line,
    shopify_order,
    stock_up,
    woo_line,
    woo_order,
)
from tests.support.sync_desk import Desk, Premises, open_premises

_MOVED = '{ firstName: "Ada", lastName: "Byron", address1: "9 Far Lane", city: "York", zip: "YO1", countryCode: GB }'
_OF_ORDERS = {
    "tags": 'tags: ["vip"]',
    "note": 'note: "Call first"',
    "telephone": 'phone: "+14155550132"',
    "attributes": 'customAttributes: [{ key: "Gift", value: "yes" }]',
    "shipping address": f"shippingAddress: {_MOVED}",
}
_OF_CUSTOMERS = {
    "tags": 'tags: ["vip"]',
    "first name": 'firstName: "Grace"',
    "addresses": f"addresses: [{_MOVED}]",
    "tax exemption": "taxExempt: true",
}


@pytest.fixture
def premises(tmp_path: Path) -> Iterator[Premises]:
    with open_premises(tmp_path / "data", customers=4) as opened:
        stock_up(opened.pair)
        yield opened


async def undone(desk: Desk, run_id: str) -> dict[str, WorkRow]:
    """Undo a run; gives what became of each record, by its id in the destination."""
    undo = await desk.ended(await desk.services.runs.undo(run_id))
    return {row.expected: row for row in await desk.rows(undo)}


def left(told: Mapping[str, WorkRow], edited: Mapping[str, str]) -> dict[str, str]:
    """Tell, by what was edited, with which words each record was left; every other record must be gone."""
    assert {name: told[one].code for name, one in edited.items()} == dict.fromkeys(edited, "changed_since")
    assert {row.code for one, row in told.items() if one not in edited.values()} == {""}
    return {name: told[one].error for name, one in edited.items()}


@pytest.mark.parametrize("kind", ["order", "draft"])
async def test_an_order_that_was_edited_in_shopify_is_left(premises: Premises, kind: str) -> None:
    count = len(_OF_ORDERS) + 1
    home = {"first_name": "Ada", "address_1": "1 Quay", "city": "Cork", "country": "IE", "email": "ada@example.com"}
    orders = [woo_order(number, [woo_line("10.00")], billing=home, shipping=home) for number in range(1, count + 1)]
    premises.pair.woo.load_orders(orders)
    update = "orderUpdate(input: { id: $id, %s })" if kind == "order" else "draftOrderUpdate(id: $id, input: { %s })"
    async with premises.open() as opened:
        desk = opened.of("order")
        run = await desk.sync("woocommerce", createAs=kind, createMissingCustomers=False)
        made = await results(desk, run)
        edited = {name: made[number].destination_id for number, name in enumerate(_OF_ORDERS, 1)}
        for name, destination_id in edited.items():
            mutation = f"mutation Edit($id: ID!) {{ {update % _OF_ORDERS[name]} {{ userErrors {{ message }} }} }}"
            await by_the_merchant(premises, mutation, destination_id)
        words = left(await undone(desk, run.id), edited)
        assert [name for name, told in words.items() if name not in told] == []
        assert sum(map(len, (premises.pair.shopify.orders, premises.pair.shopify.drafts))) == len(edited)


async def test_a_customer_who_was_edited_in_shopify_is_left(premises: Premises) -> None:
    people = [{"email": f"p{number}@example.com", "first_name": "Ada", "role": "customer"} for number in range(8)]
    home = {"first_name": "Ada", "last_name": "Byron", "address_1": "1 Quay", "city": "Cork", "country": "IE"}
    premises.pair.woo.seed([{**one, "billing": home} for one in people])
    async with premises.open() as desk:
        run = await desk.sync("woocommerce")
        ids = [row.destination_id for row in await desk.rows(run) if row.expected.endswith("@example.com")]
        edited = dict(zip(_OF_CUSTOMERS, ids, strict=False))
        for name, destination_id in edited.items():
            fields = f"id: $id, {_OF_CUSTOMERS[name]}"
            mutation = (
                f"mutation Edit($id: ID!) {{ customerUpdate(input: {{ {fields} }}) {{ userErrors {{ message }} }} }}"
            )
            await by_the_merchant(premises, mutation, destination_id)
        words = left(await undone(desk, run.id), edited)
        assert [name for name, told in words.items() if name not in told] == []


async def test_a_customer_who_was_edited_or_has_ordered_in_woocommerce_is_left(premises: Premises) -> None:
    premises.pair.shopify.seed([SeedCustomer(email=f"p{number}@example.com") for number in range(4)])
    async with premises.open() as desk:
        run = await desk.sync("shopify")
        made = [row for row in await desk.rows(run) if row.outcome is WorkOutcome.SUCCEEDED]
        moved, buyer = (premises.pair.woo.accounts.get(int(row.destination_id)) for row in made[:2])
        assert moved is not None
        assert buyer is not None
        moved.shipping = (*moved.shipping[:3], "9 Far Lane", *moved.shipping[4:])
        premises.pair.woo.load_orders([woo_order(1, [woo_line("10.00")], status="on-hold", customer_id=buyer.id)])
        told = await undone(desk, run.id)
        assert told[str(moved.id)].code == "changed_since"
        assert "shipping address" in told[str(moved.id)].error
        assert told[str(buyer.id)].code == "customer_has_orders"
        assert {row.code for one, row in told.items() if int(one) not in {moved.id, buyer.id}} == {""}


async def test_an_order_that_was_edited_in_woocommerce_is_left(premises: Premises) -> None:
    premises.pair.shopify.seed_orders([shopify_order(number, [shopify_line("10.00")], "10.00") for number in (1, 2, 3)])
    async with premises.open() as opened:
        desk = opened.of("order")
        run = await desk.sync("shopify")
        made = await results(desk, run)
        moved, paid = (premises.pair.woo.orders.get(int(made[number].destination_id)) for number in (1, 2))
        assert moved is not None
        assert paid is not None
        moved.shipping = [*moved.shipping[:-1], "9 Far Lane"]
        paid.payment_method_title = "Cash"
        for order in (moved, paid):
            premises.pair.woo.orders.put(order)
        edited = {"shipping address": made[1].destination_id, "payment": made[2].destination_id}
        words = left(await undone(desk, run.id), edited)
        assert [name for name, told in words.items() if name not in told] == []


async def test_an_edit_of_the_source_does_not_keep_what_was_made_of_it(premises: Premises) -> None:
    async with premises.open() as desk:
        before = len(premises.pair.shopify.customers)
        run = await desk.sync("woocommerce")
        for account in premises.pair.woo.accounts:
            account.last_name = f"{account.last_name}-Jones"
        told = await undone(desk, run.id)
        assert {row.code for row in told.values()} == {""}
        assert len(premises.pair.shopify.customers) == before


async def test_what_a_former_version_migrated_is_left_with_advice(premises: Premises) -> None:
    async with premises.open() as desk:
        run = await desk.sync("woocommerce")
        with desk.services.state.database.write() as connection:
            connection.execute(text("UPDATE ledger_records SET imprint = NULL"))
        told = await undone(desk, run.id)
        assert {row.code for row in told.values()} == {"undo_unproven"}


async def test_a_customer_that_shopify_made_by_itself_is_noted_and_left_by_an_undo(premises: Premises) -> None:
    premises.pair.woo.load_orders(
        [woo_order(number, [woo_line("10.00")], email="ada@example.com") for number in (1, 2)]
    )
    async with premises.open() as opened:
        desk = opened.of("order")
        run = await desk.sync("woocommerce", createAs="order", createMissingCustomers=False)
        made = await results(desk, run)
        assert "created_by_platform" in codes(made[1])
        stores = (run.source_store, run.destination_store)
        entries = desk.services.state.ledger.records(stores[0], "customer", stores[1], ["guest:ada@example.com"])
        (entry,) = entries.values()
        person = premises.pair.shopify.customers.by_email("ada@example.com")
        assert person is not None
        assert (entry.state, entry.destination_id) == (RecordState.LINKED, person.id)
        assert [reason.code for reason in entry.reasons] == ["created_by_platform"]
        told = await undone(desk, run.id)
        assert {row.code for row in told.values()} == {""}
        assert person.id not in told
        assert premises.pair.shopify.customers.by_email("ada@example.com") is not None
