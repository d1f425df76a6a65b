"""What Shopify refuses of a customer: what is left out, told and checked, on the sandbox over real HTTP."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

import pytest

from crossdock.domain.customer import Address, Customer
from crossdock.domain.plan import Applied, Refused, Step
from crossdock.sandbox.shopify.records import SeedCustomer
from tests.support.shopify_shop import Shop, buyers, codes, created, creations, marker, open_shop, sent


@pytest.fixture
async def shop() -> AsyncGenerator[Shop]:
    async with open_shop() as shop:
        yield shop


async def test_what_shopify_refuses_is_left_out_and_said(shop: Shop) -> None:
    store = shop.connect()
    await store.info()
    shop.sandbox.seed([SeedCustomer(email="first@example.com", phone="+14155550132")])
    record = Customer(
        id="7",
        email="ada@example.com",
        phone="+1 415 555 0132",
        locale="not-a-locale",
        addresses=(
            Address(address1="1 Main St", city="Toronto", province_code="ZZ", country_code="CA"),
            Address(address1="2 Mall 😀", city="Cork", country_code="IE"),
        ),
    )
    outcome = await created(store, record)
    assert set(codes(outcome)) == {"phone_taken", "locale_refused", "province_refused", "address_refused"}
    assert isinstance(outcome, Applied)
    found = (await store.source("customer").get([outcome.destination_id]))[outcome.destination_id]
    assert [(address.city, address.phone) for address in found.addresses] == [("Toronto", "+14155550132")]


HOSTILE = Address(
    first_name="Ada 😀",
    last_name="<b>Byrne</b>",
    company="www.example.com",
    address1="1 Quay St",
    address2="<i>left</i>",
    city="Toronto",
    province_code="ZZ",
    country_code="CA",
    phone="<script>",
)


async def test_parts_that_locate_nobody_are_left_out_alone_and_all_at_once(shop: Shop) -> None:
    store = shop.connect()
    record = Customer(id="7", email="ada@example.com", first_name="Ada", addresses=(HOSTILE,))
    before = shop.sandbox.counters.mutations
    outcome = await created(store, record)
    assert shop.sandbox.counters.mutations - before == 2
    assert sorted(codes(outcome)) == ["address_part_refused"] * 5 + ["province_refused"]
    assert isinstance(outcome, Applied)
    assert any("last name" in r.message and "cannot contain HTML tags" in r.message for r in outcome.reasons)
    found = (await store.source("customer").get([outcome.destination_id]))[outcome.destination_id]
    assert found.addresses == (Address(first_name="Ada", address1="1 Quay St", city="Toronto", country_code="CA"),)


async def test_an_address_in_an_unknown_country_fails_no_customer(shop: Shop) -> None:
    store = shop.connect()
    record = Customer(
        id="7",
        email="ada@example.com",
        addresses=(
            Address(city="Nowhere", country_code="XX"),
            Address(city="London", country_code="UK"),
            Address(city="Willemstad", country_code="AN"),
        ),
    )
    outcome = await created(store, record)
    # The last country is a word of the schema, but none that the store takes.
    assert codes(outcome) == ["address_refused"]
    assert isinstance(outcome, Applied)
    found = (await store.source("customer").get([outcome.destination_id]))[outcome.destination_id]
    assert [(address.city, address.country_code) for address in found.addresses] == [("London", "GB")]


def with_countries(step: Step, *countries: str) -> Step:
    """Give a step as if its countries had been known when it was planned."""
    addresses = [{"city": "Cork", "countryCode": country} for country in countries]
    return replace(step, payload={**step.payload, "addresses": addresses})


async def test_an_address_that_does_not_fit_the_types_of_the_store_is_refused_alone(shop: Shop) -> None:
    store = shop.connect()
    (step,) = creations(store, buyers(1))
    outcome = (await sent(store, [with_countries(step, "XX", "IE", "QQ")]))["0"]
    assert codes(outcome) == ["address_refused", "address_refused"]
    assert isinstance(outcome, Applied)
    found = (await store.source("customer").get([outcome.destination_id]))[outcome.destination_id]
    assert [address.country_code for address in found.addresses] == ["IE"]


async def test_another_value_that_does_not_fit_the_types_of_the_store_is_refused(shop: Shop) -> None:
    store = shop.connect()
    (step,) = creations(store, buyers(1))
    consent = {"emailMarketingConsent": {"marketingState": "SOMETIMES"}}
    unfit = with_countries(replace(step, payload={**step.payload, **consent}), "XX")
    outcome = (await sent(store, [unfit]))["0"]
    assert isinstance(outcome, Refused)
    assert outcome.error.code == "value_refused"


async def test_the_check_does_not_tell_again_what_the_creation_has_told(shop: Shop) -> None:
    shop.sandbox.seed([SeedCustomer(phone="+14155550132")])
    store = shop.connect()
    await store.sink("customer").prepare("run")
    record = Customer(
        id="7",
        email="ada@example.com",
        phone="+14155550132",
        locale="not-a-locale",
        addresses=(HOSTILE, Address(address1="2 Mall 😀", city="Cork", country_code="IE")),
    )
    create, verify = store.sink("customer").steps(record, marker(record))
    outcome = (await sent(store, [create]))["7"]
    assert {"phone_taken", "locale_refused", "address_refused", "address_part_refused"} <= set(codes(outcome))
    assert isinstance(outcome, Applied)
    assert codes((await sent(store, [verify.at(outcome.destination_id, outcome.reasons)]))["7"]) == []
    # Where the answer of the creation was lost, nobody has told it.
    (untold,) = (await sent(store, [verify.at(outcome.destination_id)])).values()
    assert codes(untold) == ["field_changed_by_store"]


async def test_the_check_tells_what_no_creation_has_told(shop: Shop) -> None:
    store = shop.connect()
    await store.sink("customer").prepare("run")
    record = Customer(id="7", email="ada@example.com", phone="+14155550132", last_name="Byrne")
    other = replace(record, phone="", last_name="")
    outcome = await created(store, other)
    assert isinstance(outcome, Applied)
    verify = store.sink("customer").steps(record, marker(record))[1].at(outcome.destination_id)
    told = (await sent(store, [verify]))["7"]
    assert isinstance(told, Applied)
    assert [reason.message for reason in told.reasons] == [
        "Shopify holds other values than were sent for: last name, telephone."
    ]
    # A creation whose answer was lost has told nothing either.
    again = shop.connect()
    await again.sink("customer").find_effects(creations(store, [record]), "crossdock_run_1", timedelta(hours=1))
    assert (await sent(again, [verify]))["7"] == told


async def test_what_is_given_up_before_sending_is_known_to_the_plan(shop: Shop) -> None:
    store = shop.connect()
    record = Customer(id="7", email="ada@example.com", phone="call me", note="n" * 5001)
    (step,) = creations(store, [record])
    assert [reason.code for reason in step.reasons] == ["phone_invalid", "note_cut"]
    assert codes(await created(store, record)) == []


async def test_a_customer_that_shopify_will_not_have_is_refused_with_a_code(shop: Shop) -> None:
    store = shop.connect()
    refused = await created(store, Customer(id="1", email="not an address"))
    assert isinstance(refused, Refused)
    assert refused.error.code == "email_invalid"
    shop.sandbox.seed([SeedCustomer(phone="+14155550132")])
    nobody = await created(store, Customer(id="2", phone="+14155550132"))
    assert isinstance(nobody, Refused)
    assert nobody.error.code == "no_identity"
