"""From what went wrong on the wire to the error that says what to do next.

Owns the codes and sentences for connection trouble and for statuses that mean the same on every platform. It must not
know a platform's own error codes. A write that may have been executed is always an `OutcomeUnknownError`.
"""

import math
import socket
import ssl
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import time
from typing import cast
from urllib.parse import urljoin, urlsplit

import httpx2

from crossdock.connectors.replies import looks_like_html, place_of
from crossdock.domain.errors import (
    ConfigurationError,
    CrossdockError,
    OutcomeUnknownError,
    RateLimitedError,
    StoreUnavailableError,
)

HTML_ADVICE = (
    "The store answered with a web page instead of data: a security check, a login or a maintenance page. "
    "Allow the address /wp-json/ (or the Admin API) in the firewall, security or cache plugin, then try again."
)
_LONGEST_RETRY_AFTER = 3600.0
_MAYBE = "The store may have carried the change out; Crossdock looks before it sends anything again."


def transport_failure(error: httpx2.HTTPError | httpx2.InvalidURL, place: str, *, is_write: bool) -> CrossdockError:
    """Map an exception of the HTTP client; before the first byte was sent a write is known not to have happened."""
    detail = f"{place}: {type(error).__name__}"
    host = urlsplit(place.rpartition(" ")[2]).hostname or "the store"
    match error:
        case httpx2.InvalidURL() | httpx2.UnsupportedProtocol():
            return ConfigurationError("url_invalid", "The store's address is not a valid web address.", detail)
        case httpx2.ConnectError() | httpx2.ProxyError() | httpx2.ConnectTimeout() | httpx2.PoolTimeout():
            return _connect_failure(error, host, detail)
        case httpx2.TimeoutException():
            code, text = "timed_out", f"{host} did not answer in time."
        case httpx2.RemoteProtocolError() | httpx2.DecodingError():
            code, text = "cut_body", f"{host} broke off its answer."
        case _:
            code, text = "store_unavailable", f"The connection to {host} was lost."
    return _may_have_happened(code, text, detail, is_write=is_write)


def status_failure(
    status: int, headers: Mapping[str, str], place: str, body: bytes, *, is_write: bool
) -> CrossdockError | None:
    """Map statuses that mean the same everywhere; None where the connector must judge.

    503 with `Retry-After`, 5xx and Cloudflare's 524 leave a write undecided, 429 says that it was not executed.
    """
    host = urlsplit(place.rpartition(" ")[2]).hostname or "the store"
    detail = f"{place}: HTTP {status}"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return _redirect(headers, place, detail)
    wait = retry_after(headers)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimitedError("rate_limited", f"{host} asks to slow down.", detail, retry_after=wait)
    if status == HTTPStatus.NOT_IMPLEMENTED:
        return None
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        text = f"{host} is failing (HTTP {status})."
        if looks_like_html(body, headers.get("content-type", "")) and status == HTTPStatus.SERVICE_UNAVAILABLE:
            text = f"{host} is closed for maintenance or overloaded (HTTP {status})."
        return _may_have_happened("store_unavailable", text, detail, is_write=is_write, wait=wait)
    return None


def undecodable(status: int, headers: Mapping[str, str], place: str, body: bytes, *, is_write: bool) -> CrossdockError:
    """Map an answer that should be JSON and is not."""
    detail = f"{place}: HTTP {status}, {len(body)} bytes that are not JSON"
    if looks_like_html(body, headers.get("content-type", "")):
        return _may_have_happened("html_answer", HTML_ADVICE, detail, is_write=is_write, wait=retry_after(headers))
    host = urlsplit(place.rpartition(" ")[2]).hostname or "the store"
    text = f"{host} sent an answer that can't be read: it is cut off or damaged."
    return _may_have_happened("cut_body", text, detail, is_write=is_write)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read `Retry-After` in seconds, from either of its forms (RFC 9110); None where it is absent or makes no sense.

    More than an hour is given as one hour: nobody waits longer without asking again.
    """
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        seconds = _seconds_until(text)
    return min(seconds, _LONGEST_RETRY_AFTER) if math.isfinite(seconds) and seconds >= 0 else None


def _seconds_until(date: str) -> float:
    """Count from now to an HTTP date, 0 for one that has passed; not a number where it is no date."""
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - time())
    except (ValueError, OverflowError):
        return math.nan


def _may_have_happened(
    code: str, text: str, detail: str, *, is_write: bool, wait: float | None = None
) -> CrossdockError:
    if is_write:
        return OutcomeUnknownError(code, f"{text} {_MAYBE}", detail)
    return StoreUnavailableError(code, text, detail, retry_after=wait)


def _connect_failure(error: httpx2.HTTPError, host: str, detail: str) -> CrossdockError:
    causes = list(_causes(error))
    certificate = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if certificate is not None:
        text = (
            f"The certificate of {host} is not trusted ({certificate.verify_message}). Renew it, or, if the store uses "
            "a certificate authority of its own, give Crossdock that authority's certificate (CA file)."
        )
        return ConfigurationError("tls_failed", text, detail)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return StoreUnavailableError("tls_failed", f"No secure connection to {host} could be made.", detail)
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        text = f"The name {host} can't be found. Check the store's address and your network."
        return StoreUnavailableError("dns_failed", text, detail)
    return StoreUnavailableError("connect_failed", f"{host} does not accept connections.", detail)


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    pending = [error]
    while pending:
        current = pending.pop()
        if current is None or current in found:
            continue
        found.append(current)
        pending += [current.__cause__, current.__context__]
        if isinstance(current, BaseExceptionGroup):
            group = cast("BaseExceptionGroup[BaseException]", current)
            pending += group.exceptions
    return found


def _redirect(headers: Mapping[str, str], place: str, detail: str) -> ConfigurationError:
    target = urlsplit(place_of(urljoin(place.rpartition(" ")[2], headers.get("location", ""))))
    origin = f"{target.scheme}://{target.netloc}"
    text = f"The store redirects to {origin}. Enter that address as the store's address if it is yours."
    return ConfigurationError("redirected", text, detail)
