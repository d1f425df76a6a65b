"""Own what an order's status does to stock, sales figures and coupon counts (reference §5.7).

Each effect is guarded by a flag of the order, so that it happens once and can be taken back once.
"""

from crossdock.sandbox.woocommerce.amounts import decimal
from crossdock.sandbox.woocommerce.catalogue import Record, is_variation
from crossdock.sandbox.woocommerce.ledger.meta import upsert
from crossdock.sandbox.woocommerce.ledger.order import LineItem, MetaRow, Note, Order
from crossdock.sandbox.woocommerce.store import WooStore

REDUCED = "_reduced_stock"
_LOW = 2


def reduce_stock(store: WooStore, order: Order) -> None:
    """Take an order's pieces out of stock, unless its flag says that this was done."""
    if order.order_stock_reduced:
        return
    order.order_stock_reduced = True
    if not store.options.manages_stock():
        return
    changes: list[str] = []
    for line in order.lines:
        product, holder = _stocked(store, line)
        if product is None or holder is None or _reduced(line):
            continue
        before, after = store.catalogue.change_stock(holder, -line.quantity)
        _warn(store, after)
        line.meta.append(MetaRow(store.orders.next_meta_id(), REDUCED, str(line.quantity)))
        changes.append(f"{_formatted(store, product)} {before}&rarr;{after}")
    if changes:
        note(store, order, f"Stock levels reduced: {', '.join(changes)}")


def restore_stock(store: WooStore, order: Order) -> None:
    """Put back what an order took, line by line as its `_reduced_stock` says."""
    if not order.order_stock_reduced:
        return
    order.order_stock_reduced = False
    if not store.options.manages_stock():
        return
    changes: list[str] = []
    for line in order.lines:
        changes += restock_line(store, line, _reduced(line))
    if changes:
        note(store, order, f"Stock levels increased: {', '.join(changes)}")


def restock_line(store: WooStore, line: LineItem, quantity: int) -> list[str]:
    """Put pieces of a line back, at most as many as it took, and return what changed in words."""
    product, holder = _stocked(store, line)
    quantity = min(quantity, _reduced(line))
    if product is None or holder is None or quantity <= 0:
        return []
    before, after = store.catalogue.change_stock(holder, quantity)
    left = _reduced(line) - quantity
    upsert(line.meta, None, REDUCED, str(left) if left else None, store.orders.next_meta_id)
    return [f"{_formatted(store, product)} {before}&rarr;{after}"]


def count_sales(store: WooStore, order: Order, *, takes_back: bool) -> None:
    """Count an order's pieces as sold, or take the count back, each only once."""
    if order.recorded_sales != takes_back:
        return
    order.recorded_sales = not takes_back
    for line in order.lines:
        if line.product_id:
            store.catalogue.change_sales(line.product_id, -line.quantity if takes_back else line.quantity)


def count_coupons(store: WooStore, order: Order, *, takes_back: bool) -> None:
    """Count an order's coupons as used, or take the count back, each only once."""
    if order.recorded_coupon_usage_counts != takes_back:
        return
    order.recorded_coupon_usage_counts = not takes_back
    for line in order.coupons:
        coupon = store.coupons.get(line.code)
        if coupon is not None:
            coupon.used += -1 if takes_back else 1


def note(store: WooStore, order: Order, text: str) -> None:
    """Write a note of the system's own on an order."""
    store.orders.add_note(order.id, Note(0, store.now_seconds(), text))


def _warn(store: WooStore, left: int) -> None:
    """Mail the owner when stock runs low or out, as the products settings say."""
    kind = "no_stock" if left <= 0 else "low_stock" if left <= _LOW else ""
    if kind and store.options.text("products", f"woocommerce_notify_{kind}") == "yes":
        store.mail_admin(kind, f"[{store.name}] Product with {kind.replace('_', ' ')}")


def _reduced(line: LineItem) -> int:
    return next((int(decimal(row.value)) for row in line.meta if row.key == REDUCED), 0)


def _stocked(store: WooStore, line: LineItem) -> tuple[Record | None, Record | None]:
    product = store.catalogue.get(line.variation_id or line.product_id)
    return product, store.catalogue.stock_holder(product) if product else None


def _formatted(store: WooStore, product: Record) -> str:
    """Return a product's name with its SKU, as notes have it; a variation's is followed by an empty description."""
    name = f"{store.catalogue.full_name(product)} ({product['sku'] or '#' + str(product['id'])})"
    return f'{name}<span class="description"></span>' if is_variation(product) else name
