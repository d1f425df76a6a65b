"""What WooCommerce's error bodies mean: `{code, message, data}` to errors that say what to do.

Owns the table of codes that concern a whole request. Must not know records: refusals of a single record are the
writer's.

Source: WooCommerce REST API v3, errors; WooCommerce 9.2.5 on WordPress 6.8, observed.
"""

from dataclasses import dataclass
from http import HTTPStatus

import msgspec

from crossdock.connectors.replies import Reply, store_words
from crossdock.domain.errors import (
    AuthenticationError,
    ConfigurationError,
    ContractViolationError,
    CrossdockError,
    MissingScopeError,
    RecordRejectedError,
)

_NEW_KEY = "WooCommerce > Settings > Advanced > REST API"
_NOT_WOOCOMMERCE = (
    "No WooCommerce REST API answers at this address. Check the address, that WooCommerce is active, and that "
    "WordPress > Settings > Permalinks is not set to “Plain”."
)
_KEY_INVALID = (
    "The store does not accept this key. Check consumer key and secret, that the key's user still exists, and that "
    f"the web server passes the Authorization header on; keys are made under {_NEW_KEY}."
)
_KEY_READ_ONLY = f"This key can only read. Give it the permission “Read/Write” under {_NEW_KEY}."
_NOT_ADMINISTRATOR = (
    f"The key's user may not do this. Make the key for a user with the role Administrator under {_NEW_KEY}: "
    "a shop manager's key can't create customers."
)


@dataclass(frozen=True, slots=True)
class Problem:
    """An error body as WordPress writes it. `words` are the store's own, as plain text."""

    status: int
    code: str = ""
    words: str = ""


class _Body(msgspec.Struct):
    code: str | int = ""
    message: str = ""


def problem_of(reply: Reply) -> Problem:
    """Read an error reply; what is not an error body gives a problem without a code."""
    try:
        body = msgspec.json.decode(reply.body, type=_Body)
    except msgspec.DecodeError:
        return Problem(reply.status)
    return Problem(reply.status, str(body.code), store_words(body.message))


def error_of(reply: Reply, *, is_write: bool, has_read: bool) -> CrossdockError:
    """Say what an error reply asks for. `has_read` tells that the same key has read something before.

    The store's messages come in the shop's language, so that only its codes and statuses decide where they can.
    """
    problem = problem_of(reply)
    detail = f"{reply.place}: HTTP {reply.status} {problem.code}"
    method = reply.place.partition(" ")[0]
    match reply.status:
        case HTTPStatus.UNAUTHORIZED:
            return _unauthorized(problem, detail, is_write=is_write, has_read=has_read, is_json=reply.is_json)
        case HTTPStatus.FORBIDDEN if problem.code.startswith("woocommerce_rest_cannot"):
            return MissingScopeError("key_not_administrator", _NOT_ADMINISTRATOR, detail)
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return RecordRejectedError("request_too_large", "The store's web server takes no request this big.", detail)
        case HTTPStatus.FORBIDDEN:
            code, text = "access_forbidden", f"The store forbids this, perhaps by a plugin. It says: {problem.words}"
        case HTTPStatus.NOT_FOUND | HTTPStatus.GONE if problem.code in ("", "rest_no_route"):
            code, text = "store_not_woocommerce", _NOT_WOOCOMMERCE
        case HTTPStatus.METHOD_NOT_ALLOWED | HTTPStatus.NOT_IMPLEMENTED if not reply.is_json:
            code, text = "method_blocked", f"The web server blocks {method} requests: have them allowed for /wp-json/."
        case _:
            text = f"The store gave an unexpected answer (HTTP {reply.status} {problem.code}): {problem.words}"
            return ContractViolationError("unexpected_answer", text, detail)
    return ConfigurationError(code, text, detail)


def _unauthorized(problem: Problem, detail: str, *, is_write: bool, has_read: bool, is_json: bool) -> CrossdockError:
    if not is_json:
        text = "The site asks for a user and a password before WordPress is reached. Exempt /wp-json/ from that."
        return ConfigurationError("site_password_protected", text, detail)
    if problem.code == "woocommerce_rest_authentication_error":
        words = problem.words.lower()
        if "timestamp" in words:
            text = "The store's clock and this computer's differ by more than 15 minutes. Set the clock that is wrong."
            return ConfigurationError("clock_differs", text, detail)
        if is_write and (has_read or "write permissions" in words):
            return MissingScopeError("key_read_only", _KEY_READ_ONLY, detail)
        if "read permissions" in words:
            text = f"This key can only write. Give it the permission “Read/Write” under {_NEW_KEY}."
            return MissingScopeError("key_write_only", text, detail)
    return AuthenticationError("key_invalid", _KEY_INVALID, detail)
