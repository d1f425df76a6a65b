"""`crossdock worker`: works on the runs of everybody who uses the same PostgreSQL, until it is stopped.

Owns the process and its end: a signal leaves its runs to other workers. It must not know how runs are shared.
"""

import asyncio
import signal
from typing import Annotated

import typer

from crossdock.bootstrap import Duty, open_services
from crossdock.cli.exits import reporting
from crossdock.cli.session import load_settings
from crossdock.settings import Settings


def worker(
    at_once: Annotated[
        int | None, typer.Option("--at-once", min=1, max=100, help="Runs to work on side by side; 4 by default.")
    ] = None,
) -> None:
    """Work on runs that others have begun, beside other workers."""
    with reporting():
        asyncio.run(_work(load_settings(runs_at_once=at_once)))


async def _work(settings: Settings) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with open_services(settings, duty=Duty.WORKER):
        typer.echo("Crossdock works; it takes what is begun elsewhere.", err=True)
        await stopped.wait()
