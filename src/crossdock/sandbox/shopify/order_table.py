"""Keeps orders and drafts: by number, unique metafield and customer, and how far a token may look back.

Must not know GraphQL, the rules of an input, or what is asked of it.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from crossdock.sandbox.shopify.draft_records import DraftOrder
from crossdock.sandbox.shopify.order_records import Order
from crossdock.sandbox.shopify.record_table import RecordTable, format_sortable
from crossdock.sandbox.shopify.records import Metafield

_SORTS: Final[dict[str, Callable[[Order], str]]] = {
    "CREATED_AT": lambda order: format_sortable(order.created_at),
    "UPDATED_AT": lambda order: format_sortable(order.updated_at),
    "PROCESSED_AT": lambda order: format_sortable(order.processed_at),
    "ORDER_NUMBER": lambda order: f"{order.number:015}",
    "PO_NUMBER": lambda order: order.po_number or "",
    "FINANCIAL_STATUS": lambda order: order.financial_status or "",
    "FULFILLMENT_STATUS": lambda order: order.fulfillment_status,
    "TOTAL_PRICE": lambda order: f"{order.total_price_set.shop:020.3f}",
    "CURRENT_TOTAL_PRICE": lambda order: f"{order.current_total_price_set.shop:020.3f}",
    "TOTAL_ITEMS_QUANTITY": lambda order: f"{order.subtotal_line_items_quantity:010}",
    "CUSTOMER_NAME": lambda order: order.billing_address.name or "" if order.billing_address else "",
    "DESTINATION": lambda order: order.shipping_address.formatted_area or "" if order.shipping_address else "",
}
_DRAFT_SORTS: Final[dict[str, Callable[[DraftOrder], str]]] = {
    "UPDATED_AT": lambda draft: format_sortable(draft.updated_at),
    "NUMBER": lambda draft: f"{draft.count:015}",
    "STATUS": lambda draft: draft.status,
    "TOTAL_PRICE": lambda draft: f"{draft.total_price_set.shop:020.3f}",
}


class _CustomIds:
    """Who holds which unique metafield value."""

    def __init__(self) -> None:
        self._holders: dict[tuple[str, str, str], int] = {}
        self._keys: set[tuple[str, str]] = set()

    def watch(self, namespace: str, key: str) -> None:
        self._keys.add((namespace, key))

    def find(self, namespace: str, key: str, value: str) -> int | None:
        return self._holders.get((namespace, key, value))

    def add(self, metafields: tuple[Metafield, ...], number: int) -> None:
        for one in metafields:
            if (one.namespace, one.key) in self._keys:
                self._holders.setdefault((one.namespace, one.key, one.value), number)

    def drop(self, metafields: tuple[Metafield, ...], number: int) -> None:
        for one in metafields:
            if self._holders.get((one.namespace, one.key, one.value)) == number:
                del self._holders[one.namespace, one.key, one.value]


class OrderTable(RecordTable[Order]):
    """The orders of one store."""

    def __init__(self) -> None:
        super().__init__(lambda order: order.id_number, _SORTS)
        self._custom_ids = _CustomIds()
        self._by_customer: dict[int, set[int]] = {}

    def by_custom_id(self, namespace: str, key: str, value: str) -> Order | None:
        """Find the order that holds a unique metafield value."""
        return self.get(self._custom_ids.find(namespace, key, value))

    def make_unique(self, namespace: str, key: str) -> None:
        """Begin to keep a metafield's values unique; of values that are there already the first holder is found."""
        self._custom_ids.watch(namespace, key)
        for order in self:
            self._custom_ids.add(order.metafields, order.id_number)

    def count_of(self, customer_number: int) -> int:
        """Count a customer's orders."""
        return len(self._by_customer.get(customer_number, ()))

    def spent_by(self, customer_number: int) -> Decimal:
        """Add up a customer's net payments, in the shop's currency as the orders hold it."""
        numbers = self._by_customer.get(customer_number, ())
        orders = (self._by_number[number] for number in numbers)
        return sum((order.net_payment_set.shop for order in orders), Decimal(0))

    def _add_keys(self, row: Order) -> None:
        if row.metafields:
            self._custom_ids.add(row.metafields, row.id_number)
        if row.customer_number is not None:
            self._by_customer.setdefault(row.customer_number, set()).add(row.id_number)

    def _drop_keys(self, row: Order) -> None:
        self._custom_ids.drop(row.metafields, row.id_number)
        if row.customer_number is not None:
            self._by_customer[row.customer_number].discard(row.id_number)


class DraftTable(RecordTable[DraftOrder]):
    """The draft orders of one store."""

    def __init__(self) -> None:
        super().__init__(lambda draft: draft.number, _DRAFT_SORTS)
        self._custom_ids = _CustomIds()

    def by_custom_id(self, namespace: str, key: str, value: str) -> DraftOrder | None:
        """Find the draft that holds a unique metafield value."""
        return self.get(self._custom_ids.find(namespace, key, value))

    def make_unique(self, namespace: str, key: str) -> None:
        """Begin to keep a metafield's values unique; of values that are there already the first holder is found."""
        self._custom_ids.watch(namespace, key)
        for draft in self:
            self._custom_ids.add(draft.metafields, draft.number)

    def _add_keys(self, row: DraftOrder) -> None:
        self._custom_ids.add(row.metafields, row.number)

    def _drop_keys(self, row: DraftOrder) -> None:
        self._custom_ids.drop(row.metafields, row.number)
