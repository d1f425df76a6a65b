"""An order as both platforms can describe one.

Owns the domain model that mappings produce and consume, its arithmetic, and the keys by which orders are matched.
Unknown text is the empty string, never None. It must not know either platform's field names.

All amounts of lines, shipping and fees are *in the order's own sense of tax*: they include tax exactly where
`taxes_included` is true. Order money is shop money; presentment goes along beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from crossdock.domain.customer import Address, Customer, distinct_addresses
from crossdock.domain.figures import Figures
from crossdock.domain.identity import email_key, number_key
from crossdock.domain.money import Money, total

GUEST_PREFIX = "guest:"
"""What the id of a customer begins with who is known from orders only; the folded e-mail address follows."""


class Financial(StrEnum):
    """Whether an order is paid, in Shopify's words in lower case; other words are kept as they come."""

    PENDING = "pending"
    AUTHORIZED = "authorized"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    VOIDED = "voided"
    EXPIRED = "expired"


class Fulfillment(StrEnum):
    """Whether an order is fulfilled, in Shopify's words in lower case; other words are kept as they come."""

    UNFULFILLED = "unfulfilled"
    PARTIALLY_FULFILLED = "partially_fulfilled"
    FULFILLED = "fulfilled"
    NOT_REQUIRED = "fulfillment_not_required"


class OrderStatus(StrEnum):
    """Where an order stands, in words that both platforms can tell apart: statuses are compared by these."""

    OPEN = "open"
    PROCESSING = "processing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


_PAID = frozenset({Financial.PAID, Financial.PARTIALLY_REFUNDED})
_DELIVERED = frozenset({Fulfillment.FULFILLED, Fulfillment.NOT_REQUIRED})


@dataclass(frozen=True, slots=True)
class TaxLine:
    """A tax as charged. `rate` is a fraction (0.19), None where the platform does not tell."""

    title: str
    amount: Money
    rate: Decimal | None = None
    is_compound: bool = False


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A position of an order.

    `subtotal` is the price of all units before discounts, `total` after all discounts, both in the order's sense of
    tax. `attributes` are what the customer chose, name and value. `id` is the platform's id of the line.
    """

    title: str
    quantity: int
    subtotal: Money
    total: Money
    id: str = ""
    sku: str = ""
    variant_title: str = ""
    product_id: str = ""
    variant_id: str = ""
    is_taxable: bool = True
    requires_shipping: bool = True
    taxes: tuple[TaxLine, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ShippingLine:
    """How an order was sent, and what that cost after discounts, in the order's sense of tax."""

    title: str
    price: Money
    id: str = ""
    code: str = ""
    taxes: tuple[TaxLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Fee:
    """A surcharge, or a reduction where `amount` is negative, in the order's sense of tax."""

    title: str
    amount: Money
    id: str = ""
    taxes: tuple[TaxLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Coupon:
    """A discount code, and what it took off where the platform tells: information, as lines hold the discount."""

    code: str
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class RefundLine:
    """Units of a line that were given back. `line_id` is the line's id in the same store."""

    line_id: str
    quantity: int
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back. `amount` is positive."""

    id: str
    amount: Money
    reason: str = ""
    created_at: datetime | None = None
    lines: tuple[RefundLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Transaction:
    """A payment.

    `kind` (`sale`, `authorization`, `capture`, `refund`, `void`) and `status` (`success`, `failure`) in lower case.
    """

    kind: str
    amount: Money
    gateway: str = ""
    status: str = "success"
    reference: str = ""
    processed_at: datetime | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One order of one store.

    `number` is what the shop calls the order (`#1001`), `bare_number` the same without what the store, or we, put
    around it. `status` is the platform's own word, `financial_status` and `fulfillment_status` are Shopify's in lower
    case. `customer_id` is empty for guests. `total` is what was charged, tax included, before refunds. `refunded` is
    the sum of refunds, also where a light read leaves `refunds` out. `created_at` is when the customer ordered, never
    the import. `line_count` counts the positions as a shop shows them, `comparable_line_count` as the other platform
    would hold them (positive fees are lines there, lines of no units and tax written as a line are none); both are None
    where a light read leaves them out. `marker` is our own note, empty on records that we did not make. `is_draft`: our
    draft of a source order; `became_id` is the order that a completed draft turned into. `unknown` are words of the
    platform that we don't know, kept raw: each is worth a warning.
    """

    id: str
    number: str
    currency: str
    total: Money
    created_at: datetime | None = None
    bare_number: str = ""
    email: str = ""
    phone: str = ""
    status: str = ""
    financial_status: str = Financial.PENDING
    fulfillment_status: str = Fulfillment.UNFULFILLED
    paid_at: datetime | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    is_cancelled: bool = False
    taxes_included: bool = False
    total_tax: Money | None = None
    shipping_total: Money | None = None
    discount_total: Money | None = None
    refunded: Money | None = None
    presentment_total: Money | None = None
    lines: tuple[OrderLine, ...] = ()
    shipping_lines: tuple[ShippingLine, ...] = ()
    fees: tuple[Fee, ...] = ()
    coupons: tuple[Coupon, ...] = ()
    taxes: tuple[TaxLine, ...] = ()
    refunds: tuple[Refund, ...] = ()
    transactions: tuple[Transaction, ...] = ()
    payment_title: str = ""
    customer_id: str = ""
    billing: Address | None = None
    shipping: Address | None = None
    note: str = ""
    tags: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    is_test: bool = False
    is_draft: bool = False
    became_id: str = ""
    line_count: int | None = None
    comparable_line_count: int | None = None
    marker: str = ""
    unknown: tuple[str, ...] = ()

    def email_key(self) -> str | None:
        """Key by e-mail address."""
        return email_key(self.email)

    def person(self) -> str:
        """Tell under which id the order's customer is known: the account's, else the guest's; empty for nobody."""
        return self.customer_id or guest_id(self.email)

    def number_key(self) -> str | None:
        """Key by order number, without what stores put around it."""
        return number_key(self.bare_number or self.number)

    def status_key(self) -> OrderStatus:
        """Tell where the order stands, in words that survive a migration in either direction."""
        if self.is_cancelled or self.financial_status in {Financial.VOIDED, Financial.EXPIRED}:
            return OrderStatus.CANCELLED
        if self.financial_status == Financial.REFUNDED:
            return OrderStatus.REFUNDED
        if self.financial_status not in _PAID:
            return OrderStatus.OPEN
        return OrderStatus.COMPLETED if self.fulfillment_status in _DELIVERED else OrderStatus.PROCESSING

    def given_back(self) -> Money:
        """Give what was refunded: all of it where the order counts as refunded and no refund is listed."""
        refunded = self.refunded or Money.of(0, self.currency)
        is_unlisted = self.financial_status == Financial.REFUNDED and not refunded.amount
        return self.total if is_unlisted else refunded

    def figures(self) -> Figures:
        """Give the amounts that a reconciliation adds up: shipping without tax, discounts as the lines hold them."""
        zero = Money.of(0, self.currency)
        return Figures(
            currency=self.currency,
            amounts={
                "gross": self.total,
                "tax": self.total_tax or zero,
                "shipping": self.shipping_total or zero,
                "discount": self.discount_total or zero,
                "refund": self.given_back(),
            },
        )

    def sum_of_parts(self) -> Money:
        """Add lines after discounts, fees, shipping and, where not included, tax: what `total` should be."""
        parts = [*(line.total for line in self.lines), *(fee.amount for fee in self.fees)]
        parts += [line.price for line in self.shipping_lines]
        if not self.taxes_included:
            parts += [tax.amount for tax in self.all_taxes()]
        return total(parts, self.currency)

    def all_taxes(self) -> Iterable[TaxLine]:
        """Give every tax as charged: of lines, of shipping, of fees."""
        for part in (*self.lines, *self.shipping_lines, *self.fees):
            yield from part.taxes


def guest_id(email: str) -> str:
    """Give the id of the guest with this address; empty where the address identifies nobody."""
    key = email_key(email)
    return f"{GUEST_PREFIX}{key}" if key else ""


def guest_of(order: Order) -> Customer:
    """Describe the person of an order as a customer who is known from orders only."""
    person = order.billing or order.shipping or Address()
    return Customer(
        id=guest_id(order.email),
        email=order.email,
        first_name=person.first_name,
        last_name=person.last_name,
        phone=order.phone or person.phone,
        created_at=order.created_at,
        addresses=distinct_addresses(tuple(a for a in (order.billing, order.shipping) if a is not None)),
        is_guest=True,
        has_past_order=True,
    )
