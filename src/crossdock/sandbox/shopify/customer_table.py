"""Keeps the customers: by number, by each unique value, in each sort order, and as the lagging search index sees them.

Must not know GraphQL, the rules of an input, or what is asked of it.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from crossdock.sandbox.shopify.records import Customer

SortKey = tuple[object, int]


def _name_key(customer: Customer) -> str:
    return f"{customer.last_name or ''}, {customer.first_name or ''}".casefold()


def _location_key(customer: Customer) -> str:
    address = customer.default_address
    return f"{address.country or ''}, {address.province or ''}, {address.city or ''}".casefold() if address else ""


_SORTS: dict[str, Callable[[Customer], object]] = {
    "CREATED_AT": lambda customer: customer.created_at.isoformat(),
    "UPDATED_AT": lambda customer: customer.updated_at.isoformat(),
    "NAME": _name_key,
    "LOCATION": _location_key,
}


def email_key(email: str) -> str:
    """Fold an e-mail to what is unique in a store: no white space, no case."""
    return "".join(email.split()).lower()


class CustomerTable:
    """The customers of one store."""

    def __init__(self) -> None:
        self._by_number: dict[int, Customer] = {}
        self._by_email: dict[str, int] = {}
        self._by_phone: dict[str, int] = {}
        self._by_custom_id: dict[tuple[str, str, str], int] = {}
        self._unique_keys: set[tuple[str, str]] = set()
        self._numbers: list[int] = []
        self._orders: dict[str, list[SortKey]] = {}
        self._behind: dict[int, tuple[datetime, Customer | None]] = {}

    def __len__(self) -> int:
        return len(self._by_number)

    def __iter__(self) -> Iterator[Customer]:
        return iter(self._by_number.values())

    def get(self, number: int | None) -> Customer | None:
        """Find a customer by number."""
        return None if number is None else self._by_number.get(number)

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

    def put(self, customer: Customer, now: datetime, lag: timedelta = timedelta()) -> None:
        """Add or replace a customer; for the time of the lag a search still sees what was there before."""
        before = self._by_number.get(customer.number)
        if lag:
            earlier = self._behind.get(customer.number)
            # A second write while the first is not indexed: the index still shows what was there before both.
            stale = earlier[1] if earlier is not None and now < earlier[0] else before
            self._behind[customer.number] = (now + lag, stale)
        if before is None:
            self._numbers.append(customer.number)
        else:
            self._drop_keys(before)
        self._by_number[customer.number] = customer
        self._add_keys(customer)
        by_id = self._orders.pop("ID", None)
        self._orders.clear()
        if by_id is not None:
            if before is None:
                by_id.append((customer.number, customer.number))
            self._orders["ID"] = by_id

    def remove(self, number: int) -> None:
        """Delete a customer; every search misses it at once, since a result is read from the store."""
        self._drop_keys(self._by_number.pop(number))
        del self._numbers[bisect_left(self._numbers, number)]
        self._behind.pop(number, None)
        self._orders.clear()

    def order(self, sort_key: str) -> list[SortKey]:
        """List (sort value, number) of every customer in ascending order; sorted by id, both are the number."""
        compute = _SORTS.get(sort_key)
        cached = self._orders.get(sort_key if compute else "ID")
        if cached is not None:
            return cached
        if compute is None:
            built: list[SortKey] = [(number, number) for number in self._numbers]
            self._orders["ID"] = built
            return built
        built = [(compute(customer), customer.number) for customer in self]
        built.sort(key=lambda entry: (str(entry[0]), entry[1]))
        self._orders[sort_key] = built
        return built

    def indexed(self, customer: Customer, now: datetime) -> Customer | None:
        """Answer a customer as the search index knows it now: maybe an earlier state, or None when not yet indexed."""
        behind = self._behind.get(customer.number)
        if behind is None:
            return customer
        if now >= behind[0]:
            del self._behind[customer.number]
            return customer
        return behind[1]

    def _add_keys(self, customer: Customer) -> None:
        if customer.email is not None:
            self._by_email[email_key(customer.email)] = customer.number
        if customer.phone is not None:
            self._by_phone[customer.phone] = customer.number
        for metafield in customer.metafields:
            if (metafield.namespace, metafield.key) in self._unique_keys:
                self._by_custom_id[metafield.namespace, metafield.key, metafield.value] = customer.number

    def _drop_keys(self, customer: Customer) -> None:
        if customer.email is not None:
            self._by_email.pop(email_key(customer.email), None)
        if customer.phone is not None:
            self._by_phone.pop(customer.phone, None)
        for metafield in customer.metafields:
            self._by_custom_id.pop((metafield.namespace, metafield.key, metafield.value), None)
