"""Own how posted lines become an order's: products found, lines dropped, amounts taken as they are (reference §5.4).

Knows no totals. Batch items arrive unchecked, so every value may have any type.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from crossdock.sandbox.woocommerce.amounts import decimal, plain
from crossdock.sandbox.woocommerce.catalogue import Record, is_variation, price_of
from crossdock.sandbox.woocommerce.errors import RestError
from crossdock.sandbox.woocommerce.ledger.meta import upsert
from crossdock.sandbox.woocommerce.ledger.order import FeeLine, LineItem, MetaRow, Order, ShippingLine
from crossdock.sandbox.woocommerce.ledger.taxes import TAX_CLASSES
from crossdock.sandbox.woocommerce.php import objects, php_int, php_string
from crossdock.sandbox.woocommerce.store import WooStore

Posted = Mapping[str, Any]
Line = TypeVar("Line", LineItem, FeeLine, ShippingLine)
_NULL_DROPS = ("product_id", "method_id", "method_title", "name", "code")


def write_lines(store: WooStore, order: Order, params: Posted) -> None:
    """Write the posted lines, shipping lines and fees into an order; raises RestError."""
    for posted in _items(order.lines, params.get("line_items")):
        _write_line(store, order, posted)
    for posted in _items(order.shipping_lines, params.get("shipping_lines")):
        _write_shipping(store, order, posted)
    for posted in _items(order.fees, params.get("fee_lines")):
        _write_fee(store, order, posted)


def _items(lines: list[Line], given: object) -> Iterator[Posted]:
    """Yield posted lines; one with a null field or a quantity of plain 0 is dropped, or deleted if it has an id."""
    for posted in objects(given):
        has_null = any(name in posted and posted[name] is None for name in _NULL_DROPS)
        quantity = posted.get("quantity")
        if has_null or (isinstance(quantity, int) and not isinstance(quantity, bool) and quantity == 0):
            if posted.get("id"):
                lines[:] = [line for line in lines if line.id != php_int(posted["id"])]
            continue
        yield posted


def _write_line(store: WooStore, order: Order, posted: Posted) -> None:
    line = _known(order.lines, posted)
    product = _product(store, posted, creates=line is None)
    if line is None:
        line = LineItem(id=store.orders.next_item_id())
        order.lines.append(line)
        if product is not None:
            _set_product(store, line, product)
            quantity = _quantity(posted.get("quantity", 1))
            line.total = line.subtotal = plain(_net(store, product) * quantity)
    elif product is not None and product["id"] != (line.variation_id or line.product_id):
        _set_product(store, line, product)
    if "name" in posted:
        line.name = php_string(posted["name"])
    if posted.get("quantity") is not None:
        line.quantity = _quantity(posted["quantity"])
    if posted.get("total") is not None:
        line.total = str(decimal(posted["total"]))
        if decimal(line.subtotal) < decimal(line.total):
            line.subtotal = line.total
    if posted.get("subtotal") is not None:
        line.subtotal = str(decimal(posted["subtotal"]))
    if posted.get("tax_class") is not None:
        line.tax_class = _tax_class(posted["tax_class"], "order_item_product_invalid_tax_class")
    _write_meta(store, line.meta, posted)


def _write_shipping(store: WooStore, order: Order, posted: Posted) -> None:
    line = _known(order.shipping_lines, posted)
    if line is None:
        if not posted.get("method_id"):
            raise RestError("woocommerce_rest_invalid_shipping_item", "Shipping method ID is required.")
        line = ShippingLine(id=store.orders.next_item_id())
        order.shipping_lines.append(line)
    for name in ("method_id", "method_title", "instance_id"):
        if posted.get(name) is not None:
            setattr(line, name, php_string(posted[name]))
    if posted.get("total") is not None:
        line.total = str(decimal(posted["total"]))
    _write_meta(store, line.meta, posted)


def _write_fee(store: WooStore, order: Order, posted: Posted) -> None:
    line = _known(order.fees, posted)
    if line is None:
        if not posted.get("name"):
            raise RestError("woocommerce_rest_invalid_fee_item", "Fee name is required.")
        line = FeeLine(id=store.orders.next_item_id())
        order.fees.append(line)
    if posted.get("name") is not None:
        line.name = php_string(posted["name"])
    if posted.get("tax_class") is not None:
        line.tax_class = _tax_class(posted["tax_class"], "order_item_fee_invalid_tax_class")
    if posted.get("tax_status") is not None:
        line.tax_status = "none" if posted["tax_status"] == "none" else "taxable"
    if posted.get("total") is not None:
        line.total = str(decimal(posted["total"]))
    _write_meta(store, line.meta, posted)


def _known(lines: list[Line], posted: Posted) -> Line | None:
    """Return the line that a posted one names by id, None for a new one; raises RestError for another order's."""
    if not posted.get("id"):
        return None
    found = next((line for line in lines if line.id == php_int(posted["id"])), None)
    if found is None:
        raise RestError("woocommerce_rest_invalid_item_id", "Order item ID provided is not associated with order.")
    return found


def _product(store: WooStore, posted: Posted, *, creates: bool) -> Record | None:
    """Return the product that a line refers to: the SKU wins, then the variation; what is unknown is none (§5.4)."""
    if posted.get("sku"):
        found = store.catalogue.by_sku(php_string(posted["sku"]))
        return found[0] if found else None
    asked = posted.get("variation_id") or posted.get("product_id")
    if asked:
        return store.catalogue.get(int(decimal(asked)))
    if creates:
        raise RestError("woocommerce_rest_required_product_reference", "Product ID or SKU is required.")
    return None


def _set_product(store: WooStore, line: LineItem, product: Record) -> None:
    """Put a product into a line with its name, its tax class and, for a variation, its choices as item meta."""
    line.name = store.catalogue.full_name(product)
    line.tax_class = str(product.get("tax_class") or "")
    if not is_variation(product):
        line.product_id, line.variation_id = int(product["id"]), 0
        return
    line.product_id, line.variation_id = int(product["parent_id"]), int(product["id"])
    for choice in product.get("attributes") or ():
        slug = str(choice.get("slug") or choice.get("name", "")).lower()
        label = str(choice.get("name", ""))
        meta_id = store.orders.next_meta_id()
        line.meta.append(MetaRow(meta_id, slug, str(choice.get("option", "")), label if label != slug else ""))


def _net(store: WooStore, product: Record) -> Decimal:
    price = price_of(product)
    if not store.options.prices_include_tax():
        return price
    return store.tax_rules().net_price(price, str(product.get("tax_class") or ""))


def _quantity(value: object) -> int:
    return int(decimal(value))


def _tax_class(value: object, code: str) -> str:
    text = php_string(value)
    if text not in (*TAX_CLASSES, "0"):
        raise RestError(code, "Invalid tax class.")
    return text


def _write_meta(store: WooStore, rows: list[MetaRow], posted: Posted) -> None:
    for row in objects(posted.get("meta_data")):
        if "key" in row:
            upsert(rows, row.get("id"), php_string(row["key"]), row.get("value"), store.orders.next_meta_id)
