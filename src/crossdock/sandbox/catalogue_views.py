"""Own how each platform would hold the catalogue: WooCommerce records of products and variations, Shopify variants.

Knows no store.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crossdock.sandbox.catalogue import Product, Variant, products, variants
from crossdock.sandbox.shopify.order_seeds import SeedVariant

_OPENED = "2022-06-01T09:00:00"
_STOCK = 5_000
_NO_PHYSICAL = frozenset({"virtual", "downloadable"})


def woo_products() -> Iterator[dict[str, Any]]:
    """Yield the products that WooCommerce has."""
    for product in products():
        if product.is_on_woo:
            sizes = [variant for variant in variants() if variant.product is product and variant.size]
            yield {
                **_sellable(product),
                "id": product.woo_id,
                "name": product.title,
                "type": "variable" if sizes else "simple",
                "sku": _parent_sku(product) if sizes else _only(product).sku,
                "manage_stock": not sizes and not product.is_immaterial,
                "stock_quantity": None if sizes or product.is_immaterial else _STOCK,
                "attributes": [_size_attribute([variant.size for variant in sizes])] if sizes else [],
                "variations": [variant.variation_id for variant in sizes],
                "parent_id": 0,
            }


def woo_variations() -> Iterator[dict[str, Any]]:
    """Yield the variations that WooCommerce has."""
    for variant in variants():
        if variant.size and variant.product.is_on_woo:
            yield {
                **_sellable(variant.product),
                "id": variant.variation_id,
                "name": variant.size,
                "type": "variation",
                "sku": variant.sku,
                "manage_stock": True,
                "stock_quantity": _STOCK,
                "attributes": [{"id": 0, "name": "Size", "slug": "size", "option": variant.size}],
                "parent_id": variant.product.woo_id,
            }


def shopify_variants() -> Iterator[SeedVariant]:
    """Yield the variants that Shopify has; some share their SKU."""
    for variant in variants():
        if variant.product.is_on_shopify:
            for copy in range(variant.copies_on_shopify):
                yield _shopify_variant(variant, copy)


def shopify_variants_of(
    products_read: Iterable[Mapping[str, Any]], variations_read: Iterable[Mapping[str, Any]]
) -> Iterator[SeedVariant]:
    """Yield the same products as WooCommerce records describe, as a Shopify store would hold them."""
    titles: dict[int, str] = {}
    for record in products_read:
        titles[int(record["id"])] = str(record.get("name") or "Product")
        if record.get("type") != "variable":
            yield _variant_of(record, titles[int(record["id"])], "Default Title")
    for record in variations_read:
        title = titles.get(int(record.get("parent_id") or 0), "Product")
        yield _variant_of(record, title, str(record.get("name") or "Default Title"))


def _variant_of(record: Mapping[str, Any], product_title: str, title: str) -> SeedVariant:
    return SeedVariant(
        sku=str(record.get("sku") or ""),
        product_title=product_title,
        title=title,
        price=str(record.get("price") or "0"),
        taxable=record.get("tax_status") != "none",
        requires_shipping=not any(record.get(name) for name in _NO_PHYSICAL),
        inventory_quantity=int(record.get("stock_quantity") or 0),
        is_tracked=bool(record.get("manage_stock")),
    )


def _shopify_variant(variant: Variant, copy: int) -> SeedVariant:
    product = variant.product
    return SeedVariant(
        sku=variant.shopify_sku,
        product_title=product.title,
        title=f"{variant.size} (old)" if copy else variant.size or "Default Title",
        price=_price(product),
        taxable=product.is_taxable,
        requires_shipping=not product.is_immaterial,
        inventory_quantity=_STOCK,
        is_tracked=not product.is_immaterial,
    )


def _sellable(product: Product) -> dict[str, Any]:
    return {
        "status": "publish",
        "price": _price(product),
        "regular_price": _price(product),
        "sale_price": "",
        "virtual": product.is_immaterial,
        "downloadable": False,
        "tax_status": "taxable" if product.is_taxable else "none",
        "tax_class": "",
        "stock_status": "instock",
        "backorders": "no",
        "date_created_gmt": _OPENED,
        "date_modified_gmt": _OPENED,
    }


def _size_attribute(sizes: list[str]) -> dict[str, Any]:
    return {
        "id": 0,
        "name": "Size",
        "slug": "Size",
        "position": 0,
        "visible": True,
        "variation": True,
        "options": sizes,
    }


def _parent_sku(product: Product) -> str:
    return next(variant.sku.rpartition("-")[0] for variant in variants() if variant.product is product)


def _only(product: Product) -> Variant:
    return next(variant for variant in variants() if variant.product is product)


def _price(product: Product) -> str:
    return f"{product.price_cents // 100}.{product.price_cents % 100:02d}"
