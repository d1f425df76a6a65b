"""Products, their variants with stock, and locations. Must not know orders or requests.

Source: reference §6 (variants by SKU: case-sensitive and not unique) and §4.1 (fulfillments name a location).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar, Final

from crossdock.sandbox.shopify.order_seeds import SeedVariant
from crossdock.sandbox.shopify.record_table import RecordTable, format_sortable
from crossdock.sandbox.shopify.records import Metafield, Wire, gid
from crossdock.sandbox.shopify.zones import find_country

SHOP_LOCATION: Final = 61_000_000_001
WAREHOUSE: Final = 61_000_000_002


@dataclass(slots=True, frozen=True)
class Product:
    """What variants belong to."""

    typename: ClassVar[str] = "Product"
    number: int
    title: str
    vendor: str
    status: str
    created_at: datetime
    variant_numbers: tuple[int, ...] = ()
    product_type: ClassVar[str] = ""
    tags: ClassVar[tuple[str, ...]] = ()
    metafields: ClassVar[tuple[Metafield, ...]] = ()

    @property
    def id(self) -> str:
        """Answer the global id."""
        return gid("Product", self.number)

    @property
    def legacy_resource_id(self) -> int:
        """Answer the number of the global id."""
        return self.number

    @property
    def handle(self) -> str:
        """Answer the part of an address that names the product."""
        return f"product-{self.number}"

    @property
    def updated_at(self) -> datetime:
        """Answer the time of creation: products don't change here."""
        return self.created_at

    def metafield_of(self, _namespace: str, _key: str) -> Metafield | None:
        """Answer none: products of the sandbox have no metafields."""
        return None


@dataclass(slots=True, frozen=True)
class Variant:
    """What is sold; `inventory_quantity` may go below zero where overselling is allowed."""

    typename: ClassVar[str] = "ProductVariant"
    number: int
    product_number: int
    product_title: str
    vendor: str
    title: str
    sku: str
    price: Decimal
    created_at: datetime
    updated_at: datetime
    barcode: str | None = None
    taxable: bool = True
    requires_shipping: bool = True
    inventory_quantity: int = 0
    is_tracked: bool = True
    may_oversell: bool = False
    position: int = 1
    metafields: ClassVar[tuple[Metafield, ...]] = ()

    @property
    def id(self) -> str:
        """Answer the global id."""
        return gid("ProductVariant", self.number)

    @property
    def legacy_resource_id(self) -> int:
        """Answer the number of the global id."""
        return self.number

    @property
    def display_name(self) -> str:
        """Answer the product's title with the variant's."""
        return f"{self.product_title} - {self.title}"

    @property
    def title_on_line(self) -> str | None:
        """Answer the title as a line shows it: the default variant has none."""
        return None if self.title == "Default Title" else self.title

    @property
    def inventory_policy(self) -> str:
        """Tell whether the variant may be sold without stock."""
        return "CONTINUE" if self.may_oversell else "DENY"

    def metafield_of(self, _namespace: str, _key: str) -> Metafield | None:
        """Answer none: variants of the sandbox have no metafields."""
        return None


class Catalogue:
    """The products, variants and locations of one store."""

    def __init__(self, country: str, opened_at: datetime) -> None:
        self.variants = RecordTable[Variant](
            lambda variant: variant.number,
            {
                "SKU": lambda variant: variant.sku,
                "TITLE": lambda variant: variant.title,
                "NAME": lambda variant: variant.display_name,
                "FULL_TITLE": lambda variant: variant.display_name,
            },
        )
        self.products = RecordTable[Product](
            lambda product: product.number,
            {
                "TITLE": lambda product: product.title,
                "VENDOR": lambda product: product.vendor,
                "CREATED_AT": lambda product: format_sortable(product.created_at),
                "UPDATED_AT": lambda product: format_sortable(product.updated_at),
            },
        )
        self.locations = [_location(SHOP_LOCATION, "Shop location", country, opened_at)]
        self.locations.append(_location(WAREHOUSE, "Warehouse", country, opened_at))
        self._by_sku: dict[str, int] = {}
        self._by_product: dict[tuple[str, str], int] = {}

    def seed(self, given: SeedVariant, number: int, new_product_number: int, now: datetime) -> None:
        """Add a variant, and its product where that isn't there."""
        key = (given.product_title, given.vendor)
        product = self.products.get(self._by_product.get(key))
        if product is None:
            status = "ACTIVE" if given.is_active else "ARCHIVED"
            product = Product(new_product_number, given.product_title, given.vendor, status, now)
            self._by_product[key] = product.number
        product = replace(product, variant_numbers=(*product.variant_numbers, number))
        self.products.put(product, now)
        self._by_sku.setdefault(given.sku, number)
        self.variants.put(
            Variant(
                number,
                product.number,
                given.product_title,
                given.vendor,
                given.title,
                given.sku,
                Decimal(given.price),
                now,
                now,
                given.barcode,
                given.taxable,
                given.requires_shipping,
                given.inventory_quantity,
                given.is_tracked,
                given.may_oversell,
                len(product.variant_numbers),
            ),
            now,
        )

    def first_of_sku(self, sku: str | None) -> Variant | None:
        """Find the first variant that was seeded with a SKU."""
        return None if sku is None else self.variants.get(self._by_sku.get(sku))

    def change_stock(self, number: int | None, by: int, now: datetime) -> bool:
        """Change a variant's stock; False where it isn't tracked or isn't there."""
        variant = self.variants.get(number)
        if variant is None or not variant.is_tracked or not by:
            return False
        changed = replace(variant, inventory_quantity=variant.inventory_quantity + by, updated_at=now)
        self.variants.put(changed, now, timedelta())
        return True

    def variants_of(self, product: Product) -> list[Variant]:
        """List a product's variants."""
        return [variant for variant in map(self.variants.get, product.variant_numbers) if variant is not None]

    def find_location(self, number: int | None) -> Mapping[str, Wire] | None:
        """Find a location by number."""
        return next((row for row in self.locations if row["legacyResourceId"] == number), None)

    def stock(self) -> Iterable[tuple[str, int]]:
        """Give the global id and the stock of every tracked variant."""
        return ((variant.id, variant.inventory_quantity) for variant in self.variants if variant.is_tracked)


def _location(number: int, name: str, country: str, opened_at: datetime) -> Mapping[str, Wire]:
    found = find_country(country)
    return {
        "id": gid("Location", number),
        "legacyResourceId": number,
        "name": name,
        "isActive": True,
        "fulfillsOnlineOrders": number == SHOP_LOCATION,
        "shipsInventory": True,
        "isFulfillmentService": False,
        "createdAt": opened_at,
        "updatedAt": opened_at,
        "address": {
            "countryCode": country,
            "country": found[1] if found else None,
            "address1": "1 Harbour Street",
            "city": "Porttown",
            "zip": "10000",
            "formatted": ["1 Harbour Street", "10000 Porttown"],
        },
    }
