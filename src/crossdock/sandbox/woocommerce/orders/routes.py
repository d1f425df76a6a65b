"""Own the order routes: listing, one order, create, change, trash and delete, batch (reference §4 and §5).

What is written is ruled in `writing`; here stand permissions, schema checks and reply shapes.
"""

from typing import Any

from crossdock.sandbox.woocommerce.ledger.order import Order
from crossdock.sandbox.woocommerce.orders.batches import run_batch
from crossdock.sandbox.woocommerce.orders.listing import order_echo, page_headers, select_orders
from crossdock.sandbox.woocommerce.orders.showing import order_links, showing, shown_order
from crossdock.sandbox.woocommerce.orders.validation import check_order_body, check_order_listing
from crossdock.sandbox.woocommerce.orders.writing import create_order, delete_order, unknown_order, update_order
from crossdock.sandbox.woocommerce.routing import Call, Endpoint, Permission, RestRoute, Result, route
from crossdock.sandbox.woocommerce.service import UPDATE_SECONDS, order_create_seconds, order_listing_seconds
from crossdock.sandbox.woocommerce.validation import truth

LIST_ORDERS = Permission(
    "read_private_shop_orders", "woocommerce_rest_cannot_view", "Sorry, you cannot list resources."
)
VIEW_ORDER = Permission(
    "read_private_shop_orders", "woocommerce_rest_cannot_view", "Sorry, you cannot view this resource."
)
CREATE_ORDER = Permission(
    "publish_shop_orders",
    "woocommerce_rest_cannot_create",
    "Sorry, you are not allowed to create resources.",
)
_EDIT = Permission(
    "edit_others_shop_orders",
    "woocommerce_rest_cannot_edit",
    "Sorry, you are not allowed to edit this resource.",
)
DELETE_ORDER = Permission(
    "delete_others_shop_orders",
    "woocommerce_rest_cannot_delete",
    "Sorry, you are not allowed to delete this resource.",
)
_BATCH = Permission(
    "edit_others_posts",
    "woocommerce_rest_cannot_batch",
    "Sorry, you are not allowed to batch manipulate this resource.",
)


def order_routes() -> list[RestRoute]:
    """Return the routes of orders; the batch stands before the id so that its word is no id."""
    return [
        route(
            "/wc/v3/orders",
            get=Endpoint(LIST_ORDERS, _list, _check_listing),
            post=Endpoint(CREATE_ORDER, _create, _check_body),
        ),
        route("/wc/v3/orders/batch", editable=Endpoint(_BATCH, _batch)),
        route(
            r"/wc/v3/orders/(?P<id>\d+)",
            get=Endpoint(VIEW_ORDER, _get),
            editable=Endpoint(_EDIT, _update, _check_body),
            delete=Endpoint(DELETE_ORDER, _delete),
        ),
    ]


def _check_listing(call: Call) -> None:
    check_order_listing(call.params, call.store.statuses())


def _check_body(call: Call) -> None:
    check_order_body(call.params, call.store.statuses())


async def _list(call: Call) -> Result:
    page = select_orders(call.store, call.params)
    await call.desk.spend(order_listing_seconds(len(page.orders), call.query.get("_fields")))
    how = showing(call)
    body = [{**shown_order(call, order, how), "_links": order_links(call, order)} for order in page.orders]
    echoed = order_echo(call.store, call.query)
    headers = page_headers(page.total, page.number, page.pages, f"{call.root}wc/v3/orders", echoed)
    return Result(body, headers=headers)


async def _get(call: Call) -> Result:
    await call.desk.spend(order_listing_seconds(1, call.query.get("_fields")))
    order = call.store.orders.get(int(call.place["id"]))
    if order is None:
        raise unknown_order(404)
    return _single(call, order)


async def _create(call: Call) -> Result:
    params = _sanitized(call.params)
    await call.desk.spend(order_create_seconds(params.get("status")))
    order = create_order(call.store, params)
    result = _single(call, order)
    result.status = 201
    result.headers["Location"] = f"{call.root}wc/v3/orders/{order.id}"
    return result


async def _update(call: Call) -> Result:
    await call.desk.spend(UPDATE_SECONDS)
    return _single(call, update_order(call.store, int(call.place["id"]), _sanitized(call.params)))


async def _delete(call: Call) -> Result:
    await call.desk.spend(UPDATE_SECONDS)
    is_forced = truth(call.params.get("force"))
    order_id = int(call.place["id"])
    order = call.store.orders.get(order_id)
    if order is None:
        raise unknown_order(404)
    result = _single(call, order)
    delete_order(call.store, order_id, is_forced=is_forced)
    return result


async def _batch(call: Call) -> Result:
    """Answer 200 with results by position; the second and later ones may set their date of creation (§5.3)."""

    async def create(place: int, item: dict[str, Any]) -> dict[str, Any]:
        await call.desk.spend(order_create_seconds(item.get("status")))
        # Unreliable on a real store; here every second item is lucky.
        is_lucky = call.store.modes.hpos and place % 2 == 1
        return _linked(call, create_order(call.store, item, sets_created=is_lucky))

    async def update(order_id: int, item: dict[str, Any]) -> dict[str, Any]:
        await call.desk.spend(UPDATE_SECONDS)
        return _linked(call, update_order(call.store, order_id, item))

    async def delete(order_id: int) -> dict[str, Any]:
        await call.desk.spend(UPDATE_SECONDS)
        order = call.store.orders.get(order_id)
        if order is None:
            raise unknown_order(404)
        view = _linked(call, order)
        delete_order(call.store, order_id, is_forced=True)
        return view

    return Result(await run_batch(call.params, create, update, delete))


def _sanitized(params: dict[str, Any]) -> dict[str, Any]:
    """Return a single request's fields as the schema casts them: a text for `set_paid` is a boolean (§5.2)."""
    return {**params, "set_paid": truth(params["set_paid"])} if "set_paid" in params else params


def _single(call: Call, order: Order) -> Result:
    return Result(shown_order(call, order), links=order_links(call, order))


def _linked(call: Call, order: Order) -> dict[str, Any]:
    return {**shown_order(call, order), "_links": order_links(call, order)}
