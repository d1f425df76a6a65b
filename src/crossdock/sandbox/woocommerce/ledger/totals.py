"""Own the totals of an order: the sum of what stands in it, recomputed as WooCommerce recomputes (reference §5.5).

Knows no request, and no posted total: those are ignored long before.
"""

from decimal import Decimal

from crossdock.sandbox.woocommerce.amounts import decimal, rounded
from crossdock.sandbox.woocommerce.ledger.book import OrderBook
from crossdock.sandbox.woocommerce.ledger.order import Order
from crossdock.sandbox.woocommerce.ledger.taxes import TaxRules, calculate_taxes


def calculate_totals(order: Order, rules: TaxRules, book: OrderBook) -> None:
    """Sum an order up anew, taxes included; a negative fee is clipped so that nothing falls below zero."""
    places = rules.places
    cart = sum((rounded(decimal(line.total), places) for line in order.lines), Decimal(0))
    subtotal = sum((rounded(decimal(line.subtotal), places) for line in order.lines), Decimal(0))
    shipping = sum((rounded(decimal(line.total), places) for line in order.shipping_lines), Decimal(0))
    fees = Decimal(0)
    for fee in order.fees:
        lowest = -rounded(cart + fees + shipping, places)
        if decimal(fee.total) < lowest < 0:
            fee.total = str(lowest)
        fees += decimal(fee.total)
    calculate_taxes(order, rules, iter(book.next_item_id, 0))
    order.shipping_total = str(shipping)
    order.discount_total = str(subtotal - cart)
    order.discount_tax = str(rounded(_discounted_tax(order), places))
    whole = cart + fees + shipping + decimal(order.cart_tax) + decimal(order.shipping_tax)
    order.total = str(rounded(whole, places))


def _discounted_tax(order: Order) -> Decimal:
    shares = [share for line in order.lines for share in line.taxes]
    return sum((decimal(share.subtotal or 0) - decimal(share.total) for share in shares), Decimal(0))
