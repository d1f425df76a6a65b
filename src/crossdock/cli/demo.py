"""`crossdock demo`: two sandbox stores, connected, with the web application on top, or one whole migration (`--once`).

Owns how these are put together.
"""

import asyncio
import tempfile
import webbrowser
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from crossdock.bootstrap import open_services
from crossdock.cli.application import web_application
from crossdock.cli.exits import ExitCode, reporting
from crossdock.cli.rehearsal import effects_of, print_rehearsal, print_rehearsal_json, rehearse, verdict
from crossdock.cli.session import load_settings
from crossdock.domain.errors import ConfigurationError
from crossdock.sandbox import serving as sandbox_serving
from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.server import Sandbox, build_sandbox
from crossdock.settings import Settings

_CUSTOMERS = 500
_ORDERS = 300
# Sandbox stores answer at once or never: what real shops need minutes for is over in moments here.
_HASTE = {
    "woocommerce_settle_seconds": 1.0,
    "shopify_settle_seconds": 1.0,
    "look_gap_seconds": 0.5,
    "mail_delay_seconds": 0.0,
    "finish_delay_seconds": 0.5,
    "bulk_poll_seconds": 0.1,
}


def demo(  # noqa: PLR0913 - each option is a parameter
    *,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on; loopback by default.")] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Don't open a browser.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="Which invented people there are.")] = 1,
    customers: Annotated[int, typer.Option("--customers", min=0, help="How many people, in all.")] = _CUSTOMERS,
    orders: Annotated[int, typer.Option("--orders", min=0, help="How many orders, in all.")] = _ORDERS,
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="Kept folder; else a temporary one.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Compare, sync, compare in the terminal, and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --once: print the figures as JSON.")] = False,
) -> None:
    """Try Crossdock with two invented stores; no account is needed."""
    if as_json and not once:
        raise typer.BadParameter("--json goes with --once")
    with reporting(), _folder(data_dir) as folder:
        settings = load_settings(data_dir=folder, host=host, port=port)
        with _sandbox(SandboxOptions(seed=seed, customers=customers, orders=orders)) as stores:
            settings = connected(settings, stores)
            if once:
                raise typer.Exit(asyncio.run(_migrate_once(settings, stores, as_json=as_json)))
            web_application().serve(settings, lambda address: _welcome(address, stores, is_opened=not no_open))


def connected(settings: Settings, stores: Sandbox) -> Settings:
    """Point settings at a sandbox's first pair, with waits that suit it."""
    keys = stores.keys[0]
    return Settings.load(
        {},
        **settings.model_dump(exclude=_replaced(settings)),
        woocommerce_url=keys.woo_url,
        woocommerce_key=keys.consumer_key,
        woocommerce_secret=keys.consumer_secret,
        shopify_domain=keys.shopify_domain,
        shopify_base_url=keys.shopify_base_url,
        shopify_token=keys.shopify_token,
        **_HASTE,
    )


def _replaced(settings: Settings) -> set[str]:
    """Name the settings that are the sandbox's: a user's own stores must play no part in a demo."""
    own = {name for name in type(settings).model_fields if name.startswith(("woocommerce_", "shopify_"))}
    return (own - {"shopify_api_version"}) | set(_HASTE)


@contextmanager
def _folder(kept: Path | None) -> Generator[Path]:
    if kept is not None:
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="crossdock-demo-") as folder:
        yield Path(folder)


@contextmanager
def _sandbox(options: SandboxOptions) -> Generator[Sandbox]:
    listener = sandbox_serving.listen()
    try:
        stores = build_sandbox(sandbox_serving.address_of(listener), options)
    except (OSError, ValueError) as error:
        listener.close()
        raise ConfigurationError("sandbox_unusable", f"The sandbox can't be made: {error}") from error
    with sandbox_serving.serving(stores.app, listener):
        yield stores


def _welcome(address: str, stores: Sandbox, *, is_opened: bool) -> None:
    keys = stores.keys[0]
    typer.echo(f"Crossdock is at {address}", err=True)
    typer.echo(f"Sandbox stores: {keys.woo_url} and {keys.shopify_base_url}", err=True)
    if is_opened:
        webbrowser.open(address)


async def _migrate_once(settings: Settings, stores: Sandbox, *, as_json: bool) -> ExitCode:
    async with open_services(settings) as services:
        passages = await rehearse(services)
        names = list(services.platforms)
    effects = effects_of([store.state() for pair in stores.pairs for store in (pair.woo, pair.shopify)])
    if as_json:
        print_rehearsal_json(passages, effects, dict(zip(names, names[::-1], strict=True)))
    else:
        print_rehearsal(passages, effects)
    return verdict((passage.is_explained for passage in passages), effects)
