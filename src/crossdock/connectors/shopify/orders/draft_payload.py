"""From an order of another store to the input that makes it a draft on Shopify. Pure.

Owns what a draft holds otherwise than an order: prices as overrides, taxes as a line, one way of sending, and in the
note what it has no field for. It must not know how anything is looked up or sent.

Source: Shopify Admin GraphQL API 2026-10, `draftOrderCreate`: Shopify computes a draft's taxes by itself, and its
discount has two decimals at most. Creating a draft mails nobody and holds no stock.
"""

from decimal import Decimal
from typing import Final

from crossdock.connectors.shopify.customers.mapping import MOST_TEXT
from crossdock.connectors.shopify.orders import wire_out
from crossdock.connectors.shopify.orders.arithmetic import PricedLine, PricedOrder
from crossdock.connectors.shopify.orders.contact import contact_of
from crossdock.connectors.shopify.orders.details import attributes_of, draft_note, keyed
from crossdock.connectors.shopify.orders.payload import (
    MOST_TAGS,
    checked_amounts,
    discount_title,
    kept_tags,
    marker_fields,
    properties_of,
    title_of,
    too_many_lines,
)
from crossdock.connectors.shopify.orders.resolved import Resolved
from crossdock.connectors.shopify.orders.words import DRAFT_TAG, TAX_PROPERTY
from crossdock.domain.errors import UnmappableValueError
from crossdock.domain.identity import Marker
from crossdock.domain.order import Fee, Order, OrderLine

MOST_DRAFT_LINES: Final = 499
TAX_TITLE: Final = "Tax (as charged)"
_CENT: Final = Decimal("0.01")


def draft_variables(order: Order, marker: Marker, resolved: Resolved, *, region: str) -> wire_out.DraftVariables:
    """Plan the creation of a draft. `region` reads national telephone numbers where no address tells a country.

    Raises:
        UnmappableValueError: Shopify can't hold the order as a draft.
    """
    amounts = checked_amounts(order, MOST_DRAFT_LINES)
    lines = (*(_line(line, resolved) for line in amounts.lines), *_tax_lines(order, amounts))
    if len(lines) > MOST_DRAFT_LINES:
        raise too_many_lines(len(lines), MOST_DRAFT_LINES)
    contact = contact_of(order, region)
    customer = wire_out.PurchasingEntityInput(resolved.customer) if resolved.customer else None
    sent = wire_out.DraftInput(
        line_items=lines,
        presentment_currency_code=order.currency,
        email=contact.email,
        phone=contact.phone,
        note=draft_note(order),
        tags=(DRAFT_TAG, *kept_tags(order.tags)[: MOST_TAGS - 1]),
        purchasing_entity=customer,
        billing_address=contact.billing,
        shipping_address=contact.shipping,
        shipping_line=_shipping(amounts),
        applied_discount=_discount(order, amounts),
        custom_attributes=attributes_of(order, amounts, contact),
        metafields=marker_fields(marker),
        accept_automatic_discounts=False,
        use_customer_default_address=False,
        tax_exempt=True,
    )
    return wire_out.DraftVariables(sent)


def _line(line: PricedLine, resolved: Resolved) -> wire_out.DraftLineInput:
    """Give a line. Of a variant, Shopify ignores all but its price: the rest serves where the variant is refused."""
    part = line.part
    variant = "" if isinstance(part, Fee) else resolved.variants.get(part.sku, "")
    price = wire_out.plain(line.unit_price)
    return wire_out.DraftLineInput(
        line.quantity,
        title=_whole_title(part),
        variant_id=variant,
        sku="" if isinstance(part, Fee) else part.sku[:MOST_TEXT],
        price_override=price if variant else None,
        original_unit_price_with_currency=None if variant else price,
        requires_shipping=not isinstance(part, Fee) and part.requires_shipping,
        taxable=False,
        custom_attributes=keyed(properties_of(part)),
    )


def _whole_title(part: OrderLine | Fee) -> str:
    """Give the title with the variant's, for which a draft's line has no field."""
    variant = "" if isinstance(part, Fee) else part.variant_title.strip()
    return f"{title_of(part)} - {variant}"[:MOST_TEXT] if variant else title_of(part)


def _tax_lines(order: Order, amounts: PricedOrder) -> tuple[wire_out.DraftLineInput, ...]:
    """Give the line that stands for taxes which come on top of prices: a draft can't be given any."""
    tax = amounts.tax()
    if order.taxes_included or not tax.amount:
        return ()
    return (
        wire_out.DraftLineInput(
            1,
            title=TAX_TITLE,
            original_unit_price_with_currency=wire_out.plain(tax),
            requires_shipping=False,
            taxable=False,
            custom_attributes=(wire_out.KeyedValue(TAX_PROPERTY, TAX_TITLE),),
        ),
    )


def _shipping(amounts: PricedOrder) -> wire_out.DraftShippingInput | None:
    if not amounts.shipping:
        return None
    titles = dict.fromkeys(part.part.title.strip() for part in amounts.shipping if part.part.title.strip())
    price = wire_out.plain(amounts.shipping_price())
    return wire_out.DraftShippingInput(", ".join(titles)[:MOST_TEXT] or "Shipping", price)


def _discount(order: Order, amounts: PricedOrder) -> wire_out.DraftDiscountInput | None:
    amount = amounts.discount.amount
    if not amount:
        return None
    if amount % _CENT:
        raise UnmappableValueError(
            "total_not_representable",
            f"A draft's discount has two decimals at most, and this order's is {amounts.discount} {order.currency}: "
            f"the total of {order.total} {order.currency} can't be kept. Migrate it as an order.",
        )
    # Shopify takes this one amount as a number; at two decimals its text is the same.
    return wire_out.DraftDiscountInput(discount_title(order), float(amount), wire_out.plain(amounts.discount))
