"""Own how a refund is entered: its negative lines, its mail, and what an order has left to give back (reference §5.8).

Knows no request and no order status: who refunds decides what becomes of the order.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from crossdock.sandbox.woocommerce.amounts import decimal, plain, rounded
from crossdock.sandbox.woocommerce.ledger.order import (
    FeeLine,
    LineItem,
    MetaRow,
    Order,
    Refund,
    ShippingLine,
    TaxLine,
    TaxShare,
)
from crossdock.sandbox.woocommerce.orders.stock import note
from crossdock.sandbox.woocommerce.php import objects
from crossdock.sandbox.woocommerce.store import WooStore

Asked = Mapping[str, Any]
_Line = TypeVar("_Line", LineItem, ShippingLine, FeeLine)


def remaining(store: WooStore, order: Order) -> Decimal:
    """Return what an order has left to give back."""
    given = sum((decimal(one.amount) for one in store.orders.refunds_of(order.id)), Decimal(0))
    return rounded(decimal(order.total), store.options.decimals()) - given


def enter_refund(store: WooStore, order: Order, amount: Decimal, reason: str, asked: Mapping[int, Asked]) -> Refund:
    """Enter a refund with a negative copy of each asked line, and return it; unknown line ids are ignored."""
    refund = Refund(
        id=store.orders.next_id(),
        order_id=order.id,
        created_at=store.now_seconds(),
        amount=str(amount),
        reason=reason,
    )
    refund.lines = _copies(store, order.lines, asked)
    refund.shipping_lines = _copies(store, order.shipping_lines, asked)
    refund.fees = _copies(store, order.fees, asked)
    refund.taxes = _tax_lines(store, order, refund)
    store.orders.put_refund(refund)
    store.counters["refunds created"] += 1
    return refund


def tell_refund(store: WooStore, order: Order) -> None:
    """Mail the buyer about a refund, whole or in part: both go by the same switch."""
    store.mail_buyer("customer_refunded_order", order.id, f"Your {store.name} order #{order.id} has been refunded")


def refund_the_rest(store: WooStore, order: Order) -> None:
    """Enter a refund over all that is left, as a store does when an order is set to refunded (§5.7)."""
    left = remaining(store, order)
    if not left:
        return
    enter_refund(store, order, left, "Order fully refunded.", {})
    tell_refund(store, order)
    text = "Order status set to refunded. To return funds to the customer you will need to issue a refund through your"
    note(store, order, f"{text} payment gateway.")


def _copies(store: WooStore, lines: list[_Line], asked: Mapping[int, Asked]) -> list[_Line]:
    copies: list[_Line] = []
    for line in lines:
        given = asked.get(line.id)
        if given is None or not (given.get("quantity") or given.get("refund_total") or given.get("refund_tax")):
            continue
        taxes = _asked_taxes(given.get("refund_tax"))
        total = plain(-abs(decimal(given.get("refund_total"))))
        copy = type(line)(id=store.orders.next_item_id())
        for name in ("name", "product_id", "variation_id", "tax_class", "tax_status", "method_title", "method_id"):
            if hasattr(copy, name):
                setattr(copy, name, getattr(line, name))
        copy.total = total
        copy.total_tax = str(sum((decimal(share.total) for share in taxes), Decimal(0)))
        copy.taxes = taxes
        if isinstance(copy, LineItem):
            copy.quantity = -int(decimal(given.get("quantity") or 0))
            copy.subtotal, copy.subtotal_tax = total, copy.total_tax
        copy.meta = [MetaRow(store.orders.next_meta_id(), "_refunded_item_id", str(line.id))]
        copies.append(copy)
    return copies


def _asked_taxes(given: object) -> list[TaxShare]:
    taxes = ((int(decimal(row.get("id"))), plain(-abs(decimal(row.get("refund_total"))))) for row in objects(given))
    return [TaxShare(rate_id, tax, tax) for rate_id, tax in taxes]


def _tax_lines(store: WooStore, order: Order, refund: Refund) -> list[TaxLine]:
    """Return the tax lines of a refund: what each rate of the order gives back."""
    lines: list[TaxLine] = []
    for tax in order.taxes:
        cart = _of_rate(tax.rate_id, [*refund.lines, *refund.fees])
        shipping = _of_rate(tax.rate_id, refund.shipping_lines)
        if cart or shipping:
            lines.append(
                TaxLine(
                    id=store.orders.next_item_id(),
                    rate_code=tax.rate_code,
                    rate_id=tax.rate_id,
                    label=tax.label,
                    compound=tax.compound,
                    tax_total=str(cart),
                    shipping_tax_total=str(shipping),
                    rate_percent=tax.rate_percent,
                ),
            )
    return lines


def _of_rate(rate_id: int, lines: list[LineItem | FeeLine] | list[ShippingLine]) -> Decimal:
    return sum((decimal(one.total) for line in lines for one in line.taxes if one.rate_id == rate_id), Decimal(0))
