"""Own the shape of a product's and a variation's record in the v3 API, and what fills the gaps of a shorter one.

Knows no store and no route. A variation has one shape under its product and another where products are listed (§6).
"""

import re
from collections.abc import Mapping
from typing import Any

_TIMES = ("date_created", "date_created_gmt", "date_modified", "date_modified_gmt")
_LONG_AGO = "2020-01-01T00:00:00"
_SALE: dict[str, Any] = {
    "price": "",
    "regular_price": "",
    "sale_price": "",
    "date_on_sale_from": None,
    "date_on_sale_from_gmt": None,
    "date_on_sale_to": None,
    "date_on_sale_to_gmt": None,
    "on_sale": False,
}
_DOWNLOADS: dict[str, Any] = {
    "virtual": False,
    "downloadable": False,
    "downloads": [],
    "download_limit": -1,
    "download_expiry": -1,
}
_TAX_AND_STOCK: dict[str, Any] = {
    "tax_status": "taxable",
    "tax_class": "",
    "manage_stock": False,
    "stock_quantity": None,
    "backorders": "no",
    "backorders_allowed": False,
    "backordered": False,
    "low_stock_amount": None,
}
_NO_SIZE = {"length": "", "width": "", "height": ""}
_LAST: dict[str, Any] = {
    "sold_individually": False,
    "weight": "",
    "dimensions": _NO_SIZE,
    "shipping_required": True,
    "shipping_taxable": True,
    "shipping_class": "",
    "shipping_class_id": 0,
    "reviews_allowed": True,
    "average_rating": "0.00",
    "rating_count": 0,
    **{name: [] for name in ("upsell_ids", "cross_sell_ids")},
    "parent_id": 0,
    "purchase_note": "",
    **{name: [] for name in ("categories", "tags", "images", "attributes", "default_attributes", "variations")},
    "grouped_products": [],
    "menu_order": 0,
    "price_html": "",
    "related_ids": [],
    "meta_data": [],
    "stock_status": "instock",
    "has_options": False,
    "post_password": "",
    "global_unique_id": "",
}


def product_record(record: Mapping[str, Any], product_id: int) -> dict[str, Any]:
    """Return a whole product record: what is given as it stands, the rest as WooCommerce's defaults."""
    name = str(record.get("name") or f"Product {product_id}")
    defaults: dict[str, Any] = {
        "id": product_id,
        "name": name,
        "slug": _slug(name),
        "permalink": "",
        **dict.fromkeys(_TIMES, _LONG_AGO),
        "type": "simple",
        "status": "publish",
        "featured": False,
        "catalog_visibility": "visible",
        "description": "",
        "short_description": "",
        "sku": "",
        **_SALE,
        "purchasable": True,
        "total_sales": 0,
        **_DOWNLOADS,
        "external_url": "",
        "button_text": "",
        **_TAX_AND_STOCK,
        **_LAST,
    }
    return _filled(defaults, record)


def variation_record(record: Mapping[str, Any], product_id: int) -> dict[str, Any]:
    """Return a whole variation record as it stands under its product; its name is that of its choices."""
    defaults: dict[str, Any] = {
        "id": product_id,
        "type": "variation",
        **dict.fromkeys(_TIMES, _LONG_AGO),
        "description": "",
        "permalink": "",
        "sku": "",
        "global_unique_id": "",
        **_SALE,
        "status": "publish",
        "purchasable": True,
        **_DOWNLOADS,
        **{key: _TAX_AND_STOCK[key] for key in ("tax_status", "tax_class", "manage_stock", "stock_quantity")},
        "stock_status": "instock",
        **{key: _TAX_AND_STOCK[key] for key in ("backorders", "backorders_allowed", "backordered")},
        "low_stock_amount": None,
        "weight": "",
        "dimensions": _NO_SIZE,
        "shipping_class": "",
        "shipping_class_id": 0,
        "image": None,
        "attributes": [],
        "menu_order": 0,
        "meta_data": [],
        "name": ", ".join(str(one.get("option", "")) for one in record.get("attributes") or ()),
        "parent_id": 0,
    }
    return {**_filled(defaults, record), "type": "variation"}


def as_product(variation: Mapping[str, Any], full_name: str) -> dict[str, Any]:
    """Return a variation in the shape of a product, as `/products` shows it (§6)."""
    shape = product_record({"name": full_name}, int(variation["id"]))
    shared = {name: value for name, value in variation.items() if name in shape and name != "name"}
    images = [variation["image"]] if variation.get("image") else []
    return {**shape, **shared, "images": images, "reviews_allowed": False, "total_sales": "0"}


def _filled(defaults: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in record.items() if name not in ("_links", "id")}
    return {**defaults, **given}


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
