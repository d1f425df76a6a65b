"""Orders to WooCommerce and back, for any amounts: nothing is lost or gained, to the smallest coin."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from crossdock.connectors.woocommerce.orders.mapping import readable
from crossdock.connectors.woocommerce.orders.payload import creation_of
from crossdock.connectors.woocommerce.orders.refunding import refund_plan
from crossdock.connectors.woocommerce.orders.rounding import rounded_to_sum, shared, taken_from
from crossdock.domain.identity import Marker
from crossdock.domain.money import Money, exponent, total
from crossdock.domain.order import Fee, Financial, Order, OrderLine, Refund, ShippingLine, TaxLine

MARKER = Marker("shopify", "harbour-books.myshopify.com", "order", "gid://shopify/Order/7")
CURRENCIES = st.sampled_from(["JPY", "EUR", "KWD"])
COINS = st.integers(0, 5_000_000)
RATES = [("VAT", Decimal("0.19")), ("VAT", Decimal("0.07")), ("City", Decimal("0.0125"))]


def money(coins: int, currency: str) -> Money:
    return Money.of(Decimal(coins).scaleb(-exponent(currency)), currency)


@st.composite
def taxes(draw: st.DrawFn, amount: Money) -> tuple[TaxLine, ...]:
    chosen = draw(st.lists(st.sampled_from(RATES), unique=True, max_size=3))
    return tuple(TaxLine(title, Money.of(amount.amount * rate, amount.currency), rate) for title, rate in chosen)


@st.composite
def lines(draw: st.DrawFn, currency: str) -> OrderLine:
    paid, off = money(draw(COINS), currency), money(draw(COINS), currency)
    return OrderLine(
        "Mug", draw(st.integers(1, 9)), paid + off, paid, sku=draw(st.sampled_from(["", "A", "B"])),
        taxes=draw(taxes(paid)),
    )  # fmt: skip


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Invent an order whose total is what its parts come to."""
    currency = draw(CURRENCIES)
    items = tuple(draw(st.lists(lines(currency), min_size=1, max_size=5)))
    sent = [money(coins, currency) for coins in draw(st.lists(COINS, max_size=2))]
    extra = [money(coins, currency) for coins in draw(st.lists(COINS, max_size=2))]
    fees = [Fee("Wrapping", amount, taxes=draw(taxes(amount))) for amount in extra]
    net = min(
        sum((line.total.amount for line in items), Decimal(0)),
        sum((line.total.amount - sum(t.amount.amount for t in line.taxes) for line in items), Decimal(0)),
    )
    if net > 0 and draw(st.booleans()):
        part = draw(st.decimals(0, 1, places=3))
        fees.append(Fee("Reduction", -Money.of(net * part, currency)))
    order = Order(
        id="gid://shopify/Order/7",
        number="#1001",
        currency=currency,
        total=Money.of(0, currency),
        created_at=datetime(2026, 3, 1, 8, 30, 1, tzinfo=UTC),
        financial_status=Financial.PAID,
        taxes_included=draw(st.booleans()),
        lines=items,
        shipping_lines=tuple(ShippingLine("Post", amount, taxes=draw(taxes(amount))) for amount in sent),
        fees=tuple(fees),
    )
    return replace(
        order,
        total=order.sum_of_parts(),
        total_tax=total((tax.amount for tax in order.all_taxes()), currency),
    )


def as_kept(payload: dict[str, Any], currency: str) -> msgspec.Raw:
    """Give the order that WooCommerce makes of a body: it adds the parts up, and charges no tax of its own."""
    groups = ("line_items", "shipping_lines", "fee_lines")
    sums = {group: total((Money.of(part["total"], currency) for part in payload[group]), currency) for group in groups}
    kept = {
        **payload,
        "id": 90,
        "number": "90",
        "total": str(total(sums.values(), currency)),
        "shipping_total": str(sums["shipping_lines"]),
        "total_tax": "0",
        "tax_lines": [],
        "coupon_lines": [],
        **{group: [{"id": at, **part} for at, part in enumerate(payload[group], 1)] for group in groups},
    }
    return msgspec.Raw(json.dumps(kept).encode())


@given(orders())
def test_an_order_comes_back_with_the_figures_it_went_with(order: Order) -> None:
    payload = creation_of(order, MARKER, refund_plan(order), {"products": {"A": [5, 0]}}, "")
    back = readable(as_kept(payload, order.currency))
    assert isinstance(back, Order)
    assert back.total == order.total == back.sum_of_parts()
    assert back.total_tax == order.total_tax
    assert back.taxes_included == order.taxes_included
    assert (back.bare_number, back.created_at, back.marker) == ("#1001", order.created_at, str(MARKER))
    assert [line.taxes for line in back.lines] == [tuple(t for t in line.taxes) for line in order.lines]
    if not any(fee.amount.amount < 0 for fee in order.fees):
        assert [(line.subtotal, line.total) for line in back.lines] == [(i.subtotal, i.total) for i in order.lines]


@given(orders())
def test_no_part_is_sent_that_woocommerce_would_clip(order: Order) -> None:
    payload = creation_of(order, MARKER, refund_plan(order), {}, "")
    parts = [*payload["line_items"], *payload["shipping_lines"]]
    if not order.taxes_included:
        assert all(Decimal(part["total"]) >= 0 for part in parts)
    assert all(Decimal(line["subtotal"]) >= Decimal(line["total"]) for line in payload["line_items"])


@given(orders(), st.lists(COINS, max_size=4), st.sampled_from(list(Financial)))
def test_refunds_never_exceed_the_total(order: Order, amounts: list[int], status: Financial) -> None:
    given_back = tuple(Refund(str(at), money(coins, order.currency)) for at, coins in enumerate(amounts))
    refunded = total((refund.amount for refund in given_back), order.currency)
    plan = refund_plan(replace(order, refunds=given_back, refunded=refunded, financial_status=status))
    assert all(refund.amount.amount > 0 for refund in plan.refunds)
    assert plan.refunded(order.currency).amount <= max(order.total.amount, Decimal(0))
    is_over = refunded.amount > order.total.amount
    assert ("refund_clipped" in {reason.code for reason in plan.reasons}) == is_over


@given(st.lists(st.decimals(0, 1000, places=6), min_size=1, max_size=12), CURRENCIES)
def test_rounding_keeps_the_sum_and_moves_nothing_by_a_whole_coin(exact: list[Decimal], currency: str) -> None:
    whole = Money.of(sum(exact, Decimal(0)), currency)
    rounded = rounded_to_sum(exact, whole)
    assert total(rounded, currency) == whole
    coin = Decimal(1).scaleb(-exponent(currency))
    assert all(abs(money.amount - amount) < coin for money, amount in zip(rounded, exact, strict=True))


@given(st.lists(COINS, min_size=1, max_size=8), COINS, CURRENCIES)
def test_a_reduction_is_taken_off_exactly_or_not_at_all(parts: list[int], off: int, currency: str) -> None:
    before = [money(coins, currency) for coins in parts]
    left = taken_from(money(off, currency), before)
    assert (left is None) == (off > sum(parts))
    if left is not None:
        assert total(before, currency) - total(left, currency) == money(off, currency)
        assert all(part.amount >= 0 for part in left)


@given(COINS, CURRENCIES)
def test_without_weights_all_falls_on_the_first(coins: int, currency: str) -> None:
    amount = money(coins, currency)
    assert shared(amount, [Decimal(0), Decimal(0)]) == [amount, Money.of(0, currency)]
    assert shared(amount, []) == []
