"""What orders need of the shop that they go to: customers, products by SKU, decimals, how it numbers orders.

Owns the values that are kept with a planned order, and who can't be written as a run demands. Must not know what is
sent.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.connectors.replies import store_words
from crossdock.connectors.woocommerce.orders.products import FoundProducts, ProductLookup
from crossdock.connectors.woocommerce.orders.shop import Shop, read_shop
from crossdock.connectors.woocommerce.transport import WooTransport
from crossdock.domain.errors import RecordError, UnmappableValueError
from crossdock.domain.money import exponent
from crossdock.domain.order import Order
from crossdock.domain.plan import Resolution


async def resolve_orders(
    transport: WooTransport, records: Sequence[Order], customers: Mapping[str, str], options: Mapping[str, Any]
) -> list[Resolution | RecordError]:
    """Look everything up, once for all records; one answer a record, in their order.

    Raises:
        ConfigurationError, TransientError, ContractViolationError: the shop could not be asked.
    """
    shop = await read_shop(transport)
    skus = {line.sku for order in records for line in order.lines if line.sku}
    found = await ProductLookup(transport).by_sku(sorted(skus))
    is_strict = options.get("requireProducts") is True
    return [_resolution(order, shop, found, customers.get(order.id, ""), is_strict=is_strict) for order in records]


def _resolution(
    order: Order, shop: Shop, found: FoundProducts, customer: str, *, is_strict: bool
) -> Resolution | RecordError:
    if exponent(order.currency) > shop.decimals:
        text = (
            f"The shop keeps {shop.decimals} decimals, too few for {order.currency}. Raise them under WooCommerce > "
            "Settings > General."
        )
        return UnmappableValueError("currency_decimals", text)
    skus = {line.sku for line in order.lines}
    missing = [line for line in order.lines if line.quantity > 0 and line.sku not in found.ids]
    if is_strict and missing:
        names = store_words(", ".join(sorted({line.sku or line.title for line in missing})))
        several = " (several products have it)" if any(line.sku in found.ambiguous for line in missing) else ""
        text = f"No product is found by its SKU in WooCommerce for: {names}{several}. Add it there, or allow this."
        return UnmappableValueError("product_missing", text)
    return {
        "customer": customer,
        "products": {sku: list(ids) for sku, ids in found.ids.items() if sku in skus},
        "ambiguous": sorted(found.ambiguous & skus),
        "number_key": shop.number_key,
    }
