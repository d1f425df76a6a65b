"""Own a store's coupons: whether one may be applied to an order, and what it takes off each line (reference §5.6).

Knows no request shape beyond the codes asked for. Posted discounts are never looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from crossdock.sandbox.woocommerce.amounts import decimal, plain, rounded
from crossdock.sandbox.woocommerce.errors import RestError
from crossdock.sandbox.woocommerce.ledger.book import OrderBook
from crossdock.sandbox.woocommerce.ledger.order import CouponLine, LineItem, MetaRow, Order
from crossdock.sandbox.woocommerce.ledger.taxes import TaxRules
from crossdock.sandbox.woocommerce.ledger.totals import calculate_totals
from crossdock.sandbox.woocommerce.php import fields, items, php_string

_INVALID = "woocommerce_rest_invalid_coupon"


@dataclass(slots=True)
class Coupon:
    """A coupon; `kind` is percent or fixed_cart, `amount` decimal text, `used` how often orders counted it."""

    id: int
    code: str
    kind: str
    amount: str
    used: int = 0


def asked_codes(coupon_lines: object) -> list[str]:
    """Return the codes that a request asks for; raises RestError for an item with an id or without a code."""
    codes: list[str] = []
    for item in items(coupon_lines):
        given = fields(item)
        if given.get("id"):
            raise RestError("woocommerce_rest_coupon_item_id_readonly", "Coupon item ID is readonly.")
        code = php_string(given.get("code")).strip().lower()
        if not code:
            raise RestError(_INVALID, "Coupon code is required.")
        codes.append(code)
    return codes


def apply_coupons(
    order: Order, coupon_lines: object, coupons: Mapping[str, Coupon], rules: TaxRules, book: OrderBook
) -> None:
    """Put the asked coupons in the place of the order's own and count it anew; raises RestError (§5.6)."""
    codes = asked_codes(coupon_lines)
    present = {line.code for line in order.coupons}
    for code in codes:
        if code not in coupons:
            raise RestError(_INVALID, f'Coupon "{code}" does not exist!')
        if code not in present and not _discountable(order, coupons[code]):
            raise RestError(_INVALID, "Sorry, this coupon is not applicable to selected products.")
    if order.coupons:
        for line in order.lines:
            line.total = line.subtotal
    order.coupons = []
    calculate_totals(order, rules, book)
    for code in codes:
        before = {line.id: _taxes(line) for line in order.lines}
        coupon = coupons[code]
        taken = _discount(order, coupon, rules.places)
        calculate_totals(order, rules, book)
        tax = sum((before[line.id] - _taxes(line) for line in order.lines), Decimal(0))
        order.coupons.append(_coupon_line(coupon, taken, rounded(tax, rules.places), book))


def _discountable(order: Order, coupon: Coupon) -> list[LineItem]:
    """Return the lines that a coupon may take from: a percentage only from those with a product."""
    return [line for line in order.lines if decimal(line.total) > 0 and (line.product_id or coupon.kind != "percent")]


def _discount(order: Order, coupon: Coupon, places: int) -> Decimal:
    lines = _discountable(order, coupon)
    if coupon.kind == "percent":
        taken = {line.id: rounded(decimal(line.total) * decimal(coupon.amount) / 100, places) for line in lines}
    else:
        taken = _spread(lines, decimal(coupon.amount), places)
    for line in lines:
        line.total = str(decimal(line.total) - taken[line.id])
    return sum(taken.values(), Decimal(0))


def _spread(lines: list[LineItem], amount: Decimal, places: int) -> dict[int, Decimal]:
    """Spread an amount evenly over all pieces in whole cents; the cents left over go to the first pieces."""
    cent = Decimal(1).scaleb(-places)
    pieces = sum(line.quantity for line in lines)
    each = (amount / pieces // cent) * cent if pieces else Decimal(0)
    taken = {line.id: min(each * line.quantity, decimal(line.total)) for line in lines}
    left = amount - sum(taken.values())
    for line in lines:
        for _ in range(line.quantity):
            if left >= cent and taken[line.id] + cent <= decimal(line.total):
                taken[line.id] += cent
                left -= cent
    return taken


def _taxes(line: LineItem) -> Decimal:
    return sum((decimal(share.total) for share in line.taxes), Decimal(0))


def _coupon_line(coupon: Coupon, taken: Decimal, tax: Decimal, book: OrderBook) -> CouponLine:
    kind = f'"{coupon.kind}"' if coupon.kind != "fixed_cart" else "null"
    info = f'[{coupon.id},"{coupon.code}",{kind},{plain(decimal(coupon.amount))}]'
    return CouponLine(
        id=book.next_item_id(),
        code=coupon.code,
        discount=plain(taken),
        discount_tax=plain(tax),
        discount_type=coupon.kind,
        nominal_amount=float(coupon.amount),
        meta=[MetaRow(book.next_meta_id(), "coupon_info", info)],
    )
