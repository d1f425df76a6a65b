"""Makes the order of a completed draft. Must not know payloads, or whether the draft may be completed.

Source: reference §5: a manual sale, taken from stock, processed now whatever the draft says.
"""

from crossdock.sandbox.shopify.draft_records import DraftDiscount, DraftLine, DraftOrder
from crossdock.sandbox.shopify.order_events import Transaction
from crossdock.sandbox.shopify.order_parts import Allocation, Discount, DiscountValue, OrderLine
from crossdock.sandbox.shopify.order_records import Order
from crossdock.sandbox.shopify.order_status import settle
from crossdock.sandbox.shopify.store import ShopifyStore


def complete_draft(store: ShopifyStore, draft: DraftOrder, *, is_pending: bool, source_name: str) -> Order:
    """Create and store the order of a draft, paid or not, and take its units out of the stock."""
    now, id_number, number = store.now(), store.next_number(), store.next_order_number()
    across = _discount(0, draft.applied_discount, "ACROSS") if draft.applied_discount else None
    payment = Transaction(
        store.next_number(),
        id_number,
        "SALE",
        "PENDING" if is_pending else "SUCCESS",
        "manual",
        draft.total_price_set,
        now,
        now,
    )
    order = Order(
        id_number,
        f"{store.order_prefix}{number}{store.order_suffix}",
        number,
        now,
        now,
        now,
        draft.currency_code,
        draft.presentment_currency_code,
        tuple(_line(store, line, across) for line in draft.lines),
        (draft.shipping_line,) if draft.shipping_line else (),
        (payment,),
        taxes_included=draft.taxes_included,
        email=draft.email,
        phone=draft.phone,
        customer_number=draft.customer_number,
        billing_address=draft.billing_address,
        shipping_address=draft.shipping_address,
        note=draft.note2,
        po_number=draft.po_number,
        tags=draft.tags,
        attributes=draft.attributes,
        source_name=source_name,
        payment_terms=draft.payment_terms,
    )
    store.take_stock(order.lines)
    return store.save_order(settle(order))


def _line(store: ShopifyStore, line: DraftLine, across: Discount | None) -> OrderLine:
    allocations: list[Allocation] = []
    if line.applied_discount is not None and line.applied_discount.amount_set:
        own = _discount(1 if across else 0, line.applied_discount, "EACH")
        allocations.append(Allocation(line.applied_discount.amount_set, own))
    if across is not None and line.share_of_order_discount:
        allocations.append(Allocation(line.share_of_order_discount, across))
    return OrderLine(
        store.next_number(),
        line.title,
        line.quantity,
        line.original_unit_price_set,
        line.quantity,
        sku=line.sku,
        variant_title=line.variant_title,
        vendor=line.vendor,
        variant_number=line.variant_number,
        product_number=line.product_number,
        requires_shipping=line.requires_shipping,
        taxable=line.taxable,
        tax_lines=line.tax_lines,
        discount_allocations=tuple(allocations),
        attributes=line.attributes,
    )


def _discount(index: int, given: DraftDiscount, method: str) -> Discount:
    currency = None if given.value_type == "PERCENTAGE" else given.amount_set.currency
    return Discount(
        index,
        DiscountValue(given.value, currency),
        title=given.title or "",
        description=given.description,
        allocation_method=method,
    )
