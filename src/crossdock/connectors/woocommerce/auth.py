"""How requests prove who sends them: Basic over https, OAuth 1.0a over http or where a server drops the header.

Owns the ways of signing and which one is in use. Must not know what the requests are for.

Source: WooCommerce REST API v3, authentication; WooCommerce 9.2.5, `class-wc-rest-authentication.php`.
"""

from base64 import b64encode
from collections.abc import Generator
from enum import StrEnum
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

import httpx2
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, SIGNATURE_TYPE_QUERY, Client

from crossdock.connectors.woocommerce.config import WooCommerceConfig

_KEYS_WORK_BELOW = "wp-json/wc/"


class Scheme(StrEnum):
    """A way to sign a request. The OAuth ways differ in the scheme that the shop believes to be asked by."""

    BASIC = "basic"
    OAUTH_HTTPS = "https"
    OAUTH_HTTP = "http"


class WooAuth(httpx2.Auth):
    """Signs requests for WooCommerce's own routes; WordPress would take keys elsewhere for a user and a password.

    `home` is the shop's own idea of its address, by which it checks OAuth signatures; set it before a signed request.
    """

    def __init__(self, config: WooCommerceConfig) -> None:
        self._config = config
        # The library's stubs leave the result of signing untyped.
        self._client: Any = Client(
            config.consumer_key,
            client_secret=config.consumer_secret,
            signature_method=SIGNATURE_HMAC_SHA256,
            signature_type=SIGNATURE_TYPE_QUERY,
        )
        encrypted = (Scheme.BASIC, Scheme.OAUTH_HTTPS, Scheme.OAUTH_HTTP)
        self._ways = iter(encrypted if config.is_encrypted else (Scheme.OAUTH_HTTP,))
        self._way = next(self._ways)
        self.home = config.url

    @property
    def way(self) -> Scheme:
        """The way in use."""
        return self._way

    def try_next_way(self) -> bool:
        """Change to the next way of signing; False when there is none left.

        Over https a server may drop the `Authorization` header, or WordPress may not know that it is asked by https.
        """
        following = next(self._ways, None)
        if following is None:
            return False
        self._way = following
        return True

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Sign a request in the way in use."""
        if _KEYS_WORK_BELOW in request.url.path:
            if self._way is Scheme.BASIC:
                pair = f"{self._config.consumer_key}:{self._config.consumer_secret}"
                request.headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode("ascii")
            else:
                request.url = self._signed(request)
        yield request

    def _signed(self, request: httpx2.Request) -> httpx2.URL:
        asked = urlsplit(str(request.url))
        home, base = urlsplit(self.home), urlsplit(self._config.url)
        path = home.path.rstrip("/") + asked.path.removeprefix(base.path.rstrip("/"))
        as_seen = urlunsplit(SplitResult(self._way.value, home.netloc, path, asked.query, ""))
        query = urlsplit(str(self._client.sign(as_seen, request.method)[0])).query
        return httpx2.URL(urlunsplit((asked.scheme, asked.netloc, asked.path, query, "")))
