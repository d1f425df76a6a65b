"""`crossdock demo`: two sandbox stores, connected, with the web application on top, or one whole migration (`--once`).

Owns how these are put together, and the verdict on a migration: whatever is still missing has failed with a code.
"""

import asyncio
import tempfile
import webbrowser
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from crossdock.bootstrap import Services, open_services
from crossdock.cli import output, records
from crossdock.cli.application import web_application
from crossdock.cli.exits import ExitCode, reporting
from crossdock.cli.figures import figure_rows, headline
from crossdock.cli.session import load_settings
from crossdock.cli.tables import Column, print_table
from crossdock.domain.difference import Group
from crossdock.domain.errors import ConfigurationError, StateError
from crossdock.domain.kinds import CUSTOMER
from crossdock.jobs.requests import DEFAULT_PAIR, SelectAll
from crossdock.sandbox import serving as sandbox_serving
from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.server import Sandbox, build_sandbox
from crossdock.sandbox.stores import SandboxPair
from crossdock.settings import Settings
from crossdock.state import Run, RunState

_CUSTOMERS = 500
_FIGURES = (
    Column("Figure", is_whole=True),
    Column("Before", is_number=True, is_whole=True),
    Column("After", is_number=True, is_whole=True),
)
# Sandbox stores answer at once or never: what real shops need minutes for is over in moments here.
_HASTE = {
    "woocommerce_settle_seconds": 1.0,
    "shopify_settle_seconds": 1.0,
    "look_gap_seconds": 0.5,
    "mail_delay_seconds": 0.0,
    "bulk_poll_seconds": 0.1,
}


@dataclass(frozen=True, slots=True)
class Passage:
    """One direction of the demo: what was found, done, and found again.

    `failures` say how many failed by which code; `is_explained` is the verdict.
    """

    title: str
    before: Run
    sync: Run
    after: Run
    failures: Sequence[str]
    is_explained: bool

    def figures(self) -> dict[str, Any]:
        """Give the three summaries as JSON values."""
        return {"before": dict(self.before.summary), "sync": dict(self.sync.summary), "after": dict(self.after.summary)}


def demo(  # noqa: PLR0913 - each option is a parameter
    *,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on; loopback by default.")] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Don't open a browser.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="Which invented people there are.")] = 1,
    customers: Annotated[int, typer.Option("--customers", min=0, help="How many people, in all.")] = _CUSTOMERS,
    orders: Annotated[int, typer.Option("--orders", min=0, help="Not used yet: orders come with Order Sync.")] = 0,
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="Kept folder; else a temporary one.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Compare, sync, compare in the terminal, and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --once: print the figures as JSON.")] = False,
) -> None:
    """Try Crossdock with two invented stores; no account is needed."""
    if as_json and not once:
        raise typer.BadParameter("--json goes with --once")
    if orders:
        typer.echo("The stores have no orders yet: they come with Order Sync.", err=True)
    with reporting(), _folder(data_dir) as folder:
        settings = load_settings(data_dir=folder, host=host, port=port)
        with _sandbox(SandboxOptions(seed=seed, customers=customers)) as stores:
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
        names = list(services.platforms)
        passages = {
            f"{source}_to_{destination}": await _migrate(services, source)
            for source, destination in (names, names[::-1])
        }
    mails, stock_changes = sum(map(_mails, stores.pairs)), sum(map(_stock_changes, stores.pairs))
    if as_json:
        figures = {name: passage.figures() for name, passage in passages.items()}
        output.print_json({CUSTOMER.plural: figures, "mails": mails, "stockChanges": stock_changes})
    else:
        _print([*passages.values()], mails, stock_changes)
    is_good = all(passage.is_explained for passage in passages.values()) and not mails and not stock_changes
    return ExitCode.DONE if is_good else ExitCode.RECORDS_FAILED


async def _migrate(services: Services, source: str) -> Passage:
    direction = records.Direction(DEFAULT_PAIR, source)
    before = _done(await records.compare(services, CUSTOMER, direction, {}))
    sync = _done(await records.sync(services, CUSTOMER, direction, records.Wanted(SelectAll(before.id))))
    after = _done(await records.compare(services, CUSTOMER, direction, {}))
    failed = [row async for rows in services.runs.stream_results(sync.id) for row in rows if row.code]
    ids = {row.source_id for row in failed}
    missing = services.runs.stream_differences(after.id, Group.ONLY_IN_SOURCE)
    return Passage(
        title=headline(services, sync),
        before=before,
        sync=sync,
        after=after,
        failures=records.failure_lines(failed),
        # Each record that is still missing must be one that failed with a code.
        is_explained=all([row["source_id"] in ids async for rows in missing for row in rows]),
    )


def _done(run: Run) -> Run:
    if run.state is not RunState.DONE:
        raise StateError(run.error_code or "demo_failed", run.error_message or f"The run {run.id} did not end well.")
    return run


def _mails(pair: SandboxPair) -> int:
    return sum(pair.woo.state()["mails"]["sent"].values()) + int(str(pair.shopify.state()["mails"]))


def _stock_changes(pair: SandboxPair) -> int:
    return sum(int(str(store.state()["stockChanges"])) for store in (pair.woo, pair.shopify))


def _print(passages: Sequence[Passage], mails: int, stock_changes: int) -> None:
    for passage in passages:
        print_table(_FIGURES, figure_rows(passage.before.summary, passage.after.summary), title=passage.title)
        done = passage.sync.summary
        output.print_line(f"Migrated {done['succeeded']} of {done['total']}, {done['failed']} failed.")
        for line in passage.failures:
            output.print_line(f"  {line}")
        output.print_line("")
    output.print_line(f"Mails to customers: {mails}. Stock changes: {stock_changes}.")
