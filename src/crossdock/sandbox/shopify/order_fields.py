"""The fields of orders and drafts that need more than the record: other records, the store, or arguments.

Must not know queries or mutations. Source: reference §4.7 and §6.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from crossdock.sandbox.shopify.catalogue import Product, Variant
from crossdock.sandbox.shopify.context import Info, request_of
from crossdock.sandbox.shopify.draft_records import DraftLine, DraftOrder
from crossdock.sandbox.shopify.money_bag import MoneyBag, no_money
from crossdock.sandbox.shopify.order_events import Fulfillment, Refund, RefundLine, Transaction
from crossdock.sandbox.shopify.order_parts import Allocation, Discount, OrderLine, ShippingLine
from crossdock.sandbox.shopify.order_records import Order
from crossdock.sandbox.shopify.paging import connect_list
from crossdock.sandbox.shopify.records import Customer, Wire

Line = OrderLine | DraftLine


def _cut(rows: Sequence[Wire], args: Mapping[str, Wire]) -> list[Wire]:
    first = args.get("first")
    return list(rows if first is None else rows[:first])


def _customer(source: Order | DraftOrder, info: Info, **_args: Wire) -> Customer | None:
    if source.customer_number is None:
        return None
    return request_of(info, "read_customers", protects="Customer").store.customers.get(source.customer_number)


def _variant(source: Line, info: Info, **_args: Wire) -> Variant | None:
    if source.variant_number is None:
        return None
    return request_of(info, "read_products").store.catalogue.variants.get(source.variant_number)


def _product(source: Line, info: Info, **_args: Wire) -> Product | None:
    if source.product_number is None:
        return None
    return request_of(info, "read_products").store.catalogue.products.get(source.product_number)


def _owner(source: Transaction | Refund | Fulfillment, info: Info, **_args: Wire) -> Order | None:
    return request_of(info).store.orders.get(source.order_number)


def _status_page(source: Order, info: Info, **_args: Wire) -> str:
    store = request_of(info).store
    return f"https://{store.domain}/{store.number}/orders/{source.id_number:032x}/authenticate?key={source.number:x}"


def _parent(source: Transaction, info: Info, **_args: Wire) -> Transaction | None:
    order = request_of(info).store.orders.get(source.order_number)
    return None if order is None else order.transaction(source.parent_number)


def _refunded_line(source: RefundLine, info: Info, **_args: Wire) -> OrderLine | None:
    order = request_of(info).store.orders.get(source.order_number)
    return None if order is None else order.line(source.line_number)


def _refund_transactions(source: Refund, info: Info, **args: Wire) -> dict[str, Wire]:
    order = request_of(info).store.orders.get(source.order_number)
    found = [] if order is None else [order.transaction(number) for number in source.transaction_numbers]
    return connect_list(found, args)


def _refund_shipping(source: Refund, info: Info, **args: Wire) -> dict[str, Wire]:
    order = request_of(info).store.orders.get(source.order_number)
    if source.shipping is None or order is None or order.shipping_line is None:
        return connect_list([], args)
    row = {
        "id": f"gid://shopify/RefundShippingLine/{source.number}",
        "shippingLine": order.shipping_line,
        "subtotalAmountSet": source.shipping,
        "taxAmountSet": no_money(order.currency_code, order.presentment_currency_code),
    }
    return connect_list([row], args)


def _discounts(source: Order, _info: Info, **args: Wire) -> dict[str, Wire]:
    parts: list[Allocation] = []
    for line in (*source.lines, *source.shipping):
        parts.extend(line.discount_allocations)
    found: dict[tuple[int, str], Discount] = {}
    for part in parts:
        one = part.discount_application
        found.setdefault((one.index, one.target_type), one)
    return connect_list([found[key] for key in sorted(found)], args)


def _discounted_total(source: OrderLine, _info: Info, **args: Wire) -> MoneyBag:
    if args.get("withCodeDiscounts"):
        return source.final_total
    return source.original_total_set - source.total_discount_set


def _ready(source: DraftOrder, info: Info, **_args: Wire) -> bool:
    return request_of(info).store.exact_now() >= source.ready_at


def _draft_order(source: DraftOrder, info: Info, **_args: Wire) -> Order | None:
    return request_of(info).store.orders.get(source.order_number)


def _tracking(source: Fulfillment, _info: Info, **args: Wire) -> list[Wire]:
    return _cut(source.tracking, args)


def _transactions(source: Order, _info: Info, **args: Wire) -> list[Wire]:
    return _cut(source.transactions_made, args)


def _refunds(source: Order, _info: Info, **args: Wire) -> list[Wire]:
    return _cut(source.refunds_made, args)


def _fulfillments(source: Order, _info: Info, **args: Wire) -> list[Wire]:
    return _cut(source.fulfillments_made, args)


def _tax_lines(source: OrderLine, _info: Info, **args: Wire) -> list[Wire]:
    return _cut(source.tax_lines, args)


def _refund_lines(source: Refund, _info: Info, **args: Wire) -> dict[str, Wire]:
    return connect_list(source.lines, args)


def _order_lines(source: Order | DraftOrder, _info: Info, **args: Wire) -> dict[str, Wire]:
    return connect_list(source.lines, args)


def _shipping_lines(source: Order, _info: Info, **args: Wire) -> dict[str, Wire]:
    rows: Sequence[ShippingLine] = source.shipping
    return connect_list(rows, args)


ORDER_FIELDS: Final[Mapping[tuple[str, str], Callable[..., Wire]]] = {
    ("Order", "customer"): _customer,
    ("Order", "lineItems"): _order_lines,
    ("Order", "shippingLines"): _shipping_lines,
    ("Order", "discountApplications"): _discounts,
    ("Order", "transactions"): _transactions,
    ("Order", "refunds"): _refunds,
    ("Order", "fulfillments"): _fulfillments,
    ("Order", "statusPageUrl"): _status_page,
    ("LineItem", "variant"): _variant,
    ("LineItem", "product"): _product,
    ("LineItem", "taxLines"): _tax_lines,
    ("LineItem", "discountedTotalSet"): _discounted_total,
    ("OrderTransaction", "order"): _owner,
    ("OrderTransaction", "parentTransaction"): _parent,
    ("Refund", "order"): _owner,
    ("Refund", "refundLineItems"): _refund_lines,
    ("Refund", "refundShippingLines"): _refund_shipping,
    ("Refund", "transactions"): _refund_transactions,
    ("RefundLineItem", "lineItem"): _refunded_line,
    ("Fulfillment", "order"): _owner,
    ("Fulfillment", "trackingInfo"): _tracking,
    ("DraftOrder", "customer"): _customer,
    ("DraftOrder", "lineItems"): _order_lines,
    ("DraftOrder", "ready"): _ready,
    ("DraftOrder", "order"): _draft_order,
    ("DraftOrderLineItem", "variant"): _variant,
    ("DraftOrderLineItem", "product"): _product,
}
