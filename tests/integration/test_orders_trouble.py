"""Odd orders, moved end to end: what becomes of each is told, and the figures add up to the cent."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crossdock.sandbox.shopify.order_seeds import SeedDiscount, SeedRefund, SeedShipping, SeedTax
from tests.support.odd_orders import (
    codes,
    missing_numbers,
    off_balance,
    results,
    shopify_line,
    shopify_order,
    stock_up,
    tax_rows,
    woo_line,
    woo_order,
)
from tests.support.sync_desk import Premises, open_premises


@pytest.fixture
def premises(tmp_path: Path) -> Iterator[Premises]:
    with open_premises(tmp_path / "data", customers=4) as opened:
        stock_up(opened.pair)
        yield opened


FEE = {"name": "Handling", "tax_status": "none", "total": "2.50"}
SHIPPING = {"method_title": "Post", "total": "5.00"}
TAXED = woo_line("9.99", 3, rate1="1.90", rate2="0.59")
WOO = [
    woo_order(9001, [woo_line("10.00", product_id=999)]),
    woo_order(9002, [woo_line("10.00", product_id=6)]),
    woo_order(9003, [woo_line("10.00", product_id=0)]),
    woo_order(9004, [woo_line("10.00"), woo_line("0.00", 0)]),
    woo_order(9005, [woo_line("10.00")], fee_lines=[{**FEE, "total": "-3.33"}, FEE]),
    woo_order(9006, [woo_line("7.77", subtotal="10.00")], coupon_lines=[{"code": "gone", "discount": "2.23"}]),
    woo_order(9007, [woo_line("10.00", 3), woo_line("0.01", 7)]),
    woo_order(9008, [woo_line("1.00") for _ in range(251)]),
    woo_order(9009, [woo_line("10.00")]),
    woo_order(9010, [woo_line("10.00")], status="refunded"),
    woo_order(9011, [woo_line("0.00", subtotal="10.00")]),
    woo_order(9012, [woo_line("10.00")], email=""),
    woo_order(9013, [woo_line("10.00")], currency="BTC"),
    woo_order(9014, [woo_line("1000")], currency="JPY"),
    woo_order(9015, [woo_line("1.234")], currency="KWD"),
    woo_order(
        9016,
        [TAXED],
        shipping_lines=[{**SHIPPING, "total_tax": "1.25", "taxes": [{"id": 1, "total": "1.25"}]}],
        tax_lines=tax_rows((1, "19", False), (2, "5", True)),
    ),
    woo_order(
        9017,
        [TAXED],
        prices_include_tax=True,
        shipping_lines=[{**SHIPPING, "total_tax": "0.95", "taxes": [{"id": 1, "total": "0.95"}]}],
        tax_lines=tax_rows((1, "19", False), (2, "5", True)),
    ),
    woo_order(9018, [woo_line("10.00")], status="shipped"),
    woo_order(9019, [woo_line("10.00")], status="shipped", date_paid_gmt=None),
]
WOO_REFUNDS = [
    {"order_id": 9009, "amount": "8.00", "reason": "Broken"},
    {"order_id": 9009, "amount": "8.00", "reason": "Broken again"},
]
WITHOUT_PRODUCT = {9001: "product_missing", 9002: "sku_ambiguous", 9003: "product_missing"}
TOLD_BY_SHOPIFY = {
    **WITHOUT_PRODUCT,
    9004: "line_without_units",
    9009: "refund_clipped",
    9018: "status_unknown",
    9019: "status_unknown",
}
REFUSED_BY_SHOPIFY = {9008: "too_many_lines", 9013: "currency_unsupported"}


async def test_odd_orders_of_woocommerce_arrive_whole_or_are_told(premises: Premises) -> None:
    premises.pair.woo.load_orders(WOO)
    premises.pair.woo.load_refunds(WOO_REFUNDS)
    async with premises.open() as opened:
        desk = opened.of("order")
        strict = await results(desk, await desk.sync("woocommerce", createAs="order", requireProducts=True))
        failed = {number: row for number, row in strict.items() if not row.is_success}
        assert {number: row.code for number, row in failed.items()} == {**WITHOUT_PRODUCT, **REFUSED_BY_SHOPIFY}
        assert all(row.error.endswith(".") for row in failed.values())
        lax = await desk.sync("woocommerce", createAs="order")
        rows = {**strict, **await results(desk, lax)}
        assert {number for number, row in rows.items() if not row.is_success} == set(REFUSED_BY_SHOPIFY)
        for number, code in TOLD_BY_SHOPIFY.items():
            assert code in codes(rows[number]), number
        assert off_balance(lax) == {}
        assert await missing_numbers(desk, "woocommerce") == set(REFUSED_BY_SHOPIFY)
        state = desk.pair.shopify.state()
        assert (state["mails"], state["stockChanges"], state["money"], state["repeatedMarkers"]) == (0, 0, 0, [])


async def test_figures_of_odd_orders_add_up_in_shopify(premises: Premises) -> None:
    premises.pair.woo.load_orders(WOO)
    premises.pair.woo.load_refunds(WOO_REFUNDS)
    async with premises.open() as opened:
        desk = opened.of("order")
        sync = await desk.sync("woocommerce", createAs="order")
        assert off_balance(sync) == {"USD": {"refund": "-6.00"}}
        assert {line["currency"] for line in sync.summary["reconciliation"]} == {"USD", "JPY", "KWD"}


TAX = SeedTax("VAT", "1.60", "0.19")
LEVY = SeedTax("Levy", "0.37", "0.037")
SHOPIFY = [
    shopify_order(2001, [shopify_line("10.00", sku="GONE")], "10.00"),
    shopify_order(2002, [shopify_line("10.00", sku="TWICE")], "10.00"),
    shopify_order(2003, [shopify_line("10.00", sku=None)], "10.00"),
    shopify_order(2004, [shopify_line("10.00"), shopify_line("4.00", 0)], "10.00"),
    shopify_order(
        2006,
        [shopify_line("10.00", discount="2.23")],
        "7.77",
        discounts=(SeedDiscount("GONE", value="2.23"),),
    ),
    shopify_order(2007, [shopify_line("3.34", 3, discount="0.02")], "10.00", discounts=(SeedDiscount(value="0.02"),)),
    shopify_order(2008, [shopify_line("1.00") for _ in range(251)], "251.00"),
    shopify_order(2009, [shopify_line("10.00")], "10.00", refunds=(SeedRefund("8.00"), SeedRefund("8.00"))),
    shopify_order(2010, [shopify_line("10.00")], "10.00", financial_status="REFUNDED"),
    shopify_order(2011, [shopify_line("10.00", discount="10.00")], discounts=(SeedDiscount("ALL", value="10.00"),)),
    shopify_order(2012, [shopify_line("10.00")], "10.00", email=None),
    shopify_order(2013, [shopify_line("10.00")], "10.00", currency="LVL"),
    shopify_order(2014, [shopify_line("1000")], "1000", currency="JPY"),
    shopify_order(2015, [shopify_line("1.234")], "1.234", currency="KWD"),
    shopify_order(
        2016,
        [shopify_line("3.33", 3, taxes=(TAX, LEVY))],
        "17.91",
        shipping_lines=(SeedShipping("Post", "5.00", taxes=(replace(TAX, amount="0.95"),)),),
    ),
    shopify_order(
        2017,
        [shopify_line("3.33", 3, taxes=(TAX, LEVY))],
        "14.99",
        taxes_included=True,
        shipping_lines=(SeedShipping("Post", "5.00", taxes=(replace(TAX, amount="0.80"),)),),
    ),
    shopify_order(2019, [shopify_line("10.00")], "10.00", cancelled_at=datetime(2024, 9, 1, tzinfo=UTC)),
]
TOLD_BY_WOO = {
    2001: "product_missing",
    2002: "sku_ambiguous",
    2003: "product_missing",
    2009: "refund_clipped",
    2010: "refund_assumed",
}
STRICT_IN_WOO = dict.fromkeys((2001, 2002, 2003), "product_missing")
REFUSED_BY_WOO = {2013: "currency_unsupported", 2015: "currency_decimals"}


@pytest.mark.parametrize("hpos", [True, False])
async def test_odd_orders_of_shopify_arrive_whole_or_are_told(premises: Premises, hpos: bool) -> None:  # noqa: FBT001
    woo = premises.pair.woo
    woo.modes.hpos = hpos
    woo.add_tax_rate("US", "20")
    woo.outbox.deferral_seconds = 60
    premises.pair.shopify.seed_orders(SHOPIFY)
    async with premises.open() as opened:
        desk = opened.of("order")
        strict = await results(desk, await desk.sync("shopify", requireProducts=True))
        failed = {number: row for number, row in strict.items() if not row.is_success}
        assert {number: row.code for number, row in failed.items()} == {**STRICT_IN_WOO, **REFUSED_BY_WOO}
        lax = await desk.sync("shopify")
        rows = {**strict, **await results(desk, lax)}
        assert {number for number, row in rows.items() if not row.is_success} == set(REFUSED_BY_WOO)
        for number, code in TOLD_BY_WOO.items():
            assert code in codes(rows[number]), number
        assert await missing_numbers(desk, "shopify") == set(REFUSED_BY_WOO)
        state = woo.state()
        assert (state["stockChanges"], state["money"], state["repeatedMarkers"]) == (0, {}, {})
        assert not [kind for kind in state["mails"]["sent"] if kind.startswith("customer")]


async def test_figures_of_odd_orders_add_up_in_woocommerce(premises: Premises) -> None:
    premises.pair.shopify.seed_orders(SHOPIFY)
    async with premises.open(finish_delay_seconds=0) as opened:
        desk = opened.of("order")
        sync = await desk.sync("shopify")
        assert off_balance(sync) == {"USD": {"refund": "-6.00"}}
        assert {line["currency"] for line in sync.summary["reconciliation"]} == {"USD", "JPY"}
