"""From an order of another store to the input that makes it on Shopify. Pure.

Owns which value becomes which, and what makes an order impossible to hold. Drafts have a module of their own. It must
not know how anything is looked up or sent.

Source: Shopify Admin GraphQL API 2026-10, `orderCreate`. Payments always name a gateway that no app of the shop has: on
one that is real, a later refund would move money.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from crossdock.connectors.shopify.config import MARKER_KEY, MARKER_NAMESPACE
from crossdock.connectors.shopify.customers.mapping import MOST_NOTE, MOST_TEXT
from crossdock.connectors.shopify.customers.wire import MetafieldInput
from crossdock.connectors.shopify.orders import wire_out
from crossdock.connectors.shopify.orders.arithmetic import PricedLine, PricedOrder, PricedShipping, priced
from crossdock.connectors.shopify.orders.contact import contact_of
from crossdock.connectors.shopify.orders.currencies import CURRENCIES
from crossdock.connectors.shopify.orders.details import attributes_of, iso
from crossdock.connectors.shopify.orders.resolved import Resolved
from crossdock.connectors.shopify.orders.words import FEE_PROPERTY, GATEWAY_PREFIX, NO_COUPON
from crossdock.domain.errors import UnmappableValueError
from crossdock.domain.identity import Marker
from crossdock.domain.order import Fee, Financial, Fulfillment, Order, OrderLine, OrderStatus, TaxLine

MOST_LINES: Final = 250
MOST_TAGS: Final = 250
MOST_TAG: Final = 40

PAID: Final = frozenset({Financial.PAID, Financial.PARTIALLY_REFUNDED, Financial.REFUNDED})
_FORCED: Final = frozenset(Financial) - PAID
_FULFILLMENTS: Final[dict[str, str]] = {Fulfillment.FULFILLED: "FULFILLED", Fulfillment.PARTIALLY_FULFILLED: "PARTIAL"}


def order_variables(order: Order, marker: Marker, resolved: Resolved, *, region: str) -> wire_out.OrderVariables:
    """Plan the creation of an order. `region` reads national telephone numbers where no address tells a country.

    Raises:
        UnmappableValueError: Shopify can't hold the order.
    """
    amounts = checked_amounts(order, MOST_LINES)
    contact = contact_of(order, region)
    customer = wire_out.AssociatedCustomerInput(resolved.customer) if resolved.customer else None
    sent = wire_out.OrderInput(
        line_items=tuple(_line(line, resolved) for line in amounts.lines),
        currency=order.currency,
        name=resolved.name or order.number,
        email=contact.email,
        phone=contact.phone,
        note=order.note.strip()[:MOST_NOTE],
        tags=kept_tags(order.tags),
        test=order.is_test,
        taxes_included=order.taxes_included,
        processed_at=iso(order.created_at),
        closed_at=iso(_closed_at(order)),
        source_identifier=str(marker),
        financial_status=_financial_status(order),
        fulfillment_status=_FULFILLMENTS.get(order.fulfillment_status, ""),
        customer=wire_out.OrderCustomerInput(customer) if customer else None,
        billing_address=contact.billing,
        shipping_address=contact.shipping,
        shipping_lines=tuple(_shipping(part) for part in amounts.shipping),
        tax_lines=_taxes(amounts.order_taxes),
        discount_code=_discount(order, amounts),
        transactions=_transactions(order),
        custom_attributes=attributes_of(order, amounts, contact),
        metafields=marker_fields(marker),
    )
    return wire_out.OrderVariables(sent)


def checked_amounts(order: Order, most_lines: int) -> PricedOrder:
    """Give the amounts of an order that Shopify can hold.

    Raises:
        UnmappableValueError: its currency, its number of lines or its sum can't be held.
    """
    if order.currency not in CURRENCIES:
        raise UnmappableValueError("currency_unsupported", f"Shopify does not know the currency {order.currency[:10]}.")
    amounts = priced(order)
    if not amounts.lines:
        raise UnmappableValueError(
            "no_lines", "The order has no position with a quantity: Shopify needs at least one of them."
        )
    if len(amounts.lines) > most_lines:
        raise too_many_lines(len(amounts.lines), most_lines)
    return amounts


def too_many_lines(count: int, most: int) -> UnmappableValueError:
    """Say that an order has more positions than fit."""
    return UnmappableValueError("too_many_lines", f"The order has {count} lines; Shopify takes {most} at most.")


def marker_fields(marker: Marker) -> tuple[MetafieldInput, ...]:
    """Give the metafield that carries our marker."""
    return (MetafieldInput(MARKER_NAMESPACE, MARKER_KEY, "id", str(marker)),)


def kept_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Give the tags that Shopify can hold on an order; a comma parts two tags."""
    parts = (part.strip() for tag in tags for part in tag.split(","))
    kept = {part.casefold(): part for part in parts if 0 < len(part) <= MOST_TAG}
    return tuple(kept.values())[:MOST_TAGS]


def gateway_of(order: Order) -> str:
    """Name the payment of an order so that no gateway of the shop is meant."""
    return GATEWAY_PREFIX + (order.payment_title.strip()[:MOST_TEXT] or "payment")


def gave_back(order: Order) -> bool:
    """Tell whether a refund gave money back."""
    return any(refund.amount.amount > 0 for refund in order.refunds)


def is_paid(order: Order) -> bool:
    """Tell whether money came in for the order: where some went back, it must have."""
    return order.financial_status in PAID or gave_back(order)


def title_of(line: OrderLine | Fee) -> str:
    """Give the title of a position; Shopify needs one."""
    sku = line.sku.strip() if isinstance(line, OrderLine) else ""
    return (line.title.strip() or sku or ("Fee" if isinstance(line, Fee) else "Item"))[:MOST_TEXT]


def properties_of(line: OrderLine | Fee) -> tuple[tuple[str, str], ...]:
    """Give what a line tells besides its price: the customer's choices, or that it stands for a fee."""
    return ((FEE_PROPERTY, title_of(line)),) if isinstance(line, Fee) else line.attributes


def discount_title(order: Order) -> str:
    """Name the one discount by the codes that made it."""
    codes = dict.fromkeys(coupon.code.strip() for coupon in order.coupons if coupon.code.strip())
    return ", ".join(codes)[:MOST_TEXT] or NO_COUPON


def _line(line: PricedLine, resolved: Resolved) -> wire_out.LineInput:
    part = line.part
    properties = tuple(
        wire_out.NamedValue(name.strip(), value)
        for name, value in properties_of(part)
        if name.strip() and value.strip()
    )
    line_of_any = wire_out.LineInput(
        title=title_of(part),
        quantity=line.quantity,
        price_set=wire_out.bag(line.unit_price),
        tax_lines=_taxes(line.taxes),
        properties=properties,
    )
    if isinstance(part, Fee):
        return msgspec.structs.replace(line_of_any, taxable=bool(line.taxes))
    return msgspec.structs.replace(
        line_of_any,
        variant_id=resolved.variants.get(part.sku, ""),
        variant_title=part.variant_title.strip()[:MOST_TEXT],
        sku=part.sku[:MOST_TEXT],
        requires_shipping=part.requires_shipping,
        taxable=part.is_taxable,
    )


def _shipping(part: PricedShipping) -> wire_out.ShippingLineInput:
    return wire_out.ShippingLineInput(
        title=part.part.title.strip()[:MOST_TEXT] or "Shipping",
        price_set=wire_out.bag(part.price),
        code=part.part.code.strip()[:MOST_TEXT],
        tax_lines=_taxes(part.taxes),
    )


def _taxes(taxes: Sequence[TaxLine]) -> tuple[wire_out.TaxLineInput, ...]:
    return tuple(
        wire_out.TaxLineInput(tax.title.strip()[:MOST_TEXT] or "Tax", tax.rate or Decimal(0), wire_out.bag(tax.amount))
        for tax in taxes
    )


def _discount(order: Order, amounts: PricedOrder) -> wire_out.DiscountCodeInput | None:
    if not amounts.discount.amount:
        return None
    fixed = wire_out.FixedDiscountInput(discount_title(order), wire_out.bag(amounts.discount))
    return wire_out.DiscountCodeInput(fixed)


def _financial_status(order: Order) -> str:
    """Give a status where payments can't make it; an order without either would have none at all."""
    if is_paid(order) and order.total.amount:
        # A refund that is entered later makes the status of its own; without one, the source's word must stay.
        return "REFUNDED" if order.financial_status == Financial.REFUNDED and not gave_back(order) else ""
    if is_paid(order):
        return "PAID"
    return order.financial_status.upper() if order.financial_status in _FORCED else "PENDING"


def _transactions(order: Order) -> tuple[wire_out.TransactionInput, ...]:
    if not is_paid(order) or not order.total.amount:
        return ()
    when = order.paid_at or order.created_at
    return (
        wire_out.TransactionInput(
            "SALE", "SUCCESS", gateway_of(order), wire_out.bag(order.total), processed_at=iso(when)
        ),
    )


def _closed_at(order: Order) -> datetime | None:
    if order.status_key() is not OrderStatus.COMPLETED:
        return None
    return order.completed_at or order.paid_at or order.created_at
