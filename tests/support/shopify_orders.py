"""An order of another store, with everything that one can have, for the tests that write orders to Shopify."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from crossdock.domain.customer import Address
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
