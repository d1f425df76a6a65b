"""Own the rules for refunding an order: amount, gateway, restock, and what becomes of the order (reference §5.8).

Knows no HTTP, but the store's odd errors: their data is a bare number, so that WordPress answers 500 to all of them.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crossdock.sandbox.woocommerce.amounts import decimal
from crossdock.sandbox.woocommerce.errors import RestError
from crossdock.sandbox.woocommerce.ledger.meta import upsert
from crossdock.sandbox.woocommerce.ledger.order import Order, Refund
from crossdock.sandbox.woocommerce.orders.refund_ledger import Asked, enter_refund, remaining, tell_refund
from crossdock.sandbox.woocommerce.orders.stock import note, restock_line
from crossdock.sandbox.woocommerce.orders.transitions import change_status, run_effects
from crossdock.sandbox.woocommerce.php import objects, php_string
from crossdock.sandbox.woocommerce.store import WooStore
from crossdock.sandbox.woocommerce.validation import truth

_OFFLINE_GATEWAYS = frozenset({"bacs", "cheque", "cod"})


class BareDataError(RestError):
    """An error whose data is a number and no object, which is why its status is 500 whatever the number says."""

    def __init__(self, code: str, message: str, number: int) -> None:
        super().__init__(code, message, 500)
        self.number = number

    def body(self) -> dict[str, Any]:
        """Return the error as WordPress words it."""
        return {"code": self.code, "message": self.message, "data": self.number}


def refund_order(store: WooStore, order_id: int, params: Mapping[str, Any]) -> Refund:
    """Refund an order and return the refund; raises BareDataError.

    A missing amount is that of the lines, and without lines nothing: a refund of 0.00, which is mailed too.
    """
    order = store.orders.get(order_id)
    if order is None:
        raise BareDataError("woocommerce_rest_invalid_order_id", "Invalid order ID.", 404)
    asked = _asked_lines(params.get("line_items"))
    amount = decimal(params["amount"]) if params.get("amount") is not None else _amount_of(asked)
    if amount < 0:
        message = "Refund amount must be greater than zero."
        raise BareDataError("woocommerce_rest_invalid_order_refund", message, 400)
    left = remaining(store, order)
    if amount > left:
        raise _cannot("Invalid refund amount.")
    pays = truth(params.get("api_refund", True))
    if pays:
        _check_gateway(store, order)
    refund = enter_refund(store, order, amount, php_string(params.get("reason")), asked)
    refund.refunded_payment = pays
    _write_meta(store, refund, params.get("meta_data"))
    store.orders.put_refund(refund)
    if pays:
        store.money[order.payment_method] = store.money.get(order.payment_method, Decimal(0)) + amount
    if truth(params.get("api_restock", True)):
        _restock(store, order, asked)
    order.modified_at = store.now_seconds()
    store.orders.put(order)
    tell_refund(store, order)
    if left - amount <= 0:
        change = change_status(store, order, "refunded")
        store.orders.put(order)
        run_effects(store, order, change)
    return refund


def _cannot(message: str) -> BareDataError:
    return BareDataError("woocommerce_rest_cannot_create_order_refund", message, 500)


def _check_gateway(store: WooStore, order: Order) -> None:
    """Refuse to move money where no gateway can; raises BareDataError."""
    if order.payment_method in store.gateways:
        return
    if order.payment_method in _OFFLINE_GATEWAYS:
        raise _cannot("The payment gateway for this order does not support automatic refunds.")
    raise _cannot("The payment gateway for this order does not exist.")


def _asked_lines(given: object) -> dict[int, Asked]:
    return {int(decimal(row["id"])): row for row in objects(given) if row.get("id")}


def _amount_of(asked: Mapping[int, Asked]) -> Decimal:
    """Return what the asked lines sum up to; nothing, where one of them doesn't say its total."""
    amount = Decimal(0)
    for row in asked.values():
        if row.get("refund_total") is None:
            return Decimal(0)
        amount += decimal(row["refund_total"])
        amount += sum((decimal(tax.get("refund_total")) for tax in objects(row.get("refund_tax"))), Decimal(0))
    return amount


def _restock(store: WooStore, order: Order, asked: Mapping[int, Asked]) -> None:
    """Put refunded pieces back: only those of lines that once took them from stock."""
    for line in order.lines:
        quantity = int(decimal(asked[line.id].get("quantity") or 0)) if line.id in asked else 0
        for change in restock_line(store, line, quantity) if quantity > 0 else ():
            note(store, order, f"Item #{line.product_id} stock increased: {change}.")


def _write_meta(store: WooStore, refund: Refund, given: object) -> None:
    for row in objects(given):
        if "key" in row:
            upsert(refund.meta, row.get("id"), php_string(row["key"]), row.get("value"), store.orders.next_meta_id)
