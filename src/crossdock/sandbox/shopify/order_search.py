"""What orders, drafts, variants and products can be searched by. Must not know the search syntax, or paging.

Source: reference §4.5 (orders), §5 (drafts: few filters, any other answers every draft) and §6 (variants by SKU).
"""

from typing import Final

from crossdock.sandbox.shopify import search
from crossdock.sandbox.shopify.order_records import Order
from crossdock.sandbox.shopify.search import Filters, Predicate, Term

_FINANCIAL: Final = frozenset(
    {"paid", "pending", "authorized", "partially_paid", "partially_refunded", "refunded", "voided", "expired", "unpaid"}
)
_FULFILLMENT: Final = {
    "unfulfilled": "UNFULFILLED",
    "unshipped": "UNFULFILLED",
    "partial": "PARTIALLY_FULFILLED",
    "fulfilled": "FULFILLED",
    "shipped": "FULFILLED",
}
_UNPAID: Final = frozenset({"PENDING", "AUTHORIZED", "PARTIALLY_PAID", "EXPIRED", None})


def _status(term: Term) -> Predicate:
    tests: dict[str, Predicate] = {
        "any": lambda _: True,
        "open": lambda order: order.closed_at is None and order.cancelled_at is None,
        "closed": lambda order: order.closed_at is not None,
        "cancelled": lambda order: order.cancelled_at is not None,
        "not_closed": lambda order: order.closed_at is None,
    }
    found = tests.get(term.value.casefold())
    if found is None:
        raise ValueError(term.value)
    return found


def _financial(term: Term) -> Predicate:
    wanted = term.value.casefold()
    if wanted not in _FINANCIAL:
        raise ValueError(term.value)
    if wanted == "unpaid":
        return lambda order: order.financial_status in _UNPAID
    return lambda order: order.financial_status == wanted.upper()


def _fulfillment(term: Term) -> Predicate:
    wanted = _FULFILLMENT.get(term.value.casefold())
    if wanted is None:
        raise ValueError(term.value)
    return lambda order: order.fulfillment_status == wanted


def _discount_code(term: Term) -> Predicate:
    wanted = term.value.casefold()
    return lambda order: any(code.casefold() == wanted for code in order.discount_codes)


def _sku(term: Term) -> Predicate:
    wanted = term.value
    return lambda order: any(line.sku == wanted for line in order.lines)


def _gateway(term: Term) -> Predicate:
    wanted = term.value.casefold()
    return lambda order: any(name.casefold() == wanted for name in order.payment_gateway_names)


def _default(term: Term) -> Predicate:
    wanted = term.value.casefold().rstrip("*")

    def matches(order: Order) -> bool:
        names = (address.name for address in (order.billing_address, order.shipping_address) if address)
        return any(wanted in text.casefold() for text in (order.name, order.email, *names) if text)

    return matches


ORDER_FILTERS: Final[Filters] = {
    "default": _default,
    "confirmation_number": search.text(lambda order: order.confirmation_number),
    "created_at": search.time(lambda order: order.created_at),
    "current_total_price": search.number(lambda order: float(order.current_total_price_set.shop)),
    "customer_id": search.record_id(lambda order: order.customer_number or 0),
    "discount_code": _discount_code,
    "email": search.text(lambda order: order.email, is_tokenised=True),
    "financial_status": _financial,
    "fulfillment_status": _fulfillment,
    "gateway": _gateway,
    "id": search.record_id(lambda order: order.id_number),
    "name": search.text(lambda order: order.name),
    "po_number": search.text(lambda order: order.po_number),
    "processed_at": search.time(lambda order: order.processed_at),
    "sku": _sku,
    "source_identifier": search.text(lambda order: order.source_identifier),
    "source_name": search.text(lambda order: order.source_name),
    "status": _status,
    "subtotal_line_items_quantity": search.number(lambda order: order.subtotal_line_items_quantity),
    "tag": search.tag(lambda order: order.tags),
    "tag_not": search.tag(lambda order: order.tags, is_wanted=False),
    "test": search.truth(lambda order: order.test),
    "updated_at": search.time(lambda order: order.updated_at),
}

DRAFT_FILTERS: Final[Filters] = {
    "created_at": search.time(lambda draft: draft.created_at),
    "customer_id": search.record_id(lambda draft: draft.customer_number or 0),
    "id": search.record_id(lambda draft: draft.number),
    "source": search.text(lambda draft: draft.source_name),
    "status": search.choice(lambda draft: draft.status, frozenset({"open", "invoice_sent", "completed"})),
    "tag": search.tag(lambda draft: draft.tags),
    "updated_at": search.time(lambda draft: draft.updated_at),
}

VARIANT_FILTERS: Final[Filters] = {
    "barcode": search.exact(lambda variant: variant.barcode),
    "id": search.record_id(lambda variant: variant.number),
    "inventory_quantity": search.number(lambda variant: variant.inventory_quantity),
    "product_id": search.record_id(lambda variant: variant.product_number),
    "sku": search.exact(lambda variant: variant.sku),
    "taxable": search.truth(lambda variant: variant.taxable),
    "title": search.text(lambda variant: variant.title),
    "updated_at": search.time(lambda variant: variant.updated_at),
    "vendor": search.text(lambda variant: variant.vendor),
}

PRODUCT_FILTERS: Final[Filters] = {
    "created_at": search.time(lambda product: product.created_at),
    "handle": search.text(lambda product: product.handle),
    "id": search.record_id(lambda product: product.number),
    "status": search.choice(lambda product: product.status, frozenset({"active", "archived", "draft"})),
    "title": search.text(lambda product: product.title),
    "vendor": search.text(lambda product: product.vendor),
}
