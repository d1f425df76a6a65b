"""Whether an order or a draft that was made reads back as it was sent, and the amounts that it holds.

Owns which values are compared, now and when the record is undone. A light document tells them, so that a hundred orders
cost as much as a few writes.

Source: Shopify Admin GraphQL API 2026-10, `Order`, `DraftOrder`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from crossdock.connectors.shopify.customers.wire import Address, Metafield
from crossdock.connectors.shopify.documents import load
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.orders import wire
from crossdock.connectors.shopify.orders.creation import held_total, total_differs
from crossdock.connectors.shopify.orders.details import iso
from crossdock.connectors.shopify.orders.steps import Expected
from crossdock.domain.figures import Figures
from crossdock.domain.identity import Marker, email_key, text_key
from crossdock.domain.imprint import Imprint, imprint_of
from crossdock.domain.money import Money, total
from crossdock.domain.plan import Level, Reason

VERIFY: Final = load("orders/verify.graphql", "orders/taxes.graphql", "orders/address.graphql")

_EXPLAINED: Final = {
    "total_differs": "total",
    "email_left_out": "e-mail",
    "customer_refused": "customer",
}


class _Line(msgspec.Struct, rename="camel", frozen=True):
    id: str = ""
    title: str = ""
    quantity: int = 0
    current_quantity: int | None = None


class _PageInfo(msgspec.Struct, rename="camel", frozen=True):
    has_next_page: bool = False


class _Lines(msgspec.Struct, rename="camel", frozen=True):
    nodes: tuple[_Line, ...] = ()
    page_info: _PageInfo = _PageInfo()


class Held(msgspec.Struct, rename="camel", frozen=True):
    """What a store holds of an order or a draft; one without an id is no such record."""

    id: str = ""
    name: str = ""
    email: str | None = None
    phone: str | None = None
    note: str | None = None
    draft_note: str | None = None
    tags: tuple[str, ...] = ()
    status: str = ""
    ready: bool = True
    processed_at: datetime | None = None
    cancelled_at: datetime | None = None
    display_financial_status: str | None = None
    display_fulfillment_status: str | None = None
    taxes_included: bool = False
    total_price_set: wire.MoneyBag | None = None
    total_tax_set: wire.MoneyBag | None = None
    total_discounts_set: wire.MoneyBag | None = None
    draft_discounts_set: wire.MoneyBag | None = None
    total_received_set: wire.MoneyBag | None = None
    total_refunded_set: wire.MoneyBag | None = None
    customer: wire.Named | None = None
    custom_attributes: tuple[wire.Attribute, ...] = ()
    billing_address: Address | None = None
    shipping_address: Address | None = None
    metafield: Metafield | None = None
    order: wire.Named | None = None
    line_items: _Lines = _Lines()
    shipping_lines: wire.ShippingLines = wire.ShippingLines()
    shipping_line: wire.ShippingLine | None = None


class _Nodes(msgspec.Struct, frozen=True):
    nodes: list[Held | None]


async def read_back(graphql: GraphQL, ids: Sequence[str]) -> dict[str, Held]:
    """Read what a store holds of up to a hundred orders and drafts, by id."""
    found = await graphql.query(VERIFY, {"ids": list(ids)}, _Nodes)
    return {held.id: held for held in found.nodes if held is not None and held.total_price_set is not None}


def explained_values(reasons: Iterable[Reason]) -> frozenset[str]:
    """Give the values in which an order differs from its plan for reasons that were told when it was made."""
    return frozenset(_EXPLAINED[reason.code] for reason in reasons if reason.code in _EXPLAINED)


def changed_by_store(
    expected: Expected, held: Held, marker: Marker, *, explained: frozenset[str] = frozenset()
) -> tuple[Reason, ...]:
    """Tell which values, but those that are `explained`, are not as planned; no reason where all are."""
    reasons: list[Reason] = []
    planned = Money.of(expected.total, expected.currency)
    charged = _money(held.total_price_set, expected.currency)
    if charged != planned and "total" not in explained:
        reasons.append(total_differs(charged, planned))
    if held.total_price_set and held.total_price_set.shop_money.currency_code != expected.currency:
        text = "Shopify holds this in the shop's own currency, by a rate of its own; the customer is shown the order's."
        reasons.append(Reason("held_in_shop_currency", Level.WARNING, text))
    names = [name for name, is_kept in _kept(expected, held).items() if not is_kept and name not in explained]
    if names:
        text = f"Shopify holds other values than were sent for: {', '.join(names)}."
        reasons.append(Reason("field_changed_by_store", Level.WARNING, text))
    if held.metafield is None or held.metafield.value != str(marker):
        text = "The order does not carry Crossdock's note: another app has removed or changed it."
        reasons.append(Reason("marker_changed", Level.WARNING, text))
    return tuple(reasons)


def held_imprint(held: Held) -> Imprint:
    """Take an imprint of all that was sent, as the store holds it; of payments, what was received and given back."""
    fields: dict[str, object] = {
        "number": held.name,
        "e-mail": held.email,
        "telephone": held.phone,
        "note": held.note or held.draft_note,
        "tags": sorted(held.tags),
        "status": held.status,
        "date": held.processed_at,
        "cancellation": held.cancelled_at is not None,
        "fulfilment": held.display_fulfillment_status,
        "payments": held.total_received_set,
        "refunds": held.total_refunded_set,
        "customer": held.customer,
        "attributes": held.custom_attributes,
        "billing address": held.billing_address,
        "shipping address": held.shipping_address,
        "lines": held.line_items.nodes,
        "shipping": held.shipping_line or held.shipping_lines.nodes,
        "Crossdock's note": held.metafield,
    }
    # A draft that Shopify still adds up has no amounts yet.
    amounts: dict[str, object] = {
        "total": held.total_price_set,
        "tax": held.total_tax_set,
        "discount": held.total_discounts_set or held.draft_discounts_set,
    }
    return imprint_of({**fields, **amounts} if held.ready else fields)


def figures_of(expected: Expected, held: Held) -> Figures | None:
    """Give the amounts that the store holds, in the source's words; None where it holds them in another currency.

    What the discount holds beyond coupons is taken off it, and a draft's tax is the line that stands for it.
    """
    currency = expected.currency
    lines = [*held.shipping_lines.nodes, *([held.shipping_line] if held.shipping_line else [])]
    shipping = [_money(line.discounted_price_set, currency) for line in lines]
    if held.taxes_included:
        shipping += [-_money(tax.price_set, currency) for line in lines for tax in line.tax_lines]
    discount = _money(held.total_discounts_set or held.draft_discounts_set, currency)
    amounts = {
        "gross": _money(held.total_price_set, currency),
        "tax": _money(held.total_tax_set, currency) if held.total_tax_set else Money.of(expected.tax, currency),
        "refund": _given_back(held, currency),
    }
    if any(money.currency != currency for money in (*shipping, discount, *amounts.values())):
        return None
    amounts["shipping"] = total(shipping, currency)
    amounts["discount"] = discount - Money.of(expected.reductions, currency)
    return Figures(currency, amounts)


def _given_back(held: Held, currency: str) -> Money:
    """Give what was refunded: all of it where the order counts as refunded and no refund is listed."""
    refunded = _money(held.total_refunded_set, currency)
    is_unlisted = held.display_financial_status == "REFUNDED" and not refunded.amount
    return _money(held.total_price_set, currency) if is_unlisted else refunded


def _kept(expected: Expected, held: Held) -> dict[str, bool]:
    units = sum(line.quantity for line in held.line_items.nodes)
    is_whole = not held.line_items.page_info.has_next_page
    received = _money(held.total_received_set, expected.currency)
    refunded = _money(held.total_refunded_set, expected.currency)
    return {
        "number": not expected.name or held.name == expected.name,
        "date": not expected.processed_at or iso(held.processed_at) == expected.processed_at,
        "e-mail": not expected.email or email_key(expected.email) == email_key(held.email or ""),
        "customer": not expected.customer or (held.customer is not None and held.customer.id == expected.customer),
        "note": text_key(expected.note) == text_key(held.note or held.draft_note or ""),
        "lines": not is_whole or (units, len(held.line_items.nodes)) == (expected.units, expected.lines),
        "payments": not expected.received or received == Money.of(expected.received, expected.currency),
        "refunds": refunded == Money.of(expected.refunded, expected.currency),
        "cancellation": (held.cancelled_at is not None) == expected.is_cancelled,
        "draft": held.order is None,
    }


def _money(bag: wire.MoneyBag | None, currency: str) -> Money:
    return held_total(bag, currency) if bag is not None else Money.of(0, currency)
