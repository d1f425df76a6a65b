"""Products of a store by their SKU.

Owns the look-up and when its answer can be relied on. Must not know orders.

Source: WooCommerce REST API v3, `GET products?sku=`: a comma list, exact, variations too; where a shop has switched
SKUs off the filter is ignored and everything returned.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from crossdock.connectors.http import Params
from crossdock.connectors.woocommerce.transport import WooTransport
from crossdock.connectors.woocommerce.walking import WINDOW

_AT_ONCE = 40
"""How many SKUs go into one request: addresses of a few thousand characters are too long for some hosts."""
_COMMA = ","


class _Product(msgspec.Struct, frozen=True):
    id: int
    sku: str | None = None
    type: str | None = None
    parent_id: int | None = 0


_PRODUCT = msgspec.json.Decoder(_Product)


@dataclass(frozen=True, slots=True)
class FoundProducts:
    """Products by SKU, as product and variation id (0 for none); `ambiguous` are SKUs that several products have."""

    ids: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    ambiguous: frozenset[str] = frozenset()


class ProductLookup:
    """Finds products by SKU, each time anew: shops change."""

    def __init__(self, transport: WooTransport) -> None:
        self._transport = transport

    async def by_sku(self, skus: Collection[str]) -> FoundProducts:
        """Find products by exact SKU, whatever its case; one that none or several products have is absent."""
        wanted = [sku for sku in dict.fromkeys(skus) if sku.strip()]
        plain = [sku for sku in wanted if _COMMA not in sku]
        groups = [plain[start : start + _AT_ONCE] for start in range(0, len(plain), _AT_ONCE)]
        groups += [[sku] for sku in wanted if _COMMA in sku]
        hits: dict[str, set[tuple[int, int]]] = {}
        for group in groups:
            for product in await self._products(group):
                place = (product.id, 0)
                if product.type == "variation":
                    place = (product.parent_id or 0, product.id)
                hits.setdefault(_folded(product.sku or ""), set()).add(place)
        found = {sku: places for sku in wanted if (places := hits.get(_folded(sku)))}
        return FoundProducts(
            ids={sku: next(iter(places)) for sku, places in found.items() if len(places) == 1},
            ambiguous=frozenset(sku for sku, places in found.items() if len(places) > 1),
        )

    async def _products(self, skus: Sequence[str]) -> list[_Product]:
        params: Params = {"sku": _COMMA.join(skus), "per_page": WINDOW, "_fields": "id,sku,type,parent_id"}
        listed = await self._transport.rows("products", params)
        products: list[_Product] = []
        for raw in listed.rows:
            try:
                products.append(_PRODUCT.decode(raw))
            except (msgspec.DecodeError, RecursionError):
                # A plugin's product that does not fit can't be linked to; the line goes without a product.
                continue
        return products


def _folded(sku: str) -> str:
    return sku.strip().casefold()
