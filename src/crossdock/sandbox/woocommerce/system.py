"""Own what tells a caller about the site: public index, route list, system status, webhooks (reference §8, §9)."""

import hashlib
from datetime import timedelta
from typing import Any

from crossdock.sandbox.woocommerce.currencies import symbol_of
from crossdock.sandbox.woocommerce.routing import Call, Endpoint, Permission, RestRoute, Result, route
from crossdock.sandbox.woocommerce.store import WooStore

_VIEW = Permission("manage_woocommerce", "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
_VERSION = "9.2.5"
_SYMBOLS = {"USD": "&#36;", "EUR": "&euro;", "GBP": "&pound;", "TRY": "&#8378;", "JPY": "&yen;"}
_HPOS_STORE = r"Automattic\WooCommerce\Internal\DataStores\Orders\OrdersTableDataStore"
_POSTS_STORE = "WC_Order_Data_Store_CPT"
_ORDERS = "/wc/v3/orders"
_ROUTES = (
    "/wc/v3",
    "/wc/v3/customers",
    r"/wc/v3/customers/(?P<id>[\d]+)",
    "/wc/v3/customers/batch",
    *(_ORDERS, r"/wc/v3/orders/(?P<id>[\d]+)", "/wc/v3/orders/batch", "/wc/v3/refunds"),
    r"/wc/v3/orders/(?P<order_id>[\d]+)/notes",
    r"/wc/v3/orders/(?P<order_id>[\d]+)/refunds",
    *("/wc/v3/products", r"/wc/v3/products/(?P<id>[\d]+)", r"/wc/v3/products/(?P<product_id>[\d]+)/variations"),
    "/wc/v3/settings",
    r"/wc/v3/settings/(?P<group_id>[\w-]+)",
    r"/wc/v3/settings/(?P<group_id>[\w-]+)/(?P<id>[\w-]+)",
    "/wc/v3/settings/batch",
    "/wc/v3/system_status",
    "/wc/v3/webhooks",
)


def system_routes() -> list[RestRoute]:
    """Return the routes about the site itself."""
    return [
        route("/?", get=Endpoint(None, _index)),
        route("/wc/v3", get=Endpoint(None, _namespace)),
        route("/wc/v3/system_status", get=Endpoint(_VIEW, _status)),
        route("/wc/v3/webhooks", get=Endpoint(_VIEW, _webhooks)),
    ]


async def _index(call: Call) -> Result:
    store = call.store
    offset = store.clock().astimezone(store.zone).utcoffset() or timedelta()
    hours = offset.total_seconds() / 3600
    authorize = {"endpoints": {"authorization": f"{store.url}/wp-admin/authorize-application.php"}}
    return Result(
        {
            "name": store.name,
            "description": "",
            "url": store.url,
            "home": store.url,
            "gmt_offset": int(hours) if hours.is_integer() else hours,
            "timezone_string": store.timezone,
            "namespaces": ["oembed/1.0", "wc/v3", "wc-analytics", "wc/store/v1", "wc/v1", "wc/v2", "wp/v2"],
            "authentication": {"application-passwords": authorize} if store.url.startswith("https:") else [],
            "routes": _routes(call),
        },
    )


async def _namespace(call: Call) -> Result:
    return Result(
        {"namespace": "wc/v3", "routes": _routes(call)},
        links={"up": [{"href": call.root}]},
    )


async def _status(call: Call) -> Result:
    store = call.store
    return Result(
        {
            "environment": _environment(store),
            "active_plugins": _plugins(store),
            "settings": {
                "api_enabled": False,
                "force_ssl": False,
                "currency": store.options.currency(),
                "currency_symbol": _SYMBOLS.get(store.options.currency(), symbol_of(store.options.currency())),
                "currency_position": "left",
                "thousand_separator": ",",
                "decimal_separator": ".",
                "number_of_decimals": store.options.decimals(),
                "order_datastore": _HPOS_STORE if store.modes.hpos else _POSTS_STORE,
                "HPOS_enabled": store.modes.hpos,
                "HPOS_sync_enabled": False,
            },
            "security": {"secure_connection": store.url.startswith("https:"), "hide_errors": True},
        },
    )


async def _webhooks(call: Call) -> Result:
    hooks = call.store.webhooks
    total = {"X-WP-Total": str(len(hooks)), "X-WP-TotalPages": "1" if hooks else "0"}
    return Result([dict(hook) for hook in hooks], headers=total)


def _environment(store: WooStore) -> dict[str, Any]:
    """Return the server's description; its `default_timezone` is PHP's, never the site's (§8)."""
    return {
        "home_url": store.url,
        "site_url": store.url,
        "store_id": hashlib.sha256(store.name.encode()).hexdigest()[:32],
        "version": _VERSION,
        "wp_version": "6.8.12",
        "wp_multisite": False,
        "wp_memory_limit": 268435456,
        "wp_debug_mode": False,
        "language": "en_US",
        "external_object_cache": None,
        "server_info": "nginx",
        "php_version": "8.2.36",
        "php_post_max_size": 8388608,
        "php_max_execution_time": 30,
        "default_timezone": "UTC",
    }


def _plugins(store: WooStore) -> list[dict[str, Any]]:
    plugins = [("woocommerce/woocommerce.php", "WooCommerce", _VERSION, "Automattic")]
    if store.modes.numbers_orders:
        path = "woocommerce-sequential-order-numbers/woocommerce-sequential-order-numbers.php"
        plugins.append((path, "Sequential Order Numbers for WooCommerce", "1.11.1", "SkyVerge"))
    return [
        {
            "plugin": path,
            "name": name,
            "version": version,
            "version_latest": version,
            "author_name": author,
            "network_activated": False,
        }
        for path, name, version, author in plugins
    ]


def _routes(call: Call) -> dict[str, Any]:
    routes: dict[str, Any] = {
        path: {"namespace": "wc/v3", "_links": {"self": [{"href": call.root.rstrip("/") + path}]}} for path in _ROUTES
    }
    routes[_ORDERS] |= route_description(call.store, _ORDERS, ["GET", "POST"])
    return routes


def route_description(store: WooStore, path: str, methods: list[str]) -> dict[str, Any]:
    """Return what OPTIONS tells of a route; that of orders names the registered statuses (§4.1)."""
    endpoints: list[dict[str, Any]] = [{"methods": [method], "args": {}} for method in methods]
    if path == _ORDERS:
        statuses = ["any", "trash", "auto-draft", *store.statuses()]
        items = {"type": "string", "enum": statuses}
        endpoints[0]["args"] = {"status": {"default": ["any"], "type": "array", "items": items, "required": False}}
    return {"namespace": "wc/v3", "methods": methods, "endpoints": endpoints}
