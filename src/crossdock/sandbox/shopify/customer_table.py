"""Keeps the customers: by number, by each unique value, in each sort order, and as the lagging search index sees them.

Must not know GraphQL, the rules of an input, or what is asked of it.
"""

from collections.abc import Callable
from typing import Final

from crossdock.sandbox.shopify.record_table import RecordTable, format_sortable
from crossdock.sandbox.shopify.records import Customer


def _name_key(customer: Customer) -> str:
    return f"{customer.last_name or ''}, {customer.first_name or ''}".casefold()


def _location_key(customer: Customer) -> str:
    address = customer.default_address
    return f"{address.country or ''}, {address.province or ''}, {address.city or ''}".casefold() if address else ""


_SORTS: Final[dict[str, Callable[[Customer], str]]] = {
    "CREATED_AT": lambda customer: format_sortable(customer.created_at),
    "UPDATED_AT": lambda customer: format_sortable(customer.updated_at),
    "NAME": _name_key,
    "LOCATION": _location_key,
}


def email_key(email: str) -> str:
    """Fold an e-mail to what is unique in a store: no white space, no case."""
    return "".join(email.split()).lower()


class CustomerTable(RecordTable[Customer]):
    """The customers of one store."""

    def __init__(self) -> None:
        super().__init__(lambda customer: customer.number, _SORTS)
        self._by_email: dict[str, int] = {}
        self._by_phone: dict[str, int] = {}
        self._by_custom_id: dict[tuple[str, str, str], int] = {}
        self._unique_keys: set[tuple[str, str]] = set()

    def by_email(self, email: str) -> Customer | None:
        """Find the customer who holds an e-mail, in any case."""
        return self.get(self._by_email.get(email_key(email)))

    def by_phone(self, phone: str) -> Customer | None:
        """Find the customer who holds an E.164 phone."""
        return self.get(self._by_phone.get(phone))

    def by_custom_id(self, namespace: str, key: str, value: str) -> Customer | None:
        """Find the customer who holds a unique metafield value."""
        return self.get(self._by_custom_id.get((namespace, key, value)))

    def make_unique(self, namespace: str, key: str) -> None:
        """Begin to keep a metafield's values unique; of values that are there already the first holder is found."""
        self._unique_keys.add((namespace, key))
        for customer in self:
            metafield = customer.metafield_of(namespace, key)
            if metafield is not None:
                self._by_custom_id.setdefault((namespace, key, metafield.value), customer.number)

    def _add_keys(self, row: Customer) -> None:
        if row.email is not None:
            self._by_email[email_key(row.email)] = row.number
        if row.phone is not None:
            self._by_phone[row.phone] = row.number
        for metafield in row.metafields:
            if (metafield.namespace, metafield.key) in self._unique_keys:
                self._by_custom_id[metafield.namespace, metafield.key, metafield.value] = row.number

    def _drop_keys(self, row: Customer) -> None:
        if row.email is not None:
            self._by_email.pop(email_key(row.email), None)
        if row.phone is not None:
            self._by_phone.pop(row.phone, None)
        for metafield in row.metafields:
            self._by_custom_id.pop((metafield.namespace, metafield.key, metafield.value), None)
