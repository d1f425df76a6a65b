"""`crossdock serve` and `crossdock sandbox`: commands that run until they are stopped."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import typer

from crossdock.cli.application import web_application
from crossdock.cli.exits import reporting
from crossdock.cli.session import load_settings
from crossdock.domain.errors import ConfigurationError, InvalidRequestError
from crossdock.sandbox import server
from crossdock.sandbox.options import SandboxOptions


def serve(
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on; loopback by default.")] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = None,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Leave all runs to `crossdock worker`.")] = False,
) -> None:
    """Serve the web application for your own stores."""
    with reporting():
        settings = load_settings(host=host, port=port)
        web_application().serve(
            settings, lambda address: typer.echo(f"Crossdock is at {address}", err=True), has_worker=not no_worker
        )


def sandbox(  # noqa: PLR0913 - each option is a parameter
    *,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = 0,
    load: Annotated[
        Path | None, typer.Option("--load", help="Folder with customers.jsonl.gz, orders.jsonl.gz … for WooCommerce.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Which invented people there are.")] = 1,
    customers: Annotated[int, typer.Option("--customers", min=0, help="How many people; 0 for none.")] = 500,
    orders: Annotated[int, typer.Option("--orders", min=0, help="How many orders; 0 for none.")] = 0,
    pairs: Annotated[int, typer.Option("--pairs", min=1, max=100, help="How many pairs of stores.")] = 1,
    faults: Annotated[Path | None, typer.Option("--faults", help="Fault script (JSON) for every store.")] = None,
    plan: Annotated[str, typer.Option("--plan", help="Shopify plan: standard or plus.")] = "standard",
    index_lag: Annotated[float, typer.Option("--index-lag", min=0, help="Seconds of Shopify's index lag.")] = 0.0,
    deferred_mails: Annotated[float, typer.Option("--deferred-mails", min=0, help="Seconds mails wait.")] = 0.0,
    development: Annotated[
        bool, typer.Option("--development", help="Shopify is a development store: five orders a minute.")
    ] = False,
    hpos: Annotated[
        bool, typer.Option("--hpos/--no-hpos", help="WooCommerce keeps orders in tables of their own.")
    ] = True,
    service_times: Annotated[bool, typer.Option("--service-times", help="Answer as slowly as real stores.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print addresses and keys as JSON.")] = False,
) -> None:
    """Serve two invented stores, and print how to reach them."""
    describe = server.describe_json if as_json else server.describe
    if plan not in {"standard", "plus"}:
        raise typer.BadParameter("standard or plus", param_hint="--plan")
    with reporting():
        options = SandboxOptions(
            seed=seed,
            customers=customers,
            orders=orders,
            pairs=pairs,
            load=load,
            plan=cast("Literal['standard', 'plus']", plan),
            development=development,
            hpos=hpos,
            service_times=service_times,
            index_lag=index_lag,
            deferred_mails=deferred_mails,
            faults=_fault_script(faults),
        )
        try:
            server.serve(port, options=options, tell=lambda made: typer.echo(describe(made)))
        except (OSError, ValueError) as error:
            raise ConfigurationError("sandbox_unusable", f"The sandbox can't be made: {error}") from error


def _fault_script(file: Path | None) -> tuple[dict[str, Any], ...]:
    if file is None:
        return ()
    try:
        rules: object = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidRequestError("file_unreadable", "The fault script can't be read.", field="faults") from error
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in cast("list[Any]", rules)):
        raise InvalidRequestError("file_unreadable", "The fault script must be a list of rules.", field="faults")
    return tuple(cast("list[dict[str, Any]]", rules))
