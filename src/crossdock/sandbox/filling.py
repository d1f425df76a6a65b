"""Own how the two stores of a pair are filled: with invented people and orders, or with the records of a real shop.

Knows neither how a store keeps what it is given nor how it serves it. Records are streamed, never held twice.
"""

from crossdock.sandbox.catalogue_views import shopify_variants, shopify_variants_of, woo_products, woo_variations
from crossdock.sandbox.loading import LoadedShop
from crossdock.sandbox.people_views import shopify_customers, woo_records
from crossdock.sandbox.sales_drafts import leave_drafts
from crossdock.sandbox.sales_shopify import shopify_orders
from crossdock.sandbox.sales_woo import woo_orders, woo_refunds
from crossdock.sandbox.shopify.records import SeedCustomer
from crossdock.sandbox.shopify.store import ShopifyStore
from crossdock.sandbox.woocommerce.store import WooStore


def invent(woo: WooStore, shopify: ShopifyStore, seed: int, customers: int, orders: int) -> None:
    """Fill both stores with that many people and orders, each record where it belongs."""
    if customers:
        woo.seed(woo_records(seed, customers))
        shopify.seed(SeedCustomer(**fields) for fields in shopify_customers(seed, customers))
    if orders:
        woo.load_products(woo_products())
        woo.load_variations(woo_variations())
        woo.load_orders(woo_orders(seed, orders, customers))
        woo.load_refunds(woo_refunds(seed, orders, customers))
        shopify.seed_variants(shopify_variants())
        shopify.seed_orders(shopify_orders(seed, orders, customers))
        leave_drafts(shopify, seed, orders, customers)


def load(woo: WooStore, shopify: ShopifyStore, shop: LoadedShop) -> None:
    """Fill the WooCommerce store with a shop's records, and Shopify with its products alone.

    Raises:
        OSError: a file can't be read.
        ValueError: a line is no record.

    """
    woo.load_customers(shop.records("customers"))
    woo.load_products(shop.records("products"))
    woo.load_variations(shop.records("variations"))
    woo.load_orders(shop.records("orders"))
    woo.load_refunds(shop.records("refunds"))
    shopify.seed_variants(shopify_variants_of(shop.records("products"), shop.records("variations")))
