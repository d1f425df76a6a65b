"""What every connector promises, whatever its platform: written once, run on each platform's sandbox over real HTTP."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from crossdock.connectors.contract import FindingLevel, Page
from crossdock.domain.customer import Address, ConsentState, Customer, EmailConsent
from crossdock.domain.errors import UnmappableValueError, UnsupportedOperationError
from crossdock.domain.identity import Marker, email_key, text_key
from crossdock.domain.plan import CREATE, VERIFY, Applied, Linked, Outcome, Step, Unknown
from tests.contract.platforms import Platform

HOLDER = "run-1"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def person(number: int) -> Customer:
    """Invent a customer of another platform whom both platforms can hold."""
    street = f"{number} Mill Street"
    return Customer(
        id=str(number),
        email=f"ada{number}@example.com",
        first_name="Ada",
        last_name=f"Byron {number}",
        phone=f"+1212555{number % 10000:04}",
        addresses=(Address("Ada", "Byron", "Engines", street, "", "New York", "NY", "10001", "US", ""),),
    )


def marker(customer: Customer) -> Marker:
    return Marker("elsewhere", "shop.example.com", "customer", customer.id)


def creates(platform: Platform, people: Sequence[Customer]) -> list[Step]:
    sink = platform.store.sink("customer")
    return [next(s for s in sink.steps(one, marker(one)) if s.name == CREATE) for one in people]


async def send(platform: Platform, steps: Sequence[Step], batch: str = "crossdock_1_1") -> list[Outcome]:
    """Send, and give the outcomes in the order of the steps."""
    results = [result async for result in platform.store.sink("customer").send(steps, batch)]
    by_marker = {result.step.marker: result.outcome for result in results}
    assert len(results) == len(by_marker) == len(steps)
    return [by_marker[step.marker] for step in steps]


async def write(platform: Platform, people: Sequence[Customer]) -> list[str]:
    """Create people and give their ids."""
    outcomes = await send(platform, creates(platform, people))
    assert all(isinstance(outcome, Applied) for outcome in outcomes), outcomes
    return [outcome.destination_id for outcome in outcomes if isinstance(outcome, Applied)]


async def read_all(platform: Platform, cursor: str | None = None) -> list[Page[Customer]]:
    return [page async for page in platform.store.source("customer").read(cursor)]


def ids(pages: Sequence[Page[Customer]]) -> list[str]:
    return [record.id for page in pages for record in page.records]


@pytest.fixture
async def prepared(platform: Platform) -> Platform:
    """Give the store ready for writes."""
    await platform.store.sink("customer").prepare(HOLDER)
    return platform


async def test_the_whole_store_is_read_once(platform: Platform) -> None:
    platform.seed([person(number) for number in range(1, 621)])
    pages = await read_all(platform)
    assert len(ids(pages)) == len(set(ids(pages))) == 620
    assert await platform.store.source("customer").count() == 620
    read = {record.email: record for page in pages for record in page.records}
    assert set(read) == {f"ada{number}@example.com" for number in range(1, 621)}
    assert read["ada7@example.com"].name_key() == "ada byron 7"
    assert not any(page.unreadable for page in pages)


async def test_an_empty_store_reads_as_nothing(platform: Platform) -> None:
    assert ids(await read_all(platform)) == []
    assert await platform.store.source("customer").count() == 0


async def test_a_read_resumes_after_each_cursor(platform: Platform) -> None:
    platform.seed([person(number) for number in range(1, 621)])
    pages = await read_all(platform)
    for position, page in enumerate(pages, start=1):
        assert ids(await read_all(platform, page.cursor)) == ids(pages[position:])


async def test_records_come_by_id_and_unknown_ones_are_absent(platform: Platform) -> None:
    platform.seed([replace(person(number), has_past_order=True, order_count=2) for number in range(1, 101)])
    known = ids(await read_all(platform))
    found = await platform.store.source("customer").get([*known[:99], platform.unknown_id])
    assert set(found) == set(known[:99])
    one = found[known[0]]
    assert (one.email, one.first_name, one.has_past_order) == ("ada1@example.com", "Ada", True)
    assert one.phone.endswith("2125550001")
    assert one.created_at is not None
    assert one.created_at.tzinfo is not None
    assert one.addresses[0].key == person(1).addresses[0].key


async def test_steps_are_pure_and_their_payload_is_what_is_sent(prepared: Platform) -> None:
    sink = prepared.store.sink("customer")
    steps = sink.steps(person(1), marker(person(1)))
    assert steps == sink.steps(person(1), marker(person(1)))
    assert [step.name for step in steps] == [CREATE, VERIFY]
    payload = msgspec.json.encode(steps[0].payload)
    assert b"ada1@example.com" in payload
    assert str(marker(person(1))).encode() in payload
    assert ids(await read_all(prepared)) == []


async def test_created_records_read_back_as_they_were_sent(prepared: Platform) -> None:
    people = [person(number) for number in range(1, 31)]
    created = await write(prepared, people)
    held = await prepared.store.source("customer").get(created)
    for one, new_id in zip(people, created, strict=True):
        copy = held[new_id]
        assert copy.email_key() == one.email_key()
        assert copy.name_key() == one.name_key()
        assert copy.phone_key("US") == one.phone_key("US")
        assert copy.address_key() == one.address_key()
        assert copy.marker == str(marker(one))
    sink = prepared.store.sink("customer")
    verifies = [sink.steps(one, marker(one))[1].at(new_id) for one, new_id in zip(people, created, strict=True)]
    outcomes = await send(prepared, verifies)
    assert [replace(one, imprint=None) for one in outcomes if isinstance(one, Applied)] == list(map(Applied, created))
    # What an undo will compare is what was read back now.
    held = await sink.imprints([*created, prepared.unknown_id])
    assert held == {one.destination_id: one.imprint for one in outcomes if isinstance(one, Applied)}


async def test_sending_again_finds_what_was_made(prepared: Platform) -> None:
    people = [person(1), person(2)]
    created = await write(prepared, people)
    again = await send(prepared, creates(prepared, people), "crossdock_1_2")
    assert [outcome.destination_id for outcome in again if isinstance(outcome, Applied)] == created
    assert len(ids(await read_all(prepared))) == 2


async def test_somebody_elses_record_is_linked_and_left_alone(prepared: Platform) -> None:
    prepared.seed([replace(person(1), first_name="Grace", phone="")])
    (there,) = ids(await read_all(prepared))
    (outcome,) = await send(prepared, creates(prepared, [replace(person(1), email="Ada1@Example.com")]))
    assert isinstance(outcome, Linked)
    assert outcome.destination_id == there
    assert (await prepared.store.source("customer").get([there]))[there].first_name == "Grace"


async def test_one_email_twice_makes_one_record(prepared: Platform) -> None:
    first, second = person(1), replace(person(2), email="ada1@example.com")
    outcomes = await send(prepared, creates(prepared, [first, second]))
    assert {type(outcome) for outcome in outcomes} == {Applied, Linked}
    assert len(ids(await read_all(prepared))) == 1


async def test_records_are_found_by_their_marker(prepared: Platform) -> None:
    people = [person(number) for number in range(1, 4)]
    created = await write(prepared, people)
    markers = [marker(one) for one in [*people, person(4)]]
    assert await prepared.store.sink("customer").find(markers) == dict(zip(markers[:3], created, strict=True))


async def test_effects_are_found_and_only_they(prepared: Platform) -> None:
    began = datetime.now(UTC)
    steps = creates(prepared, [person(1), person(2)])
    (created,) = await write(prepared, [person(1)])
    found = await prepared.store.sink("customer").find_effects(steps, "crossdock_1_1", datetime.now(UTC) - began)
    assert {step_marker: result.outcome for step_marker, result in found.items()} == {
        marker(person(1)): Applied(created)
    }


@pytest.mark.parametrize(
    ("kind", "is_there"),
    [("drop_after", True), ("error_after", True), ("cut_body", True), ("html_after", True), ("drop_before", False)],
)
async def test_a_lost_answer_is_unknown_until_it_is_looked_for(prepared: Platform, kind: str, is_there: bool) -> None:  # noqa: FBT001
    began = datetime.now(UTC)
    steps = creates(prepared, [person(1)])
    prepared.faults.set_rules([{"kind": kind, **prepared.create_fault}])
    (outcome,) = await send(prepared, steps)
    assert isinstance(outcome, Unknown)
    found = await prepared.store.sink("customer").find_effects(steps, "crossdock_1_1", datetime.now(UTC) - began)
    assert len(found) == len(ids(await read_all(prepared))) == int(is_there)


async def test_a_read_gets_over_passing_trouble(platform: Platform) -> None:
    platform.seed([person(number) for number in range(1, 301)])
    kinds = ("error_before", "rate_limited", "truncated", "html_page", "drop_before", "php_notice")
    platform.faults.set_rules([{"kind": kind, "nth": nth} for nth, kind in enumerate(kinds, start=1)])
    assert len(ids(await read_all(platform))) == 300


async def test_what_was_made_is_deleted(prepared: Platform) -> None:
    first, second = await write(prepared, [person(1), person(2)])
    sink = prepared.store.sink("customer")
    await sink.delete(first)
    assert ids(await read_all(prepared)) == [second]


async def test_nobody_is_mailed_and_release_may_be_repeated(prepared: Platform) -> None:
    sink = prepared.store.sink("customer")
    await sink.prepare(HOLDER)
    await write(prepared, [person(number) for number in range(1, 13)])
    await sink.release(HOLDER)
    await sink.release(HOLDER)
    assert prepared.mails() == 0


@pytest.mark.parametrize("name", ["<b>Ada</b> O'Neil\\x", "=1+1", "Smith & Sons", "Zoë 😀", "Łukasz  Ünal"])
async def test_hostile_and_foreign_text_keeps_its_meaning(prepared: Platform, name: str) -> None:
    one = replace(person(1), last_name=name)
    outcomes = await send(prepared, creates(prepared, [one]))
    assert isinstance(outcomes[0], Applied)
    held = (await prepared.store.source("customer").get([outcomes[0].destination_id]))[outcomes[0].destination_id]
    assert text_key(held.last_name) == text_key(name)


async def test_capabilities_are_true(prepared: Platform) -> None:
    capabilities = prepared.store.capabilities
    sink = prepared.store.sink("customer")
    nameless = replace(person(1), email="")
    if capabilities.requires_email:
        with pytest.raises(UnmappableValueError):
            sink.steps(nameless, marker(nameless))
    else:
        await write(prepared, [nameless])
    rich = replace(
        person(2),
        tags=("wholesale",),
        email_consent=EmailConsent(ConsentState.SUBSCRIBED, "single_opt_in", LONG_AGO),
    )
    (created,) = await write(prepared, [rich])
    held = (await prepared.store.source("customer").get([created]))[created]
    kept = {
        "name": held.name_key() == rich.name_key(),
        "phone": held.phone_key("US") == rich.phone_key("US"),
        "address": held.address_key() == rich.address_key(),
        "tags": held.tags == rich.tags,
        "consent": held.email_consent is not None and held.email_consent.state is ConsentState.SUBSCRIBED,
    }
    assert {name for name, is_kept in kept.items() if is_kept} == capabilities.fields["customer"]
    lost = {reason.code for reason in sink.losses(rich)}
    assert bool(lost) == (capabilities.fields["customer"] != set(kept))
    assert bool(held.role) == capabilities.has_roles


async def test_the_store_says_who_it_is(platform: Platform) -> None:
    info = await platform.store.info()
    assert info.platform == platform.store.capabilities.platform == platform.name
    assert re.fullmatch(r"[a-z0-9][^\s]*", info.key)
    assert (info.country, info.currency) == ("US", "USD")
    assert ZoneInfo(info.time_zone)
    findings = await platform.store.check()
    assert findings
    assert [finding for finding in findings if finding.level is FindingLevel.BLOCKER] == []


def test_other_kinds_are_not_brought(platform: Platform) -> None:
    with pytest.raises(UnsupportedOperationError):
        platform.store.source("teapot")
    with pytest.raises(UnsupportedOperationError):
        platform.store.sink("teapot")


async def test_emails_are_kept_whatever_their_case(prepared: Platform) -> None:
    (created,) = await write(prepared, [replace(person(1), email="Ada.Byron+News@Example.COM")])
    held = (await prepared.store.source("customer").get([created]))[created]
    assert email_key(held.email) == "ada.byron+news@example.com"
