"""Own the routes of order notes, which have no pages and no date that can be set (reference §5.13)."""

from typing import Any

from crossdock.sandbox.woocommerce.errors import RestError
from crossdock.sandbox.woocommerce.ledger.order import Note
from crossdock.sandbox.woocommerce.orders.routes import CREATE_ORDER, DELETE_ORDER, LIST_ORDERS, VIEW_ORDER
from crossdock.sandbox.woocommerce.orders.showing import child_links
from crossdock.sandbox.woocommerce.orders.views import note_view
from crossdock.sandbox.woocommerce.php import php_string
from crossdock.sandbox.woocommerce.routing import Call, Endpoint, RestRoute, Result, route
from crossdock.sandbox.woocommerce.validation import require, truth

_KINDS = {"customer": (True,), "internal": (False,)}


def note_routes() -> list[RestRoute]:
    """Return the routes of notes."""
    base = r"/wc/v3/orders/(?P<order>\d+)/notes"
    return [
        route(base, get=Endpoint(LIST_ORDERS, _list), post=Endpoint(CREATE_ORDER, _create, _check)),
        route(rf"{base}/(?P<id>\d+)", get=Endpoint(VIEW_ORDER, _get), delete=Endpoint(DELETE_ORDER, _delete)),
    ]


def _check(call: Call) -> None:
    require(call.params, ["note"])


async def _list(call: Call) -> Result:
    order_id = _order_id(call)
    kinds = _KINDS.get(str(call.params.get("type", "any")), (True, False))
    notes = [note for note in call.store.orders.notes(order_id) if note.for_customer in kinds]
    return Result([{**_view(call, note), "_links": _links(call, note)} for note in notes])


async def _get(call: Call) -> Result:
    note = _note(call)
    return Result(_view(call, note), links=_links(call, note))


async def _create(call: Call) -> Result:
    store, order_id = call.store, _order_id(call)
    for_customer = truth(call.params.get("customer_note"))
    author = "admin" if truth(call.params.get("added_by_user")) else "WooCommerce"
    note = Note(0, store.now_seconds(), php_string(call.params["note"]), author, for_customer)
    store.orders.add_note(order_id, note)
    if for_customer:
        store.mail_buyer("customer_note", order_id, f"Note added to your {store.name} order")
    location = f"{call.root}wc/v3/orders/{order_id}/notes/{note.id}"
    return Result(_view(call, note), 201, {"Location": location}, _links(call, note))


async def _delete(call: Call) -> Result:
    note = _note(call)
    if not truth(call.params.get("force")):
        raise RestError("woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.", 501)
    call.store.orders.remove_note(_order_id(call), note)
    return Result(_view(call, note), links=_links(call, note))


def _order_id(call: Call) -> int:
    order_id = int(call.place["order"])
    if not call.store.orders.has(order_id):
        raise RestError("woocommerce_rest_order_invalid_id", "Invalid order ID.", 404)
    return order_id


def _note(call: Call) -> Note:
    note_id = int(call.place["id"])
    found = next((note for note in call.store.orders.notes(_order_id(call)) if note.id == note_id), None)
    if found is None:
        raise RestError("woocommerce_rest_invalid_id", "Invalid resource ID.", 404)
    return found


def _view(call: Call, note: Note) -> dict[str, Any]:
    return note_view(note, call.store.zone)


def _links(call: Call, note: Note) -> dict[str, Any]:
    return child_links(call, int(call.place["order"]), "notes", note.id)
