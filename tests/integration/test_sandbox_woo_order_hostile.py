"""Nothing that a batch may carry breaks the WooCommerce sandbox: it is answered, and every order still reads."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.integration.sandbox_woo_orders import OrderShop

ANY = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 20),
    st.sampled_from(
        ["", "0", "5.00", "-5.00", "1e999", "NaN", "9" * 30, "2021-05-06T07:08:09Z", "completed", "\0", "<b>"]
    ),
    st.lists(st.integers(0, 3), max_size=2),
    st.dictionaries(st.sampled_from(["id", "key"]), st.integers(0, 3), max_size=1),
)
KEYS = ("_date_created", "_date_paid", "_status", "_total", "_cart_tax", "_customer_id", "_currency", "_billing_email")
META = st.fixed_dictionaries({"key": st.sampled_from([*KEYS, "own"]), "value": ANY})


def part(*names: str, **usual: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Return lists of items with any of the fields, now and then of something else."""
    fields = {name: usual.get(name, ANY) | ANY for name in names} | {"meta_data": st.lists(META, max_size=1)}
    return st.lists(st.fixed_dictionaries({}, optional=fields) | ANY, max_size=2) | ANY


ITEM = st.fixed_dictionaries(
    {},
    optional={
        "line_items": part(
            *("id", "sku", "name", "quantity", "total", "subtotal", "tax_class"),
            product_id=st.sampled_from([10, 12, 99]),
        ),
        "shipping_lines": part("id", "total", method_id=st.just("flat_rate")),
        "fee_lines": part("id", "total", "tax_status", name=st.just("Fee")),
        "coupon_lines": part("id", code=st.sampled_from(["TEN", "FIVE", "none"])),
        "meta_data": st.lists(META, max_size=3) | ANY,
        "billing": st.fixed_dictionaries({}, optional={"country": st.just("DE"), "email": ANY, "city": ANY}) | ANY,
        "status": st.sampled_from(["processing", "completed", "refunded", "cancelled", "nope"]) | ANY,
        **dict.fromkeys(("set_paid", "currency", "customer_id", "parent_id", "customer_note"), ANY),
    },
)


@settings(max_examples=60, deadline=None)
@given(created=st.lists(ITEM, min_size=1, max_size=3), changed=st.lists(ITEM, max_size=2))
async def test_5_2_whatever_a_batch_holds_is_answered_and_reads_back(
    created: list[dict[str, Any]], changed: list[dict[str, Any]]
) -> None:
    shop = OrderShop(taxed=True)
    first = await shop.order(line_items=[{"product_id": 10}])
    reply = await shop.call(
        "POST", "orders/batch", {"create": created, "update": [{**item, "id": first["id"]} for item in changed]}
    )
    assert reply.status_code == 200
    results = reply.json()
    assert [len(results[name]) for name in results] == [len(items) for items in (created, changed) if items]
    listed = await shop.call("GET", "orders", status="any,trash,auto-draft", per_page=100)
    made = [one["id"] for one in results["create"] if one["id"]]
    # What a coupon's refusal left behind is read like any other order.
    assert {first["id"], *made} <= {one["id"] for one in listed.json()}
    assert len(listed.json()) == 1 + len(made) + len(shop.store.orders.orphans)
    assert shop.state("orders") == len(listed.json())
