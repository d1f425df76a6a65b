"""What of an order WooCommerce has no place for.

Owns the codes and their sentences, the same for every order. Must not know how an order is sent.
"""

from collections.abc import Callable
from dataclasses import dataclass

from crossdock.domain.order import Financial, Fulfillment, Order
from crossdock.domain.plan import Level, Reason, Resolution

_MONEY_IN = frozenset({"sale", "capture"})
_HALF_PAID = frozenset({Financial.AUTHORIZED, Financial.PARTIALLY_PAID})


@dataclass(frozen=True, slots=True)
class _Loss:
    reason: Reason
    is_suffered: Callable[[Order], object]


def losses_of(order: Order, resolution: Resolution, *, is_email_refused: bool) -> tuple[Reason, ...]:
    """Tell what is lost of an order, or held in another form."""
    found = [loss.reason for loss in _LOSSES if loss.is_suffered(order)]
    found += lines_lost(order, resolution)
    if is_email_refused:
        found.append(_EMAIL)
    return tuple(found)


def lines_lost(order: Order, resolution: Resolution) -> tuple[Reason, ...]:
    """Tell which lines are left out, or are lines without a product: worth a warning on the order itself."""
    products = resolution.get("products", {})
    unlinked = {line.sku for line in order.lines if line.quantity > 0 and line.sku not in products}
    ambiguous = unlinked.intersection(resolution.get("ambiguous", ()))
    suffered = (
        (_MISSING, resolution and unlinked - ambiguous),
        (_AMBIGUOUS, ambiguous),
        (_NO_UNITS, any(line.quantity <= 0 for line in order.lines)),
    )
    return tuple(reason for reason, is_so in suffered if is_so)


def _has_taxes(order: Order) -> bool:
    whole = order.total_tax is not None and order.total_tax.amount != 0
    return whole or any(tax.amount.amount for tax in order.all_taxes())


def _has_presentment(order: Order) -> bool:
    return order.presentment_total is not None and order.presentment_total.currency != order.currency


def _has_other_phone(order: Order) -> bool:
    billing = order.billing.phone if order.billing else ""
    return bool(order.phone and billing and order.phone != billing)


def _info(code: str, text: str) -> Reason:
    return Reason(code, Level.INFO, text)


def _warning(code: str, text: str) -> Reason:
    return Reason(code, Level.WARNING, text)


_MISSING = _warning("product_missing", "Lines of which no product is found by SKU have no product.")
_AMBIGUOUS = _warning("sku_ambiguous", "Lines whose SKU several products have are not linked to any.")
_NO_UNITS = _warning("line_without_units", "WooCommerce can't hold positions of no units: they are left out.")
_EMAIL = _warning(
    "email_kept_in_meta", "WooCommerce does not accept the order's e-mail address; it is kept in the meta data."
)
_LOSSES = (
    _Loss(
        _warning("tax_in_fees", "Taxes become fee lines: exact, but WooCommerce's tax reports show 0."),
        _has_taxes,
    ),
    _Loss(
        _info(
            "number_kept_in_meta", "WooCommerce numbers orders itself; the source's number is kept in the meta data."
        ),
        lambda order: order.number,
    ),
    _Loss(
        _info("coupons_kept_in_meta", "Coupon codes are kept in the meta data; lines hold what they took off."),
        lambda order: order.coupons,
    ),
    _Loss(
        _info("order_tags_kept_in_meta", "WooCommerce orders have no tags; they are kept in the meta data."),
        lambda order: order.tags,
    ),
    _Loss(
        _info("attributes_kept_in_meta", "Additional details of the order are kept in the meta data."),
        lambda order: order.attributes,
    ),
    _Loss(
        _info("cancel_reason_kept_in_meta", "Why the order was cancelled is kept in the meta data."),
        lambda order: order.cancel_reason,
    ),
    _Loss(
        _warning("presentment_lost", "The amount in the customer's currency is not carried over."),
        _has_presentment,
    ),
    _Loss(_warning("refund_dates_not_held", "Refunds get the date of the import."), lambda order: order.refunds),
    _Loss(
        _warning("refund_by_amount", "Refunds are carried over as amounts, without the products that were given back."),
        lambda order: any(refund.lines for refund in order.refunds),
    ),
    _Loss(
        _warning("partly_fulfilled", "Orders that are fulfilled in part become orders in processing."),
        lambda order: order.fulfillment_status == Fulfillment.PARTIALLY_FULFILLED,
    ),
    _Loss(
        _warning("payment_state_not_held", "Orders that are authorized or paid in part become orders on hold."),
        lambda order: order.financial_status in _HALF_PAID,
    ),
    _Loss(
        _info("payments_merged", "Of several payments only the first one's reference is carried over."),
        lambda order: sum(1 for payment in order.transactions if payment.kind in _MONEY_IN) > 1,
    ),
    _Loss(_info("test_flag_not_held", "WooCommerce does not mark test orders."), lambda order: order.is_test),
    _Loss(
        _warning(
            "order_phone_not_held",
            "The order's own telephone number is not carried over; the billing address has another.",
        ),
        _has_other_phone,
    ),
)
