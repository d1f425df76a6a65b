"""The people of orders, end to end: each is made once, and nobody's default address is another one afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crossdock.domain.difference import Group
from crossdock.jobs.requests import SelectAll
from crossdock.sandbox.shopify.records import SeedCustomer
from crossdock.state import Control, RunState, WorkOutcome
from tests.support.odd_orders import (
    codes,
    missing_numbers,
    results,
    shopify_line,
    shopify_order,
    stock_up,
    woo_line,
    woo_order,
)
from tests.support.sync_desk import Call, Desk, Premises, open_premises

EMAIL = "regular@example.com"
OLD = {"address1": "1 Old Road", "city": "Bath", "zip": "BA1 1AA", "country": "GB", "first_name": "Rae"}
NEW = {"address_1": "2 New Road", "city": "York", "postcode": "YO1 7HH", "country": "GB", "first_name": "Rae"}
MADE = b"mutation CrossdockOrderCreate"


@pytest.fixture
def premises(tmp_path: Path) -> Iterator[Premises]:
    with open_premises(tmp_path / "data", customers=4) as opened:
        stock_up(opened.pair)
        yield opened


def of_the_regular(first: int, count: int) -> list[dict[str, object]]:
    """Spell orders of one person, each sent to a further address of theirs."""
    return [
        woo_order(
            number,
            [woo_line("10.00")],
            billing={**NEW, "address_1": f"{number} New Road", "email": EMAIL},
            shipping={**NEW, "address_1": f"{number} New Road"},
        )
        for number in range(first, first + count)
    ]


@pytest.fixture
def regular(premises: Premises) -> Premises:
    """Let Shopify know a person with an address of theirs, whose orders are in WooCommerce."""
    premises.pair.shopify.seed([SeedCustomer(email=EMAIL, addresses=[OLD])])
    premises.pair.woo.load_orders(of_the_regular(1, 4))
    return premises


def default_street(premises: Premises) -> str | None:
    person = premises.pair.shopify.customers.by_email(EMAIL)
    assert person is not None
    return next(one.address1 for one in person.addresses if one.number == person.default_address_number)


def at_the(nth: int, desk: Desk, control: Control) -> None:
    """Ask the run to stop when its nth order is sent."""
    seen: list[Call] = []

    def ask(call: Call) -> None:
        if MADE in call.body:
            seen.append(call)
            if len(seen) == nth:
                desk.services.state.runs.request_control(next(iter(desk.services.state.runs.unfinished())).id, control)

    desk.tap.on_call = ask


async def test_the_default_address_of_a_customer_is_as_before(regular: Premises) -> None:
    async with regular.open() as opened:
        run = await opened.of("order").sync("woocommerce", createAs="order")
        assert run.summary["succeeded"] == 4
    assert regular.pair.shopify.customers.by_email(EMAIL)
    assert default_street(regular) == "1 Old Road"


@pytest.mark.parametrize("control", [Control.PAUSE, Control.CANCEL])
async def test_the_default_address_is_as_before_when_a_run_is_stopped(regular: Premises, control: Control) -> None:
    async with regular.open() as opened:
        desk = opened.of("order")
        at_the(1, desk, control)
        await desk.sync("woocommerce", createAs="order")
        assert default_street(regular) == "1 Old Road"


@pytest.mark.parametrize("ending", ["resumed", "cancelled"])
async def test_the_default_address_is_as_before_after_a_crash(regular: Premises, ending: str) -> None:
    async with regular.open() as opened:
        desk = opened.of("order")
        chosen = tuple(await desk.missing("woocommerce"))
        desk.pair.shopify_faults.set_rules([{"kind": "hang", "body": MADE.decode(), "nth": 3, "times": 0}])
        run = await desk.start("woocommerce", chosen, createAs="order")
        while not any(call.kind == "hang" for call in desk.pair.shopify_faults.calls):
            await desk.services.runs.get(run.id)
    regular.pair.shopify_faults.set_rules([])
    assert default_street(regular) != "1 Old Road"
    async with regular.open(takes_up_runs=ending == "resumed") as opened:
        desk = opened.of("order")
        over = await (desk.ended(run) if ending == "resumed" else desk.cancelled(run))
        assert over.state is (RunState.DONE if ending == "resumed" else RunState.CANCELLED)
        assert default_street(regular) == "1 Old Road"
        if ending == "cancelled":
            await desk.sync("woocommerce", createAs="order")
    assert len(regular.pair.shopify.orders) == 4
    assert default_street(regular) == "1 Old Road"


async def test_the_default_address_outlives_a_crash_between_two_chunks(regular: Premises) -> None:
    regular.pair.woo.load_orders(of_the_regular(5, 120))
    async with regular.open() as opened:
        desk = opened.of("order")
        chosen = tuple(await desk.missing("woocommerce"))
        desk.pair.shopify_faults.set_rules([{"kind": "hang", "body": "CrossdockOrdersVerify", "times": 0}])
        run = await desk.start("woocommerce", chosen, createAs="order")
        while not any(call.kind == "hang" for call in desk.pair.shopify_faults.calls):
            await desk.services.runs.get(run.id)
    regular.pair.shopify_faults.set_rules([])
    async with regular.open() as opened:
        over = await opened.of("order").ended(run)
        assert over.state is RunState.DONE
    assert len(regular.pair.shopify.orders) == 124
    assert default_street(regular) == "1 Old Road"


@pytest.mark.parametrize("wanted", [True, False, None])
async def test_people_of_orders_come_to_shopify_once_or_not_at_all(premises: Premises, wanted: bool | None) -> None:  # noqa: FBT001
    premises.pair.woo.load_orders(of_the_regular(1, 2))
    async with premises.open() as opened:
        desk = opened.of("order")
        run = await desk.sync("woocommerce", createAs="order", createMissingCustomers=wanted)
        assert run.summary["succeeded"] == 2
    made = [call for call in premises.tap.calls if b"mutation CrossdockCustomerCreate" in call.body]
    assert len(made) == (0 if wanted is False else 1)
    assert premises.pair.shopify.state()["duplicateEmails"] == []
    assert len([one for one in premises.pair.shopify.customers if one.email == EMAIL]) == 1


@pytest.mark.parametrize("wanted", [True, False, None])
async def test_people_of_orders_come_to_woocommerce_only_if_asked(premises: Premises, wanted: bool | None) -> None:  # noqa: FBT001
    line = shopify_line("10.00")
    premises.pair.shopify.seed_orders([shopify_order(number, [line], "10.00", email=EMAIL) for number in (3001, 3002)])
    before = premises.pair.woo.state()["customers"]
    async with premises.open() as opened:
        desk = opened.of("order")
        run = await desk.sync("shopify", createMissingCustomers=wanted)
        assert run.summary["succeeded"] == 2
        assert await missing_numbers(desk, "shopify") == set()
    woo = premises.pair.woo
    assert woo.state()["customers"] - before == (1 if wanted else 0)
    assert {bool(entry.customer_id) for entry in woo.orders.entries()} == {bool(wanted)}
    assert not [kind for kind in woo.state()["mails"]["sent"] if kind.startswith("customer")]


async def test_a_customer_who_was_deleted_since_does_not_lose_an_order(premises: Premises) -> None:
    line = shopify_line("10.00")
    premises.pair.shopify.seed_orders([shopify_order(3001, [line], "10.00", email=EMAIL)])
    async with premises.open() as opened:
        desk = opened.of("order")
        await desk.sync("shopify", createMissingCustomers=True)
        person = next(one for one in premises.pair.woo.accounts if one.email == EMAIL)
        premises.pair.woo.accounts.remove(person)
        premises.pair.shopify.seed_orders([shopify_order(3002, [line], "10.00", email=EMAIL)])
        second = await desk.sync("shopify", createMissingCustomers=True)
        row = (await results(desk, second))[3002]
        assert (row.outcome, row.code, row.error) == (WorkOutcome.SUCCEEDED, "", "")
        assert await missing_numbers(desk, "shopify") == set()
    assert len([one for one in premises.pair.woo.accounts if one.email == EMAIL]) == 1
    orders = [premises.pair.woo.orders.get(entry.id) for entry in premises.pair.woo.orders.entries()]
    assert {order.billing_email for order in orders if order} == {EMAIL}


async def test_a_customer_who_was_deleted_in_shopify_since_is_made_again(premises: Premises) -> None:
    premises.pair.woo.load_customers([{"id": 77, "email": EMAIL, "first_name": "Rae", "role": "customer"}])
    async with premises.open() as opened:
        await opened.sync("woocommerce")
        person = premises.pair.shopify.customers.by_email(EMAIL)
        assert person is not None
        premises.pair.shopify.customers.remove(person.number)
        premises.pair.woo.load_orders([woo_order(1, [woo_line("10.00")], customer_id=77, email=EMAIL)])
        desk = opened.of("order")
        row = (await results(desk, await desk.sync("woocommerce", createAs="order")))[1]
        assert (row.outcome, codes(row)) == (WorkOutcome.SUCCEEDED, set())
        again = premises.pair.shopify.customers.by_email(EMAIL)
        assert again is not None
        assert again.first_name == "Rae"


@pytest.mark.parametrize("source", ["woocommerce", "shopify"])
async def test_guests_are_listed_and_made_once(premises: Premises, source: str) -> None:
    premises.pair.woo.load_orders(of_the_regular(1, 3))
    line = shopify_line("10.00")
    premises.pair.shopify.seed_orders([shopify_order(n, [line], "10.00", email="shopper@example.com") for n in (1, 2)])
    guest = EMAIL if source == "woocommerce" else "shopper@example.com"
    async with premises.open() as desk:
        run = await desk.compare(source, includeGuests=True)
        rows, _ = await desk.services.runs.differences(run.id, Group.ONLY_IN_SOURCE, limit=500)
        listed = [row for row in rows if row["email"] == guest]
        if source == "shopify":
            # Whoever orders in Shopify is a customer there: its orders are no second list of people.
            assert listed == []
            return
        assert [row["source_id"] for row in listed] == [f"guest:{guest}"]
        sync = await desk.sync(source, SelectAll(run.id))
        told = {row.source_id: row for row in await desk.rows(sync)}[f"guest:{guest}"]
        assert told.outcome is WorkOutcome.SUCCEEDED
        after = await desk.compare(source, includeGuests=True)
        left, _ = await desk.services.runs.differences(after.id, Group.ONLY_IN_SOURCE, limit=500)
        assert guest not in {row["email"] for row in left}
        assert after.summary["duplicates"] == 0
    assert premises.pair.shopify.state()["duplicateEmails"] == []


async def test_a_customer_who_is_deleted_meanwhile_leaves_no_order_half_made(premises: Premises) -> None:
    premises.pair.shopify.seed_orders([shopify_order(3001, [shopify_line("10.00")], "10.00", email=EMAIL)])
    accounts = premises.pair.woo.accounts

    def leave(call: Call) -> None:
        if call.method == "PUT" and "/orders/" in call.path:
            for person in accounts.by_email(EMAIL):
                accounts.remove(person)

    premises.tap.on_call = leave
    async with premises.open() as opened:
        desk = opened.of("order")
        row = (await results(desk, await desk.sync("shopify", createMissingCustomers=True)))[3001]
        assert (row.outcome, "customer_refused" in codes(row)) == (WorkOutcome.SUCCEEDED, True)
        assert await missing_numbers(desk, "shopify") == set()
    (entry,) = premises.pair.woo.orders.entries()
    order = premises.pair.woo.orders.get(entry.id)
    assert order is not None
    assert (order.customer_id, order.billing_email) == (0, EMAIL)
