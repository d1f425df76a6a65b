"""Own the invented products of the demo and the tests: what there is to order, and which store still knows it.

The catalogue is the same whatever the seed. Knows no store's format: `catalogue_views` writes it down. Messy on
purpose: articles without a SKU, SKUs shared by two variants or written in another case, products that one store has
lost.
"""

from dataclasses import dataclass
from functools import cache

_THINGS = ("Mug", "Tee", "Poster", "Notebook", "Tote bag", "Candle", "Cap", "Socks", "Scarf", "Lamp")
_KINDS = ("Classic", "Blue", "Tall", "Organic")
_SIZED = frozenset({"Tee", "Cap", "Socks"})
_SIZES = ("S", "M", "L")
_FIRST_ID, _ID_STEP = 20, 5

_NO_SKU, _SHARES_PREVIOUS_SKU, _OTHER_CASE_ON_SHOPIFY = (5, 33), (14,), (18,)
_NOT_ON_SHOPIFY, _NOT_ON_WOO = frozenset({8, 29}), frozenset({12})
_TWICE_ON_SHOPIFY = 21
_COMMA_IN_SKU, _IMMATERIAL, _UNTAXED = 24, 9, 22
_ODD_TITLES = {9: "Gift card", 3: 'Notebook "A5" <i>Classic</i> & pen', 15: "Candle Blue 🕯", 30: "=Mug Organic"}


@dataclass(frozen=True, slots=True)
class Product:
    """One product. `woo_id` is its id on WooCommerce; the ids of its variations follow it."""

    index: int
    title: str
    woo_id: int
    price_cents: int
    is_sized: bool
    is_immaterial: bool
    is_taxable: bool
    is_on_woo: bool
    is_on_shopify: bool


@dataclass(frozen=True, slots=True)
class Variant:
    """What is ordered: a product, or one size of it. `copies_on_shopify` above 1 share the SKU."""

    product: Product
    size: str
    sku: str
    shopify_sku: str
    variation_id: int
    copies_on_shopify: int


@cache
def products() -> tuple[Product, ...]:
    """Return the catalogue, forty products in order of their ids."""
    return tuple(_product(index) for index in range(len(_THINGS) * len(_KINDS)))


@cache
def variants() -> tuple[Variant, ...]:
    """Return what can be ordered, in the catalogue's order; also what one store has lost since."""
    return tuple(variant for product in products() for variant in _variants(product))


def _product(index: int) -> Product:
    kind, thing = _KINDS[index // len(_THINGS)], _THINGS[index % len(_THINGS)]
    return Product(
        index=index,
        title=_ODD_TITLES.get(index, f"{thing} {kind}"),
        woo_id=_FIRST_ID + _ID_STEP * index,
        price_cents=495 + 305 * (index % 13) + (index % 4) * 25,
        is_sized=thing in _SIZED,
        is_immaterial=index == _IMMATERIAL,
        is_taxable=index != _UNTAXED,
        is_on_woo=index not in _NOT_ON_WOO,
        is_on_shopify=index not in _NOT_ON_SHOPIFY,
    )


def _variants(product: Product) -> list[Variant]:
    sizes = _SIZES if product.is_sized else ("",)
    return [_variant(product, place, size) for place, size in enumerate(sizes)]


def _variant(product: Product, place: int, size: str) -> Variant:
    named = product.index - 1 if product.index in _SHARES_PREVIOUS_SKU else product.index
    thing, kind = _THINGS[named % len(_THINGS)], _KINDS[named // len(_THINGS)]
    separator = "," if product.index == _COMMA_IN_SKU else "-"
    sku = separator.join(part for part in (thing[:3].upper(), kind[:2].upper(), size) if part)
    if product.index in _NO_SKU:
        sku = ""
    return Variant(
        product=product,
        size=size,
        sku=sku,
        shopify_sku=sku.lower() if product.index in _OTHER_CASE_ON_SHOPIFY else sku,
        variation_id=product.woo_id + 1 + place if size else 0,
        copies_on_shopify=2 if product.index == _TWICE_ON_SHOPIFY and place == 0 else 1,
    )
