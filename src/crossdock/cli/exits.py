"""How a command ends: its exit code, and what is said on standard error when it can't do what was asked.

Owns the exit codes. Never a traceback, never a secret: messages of ours hold none.
"""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from enum import IntEnum

import typer

from crossdock.cli.text import printable
from crossdock.domain.errors import ConfigurationError, CrossdockError, InvalidRequestError, NotFoundError, StateError


class ExitCode(IntEnum):
    """What scripts may rely on."""

    DONE = 0
    RECORDS_FAILED = 1
    WRONG_USAGE = 2
    STORE_REFUSED = 3
    BUG = 70
    STOPPED = 130


_OURS = (InvalidRequestError, NotFoundError, StateError)
_SETTING_CODES = frozenset({"setting_invalid", "address_open", "address_taken", "not_connected"})


def exit_code_of(error: CrossdockError) -> ExitCode:
    """Give the exit code for an error: whether the user or a store stands in the way."""
    if error.code == "internal_error":
        return ExitCode.BUG
    is_ours = isinstance(error, _OURS) or (isinstance(error, ConfigurationError) and error.code in _SETTING_CODES)
    return ExitCode.WRONG_USAGE if is_ours else ExitCode.STORE_REFUSED


def complain(message: str, code: str) -> None:
    """Say on standard error what is wrong and what to do, with the code by which the documentation lists it."""
    typer.echo(f"Error: {printable(message)} [{printable(code)}]", err=True)


@contextmanager
def reporting() -> Generator[None]:
    """Turn whatever goes wrong inside into one sentence and an exit code."""
    try:
        yield
    except CrossdockError as error:
        message = error.message
        if isinstance(error, InvalidRequestError) and error.allowed:
            message = f"{message} Allowed: {error.allowed}."
        complain(message, error.code)
        raise typer.Exit(exit_code_of(error)) from None
    except KeyboardInterrupt:
        typer.echo("Stopped. Nothing is lost: `crossdock runs list` shows what can be resumed.", err=True)
        raise typer.Exit(ExitCode.STOPPED) from None
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain once more when it flushes at exit.
        sys.stderr.close()
        raise typer.Exit(ExitCode.DONE) from None
