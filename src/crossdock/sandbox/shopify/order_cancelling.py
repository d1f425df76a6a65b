"""orderCancel: a job that cancels later, once. Must not know other mutations.

Source: reference §4.6. Nothing of the order changes before the job is done.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from crossdock.sandbox.shopify.context import Info
from crossdock.sandbox.shopify.order_events import Refund, Transaction
from crossdock.sandbox.shopify.order_mutations import NO_ORDER, Payload, order_of, order_request
from crossdock.sandbox.shopify.order_records import Order
from crossdock.sandbox.shopify.order_status import derive_financial_status
from crossdock.sandbox.shopify.records import UserError, Wire, gid
from crossdock.sandbox.shopify.store import ShopifyStore

MAX_STAFF_NOTE: Final = 255
_UNPAID: Final = frozenset({None, "PENDING", "AUTHORIZED", "EXPIRED"})


def cancel(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve orderCancel."""
    request = order_request(info)
    store, order = request.store, order_of(request, args["orderId"])
    if order is None:
        return _refused(UserError(["orderId"], NO_ORDER, "NOT_FOUND"))
    if args.get("refund") is not None and args.get("refundMethod") is not None:
        message = "Only one of the arguments `refund` or `refund_method` is allowed."
        return _refused(UserError(["refund"], message, "INVALID"))
    if len(args.get("staffNote") or "") > MAX_STAFF_NOTE:
        message = f"Staff note is too long. Maximum length is {MAX_STAFF_NOTE} characters."
        return _refused(UserError(["staffNote"], message, "INVALID"))
    if order.cancelled_at is not None:
        message = "Cannot cancel an order that has already been canceled"
        return _refused(UserError(["orderId"], message, "INVALID"))
    if store.jobs.is_at_work(order.id_number):
        return _refused(UserError(["orderId"], "Cancellation is already in progress", "INVALID"))
    due_at = store.exact_now() + timedelta(seconds=store.behaviour.job_seconds)
    job = store.jobs.start(order.id_number, due_at, lambda: _carry_out(store, order.id_number, args))
    result = {"id": gid("OrderCancelJobResult", order.id_number), "done": False, "status": "STARTED"}
    return {"job": job, "jobResult": result, "orderCancelUserErrors": [], "userErrors": []}


def _refused(error: UserError) -> Payload:
    return {"job": None, "jobResult": None, "orderCancelUserErrors": [error], "userErrors": [error]}


def _carry_out(store: ShopifyStore, number: int, args: Mapping[str, Wire]) -> None:
    order = store.orders.get(number)
    if order is None:
        return
    now = store.now()
    method: Mapping[str, Wire] = args.get("refundMethod") or {}
    if (args.get("refund") or method.get("originalPaymentMethodsRefund")) and order.net_payment_set:
        order = _pay_back(store, order)
        order = replace(order, financial_status=derive_financial_status(order))
    elif order.financial_status in _UNPAID:
        order = replace(order, financial_status="VOIDED")
    if args["restock"]:
        for line in order.lines:
            store.change_stock(line.variant_number, line.current_quantity)
    store.counters.mails += bool(args.get("notifyCustomer")) and order.email is not None
    store.save_order(replace(order, cancelled_at=now, cancel_reason=args["reason"], updated_at=now))


def _pay_back(store: ShopifyStore, order: Order) -> Order:
    """Give back what is left of every payment, through the gateway that took it."""
    now, made = store.now(), list[Transaction]()
    left = order.net_payment_set
    for paid in order.transactions_made:
        if paid.kind in {"SALE", "CAPTURE"} and paid.status == "SUCCESS" and left:
            amount = paid.amount_set if paid.amount_set.shop <= left.shop else left
            left -= amount
            store.book_money(paid.gateway, amount)
            made.append(
                replace(
                    paid,
                    number=store.next_number(),
                    kind="REFUND",
                    amount_set=amount,
                    created_at=now,
                    processed_at=now,
                    parent_number=paid.number,
                )
            )
    numbers = tuple(one.number for one in made)
    refund = Refund(store.next_number(), order.id_number, now, now, order.net_payment_set, "Canceled", (), numbers)
    return replace(
        order,
        transactions_made=(*order.transactions_made, *made),
        refunds_made=(*order.refunds_made, refund),
    )
