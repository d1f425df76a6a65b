"""The command line: Typer commands over the services. Holds no rule of comparing or syncing."""

from importlib.metadata import version
from typing import Annotated

import typer

from crossdock.cli.commands import build_commands


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"crossdock {version('crossdock')}")
        raise typer.Exit


def crossdock(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version and exit.",
        ),
    ] = False,
) -> None:
    """Compare and migrate customers and orders between WooCommerce and Shopify."""


def main() -> None:
    """Run the command line and exit with its code."""
    build_commands(crossdock).main(prog_name="crossdock")
