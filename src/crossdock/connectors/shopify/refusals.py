"""From what Shopify answers instead of data to the error that says what to do next.

Owns the codes of HTTP statuses and of top-level GraphQL errors. It must not know any record: `userErrors` of a
mutation are judged by the kind's own writer.

Source: Shopify Admin GraphQL API 2026-10, response codes and error extensions.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import msgspec

from crossdock.connectors.failures import undecodable
from crossdock.connectors.replies import Reply, looks_like_html, store_words
from crossdock.domain.errors import (
    AuthenticationError,
    ConfigurationError,
    ContractViolationError,
    CrossdockError,
    MissingScopeError,
    OutcomeUnknownError,
    StoreUnavailableError,
)

THROTTLED: Final = "THROTTLED"
FAILED_INSIDE: Final = "store_failed"
_UNDECIDED: Final = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE", ""})
_NOT_APPROVED: Final = "not approved to access"


_STATUSES: Final[dict[int, tuple[type[ConfigurationError], str, str]]] = {
    401: (
        AuthenticationError,
        "token_invalid",
        "Shopify does not accept the access token. Enter it again under Connections.",
    ),
    402: (
        ConfigurationError,
        "store_frozen",
        "Shopify has frozen this store until its bill is paid. Settle that in Shopify's admin, then go on.",
    ),
    403: (
        MissingScopeError,
        "access_forbidden",
        "Shopify forbids this app to use the store. Check that the app is installed and may use the Admin API.",
    ),
    404: (
        ConfigurationError,
        "store_not_found",
        "Shopify knows no store of this name, or not this API version. Check the domain.",
    ),
    423: (
        ConfigurationError,
        "store_locked",
        "Shopify has locked this store. Its owner must ask Shopify's support.",
    ),
    430: (
        ConfigurationError,
        "security_rejection",
        "Shopify's security check refuses requests from this computer. Wait, or try from another network.",
    ),
}


class Problem(msgspec.Struct):
    """One fault of a variable: where it is, and what is wrong with it."""

    path: list[str | int] = []
    explanation: str = ""


class Extensions(msgspec.Struct, rename="camel"):
    """What Shopify adds to an error. Codes are open: new ones appear."""

    code: str = ""
    required_access: str = ""
    problems: list[Problem] = []


class GraphQLError(msgspec.Struct):
    """One top-level error of a reply."""

    message: str = ""
    path: list[str | int] | None = None
    extensions: Extensions = msgspec.field(default_factory=Extensions)


class RefusedDocumentError(ContractViolationError):
    """Shopify did not execute a document: it, or a value in it, does not fit. Nothing was written."""

    def __init__(self, code: str, message: str, detail: str, errors: Sequence[GraphQLError]) -> None:
        super().__init__(code, message, detail)
        self.errors = tuple(errors)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Which variables were at fault, where Shopify says it."""
        return tuple(problem for error in self.errors for problem in error.extensions.problems)


def errors_of(raw: msgspec.Raw) -> tuple[GraphQLError, ...]:
    """Read the member `errors` of a reply, in any of the forms that it has: a text, texts, or objects."""
    try:
        found = msgspec.json.decode(raw, type=list[str | GraphQLError] | str | None)
        items = [found] if isinstance(found, str) else found or []
        return tuple(GraphQLError(message=item) if isinstance(item, str) else item for item in items)
    except msgspec.DecodeError:
        return (GraphQLError(message="An error in a form that Crossdock does not know."),)


def status_refusal(reply: Reply) -> CrossdockError | None:
    """Map a status below 500; None where the body tells more. Such a request was not executed."""
    found = _STATUSES.get(reply.status)
    if found is None:
        return None
    if reply.status == HTTPStatus.FORBIDDEN and looks_like_html(reply.body, reply.headers.get("content-type", "")):
        # A challenge before Shopify's own door: it says nothing of the app.
        return undecodable(reply.status, reply.headers, reply.place, reply.body, is_write=False)
    kind, code, text = found
    detail = f"{reply.place}: HTTP {reply.status}, request {reply.headers.get('x-request-id', 'unknown')}"
    return kind(code, text, detail)


def refusal(errors: Sequence[GraphQLError], detail: str, *, is_write: bool) -> CrossdockError:
    """Map top-level errors. A write is undecided only where Shopify says that it failed inside, or says no code."""
    codes = [error.extensions.code for error in errors]
    words = store_words("; ".join(error.message for error in errors))
    if "ACCESS_DENIED" in codes:
        return _denied(errors[codes.index("ACCESS_DENIED")], detail)
    if "MAX_COST_EXCEEDED" in codes:
        return ContractViolationError("cost_exceeded", "One request would cost more than Shopify allows.", detail)
    if any(code in _UNDECIDED for code in codes):
        text = f"Shopify failed inside: {words}"
        if is_write:
            return OutcomeUnknownError(FAILED_INSIDE, f"{text} It may have carried the change out.", detail)
        return StoreUnavailableError(FAILED_INSIDE, text, detail)
    if "SHOP_INACTIVE" in codes:
        return ConfigurationError("store_closed", "This Shopify store is closed. Open it again, then go on.", detail)
    return RefusedDocumentError("document_refused", f"Shopify refuses a request of Crossdock: {words}", detail, errors)


def _denied(error: GraphQLError, detail: str) -> MissingScopeError:
    if _NOT_APPROVED in error.message:
        return MissingScopeError(
            "protected_customer_data",
            "Shopify has not approved this app for customers' personal data. Request access under the app's API "
            "access, Protected customer data; on some plans only an app from the Dev Dashboard gets it.",
            detail,
        )
    needed = store_words(error.extensions.required_access or error.message)
    text = f"The access token lacks a permission. Shopify asks for: {needed} Add it to the app and install it again."
    return MissingScopeError("missing_scope", text, detail)
