"""What every connector promises of orders, whatever its platform: written once, run on each sandbox over real HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from crossdock.connectors.contract import MAX_IDS, DetailedSource, Page
from crossdock.domain.customer import Address, Customer
from crossdock.domain.errors import RecordError
from crossdock.domain.identity import Marker
from crossdock.domain.money import Money
from crossdock.domain.order import (
    Coupon,
    Fee,
    Financial,
    Fulfillment,
    Order,
    OrderLine,
    OrderStatus,
    Refund,
    RefundLine,
    ShippingLine,
    TaxLine,
    Transaction,
)
from crossdock.domain.plan import CREATE, REFUND, VERIFY, Applied, Outcome, Resolution, Step, Unknown
from tests.contract.platforms import Platform

HOLDER = "run-1"
ORDERED_AT = datetime(2022, 5, 6, 7, 8, 9, tzinfo=UTC)
HOME = Address("Ada", "Byron", "", "1 Mill Street", "", "New York", "NY", "10001", "US", "+12125550100")
OPTIONS = {"createAs": "order", "requireProducts": False, "numberPrefix": "W", "keepNumber": "free"}


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def tax(amount: str) -> tuple[TaxLine, ...]:
    return (TaxLine("Sales tax", usd(amount), Decimal("0.08")),)


def order(number: int = 7, **changes: object) -> Order:
    """Invent a paid and delivered order of another platform, with tax, shipping, a fee and a coupon."""
    made = Order(
        id=str(number),
        number=str(number),
        bare_number=str(number),
        currency="USD",
        total=usd("0"),
        created_at=ORDERED_AT + timedelta(hours=number),
        email=f"ada{number}@example.com",
        status="completed",
        financial_status=Financial.PAID,
        fulfillment_status=Fulfillment.FULFILLED,
        paid_at=ORDERED_AT + timedelta(hours=number + 1),
        completed_at=ORDERED_AT + timedelta(hours=number + 2),
        lines=(
            OrderLine("Mug", 3, usd("30.00"), usd("27.00"), id="1", taxes=tax("2.16")),
            OrderLine("Tea", 1, usd("5.00"), usd("5.00"), id="2", taxes=tax("0.40")),
        ),
        shipping_lines=(ShippingLine("Parcel", usd("4.90"), taxes=tax("0.39")),),
        fees=(Fee("Insurance", usd("2.00"), taxes=tax("0.16")),),
        coupons=(Coupon("SPRING", usd("3.00")),),
        payment_title="Credit card",
        billing=HOME,
        shipping=HOME,
    )
    made = replace(made, **changes)
    shipping = usd("4.51") if made.taxes_included else usd("4.90")
    made = replace(made, total=made.sum_of_parts(), total_tax=usd("3.11"), shipping_total=shipping)
    payment = Transaction("sale", made.total, "Credit card", processed_at=made.paid_at)
    return replace(made, transactions=(payment,) if made.paid_at else ())


UNPAID = {
    "status": "on-hold",
    "financial_status": Financial.PENDING,
    "fulfillment_status": Fulfillment.UNFULFILLED,
    "paid_at": None,
    "completed_at": None,
}


def refunded(number: int, amount: str, *lines: RefundLine) -> Order:
    made = order(number)
    back = Refund(f"r{number}", usd(amount), "Broken", ORDERED_AT + timedelta(days=3), lines)
    status = Financial.REFUNDED if back.amount == made.total else Financial.PARTIALLY_REFUNDED
    return replace(made, refunds=(back,), refunded=back.amount, financial_status=status)


def plain(number: int) -> Order:
    """Invent an order with lines alone, as a store is filled with."""
    lines = (OrderLine("Mug", 2, usd("20.00"), usd("20.00")), OrderLine("Tea", 1, usd("5.00"), usd("5.00")))
    return replace(order(number), lines=lines, shipping_lines=(), fees=(), coupons=(), total=usd("25.00"))


def marker(one: Order) -> Marker:
    return Marker("elsewhere", "shop.example.com", "order", one.id)


@dataclass
class Carried:
    """What became of orders by their source ids: ids in the store, and each step's outcome."""

    ids: dict[str, str] = field(default_factory=dict[str, str])
    outcomes: dict[str, dict[str, Outcome]] = field(default_factory=dict[str, dict[str, Outcome]])


async def plans(
    platform: Platform, orders: Sequence[Order], customers: Mapping[str, str] | None = None, **options: object
) -> dict[str, Sequence[Step]]:
    """Resolve and plan; none may be refused."""
    sink = platform.store.sink("order")
    answers = await sink.resolve(orders, customers or {}, {**OPTIONS, **options})
    found: dict[str, Sequence[Step]] = {}
    for one, answer in zip(orders, answers, strict=True):
        assert not isinstance(answer, RecordError), answer
        found[one.id] = sink.steps(one, marker(one), answer)
    return found


async def send(platform: Platform, steps: Sequence[Step], batch: str = "crossdock_1_1") -> dict[str, Outcome]:
    results = [result async for result in platform.store.sink("order").send(steps, batch)]
    assert sorted(one.step.marker.source_id for one in results) == sorted(one.marker.source_id for one in steps)
    return {result.step.marker.source_id: result.outcome for result in results}


async def carry(
    platform: Platform, orders: Sequence[Order], customers: Mapping[str, str] | None = None, **options: object
) -> Carried:
    """Take orders through all of their steps; each must take effect."""
    result = Carried()
    for record_id, steps in (await plans(platform, orders, customers, **options)).items():
        for step in steps:
            (outcome,) = (await send(platform, [step.at(result.ids.get(record_id, ""))])).values()
            assert isinstance(outcome, Applied), (step.name, outcome)
            result.ids[record_id] = outcome.destination_id
            result.outcomes.setdefault(record_id, {})[step.name] = outcome
    return result


def source(platform: Platform) -> DetailedSource[Order]:
    found = platform.store.source("order")
    assert isinstance(found, DetailedSource)
    return found


async def read_all(platform: Platform, cursor: str | None = None) -> list[Page[Order]]:
    return [page async for page in source(platform).read(cursor)]


def ids(pages: Sequence[Page[Order]]) -> list[str]:
    return [record.id for page in pages for record in page.records]


@pytest.fixture
async def prepared(platform: Platform) -> Platform:
    """Give the store ready for writes."""
    await platform.store.sink("order").prepare(HOLDER)
    return platform


async def test_the_whole_store_is_read_once_and_goes_on_after_each_cursor(platform: Platform) -> None:
    platform.seed_orders([plain(number) for number in range(1, 321)])
    pages = await read_all(platform)
    assert len(ids(pages)) == len(set(ids(pages))) == 320
    assert await source(platform).count() == 320
    assert {record.email for page in pages for record in page.records} == {
        f"ada{number}@example.com" for number in range(1, 321)
    }
    assert not any(page.unreadable for page in pages)
    for position, page in enumerate(pages, start=1):
        assert ids(await read_all(platform, page.cursor)) == ids(pages[position:])


async def test_an_empty_store_reads_as_nothing(platform: Platform) -> None:
    assert ids(await read_all(platform)) == []
    assert await source(platform).count() == 0


async def test_a_light_read_tells_what_matching_needs(platform: Platform) -> None:
    platform.seed_orders([plain(7), replace(plain(8), paid_at=None)])
    (paid, unpaid) = sorted(
        (one for page in await read_all(platform) for one in page.records), key=lambda one: one.email
    )
    assert (paid.email_key(), paid.number_key()) == ("ada7@example.com", "7")
    assert (paid.total, paid.created_at) == (usd("25.00"), plain(7).created_at)
    assert (unpaid.status_key(), unpaid.is_draft, unpaid.marker) == (OrderStatus.OPEN, False, "")


async def test_outlines_count_what_whole_orders_hold_and_unknown_ids_are_absent(platform: Platform) -> None:
    platform.seed_orders([plain(number) for number in range(1, MAX_IDS)])
    known = ids(await read_all(platform))
    asked = [*known, platform.unknown_order_id]
    assert len(asked) == MAX_IDS
    outlines, whole = await source(platform).outline(asked), await source(platform).get(asked)
    assert set(outlines) == set(whole) == set(known)
    for record_id in known:
        counts = (outlines[record_id].line_count, outlines[record_id].comparable_line_count)
        assert counts == (whole[record_id].line_count, whole[record_id].comparable_line_count) == (2, 2)
        assert outlines[record_id].created_at == whole[record_id].created_at
        assert whole[record_id].sum_of_parts() == whole[record_id].total == usd("25.00")


async def test_only_what_changed_since_is_read_again(prepared: Platform) -> None:
    prepared.seed_orders([plain(number) for number in range(1, 131)])
    before = datetime.now(UTC) - timedelta(seconds=5)
    made = (await carry(prepared, [order(900)])).ids["900"]
    found = {one.id async for page in source(prepared).changed_since(before) for one in page.records}
    assert found == {made}


async def test_steps_are_pure_and_nothing_is_sent_by_planning(prepared: Platform) -> None:
    sink = prepared.store.sink("order")
    (answer,) = await sink.resolve([order()], {}, OPTIONS)
    assert not isinstance(answer, RecordError)
    kept: Resolution = msgspec.json.decode(msgspec.json.encode(answer))
    steps = sink.steps(order(), marker(order()), answer)
    again = sink.steps(order(), marker(order()), kept)
    assert msgspec.json.encode([step.payload for step in steps]) == msgspec.json.encode(
        [step.payload for step in again]
    )
    assert (steps[0].name, steps[-1].name) == (CREATE, VERIFY)
    assert str(marker(order())).encode() in msgspec.json.encode(steps[0].payload)
    assert ids(await read_all(prepared)) == []


@pytest.mark.parametrize("is_included", [False, True], ids=["tax on top", "tax included"])
async def test_an_order_reads_back_as_it_was(prepared: Platform, is_included: bool) -> None:  # noqa: FBT001
    one = order(taxes_included=is_included)
    made = await carry(prepared, [one])
    held = (await source(prepared).get([made.ids["7"]]))[made.ids["7"]]
    assert (held.email_key(), held.number_key()) == (one.email_key(), one.number_key())
    assert (held.total, held.currency, held.created_at) == (one.total, one.currency, one.created_at)
    assert (held.status_key(), held.marker) == (OrderStatus.COMPLETED, str(marker(one)))
    assert held.comparable_line_count == 3
    assert held.billing is not None
    assert held.billing.key == HOME.key
    verified = made.outcomes["7"][VERIFY]
    assert isinstance(verified, Applied)
    assert verified.figures is not None
    for name in ("gross", "tax", "shipping", "refund"):
        assert verified.figures.amounts[name] == one.figures().amounts[name], name
    (light,) = (record for page in await read_all(prepared) for record in page.records)
    same = ("id", "total", "currency", "created_at", "email", "marker", "bare_number")
    assert [getattr(light, name) for name in same] == [getattr(held, name) for name in same]
    assert light.status_key() is held.status_key()


@pytest.mark.parametrize(
    ("one", "status"),
    [
        (order(1, **UNPAID), OrderStatus.OPEN),
        (order(2, fulfillment_status=Fulfillment.UNFULFILLED, completed_at=None), OrderStatus.PROCESSING),
        (order(3), OrderStatus.COMPLETED),
        (order(4, **{**UNPAID, "is_cancelled": True, "cancelled_at": ORDERED_AT}), OrderStatus.CANCELLED),
        (refunded(5, str(order(5).total)), OrderStatus.REFUNDED),
        (refunded(6, "10.00"), OrderStatus.COMPLETED),
    ],
    ids=["open", "processing", "completed", "cancelled", "refunded", "partly refunded"],
)
async def test_where_an_order_stands_survives(prepared: Platform, one: Order, status: OrderStatus) -> None:
    made = await carry(prepared, [one])
    held = (await source(prepared).get([made.ids[one.id]]))[made.ids[one.id]]
    assert held.status_key() is status is one.status_key()
    assert held.total == one.total
    assert (held.refunded or usd("0")) == (one.refunded or usd("0"))


async def test_a_refund_by_lines_is_one_refund_also_when_it_is_looked_for(prepared: Platform) -> None:
    one = refunded(5, "10.80", RefundLine("1", 1, usd("9.00")))
    began = datetime.now(UTC) - timedelta(seconds=5)
    made = await carry(prepared, [one])
    held = (await source(prepared).get([made.ids["5"]]))[made.ids["5"]]
    assert [back.amount for back in held.refunds] == [usd("10.80")]
    steps = (await plans(prepared, [one]))["5"]
    (step,) = (step.at(made.ids["5"]) for step in steps if step.name.startswith(REFUND))
    found = await prepared.store.sink("order").find_effects([step], "crossdock_1_1", datetime.now(UTC) - began)
    assert isinstance(found[marker(one)].outcome, Applied)
    other = (await plans(prepared, [refunded(6, "3.00")]))["6"]
    (unsent,) = (step.at(made.ids["5"]) for step in other if step.name.startswith(REFUND))
    assert await prepared.store.sink("order").find_effects([unsent], "crossdock_1_1", datetime.now(UTC) - began) == {}


async def test_orders_are_found_by_their_marker(prepared: Platform) -> None:
    made = await carry(prepared, [order(1), order(12)])
    markers = [marker(order(number)) for number in (1, 12, 2, 120)]
    found = await prepared.store.sink("order").find(markers)
    assert dict(found) == {markers[0]: made.ids["1"], markers[1]: made.ids["12"]}


@pytest.mark.parametrize(
    ("kind", "is_there"),
    [("drop_after", True), ("error_after", True), ("html_after", True), ("drop_before", False)],
)
async def test_a_lost_answer_is_unknown_until_it_is_looked_for(prepared: Platform, kind: str, is_there: bool) -> None:  # noqa: FBT001
    began = datetime.now(UTC) - timedelta(seconds=5)
    (steps,) = (await plans(prepared, [order()])).values()
    prepared.faults.set_rules([{"kind": kind, **prepared.order_fault}])
    (outcome,) = (await send(prepared, steps[:1])).values()
    assert isinstance(outcome, Unknown), outcome
    found = await prepared.store.sink("order").find_effects(steps[:1], "crossdock_1_1", datetime.now(UTC) - began)
    assert len(found) == len(ids(await read_all(prepared))) == int(is_there)


async def test_a_read_gets_over_passing_trouble(platform: Platform) -> None:
    platform.seed_orders([plain(number) for number in range(1, 301)])
    kinds = ("error_before", "rate_limited", "truncated", "html_page", "drop_before", "php_notice")
    platform.faults.set_rules([{"kind": kind, "nth": nth} for nth, kind in enumerate(kinds, start=1)])
    assert len(ids(await read_all(platform))) == 300


async def test_what_was_made_is_deleted_and_what_was_not_is_left(prepared: Platform) -> None:
    prepared.seed_orders([plain(1)])
    (there,) = ids(await read_all(prepared))
    made = (await carry(prepared, [order(7), refunded(8, "10.00")])).ids
    sink = prepared.store.sink("order")
    for record_id in made.values():
        await sink.delete(record_id)
    assert ids(await read_all(prepared)) == [there]
    await sink.delete(made["7"])
    with pytest.raises(RecordError):
        await sink.delete(there)
    assert ids(await read_all(prepared)) == [there]


async def test_nobody_is_mailed(prepared: Platform) -> None:
    await carry(prepared, [order(1), refunded(2, "10.00"), order(3, **UNPAID)])
    sink = prepared.store.sink("order")
    await sink.release(HOLDER)
    await sink.release(HOLDER)
    assert prepared.mails() == 0


async def test_an_order_belongs_to_the_customer_it_is_given(prepared: Platform) -> None:
    prepared.seed([Customer(id="1", email="ada7@example.com", first_name="Ada", last_name="Byron", addresses=(HOME,))])
    (buyer,) = [one.id async for page in prepared.store.source("customer").read() for one in page.records]
    made = (await carry(prepared, [order()], {"7": buyer})).ids["7"]
    assert (await source(prepared).get([made]))[made].customer_id == buyer


async def test_losses_are_told_in_sentences_and_alike_for_each_record(prepared: Platform) -> None:
    sink = prepared.store.sink("order")
    orders = [order(1), refunded(2, "10.00"), order(3, tags=("vip",), note="Ring twice")]
    answers = await sink.resolve(orders, {}, OPTIONS)
    told: dict[str, str] = {}
    for one, answer in zip(orders, answers, strict=True):
        assert not isinstance(answer, RecordError)
        for reason in sink.losses(one, answer):
            assert told.setdefault(reason.code, reason.message) == reason.message
            assert reason.message.endswith(".")


async def test_the_fields_that_a_comparison_compares_are_kept(prepared: Platform) -> None:
    one = refunded(7, "10.00")
    made = (await carry(prepared, [one])).ids["7"]
    held = (await source(prepared).get([made]))[made]
    kept = {
        "total": held.total == one.total,
        "currency": held.currency == one.currency,
        "status": held.status_key() is one.status_key(),
        "email": held.email_key() == one.email_key(),
        "line_count": held.comparable_line_count == 3,
        "refunds": held.refunded == one.refunded,
    }
    assert {name for name, is_kept in kept.items() if is_kept} == prepared.store.capabilities.fields["order"]


async def test_a_draft_is_read_as_a_draft_where_the_platform_has_them(prepared: Platform) -> None:
    if not prepared.store.capabilities.has_drafts:
        (steps,) = (await plans(prepared, [order()], createAs="draft")).values()
        assert steps == (await plans(prepared, [order()]))["7"]
        return
    made = await carry(prepared, [order()], createAs="draft")
    (draft,) = (one for page in await read_all(prepared) for one in page.records)
    assert (draft.id, draft.is_draft, draft.marker) == (made.ids["7"], True, str(marker(order())))
    assert (draft.total, draft.email, draft.number_key()) == (order().total, order().email, "7")
    created = made.outcomes["7"][CREATE]
    assert isinstance(created, Applied)
    sink = prepared.store.sink("order")
    assert dict(await sink.find([marker(order())])) == {marker(order()): made.ids["7"]}
    await sink.delete(made.ids["7"])
    assert ids(await read_all(prepared)) == []
