"""Thousands of customers at once: the Shopify connector's bulk operations on the sandbox, over real HTTP."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

import pytest

from crossdock.domain.customer import Address
from crossdock.domain.errors import OutcomeUnknownError
from crossdock.domain.plan import Applied, Linked, NotSent, Refused, Unknown
from crossdock.sandbox.shopify.records import SeedCustomer
from tests.support.shopify_shop import Shop, buyers, codes, creations, marker, open_shop, sent, whole


@pytest.fixture
async def shop() -> AsyncGenerator[Shop]:
    async with open_shop() as shop:
        yield shop


async def test_thousands_are_created_by_one_bulk_operation(shop: Shop) -> None:
    shop.sandbox.seed([SeedCustomer(email="buyer7@example.org"), SeedCustomer(phone="+14155550132")])
    store = shop.connect(replace(shop.config, bulk_write_threshold=150))
    assert (store.sink("customer").batch_size(150), store.sink("customer").batch_size(151)) == (100, 5_000)
    await store.sink("customer").prepare("run")
    records = buyers(400)
    records[8] = replace(records[8], phone="+14155550132")
    records[9] = replace(records[9], email="not an address")
    outcomes = await sent(store, creations(store, records), "crossdock_0f-9e_1")
    assert isinstance(outcomes.pop("7"), Linked)
    assert codes(outcomes.pop("8")) == ["phone_taken"]
    assert isinstance(outcomes.pop("9"), Refused)
    assert {type(outcome) for outcome in outcomes.values()} == {Applied}
    assert shop.sandbox.counters.requests < 40
    assert len(await whole(store)) == 400 + 2 - 2


async def test_lines_of_a_bulk_operation_lose_only_what_was_refused_in_them(shop: Shop) -> None:
    store = shop.connect()
    await store.sink("customer").prepare("run")
    records = buyers(120)
    hostile = Address(last_name="<b>Byrne</b>", address2="😀", address1="1 Quay St", city="Cork", country_code="IE")
    records[3] = replace(records[3], addresses=(hostile,))
    records[4] = replace(records[4], addresses=(replace(hostile, city="www.example.com"),))
    steps = creations(store, records)
    unfit = {**steps[5].payload, "addresses": [{"city": "Cork", "countryCode": "XX"}]}
    steps[5] = replace(steps[5], payload=unfit)
    outcomes = await sent(store, steps)
    assert codes(outcomes["3"]) == ["address_part_refused", "address_part_refused"]
    assert codes(outcomes["4"]) == codes(outcomes["5"]) == ["address_refused"]
    assert sum(len(codes(outcome)) for outcome in outcomes.values()) == 4
    checks = [store.sink("customer").steps(record, marker(record))[1] for record in records[3:6]]
    done = {number: outcome for number, outcome in outcomes.items() if isinstance(outcome, Applied)}
    made = [(check, done[check.marker.source_id]) for check in checks]
    verdicts = await sent(store, [check.at(outcome.destination_id, outcome.reasons) for check, outcome in made])
    assert [codes(verdict) for verdict in verdicts.values()] == [[], [], []]


async def test_a_bulk_operation_is_recognised_by_another_process(shop: Shop) -> None:
    store = shop.connect()
    await store.sink("customer").prepare("run")
    steps = creations(store, buyers(150))
    shop.faults.set_rules([{"kind": "error_before", "body": "CrossdockBulkOperation(", "times": 0}])
    outcomes = await sent(store, steps, "crossdock_run_1")
    assert {type(outcome) for outcome in outcomes.values()} == {Unknown}
    shop.faults.clear()
    before = shop.sandbox.counters.requests
    effects = await shop.connect().sink("customer").find_effects(steps, "crossdock_run_1", timedelta(hours=1))
    assert len(effects) == 150
    assert shop.sandbox.counters.requests - before < 5


async def test_a_bulk_operation_at_work_proves_nothing(shop: Shop) -> None:
    shop.sandbox.behaviour.bulk_start_seconds = 3_600
    store = shop.connect()
    await store.sink("customer").prepare("run")
    steps = creations(store, buyers(150))
    shop.faults.set_rules([{"kind": "error_before", "body": "CrossdockBulkOperation(", "times": 0}])
    await sent(store, steps, "crossdock_run_1")
    with pytest.raises(OutcomeUnknownError) as raised:
        await store.sink("customer").find_effects(steps, "crossdock_run_1", timedelta(hours=1))
    assert raised.value.code == "bulk_running"
    assert await store.sink("customer").find_effects(steps, "crossdock_run_10", timedelta(hours=1)) == {}


async def test_a_lost_reply_to_the_start_of_a_bulk_operation_is_made_up_by_its_name(shop: Shop) -> None:
    store = shop.connect()
    await store.sink("customer").prepare("run")
    shop.faults.set_rules([{"kind": "drop_after", "body": "CrossdockBulkMutationStart"}])
    outcomes = await sent(store, creations(store, buyers(150)))
    assert {type(outcome) for outcome in outcomes.values()} == {Applied}
    assert shop.sandbox.state()["duplicateEmails"] == []


async def test_a_start_that_can_not_be_looked_up_leaves_all_undecided(shop: Shop) -> None:
    store = shop.connect()
    await store.sink("customer").prepare("run")
    shop.faults.set_rules(
        [
            {"kind": "drop_after", "body": "CrossdockBulkMutationStart"},
            {"kind": "error_before", "body": "CrossdockBulkMutations", "times": 0},
        ]
    )
    outcomes = await sent(store, creations(store, buyers(150)))
    assert {type(outcome) for outcome in outcomes.values()} == {Unknown}


async def test_a_bulk_operation_that_fails_settles_what_it_did_and_returns_the_rest(shop: Shop) -> None:
    shop.sandbox.behaviour.bulk_fails_after = 40
    store = shop.connect()
    await store.sink("customer").prepare("run")
    outcomes = list((await sent(store, creations(store, buyers(150)))).values())
    applied = sum(isinstance(outcome, Applied) for outcome in outcomes)
    assert applied == len(await whole(store)) >= 40
    assert sum(isinstance(outcome, NotSent) for outcome in outcomes) == 150 - applied


@pytest.mark.parametrize("kind", ["html_page", "truncated"])
async def test_results_that_are_spoilt_once_are_read_again(shop: Shop, kind: str) -> None:
    store = shop.connect()
    await store.sink("customer").prepare("run")
    shop.faults.set_rules([{"kind": kind, "path": "/bulk-results/"}])
    outcomes = await sent(store, creations(store, buyers(150)))
    assert {type(outcome) for outcome in outcomes.values()} == {Applied}
    assert sum("/bulk-results/" in call.path for call in shop.faults.calls) == 2


@pytest.mark.parametrize("kind", ["html_page", "truncated"])
async def test_of_results_that_stay_spoilt_the_rest_is_unknown_and_looked_up(shop: Shop, kind: str) -> None:
    store = shop.connect()
    await store.sink("customer").prepare("run")
    steps = creations(store, buyers(150))
    shop.faults.set_rules([{"kind": kind, "path": "/bulk-results/", "times": 0}])
    outcomes = await sent(store, steps, "crossdock_run_1")
    assert {type(outcome) for outcome in outcomes.values()} <= {Applied, Unknown}
    assert any(isinstance(outcome, Unknown) for outcome in outcomes.values())
    effects = await shop.connect().sink("customer").find_effects(steps, "crossdock_run_1", timedelta(hours=1))
    assert len(effects) == 150


async def test_without_bulk_operations_many_are_created_one_by_one(shop: Shop) -> None:
    shop.sandbox.behaviour.is_bulk_enabled = False
    store = shop.connect()
    outcomes = await sent(store, creations(store, buyers(120)))
    assert {type(outcome) for outcome in outcomes.values()} == {Applied}


async def test_a_failed_upload_has_sent_nothing(shop: Shop) -> None:
    shop.faults.set_rules([{"kind": "error_before", "path": "/staged-uploads/"}])
    store = shop.connect()
    outcomes = await sent(store, creations(store, buyers(120)))
    assert {type(outcome) for outcome in outcomes.values()} == {NotSent}
    assert await whole(store) == []
