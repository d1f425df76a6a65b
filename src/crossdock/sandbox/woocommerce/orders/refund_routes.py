"""Own the refund routes: those of one order and the list of all (reference §5.8).

What a refund does is ruled in `refunding`. There is no way to change a refund.
"""

import math
from typing import Any

from crossdock.sandbox.woocommerce.errors import RestError
from crossdock.sandbox.woocommerce.ledger.order import Refund
from crossdock.sandbox.woocommerce.orders.listing import page_bounds, page_headers, parse_bound
from crossdock.sandbox.woocommerce.orders.refunding import BareDataError, refund_order
from crossdock.sandbox.woocommerce.orders.routes import CREATE_ORDER, DELETE_ORDER, LIST_ORDERS, VIEW_ORDER
from crossdock.sandbox.woocommerce.orders.showing import child_links, shown_refund
from crossdock.sandbox.woocommerce.orders.validation import check_product_listing, check_refund_body
from crossdock.sandbox.woocommerce.routing import Call, Endpoint, RestRoute, Result, route
from crossdock.sandbox.woocommerce.service import UPDATE_SECONDS, order_listing_seconds
from crossdock.sandbox.woocommerce.validation import id_texts, truth

# The route's own pattern instead of the order's id: WooCommerce forgets to fill it in.
_BROKEN_PLACE = r"wc/v3/orders/(?P<order_id>[\d]+)/refunds"


def refund_routes() -> list[RestRoute]:
    """Return the routes of refunds."""
    base = r"/wc/v3/orders/(?P<order>\d+)/refunds"
    return [
        route(base, get=Endpoint(LIST_ORDERS, _list, _check_listing), post=Endpoint(CREATE_ORDER, _create, _check)),
        route(rf"{base}/(?P<id>\d+)", get=Endpoint(VIEW_ORDER, _get), delete=Endpoint(DELETE_ORDER, _delete)),
        route("/wc/v3/refunds", get=Endpoint(LIST_ORDERS, _list_all, _check_listing)),
    ]


def _check(call: Call) -> None:
    check_refund_body(call.params)


def _check_listing(call: Call) -> None:
    check_product_listing(call.params)


async def _list(call: Call) -> Result:
    refunds = call.store.orders.refunds_of(int(call.place["order"]))
    return await _page(call, refunds, names_parent=False)


async def _list_all(call: Call) -> Result:
    book = call.store.orders
    refunds = [refund for one in book.refund_ids() if (refund := book.refund(one)) is not None]
    return await _page(call, refunds, names_parent=True)


async def _page(call: Call, refunds: list[Refund], *, names_parent: bool) -> Result:
    chosen = _chosen(call, refunds)
    start, per_page, number = page_bounds(call.params)
    cut = chosen[start : start + per_page]
    await call.desk.spend(order_listing_seconds(len(cut), call.query.get("_fields")))
    total = 0 if call.store.modes.hpos and not cut else len(chosen)
    echoed = {"dp": call.store.options.decimals(), "context": "view", **call.query}
    address = call.root.rstrip("/") + call.route
    headers = page_headers(total, number, math.ceil(total / per_page), address, echoed)
    return Result([_linked(call, refund, names_parent=names_parent) for refund in cut], headers=headers)


def _chosen(call: Call, refunds: list[Refund]) -> list[Refund]:
    """Return the refunds that the parameters ask for, in the order that they ask for."""
    params, zone = call.params, call.store.zone
    include = {int(text) for text in id_texts(params.get("include"))}
    exclude = {int(text) for text in id_texts(params.get("exclude"))}
    are_gmt = truth(params.get("dates_are_gmt"))
    chosen = [one for one in refunds if (not include or one.id in include) and one.id not in exclude]
    if "after" in params:
        bound = parse_bound(str(params["after"]), zone, are_gmt=are_gmt)
        chosen = [one for one in chosen if one.created_at > bound]
    if "before" in params:
        bound = parse_bound(str(params["before"]), zone, are_gmt=are_gmt)
        chosen = [one for one in chosen if one.created_at < bound]
    descends = params.get("order", "desc") != "asc"
    if params.get("orderby") == "id":
        return sorted(chosen, key=lambda one: one.id, reverse=descends)
    return sorted(chosen, key=lambda one: (one.created_at, one.id), reverse=descends)


async def _get(call: Call) -> Result:
    refund = _refund(call)
    return Result(shown_refund(call, refund), links=_links(call, refund))


async def _create(call: Call) -> Result:
    await call.desk.spend(UPDATE_SECONDS)
    refund = refund_order(call.store, int(call.place["order"]), call.params)
    location = f"{call.root}{_BROKEN_PLACE}/{refund.id}"
    return Result(shown_refund(call, refund), 201, {"Location": location}, _links(call, refund))


async def _delete(call: Call) -> Result:
    refund = _refund(call)
    if not truth(call.params.get("force")):
        raise RestError("woocommerce_rest_trash_not_supported", "The shop_order_refund does not support trashing.", 501)
    call.store.orders.remove_refund(refund)
    return Result(shown_refund(call, refund), links=_links(call, refund))


def _refund(call: Call) -> Refund:
    order_id = int(call.place["order"])
    if not call.store.orders.has(order_id):
        raise BareDataError("woocommerce_rest_invalid_order_id", "Invalid order ID.", 404)
    refund = call.store.orders.refund(int(call.place["id"]))
    if refund is None or refund.order_id != order_id:
        raise BareDataError("woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.", 404)
    return refund


def _linked(call: Call, refund: Refund, *, names_parent: bool) -> dict[str, Any]:
    view = shown_refund(call, refund)
    if names_parent:
        view = {"id": view.pop("id"), "parent_id": refund.order_id, **view}
    return {**view, "_links": _links(call, refund)}


def _links(call: Call, refund: Refund) -> dict[str, Any]:
    return child_links(call, refund.order_id, "refunds", refund.id)
