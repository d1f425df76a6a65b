"""Own the products and variations of one store: REST records, found by id and by SKU, and the ledger of their stock.

Knows no HTTP and no order. SKUs may be shared: seeded data has such products, though the API would refuse them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from crossdock.sandbox.woocommerce.amounts import decimal
from crossdock.sandbox.woocommerce.product import product_record, variation_record

Record = dict[str, Any]


class Catalogue:
    """All products of a store; `changes` counts changed stock quantities, `sales_changes` changed sales figures."""

    def __init__(self) -> None:
        self.changes: Counter[int] = Counter()
        self.sales_changes = 0
        self._records: dict[int, Record] = {}
        self._by_sku: dict[str, list[int]] = {}

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records.values())

    def add(self, record: Mapping[str, Any], product_id: int, *, is_variation: bool) -> None:
        """Take a record in as it stands, its missing fields filled; an id that is known is replaced."""
        filled = variation_record(record, product_id) if is_variation else product_record(record, product_id)
        self._records[product_id] = filled
        if filled["sku"]:
            ids = self._by_sku.setdefault(str(filled["sku"]).lower(), [])
            if product_id not in ids:
                ids.append(product_id)

    def get(self, product_id: int) -> Record | None:
        """Return the record of a product or a variation, or None."""
        return self._records.get(product_id)

    def by_sku(self, sku: str) -> list[Record]:
        """Return every product and variation of a SKU in any case, lowest id first; trashed ones don't count."""
        found = (self._records[one] for one in sorted(self._by_sku.get(sku.lower(), ())))
        return [record for record in found if record["status"] != "trash"]

    def variations_of(self, parent_id: int) -> list[Record]:
        """Return the variations of a product."""
        return [one for one in self._records.values() if is_variation(one) and one.get("parent_id") == parent_id]

    def parent_of(self, record: Record) -> Record | None:
        """Return the product that a variation belongs to, or None."""
        return self._records.get(int(record.get("parent_id") or 0)) if is_variation(record) else None

    def full_name(self, record: Record) -> str:
        """Return a product's name; a variation's stands behind its product's."""
        parent = self.parent_of(record)
        return f"{parent['name']} - {record['name']}" if parent else str(record["name"])

    def stock_holder(self, record: Record) -> Record | None:
        """Return the record whose quantity is counted: the product's, or its parent's; None where none is managed."""
        if record["manage_stock"] == "parent" or (is_variation(record) and not record["manage_stock"]):
            parent = self.parent_of(record)
            return parent if parent and parent["manage_stock"] is True else None
        return record if record["manage_stock"] is True else None

    def change_stock(self, holder: Record, difference: int) -> tuple[int, int]:
        """Change a quantity and return it before and after."""
        before = int(holder["stock_quantity"] or 0)
        holder["stock_quantity"] = before + difference
        holder["stock_status"] = "instock" if before + difference > 0 else "outofstock"
        self.changes[int(holder["id"])] += 1
        return before, before + difference

    def change_sales(self, product_id: int, difference: int) -> None:
        """Count sold pieces of a product, which may be taken back."""
        record = self._records.get(product_id)
        if record is not None:
            record["total_sales"] = max(0, int(record.get("total_sales") or 0) + difference)
            self.sales_changes += 1

    def clear(self) -> None:
        """Forget everything."""
        self.__init__()


def is_variation(record: Mapping[str, Any]) -> bool:
    """Tell whether a record is a variation's."""
    return record.get("type") == "variation"


def needs_shipping(record: Mapping[str, Any]) -> bool:
    """Tell whether an order with that product waits to be processed: all but virtual downloads do (§5.2)."""
    return not (record["virtual"] and record["downloadable"])


def price_of(record: Mapping[str, Any]) -> Decimal:
    """Return what a product costs, as its catalogue says."""
    return decimal(record.get("price") or record.get("regular_price") or "0")
