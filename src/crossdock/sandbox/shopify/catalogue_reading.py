"""The query fields of products, variants and locations. Must not know orders.

Source: reference §6, Admin API 2026-10.
"""

from collections.abc import Callable, Mapping
from typing import Final

from crossdock.sandbox.shopify.catalogue import Product, Variant
from crossdock.sandbox.shopify.context import Info, request_of
from crossdock.sandbox.shopify.errors import invalid_id
from crossdock.sandbox.shopify.order_events import Fulfillment
from crossdock.sandbox.shopify.order_search import PRODUCT_FILTERS, VARIANT_FILTERS
from crossdock.sandbox.shopify.paging import connect_list
from crossdock.sandbox.shopify.records import Wire, parse_gid
from crossdock.sandbox.shopify.table_reading import connect_rows, count_rows

_PRODUCTS: Final = "read_products"


def _find_variants(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    return connect_rows(info, request_of(info, _PRODUCTS).store.catalogue.variants, VARIANT_FILTERS, args)


def _count_variants(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    return count_rows(info, request_of(info, _PRODUCTS).store.catalogue.variants, VARIANT_FILTERS, args)


def _find_products(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    return connect_rows(info, request_of(info, _PRODUCTS).store.catalogue.products, PRODUCT_FILTERS, args)


def variant_by_gid(info: Info, text: str) -> Variant | None:
    """Find a variant by its global id.

    Raises:
        ShopError: the id is no variant's, or the token may not read products.

    """
    number = parse_gid(text, "ProductVariant")
    if number is None:
        raise invalid_id(text)
    return request_of(info, _PRODUCTS).store.catalogue.variants.get(number)


def product_by_gid(info: Info, text: str) -> Product | None:
    """Find a product by its global id.

    Raises:
        ShopError: the id is no product's, or the token may not read products.

    """
    number = parse_gid(text, "Product")
    if number is None:
        raise invalid_id(text)
    return request_of(info, _PRODUCTS).store.catalogue.products.get(number)


def _find_variant(_source: object, info: Info, **args: Wire) -> Variant | None:
    return variant_by_gid(info, args["id"])


def _find_product(_source: object, info: Info, **args: Wire) -> Product | None:
    return product_by_gid(info, args["id"])


def _find_locations(_source: object, info: Info, **args: Wire) -> dict[str, Wire]:
    return connect_list(request_of(info, "read_locations").store.catalogue.locations, args)


def _find_location(_source: object, info: Info, **args: Wire) -> Mapping[str, Wire] | None:
    catalogue = request_of(info, "read_locations").store.catalogue
    if args.get("id") is None:
        return catalogue.locations[0]
    number = parse_gid(args["id"], "Location")
    if number is None:
        raise invalid_id(args["id"])
    return catalogue.find_location(number)


def _product_of(source: Variant, info: Info, **_args: Wire) -> Product | None:
    return request_of(info).store.catalogue.products.get(source.product_number)


def _variants_of(source: Product, info: Info, **args: Wire) -> dict[str, Wire]:
    return connect_list(request_of(info).store.catalogue.variants_of(source), args)


def _total_inventory(source: Product, info: Info, **_args: Wire) -> int:
    variants = request_of(info).store.catalogue.variants_of(source)
    return sum(variant.inventory_quantity for variant in variants if variant.is_tracked)


def _fulfilled_at(source: Fulfillment, info: Info, **_args: Wire) -> Mapping[str, Wire] | None:
    return request_of(info, "read_locations").store.catalogue.find_location(source.location_number)


CATALOGUE_FIELDS: Final[Mapping[tuple[str, str], Callable[..., Wire]]] = {
    ("QueryRoot", "productVariants"): _find_variants,
    ("QueryRoot", "productVariantsCount"): _count_variants,
    ("QueryRoot", "productVariant"): _find_variant,
    ("QueryRoot", "products"): _find_products,
    ("QueryRoot", "product"): _find_product,
    ("QueryRoot", "locations"): _find_locations,
    ("QueryRoot", "location"): _find_location,
    ("ProductVariant", "product"): _product_of,
    ("Product", "variants"): _variants_of,
    ("Product", "totalInventory"): _total_inventory,
    ("Fulfillment", "location"): _fulfilled_at,
}
