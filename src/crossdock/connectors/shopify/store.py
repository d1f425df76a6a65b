"""One Shopify store, put together: the connector's front.

Owns how the parts are joined and closed. It must not know how any of them works.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import httpx2

from crossdock.connectors.contract import Capabilities, Finding, Sink, Source, StoreInfo, TokenStore
from crossdock.connectors.http import HttpLimits, StoreHttp
from crossdock.connectors.shopify.auth import Tokens
from crossdock.connectors.shopify.bulk import BulkOperations
from crossdock.connectors.shopify.check import StoreCheck
from crossdock.connectors.shopify.config import CAPABILITIES, ShopifyConfig
from crossdock.connectors.shopify.customers.bulk_creation import BulkCustomerCreation
from crossdock.connectors.shopify.customers.creation import CustomerCreation
from crossdock.connectors.shopify.customers.lookup import CustomerLookup
from crossdock.connectors.shopify.customers.reader import CustomerReader
from crossdock.connectors.shopify.customers.writer import CustomerWriter
from crossdock.connectors.shopify.files import BulkFiles
from crossdock.connectors.shopify.gid import CUSTOMER_ID_PATTERN, ORDER_ID_PATTERN
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.markers import MarkerDefinitions
from crossdock.connectors.shopify.orders.buyers import Buyers
from crossdock.connectors.shopify.orders.fetching import OrderFetching
from crossdock.connectors.shopify.orders.lookup import OrderLookup
from crossdock.connectors.shopify.orders.pace import OrderPace
from crossdock.connectors.shopify.orders.reader import OrderReader
from crossdock.connectors.shopify.orders.terms import OrderTerms
from crossdock.connectors.shopify.orders.writer import OrderWriter
from crossdock.connectors.shopify.shop import ask_shop, info_of
from crossdock.connectors.shopify.variants import VariantLookup
from crossdock.connectors.tally import StoreTally
from crossdock.connectors.throttle import CostBucket
from crossdock.domain.errors import UnsupportedOperationError
from crossdock.domain.kinds import CUSTOMER, ORDER

__all__ = ["CAPABILITIES", "ShopifyConfig", "ShopifyStore", "customer_id_pattern", "order_id_pattern"]

customer_id_pattern: Final = CUSTOMER_ID_PATTERN
order_id_pattern: Final = ORDER_ID_PATTERN
_CONNECTIONS: Final = 64

Part = TypeVar("Part")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ShopifyStore:
    """One merchant's Shopify shop. Share one object for a store in a process: it holds the store's rate limit.

    `now` tells the time of day, `clock` monotonic seconds; `transport`, `clock`, `sleep` and `now` are for tests.
    """

    def __init__(
        self,
        config: ShopifyConfig,
        *,
        tokens: TokenStore,
        transport: httpx2.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = _utc_now,
        tally: StoreTally | None = None,
    ) -> None:
        self._config = config
        self._http = StoreHttp(
            config.origin,
            limits=HttpLimits.within(config.request_seconds, connections=_CONNECTIONS),
            transport=transport,
            sleep=sleep,
            clock=clock,
            tally=tally,
        )
        self._files = BulkFiles(sandbox_origin=config.base_url, transport=transport, sleep=sleep)
        self._pace = OrderPace(clock=clock, sleep=sleep)
        self._graphql = GraphQL(
            self._http,
            Tokens(config, self._http, tokens, now=now, sleep=sleep),
            CostBucket(clock=clock, sleep=sleep),
            version=config.api_version,
            sleep=sleep,
        )
        self._markers = MarkerDefinitions(self._graphql)
        self._info: StoreInfo | None = None
        bulk = BulkOperations(self._graphql, self._files, poll_seconds=config.poll_seconds, sleep=sleep)
        customers = CustomerReader(self._graphql, bulk, bulk_threshold=config.bulk_read_threshold)
        terms = OrderTerms(self._graphql)
        self._sources: dict[str, Source[Any]] = {
            CUSTOMER.name: customers,
            ORDER.name: self._order_reader(bulk, terms),
        }
        self._sinks: dict[str, Sink[Any]] = {
            CUSTOMER.name: self._customer_writer(customers, bulk, now),
            ORDER.name: self._order_writer(bulk, terms, clock, sleep),
        }

    @property
    def capabilities(self) -> Capabilities:
        """What Shopify can do; `settle_seconds` as configured."""
        return replace(CAPABILITIES, settle_seconds=self._config.settle_seconds)

    @property
    def waiting_seconds(self) -> float:
        """How long the next request still waits for Shopify's rate limit; 0 while none waits."""
        return max(self._graphql.bucket.waiting_seconds, self._pace.waiting_seconds)

    async def info(self) -> StoreInfo:
        """Ask the store who it is; cached. Plans read national telephone numbers by its country from then on."""
        if self._info is None:
            answer = await ask_shop(self._graphql)
            self._info = info_of(
                answer,
                self._config,
                api_version=self._graphql.served_version,
                restore_rate=self._graphql.bucket.restore_rate,
            )
        return self._info

    async def check(self) -> Sequence[Finding]:
        """Try every capability that Crossdock needs."""
        return await StoreCheck(self._config, self._graphql, self._markers).findings()

    def source(self, kind: str) -> Source[Any]:
        """Give the reader of a kind."""
        return _of_kind(self._sources, kind)

    def sink(self, kind: str) -> Sink[Any]:
        """Give the writer of a kind."""
        return _of_kind(self._sinks, kind)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()
        await self._files.aclose()

    def _customer_writer(
        self, reader: CustomerReader, bulk: BulkOperations, now: Callable[[], datetime]
    ) -> CustomerWriter:
        lookup = CustomerLookup(self._graphql)
        creation = CustomerCreation(self._graphql, lookup)
        return CustomerWriter(
            self._graphql,
            reader=reader,
            lookup=lookup,
            bulk=BulkCustomerCreation(bulk, lookup, creation),
            creation=creation,
            markers=self._markers,
            bulk_threshold=self._config.bulk_write_threshold,
            region=self._region,
            now=now,
        )

    def _order_reader(self, bulk: BulkOperations, terms: OrderTerms) -> OrderReader:
        fetching = OrderFetching(self._graphql)
        return OrderReader(self._graphql, bulk, terms, fetching, bulk_threshold=self._config.bulk_read_threshold)

    def _order_writer(
        self,
        bulk: BulkOperations,
        terms: OrderTerms,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
    ) -> OrderWriter:
        variants = VariantLookup(self._graphql, bulk, bulk_threshold=self._config.bulk_read_threshold, clock=clock)
        return OrderWriter(
            self._graphql,
            lookup=OrderLookup(self._graphql),
            terms=terms,
            variants=variants,
            buyers=Buyers(self._graphql),
            markers=self._markers,
            region=self._region,
            pace=self._pace,
            sleep=sleep,
        )

    def _region(self) -> str:
        return (self._info.country if self._info else "") or self._config.country


def _of_kind(parts: Mapping[str, Part], kind: str) -> Part:
    if kind not in parts:
        raise UnsupportedOperationError("kind_unsupported", f"Shopify stores are not connected for the kind “{kind}”.")
    return parts[kind]
