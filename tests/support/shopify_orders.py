"""An order of another store, with everything that one can have, for the tests that write orders to Shopify."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from crossdock.connectors.shopify.store import ShopifyStore
from crossdock.domain.customer import Address
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
    ShippingLine,
    TaxLine,
    Transaction,
)
from crossdock.domain.plan import Applied, Outcome, Step

ORDERED_AT = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
PAID_AT = datetime(2024, 5, 6, 8, 0, 0, tzinfo=UTC)
HARBOUR = Address("Ada", "Byron", "", "Harbour 1", "", "Berlin", "", "10115", "DE", "030 123456")
MUG = "MUG-BLUE"


def euros(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


def vat(amount: str) -> tuple[TaxLine, ...]:
    return (TaxLine("VAT", euros(amount), Decimal("0.19")),)


def order_of(record_id: str = "17", **changes: Any) -> Order:  # noqa: ANN401 - the values of any field
    """Give a paid and delivered order of 23.87 EUR; without another total, it is the sum of the parts."""
    order = Order(
        id=record_id,
        number=record_id,
        currency="EUR",
        total=euros(0),
        created_at=ORDERED_AT,
        email="ada@example.com",
        phone="030 123456",
        status="completed",
        financial_status=Financial.PAID,
        fulfillment_status=Fulfillment.FULFILLED,
        paid_at=PAID_AT,
        completed_at=datetime(2024, 5, 8, tzinfo=UTC),
        lines=(
            OrderLine("Blue mug", 3, euros("10.00"), euros("9.00"), id="1", sku=MUG, taxes=vat("1.71")),
            OrderLine(
                "Tea", 1, euros("5.00"), euros("5.00"), id="2", taxes=vat("0.95"), attributes=(("Gift wrap", "yes"),)
            ),
        ),
        shipping_lines=(ShippingLine("Parcel", euros("4.90"), taxes=vat("0.93")),),
        fees=(Fee("Insurance", euros("2.00"), taxes=vat("0.38")), Fee("Loyalty", euros("-1.00"))),
        coupons=(Coupon("SPRING", euros("1.00")),),
        payment_title="Credit card",
        billing=HARBOUR,
        shipping=HARBOUR,
        note="Ring twice.",
    )
    order = replace(order, **changes)
    if "total" not in changes:
        order = replace(order, total=order.sum_of_parts())
    if "transactions" not in changes and order.paid_at:
        payment = Transaction("sale", order.total, "Credit card", reference="ch_1", processed_at=PAID_AT)
        order = replace(order, transactions=(payment,))
    return order


def marker_of(order: Order) -> Marker:
    return Marker("woocommerce", "shop.example.com", "order", order.id)


OPTIONS = {"createAs": "order", "requireProducts": False, "numberPrefix": "W", "keepNumber": "free"}


@dataclass
class Moved:
    """What became of orders, by their source ids: their plans, their ids, and every step's outcome by its name."""

    plans: dict[str, Sequence[Step]] = field(default_factory=dict[str, Sequence[Step]])
    ids: dict[str, str] = field(default_factory=dict[str, str])
    outcomes: dict[str, dict[str, Outcome]] = field(default_factory=dict[str, dict[str, Outcome]])

    def codes(self, record_id: str, step: str = "create") -> list[str]:
        outcome = self.outcomes[record_id][step]
        assert isinstance(outcome, Applied), outcome
        return [reason.code for reason in outcome.reasons]


async def planned(
    store: ShopifyStore,
    orders: Sequence[Order],
    customers: Mapping[str, str] | None = None,
    **options: Any,  # noqa: ANN401 - as a caller of the API gives them
) -> dict[str, Sequence[Step]]:
    """Resolve and plan orders, none of which may be refused."""
    sink = store.sink("order")
    answers = await sink.resolve(orders, customers or {}, {**OPTIONS, **options})
    plans: dict[str, Sequence[Step]] = {}
    for order, answer in zip(orders, answers, strict=True):
        assert not isinstance(answer, RecordError), answer
        plans[order.id] = sink.steps(order, marker_of(order), answer)
    return plans


async def moved(
    store: ShopifyStore,
    orders: Sequence[Order],
    customers: Mapping[str, str] | None = None,
    **options: Any,  # noqa: ANN401 - as a caller of the API gives them
) -> Moved:
    """Take orders through all of their steps, those of one name together, as long as each takes effect."""
    result = Moved(await planned(store, orders, customers, **options))
    left = {record_id: list(steps) for record_id, steps in result.plans.items()}
    while any(left.values()):
        stage = next(steps[0].name.partition(":")[0] for steps in left.values() if steps)
        batch = {key: steps[0] for key, steps in left.items() if steps and steps[0].name.startswith(stage)}
        for record_id, outcome in (await sent(store, result, list(batch.values()))).items():
            result.outcomes.setdefault(record_id, {})[batch[record_id].name] = outcome
            left[record_id] = left[record_id][1:] if isinstance(outcome, Applied) else []
    return result


async def sent(store: ShopifyStore, result: Moved, steps: Sequence[Step]) -> dict[str, Outcome]:
    """Send one step each of several orders; ids of records that now exist are noted in `result`."""
    aimed = [step.at(result.ids.get(step.marker.source_id, "")) for step in steps]
    outcomes = {one.step.marker.source_id: one.outcome async for one in store.sink("order").send(aimed, "batch")}
    assert set(outcomes) == {step.marker.source_id for step in steps}
    for record_id, outcome in outcomes.items():
        if isinstance(outcome, Applied):
            result.ids[record_id] = outcome.destination_id
    return outcomes
