"""Orders written to the Shopify sandbox while things go wrong: lost answers, refusals, limits, crashes."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crossdock.connectors.shopify.shop import DEVELOPMENT_SECONDS
from crossdock.connectors.shopify.store import ShopifyStore
from crossdock.domain.customer import Address
from crossdock.domain.errors import RecordError
from crossdock.domain.order import Financial, Order, OrderLine, Refund
from crossdock.domain.plan import Applied, NotSent, Outcome, Refused, Resolution, Unknown
from crossdock.sandbox.shopify.order_seeds import SeedLine, SeedOrder, SeedVariant
from crossdock.sandbox.shopify.records import SeedCustomer
from tests.support.shopify_orders import HARBOUR, MUG, OPTIONS, ORDERED_AT, euros, marker_of, moved, order_of, planned
from tests.support.shopify_shop import Shop, open_shop

OLD_ADDRESS = {"address1": "Old Road 1", "city": "Berlin", "zip": "10115", "country": "DE", "last_name": "Byron"}


@pytest.fixture
async def shop() -> AsyncGenerator[Shop]:
    async with open_shop() as shop:
        shop.sandbox.currency = "EUR"
        shop.sandbox.presentment_currencies = ("EUR",)
        shop.sandbox.behaviour.job_seconds = 0.0
        shop.sandbox.seed_variants([SeedVariant(sku=MUG), SeedVariant(sku="TWICE"), SeedVariant(sku="TWICE")])
        yield shop


async def ready(shop: Shop, holder: str = "run") -> ShopifyStore:
    store = shop.connect()
    await store.info()
    await store.sink("order").prepare(holder)
    return store


async def created(store: ShopifyStore, order: Order, kind: str = "order") -> Outcome:
    plan = (await planned(store, [order], createAs=kind))[order.id]
    (result,) = [result async for result in store.sink("order").send([plan[0]], "batch")]
    return result.outcome


def codes(outcome: Outcome) -> list[str]:
    assert isinstance(outcome, Applied), outcome
    return [reason.code for reason in outcome.reasons]


def made(shop: Shop) -> int:
    return len(shop.sandbox.orders) + len(shop.sandbox.drafts)


@pytest.mark.parametrize("kind", ["order", "draft"])
@pytest.mark.parametrize("fault", ["drop_after", "error_after", "truncated", "html_after"])
async def test_an_order_whose_answer_was_lost_is_found_and_not_made_again(shop: Shop, kind: str, fault: str) -> None:
    shop.sandbox.behaviour.index_lag_seconds = 3_600
    store = await ready(shop)
    operation = "CrossdockOrderCreate" if kind == "order" else "CrossdockDraftCreate"
    shop.faults.set_rules([{"kind": fault, "body": operation}])
    assert isinstance(await created(store, order_of(), kind), Unknown)
    step = (await planned(store, [order_of()], createAs=kind))["17"][0]
    found = await shop.connect().sink("order").find_effects([step], "batch", timedelta(hours=1))
    outcome = found[marker_of(order_of())].outcome
    assert isinstance(outcome, Applied)
    assert await store.sink("order").find([marker_of(order_of())]) == {marker_of(order_of()): outcome.destination_id}
    assert made(shop) == 1


@pytest.mark.parametrize("kind", ["order", "draft"])
async def test_what_was_never_made_is_not_found(shop: Shop, kind: str) -> None:
    store = await ready(shop)
    operation = "CrossdockOrderCreate" if kind == "order" else "CrossdockDraftCreate"
    shop.faults.set_rules([{"kind": "drop_before", "body": operation}])
    assert isinstance(await created(store, order_of(), kind), Unknown)
    step = (await planned(store, [order_of()], createAs=kind))["17"][0]
    assert await store.sink("order").find_effects([step], "batch", timedelta(hours=1)) == {}
    assert isinstance(await created(store, order_of(), kind), Applied)
    assert made(shop) == 1


async def test_an_order_that_carries_the_marker_already_is_taken_for_it(shop: Shop) -> None:
    store = await ready(shop)
    first, second = await created(store, order_of()), await created(store, order_of())
    assert isinstance(first, Applied)
    assert isinstance(second, Applied)
    assert first.destination_id == second.destination_id
    assert made(shop) == 1


@pytest.mark.parametrize("fault", ["drop_after", "error_after"])
async def test_a_refund_whose_answer_was_lost_is_entered_once(shop: Shop, fault: str) -> None:
    store = await ready(shop)
    order = order_of(refunds=(Refund("91", euros("3.57")),), financial_status=Financial.PARTIALLY_REFUNDED)
    shop.faults.set_rules([{"kind": fault, "body": "CrossdockRefundCreate"}])
    result = await moved(store, [order])
    assert isinstance(result.outcomes["17"]["refund:91"], Unknown)
    step = result.plans["17"][1].at(result.ids["17"])
    assert set(await store.sink("order").find_effects([step], "batch", timedelta(hours=1))) == {marker_of(order)}
    (again,) = [one.outcome async for one in store.sink("order").send([step], "again")]
    assert isinstance(again, Applied)
    (held,) = shop.sandbox.orders
    assert len(held.refunds_made) == 1


async def test_a_cancellation_that_does_not_show_yet_is_unknown(shop: Shop) -> None:
    shop.sandbox.behaviour.job_seconds = 3_600
    store = await ready(shop)
    order = order_of(is_cancelled=True, financial_status=Financial.VOIDED, paid_at=None)
    result = await moved(store, [order])
    assert isinstance(result.outcomes["17"]["cancel"], Unknown)
    step = result.plans["17"][1].at(result.ids["17"])
    assert await store.sink("order").find_effects([step], "batch", timedelta(hours=1)) == {}


async def test_refused_parts_are_left_out_and_told(shop: Shop) -> None:
    shop.sandbox.behaviour.checks_order_addresses = True
    store = await ready(shop)
    billing = replace(HARBOUR, country_code="US", province_code="ZZ")
    shipping = Address("Ada", "Byron", "", "", "", "", "", "", "DE")
    outcome = await created(store, order_of(billing=billing, shipping=shipping))
    (held,) = shop.sandbox.orders
    assert held.billing_address is not None
    assert held.billing_address.address1 == "Harbour 1"
    assert "province_refused" in codes(outcome)
    assert ("address_refused" in codes(outcome)) is (held.shipping_address is None)


async def test_a_customer_or_a_product_that_is_gone_does_not_lose_the_order(shop: Shop) -> None:
    store = await ready(shop)
    order = order_of()
    resolution = {
        "createAs": "order",
        "customer": "gid://shopify/Customer/404",
        "variants": {MUG: "gid://shopify/ProductVariant/404"},
        "name": "#W17",
    }
    for kind in ("order", "draft"):
        own = replace(order, id=kind)
        step = store.sink("order").steps(own, marker_of(own), {**resolution, "createAs": kind})[0]
        (result,) = [one async for one in store.sink("order").send([step], "batch")]
        assert {"customer_refused", "product_refused"} <= set(codes(result.outcome))
    assert made(shop) == 2


async def test_a_development_store_gets_an_order_every_twelve_seconds(shop: Shop) -> None:
    shop.sandbox.is_development = True
    waits = list[float]()

    async def note(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    store = ShopifyStore(shop.config, tokens=shop, sleep=note, clock=lambda: 0.0)
    shop.opened.append(store)
    await store.sink("order").prepare("run")
    assert store.sink("order").batch_size(1_000) == 5
    orders = [order_of(str(number), email=f"buyer{number}@example.org") for number in range(4)]
    await moved(store, orders)
    assert [seconds for seconds in waits if seconds > 1] == [DEVELOPMENT_SECONDS] * 3


async def test_orders_that_come_too_fast_are_not_sent_and_come_slower(shop: Shop) -> None:
    store = await ready(shop)
    shop.sandbox.is_development = True
    assert store.sink("order").batch_size(1_000) == 100
    orders = [order_of(str(number), email="ada@example.com") for number in range(8)]
    plans = await planned(store, orders)
    steps = [plan[0] for plan in plans.values()]
    before = shop.sandbox.counters.mutations
    results = [result async for result in store.sink("order").send(steps, "batch")]
    outcomes = [result.outcome for result in sorted(results, key=lambda one: int(one.step.marker.source_id))]
    assert [type(outcome) for outcome in outcomes] == [Applied] * 5 + [NotSent] * 3
    error = next(outcome.error for outcome in outcomes if isinstance(outcome, NotSent))
    assert (error.code, getattr(error, "retry_after", None)) == ("orders_limited", 60.0)
    assert store.sink("order").batch_size(1_000) == 5
    # The last two belong to the person of the sixth, and must not overtake it.
    assert shop.sandbox.counters.mutations - before == 6


async def test_orders_of_one_person_are_made_in_turn(shop: Shop) -> None:
    store = await ready(shop)
    orders = [order_of(str(number), email="Ada@example.com") for number in range(12)]
    await moved(store, orders)
    names = [held.source_identifier for held in sorted(shop.sandbox.orders, key=lambda held: held.number)]
    assert names == [str(marker_of(order)) for order in orders]
    assert len(shop.sandbox.customers) == 1


async def test_default_addresses_are_set_back(shop: Shop) -> None:
    shop.sandbox.seed(
        [SeedCustomer(email=f"reader{number}@example.com", addresses=[OLD_ADDRESS]) for number in range(3)]
    )
    store = await ready(shop)
    ids = [record.id async for page in store.source("customer").read() for record in page.records]
    before = {held.number: held.default_address_number for held in shop.sandbox.customers}
    orders = [order_of(str(number), email=f"reader{number % 3}@example.com") for number in range(6)]
    customers = {order.id: ids[int(order.id) % 3] for order in orders}
    resolutions = list[Resolution]()
    sink = store.sink("order")
    for chunk in (orders[:3], orders[3:]):
        answers = await sink.resolve(chunk, customers, OPTIONS)
        for order, answer in zip(chunk, answers, strict=True):
            assert not isinstance(answer, RecordError)
            resolutions.append(answer)
            step = sink.steps(order, marker_of(order), answer)[0]
            assert [type(one.outcome) async for one in sink.send([step], "batch")] == [Applied]
    assert {held.number: held.default_address_number for held in shop.sandbox.customers} != before
    gone = {
        "createAs": "order",
        "customer": "gid://shopify/Customer/404",
        "defaultAddress": "gid://shopify/MailingAddress/1",
    }
    await sink.put_back([*resolutions, gone])
    assert {held.number: held.default_address_number for held in shop.sandbox.customers} == before
    # After a crash the later orders may know a default that an earlier one had made: the first one counts.
    overwritten = f"gid://shopify/MailingAddress/{newest_address(shop)}"
    later = [{**resolution, "defaultAddress": overwritten} for resolution in resolutions[3:]]
    other = await ready(shop, "another process")
    await other.sink("order").put_back(resolutions[:3])
    await other.sink("order").put_back(later)
    assert {held.number: held.default_address_number for held in shop.sandbox.customers} == before


def newest_address(shop: Shop) -> int:
    return max(address.number for held in shop.sandbox.customers for address in held.addresses)


async def resolved(
    store: ShopifyStore,
    orders: list[Order],
    customers: Mapping[str, str] | None = None,
    **options: Any,  # noqa: ANN401 - as a caller of the API gives them
) -> list[Resolution | RecordError]:
    return list(await store.sink("order").resolve(orders, customers or {}, {**OPTIONS, **options}))


async def names(store: ShopifyStore, orders: list[Order], **options: str) -> list[tuple[str, bool]]:
    found = list[tuple[str, bool]]()
    for answer in await resolved(store, orders, {}, **options):
        assert not isinstance(answer, RecordError)
        found.append((answer["name"], answer.get("isNumberTaken", False)))
    return found


async def test_a_number_is_kept_where_nobody_has_it_or_will_have_it(shop: Shop) -> None:
    line = SeedLine("Tea", unit_price="9")
    shop.sandbox.seed_orders(
        [
            SeedOrder([line], ORDERED_AT, number=1003, currency="EUR"),
            SeedOrder([line], ORDERED_AT, number=1005, currency="EUR"),
        ]
    )
    orders = [order_of(number) for number in ("17", "1003", "1004", "1006", "A-7")]
    store = await ready(shop)
    expected = [("#17", False), ("#W1003", True), ("#1004", False), ("#W1006", False), ("#A-7", False)]
    assert await names(store, orders) == expected
    # Asked again for the same orders, as after a rehearsal, nothing has been given away.
    assert await names(store, orders) == expected
    assert await names(store, [order_of("18", number="17")]) == [("#W17", True)]
    prefixed = [("#OLD-17", False), ("#OLD-1003", False)]
    assert await names(await ready(shop), orders[:2], keepNumber="prefix", numberPrefix="OLD-") == prefixed
    assert await names(await ready(shop), [order_of("18", number="17"), order_of("19", number="17")]) == [
        ("#17", False),
        ("#W17", True),
    ]


async def test_the_shops_own_form_of_numbers_is_kept(shop: Shop) -> None:
    shop.sandbox.order_prefix, shop.sandbox.order_suffix = "EN", "-26"
    assert await names(await ready(shop), [order_of("17"), order_of("9999")]) == [
        ("EN17-26", False),
        ("ENW9999-26", False),
    ]


async def test_products_are_found_by_their_sku_alone(shop: Shop) -> None:
    store = await ready(shop)
    lines = tuple(OrderLine("Any", 1, euros(1), euros(1), sku=sku) for sku in (MUG, MUG.lower(), "TWICE", ""))
    order = order_of(lines=lines)
    (answer,) = await resolved(store, [order])
    assert not isinstance(answer, RecordError)
    assert list(answer["variants"]) == [MUG]
    assert answer["ambiguous"] == ("TWICE",)
    step = store.sink("order").steps(order, marker_of(order), answer)[0]
    assert {"product_missing", "sku_ambiguous"} <= {reason.code for reason in step.reasons}


@pytest.mark.parametrize(
    ("skus", "code"),
    [((MUG, "NONE"), "product_missing"), ((MUG, ""), "product_missing"), (("TWICE",), "sku_ambiguous")],
)
async def test_where_products_are_required_an_order_without_them_is_refused(
    shop: Shop, skus: tuple[str, ...], code: str
) -> None:
    lines = tuple(OrderLine("Any", 1, euros(1), euros(1), sku=sku) for sku in skus)
    bad, good = order_of(lines=lines), order_of("18", lines=(lines[0],) if skus[0] == MUG else ())
    refusal, _ = await resolved(await ready(shop), [bad, good], requireProducts=True)
    assert isinstance(refusal, RecordError)
    assert refusal.code == code


async def test_a_hundred_orders_are_resolved_in_a_handful_of_requests(shop: Shop) -> None:
    shop.sandbox.seed([SeedCustomer(email=f"reader{number}@example.com") for number in range(100)])
    store = await ready(shop)
    ids = [record.id async for page in store.source("customer").read() for record in page.records]
    before = shop.sandbox.counters.requests
    orders = [order_of(str(number)) for number in range(100)]
    answers = await resolved(store, orders, {order.id: ids[int(order.id)] for order in orders})
    assert len(answers) == 100
    assert shop.sandbox.counters.requests - before <= 5


async def test_a_customer_who_is_gone_is_not_ordered_for(shop: Shop) -> None:
    (answer,) = await resolved(await ready(shop), [order_of()], {"17": "gid://shopify/Customer/404"})
    assert not isinstance(answer, RecordError)
    assert answer["customer"] == ""


async def test_a_plan_is_the_same_when_it_is_made_again_of_what_was_kept(shop: Shop) -> None:
    store = await ready(shop)
    (answer,) = await resolved(store, [order_of()])
    assert not isinstance(answer, RecordError)
    first = store.sink("order").steps(order_of(), marker_of(order_of()), answer)
    assert store.sink("order").steps(order_of(), marker_of(order_of()), dict(answer)) == first


async def test_a_value_that_shopify_has_no_type_for_fails_its_record_only(shop: Shop) -> None:
    store = await ready(shop)
    plans = await planned(store, [order_of("1"), order_of("2", email="b@example.org")])
    bad = plans["1"][0]
    whole: Any = bad.payload["order"]
    steps = [replace(bad, payload={**bad.payload, "order": {**whole, "currency": "???"}}), plans["2"][0]]
    outcomes = {one.step.marker.source_id: one.outcome async for one in store.sink("order").send(steps, "batch")}
    assert isinstance(outcomes["1"], Refused)
    assert outcomes["1"].error.code == "value_refused"
    assert isinstance(outcomes["2"], Applied)


async def test_without_a_connection_nothing_is_said_to_be_verified(shop: Shop) -> None:
    store = await ready(shop)
    result = await moved(store, [order_of()])
    shop.faults.set_rules([{"kind": "error_before", "body": "CrossdockOrdersVerify", "times": 0}])
    verify = result.plans["17"][-1].at(result.ids["17"])
    (outcome,) = [one.outcome async for one in store.sink("order").send([verify], "batch")]
    assert isinstance(outcome, NotSent)
    shop.faults.clear()
    missing = verify.at("gid://shopify/Order/404")
    (outcome,) = [one.outcome async for one in store.sink("order").send([missing], "batch")]
    assert isinstance(outcome, Unknown)
    assert outcome.error.code == "not_shown"
