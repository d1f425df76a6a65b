"""Own the product routes: listing with the look-up by SKU, one product, a product's variations (reference §6)."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from crossdock.sandbox.woocommerce.catalogue import Record, is_variation
from crossdock.sandbox.woocommerce.errors import RestError
from crossdock.sandbox.woocommerce.orders.listing import page_bounds, page_headers
from crossdock.sandbox.woocommerce.orders.validation import check_product_listing
from crossdock.sandbox.woocommerce.product import as_product
from crossdock.sandbox.woocommerce.routing import Call, Endpoint, Permission, RestRoute, Result, route
from crossdock.sandbox.woocommerce.service import listing_seconds
from crossdock.sandbox.woocommerce.store import WooStore
from crossdock.sandbox.woocommerce.validation import id_texts

_LIST = Permission("read_private_products", "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
_VIEW = Permission("read_private_products", "woocommerce_rest_cannot_view", "Sorry, you cannot view this resource.")
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def product_routes() -> list[RestRoute]:
    """Return the routes of products, which only read."""
    base = r"/wc/v3/products/(?P<id>\d+)"
    return [
        route("/wc/v3/products", get=Endpoint(_LIST, _list, _check)),
        route(base, get=Endpoint(_VIEW, _get)),
        route(rf"{base}/variations", get=Endpoint(_LIST, _variations, _check)),
        route(rf"{base}/variations/(?P<variation>\d+)", get=Endpoint(_VIEW, _variation)),
    ]


def _check(call: Call) -> None:
    check_product_listing(call.params)


async def _list(call: Call) -> Result:
    found = _ordered(call.params, _filtered(call.params, _candidates(call.store, call.params)))
    return await _page(call, found, view=_product_view)


async def _get(call: Call) -> Result:
    record = call.store.catalogue.get(int(call.place["id"]))
    if record is None:
        raise RestError("woocommerce_rest_product_invalid_id", "Invalid ID.", 404)
    view = _product_view(call, record)
    return Result({name: value for name, value in view.items() if name != "_links"}, links=view["_links"])


async def _variations(call: Call) -> Result:
    parent = call.store.catalogue.get(int(call.place["id"]))
    found = call.store.catalogue.variations_of(int(call.place["id"])) if parent else []
    sku = str(call.params.get("sku") or "").lower()
    if sku and not call.store.modes.ignores_skus:
        found = [record for record in found if str(record["sku"]).lower() == sku]
    return await _page(call, _ordered(call.params, _filtered(call.params, found)), view=_variation_view)


async def _variation(call: Call) -> Result:
    record = call.store.catalogue.get(int(call.place["variation"]))
    if record is None or record.get("parent_id") != int(call.place["id"]):
        raise RestError("woocommerce_rest_product_variation_invalid_id", "Invalid ID.", 404)
    view = _variation_view(call, record)
    return Result({name: value for name, value in view.items() if name != "_links"}, links=view["_links"])


def _candidates(store: WooStore, params: Mapping[str, Any]) -> list[Record]:
    """Return what a listing starts from: variations come in only where SKUs are asked for (§6)."""
    asked = str(params.get("sku") or "")
    if asked and not store.modes.ignores_skus:
        skus = [*asked.split(","), asked] if "," in asked else [asked]
        found = {int(record["id"]): record for sku in skus for record in store.catalogue.by_sku(sku.strip())}
        return list(found.values())
    part = str(params.get("search_sku") or "").lower()
    if part and not store.modes.ignores_skus:
        return [record for record in store.catalogue if part in str(record["sku"]).lower()]
    return [record for record in store.catalogue if not is_variation(record)]


def _filtered(params: Mapping[str, Any], records: list[Record]) -> list[Record]:
    include = {int(text) for text in id_texts(params.get("include"))}
    exclude = {int(text) for text in id_texts(params.get("exclude"))}
    status, kind, term = str(params.get("status", "any")), params.get("type"), str(params.get("search") or "").lower()
    return [
        record
        for record in records
        if (not include or record["id"] in include)
        and record["id"] not in exclude
        and (record["status"] == status or (status == "any" and record["status"] != "trash"))
        and (kind is None or record.get("type") == kind)
        and (not term or term in str(record["name"]).lower())
    ]


def _ordered(params: Mapping[str, Any], records: list[Record]) -> list[Record]:
    orderby, descends = params.get("orderby", "date"), params.get("order", "desc") != "asc"
    if orderby == "include":
        places = {int(text): place for place, text in enumerate(id_texts(params.get("include")))}
        return sorted(records, key=lambda record: places.get(int(record["id"]), 0))
    if orderby == "title":
        return sorted(records, key=lambda record: str(record["name"]).lower(), reverse=descends)
    if orderby == "id":
        return sorted(records, key=lambda record: int(record["id"]), reverse=descends)
    name = "date_modified_gmt" if orderby == "modified" else "date_created_gmt"
    return sorted(records, key=lambda record: (str(record.get(name)), int(record["id"])), reverse=descends)


async def _page(call: Call, found: list[Record], *, view: Callable[[Call, Record], Record]) -> Result:
    start, per_page, number = page_bounds(call.params)
    cut = found[start : start + per_page]
    await call.desk.spend(listing_seconds(len(cut)))
    address = call.root.rstrip("/") + call.route
    headers = page_headers(len(found), number, math.ceil(len(found) / per_page), address, call.query)
    return Result([view(call, record) for record in cut], headers=headers)


def _product_view(call: Call, record: Record) -> Record:
    catalogue = call.store.catalogue
    shape = as_product(record, catalogue.full_name(record)) if is_variation(record) else record
    collection = f"{call.root}wc/v3/products"
    return {**shape, "_links": _links(collection, record, collection)}


def _variation_view(call: Call, record: Record) -> Record:
    collection = f"{call.root}wc/v3/products/{record['parent_id']}/variations"
    return {**record, "_links": _links(collection, record, f"{call.root}wc/v3/products")}


def _links(collection: str, record: Record, products: str) -> Record:
    links: Record = {
        "self": [{"href": f"{collection}/{record['id']}", "targetHints": {"allow": _METHODS}}],
        "collection": [{"href": collection}],
    }
    if is_variation(record):
        links["up"] = [{"href": f"{products}/{record['parent_id']}"}]
    return links
