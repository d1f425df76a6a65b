"""The platforms under the contract suite, one after the other."""

from collections.abc import AsyncGenerator

import pytest

from tests.contract.platforms import PLATFORMS, Platform
from tests.contract.woocommerce_platform import woocommerce

_ALL = {"woocommerce": woocommerce, **PLATFORMS}


@pytest.fixture(params=sorted(_ALL))
async def platform(request: pytest.FixtureRequest) -> AsyncGenerator[Platform]:
    """Give a connected, empty store of each platform."""
    async with _ALL[request.param]() as connected:
        yield connected
