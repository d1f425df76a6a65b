"""From Shopify's drafts to our orders: pure.

Owns what of a draft is an order. It must not know which drafts are ours.

Source: Shopify Admin GraphQL API 2026-10, `DraftOrder`: a completed draft names the order that it became; a discount on
the whole draft is told by its total alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from crossdock.connectors.shopify.customers.mapping import to_address
from crossdock.connectors.shopify.orders import parts, wire
from crossdock.connectors.shopify.orders.mapping import discounts, presentment, with_positions
from crossdock.connectors.shopify.orders.terms import NumberFormat
from crossdock.connectors.shopify.orders.words import DRAFT_TAG, NUMBER_ATTRIBUTE
from crossdock.domain.money import Money
from crossdock.domain.order import Fee, Order

_WHOLE_DISCOUNT: Final = "Discount"


def to_draft_header(node: wire.Draft, form: NumberFormat) -> Order:
    """Give the draft as an order, without what a light document leaves out."""
    charged = parts.money(node.total_price_set)
    return Order(
        id=node.id,
        number=node.name,
        bare_number=parts.attribute(node.custom_attributes, NUMBER_ATTRIBUTE) or form.bare(node.name),
        currency=charged.currency,
        total=charged,
        created_at=node.created_at,
        email=node.email or "",
        phone=node.phone or "",
        status=node.status.lower(),
        taxes_included=node.taxes_included,
        total_tax=parts.money(node.total_tax_set) if node.total_tax_set else None,
        presentment_total=presentment(node.total_price_set),
        customer_id=node.customer.id if node.customer else "",
        attributes=parts.foreign_attributes(node.custom_attributes),
        is_draft=True,
        became_id=node.order.id if node.order else "",
        marker=node.metafield.value if node.metafield else "",
    )


def to_draft(node: wire.Draft, lines: Sequence[wire.LineItem], form: NumberFormat) -> Order:
    """Give the whole draft; `lines` are all of its lines. A discount on the whole stands as a negative fee."""
    header = to_draft_header(node, form)
    shipping = parts.shipping_of([node.shipping_line] if node.shipping_line else [])
    positions = parts.positions_of(lines, {}, header.currency)
    order = with_positions(replace(header, shipping_lines=shipping), positions, node.tax_lines)
    of_lines = discounts(order)
    of_all = parts.money(node.total_discounts_set) if node.total_discounts_set else of_lines
    rest = of_lines - of_all
    return replace(
        order,
        fees=(*order.fees, Fee(_WHOLE_DISCOUNT, rest)) if rest.amount < 0 else order.fees,
        shipping_total=parts.shipping_without_tax(shipping, order.currency, taxes_included=order.taxes_included),
        discount_total=max(of_lines, of_all, key=lambda money: money.amount),
        refunded=Money.of(0, order.currency),
        coupons=parts.coupons_from(node.custom_attributes, node.discount_codes, (), order.currency),
        billing=to_address(node.billing_address) if node.billing_address else None,
        shipping=to_address(node.shipping_address) if node.shipping_address else None,
        note=node.note2 or "",
        tags=tuple(tag for tag in node.tags if tag != DRAFT_TAG),
    )
