"""Own who a request comes from: keys over https, OAuth 1.0a over http, and what a key may do with a method.

Written from reference §1.1 to §1.5 alone; shares nothing with any client's signer.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import quote, unquote, urlsplit

from crossdock.sandbox.woocommerce.errors import RestError
from crossdock.sandbox.woocommerce.keys import ApiKey
from crossdock.sandbox.woocommerce.request import RestRequest
from crossdock.sandbox.woocommerce.store import WooStore

_OAUTH_NAMES = (
    "oauth_consumer_key",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
)
_HASHES = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}
_HEADER_PAIR = re.compile(r'(oauth_[a-z_]+)="([^"]*)"')


def authenticate(store: WooStore, request: RestRequest) -> ApiKey | None:
    """Return the key that a request is made with, or None for an anonymous one; raises RestError 401 (§1.4)."""
    header = "" if store.modes.strips_authorization else request.headers.get("authorization", "")
    credentials = _basic_credentials(header)
    if "wp-json/wc/" not in request.uri and "wp-json/wc-" not in request.uri:
        if credentials and request.scheme == "https":
            raise RestError("invalid_username", "Unknown username. Check again or try your email address.", 401)
        return None
    if request.scheme == "https":
        key = _by_secret(store, request.query, credentials)
        if key is not None:
            return key
    return _by_signature(store, request, header)


def check_method(key: ApiKey, method: str) -> None:
    """Refuse a method that the key's own permission doesn't cover; raises RestError 401 (§1.4)."""
    if method in ("GET", "HEAD"):
        if not key.may_read():
            raise _error("The API key provided does not have read permissions.")
    elif method != "OPTIONS" and not key.may_write():
        raise _error("The API key provided does not have write permissions.")


def _basic_credentials(header: str) -> tuple[str, str] | None:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (user, password) if colon and user and password else None


def _by_secret(store: WooStore, query: Mapping[str, Any], basic: tuple[str, str] | None) -> ApiKey | None:
    """Return the key named with its secret; both query values together win over the header (§1.2)."""
    if query.get("consumer_key") and query.get("consumer_secret"):
        basic = str(query["consumer_key"]), str(query["consumer_secret"])
    key = store.keys.find(basic[0]) if basic else None
    if basic is None or key is None:
        return None
    if not hmac.compare_digest(key.consumer_secret.encode(), basic[1].encode()):
        raise _error("Consumer secret is invalid.")
    return key


def _by_signature(store: WooStore, request: RestRequest, header: str) -> ApiKey | None:
    params = {**request.query, **request.form}
    if header.lower().startswith("oauth "):
        params.update({name: unquote(value) for name, value in _HEADER_PAIR.findall(header)})
    missing = [name for name in _OAUTH_NAMES if not params.get(name)]
    if len(missing) == len(_OAUTH_NAMES):
        return None
    if missing:
        word = "parameters" if missing[1:] else "parameter"
        message = f"Missing OAuth {word} {', '.join(missing)}"
        raise RestError("woocommerce_rest_authentication_missing_parameter", message, 401)
    key = store.keys.find(str(params["oauth_consumer_key"]))
    if key is None:
        raise _error("Consumer key is invalid.")
    _check_signature(store, request, key, params)
    _check_freshness(store, key, str(params["oauth_timestamp"]), str(params["oauth_nonce"]))
    return key


def _check_signature(store: WooStore, request: RestRequest, key: ApiKey, params: Mapping[str, Any]) -> None:
    make_hash = _HASHES.get(str(params["oauth_signature_method"]))
    if make_hash is None:
        raise _error("Invalid signature - signature method is invalid.")
    signed = {name: value for name, value in params.items() if name != "oauth_signature"}
    home = urlsplit(store.url)
    url = f"{request.scheme}://{home.netloc}{home.path}{request.path}"
    joined = "&".join(f"{name}={_encode(value)}" for name, value in _flatten(signed))
    base = f"{request.verb.upper()}&{_encode(url)}&{_encode(joined)}"
    digest = hmac.new(f"{key.consumer_secret}&".encode(), base.encode(), make_hash).digest()
    given = unquote(str(params["oauth_signature"]).replace(" ", "+"))
    if not hmac.compare_digest(base64.b64encode(digest), given.encode()):
        raise _error("Invalid signature - provided signature does not match.")


def _check_freshness(store: WooStore, key: ApiKey, timestamp: str, nonce: str) -> None:
    if not timestamp.isdigit() or not store.keys.accepts_timestamp(int(timestamp)):
        raise _error("Invalid timestamp.")
    if not store.keys.use_nonce(key, nonce, int(timestamp)):
        raise _error("Invalid nonce - nonce has already been used.")


def _flatten(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield encoded names with raw values: top-level names sorted, what is nested in the order it came (§1.3)."""
    for name in sorted(params):
        yield from _flatten_value(_encode(name), params[name])


def _flatten_value(name: str, value: object) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        yield name, str(value)
        return
    for key, nested in cast("dict[str, object]", value).items():
        yield from _flatten_value(f"{name}%5B{_encode(key)}%5D", nested)


def _encode(value: str) -> str:
    """Encode by RFC 3986, which leaves the tilde."""
    return quote(value, safe="~")


def _error(message: str) -> RestError:
    return RestError("woocommerce_rest_authentication_error", message, 401)
