"""The fields of the shop object. Must not know customers."""

from collections.abc import Callable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from crossdock.sandbox.shopify.context import Info
from crossdock.sandbox.shopify.records import Wire, gid
from crossdock.sandbox.shopify.store import SHOP_NUMBER, ShopifyStore


def _field(read: Callable[[ShopifyStore], Wire]) -> Callable[..., Wire]:
    def resolve(source: ShopifyStore, _info: Info, **_args: Wire) -> Wire:
        return read(source)

    return resolve


def _plan(store: ShopifyStore) -> dict[str, Wire]:
    plan = "Development" if store.is_development else {"plus": "Shopify Plus"}.get(store.plan, "Basic")
    return {
        "publicDisplayName": plan,
        "displayName": plan,
        "partnerDevelopment": store.is_development,
        "shopifyPlus": store.plan == "plus",
    }


def _offset(store: ShopifyStore) -> str:
    return store.now().astimezone(ZoneInfo(store.timezone)).strftime("%z")


SHOP_FIELDS: Final[Mapping[str, Callable[..., Wire]]] = {
    "id": _field(lambda _: gid("Shop", SHOP_NUMBER)),
    "name": _field(lambda store: store.name),
    "email": _field(lambda store: f"owner@{store.name}.example.com"),
    "contactEmail": _field(lambda store: f"hello@{store.name}.example.com"),
    "myshopifyDomain": _field(lambda store: store.domain),
    "url": _field(lambda store: f"https://{store.domain}"),
    "currencyCode": _field(lambda store: store.currency),
    "enabledPresentmentCurrencies": _field(lambda store: list(store.presentment_currencies)),
    "ianaTimezone": _field(lambda store: store.timezone),
    "timezoneOffset": _field(_offset),
    "taxesIncluded": _field(lambda _: False),
    "taxShipping": _field(lambda _: False),
    "weightUnit": _field(lambda _: "KILOGRAMS"),
    "orderNumberFormatPrefix": _field(lambda store: store.order_prefix),
    "orderNumberFormatSuffix": _field(lambda store: store.order_suffix),
    "createdAt": _field(lambda store: store.opened_at),
    "updatedAt": _field(lambda store: store.opened_at),
    "plan": _field(_plan),
}
