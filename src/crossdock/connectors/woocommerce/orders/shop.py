"""What of a shop's settings matters to orders: its decimals, and the plugin that numbers its orders.

Owns how they are read. Must not know any order.

Source: WooCommerce REST API v3, `GET system_status`.
"""

import msgspec

from crossdock.connectors.woocommerce.transport import WooTransport, decode

_NUMBER_PLUGINS = (
    ("sequential-order-number", "_order_number"),
    ("custom-order-numbers-for-woocommerce", "_alg_wc_custom_order_number"),
)


class _Plugin(msgspec.Struct):
    plugin: str = ""


class _Settings(msgspec.Struct):
    number_of_decimals: int | str = 2


class _Status(msgspec.Struct):
    settings: _Settings = msgspec.field(default_factory=_Settings)
    active_plugins: list[_Plugin] = msgspec.field(default_factory=list[_Plugin])


class Shop(msgspec.Struct, frozen=True):
    """`decimals` is how finely totals are kept; `number_key` the meta key of order numbers, empty without a plugin."""

    decimals: int
    number_key: str = ""


async def read_shop(transport: WooTransport) -> Shop:
    """Ask the shop.

    Raises:
        ConfigurationError, TransientError, ContractViolationError: as `Store` says.
    """
    reply = await transport.read("system_status", {"_fields": "settings,active_plugins"})
    status = decode(reply, _Status)
    plugins = [plugin.plugin for plugin in status.active_plugins]
    key = next((key for word, key in _NUMBER_PLUGINS if any(word in plugin for plugin in plugins)), "")
    return Shop(int(status.settings.number_of_decimals), key)
