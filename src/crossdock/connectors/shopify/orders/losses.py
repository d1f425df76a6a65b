"""What Shopify can't hold of an order, told before it is written. Pure.

Owns the codes and the sentences: one sentence a code, whichever order it is about, so that a report can count them. It
must not know how an order is sent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from crossdock.connectors.shopify.customers.mapping import MOST_NOTE, MOST_TEXT
from crossdock.connectors.shopify.customers.regions import corrected_country, is_unknown_country, shopify_region
from crossdock.connectors.shopify.orders.contact import contact_of, is_too_long
from crossdock.connectors.shopify.orders.payload import MOST_TAG, MOST_TAGS, is_paid, kept_tags
from crossdock.connectors.shopify.orders.refund_plan import has_clipped_refund, has_refund_by_amount
from crossdock.connectors.shopify.orders.resolved import Resolved
from crossdock.domain.customer import Address
from crossdock.domain.order import Financial, Fulfillment, Order
from crossdock.domain.plan import Level, Reason

AS_DRAFT: Final = Reason("created_as_draft", Level.WARNING, "Created as draft order - requires manual completion")
_INFO: Final = Level.INFO
_WARNING: Final = Level.WARNING

_SENTENCES: Final[dict[str, tuple[Level, str]]] = {
    "product_missing": (_WARNING, "No product of the Shopify store has the SKU of a line: the line is a custom one."),
    "sku_ambiguous": (
        _WARNING,
        "Several products of the Shopify store have the SKU of a line: the line is a custom one.",
    ),
    "number_taken": (
        _WARNING,
        "Another order of the Shopify store has this number: the order is called by it with the prefix for imports.",
    ),
    "line_without_units": (_WARNING, "Shopify can't hold positions of no units: they are left out."),
    "text_cut": (_WARNING, f"Shopify keeps the first {MOST_TEXT} characters of a name: longer ones are cut."),
    "note_cut": (_WARNING, f"Shopify keeps the first {MOST_NOTE} characters of the note."),
    "tags_cut": (
        _WARNING,
        f"Shopify keeps {MOST_TAGS} tags of {MOST_TAG} characters each on an order: others are left out.",
    ),
    "email_left_out": (
        _WARNING,
        "The e-mail address is not a valid one: it is kept in the order's details, and no customer is found by it.",
    ),
    "email_of_customer": (_INFO, "The order has no e-mail address: Shopify gives it that of its customer."),
    "phone_invalid": (_WARNING, "The telephone number is not a valid one: it is kept in the order's details."),
    "country_unknown": (_WARNING, "Shopify does not know the country of an address: the address is left out."),
    "country_corrected": (_INFO, "The country code of an address is sent as Shopify writes it."),
    "province_unknown": (_INFO, "Shopify does not know the state or province of an address: it is left out."),
    "status_unknown": (_WARNING, "The order has a status of its own in the source: it goes by payment and delivery."),
    "discounts_merged": (
        _INFO,
        "Shopify holds one discount an order: coupons and reductions are added up; its details name each.",
    ),
    "coupon_uses": (_INFO, "Shopify does not count these orders as uses of its own discount codes."),
    "fee_as_line": (_INFO, "Shopify has no fees: a fee becomes a line of its own."),
    "compound_tax": (_INFO, "Shopify does not tell that a tax is charged on another: the amounts are kept."),
    "presentment_lost": (
        _WARNING,
        "The order was paid in another currency: it is kept in the shop's, the other amount in the order's details.",
    ),
    "payments_merged": (_INFO, "Several payments become one of the whole amount."),
    "payment_reference": (_INFO, "The payment's reference is kept in the order's details."),
    "refund_clipped": (_WARNING, "More was given back than was paid: the refund is entered up to what was paid."),
    "refund_by_amount": (_INFO, "A refund is entered by its amount: which lines were given back is not told."),
    "cancelled_at_lost": (_INFO, "Shopify dates a cancellation at the migration: the date is in the order's details."),
    "failed_as_voided": (_INFO, "Shopify has no failed orders: the payment is shown as voided."),
    "partly_fulfilled": (_INFO, "Shopify is told that a part is delivered, not which one."),
    "not_carried_over": (
        _INFO,
        "Order notes, the customer's IP address and browser, payment tokens and download permissions stay behind.",
    ),
    "draft_number": (_INFO, "A draft has a number of its own: the order's number is in its note."),
    "draft_date": (_INFO, "A draft is dated at the migration: the order's date is in its note."),
    "draft_status": (_INFO, "A draft has no status but open: the order's is in its note."),
    "draft_payment": (_INFO, "A draft holds no payments: that the order was paid is in its note."),
    "draft_fulfillment": (_INFO, "A draft holds no deliveries: whether the order was delivered is in its note."),
    "draft_refunds": (_INFO, "A draft holds no refunds: their sum is in its note."),
    "draft_tax": (_INFO, "A draft can't be given taxes: those on top of prices become a line."),
    "draft_tax_included": (_INFO, "A draft can't be given taxes: those within prices are not shown."),
    "shipping_merged": (_INFO, "A draft holds one way of sending: several become one of the whole price."),
}


@dataclass(frozen=True, slots=True)
class _Case:
    order: Order
    resolved: Resolved
    region: str


def losses_of(order: Order, resolved: Resolved, *, region: str) -> Sequence[Reason]:
    """Tell what Shopify can't hold of `order`, each code once; that it becomes a draft comes first."""
    case = _Case(order, resolved, region)
    parts = [_of_lines(case), _of_person(case), _of_both(case)]
    parts.append(_of_draft(order) if resolved.is_draft else _of_order(case))
    reasons = [reason_of(code) for part in parts for code in part]
    return [AS_DRAFT, *reasons] if resolved.is_draft else reasons


def reason_of(code: str) -> Reason:
    """Give the reason with its one sentence."""
    level, text = _SENTENCES[code]
    return Reason(code, level, text)


def missing_skus(order: Order, resolved: Resolved) -> Iterator[str]:
    """Give the SKUs of lines that no variant has; a line without one has none either."""
    for line in order.lines:
        if line.quantity > 0 and line.sku not in resolved.variants and line.sku not in resolved.ambiguous:
            yield line.sku


def ambiguous_skus(order: Order, resolved: Resolved) -> Iterator[str]:
    """Give the SKUs of lines that several variants have."""
    for line in order.lines:
        if line.quantity > 0 and line.sku in resolved.ambiguous:
            yield line.sku


def _of_lines(case: _Case) -> Iterator[str]:
    order = case.order
    if any(True for _ in missing_skus(order, case.resolved)):
        yield "product_missing"
    if any(True for _ in ambiguous_skus(order, case.resolved)):
        yield "sku_ambiguous"
    if any(line.quantity <= 0 for line in order.lines):
        yield "line_without_units"
    if any(fee.amount.amount > 0 for fee in order.fees):
        yield "fee_as_line"
    titles = [*(part.title for part in (*order.lines, *order.fees, *order.shipping_lines, *order.all_taxes()))]
    titles += [line.variant_title for line in order.lines] + [line.sku for line in order.lines] + [order.payment_title]
    if any(len(title.strip()) > MOST_TEXT for title in titles) or any(map(is_too_long, _addresses(order))):
        yield "text_cut"


def _of_person(case: _Case) -> Iterator[str]:
    contact = contact_of(case.order, case.region)
    if contact.lost_email:
        yield "email_left_out"
    if contact.lost_phone:
        yield "phone_invalid"
    addresses = _addresses(case.order)
    codes = {address.country_code.strip().upper() for address in addresses}
    if any(map(is_unknown_country, codes)):
        yield "country_unknown"
    if any(corrected_country(code) != code for code in codes):
        yield "country_corrected"
    if any(_loses_province(address) for address in addresses if not is_unknown_country(address.country_code)):
        yield "province_unknown"


def _of_both(case: _Case) -> Iterator[str]:
    order = case.order
    if len(order.note.strip()) > MOST_NOTE:
        yield "note_cut"
    if len(kept_tags(order.tags)) < len({part.strip().casefold() for tag in order.tags for part in tag.split(",")}):
        yield "tags_cut"
    if len(order.coupons) + sum(fee.amount.amount < 0 for fee in order.fees) > 1:
        yield "discounts_merged"
    if order.coupons:
        yield "coupon_uses"
    if any(tax.is_compound for tax in order.all_taxes()):
        yield "compound_tax"
    if order.presentment_total is not None and order.presentment_total.currency != order.currency:
        yield "presentment_lost"
    if any(payment.reference for payment in order.transactions):
        yield "payment_reference"
    yield "not_carried_over"


def _of_order(case: _Case) -> Iterator[str]:
    order = case.order
    if case.resolved.is_number_taken:
        yield "number_taken"
    if case.resolved.customer and not contact_of(order, case.region).email:
        yield "email_of_customer"
    if order.unknown:
        yield "status_unknown"
    if sum(payment.kind in {"sale", "capture"} and payment.status == "success" for payment in order.transactions) > 1:
        yield "payments_merged"
    if has_clipped_refund(order):
        yield "refund_clipped"
    if has_refund_by_amount(order):
        yield "refund_by_amount"
    if order.is_cancelled:
        yield "cancelled_at_lost"
    elif order.financial_status == Financial.VOIDED:
        yield "failed_as_voided"
    if order.fulfillment_status == Fulfillment.PARTIALLY_FULFILLED:
        yield "partly_fulfilled"


def _of_draft(order: Order) -> Iterator[str]:
    yield from ("draft_number", "draft_date", "draft_status")
    if is_paid(order):
        yield "draft_payment"
    if order.fulfillment_status != Fulfillment.UNFULFILLED:
        yield "draft_fulfillment"
    if order.refunds:
        yield "draft_refunds"
    if any(tax.amount.amount for tax in order.all_taxes()):
        yield "draft_tax_included" if order.taxes_included else "draft_tax"
    if len(order.shipping_lines) > 1:
        yield "shipping_merged"


def _addresses(order: Order) -> list[Address]:
    return [address for address in (order.billing, order.shipping) if address is not None]


def _loses_province(address: Address) -> bool:
    return bool(address.province_code.strip()) and not shopify_region(address.country_code, address.province_code)[1]
