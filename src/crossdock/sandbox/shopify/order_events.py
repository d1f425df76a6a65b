"""What happened to an order: payments, refunds, fulfillments. Must not know their order, but its number.

Attribute names are the API's field names in snake case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from crossdock.sandbox.shopify.money_bag import MoneyBag
from crossdock.sandbox.shopify.records import Wire, gid


@dataclass(slots=True, frozen=True)
class Transaction:
    """A payment, or one given back."""

    typename: ClassVar[str] = "OrderTransaction"
    number: int
    order_number: int
    kind: str
    status: str
    gateway: str | None
    amount_set: MoneyBag
    created_at: datetime
    processed_at: datetime | None = None
    parent_number: int | None = None
    is_real: bool = False
    test: bool = False
    authorization_code: str | None = None
    receipt_json: str | None = None

    @property
    def id(self) -> str:
        """Answer the global id."""
        return gid("OrderTransaction", self.number)

    @property
    def formatted_gateway(self) -> str | None:
        """Answer the gateway's name as the admin shows it."""
        return self.gateway.replace("_", " ").capitalize() if self.gateway else None

    @property
    def manual_payment_gateway(self) -> bool:
        """Tell whether no gateway of the store moved the money."""
        return not self.is_real

    @property
    def payment_id(self) -> str:
        """Answer a reference."""
        return f"#{self.order_number}.{self.number % 1000}"


@dataclass(slots=True, frozen=True)
class RefundLine:
    """Units of a line that were given back."""

    number: int
    order_number: int
    line_number: int
    quantity: int
    restock_type: str
    restocked: bool
    price_set: MoneyBag
    subtotal_set: MoneyBag
    total_tax_set: MoneyBag

    @property
    def id(self) -> str:
        """Answer the global id."""
        return gid("RefundLineItem", self.number)


@dataclass(slots=True, frozen=True)
class Refund:
    """A refund: what was given back of lines and shipping, and the transactions that paid it."""

    typename: ClassVar[str] = "Refund"
    number: int
    order_number: int
    created_at: datetime
    processed_at: datetime
    total_refunded_set: MoneyBag
    note: str | None = None
    lines: tuple[RefundLine, ...] = ()
    transaction_numbers: tuple[int, ...] = ()
    shipping: MoneyBag | None = None

    @property
    def id(self) -> str:
        """Answer the global id."""
        return gid("Refund", self.number)

    @property
    def legacy_resource_id(self) -> int:
        """Answer the number of the global id."""
        return self.number

    @property
    def updated_at(self) -> datetime:
        """Answer the time of creation: refunds don't change."""
        return self.created_at


@dataclass(slots=True, frozen=True)
class Fulfillment:
    """A shipment of all lines."""

    typename: ClassVar[str] = "Fulfillment"
    number: int
    order_number: int
    name: str
    created_at: datetime
    location_number: int | None
    total_quantity: int
    tracking: tuple[Mapping[str, Wire], ...] = ()
    status: ClassVar[str] = "SUCCESS"
    display_status: ClassVar[str] = "FULFILLED"

    @property
    def id(self) -> str:
        """Answer the global id."""
        return gid("Fulfillment", self.number)

    @property
    def legacy_resource_id(self) -> int:
        """Answer the number of the global id."""
        return self.number

    @property
    def updated_at(self) -> datetime:
        """Answer the time of creation: fulfillments don't change."""
        return self.created_at
