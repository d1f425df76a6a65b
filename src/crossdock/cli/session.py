"""One command's hold on the services: settings read, services opened, the work done, all closed again.

Owns the bridge from a synchronous command to the asynchronous services. It must not know any command.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable

import typer

from crossdock.bootstrap import Services, open_services
from crossdock.cli.exits import ExitCode, reporting
from crossdock.domain.errors import ConfigurationError
from crossdock.logs import configure_logging
from crossdock.settings import Settings

Work = Callable[[Services], Awaitable[ExitCode]]


def load_settings(**overrides: object) -> Settings:
    """Read the settings and set the logs up.

    Raises:
        ConfigurationError: a setting is wrong.
    """
    settings = Settings.load(None, **overrides)
    try:
        configure_logging(settings.log_level)
    except ValueError as error:
        raise ConfigurationError("setting_invalid", f"CROSSDOCK_LOG_LEVEL is wrong: {error}") from error
    return settings


def perform(work: Work) -> None:
    """Do a command's work with open services, and end the command with its exit code."""
    with reporting():
        code = asyncio.run(_with_services(load_settings(), work))
        sys.stdout.flush()
    raise typer.Exit(code)


async def _with_services(settings: Settings, work: Work) -> ExitCode:
    async with open_services(settings, takes_up_runs=False) as services:
        return await work(services)
