"""What it takes to reach one WooCommerce store, and what the platform can do.

Owns the connection's values and their rules. Must not send anything.
"""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from crossdock.connectors.contract import Capabilities
from crossdock.domain.errors import ConfigurationError
from crossdock.domain.kinds import CUSTOMER, ORDER

PLATFORM = "woocommerce"
SETTLE_SECONDS = 180.0
"""How long a WooCommerce request may go on after its client has gone (PHP's time limits; REST v3, observed)."""

CAPABILITIES = Capabilities(
    platform=PLATFORM,
    title="WooCommerce",
    has_roles=True,
    requires_email=True,
    fields={
        CUSTOMER.name: frozenset({"name", "phone", "address"}),
        ORDER.name: frozenset({"total", "currency", "status", "email", "line_count", "refunds"}),
    },
    settle_seconds=SETTLE_SECONDS,
    has_guests=True,
)

customer_id_pattern = r"(?:[1-9][0-9]{0,18}|guest:.+)"
"""What an id of a customer looks like in our JSON; a guest is named by the e-mail address of the orders."""
order_id_pattern = r"[1-9][0-9]{0,18}"
"""What an id of an order looks like in our JSON."""


@dataclass(frozen=True, slots=True)
class WooCommerceConfig:
    """One store's address and REST keys; times in seconds.

    `url` is the shop's home address, with or without a path. `mail_delay_seconds` is how long the shop may put mails
    off, so that muted mails stay muted that long after the last write; `finish_delay_seconds` the same of an order's
    mails, so that the order gets its e-mail address only then. No write takes longer than `request_seconds`.
    """

    url: str
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    ca_file: Path | None = None
    settle_seconds: float = SETTLE_SECONDS
    mail_delay_seconds: float = 120.0
    finish_delay_seconds: float = 120.0
    request_seconds: float = 110.0
    max_readers: int = 4

    def __post_init__(self) -> None:
        """Refuse an address that can't be a shop's.

        Raises:
            ConfigurationError: with code `url_invalid`.
        """
        if not _is_home(self.url):
            text = "Enter the store's address as https://shop.example.com, without keys or a question mark in it."
            raise ConfigurationError("url_invalid", text)

    @property
    def is_encrypted(self) -> bool:
        """Whether the store is asked over https."""
        return urlsplit(self.url).scheme == "https"


def _is_home(url: str) -> bool:
    """Whether a text can be a shop's address."""
    try:
        parts = urlsplit(url)
        is_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return (
        is_port and parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.query or parts.username)
    )
