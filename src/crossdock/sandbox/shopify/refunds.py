"""refundCreate: what may be given back, once per key, and the money that a real gateway moves. Must not know drafts.

Source: reference §4.5 (`@idempotent`) and §4.6 (recorded messages). Amounts are in the customer's currency.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

import msgspec
from graphql import StringValueNode, VariableNode

from crossdock.sandbox.shopify.context import Info
from crossdock.sandbox.shopify.errors import bad_request, invalid_id
from crossdock.sandbox.shopify.money_bag import MoneyBag, add_up
from crossdock.sandbox.shopify.order_amounts import OrderRefusedError
from crossdock.sandbox.shopify.order_events import Refund, RefundLine, Transaction
from crossdock.sandbox.shopify.order_mutations import NO_ORDER, Payload, order_of, order_request
from crossdock.sandbox.shopify.order_records import Order
from crossdock.sandbox.shopify.order_seeding import build_refund_line
from crossdock.sandbox.shopify.order_status import settle
from crossdock.sandbox.shopify.records import UserError, Wire, parse_gid
from crossdock.sandbox.shopify.store import ShopifyStore

_NO_KEY: Final = "The @idempotent directive is required for this mutation but was not provided."
_NO_PARENT: Final = "Transactions require a parent_id associated with the order"
_RESTOCKING: Final = frozenset({"RETURN", "CANCEL"})


def create_refund(_source: object, info: Info, **args: Wire) -> Payload:
    """Resolve refundCreate: a key that made a refund answers that refund again."""
    key = _key(info)
    if key is None:
        raise bad_request(_NO_KEY)
    request, given = order_request(info), args["input"]
    store, order = request.store, order_of(request, given["orderId"])
    if order is None:
        return {"refund": None, "order": None, "userErrors": [UserError(["orderId"], NO_ORDER)]}
    parameters = msgspec.json.encode(given, enc_hook=str, order="deterministic").decode()
    known = store.refund_keys.find(key, parameters, store.exact_now())
    if known is not None:
        made = next((refund for refund in order.refunds_made if refund.number == known[1]), None)
        return {"refund": made, "order": order, "userErrors": []}
    try:
        order, refund = _refund(store, order, given)
    except OrderRefusedError as refused:
        return {"refund": None, "order": order, "userErrors": refused.errors}
    store.refund_keys.keep(key, parameters, store.exact_now(), (order.id_number, refund.number))
    store.counters.mails += bool(given.get("notify")) and order.email is not None
    return {"refund": refund, "order": order, "userErrors": []}


def _key(info: Info) -> str | None:
    """Answer the key of the directive on the field; on the operation it doesn't count."""
    for node in info.field_nodes:
        for directive in node.directives or ():
            if directive.name.value == "idempotent" and directive.arguments:
                value = directive.arguments[0].value
                if isinstance(value, VariableNode):
                    return str(info.variable_values.coerced.get(value.name.value))
                return value.value if isinstance(value, StringValueNode) else None
    return None


def _refund(store: ShopifyStore, order: Order, given: Mapping[str, Wire]) -> tuple[Order, Refund]:
    currency = given.get("currency")
    if currency not in {None, order.presentment_currency_code}:
        text = f"Currency must be the presentment currency of the order, {order.presentment_currency_code}"
        raise OrderRefusedError([UserError(["currency"], text)])
    now = store.now()
    rows = _lines(store, order, given)
    made = _transactions(store, order, given)
    total = add_up((one.amount_set for one in made), order.zero)
    net = order.net_payment_set
    if total.presentment > net.presentment:
        text = f"Refund amount ${total.presentment:.2f} is greater than net payment received ${net.presentment:.2f}"
        raise OrderRefusedError([UserError(None, text)])
    refund = Refund(
        store.next_number(),
        order.id_number,
        now,
        given.get("processedAt") or now,
        total,
        given.get("note"),
        rows,
        tuple(one.number for one in made),
        _shipping(order, given),
    )
    for one in made:
        store.book_money(one.gateway, one.amount_set)
    for row in rows:
        line = order.line(row.line_number)
        if row.restocked and line is not None:
            store.change_stock(line.variant_number, row.quantity)
    changed = replace(
        order,
        lines=_without(order, rows),
        transactions_made=(*order.transactions_made, *made),
        refunds_made=(*order.refunds_made, refund),
        updated_at=now,
    )
    return store.save_order(settle(changed) if made else changed), refund


def _lines(store: ShopifyStore, order: Order, given: Mapping[str, Wire]) -> tuple[RefundLine, ...]:
    rows: list[RefundLine] = []
    left = {line.number: line.current_quantity for line in order.lines}
    for index, one in enumerate(given.get("refundLineItems") or ()):
        number = parse_gid(one["lineItemId"], "LineItem")
        if number is None:
            raise invalid_id(one["lineItemId"])
        line, path = order.line(number), ["refundLineItems", str(index)]
        if line is None:
            raise OrderRefusedError([UserError([*path, "lineItemId"], "Line item does not exist")])
        left[number] -= one["quantity"]
        if one["quantity"] < 1 or left[number] < 0:
            text = "Quantity cannot refund more items than were purchased"
            raise OrderRefusedError([UserError([*path, "quantity"], text)])
        kind = one.get("restockType") or "NO_RESTOCK"
        if kind in _RESTOCKING and one.get("locationId") is None:
            raise OrderRefusedError([UserError([*path, "locationId"], "Location is required to restock")])
        rows.append(build_refund_line(store.next_number(), order.id_number, line, one["quantity"], kind))
    return tuple(rows)


def _transactions(store: ShopifyStore, order: Order, given: Mapping[str, Wire]) -> tuple[Transaction, ...]:
    now, at = store.now(), given.get("processedAt")
    made: list[Transaction] = []
    for one in given.get("transactions") or ():
        if one["kind"] != "REFUND":
            text = f"Kind {one['kind'].lower()} is not a valid transaction"
            raise OrderRefusedError([UserError(None, text)])
        parent = order.transaction(parse_gid(one.get("parentId") or "", "OrderTransaction"))
        if parent is None or parent.kind not in {"SALE", "CAPTURE"} or one["orderId"] != order.id:
            raise OrderRefusedError([UserError(["transactions"], _NO_PARENT)])
        amount = _in_both(order, one["amount"])
        number, gateway = store.next_number(), one["gateway"]
        is_real = store.is_real_gateway(gateway)
        made.append(
            Transaction(
                number,
                order.id_number,
                "REFUND",
                "SUCCESS",
                gateway,
                amount,
                now,
                at or now,
                parent.number,
                is_real=is_real,
            )
        )
    return tuple(made)


def _in_both(order: Order, amount: Decimal) -> MoneyBag:
    """Read an amount of the customer's currency; the shop's follows the order's own rate."""
    total = order.total_received_set
    if order.currency_code == order.presentment_currency_code or not total.presentment:
        return order.zero.of(amount)
    return order.zero.of(amount * total.shop / total.presentment, amount)


def _shipping(order: Order, given: Mapping[str, Wire]) -> MoneyBag | None:
    wanted: Mapping[str, Wire] | None = given.get("shipping")
    if not wanted:
        return None
    left = order.current_shipping_price_set
    if wanted.get("fullRefund"):
        return left
    amount = _in_both(order, wanted.get("amount") or Decimal(0))
    return amount if amount.shop <= left.shop else left


def _without(order: Order, rows: tuple[RefundLine, ...]) -> tuple[Wire, ...]:
    given_back: dict[int, int] = {}
    for row in rows:
        given_back[row.line_number] = given_back.get(row.line_number, 0) + row.quantity
    return tuple(
        replace(line, current_quantity=line.current_quantity - given_back.get(line.number, 0)) for line in order.lines
    )
