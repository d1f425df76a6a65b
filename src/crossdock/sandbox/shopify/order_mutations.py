"""The order mutations but refunds and cancelling: who may, what they take, what they answer. Must not know the rules.

Source: reference §4.1 to §4.6, Admin API 2026-10.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from crossdock.sandbox.shopify.context import Info, Request, request_of
from crossdock.sandbox.shopify.errors import invalid_id
from crossdock.sandbox.shopify.order_amounts import OrderRefusedError
from crossdock.sandbox.shopify.order_events import Transaction
from crossdock.sandbox.shopify.order_input import create_order
from crossdock.sandbox.shopify.order_records import Order
from crossdock.sandbox.shopify.order_status import settle
from crossdock.sandbox.shopify.order_updating import update_order
from crossdock.sandbox.shopify.records import UserError, Wire, parse_gid

SCOPE: Final = "write_orders"
NO_ORDER: Final = "Order does not exist"
TOO_MANY: Final = "Too many attempts. Please try again later."
_CREATE_CODES: Final = frozenset(
    {
        "FULFILLMENT_SERVICE_INVALID",
        "INVALID",
        "INVENTORY_CLAIM_FAILED",
        "PROCESSED_AT_INVALID",
        "REDUNDANT_CUSTOMER_FIELDS",
        "TAX_LINE_RATE_MISSING",
    }
)

Payload = dict[str, Wire]


def order_request(info: Info) -> Request:
    """Answer the request of a mutation on orders, once its token may do this, and count it.

    Raises:
        ShopError: the scope is missing, or customer data isn't approved for the app.

    """
    request = request_of(info, SCOPE, protects="Order")
    request.store.counters.mutations += 1
    return request


def order_of(request: Request, text: str) -> Order | None:
    """Find the order of a global id, of any age: the window is one of reading.

    Raises:
        ShopError: the id is no order's.

    """
    number = parse_gid(text, "Order")
    if number is None:
        raise invalid_id(text)
    return request.store.orders.get(number)


def create(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve orderCreate; a development store takes five a minute and then refuses in the payload."""
    request = order_request(info)
    store = request.store
    options: Mapping[str, Wire] = args.get("options") or {}
    if not store.may_create_order():
        return {"order": None, "userErrors": [UserError(None, TOO_MANY)]}
    try:
        order = create_order(store, args["order"], options, request.token.app)
    except OrderRefusedError as refused:
        errors = [
            replace(error, code=error.code if error.code in _CREATE_CODES else "INVALID") for error in refused.errors
        ]
        return {"order": None, "userErrors": errors}
    fulfillment: Mapping[str, Wire] = args["order"].get("fulfillment") or {}
    is_told = bool(options.get("sendFulfillmentReceipt") or fulfillment.get("notifyCustomer"))
    if order.email is not None:
        store.counters.mails += bool(options.get("sendReceipt")) + (is_told and bool(fulfillment))
    return {"order": order, "userErrors": []}


def update(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve orderUpdate."""
    request, given = order_request(info), args["input"]
    order = order_of(request, given["id"])
    if order is None:
        return {"order": None, "userErrors": [UserError(["id"], NO_ORDER)]}
    try:
        return {"order": update_order(request.store, order, given), "userErrors": []}
    except OrderRefusedError as refused:
        return {"order": order, "userErrors": refused.errors}


def close(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve orderClose; a closed order stays as it is."""

    def change(request: Request, order: Order) -> Order:
        now = request.store.now()
        return order if order.closed else replace(order, closed_at=now, updated_at=now)

    return _change(info, args["input"]["id"], change)


def mark_as_paid(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve orderMarkAsPaid: what is outstanding is booked as a manual sale."""
    request = order_request(info)
    order = order_of(request, args["input"]["id"])
    if order is None:
        return {"order": None, "userErrors": [UserError(["id"], NO_ORDER)]}
    if not order.can_mark_as_paid:
        return {"order": order, "userErrors": [UserError(["id"], "Order cannot be marked as paid.")]}
    now, store = request.store.now(), request.store
    amount = order.total_price_set - order.total_received_set
    made = Transaction(store.next_number(), order.id_number, "SALE", "SUCCESS", "manual", amount, now, now)
    paid = settle(replace(order, transactions_made=(*order.transactions_made, made), updated_at=now))
    return {"order": store.save_order(paid), "userErrors": []}


def delete(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve orderDelete; an order that a real gateway was paid for stays. The stock isn't touched.

    The text of a refusal is not recorded anywhere (reference §10).
    """
    request = order_request(info)
    order = order_of(request, args["orderId"])
    if order is None:
        return {"deletedId": None, "userErrors": [UserError(["orderId"], NO_ORDER, "NOT_FOUND")]}
    if any(made.is_real and made.status == "SUCCESS" for made in order.transactions_made):
        message = "Order cannot be deleted because it was paid through a payment gateway"
        return {"deletedId": None, "userErrors": [UserError(["orderId"], message, "INVALID")]}
    request.store.orders.remove(order.id_number)
    return {"deletedId": order.id, "userErrors": []}


def set_customer(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve orderCustomerSet."""
    request = order_request(info)
    order = order_of(request, args["orderId"])
    number = parse_gid(args["customerId"], "Customer")
    if number is None:
        raise invalid_id(args["customerId"])
    if order is None:
        return {"order": None, "userErrors": [UserError(["orderId"], NO_ORDER, "NOT_FOUND")]}
    customer = request.store.customers.get(number)
    if customer is None:
        error = UserError(["customerId"], "Customer does not exist", "NOT_FOUND")
        return {"order": None, "userErrors": [error]}
    changed = replace(order, customer_number=customer.number, updated_at=request.store.now())
    return {"order": request.store.save_order(changed), "userErrors": []}


def _change(info: Info, text: str, change: Callable[[Request, Order], Order]) -> Payload:
    request = order_request(info)
    order = order_of(request, text)
    if order is None:
        return {"order": None, "userErrors": [UserError(["id"], NO_ORDER)]}
    return {"order": request.store.save_order(change(request, order)), "userErrors": []}
