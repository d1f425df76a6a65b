"""One WooCommerce store behind the contract: the parts of this package, put together.

Owns which part serves what, and what the store says of itself. Must not know what its callers do.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import httpx2
import msgspec

from crossdock.connectors.contract import Capabilities, Finding, MuteJournal, Sink, Source, StoreInfo
from crossdock.connectors.http import HttpLimits, StoreHttp
from crossdock.connectors.tally import StoreTally
from crossdock.connectors.throttle import AdaptiveConcurrency
from crossdock.connectors.woocommerce.auth import WooAuth
from crossdock.connectors.woocommerce.checks import StoreCheck
from crossdock.connectors.woocommerce.config import (
    CAPABILITIES,
    PLATFORM,
    WooCommerceConfig,
    customer_id_pattern,
    order_id_pattern,
)
from crossdock.connectors.woocommerce.customers.reader import CustomerReader
from crossdock.connectors.woocommerce.customers.writer import CustomerWriter
from crossdock.connectors.woocommerce.mute import AccountMailMute
from crossdock.connectors.woocommerce.orders.reader import OrderReader
from crossdock.connectors.woocommerce.orders.writer import OrderWriter
from crossdock.connectors.woocommerce.transport import API_VERSION, WooTransport, decode
from crossdock.domain.errors import AuthenticationError, ConfigurationError, UnsupportedOperationError
from crossdock.domain.kinds import CUSTOMER, ORDER

__all__ = [
    "CAPABILITIES",
    "PLATFORM",
    "WooCommerceConfig",
    "WooCommerceStore",
    "customer_id_pattern",
    "order_id_pattern",
]

Sleep = Callable[[float], Awaitable[object]]
T = TypeVar("T")


class _Setting(msgspec.Struct):
    id: str
    value: object = None


class WooCommerceStore:
    """One shop. `clock` (monotonic seconds), `sleep`, `chance` and `transport` are for tests."""

    def __init__(
        self,
        config: WooCommerceConfig,
        *,
        mutes: MuteJournal,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        transport: httpx2.AsyncBaseTransport | None = None,
        tally: StoreTally | None = None,
    ) -> None:
        auth = WooAuth(config)
        self._config = config
        self._http = StoreHttp(
            config.url,
            auth=auth,
            ca_file=config.ca_file,
            limits=HttpLimits.within(config.request_seconds),
            transport=transport,
            clock=clock,
            sleep=sleep,
            chance=chance,
            tally=tally,
        )
        self._transport = WooTransport(self._http, auth, sleep=sleep)
        self._readers = AdaptiveConcurrency(highest=config.max_readers, clock=clock, sleep=sleep)
        self._http.on_trouble = self._readers.trouble
        self._mute = AccountMailMute(
            self._transport,
            mutes,
            delay_seconds=config.mail_delay_seconds,
            settle_seconds=config.settle_seconds,
            clock=clock,
            sleep=sleep,
        )
        self._customers = CustomerWriter(self._transport, self._mute)
        self._orders = OrderWriter(self._transport, finish_delay_seconds=config.finish_delay_seconds)
        self._sources: Mapping[str, Source[Any]] = {
            CUSTOMER.name: CustomerReader(self._transport, self._readers),
            ORDER.name: OrderReader(self._transport, self._readers),
        }
        self._sinks: Mapping[str, Sink[Any]] = {CUSTOMER.name: self._customers, ORDER.name: self._orders}
        self._info: StoreInfo | None = None

    @property
    def capabilities(self) -> Capabilities:
        """What WooCommerce can do, with this store's time to settle."""
        return replace(CAPABILITIES, settle_seconds=self._config.settle_seconds)

    @property
    def waiting_seconds(self) -> float:
        """How long the store has asked its readers to wait; 0 while they need not."""
        return self._readers.waiting_seconds

    async def info(self) -> StoreInfo:
        """Ask the store who it is; currency and country stay empty where the key may not see the settings."""
        if self._info is None:
            index = await self._transport.index()
            general = await self._general_settings()
            self._info = StoreInfo(
                platform=PLATFORM,
                key=index.store_key,
                name=index.name or index.store_key,
                url=index.home,
                api_version=API_VERSION,
                currency=general.get("woocommerce_currency", ""),
                country=general.get("woocommerce_default_country", "").partition(":")[0],
                time_zone=index.time_zone,
            )
        return self._info

    async def check(self) -> Sequence[Finding]:
        """Try what Crossdock needs: address, key, permission to write, the account mail, version, webhooks."""
        return await StoreCheck(
            self._config,
            self._transport,
            self._mute,
            {"customers": self._customers.try_permission, "orders": self._orders.try_permission},
        ).run()

    def source(self, kind: str) -> Source[Any]:
        """Give the reader of customers or orders.

        Raises:
            UnsupportedOperationError: another kind was asked for.
        """
        return _of_kind(self._sources, kind)

    def sink(self, kind: str) -> Sink[Any]:
        """Give the writer of customers or orders.

        Raises:
            UnsupportedOperationError: another kind was asked for.
        """
        return _of_kind(self._sinks, kind)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _general_settings(self) -> dict[str, str]:
        try:
            reply = await self._transport.read("settings/general", {"_fields": "id,value"})
        except AuthenticationError:
            raise
        except ConfigurationError:
            return {}
        settings = decode(reply, list[_Setting])
        return {setting.id: setting.value for setting in settings if isinstance(setting.value, str)}


def _of_kind(parts: Mapping[str, T], kind: str) -> T:
    if kind not in parts:
        raise UnsupportedOperationError("kind_unknown", f"WooCommerce stores bring no records of the kind {kind}.")
    return parts[kind]
