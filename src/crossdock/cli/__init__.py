"""The command line: Typer commands over the services. Holds no rule of comparing or syncing."""

from importlib.metadata import version
from typing import Annotated

import typer

from crossdock.cli import customers, demo, export, mutes, runs, serving, stores

app = typer.Typer(
    name="crossdock",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_compare = typer.Typer(no_args_is_help=True, help="Find what one store has and the other lacks.")
_sync = typer.Typer(no_args_is_help=True, help="Create in one store what it lacks.")

app.command("demo")(demo.demo)
app.command("serve")(serving.serve)
app.command("sandbox")(serving.sandbox)
app.command("connect")(stores.connect)
app.command("check")(stores.check)
_compare.command("customers")(customers.compare_customers)
_sync.command("customers")(customers.sync_customers)
app.add_typer(_compare, name="compare")
app.add_typer(_sync, name="sync")
app.add_typer(runs.app, name="runs")
app.add_typer(mutes.app, name="mute")
app.command("export")(export.export)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"crossdock {version('crossdock')}")
        raise typer.Exit


@app.callback()
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
    """Compare and migrate customers between WooCommerce and Shopify."""


def main() -> None:
    """Run the command line and exit with its code."""
    app()
