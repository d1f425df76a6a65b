"""Orders written to the Shopify sandbox over real HTTP: whole, as drafts, refunded, cancelled, verified, deleted."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx2
import pytest

from crossdock.connectors.shopify.store import ShopifyStore
from crossdock.domain.errors import RecordConflictError
from crossdock.domain.figures import Figures
from crossdock.domain.money import Money
from crossdock.domain.order import Financial, Order, OrderLine, OrderStatus, Refund, RefundLine
from crossdock.domain.plan import Applied, Level, Reason
from crossdock.sandbox.shopify.order_seeds import SeedLine, SeedOrder, SeedVariant
from crossdock.sandbox.shopify.records import SeedCustomer
from tests.support.shopify_orders import MUG, ORDERED_AT, Moved, euros, marker_of, moved, order_of
from tests.support.shopify_shop import Shop, open_shop

NOTHING = {"mails": 0, "stock_changes": 0, "money_movements": 0}


@pytest.fixture
async def shop() -> AsyncGenerator[Shop]:
    async with open_shop() as shop:
        shop.sandbox.currency = "EUR"
        shop.sandbox.presentment_currencies = ("EUR",)
        shop.sandbox.behaviour.job_seconds = 0.0
        shop.sandbox.seed_variants([SeedVariant(sku=MUG, product_title="Another title", price="99")])
        shop.sandbox.seed([SeedCustomer(email="ada@example.com", first_name="Ada", last_name="Byron")])
        yield shop


async def ready(shop: Shop, holder: str = "run") -> ShopifyStore:
    store = shop.connect()
    await store.info()
    await store.sink("order").prepare(holder)
    return store


async def customer_id(store: ShopifyStore) -> str:
    (customer,) = [record async for page in store.source("customer").read() for record in page.records]
    return customer.id


async def read(store: ShopifyStore, result: Moved, record_id: str) -> Order:
    destination_id = result.ids[record_id]
    return (await store.source("order").get([destination_id]))[destination_id]


async def foreign_order(store: ShopifyStore) -> Order:
    records = [record async for page in store.source("order").read() for record in page.records]
    return next(record for record in records if not record.marker)


async def asked(shop: Shop, document: str, record_id: str) -> None:
    """Do something to a record, as a merchant does by hand."""
    async with httpx2.AsyncClient(base_url=shop.url) as client:
        reply = await client.post(
            "/admin/api/2026-10/graphql.json",
            headers={"X-Shopify-Access-Token": "fixed-token"},
            json={"query": document, "variables": {"id": record_id}},
        )
    assert record_id in reply.text
    assert '"errors"' not in reply.text


def side_effects(shop: Shop) -> dict[str, int]:
    counters = shop.sandbox.counters
    return {name: getattr(counters, name) for name in NOTHING}


async def test_an_order_reads_back_as_it_was(shop: Shop) -> None:
    store = await ready(shop)
    order = order_of()
    result = await moved(store, [order], {"17": await customer_id(store)})
    found = await read(store, result, "17")
    same = ("total", "total_tax", "shipping_total", "created_at", "email", "note", "currency", "bare_number")
    expected = replace(order, total_tax=euros("3.97"), shipping_total=euros("4.90"), bare_number="17")
    assert {name: getattr(found, name) for name in same} == {name: getattr(expected, name) for name in same}
    assert found.status_key() is OrderStatus.COMPLETED
    assert found.customer_id == await customer_id(store)
    assert found.coupons == order.coupons
    assert found.payment_title == "Credit card"
    assert found.comparable_line_count == 3
    mug, tea = found.lines
    assert (mug.quantity, mug.sku, mug.variant_id != "") == (3, MUG, True)
    assert (tea.title, tea.attributes) == ("Tea", (("Gift wrap", "yes"),))
    assert [fee.title for fee in found.fees] == ["Insurance"]
    assert found.marker == str(marker_of(order))
    assert result.codes("17") == []
    assert result.codes("17", "verify") == []
    assert side_effects(shop) == NOTHING


async def test_what_is_read_back_are_the_amounts_of_the_source(shop: Shop) -> None:
    store = await ready(shop)
    order = order_of(refunds=(Refund("91", euros("3.57")),), financial_status=Financial.PARTIALLY_REFUNDED)
    for kind, refunded in (("order", "3.57"), ("draft", "0.00")):
        result = await moved(store, [replace(order, id=kind)], createAs=kind)
        outcome = result.outcomes[kind]["verify"]
        assert isinstance(outcome, Applied)
        amounts = {"gross": "23.87", "tax": "3.97", "shipping": "4.90", "discount": "1.00", "refund": refunded}
        assert outcome.figures == Figures("EUR", {name: euros(amount) for name, amount in amounts.items()})


async def test_a_draft_reads_back_as_the_order_that_it_stands_for(shop: Shop) -> None:
    store = await ready(shop)
    order = order_of()
    result = await moved(store, [order], {"17": await customer_id(store)}, createAs="draft")
    found = await read(store, result, "17")
    assert found.is_draft
    assert (found.total, found.email, found.bare_number) == (order.total, order.email, "17")
    assert found.comparable_line_count == 3
    assert [tax.amount for tax in found.taxes] == [euros("3.97")]
    assert found.customer_id == await customer_id(store)
    assert "Imported order 17" in found.note
    assert result.codes("17") == []
    assert result.codes("17", "verify") == []
    assert (len(shop.sandbox.drafts), len(shop.sandbox.orders)) == (1, 0)
    assert side_effects(shop) == NOTHING


async def test_refunds_are_entered_once_whatever_is_sent_again(shop: Shop) -> None:
    store = await ready(shop)
    refunds = (
        Refund("91", euros("7.14"), "Broken", datetime(2024, 6, 1, tzinfo=UTC), (RefundLine("1", 2),)),
        Refund("92", euros("500.00"), "All of it"),
    )
    order = order_of(refunds=refunds, financial_status=Financial.REFUNDED)
    result = await moved(store, [order])
    found = await read(store, result, "17")
    assert found.refunded == order.total
    assert found.status_key() is OrderStatus.REFUNDED
    assert [(line.quantity, len(refund.lines)) for refund in found.refunds for line in refund.lines] == [(2, 1)]
    assert found.comparable_line_count == 3
    steps = [step.at(result.ids["17"]) for step in result.plans["17"] if step.name.startswith("refund:")]
    sink = store.sink("order")
    for step in steps:
        again = [one.outcome async for one in sink.send([step], "again")]
        assert again == [Applied(result.ids["17"])]
        assert set(await sink.find_effects([step], "again", timedelta(hours=1))) == {marker_of(order)}
    assert (await read(store, result, "17")).refunded == order.total
    assert side_effects(shop) == NOTHING


async def test_an_order_that_was_deleted_and_is_made_again_gets_its_refunds_again(shop: Shop) -> None:
    store = await ready(shop)
    refunds = (Refund("91", euros("3.57")), Refund("92", euros("1.00")))
    order = order_of(refunds=refunds, financial_status=Financial.PARTIALLY_REFUNDED)
    first = await moved(store, [order])
    await store.sink("order").delete(first.ids["17"])
    again = await moved(store, [order])
    assert again.ids["17"] != first.ids["17"]
    assert (await read(store, again, "17")).refunded == euros("4.57")


async def test_money_is_never_given_back_on_a_payment_that_is_not_ours(shop: Shop) -> None:
    store = await ready(shop)
    order = order_of(refunds=(Refund("91", euros("1.00")),), financial_status=Financial.PARTIALLY_REFUNDED)
    plans = (await moved(store, [order])).plans["17"]
    seeded = SeedOrder([SeedLine("Tea", unit_price="9")], ORDERED_AT, currency="EUR")
    shop.sandbox.seed_orders([seeded])
    theirs = await foreign_order(store)
    outcomes = [one.outcome async for one in store.sink("order").send([plans[1].at(theirs.id)], "batch")]
    assert isinstance(outcomes[0], Applied)
    assert [reason.code for reason in outcomes[0].reasons] == ["refund_refused"]
    assert side_effects(shop) == NOTHING


async def test_a_cancelled_order_ends_cancelled(shop: Shop) -> None:
    shop.sandbox.behaviour.job_seconds = 0.05
    store = await ready(shop)
    order = order_of(
        is_cancelled=True, financial_status=Financial.VOIDED, paid_at=None, fulfillment_status="unfulfilled"
    )
    result = await moved(store, [order])
    found = await read(store, result, "17")
    assert found.status_key() is OrderStatus.CANCELLED
    assert found.comparable_line_count == 3
    assert result.codes("17", "verify") == []
    step = next(step for step in result.plans["17"] if step.name == "cancel").at(result.ids["17"])
    assert [one.outcome async for one in store.sink("order").send([step], "again")] == [Applied(result.ids["17"])]
    assert len(await store.sink("order").find_effects([step], "again", timedelta(hours=1))) == 1
    assert side_effects(shop) == NOTHING


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
@pytest.mark.parametrize("kind", ["order", "draft"])
async def test_totals_are_exact_in_any_currency(shop: Shop, currency: str, kind: str) -> None:
    store = await ready(shop)
    whole = Money.of("1000", currency)
    lines = tuple(OrderLine(f"Item {number}", 7, whole, whole, id=str(number)) for number in range(3))
    order = order_of(
        lines=lines, fees=(), coupons=(), shipping_lines=(), currency=currency, total=Money.of(3000, currency)
    )
    if (kind, currency) == ("draft", "KWD"):
        # A draft's discount has two decimals, and this one would need three.
        order = replace(order, lines=tuple(replace(line, quantity=8) for line in lines))
    result = await moved(store, [order], createAs=kind)
    assert "total_differs" not in result.codes("17")
    assert (await read(store, result, "17")).total.amount == Decimal(3000)


async def test_a_draft_in_another_currency_than_the_shops_is_told(shop: Shop) -> None:
    shop.sandbox.presentment_currencies = ("EUR", "USD")
    store = await ready(shop)
    line = OrderLine("Tea", 1, Money.of(5, "USD"), Money.of(5, "USD"))
    order = order_of(lines=(line,), fees=(), coupons=(), shipping_lines=(), currency="USD", total=Money.of(5, "USD"))
    result = await moved(store, [order], createAs="draft")
    assert result.codes("17", "verify") == ["held_in_shop_currency"]


async def test_many_units_stay_one_line(shop: Shop) -> None:
    store = await ready(shop)
    line = OrderLine("Nail", 2_000, euros("13.37"), euros("13.37"), sku=MUG)
    order = order_of(lines=(line,), fees=(), coupons=(), shipping_lines=())
    result = await moved(store, [order])
    assert (await read(store, result, "17")).total == euros("13.37")
    assert result.codes("17", "verify") == []


async def test_a_hundred_orders_cost_little(shop: Shop) -> None:
    store = await ready(shop)
    orders = [order_of(str(number), email=f"buyer{number}@example.org") for number in range(100)]
    before = shop.sandbox.counters.points_used
    requests = shop.sandbox.counters.requests
    result = await moved(store, orders)
    assert len(result.ids) == len(shop.sandbox.orders) == 100
    assert (shop.sandbox.counters.points_used - before) / 100 <= 13
    assert shop.sandbox.counters.requests - requests <= 110


async def test_what_changed_after_the_migration_is_told(shop: Shop) -> None:
    store = await ready(shop)
    order = order_of()
    result = await moved(store, [order])
    (held,) = shop.sandbox.orders
    shop.sandbox.save_order(replace(held, email="new@example.com"))
    given_up = Reason("email_left_out", Level.WARNING, "The e-mail address was left out.")
    verify = result.plans["17"][-1].at(result.ids["17"], [given_up])
    (again,) = [one.outcome async for one in store.sink("order").send([verify], "batch")]
    assert isinstance(again, Applied)
    assert again.reasons == ()
    shop.sandbox.save_order(replace(held, email="new@example.com", name="#9"))
    (changed,) = [one.outcome async for one in store.sink("order").send([verify], "batch")]
    assert isinstance(changed, Applied)
    assert [reason.code for reason in changed.reasons] == ["field_changed_by_store"]
    assert "number" in changed.reasons[0].message


async def test_a_payment_that_came_in_since_is_told(shop: Shop) -> None:
    store = await ready(shop)
    result = await moved(store, [order_of(financial_status=Financial.PENDING, paid_at=None)])
    assert result.codes("17", "verify") == []
    document = "mutation Pay($id: ID!) { orderMarkAsPaid(input: {id: $id}) { order { id } } }"
    await asked(shop, document, result.ids["17"])
    verify = result.plans["17"][-1].at(result.ids["17"])
    (outcome,) = [one.outcome async for one in store.sink("order").send([verify], "undo")]
    assert isinstance(outcome, Applied)
    assert "payments" in outcome.reasons[0].message


async def test_only_what_we_made_is_deleted(shop: Shop) -> None:
    store = await ready(shop)
    sink = store.sink("order")
    result = await moved(store, [order_of("1")])
    drafts = await moved(store, [order_of("2"), order_of("3")], createAs="draft")
    shop.sandbox.seed_orders([SeedOrder([SeedLine("Tea", unit_price="9")], ORDERED_AT, currency="EUR")])
    foreign = await foreign_order(store)
    with pytest.raises(RecordConflictError) as raised:
        await sink.delete(foreign.id)
    assert raised.value.code == "not_ours"
    for record_id in (result.ids["1"], drafts.ids["2"]):
        await sink.delete(record_id)
        await sink.delete(record_id)
    assert (len(shop.sandbox.orders), len(shop.sandbox.drafts)) == (1, 1)
    document = "mutation Complete($id: ID!) { draftOrderComplete(id: $id) { draftOrder { id } } }"
    await asked(shop, document, drafts.ids["3"])
    with pytest.raises(RecordConflictError) as raised:
        await sink.delete(drafts.ids["3"])
    assert raised.value.code == "draft_completed"
    assert (len(shop.sandbox.orders), len(shop.sandbox.drafts)) == (2, 1)
