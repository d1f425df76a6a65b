"""Own how a call's parameters decide what is shown of an order, and the links that go with it (§4.1, §4.6)."""

from typing import Any

from crossdock.sandbox.woocommerce.ledger.order import Order, Refund
from crossdock.sandbox.woocommerce.orders.views import Showing, order_view, refund_view
from crossdock.sandbox.woocommerce.routing import Call
from crossdock.sandbox.woocommerce.validation import id_texts, truth

_MOST_PLACES = 8
_EDITABLE = ("GET", "POST", "PUT", "PATCH", "DELETE")


def showing(call: Call) -> Showing:
    """Return how a call wants its orders shown."""
    params, store = call.params, call.store
    asked = str(params.get("dp", ""))
    return Showing(
        url=store.url,
        zone=store.zone,
        places=min(int(asked), _MOST_PLACES) if asked.isdigit() else store.options.decimals(),
        catalogue=store.catalogue,
        include_meta=frozenset(id_texts(params.get("include_meta"))),
        exclude_meta=frozenset(id_texts(params.get("exclude_meta"))),
        display_meta=truth(params.get("order_item_display_meta")),
        numbers_orders=store.modes.numbers_orders,
    )


def shown_order(call: Call, order: Order, how: Showing | None = None) -> dict[str, Any]:
    """Return an order as the call wants it, without its links."""
    return order_view(order, call.store.orders.refunds_of(order.id), how or showing(call))


def order_links(call: Call, order: Order) -> dict[str, Any]:
    """Return an order's links: itself, its collection, its customer if it has one, its parent if it has one."""
    collection = f"{call.root}wc/v3/orders"
    links = _links(call, collection, f"{collection}/{order.id}", _EDITABLE)
    if order.customer_id:
        links["customer"] = [{"href": f"{call.root}wc/v3/customers/{order.customer_id}"}]
    if order.parent_id:
        links["up"] = [{"href": f"{collection}/{order.parent_id}"}]
    return links


def shown_refund(call: Call, refund: Refund) -> dict[str, Any]:
    """Return a refund as the call wants it, without its links."""
    return refund_view(refund, showing(call))


def child_links(call: Call, order_id: int, kind: str, child_id: int) -> dict[str, Any]:
    """Return the links of a refund or a note, which can be read and deleted."""
    parent = f"{call.root}wc/v3/orders/{order_id}"
    links = _links(call, f"{parent}/{kind}", f"{parent}/{kind}/{child_id}", ("GET", "DELETE"))
    return {**links, "up": [{"href": parent}]}


def _links(call: Call, collection: str, address: str, methods: tuple[str, ...]) -> dict[str, Any]:
    allow = [name for name in methods if call.key and call.key.can("edit_others_shop_orders")]
    return {
        "self": [{"href": address, "targetHints": {"allow": allow}}],
        "collection": [{"href": collection}],
    }
