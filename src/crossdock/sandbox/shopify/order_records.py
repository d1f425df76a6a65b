"""Orders of the Shopify sandbox: lines, shipping, payments, refunds, and the totals that follow from them.

Attribute names are the API's field names in snake case. A change makes a new record. Must not know inputs or requests.
Source of the sums: reference §4.2 and §6.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from crossdock.sandbox.shopify.money_bag import ZERO, MoneyBag, add_up, no_money
from crossdock.sandbox.shopify.order_events import Fulfillment, Refund, Transaction
from crossdock.sandbox.shopify.order_parts import OrderLine, ShippingLine, TaxLine
from crossdock.sandbox.shopify.records import Address, Metafield, Wire

_SETTLED = frozenset({"PAID", "PARTIALLY_REFUNDED", "REFUNDED", "VOIDED"})


@dataclass(slots=True, frozen=True)
class Order:
    """An order. `financial_status` is None where nothing was said of payment; forced ones stay until an operation."""

    typename: ClassVar[str] = "Order"
    id_number: int
    name: str
    number: int
    created_at: datetime
    updated_at: datetime
    processed_at: datetime
    currency_code: str
    presentment_currency_code: str
    lines: tuple[OrderLine, ...]
    shipping: tuple[ShippingLine, ...] = ()
    transactions_made: tuple[Transaction, ...] = ()
    refunds_made: tuple[Refund, ...] = ()
    fulfillments_made: tuple[Fulfillment, ...] = ()
    taxes_included: bool = False
    financial_status: str | None = None
    fulfillment_status: str = "UNFULFILLED"
    email: str | None = None
    phone: str | None = None
    customer_number: int | None = None
    billing_address: Address | None = None
    shipping_address: Address | None = None
    discount_codes: tuple[str, ...] = ()
    note: str | None = None
    po_number: str | None = None
    tags: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    source_name: str | None = None
    source_identifier: str | None = None
    test: bool = False
    closed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    metafields: tuple[Metafield, ...] = ()
    payment_terms: Mapping[str, Wire] | None = field(default=None, repr=False)
    confirmed: ClassVar[bool] = True
    edited: ClassVar[bool] = False
    tax_exempt: ClassVar[bool] = False

    @property
    def id(self) -> str:
        """Answer the global id."""
        return f"gid://shopify/Order/{self.id_number}"

    @property
    def legacy_resource_id(self) -> int:
        """Answer the number of the global id."""
        return self.id_number

    @property
    def confirmation_number(self) -> str:
        """Answer the code on the customer's confirmation: letters and digits, not unique."""
        digits = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
        mixed = self.id_number * 2_654_435_761 % 32**9
        return "".join(digits[mixed >> 5 * place & 31] for place in range(9))

    @property
    def zero(self) -> MoneyBag:
        """Answer no money, in the order's currencies."""
        return no_money(self.currency_code, self.presentment_currency_code)

    @property
    def subtotal_price_set(self) -> MoneyBag:
        """Answer the lines after every discount."""
        return add_up((line.final_total for line in self.lines), self.zero)

    @property
    def total_discounts_set(self) -> MoneyBag:
        """Answer what all discounts took off, shipping included."""
        lines = (part.amount for line in self.lines for part in line.discount_allocations)
        shipping = (part.amount for line in self.shipping for part in line.discount_allocations)
        return add_up([*lines, *shipping], self.zero)

    @property
    def total_shipping_price_set(self) -> MoneyBag:
        """Answer shipping before discounts."""
        return add_up((line.original_price_set for line in self.shipping), self.zero)

    @property
    def all_taxes(self) -> Iterable[TaxLine]:
        """Give every tax line of lines and shipping."""
        for part in (*self.lines, *self.shipping):
            yield from part.tax_lines

    @property
    def total_tax_set(self) -> MoneyBag:
        """Answer every tax as it was given."""
        return add_up((tax.price_set for tax in self.all_taxes), self.zero)

    @property
    def total_price_set(self) -> MoneyBag:
        """Answer lines, shipping and, where prices don't include it, tax: before returns."""
        shipping = add_up((line.discounted_price_set for line in self.shipping), self.zero)
        total = self.subtotal_price_set + shipping
        return total if self.taxes_included else total + self.total_tax_set

    @property
    def original_total_price_set(self) -> MoneyBag:
        """Answer the total as at creation: orders aren't edited here."""
        return self.total_price_set

    @property
    def tax_lines(self) -> list[TaxLine]:
        """Add the taxes up by title and rate."""
        found: dict[tuple[str, Decimal], TaxLine] = {}
        for tax in self.all_taxes:
            known = found.get((tax.title, tax.rate))
            found[tax.title, tax.rate] = tax if known is None else known.plus(tax.price_set)
        return list(found.values())

    @property
    def current_subtotal_price_set(self) -> MoneyBag:
        """Answer the lines after every discount and return."""
        return add_up((line.final_total.share(line.current_quantity, line.quantity) for line in self.lines), self.zero)

    @property
    def current_shipping_price_set(self) -> MoneyBag:
        """Answer shipping after discounts and what was given back of it."""
        shipping = add_up((line.discounted_price_set for line in self.shipping), self.zero)
        return shipping - self.total_refunded_shipping_set

    @property
    def current_total_tax_set(self) -> MoneyBag:
        """Answer the tax on what wasn't returned."""
        shares = [
            tax.price_set.share(line.current_quantity, line.quantity) for line in self.lines for tax in line.tax_lines
        ]
        return add_up([*shares, *(tax.price_set for line in self.shipping for tax in line.tax_lines)], self.zero)

    @property
    def current_total_price_set(self) -> MoneyBag:
        """Answer the total after returns: money given back without lines leaves it as it is."""
        total = self.current_subtotal_price_set + self.current_shipping_price_set
        return total if self.taxes_included else total + self.current_total_tax_set

    @property
    def current_total_discounts_set(self) -> MoneyBag:
        """Answer the discounts on what wasn't returned."""
        shares = [
            part.amount.share(line.current_quantity, line.quantity)
            for line in self.lines
            for part in line.discount_allocations
        ]
        shipping = [part.amount for line in self.shipping for part in line.discount_allocations]
        return add_up([*shares, *shipping], self.zero)

    @property
    def current_tax_lines(self) -> list[TaxLine]:
        """Answer the tax lines; orders aren't edited here."""
        return self.tax_lines

    @property
    def total_received_set(self) -> MoneyBag:
        """Answer what sales and captures brought in."""
        return self._sum_of({"SALE", "CAPTURE"})

    @property
    def total_refunded_set(self) -> MoneyBag:
        """Answer what refunds gave back."""
        return add_up((refund.total_refunded_set for refund in self.refunds_made), self.zero)

    @property
    def total_refunded_shipping_set(self) -> MoneyBag:
        """Answer what refunds gave back of shipping."""
        return add_up((refund.shipping for refund in self.refunds_made if refund.shipping is not None), self.zero)

    @property
    def net_payment_set(self) -> MoneyBag:
        """Answer what came in, less what was given back."""
        return self.total_received_set - self.total_refunded_set

    @property
    def total_capturable_set(self) -> MoneyBag:
        """Answer what is authorized and not captured."""
        return self._sum_of({"AUTHORIZATION"}) - self._sum_of({"CAPTURE", "VOID"})

    @property
    def total_outstanding_set(self) -> MoneyBag:
        """Answer what no payment and no authorization covers; nothing once cancelled or voided."""
        if self.cancelled_at is not None or self.financial_status == "VOIDED":
            return self.zero
        open_amount = self.total_price_set - self.total_received_set - self.total_capturable_set
        return open_amount if open_amount.shop > ZERO else self.zero

    @property
    def capturable(self) -> bool:
        """Tell whether anything is left to capture."""
        return self.total_capturable_set.shop > ZERO

    @property
    def can_mark_as_paid(self) -> bool:
        """Tell whether orderMarkAsPaid would work."""
        return self.cancelled_at is None and self.financial_status not in _SETTLED

    @property
    def fully_paid(self) -> bool:
        """Tell whether nothing is outstanding."""
        return self.financial_status == "PAID"

    @property
    def unpaid(self) -> bool:
        """Tell whether nothing came in."""
        return not self.total_received_set

    @property
    def refundable(self) -> bool:
        """Tell whether a refund could give anything back."""
        return self.net_payment_set.shop > ZERO or any(line.current_quantity for line in self.lines)

    @property
    def requires_shipping(self) -> bool:
        """Tell whether any line is sent."""
        return any(line.requires_shipping for line in self.lines)

    @property
    def closed(self) -> bool:
        """Tell whether the order is closed."""
        return self.closed_at is not None

    @property
    def display_financial_status(self) -> str | None:
        """Answer the financial status."""
        return self.financial_status

    @property
    def display_fulfillment_status(self) -> str:
        """Answer the fulfillment status; new in 2026-10, nothing is left to fulfil on a cancelled or returned order."""
        is_over = self.cancelled_at is not None or not any(line.current_quantity for line in self.lines)
        return "FULFILLMENT_NOT_REQUIRED" if is_over and self.fulfillment_status == "UNFULFILLED" else (
            self.fulfillment_status
        )  # fmt: skip

    @property
    def payment_gateway_names(self) -> list[str]:
        """List the gateways of the payments."""
        return list(dict.fromkeys(made.gateway for made in self.transactions_made if made.gateway))

    @property
    def discount_code(self) -> str | None:
        """Answer the first discount code."""
        return self.discount_codes[0] if self.discount_codes else None

    @property
    def custom_attributes(self) -> list[Mapping[str, str]]:
        """Answer the attributes as objects."""
        return [{"key": key, "value": value} for key, value in self.attributes]

    @property
    def shipping_line(self) -> ShippingLine | None:
        """Answer the first shipping line."""
        return self.shipping[0] if self.shipping else None

    @property
    def subtotal_line_items_quantity(self) -> int:
        """Count the units bought."""
        return sum(line.quantity for line in self.lines)

    @property
    def current_subtotal_line_items_quantity(self) -> int:
        """Count the units that weren't returned."""
        return sum(line.current_quantity for line in self.lines)

    @property
    def billing_address_matches_shipping_address(self) -> bool:
        """Tell whether both addresses are the same."""
        return self.billing_address == self.shipping_address

    def metafield_of(self, namespace: str, key: str) -> Metafield | None:
        """Find the metafield under that namespace and key."""
        return next((m for m in self.metafields if m.key == key and m.namespace == namespace), None)

    def line(self, number: int | None) -> OrderLine | None:
        """Find a line by number."""
        return next((line for line in self.lines if line.number == number), None)

    def transaction(self, number: int | None) -> Transaction | None:
        """Find a transaction by number."""
        return next((made for made in self.transactions_made if made.number == number), None)

    def _sum_of(self, kinds: set[str]) -> MoneyBag:
        chosen = (made.amount_set for made in self.transactions_made if made.kind in kinds and made.status == "SUCCESS")
        return add_up(chosen, self.zero)
