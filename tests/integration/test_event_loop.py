"""The event loop stays free for people who press buttons, however much is compared and migrated beside.

Judged by the time that the loop's thread computes in one turn: how long a turn takes by the clock on the wall is the
machine's affair. What would wait rather than compute, a statement of SQL, may not be on that thread at all.
"""

import asyncio
import gc
import json
import subprocess
import sys
import threading
import time
from asyncio.events import Handle
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import Engine, event

from crossdock.bootstrap import Settings, open_services
from crossdock.domain.difference import Group
from crossdock.jobs.requests import CompareRequest, SelectAll, SyncRequest
from crossdock.state import RunState

_PEOPLE = 4000
_LONGEST_TURN_SECONDS = 0.02
_LONGEST_SECONDS = 120


@pytest.fixture
def stores() -> Generator[dict[str, str]]:
    """Serve two stores from another process: what they compute is none of ours."""
    command = [str(Path(sys.executable).with_name("crossdock")), "sandbox", "--json", "--customers", str(_PEOPLE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = ""
        while not said.endswith("\n}\n"):
            line = process.stdout.readline()
            assert line, said
            said += line
        yield json.loads(said)["pairs"][0]
        process.terminate()


@pytest.fixture
def settings(stores: dict[str, str], tmp_path: Path) -> Settings:
    return Settings.load(
        {},
        data_dir=tmp_path,
        woocommerce_url=stores["woo_url"],
        woocommerce_key=stores["consumer_key"],
        woocommerce_secret=stores["consumer_secret"],
        shopify_domain=stores["shopify_domain"],
        shopify_token=stores["shopify_token"],
        shopify_base_url=stores["shopify_base_url"],
        bulk_read_threshold=2000,
        bulk_poll_seconds=0.05,
    )


@contextmanager
def watching() -> Generator[list[str]]:
    """Give a list that each turn of this thread's loop enters that computes too long, and each statement in one."""
    thread, found, turn = threading.get_ident(), list[str](), Handle._run

    def watched(self: Handle) -> None:
        began = time.thread_time()
        turn(self)
        seconds = time.thread_time() - began
        if threading.get_ident() == thread and seconds > _LONGEST_TURN_SECONDS:
            found.append(f"{seconds * 1000:.0f} ms: {self!r}")

    def on_statement(_connection: object, _cursor: object, statement: str, *_: Any) -> None:  # noqa: ANN401 - the hook's
        if threading.get_ident() == thread:
            found.append(statement)

    # A collection of what other tests have left behind strikes whoever is at work.
    gc.collect()
    gc.freeze()
    event.listen(Engine, "before_cursor_execute", on_statement)
    try:
        with patch.object(Handle, "_run", watched):
            yield found
    finally:
        event.remove(Engine, "before_cursor_execute", on_statement)
        gc.unfreeze()


async def test_nothing_holds_the_loop_up_while_many_are_compared_and_migrated(settings: Settings) -> None:
    async with asyncio.timeout(_LONGEST_SECONDS), open_services(settings) as services:
        for platform in services.platforms:
            # Certificates are read once, with the first connection.
            await (await services.connections.open("default", platform)).info()
        with watching() as found:
            begun = await services.runs.start_compare(CompareRequest("customer", "woocommerce"))
            compared = await services.runs.wait(begun.id)
            assert compared.state is RunState.DONE
            assert compared.summary["sourceRead"] + compared.summary["destinationCustomerCount"] > 1.5 * _PEOPLE
            missing = 0
            async for rows in services.runs.stream_differences(compared.id, Group.ONLY_IN_SOURCE):
                missing += len(rows)
            run = await services.runs.start_sync(SyncRequest("customer", "woocommerce", SelectAll(compared.id)))
            while (await asyncio.to_thread(services.state.worklist.counts, run.id)).succeeded < missing // 8:
                continue
            await services.runs.cancel(run.id)
            await services.runs.wait(run.id)
    assert found == []


async def test_a_turn_that_computes_too_long_is_noticed() -> None:
    with watching() as found:
        await asyncio.sleep(0)
        until = time.thread_time() + 0.05
        while time.thread_time() < until:
            continue
        await asyncio.sleep(0)
    assert len(found) == 1
