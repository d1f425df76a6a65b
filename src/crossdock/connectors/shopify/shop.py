"""What a shop says of itself and of the app that asks.

Owns the shapes of shop-level answers and how they become a `StoreInfo`. It must not know any record.
"""

from typing import Final

import msgspec

from crossdock.connectors.contract import StoreInfo
from crossdock.connectors.shopify.config import PLATFORM, ShopifyConfig
from crossdock.connectors.shopify.documents import load
from crossdock.connectors.shopify.graphql import GraphQL

SHOP: Final = load("operations/shop.graphql")
DEVELOPMENT_SECONDS: Final = 12.5
"""The pause between two orders of a development store: a little longer than what Shopify asks for."""
_DEVELOPMENT: Final = "Development"


class _Plan(msgspec.Struct, rename="camel"):
    public_display_name: str = ""
    partner_development: bool = False
    shopify_plus: bool = False


class _Address(msgspec.Struct, rename="camel"):
    country_code_v2: str | None = None


class _Shop(msgspec.Struct, rename="camel"):
    name: str
    myshopify_domain: str
    url: str = ""
    currency_code: str = ""
    iana_timezone: str = "UTC"
    plan: _Plan = msgspec.field(default_factory=_Plan)
    shop_address: _Address | None = None


class _Scope(msgspec.Struct):
    handle: str


class _Installation(msgspec.Struct, rename="camel"):
    access_scopes: list[_Scope] = []


class ShopAnswer(msgspec.Struct, rename="camel"):
    """Data of the shop document."""

    shop: _Shop
    current_app_installation: _Installation | None = None

    @property
    def country(self) -> str:
        """The shop's country; empty where it has not said."""
        return (self.shop.shop_address.country_code_v2 or "") if self.shop.shop_address else ""

    @property
    def is_development(self) -> bool:
        """Whether it is a store for trying out, which takes few orders a minute."""
        return self.shop.plan.partner_development or self.shop.plan.public_display_name == _DEVELOPMENT

    @property
    def scopes(self) -> frozenset[str]:
        """What the token may do; a scope to write includes the one to read."""
        told = self.current_app_installation
        granted = {scope.handle for scope in told.access_scopes} if told else set[str]()
        return frozenset(granted | {name.replace("write_", "read_", 1) for name in granted})


async def ask_shop(graphql: GraphQL) -> ShopAnswer:
    """Ask the shop who it is and what the token may do."""
    return await graphql.query(SHOP, {}, ShopAnswer)


def info_of(answer: ShopAnswer, config: ShopifyConfig, *, api_version: str, restore_rate: float | None) -> StoreInfo:
    """Put a shop's answer into the words of the contract. The key is the configured domain, whatever the shop says."""
    shop = answer.shop
    plan = f"{shop.plan.public_display_name} (development)" if shop.plan.partner_development else ""
    return StoreInfo(
        platform=PLATFORM,
        key=config.domain,
        name=shop.name,
        url=shop.url or config.origin,
        api_version=api_version or config.api_version,
        currency=shop.currency_code,
        country=answer.country,
        time_zone=shop.iana_timezone,
        plan=plan or shop.plan.public_display_name,
        restore_rate=restore_rate,
        new_orders_a_minute=60 / DEVELOPMENT_SECONDS if answer.is_development else None,
    )
