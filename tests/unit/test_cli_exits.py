"""Exit codes: what scripts may rely on, and never a traceback."""

import pytest
import typer

from crossdock.cli.exits import ExitCode, exit_code_of, reporting
from crossdock.domain import errors


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidRequestError("request_invalid", "No.", field="x"), ExitCode.WRONG_USAGE),
        (errors.NotFoundError("run_not_found", "No."), ExitCode.WRONG_USAGE),
        (errors.StateError("disk_full", "Full."), ExitCode.WRONG_USAGE),
        (errors.ConfigurationError("setting_invalid", "No."), ExitCode.WRONG_USAGE),
        (errors.ConfigurationError("tls_failed", "No."), ExitCode.STORE_REFUSED),
        (errors.AuthenticationError("key_invalid", "No."), ExitCode.STORE_REFUSED),
        (errors.StoreBusyError("Busy.", run_id="r1"), ExitCode.STORE_REFUSED),
        (errors.StoreUnavailableError("timed_out", "Late."), ExitCode.STORE_REFUSED),
        (errors.CrossdockError("internal_error", "Ours."), ExitCode.BUG),
    ],
    ids=str,
)
def test_an_error_ends_with_its_exit_code(error: errors.CrossdockError, code: ExitCode) -> None:
    assert exit_code_of(error) is code


def test_an_error_is_one_sentence_with_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, reporting():
        raise errors.StoreUnavailableError("timed_out", "shop.example.com is\x1b[2J late.", "GET secret detail")
    assert ended.value.exit_code == ExitCode.STORE_REFUSED
    assert capsys.readouterr() == ("", "Error: shop.example.com is [2J late. [timed_out]\n")


def test_what_is_allowed_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit), reporting():
        raise errors.InvalidRequestError("x_y", "Unknown.", field="sort", allowed="email, name")
    assert "Allowed: email, name." in capsys.readouterr().err


def test_an_interruption_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, reporting():
        raise KeyboardInterrupt
    assert ended.value.exit_code == ExitCode.STOPPED
    assert "resumed" in capsys.readouterr().err
