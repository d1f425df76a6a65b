"""Own how an order is made, changed and deleted, step by step as WooCommerce does it (reference §5.1, §5.2, §5.12).

Knows no HTTP and no schema: batch items arrive here unchecked. What a single request's schema forbids is refused in
`validation`.
"""

import string
from collections.abc import Mapping
from typing import Any, cast

from crossdock.sandbox.woocommerce.currencies import CODES
from crossdock.sandbox.woocommerce.errors import FatalError, RestError
from crossdock.sandbox.woocommerce.ledger.coupons import apply_coupons
from crossdock.sandbox.woocommerce.ledger.meta import MetaWriter
from crossdock.sandbox.woocommerce.ledger.order import ADDRESS_FIELDS, SHIPPING_ADDRESS_FIELDS, Order
from crossdock.sandbox.woocommerce.ledger.totals import calculate_totals
from crossdock.sandbox.woocommerce.orders.lines import write_lines
from crossdock.sandbox.woocommerce.orders.stock import count_sales
from crossdock.sandbox.woocommerce.orders.transitions import (
    Transition,
    change_status,
    complete_payment,
    run_effects,
    store_order,
)
from crossdock.sandbox.woocommerce.php import fields, php_int, php_string
from crossdock.sandbox.woocommerce.store import WooStore
from crossdock.sandbox.woocommerce.text import drop_slashes, is_email, strip_tags

Params = Mapping[str, Any]
_LISTS = ("line_items", "shipping_lines", "fee_lines")
_RECOUNTING = ("billing", "shipping", *_LISTS, "coupon_lines")
_WRITABLE = frozenset(
    {
        *("parent_id", "status", "currency", "customer_id", "customer_note", "payment_method_title", "set_paid"),
        *("payment_method", "transaction_id"),
        *_RECOUNTING,
    },
)


def create_order(store: WooStore, params: Params, *, sets_created: bool = False) -> Order:
    """Make an order and return it; raises RestError, and what was saved by then stays behind (§5.9)."""
    if params.get("id"):
        raise RestError("woocommerce_rest_shop_order_exists", "Cannot create existing shop_order.")
    now, options = store.now_seconds(), store.options
    order = Order(id=0, created_at=now, modified_at=now, currency=options.currency())
    writer = MetaWriter(
        store.zone, now, store.orders.next_meta_id, creates=True, sets_created=sets_created, places=options.decimals()
    )
    _apply(store, order, params, writer)
    order.id = store.orders.next_id()
    order.created_via, order.prices_include_tax = "rest-api", options.prices_include_tax()
    if not order.order_key:
        order.order_key = "wc_order_" + "".join(store.random.choices(string.ascii_letters + string.digits, k=13))
    store_order(store, order)
    store.counters["orders created"] += 1
    store.fire("order.created")
    _die_if_asked(store, order)
    calculate_totals(order, store.tax_rules(), store.orders)
    store_order(store, order)
    _apply_coupons(store, order, params)
    change = _asked_status(store, order, params, None)
    store_order(store, order)
    run_effects(store, order, change)
    _pay(store, order, params, creates=True)
    return _present(store, order.id)


def update_order(store: WooStore, order_id: int, params: Params) -> Order:
    """Change an order in part and return it; raises RestError, 400 for an unknown id (§5.9, §5.12)."""
    order = store.orders.get(order_id)
    if order is None:
        raise unknown_order(400)
    now, since = store.now_seconds(), order.status
    writer = MetaWriter(store.zone, now, store.orders.next_meta_id, creates=False, places=store.options.decimals())
    _apply(store, order, params, writer)
    change = change_status(store, order, writer.status) if writer.status else None
    if any(params.get(name) is not None for name in _RECOUNTING):
        calculate_totals(order, store.tax_rules(), store.orders)
    if params.get("coupon_lines") is not None:
        apply_coupons(order, params["coupon_lines"], store.coupons, store.tax_rules(), store.orders)
    change = _asked_status(store, order, params, since if change else None) or change
    has_meta = bool(params.get("meta_data"))
    if _WRITABLE & params.keys() or writer.has_set or (has_meta and store.modes.hpos):
        order.modified_at = now
    store_order(store, order)
    store.counters["orders updated"] += 1
    store.fire("order.updated")
    run_effects(store, order, change)
    _pay(store, order, params, creates=False)
    return _present(store, order_id)


def delete_order(store: WooStore, order_id: int, *, is_forced: bool) -> None:
    """Trash an order, or delete it for good; stock stays as it is (§5.7, §5.12)."""
    order = store.orders.get(order_id)
    if order is None:
        raise unknown_order(404)
    if not is_forced and order.status == "trash":
        raise RestError("woocommerce_rest_already_trashed", "The order has already been deleted.", 410)
    count_sales(store, order, takes_back=True)
    if is_forced:
        store.orders.remove(order_id)
    else:
        order.status, order.modified_at = "trash", store.now_seconds()
        store.orders.put(order)
    store.counters["orders deleted"] += 1
    store.fire("order.deleted")


def unknown_order(status: int) -> RestError:
    """Return the error for an unknown order: reading and deleting answer 404, changing 400 (§5.9)."""
    return RestError("woocommerce_rest_shop_order_invalid_id", "Invalid ID.", status)


def _apply(store: WooStore, order: Order, params: Params, writer: MetaWriter) -> None:
    """Write the writable fields; everything else that was posted is ignored (§5.1)."""
    _write_fields(store, order, params)
    for part, names in (("billing", ADDRESS_FIELDS), ("shipping", SHIPPING_ADDRESS_FIELDS)):
        _write_address(order, part, names, params.get(part))
    write_lines(store, order, params)
    if params.get("customer_id") is not None:
        order.customer_id = php_int(params["customer_id"])
    writer.write(order, params.get("meta_data"))
    if params.get("customer_id") and store.accounts.get(order.customer_id) is None:
        raise RestError("woocommerce_rest_invalid_customer_id", "Customer ID is invalid.")


def _write_fields(store: WooStore, order: Order, params: Params) -> None:
    if params.get("parent_id") is not None:
        order.parent_id = php_int(params["parent_id"])
        if order.parent_id and not store.orders.has(order.parent_id):
            raise RestError("order_invalid_parent_id", "Invalid parent ID.")
    if params.get("currency") is not None:
        order.currency, order.recorded_symbol = php_string(params["currency"]), ""
        if order.currency and order.currency not in CODES:
            raise RestError("order_invalid_currency", "Invalid currency code")
    if params.get("customer_note") is not None:
        text = php_string(params["customer_note"])
        order.customer_note = text if store.modes.hpos else drop_slashes(text)
    for name in ("payment_method", "transaction_id"):
        if params.get(name) is not None:
            setattr(order, name, php_string(params[name]))
    if params.get("payment_method_title") is not None:
        order.payment_method_title = strip_tags(php_string(params["payment_method_title"]))


def _write_address(order: Order, part: str, names: tuple[str, ...], given: object) -> None:
    posted, current = fields(given), cast("list[str]", getattr(order, part))
    for place, name in enumerate(names):
        value = posted.get(name)
        if value is None:
            continue
        text = php_string(value)
        if name == "email" and text and not is_email(text):
            raise RestError("order_invalid_billing_email", "Invalid billing email address")
        current[place] = text


def _apply_coupons(store: WooStore, order: Order, params: Params) -> None:
    """Apply the coupons of a new order; where that fails, the order stays behind as pending (§5.6)."""
    if params.get("coupon_lines") is None:
        return
    try:
        apply_coupons(order, params["coupon_lines"], store.coupons, store.tax_rules(), store.orders)
    except RestError:
        store.orders.orphans.add(order.id)
        raise


def _asked_status(store: WooStore, order: Order, params: Params, since: str | None) -> Transition | None:
    asked = php_string(params.get("status"))
    return change_status(store, order, asked, since=since) if asked else None


def _pay(store: WooStore, order: Order, params: Params, *, creates: bool) -> None:
    """Mark an order paid where `set_paid` is true; a text in a batch is not (§5.2)."""
    if params.get("set_paid") is not True or not (creates or order.status in ("pending", "failed")):
        return
    change = complete_payment(store, order)
    store_order(store, order)
    run_effects(store, order, change)


def _die_if_asked(store: WooStore, order: Order) -> None:
    """Die as a plugin's hook does after the first save, if the store's mode says so: the order stays (§5.9)."""
    if store.modes.dies_after_save > 0:
        store.modes.dies_after_save -= 1
        store.orders.orphans.add(order.id)
        raise FatalError


def _present(store: WooStore, order_id: int) -> Order:
    order = store.orders.get(order_id)
    if order is None:
        raise unknown_order(404)
    return order
