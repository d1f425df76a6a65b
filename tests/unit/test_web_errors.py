"""Errors as problems: the status of each kind of error, and what a body may hold."""

import json
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain import errors
from crossdock.web.errors import FailedRunError, RequestProblemError, respond_to
from crossdock.web.validation import FieldError, describe, field_path


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidRequestError("request_invalid", "Wrong.", field="pair"), 422),
        (errors.NotFoundError("run_not_found", "No."), 404),
        (errors.StoreBusyError("Busy.", run_id="r1"), 409),
        (errors.RecordConflictError("has_orders", "No."), 409),
        (errors.AuthenticationError("credentials_rejected", "No."), 424),
        (errors.MissingScopeError("scope_missing", "No."), 424),
        (errors.ConfigurationError("tls_failed", "No."), 424),
        (errors.ContractViolationError("answer_unknown", "No."), 424),
        (errors.StoreUnavailableError("html_answer", "No."), 424),
        (errors.RateLimitedError("rate_limited", "Slow.", retry_after=2.2), 503),
        (errors.StoreUnavailableError("store_unavailable", "Down."), 503),
        (errors.TransientError("connect_failed", "Down."), 503),
        (errors.OutcomeUnknownError("timed_out", "Maybe."), 503),
        (errors.StateError("disk_full", "Full."), 503),
        (FailedRunError("r1", "html_answer", "No."), 424),
        (FailedRunError("r1", "rate_limited", "Slow."), 503),
        (FailedRunError("r1", "scope_missing", "No."), 424),
        (FailedRunError("r1", "run_cancelled", "Stopped."), 409),
        (FailedRunError("r1", "internal_error", "Ours."), 500),
    ],
    ids=lambda value: f"{type(value).__name__}-{value}" if isinstance(value, Exception) else str(value),
)
def test_an_error_has_the_status_that_says_what_to_do(error: errors.CrossdockError, status: int) -> None:
    answer = respond_to(error)
    body = json.loads(bytes(answer.body))
    assert (answer.status_code, body["status"], body["code"]) == (status, status, error.code)
    assert (body["title"], body["detail"]) == (HTTPStatus(status).phrase, error.message)
    assert answer.headers["content-type"] == "application/problem+json"


def test_busy_names_the_run_that_holds_the_store() -> None:
    answer = respond_to(errors.StoreBusyError("Busy.", run_id="r1"))
    assert answer.headers["location"] == "/api/runs/r1"
    assert json.loads(bytes(answer.body))["runId"] == "r1"


@pytest.mark.parametrize(("asked", "said"), [(2.2, "3"), (600.0, "600"), (None, "30"), (0.0, "30")])
def test_retry_after_is_the_stores_own_or_ours(asked: float | None, said: str) -> None:
    answer = respond_to(errors.RateLimitedError("rate_limited", "Slow.", retry_after=asked))
    assert answer.headers["retry-after"] == said


def test_the_detail_for_the_log_stays_in_the_log() -> None:
    answer = respond_to(errors.StoreUnavailableError("timed_out", "Late.", "GET https://shop.example.com/wp-json"))
    assert b"wp-json" not in bytes(answer.body)


def test_a_wrong_field_is_named_with_what_is_allowed() -> None:
    answer = respond_to(errors.InvalidRequestError("x", "Unknown.", field="options.roles", allowed="words"))
    assert json.loads(bytes(answer.body))["errors"] == [
        {"field": "options.roles", "message": "Unknown.", "allowed": "words"}
    ]


def test_several_wrong_fields_are_all_named() -> None:
    wrong = [FieldError(field="a", message="No."), FieldError(field="b", message="No.")]
    body = json.loads(bytes(respond_to(RequestProblemError(wrong)).body))
    assert [error["field"] for error in body["errors"]] == ["a", "b"]


@given(st.text(min_size=1), st.text())
def test_a_finding_never_repeats_what_was_sent(kind: str, sent: str) -> None:
    secret = f"secret-{sent}-secret"
    found = describe([{"type": kind, "loc": ("body", "email"), "msg": "Input is wrong", "input": secret}])
    assert secret not in found[0].message + (found[0].allowed or "")


@pytest.mark.parametrize(
    ("location", "path"),
    [(("customers", 3, "email"), "customers[3].email"), (("options",), "options"), ((), "")],
)
def test_a_place_is_written_as_its_author_would(location: tuple[str | int, ...], path: str) -> None:
    assert field_path(location) == path
