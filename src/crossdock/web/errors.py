"""Errors as `application/problem+json` (RFC 9457): the only place where an error becomes an HTTP status.

Owns the status of every error class and of the codes with which a run can fail, and the body that says so. It must not
know routes. A body never holds what the client sent, a stack trace or a store's markup.
"""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from crossdock.domain.errors import (
    ConfigurationError,
    ContractViolationError,
    CrossdockError,
    InvalidRequestError,
    NotFoundError,
    RateLimitedError,
    RecordError,
    StoreBusyError,
    StoreUnavailableError,
    UnsupportedOperationError,
)
from crossdock.web.validation import FieldError, describe

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 30
"""What `Retry-After` says when the store did not name a time itself."""

_STATUS_OF_CLASS: tuple[tuple[type[CrossdockError], HTTPStatus], ...] = (
    (InvalidRequestError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (StoreBusyError, HTTPStatus.CONFLICT),
    (RecordError, HTTPStatus.CONFLICT),
    (ConfigurationError, HTTPStatus.FAILED_DEPENDENCY),
    (ContractViolationError, HTTPStatus.FAILED_DEPENDENCY),
    (UnsupportedOperationError, HTTPStatus.UNPROCESSABLE_ENTITY),
)
# A finished run is remembered by its code alone. These are worth another try; what isn't listed is for a person.
_RETRYABLE_CODES = frozenset(
    {
        *("rate_limited", "store_unavailable", "store_failed", "timed_out", "cut_body", "dns_failed", "connect_failed"),
        *("bulk_lost", "bulk_stopped", "upload_refused", "write_lost", "outcome_unknown", "lease_lost"),
        *("disk_full", "disk_failing", "data_directory_read_only"),
        *("database_locked", "database_damaged", "database_unavailable", "database_failed"),
    }
)
_STATUS_OF_CODE = {
    "html_answer": HTTPStatus.FAILED_DEPENDENCY,
    "run_cancelled": HTTPStatus.CONFLICT,
    "internal_error": HTTPStatus.INTERNAL_SERVER_ERROR,
}
_HTTP_CODES = {
    HTTPStatus.BAD_REQUEST: "json_invalid",
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body_too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "content_type_unsupported",
}
_HTTP_SENTENCES = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is too large.",
}

_log = structlog.get_logger(__name__)


class Problem(BaseModel):
    """An error body. `code` is stable and documented; `detail` is a sentence with advice."""

    model_config = ConfigDict(populate_by_name=True, extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    run_id: str | None = Field(None, serialization_alias="runId", description="The run that it is about.")
    errors: list[FieldError] | None = Field(None, description="Each member that is wrong (422).")


class ProblemResponse(JSONResponse):
    """A problem as JSON, which still knows the problem: a browser is shown a page about it instead."""

    media_type = MEDIA_TYPE

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        content = problem.model_dump(mode="json", by_alias=True, exclude_none=True)
        super().__init__(content, problem.status, dict(headers or {}))
        self.problem = problem


ProblemPage = Callable[[Request, Problem], Awaitable[Response]]
"""Shows a problem to a person; must not fail."""


class RequestProblemError(CrossdockError):
    """A request is wrong in one or more members."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        first = errors[0]
        super().__init__("request_invalid", f"{first.field}: {first.message}")
        self.errors = list(errors)


class FailedRunError(CrossdockError):
    """The run that a request waited for did not end well."""

    def __init__(self, run_id: str, code: str, message: str) -> None:
        super().__init__(code, message)
        self.run_id = run_id


def status_of(error: CrossdockError) -> HTTPStatus:
    """Give the status that tells the caller what to do next about `error`."""
    if error.code in _STATUS_OF_CODE:
        return _STATUS_OF_CODE[error.code]
    if isinstance(error, RequestProblemError):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(error, FailedRunError):
        is_retryable = error.code in _RETRYABLE_CODES
        return HTTPStatus.SERVICE_UNAVAILABLE if is_retryable else HTTPStatus.FAILED_DEPENDENCY
    for known, status in _STATUS_OF_CLASS:
        if isinstance(error, known):
            return status
    return HTTPStatus.SERVICE_UNAVAILABLE


def problem_response(
    status: HTTPStatus,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    run_id: str | None = None,
    errors: list[FieldError] | None = None,
) -> ProblemResponse:
    """Build a problem body and its headers."""
    problem = Problem(title=status.phrase, status=status, detail=detail, code=code, run_id=run_id, errors=errors)
    return ProblemResponse(problem, headers)


def respond_to(error: CrossdockError) -> ProblemResponse:
    """Turn an error of ours into its problem."""
    status = status_of(error)
    run_id = error.run_id if isinstance(error, StoreBusyError | FailedRunError) else None
    headers: dict[str, str] = {}
    if run_id:
        headers["Location"] = f"/api/runs/{run_id}"
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(_retry_seconds(error))
    return problem_response(
        status, error.code, error.message, headers=headers, run_id=run_id, errors=_field_errors(error)
    )


def _is_shown(request: Request) -> bool:
    """Tell whether the answer goes onto a page; htmx does not say that it takes HTML."""
    return "text/html" in request.headers.get("accept", "") or request.headers.get("hx-request") == "true"


def install_error_handlers(app: FastAPI, page: ProblemPage) -> None:
    """Let `app` answer every error by a problem: outside the API a browser that asks for HTML is shown `page`."""

    async def answer(request: Request, response: ProblemResponse) -> Response:
        if request.url.path.startswith("/api/") or not _is_shown(request):
            return response
        shown = await page(request, response.problem)
        if "retry-after" in response.headers:
            shown.headers["retry-after"] = response.headers["retry-after"]
        return shown

    async def on_ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, CrossdockError)  # noqa: S101 - Starlette types handlers by the base class
        return await answer(request, respond_to(error))

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
        return await answer(request, respond_to(RequestProblemError(describe(error.errors()))))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - as above
        return await answer(request, _respond_to_http(error))

    async def on_anything(request: Request, error: Exception) -> Response:
        _log.error("request_failed", error=type(error).__name__)
        sentence = "Something went wrong in Crossdock itself. Its log says more; please report it."
        problem = problem_response(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", sentence)
        return await answer(request, problem)

    app.add_exception_handler(CrossdockError, on_ours)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_anything)


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Describe for OpenAPI the problems that a route can answer, each with an example."""
    return {int(status): _documented(status) for status in statuses}


_EXAMPLES: Mapping[HTTPStatus, tuple[str, str, str]] = {
    HTTPStatus.UNAUTHORIZED: ("A password or token is set and was not sent.", "unauthorized", "Send the token."),
    HTTPStatus.FORBIDDEN: ("The request came from another site.", "cross_site", "Call from this address itself."),
    HTTPStatus.NOT_FOUND: ("Nothing has that name or id.", "run_not_found", "There is no run with that id."),
    HTTPStatus.CONFLICT: (
        "A store is busy with another run, named by `Location`.",
        "store_busy",
        "Another run is writing to this store.",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("The body is too large.", "body_too_large", "The request is too large."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (
        "The body is not declared as JSON.",
        "content_type_unsupported",
        "Send JSON, with Content-Type: application/json.",
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY: (
        "A member is wrong; `errors` names each.",
        "request_invalid",
        "sourceOfTruth: This value is not known.",
    ),
    HTTPStatus.FAILED_DEPENDENCY: (
        "The store refused, or its connection must be changed by a person.",
        "key_invalid",
        "The store does not accept the key.",
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "The store can't be reached now; `Retry-After` says when to try again.",
        "store_unavailable",
        "shop.example.com is failing (HTTP 502).",
    ),
}


def _documented(status: HTTPStatus) -> dict[str, Any]:
    description, code, detail = _EXAMPLES[status]
    example = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail, "code": code}
    if status is HTTPStatus.UNPROCESSABLE_ENTITY:
        field = {"field": "sourceOfTruth", "message": "This value is not known.", "allowed": "woocommerce, shopify"}
        example = {**example, "errors": [field]}
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema, "example": example}}}


def _field_errors(error: CrossdockError) -> list[FieldError] | None:
    if isinstance(error, RequestProblemError):
        return error.errors
    if isinstance(error, InvalidRequestError):
        return [FieldError(field=error.field, message=error.message, allowed=error.allowed or None)]
    return None


def _retry_seconds(error: CrossdockError) -> int:
    named = error.retry_after if isinstance(error, RateLimitedError | StoreUnavailableError) else None
    return math.ceil(named) if named else RETRY_SECONDS


def _respond_to_http(error: HTTPException) -> ProblemResponse:
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.BAD_REQUEST:
        # FastAPI answers 400 where a body is no text at all; for our callers that is one more malformed body.
        wrong = FieldError(field="body", message="The body is not JSON in UTF-8.", allowed="one JSON object")
        return respond_to(RequestProblemError([wrong]))
    sentence = _HTTP_SENTENCES.get(status, status.phrase + ".")
    return problem_response(status, _HTTP_CODES.get(status, "http_error"), sentence, headers=error.headers)
