"""The Shopify connector on the sandbox, over real HTTP: reads, single writes, faults, the check."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from crossdock.connectors.contract import Finding, FindingLevel, Page
from crossdock.domain.customer import Address, ConsentState, Customer, EmailConsent
from crossdock.domain.errors import AuthenticationError, ConfigurationError, RecordConflictError, StoreUnavailableError
from crossdock.domain.plan import Applied, Linked, NotSent, Unknown
from crossdock.sandbox.shopify.records import SeedCustomer
from tests.support.shopify_shop import (
    NOW,
    Shop,
    buyers,
    codes,
    created,
    creations,
    marker,
    open_shop,
    readers,
    sent,
    whole,
)


@pytest.fixture
async def shop() -> AsyncGenerator[Shop]:
    async with open_shop() as shop:
        yield shop


@pytest.mark.parametrize("threshold", [5_000, 100], ids=["pages", "export"])
async def test_a_store_is_read_whole_and_goes_on_after_each_cursor(shop: Shop, threshold: int) -> None:
    shop.sandbox.seed(readers(620))
    store = shop.connect(replace(shop.config, bulk_read_threshold=threshold))
    pages = [page async for page in store.source("customer").read()]
    ids = [record.id for page in pages for record in page.records]
    assert len(ids) == len(set(ids)) == 620 == await store.source("customer").count()
    assert [len(page.records) for page in pages] == [250, 250, 120]
    for number, page in enumerate(pages):
        rest = await whole(shop.connect(replace(shop.config, bulk_read_threshold=threshold)), page.cursor)
        assert [record.id for record in rest] == [
            record.id for later in pages[number + 1 :] for record in later.records
        ]


async def test_an_empty_store_reads_as_nothing(shop: Shop) -> None:
    assert await whole(shop.connect()) == []
    assert await whole(shop.connect(replace(shop.config, bulk_read_threshold=-1))) == []


@pytest.mark.parametrize("trouble", ["disabled", "fails"])
async def test_without_bulk_operations_a_large_store_is_read_by_pages(shop: Shop, trouble: str) -> None:
    shop.sandbox.seed(readers(300))
    if trouble == "disabled":
        shop.sandbox.behaviour.is_bulk_enabled = False
    else:
        shop.sandbox.behaviour.bulk_fails_after = 10
    assert len(await whole(shop.connect(replace(shop.config, bulk_read_threshold=10)))) == 300


async def test_a_cut_export_is_read_on_from_the_line_in_hand(shop: Shop) -> None:
    shop.sandbox.seed(readers(400))
    shop.faults.set_rules([{"kind": "cut_body", "path": "/bulk-results/", "fraction": 0.7}])
    found = await whole(shop.connect(replace(shop.config, bulk_read_threshold=10)))
    assert len(found) == len({record.id for record in found}) == 400
    assert shop.faults.rules[0].struck == 1


async def ended(shop: Shop) -> str:
    """Wait until the only bulk operation has ended; gives its status."""
    (operation,) = shop.sandbox.bulk
    await until(lambda: operation.is_finished)
    return operation.status


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(500):
        if is_so():
            return
        await asyncio.sleep(0.01)
    pytest.fail("What was waited for did not come about.")


async def test_an_export_that_is_given_up_is_cancelled(shop: Shop) -> None:
    shop.sandbox.seed(readers(20))
    shop.sandbox.behaviour.bulk_start_seconds = 3_600
    reading = asyncio.create_task(whole(shop.connect(replace(shop.config, bulk_read_threshold=10))))
    # Counted, begun, looked at: the connector knows the operation by then.
    await until(lambda: shop.sandbox.counters.requests >= 3)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await ended(shop) == "CANCELED"


async def test_an_export_that_can_not_be_watched_is_cancelled(shop: Shop) -> None:
    shop.sandbox.seed(readers(20))
    shop.sandbox.behaviour.bulk_start_seconds = 3_600
    shop.faults.set_rules([{"kind": "error_before", "body": "CrossdockBulkOperation(", "times": 0}])
    with pytest.raises(StoreUnavailableError):
        await whole(shop.connect(replace(shop.config, bulk_read_threshold=10)))
    assert await ended(shop) == "CANCELED"


@pytest.mark.parametrize("kind", ["html_page", "truncated", "php_notice"])
async def test_an_export_whose_file_stays_spoilt_fails_and_is_read_on_later(shop: Shop, kind: str) -> None:
    shop.sandbox.seed(SeedCustomer(email=f"a{number}@example.com") for number in range(600))
    store = shop.connect(replace(shop.config, bulk_read_threshold=10))
    shop.faults.set_rules([{"kind": kind, "path": "/bulk-results/", "times": 0, "fraction": 0.7}])
    pages = list[Page[Customer]]()

    async def collect() -> None:
        async for page in store.source("customer").read():
            pages.append(page)

    with pytest.raises(StoreUnavailableError):
        await collect()
    assert [len(page.records) for page in pages] == ([250] if kind == "truncated" else [])
    assert not any(page.unreadable for page in pages)
    shop.faults.clear()
    rest = await whole(store, pages[-1].cursor if pages else None)
    found = [record.id for record in (*(record for page in pages for record in page.records), *rest)]
    assert len(found) == len(set(found)) == 600


async def test_an_export_that_is_gone_asks_for_a_new_comparison(shop: Shop) -> None:
    with pytest.raises(ConfigurationError) as raised:
        await whole(shop.connect(), "bulk:gid://shopify/BulkOperation/404#250")
    assert raised.value.code == "export_expired"


async def test_a_full_customer_is_written_and_reads_back_as_it_was(shop: Shop) -> None:
    store = shop.connect()
    await store.info()
    await store.sink("customer").prepare("run")
    record = Customer(
        id="7",
        email="Ada@Example.com",
        first_name="Ada",
        last_name="=1+1 <script>",
        phone="(415) 555-0132",
        addresses=(
            Address(address1="1 Main St", city="Reno", province_code="NV", postcode="89501", country_code="US"),
            Address(address1="2-1 Chiyoda", city="Tokyo", province_code="JP13", country_code="JP"),
        ),
        tags=("vip",),
        note="Rings twice.",
        is_tax_exempt=True,
        email_consent=EmailConsent(ConsentState.SUBSCRIBED, "single_opt_in", NOW),
    )
    create, verify = store.sink("customer").steps(record, marker(record))
    outcome = (await sent(store, [create]))["7"]
    assert isinstance(outcome, Applied)
    assert codes((await sent(store, [verify.at(outcome.destination_id)]))["7"]) == []
    found = (await store.source("customer").get([outcome.destination_id]))[outcome.destination_id]
    assert (found.email_key(), found.last_name, found.phone) == (record.email_key(), "=1+1 <script>", "+14155550132")
    assert [address.address1 for address in found.addresses] == ["1 Main St", "2-1 Chiyoda"]
    assert found.marker == str(marker(record))
    assert shop.sandbox.counters.mails == 0


async def test_an_e_mail_that_is_there_is_linked_and_our_own_is_found_again(shop: Shop) -> None:
    shop.sandbox.seed(readers(1))
    store = shop.connect()
    await store.sink("customer").prepare("run")
    linked = await created(store, Customer(id="1", email=" READER0@example.com"))
    assert isinstance(linked, Linked)
    first = await created(store, Customer(id="2", email="ada@example.com"))
    again = await created(store, Customer(id="2", email="ada@example.com"))
    without_email = await created(store, Customer(id="2", first_name="Ada"))
    assert first == again == without_email
    assert len(await whole(store)) == 2


@pytest.mark.parametrize("kind", ["drop_after", "error_after", "truncated", "html_after"])
async def test_a_lost_reply_is_unknown_and_the_customer_is_found_once(shop: Shop, kind: str) -> None:
    store = shop.connect()
    await store.sink("customer").prepare("run")
    shop.faults.set_rules([{"kind": kind, "body": "customerCreate"}])
    steps = creations(store, buyers(3))
    outcomes = await sent(store, steps)
    assert sorted(type(outcome).__name__ for outcome in outcomes.values()) == ["Applied", "Applied", "Unknown"]
    effects = await shop.connect().sink("customer").find_effects(steps, "crossdock_run_1", timedelta(hours=1))
    assert {effect.step.marker for effect in effects.values()} == {step.marker for step in steps}
    assert len(await whole(store)) == 3


@pytest.mark.parametrize("kind", ["drop_before", "error_before"])
async def test_a_write_that_never_arrived_is_unknown_and_has_no_effect(shop: Shop, kind: str) -> None:
    store = shop.connect()
    await store.sink("customer").prepare("run")
    shop.faults.set_rules([{"kind": kind, "body": "customerCreate"}])
    steps = creations(store, buyers(1))
    assert isinstance((await sent(store, steps))["0"], Unknown)
    assert await store.sink("customer").find_effects(steps, "crossdock_run_1", timedelta(hours=1)) == {}


@pytest.mark.parametrize("kind", ["rate_limited", "challenge", "redirect"])
async def test_a_write_that_was_turned_away_is_known_not_sent(shop: Shop, kind: str) -> None:
    shop.faults.set_rules([{"kind": kind, "body": "customerCreate"}])
    assert isinstance(await created(shop.connect(), buyers(1)[0]), NotSent)
    assert len(await whole(shop.connect())) == 0


async def test_markers_are_found_a_hundred_at_once_and_none_without_their_definition(shop: Shop) -> None:
    store = shop.connect()
    records = buyers(100)
    markers = [marker(record) for record in records]
    assert await store.sink("customer").find(markers) == {}
    await store.sink("customer").prepare("run")
    await store.sink("customer").prepare("run")
    outcomes = await sent(store, creations(store, records))
    before = shop.sandbox.counters.requests
    found = await shop.connect().sink("customer").find(markers)
    assert shop.sandbox.counters.requests - before == 1
    assert {key.source_id: record_id for key, record_id in found.items()} == {
        source_id: outcome.destination_id for source_id, outcome in outcomes.items() if isinstance(outcome, Applied)
    }


@pytest.mark.parametrize("kind", ["rate_limited", "error_before", "error_after", "drop_after", "cut_body", "challenge"])
async def test_a_moments_trouble_does_not_end_the_preparation(shop: Shop, kind: str) -> None:
    shop.faults.set_rules([{"kind": kind, "body": "CrossdockMarkerDefinitionCreate", "times": 2}])
    store = shop.connect()
    await store.sink("customer").prepare("run")
    assert isinstance(await created(store, buyers(1)[0]), Applied)


async def test_several_processes_may_prepare_at_once(shop: Shop) -> None:
    await asyncio.gather(*(shop.connect().sink("customer").prepare(f"run {number}") for number in range(4)))
    assert shop.sandbox.state()["metafieldDefinitions"] == 1


async def test_deleting_is_repeatable_and_refused_for_a_customer_with_orders(shop: Shop) -> None:
    shop.sandbox.seed([SeedCustomer(email="buyer@example.com", number_of_orders=1), *readers(1)])
    store = shop.connect()
    ids = {record.email: record.id for record in await whole(store)}
    with pytest.raises(RecordConflictError) as raised:
        await store.sink("customer").delete(ids["buyer@example.com"])
    assert "orders" in raised.value.message
    await store.sink("customer").delete(ids["reader0@example.com"])
    await store.sink("customer").delete(ids["reader0@example.com"])
    assert [record.email for record in await whole(store)] == ["buyer@example.com"]


async def test_ids_that_the_store_does_not_have_are_absent(shop: Shop) -> None:
    shop.sandbox.seed(readers(1))
    store = shop.connect()
    known = (await whole(store))[0].id
    found = await store.source("customer").get([known, "gid://shopify/Customer/1", "guest:a@example.com", "7", ""])
    assert set(found) == {known}


async def test_the_pace_keeps_within_the_rate_and_recovers_when_another_client_takes_the_points(shop: Shop) -> None:
    store = shop.connect()
    await sent(store, creations(store, buyers(30)))
    assert shop.sandbox.counters.throttled == 0
    bucket = shop.sandbox.bucket("custom-app")
    assert bucket.take(bucket.available)
    outcomes = await sent(store, creations(store, buyers(32)[30:]))
    assert {type(outcome) for outcome in outcomes.values()} == {Applied}
    assert shop.sandbox.counters.throttled > 0
    assert len(await whole(store)) == 32


async def test_a_granted_token_that_ends_is_renewed_in_the_midst_of_a_read(shop: Shop) -> None:
    shop.sandbox.add_client("client", "client-secret")
    shop.sandbox.seed(readers(600))
    store = shop.connect(replace(shop.config, token=None, client_id="client", client_secret="client-secret"))
    pages = store.source("customer").read()
    seen = len((await anext(pages)).records)
    shop.sandbox.revoke_tokens()
    async for page in pages:
        seen += len(page.records)
    assert seen == 600
    assert len(shop.kept) == 1


async def test_a_fixed_token_that_is_refused_says_so(shop: Shop) -> None:
    shop.sandbox.revoke_tokens()
    with pytest.raises(AuthenticationError):
        await shop.connect().info()


def by_capability(findings: Sequence[Finding]) -> dict[str, FindingLevel]:
    return {finding.capability: finding.level for finding in findings}


async def test_a_good_store_passes_every_check_and_tells_who_it_is(shop: Shop) -> None:
    store = shop.connect()
    assert set(by_capability(await store.check()).values()) == {FindingLevel.PASS}
    info = await store.info()
    assert (info.key, info.currency, info.country) == ("harbour-books.myshopify.com", "USD", "US")
    assert (info.api_version, info.restore_rate) == ("2026-10", 100)


async def test_what_a_store_lacks_is_a_finding_with_advice(shop: Shop) -> None:
    shop.sandbox.issue_token("orders-only", scopes=["read_orders"])
    findings = await shop.connect(replace(shop.config, token="orders-only")).check()
    levels = by_capability(findings)
    assert levels["read_customers"] is FindingLevel.BLOCKER
    assert levels["write_customers"] is FindingLevel.WARNING
    assert levels["protected_customer_data"] is FindingLevel.BLOCKER
    shop.sandbox.behaviour.is_customer_data_approved = False
    levels = by_capability(await shop.connect().check())
    assert levels["protected_customer_data"] is FindingLevel.BLOCKER
    shop.sandbox.revoke_tokens()
    assert by_capability(await shop.connect().check()) == {"connection": FindingLevel.BLOCKER}


async def test_another_api_version_is_a_finding(shop: Shop) -> None:
    findings = await shop.connect(replace(shop.config, api_version="2025-01")).check()
    assert [finding.level for finding in findings] == [FindingLevel.BLOCKER]
    assert "2025-01" in findings[0].message
