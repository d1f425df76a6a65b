"""Waiting made short: the product's own seams for clock, sleep and transport, used for every store that it opens.

Owns how time passes in a trial. A wait of the connectors lasts a moment and their clock jumps to its end, so that they
believe to have waited as long as they were asked to. It must not know stores' contents.
"""

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

import httpx2

from crossdock import bootstrap
from crossdock.connectors.shopify import store as shopify
from crossdock.connectors.woocommerce import store as woocommerce
from crossdock.jobs.toolbox import Toolbox

_MOMENT_SECONDS = 0.02


class HastyTime:
    """A clock that jumps over what is slept."""

    def __init__(self) -> None:
        self._jumped = 0.0

    def clock(self) -> float:
        """Tell monotonic seconds, with every jump."""
        return time.monotonic() + self._jumped

    async def sleep(self, seconds: float) -> None:
        """Sleep a moment, and jump over the rest."""
        self._jumped += max(0.0, seconds - _MOMENT_SECONDS)
        await asyncio.sleep(min(seconds, _MOMENT_SECONDS))


class ShortPatience(httpx2.AsyncHTTPTransport):
    """Gives every request up that has not been answered for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send with the shorter time-outs."""
        timeouts: dict[str, float | None] = request.extensions.get("timeout", {})
        request.extensions["timeout"] = dict.fromkeys(timeouts, self._seconds)
        return await super().handle_async_request(request)


@contextmanager
def in_haste(patience: float = 30.0) -> Generator[None]:
    """Open stores and do work in haste for the length of a block; `patience` are the seconds given to a request."""
    with (
        patch.object(woocommerce, "WooCommerceStore", _hasty(woocommerce.WooCommerceStore, patience)),
        patch.object(shopify, "ShopifyStore", _hasty(shopify.ShopifyStore, patience)),
        patch.object(bootstrap, "Toolbox", _hasty_toolbox),
    ):
        yield


def _hasty(store: Any, patience: float) -> Any:  # noqa: ANN401 - either platform's class
    def open_store(*args: object, **kwargs: object) -> object:
        hasty = HastyTime()
        return partial(store, clock=hasty.clock, sleep=hasty.sleep, transport=ShortPatience(patience))(*args, **kwargs)

    return open_store


async def _nap(seconds: float) -> None:
    await asyncio.sleep(min(seconds, _MOMENT_SECONDS))


def _hasty_toolbox(**parts: Any) -> Toolbox:  # noqa: ANN401 - whatever a toolbox is made of
    return replace(Toolbox(**parts), sleep=_nap)
