"""What orders cost in the WooCommerce sandbox's time: the measured figures of the reference's appendix."""

import pytest

from crossdock.sandbox.woocommerce.service import order_create_seconds, order_listing_seconds


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        (None, 1.1),
        ("", 1.1),
        ("id,line_items", 0.95),
        ("id,status", 0.22),
        ("id,meta_data", 0.22),
        ("id,fee_lines", 1.1),
    ],
)
def test_appendix_a_page_of_a_hundred_orders(fields: str | None, seconds: float) -> None:
    assert order_listing_seconds(100, fields) == pytest.approx(seconds, abs=0.01)


def test_appendix_fewer_orders_take_less_time() -> None:
    assert order_listing_seconds(10, None) < order_listing_seconds(100, None) / 5


@pytest.mark.parametrize(
    ("status", "seconds"), [(None, 0.05), ("pending", 0.05), ("on-hold", 0.08), ("completed", 0.12)]
)
def test_appendix_creating_costs_by_status(status: str | None, seconds: float) -> None:
    assert order_create_seconds(status) == seconds
