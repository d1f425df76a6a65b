"""Whatever an order is made of, what is sent to Shopify adds up to its total exactly, or nothing is sent."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.connectors.shopify.orders.draft_payload import draft_variables
from crossdock.connectors.shopify.orders.payload import order_variables
from crossdock.connectors.shopify.orders.resolved import Resolved
from crossdock.connectors.shopify.orders.steps import order_steps
from crossdock.domain.errors import UnmappableValueError
from crossdock.domain.identity import Marker
from crossdock.domain.money import Money, exponent, total
from crossdock.domain.order import Coupon, Fee, Order, OrderLine, Refund, ShippingLine, TaxLine

MARKER = Marker("woocommerce", "shop.example.com", "order", "7")


def cents(units: int, currency: str) -> Money:
    return Money.of(Decimal(units).scaleb(-exponent(currency)), currency)


@st.composite
def taxes(draw: st.DrawFn, currency: str, *, most: int) -> tuple[TaxLine, ...]:
    amounts = draw(st.lists(st.integers(0, max(most, 0)), max_size=2))
    rates = st.none() | st.sampled_from([Decimal("0.19"), Decimal("0.0725")])
    return tuple(
        TaxLine(draw(st.sampled_from(["VAT", "City"])), cents(amount, currency), draw(rates), is_compound=at > 0)
        for at, amount in enumerate(amounts)
    )


@st.composite
def lines(draw: st.DrawFn, currency: str) -> OrderLine:
    subtotal = draw(st.integers(0, 50_000))
    paid = draw(st.integers(0, subtotal) | st.just(subtotal))
    return OrderLine(
        title=draw(st.text(max_size=8)),
        quantity=draw(st.integers(1, 13)),
        subtotal=cents(subtotal, currency),
        total=cents(paid, currency),
        id=str(draw(st.integers(1, 99))),
        taxes=draw(taxes(currency, most=paid // 3)),
    )


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Give an order whose total is the sum of its parts; reductions may be more than there is."""
    currency = draw(st.sampled_from(["JPY", "EUR", "KWD"]))
    fees = st.builds(
        Fee, st.just("Fee"), st.integers(-3_000, 3_000).map(lambda amount: cents(amount, currency)), taxes=st.just(())
    )
    shipping = st.builds(
        ShippingLine,
        st.just("Parcel"),
        st.integers(0, 2_000).map(lambda amount: cents(amount, currency)),
        taxes=taxes(currency, most=300),
    )
    unfinished = Order(
        id="7",
        number="#7",
        currency=currency,
        total=cents(0, currency),
        taxes_included=draw(st.booleans()),
        lines=tuple(draw(st.lists(lines(currency), min_size=1, max_size=6))),
        fees=tuple(draw(st.lists(fees, max_size=3))),
        shipping_lines=tuple(draw(st.lists(shipping, max_size=2))),
        coupons=tuple(Coupon(code) for code in draw(st.lists(st.sampled_from(["TEN", "SPRING"]), max_size=2))),
    )
    charged = unfinished.sum_of_parts()
    return replace(unfinished, total=charged)


def amount(bag: Any) -> Decimal:  # noqa: ANN401 - a part of JSON
    return Decimal(bag["shopMoney"]["amount"])


def taxes_in(parts: list[Any]) -> Decimal:
    return sum((amount(tax["priceSet"]) for part in parts for tax in part.get("taxLines", [])), Decimal(0))


def total_of(sent: Any) -> Decimal:  # noqa: ANN401 - JSON as it is sent
    """Add an order up as Shopify does."""
    lines, shipping = sent["lineItems"], sent.get("shippingLines", [])
    made = sum((amount(line["priceSet"]) * line["quantity"] for line in lines), Decimal(0))
    discount = sent.get("discountCode")
    if discount:
        off = amount(discount["itemFixedDiscountCode"]["amountSet"])
        assert off <= made
        made -= off
    made += sum((amount(line["priceSet"]) for line in shipping), Decimal(0))
    return made if sent.get("taxesIncluded") else made + taxes_in([*lines, *shipping])


def total_of_draft(sent: Any) -> Decimal:  # noqa: ANN401 - JSON as it is sent
    prices = [(line["originalUnitPriceWithCurrency"], line["quantity"]) for line in sent["lineItems"]]
    made = sum((Decimal(price["amount"]) * quantity for price, quantity in prices), Decimal(0))
    if "appliedDiscount" in sent:
        made -= Decimal(str(sent["appliedDiscount"]["value"]))
    if "shippingLine" in sent:
        made += Decimal(sent["shippingLine"]["priceWithCurrency"]["amount"])
    return made


def created(order: Order, kind: str) -> Any:  # noqa: ANN401 - JSON as it is sent
    variables: Any = order_steps(order, MARKER, Resolved(create_as=kind), region="DE")[0].payload
    return variables["order" if kind == "order" else "input"]


def takes_off_too_much(order: Order) -> bool:
    """Tell whether reductions are more than what the lines cost."""
    parts = [line.total for line in order.lines] + [fee.amount for fee in order.fees]
    return total(parts, order.currency).amount < 0


@given(orders())
def test_an_order_is_sent_as_it_was_charged_or_not_at_all(order: Order) -> None:
    if takes_off_too_much(order):
        with pytest.raises(UnmappableValueError) as raised:
            order_variables(order, MARKER, Resolved(create_as="order"), region="DE")
        assert raised.value.code == "total_not_representable"
        return
    sent = created(order, "order")
    assert total_of(sent) == order.total.amount
    places = -exponent(order.currency)
    for line in sent["lineItems"]:
        assert int(Decimal(line["priceSet"]["shopMoney"]["amount"]).as_tuple().exponent) == places
    charged = sum((tax.amount.amount for tax in order.all_taxes()), Decimal(0))
    assert taxes_in([*sent["lineItems"], *sent.get("shippingLines", [])]) == charged


def has_finer_discount(order: Order) -> bool:
    """Tell whether the discount has more decimals than a draft's can have."""
    off = created(order, "order").get("discountCode")
    return off is not None and bool(amount(off["itemFixedDiscountCode"]["amountSet"]) % Decimal("0.01"))


@given(orders())
def test_a_draft_is_sent_as_it_was_charged_or_not_at_all(order: Order) -> None:
    if takes_off_too_much(order) or has_finer_discount(order):
        with pytest.raises(UnmappableValueError) as raised:
            draft_variables(order, MARKER, Resolved(), region="DE")
        assert raised.value.code == "total_not_representable"
        return
    assert total_of_draft(created(order, "draft")) == order.total.amount


@given(orders(), st.integers(-500, 500).filter(bool))
def test_an_order_whose_total_is_not_its_sum_is_refused_with_both_figures(order: Order, off: int) -> None:
    wrong = replace(order, total=order.total + cents(off, order.currency))
    for kind in (order_variables, draft_variables):
        with pytest.raises(UnmappableValueError) as raised:
            kind(wrong, MARKER, Resolved(), region="DE")
        assert raised.value.code == "total_not_representable"
        assert str(wrong.total) in raised.value.message
        assert str(order.total) in raised.value.message


@given(orders(), st.lists(st.integers(1, 40_000), min_size=1, max_size=4))
def test_no_more_is_given_back_than_was_paid(order: Order, amounts: list[int]) -> None:
    refunds = tuple(Refund(str(at), cents(one, order.currency)) for at, one in enumerate(amounts))
    try:
        steps = order_steps(replace(order, refunds=refunds), MARKER, Resolved(create_as="order"), region="DE")
    except UnmappableValueError:
        return
    payloads: list[Any] = [step.payload for step in steps if step.name.startswith("refund:")]
    given_back = sum((Decimal(payload["amount"]["amount"]) for payload in payloads), Decimal(0))
    assert given_back == min(order.total.amount, cents(sum(amounts), order.currency).amount)
    assert len({payload["tag"] for payload in payloads}) == len(payloads)


@given(st.integers(0, 400), st.integers(0, 400), st.booleans())
def test_the_tax_of_a_reduction_comes_off_other_taxes(first: int, second: int, included: bool) -> None:  # noqa: FBT001 - drawn
    """A negative fee takes tax off, and Shopify's taxes are never negative."""
    order = Order(
        id="7",
        number="#7",
        currency="EUR",
        total=cents(0, "EUR"),
        taxes_included=included,
        lines=(
            OrderLine("A", 1, cents(5_000, "EUR"), cents(5_000, "EUR"), taxes=(TaxLine("VAT", cents(400, "EUR")),)),
            OrderLine("B", 1, cents(5_000, "EUR"), cents(5_000, "EUR"), taxes=(TaxLine("City", cents(400, "EUR")),)),
        ),
        fees=(
            Fee("Thanks", cents(-100, "EUR"), taxes=(TaxLine("VAT", cents(-first, "EUR")),)),
            Fee("Sorry", cents(-100, "EUR"), taxes=(TaxLine("VAT", cents(-second, "EUR")),)),
        ),
    )
    order = replace(order, total=order.sum_of_parts())
    sent = created(order, "order")
    assert total_of(sent) == order.total.amount
    assert taxes_in(sent["lineItems"]) == cents(800 - first - second, "EUR").amount
    assert all(amount(tax["priceSet"]) >= 0 for line in sent["lineItems"] for tax in line.get("taxLines", []))
