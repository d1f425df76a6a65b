"""What it takes to reach one Shopify store, and what every Shopify store can do.

Owns the store's configuration and the platform's capabilities. It must not know how a request is sent.
"""

import re
from dataclasses import dataclass, field

from crossdock.connectors.contract import Capabilities
from crossdock.domain.errors import ConfigurationError
from crossdock.domain.kinds import CUSTOMER, ORDER

PLATFORM = "shopify"
API_VERSION = "2026-10"
MARKER_NAMESPACE = "crossdock"
MARKER_KEY = "source_id"

CAPABILITIES = Capabilities(
    platform=PLATFORM,
    title="Shopify",
    has_roles=False,
    requires_email=False,
    fields={
        CUSTOMER.name: frozenset({"name", "phone", "address", "consent", "tags"}),
        ORDER.name: frozenset({"total", "currency", "status", "email", "line_count", "refunds"}),
    },
    settle_seconds=60,
    has_drafts=True,
    makes_customers=True,
)

_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")


@dataclass(frozen=True, slots=True)
class ShopifyConfig:
    """One store's address and credentials: a `token`, or a client's id and secret for the client-credentials grant.

    `base_url` replaces `https://<domain>` and comes from the environment only: it names a sandbox. `country` reads
    national telephone numbers until `info` has told the shop's own. Thresholds count records; times are in seconds.
    No write takes longer than `request_seconds`.

    Raises:
        ConfigurationError: the domain is no myshopify.com name, or there are no credentials.
    """

    domain: str
    token: str | None = field(default=None, repr=False)
    client_id: str | None = field(default=None, repr=False)
    client_secret: str | None = field(default=None, repr=False)
    api_version: str = API_VERSION
    base_url: str | None = None
    country: str = ""
    settle_seconds: float = 60.0
    bulk_read_threshold: int = 5_000
    bulk_write_threshold: int = 2_000
    poll_seconds: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0)
    request_seconds: float = 110.0

    def __post_init__(self) -> None:
        if self.base_url is None and _DOMAIN.fullmatch(self.domain) is None:
            raise ConfigurationError(
                "domain_invalid",
                "Enter the store's own Shopify name, such as example.myshopify.com, in lower case and without "
                "https://. It is in Shopify's admin under Settings, Domains.",
            )
        if not self.token and not (self.client_id and self.client_secret):
            raise ConfigurationError(
                "credentials_missing",
                "Enter an Admin API access token, or the client id and the client secret of an app from the Dev "
                "Dashboard.",
            )

    @property
    def origin(self) -> str:
        """The address that every request begins with, without a slash at its end."""
        return (self.base_url or f"https://{self.domain}").rstrip("/")
