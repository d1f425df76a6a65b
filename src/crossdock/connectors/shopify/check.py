"""Whether a store lets Crossdock do its work: one finding for each capability, with advice.

Owns what is looked at and how it weighs. Trouble is a finding, never an exception.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from crossdock.connectors.contract import Finding, FindingLevel
from crossdock.connectors.shopify.config import ShopifyConfig
from crossdock.connectors.shopify.documents import load
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.markers import MarkerDefinitions
from crossdock.connectors.shopify.order_check import ADD_SCOPE, TOPICS, order_findings
from crossdock.connectors.shopify.shop import ShopAnswer, ask_shop
from crossdock.domain.errors import CrossdockError

PROBE: Final = load("customers/probe.graphql")
WEBHOOKS: Final = load("operations/webhooks.graphql")

_READS: Final = "read_customers"
_WRITES: Final = "write_customers"
_OWNERS: Final = (("CUSTOMER", "write_customers"), ("ORDER", "write_orders"), ("DRAFTORDER", "write_draft_orders"))


class _Webhook(msgspec.Struct):
    topic: str
    uri: str = ""


class _Webhooks(msgspec.Struct):
    nodes: list[_Webhook]


class _WebhooksAnswer(msgspec.Struct, rename="camel"):
    webhook_subscriptions: _Webhooks


class StoreCheck:
    """Checks one store."""

    def __init__(self, config: ShopifyConfig, graphql: GraphQL, markers: MarkerDefinitions) -> None:
        self._config = config
        self._graphql = graphql
        self._markers = markers

    async def findings(self) -> list[Finding]:
        """Try everything; where the store can't be asked at all, that is the only finding."""
        try:
            shop = await ask_shop(self._graphql)
        except CrossdockError as error:
            return [_failed("connection", error)]
        found = [_passed("connection", f"Connected to {shop.shop.name}.")]
        found += [self._version(), self._domain(shop), *_scopes(shop), *order_findings(shop)]
        found += [self._rate(), _region(shop)]
        found.append(await _tried("protected_customer_data", self._protected_data))
        found.append(await _tried("marker", lambda: self._marker(shop)))
        found.append(await _tried("webhooks", self._webhooks))
        return found

    def _version(self) -> Finding:
        return _passed("api_version", f"Shopify serves API version {self._config.api_version}.")

    def _domain(self, shop: ShopAnswer) -> Finding:
        if shop.shop.myshopify_domain == self._config.domain:
            return _passed("domain", f"The store's own name is {self._config.domain}.")
        text = f"The store calls itself {shop.shop.myshopify_domain}, not {self._config.domain}."
        return Finding("domain", FindingLevel.WARNING, text, "Connect the store by the name that it gives itself.")

    def _rate(self) -> Finding:
        rate = self._graphql.bucket.restore_rate
        if rate is None:
            return Finding("rate_limit", FindingLevel.WARNING, "Shopify does not say how fast it may be asked.")
        return _passed("rate_limit", f"Shopify allows {rate:g} points a second: about {rate / 10:g} new customers.")

    async def _protected_data(self) -> Finding:
        await self._graphql.query(PROBE, {}, dict[str, object])
        return _passed("protected_customer_data", "Customers' names and e-mail addresses can be read.")

    async def _marker(self, shop: ShopAnswer) -> Finding:
        missing = [owner for owner, _ in _OWNERS if not await self._markers.exists(owner)]
        if not missing:
            return _passed("marker", "Records can carry Crossdock's note.")
        if any(scope in shop.scopes for owner, scope in _OWNERS if owner in missing):
            return _passed("marker", "Records will carry Crossdock's note; its definition is made before the first.")
        text = "Records can't carry Crossdock's note, since the token may not write."
        return Finding("marker", FindingLevel.WARNING, text, ADD_SCOPE)

    async def _webhooks(self) -> Finding:
        answer = await self._graphql.query(WEBHOOKS, {"topics": ["CUSTOMERS_CREATE", *TOPICS]}, _WebhooksAnswer)
        topics = sorted({hook.topic for hook in answer.webhook_subscriptions.nodes})
        if not topics:
            text = "This app has no webhook on new customers or orders. Webhooks of other apps can't be seen."
            return Finding("webhooks", FindingLevel.PASS, text, "Ask other apps' makers what they do on new records.")
        named = ", ".join(topic.lower().replace("_", " ") for topic in topics)
        text = f"Webhooks of this app will react to what is migrated ({named}); other apps' can't be seen."
        return Finding("webhooks", FindingLevel.WARNING, text, "Pause what they set off before a migration.")


def _scopes(shop: ShopAnswer) -> list[Finding]:
    found: list[Finding] = []
    for scope, level, what in (
        (_READS, FindingLevel.BLOCKER, "Customers can't be read"),
        (_WRITES, FindingLevel.WARNING, "Customers can't be migrated to this store"),
    ):
        if scope in shop.scopes:
            found.append(_passed(scope, f"The token has {scope}."))
        else:
            found.append(Finding(scope, level, f"{what}: the token lacks {scope}.", ADD_SCOPE))
    return found


def _region(shop: ShopAnswer) -> Finding:
    place = shop.country or "no country"
    return _passed("region", f"{shop.shop.currency_code}, {shop.shop.iana_timezone}, {place}.")


async def _tried(capability: str, attempt: Callable[[], Awaitable[Finding]]) -> Finding:
    try:
        return await attempt()
    except CrossdockError as error:
        return _failed(capability, error)


def _passed(capability: str, message: str) -> Finding:
    return Finding(capability, FindingLevel.PASS, message)


def _failed(capability: str, error: CrossdockError) -> Finding:
    return Finding(capability, FindingLevel.BLOCKER, error.message)
