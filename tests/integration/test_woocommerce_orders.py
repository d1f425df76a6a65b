"""Orders written to WooCommerce: whole, dated, and without anybody noticing. Both ways of keeping orders."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crossdock.domain.customer import Address
from crossdock.domain.errors import MissingScopeError, RecordConflictError, RecordError
from crossdock.domain.money import Money
from crossdock.domain.order import (
    Coupon,
    Fee,
    Financial,
    Fulfillment,
    Order,
    OrderLine,
    Refund,
    ShippingLine,
    TaxLine,
    Transaction,
)
from crossdock.domain.plan import Applied, NotSent, Refused, StepResult, Unknown
from tests.integration.woocommerce_connected import Connected, order_marker


def usd(text: str) -> Money:
    return Money.of(text, "USD")


VAT = TaxLine("VAT 19%", usd("1.60"), None)
ADA = Address("Ada", "Byron", "", "1 Mill Street", "", "Bath", "", "BA1 1AA", "GB", "+44 1225 000001")
PAID = Order(
    id="gid://shopify/Order/7",
    number="#1001",
    currency="USD",
    total=usd("24.90"),
    created_at=datetime(2024, 3, 1, 8, 30, 1, tzinfo=UTC),
    paid_at=datetime(2024, 3, 1, 8, 31, tzinfo=UTC),
    email="ada@example.com",
    financial_status=Financial.PAID,
    fulfillment_status=Fulfillment.FULFILLED,
    taxes_included=True,
    total_tax=usd("2.40"),
    lines=(
        OrderLine("Mug", 2, usd("12.00"), usd("10.00"), sku="MUG", taxes=(VAT,)),
        OrderLine("Engraving", 1, usd("10.00"), usd("10.00"), attributes=(("Text", 'To "Ada" \\ Babbage'),)),
    ),
    shipping_lines=(ShippingLine("Post", usd("4.90"), taxes=(replace(VAT, amount=usd("0.80")),)),),
    coupons=(Coupon("TWO-OFF", usd("2.00")),),
    transactions=(Transaction("sale", usd("24.90"), "Card", reference="tx-1"),),
    billing=ADA,
    shipping=ADA,
    note="Ring twice",
    tags=("vip",),
    attributes=(("gift", "yes"),),
)
UNPAID = replace(
    PAID,
    id="gid://shopify/Order/8",
    number="#1002",
    financial_status=Financial.PENDING,
    fulfillment_status=Fulfillment.UNFULFILLED,
    paid_at=None,
    transactions=(),
)


@pytest.fixture(params=["hpos", "posts"])
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Connected]:
    connected = Connected(tmp_path)
    connected.sandbox.modes.hpos = request.param == "hpos"
    connected.sandbox.load_products([{"id": 5, "sku": "MUG", "name": "Mug", "manage_stock": True, "stock_quantity": 9}])
    connected.sandbox.load_customers([{"id": 3, "email": "ada@example.com", "role": "customer"}])
    connected.sandbox.add_tax_rate("GB", "20")
    yield connected
    connected.state.close()


async def held(shop: Connected, outcome: object) -> Order:
    assert isinstance(outcome, Applied), outcome
    return (await shop.store.source("order").get([outcome.destination_id]))[outcome.destination_id]


def codes(outcome: object) -> list[str]:
    assert isinstance(outcome, Applied), outcome
    return [reason.code for reason in outcome.reasons]


async def creation(shop: Connected, order: Order = PAID) -> StepResult:
    """Send the first step of an order alone."""
    sink = shop.store.sink("order")
    step = sink.steps(order, order_marker(order), await shop.resolution(order))[0]
    (result,) = [result async for result in sink.send([step], "crossdock_1_1")]
    return result


async def test_a_paid_order_arrives_whole_dated_and_unnoticed(shop: Connected) -> None:
    steps, outcomes = await shop.carry(PAID, "3")
    assert [step.name for step in steps] == ["create", "finish", "verify"]
    assert codes(outcomes[-1]) == []
    order = await held(shop, outcomes[-1])
    assert (order.total, order.total_tax, order.currency) == (PAID.total, PAID.total_tax, "USD")
    assert (order.created_at, order.paid_at, order.status) == (PAID.created_at, PAID.paid_at, "completed")
    assert (order.email, order.customer_id, order.bare_number) == ("ada@example.com", "3", "#1001")
    assert (order.billing, order.shipping, order.note) == (ADA, ADA, "Ring twice")
    assert [line.total for line in order.lines] == [line.total for line in PAID.lines]
    assert [line.subtotal for line in order.lines] == [line.subtotal for line in PAID.lines]
    assert [(line.product_id, line.sku) for line in order.lines] == [("5", "MUG"), ("", "")]
    assert order.lines[1].attributes == PAID.lines[1].attributes
    assert (order.coupons, order.tags, order.attributes) == (PAID.coupons, PAID.tags, PAID.attributes)
    assert (order.transactions[0].gateway, order.transactions[0].reference) == ("Card", "tx-1")
    assert (
        order.figures().to_json()
        == replace(PAID, shipping_total=usd("4.10"), discount_total=usd("2.00")).figures().to_json()
    )
    assert shop.mails() == []
    state = shop.sandbox.state()
    assert (state["stockChanges"], state["money"], state["refunds"]) == (0, {}, 0)


@pytest.mark.parametrize(
    ("order", "status"),
    [
        (UNPAID, "on-hold"),
        (replace(PAID, fulfillment_status=Fulfillment.UNFULFILLED), "processing"),
        (replace(UNPAID, is_cancelled=True, cancel_reason="customer"), "cancelled"),
        (replace(UNPAID, financial_status=Financial.EXPIRED), "cancelled"),
        (replace(PAID, financial_status=Financial.REFUNDED, refunded=usd("24.90")), "refunded"),
        (
            replace(PAID, is_cancelled=True, refunds=(Refund("r1", usd("24.90")),), refunded=usd("24.90")),
            "cancelled",
        ),
    ],
)
async def test_every_status_arrives_without_a_mail_or_a_change_of_stock(
    shop: Connected, order: Order, status: str
) -> None:
    _, outcomes = await shop.carry(order)
    assert codes(outcomes[-1]) == []
    found = await held(shop, outcomes[-1])
    assert (found.status, found.total, found.created_at) == (status, order.total, order.created_at)
    assert found.status_key() == order.status_key()
    assert found.refunded == (order.refunded or usd("0"))
    assert shop.mails() == []
    assert shop.sandbox.state()["stockChanges"] == 0
    assert shop.sandbox.state()["money"] == {}


async def test_refunds_are_written_one_by_one_and_clipped_at_the_total(shop: Connected) -> None:
    refunds = (Refund("gid://shopify/Refund/1", usd("4.90"), "Late"), Refund("gid://shopify/Refund/2", usd("30.00")))
    order = replace(PAID, financial_status=Financial.PARTIALLY_REFUNDED, refunds=refunds, refunded=usd("34.90"))
    steps, outcomes = await shop.carry(order)
    assert [step.name for step in steps][1:3] == ["refund:gid://shopify/Refund/1", "refund:gid://shopify/Refund/2"]
    assert [reason.code for reason in steps[0].reasons] == ["refund_clipped", "product_missing"]
    found = await held(shop, outcomes[-1])
    assert sorted((refund.amount.amount, refund.reason) for refund in found.refunds) == [
        (usd("4.90").amount, "Late"),
        (usd("20.00").amount, ""),
    ]
    assert (found.status, shop.mails()) == ("refunded", [])


async def test_a_refund_that_is_refused_does_not_keep_an_order_from_its_person(shop: Connected) -> None:
    order = replace(PAID, refunds=(Refund("r1", usd("4.90")),), refunded=usd("4.90"))
    first = await creation(shop, order)
    assert isinstance(first.outcome, Applied)
    number = first.outcome.destination_id
    whole = {"amount": "24.90", "api_refund": False}
    await shop.store._transport.write("POST", f"orders/{number}/refunds", whole)
    sink = shop.store.sink("order")
    rest = [step.at(number) for step in sink.steps(order, order_marker(order))[1:]]
    outcomes = [result.outcome for step in rest async for result in sink.send([step], "crossdock_1_1")]
    assert codes(outcomes[0]) == ["refund_refused"]
    assert set(codes(outcomes[-1])) == {"refunds_differ", "status_differs"}
    assert (await held(shop, outcomes[-1])).email == "ada@example.com"


async def test_a_shop_that_charges_taxes_of_its_own_charges_none(shop: Connected) -> None:
    shop.sandbox.options.put("general", "woocommerce_calc_taxes", "yes")
    _, outcomes = await shop.carry(replace(PAID, fees=(Fee("Wrapping", usd("1.00")),), total=usd("25.90")))
    assert codes(outcomes[0]) == codes(outcomes[-1]) == []
    assert (await held(shop, outcomes[-1])).total == usd("25.90")


async def test_a_total_that_the_shop_makes_another_is_told_with_both_figures(shop: Connected) -> None:
    shop.sandbox.options.put("general", "woocommerce_price_num_decimals", "1")
    sink = shop.store.sink("order")
    odd = replace(PAID, total=usd("24.95"), shipping_lines=(ShippingLine("Post", usd("4.95")),), total_tax=VAT.amount)
    (result,) = [r async for r in sink.send(sink.steps(odd, order_marker(odd))[:1], "crossdock_1_1")]
    assert isinstance(result.outcome, Applied)
    (reason,) = result.outcome.reasons
    assert reason.code == "total_differs"
    assert "24.95 USD" in reason.message


async def test_a_currency_finer_than_the_shop_is_refused_before_anything_is_sent(shop: Connected) -> None:
    shop.sandbox.options.put("general", "woocommerce_price_num_decimals", "0")
    (answer,) = await shop.store.sink("order").resolve([PAID], {}, {})
    assert isinstance(answer, RecordError)
    assert answer.code == "currency_decimals"


async def test_products_can_be_required(shop: Connected) -> None:
    sink = shop.store.sink("order")
    shop.sandbox.load_products([{"id": 6, "sku": "CUP"}, {"id": 7, "sku": "cup"}])
    cup = replace(PAID, id="8", lines=(replace(PAID.lines[0], sku="CUP"),))
    mug = replace(PAID, id="9", lines=PAID.lines[:1])
    answers = await sink.resolve([PAID, cup, mug], {"9": "3"}, {"requireProducts": True})
    errors = [answer.code if isinstance(answer, RecordError) else "" for answer in answers]
    assert errors == ["product_missing", "product_missing", ""]
    assert answers[2] == {"customer": "3", "products": {"MUG": [5, 0]}, "ambiguous": [], "number_key": ""}
    loose: Any = (await sink.resolve([cup], {}, {}))[0]
    assert loose["products"] == {}
    told = {reason.code for reason in sink.losses(cup, loose)}
    assert (loose["ambiguous"], "sku_ambiguous" in told, "product_missing" in told) == (["CUP"], True, False)
    assert "product_missing" in {reason.code for reason in sink.losses(PAID, loose)}


async def test_products_are_found_whatever_their_sku_holds(shop: Connected) -> None:
    shop.sandbox.load_products([{"id": 8, "sku": "A,B"}, {"id": 10, "sku": "SHIRT", "type": "variable"}])
    shop.sandbox.load_variations([{"id": 11, "sku": "SHIRT-L", "parent_id": 10}])
    skus = ("mug", "A,B", "SHIRT-L", "NONE")
    order = replace(PAID, lines=tuple(OrderLine("x", 1, usd("1"), usd("1"), sku=sku) for sku in skus))
    products = (await shop.resolution(order))["products"]
    assert products == {"mug": [5, 0], "A,B": [8, 0], "SHIRT-L": [10, 11]}
    shop.sandbox.modes.ignores_skus = True
    shop.sandbox.load_products([{"id": 100 + at, "sku": f"S{at}"} for at in range(150)])
    assert "NONE" not in (await shop.resolution(order))["products"]


@pytest.mark.parametrize("kind", ["truncated", "html_after", "error_after"])
async def test_every_spoilt_answer_to_a_creation_is_looked_for(shop: Connected, kind: str) -> None:
    began = shop.now
    shop.faults.set_rules([{"kind": kind, "path": "wc/v3/orders", "method": "POST"}])
    result = await creation(shop)
    assert isinstance(result.outcome, Unknown)
    await shop.sleep(180)
    found = await shop.store.sink("order").find_effects([result.step], "crossdock_1_1", shop.now - began)
    assert isinstance(found[order_marker(PAID)].outcome, Applied)
    assert len(shop.sandbox.orders) == 1


async def test_a_half_made_order_is_taken_away_and_never_counts(shop: Connected) -> None:
    began = shop.now
    shop.sandbox.modes.dies_after_save = 1
    result = await creation(shop)
    assert isinstance(result.outcome, Unknown)
    assert len(shop.sandbox.orders) == 1
    assert await shop.store.sink("order").find([order_marker(PAID)]) == {}
    (seen,) = [order async for page in shop.store.source("order").read() for order in page.records]
    assert (seen.marker, seen.bare_number, seen.created_at == PAID.created_at) == ("", seen.id, False)
    await shop.sleep(180)
    assert await shop.store.sink("order").find_effects([result.step], "crossdock_1_1", shop.now - began) == {}
    assert len(shop.sandbox.orders) == 0
    _, outcomes = await shop.carry(PAID)
    assert codes(outcomes[-1]) == []
    assert (len(shop.sandbox.orders), shop.sandbox.state()["repeatedMarkers"]) == (1, {})


async def test_refunds_and_second_passes_are_found_again(shop: Connected) -> None:
    order = replace(PAID, refunds=(Refund("r1", usd("4.90")),), refunded=usd("4.90"))
    steps, outcomes = await shop.carry(order, "3")
    sink = shop.store.sink("order")
    for step in steps[1:]:
        found = await sink.find_effects([step], "crossdock_1_1", timedelta(minutes=1))
        assert isinstance(found[step.marker].outcome, Applied), step.name
    assert isinstance(outcomes[-1], Applied)
    bare = replace(order, id="gid://shopify/Order/9")
    first = await creation(shop, bare)
    assert isinstance(first.outcome, Applied)
    for step in sink.steps(bare, order_marker(bare))[1:3]:
        late = step.at(first.outcome.destination_id)
        assert await sink.find_effects([late], "crossdock_1_1", timedelta(minutes=1)) == {}


async def test_an_order_that_was_refused_leaves_nothing_and_stops_nobody(shop: Connected) -> None:
    sink = shop.store.sink("order")
    foreign = replace(
        PAID, currency="XXX", total=Money.of(1, "XXX"), total_tax=None, taxes_included=False, coupons=(),
        lines=(OrderLine("x", 1, Money.of(1, "XXX"), Money.of(1, "XXX")),), shipping_lines=(),
    )  # fmt: skip
    steps = [sink.steps(foreign, order_marker(foreign))[0], sink.steps(UNPAID, order_marker(UNPAID))[0]]
    outcomes = [result.outcome async for result in sink.send(steps, "crossdock_1_1")]
    assert isinstance(outcomes[0], Refused)
    assert isinstance(outcomes[1], Applied)


async def test_behind_an_order_that_is_lost_the_rest_waits(shop: Connected) -> None:
    sink = shop.store.sink("order")
    shop.faults.set_rules([{"kind": "error_after", "path": "wc/v3/orders", "method": "POST"}])
    steps = [sink.steps(order, order_marker(order))[0] for order in (PAID, UNPAID)]
    outcomes = [result.outcome async for result in sink.send(steps, "crossdock_1_1")]
    assert [type(outcome) for outcome in outcomes] == [Unknown, NotSent]
    assert len(shop.sandbox.orders) == 1


async def test_an_order_changed_since_reads_back_otherwise(shop: Connected) -> None:
    steps, outcomes = await shop.carry(PAID)
    assert isinstance(outcomes[-1], Applied)
    number = outcomes[-1].destination_id
    path = f"orders/{number}"
    transport = shop.store._transport
    await transport.write("POST", f"{path}/refunds", {"amount": "1.00", "api_refund": False})
    await transport.write("PUT", path, {"status": "on-hold", "billing": {"city": "Bristol"}})
    sink = shop.store.sink("order")
    (again,) = [result.outcome async for result in sink.send(steps[-1:], "undo")]
    assert set(codes(again)) == {"refunds_differ", "status_differs", "field_changed_by_store"}


async def test_a_shop_that_keeps_its_own_dates_is_told_of_and_matching_goes_on(shop: Connected) -> None:
    steps, outcomes = await shop.carry(PAID)
    assert isinstance(outcomes[-1], Applied)
    number = outcomes[-1].destination_id
    note = {"meta_data": [{"key": "_date_created", "value": "2026-01-01T00:00:00Z"}]}
    await shop.store._transport.write("PUT", f"orders/{number}", note)
    (again,) = [result.outcome async for result in shop.store.sink("order").send(steps[-1:], "undo")]
    assert codes(again) == ["date_not_kept"]
    assert (await held(shop, outcomes[-1])).created_at == PAID.created_at


async def test_undo_deletes_what_is_ours_and_nothing_else(shop: Connected) -> None:
    shop.sandbox.load_orders([{"id": 50, "status": "completed", "total": "5.00"}])
    _, outcomes = await shop.carry(PAID)
    assert isinstance(outcomes[-1], Applied)
    sink = shop.store.sink("order")
    with pytest.raises(RecordConflictError) as caught:
        await sink.delete("50")
    assert caught.value.code == "not_ours"
    await sink.delete(outcomes[-1].destination_id)
    await sink.delete(outcomes[-1].destination_id)
    assert len(shop.sandbox.orders) == 1
    assert shop.mails() == []
    assert shop.sandbox.state()["stockChanges"] == 0


async def test_markers_are_found_in_the_whole_store(shop: Connected) -> None:
    shop.sandbox.load_orders({"status": "completed", "total": "5.00"} for _ in range(130))
    result = await creation(shop)
    assert isinstance(result.outcome, Applied)
    shop.sandbox.load_orders({"status": "completed", "total": "5.00"} for _ in range(130))
    found = await shop.store.sink("order").find([order_marker(PAID), order_marker(UNPAID)])
    assert found == {order_marker(PAID): result.outcome.destination_id}


async def test_an_address_that_woocommerce_refuses_is_kept_in_meta(shop: Connected) -> None:
    order = replace(PAID, email="not an address")
    _, outcomes = await shop.carry(order)
    assert codes(outcomes[-1]) == []
    assert (await held(shop, outcomes[-1])).email == "not an address"
    assert "email_kept_in_meta" in {reason.code for reason in shop.store.sink("order").losses(order)}


@pytest.mark.parametrize("text", ["<b>Ada</b> & Söhne", 'O\'Neil \\ "Mug"', "مرحبا", "a\tb 🦊"])
async def test_hostile_and_foreign_text_arrives_as_it_is(shop: Connected, text: str) -> None:
    line = replace(PAID.lines[1], title=text, attributes=((text, text),))
    order = replace(PAID, lines=(PAID.lines[0], line), tags=(text,), attributes=((text, text),), note=text)
    _, outcomes = await shop.carry(order)
    assert codes(outcomes[-1]) == []
    found = await held(shop, outcomes[-1])
    assert (found.lines[1].title, found.lines[1].attributes) == (text, ((text, text),))
    assert (found.tags, found.attributes) == ((text,), ((text, text),))


async def test_a_number_plugin_gets_the_number(shop: Connected) -> None:
    shop.sandbox.modes.numbers_orders = True
    _, outcomes = await shop.carry(replace(PAID, bare_number="1001"))
    order = await held(shop, outcomes[-1])
    assert (order.number, order.bare_number) == ("1001", "1001")


async def test_a_key_that_can_not_write_is_told_before_a_run(shop: Connected) -> None:
    store = shop.connect(shop.sandbox.add_key("read"))
    with pytest.raises(MissingScopeError):
        await store.sink("order").prepare("run-1")
    await shop.store.sink("order").prepare("run-1")
    await shop.store.sink("order").release("run-1")
    findings = {finding.capability: finding.level for finding in await shop.store.check()}
    assert {"write_orders", "order_storage", "order_decimals", "order_taxes", "order_numbers"} <= set(findings)
    assert set(findings.values()) == {"pass"}
