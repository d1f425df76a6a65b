"""The power goes at the very moment when a store gets a write: the files as they are then know of it, and go on.

Every write is witnessed in front of the stores. What was sent is known on the disk before it is sent, whatever happens
next; and a data directory as it was then, opened on another machine, ends the migration with everybody there once.
"""

import asyncio
import sqlite3
import subprocess
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock.bootstrap import Services, Settings, open_services
from crossdock.state import Run, State
from tests.durability.haste import in_haste
from tests.durability.stage import WAYS, Stage, open_stage
from tests.durability.trial import Perseverance, sync_request, undisturbed
from tests.durability.verdict import Aftermath, judge, look

_LONGEST_SECONDS = 60
_WAYS = [way for way in WAYS if not way.is_bulk and way.create_as != "draft"]


@dataclass
class Witness:
    """Stands in front of both stores; copies `watched` for each write that comes, and cuts the power at `cut_at`.

    The write at which the power goes still reaches its store. Nothing is answered from then on until it is back.
    """

    app: ASGIApp | None = None
    watched: Path | None = None
    copies: Path = Path()
    cut_at: int = 0
    writes: int = 0
    seen: list[tuple[Path, str]] = field(default_factory=list[tuple[Path, str]])
    is_cut: threading.Event = field(default_factory=threading.Event)

    def watch(self, folder: Path, copies: Path, cut_at: int = 0) -> None:
        """Witness what comes from a product in `folder`."""
        copies.mkdir()
        self.seen, self.copies, self.cut_at, self.watched = [], copies, cut_at, folder

    def rest(self) -> None:
        """Let everything through again, unseen."""
        self.watched = None
        self.is_cut.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        body = await _body(receive)
        messages = iter([body])

        async def receive_again() -> Message:
            return next(messages, None) or await receive()

        if self.is_cut.is_set():
            await _hang(receive)
        text = body["body"].decode()
        is_write = _is_write(scope, text)
        self.writes += is_write
        if self.watched is not None and is_write:
            self._copy(self.watched, text)
            if len(self.seen) == self.cut_at:
                self.is_cut.set()
                await self.app(scope, receive_again, _unheard)
                await _hang(receive)
                return
        await self.app(scope, receive_again, send)

    def _copy(self, watched: Path, text: str) -> None:
        copy = self.copies / str(len(self.seen) + 1)
        # Between two commits: a copy that straddles one is nothing that a disk ever held.
        with closing(sqlite3.connect(watched / "crossdock.db", isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN IMMEDIATE")
            # By another process: closing a database's file here would drop this process's locks on it.
            subprocess.run(["cp", "-r", str(watched), str(copy)], check=True)
        # The index of the log lives in memory and is gone with the power.
        (copy / "crossdock.db-shm").unlink()
        self.seen.append((copy, text))


async def _body(receive: Receive) -> Message:
    content, more = b"", True
    while more:
        message = await receive()
        content, more = content + message.get("body", b""), message.get("more_body", False)
    return {"type": "http.request", "body": content, "more_body": False}


async def _hang(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _unheard(_: Message) -> None:
    return


def _is_write(scope: Scope, text: str) -> bool:
    path: str = scope["path"]
    if "/graphql.json" in path:
        return "mutation Crossdock" in text
    return scope["method"] in {"POST", "PUT"} and ("/customers" in path or "/orders" in path)


@dataclass(frozen=True)
class Watched:
    """Stores with their witness, what peace leaves in them, and how many writes that took."""

    stage: Stage
    witness: Witness
    expected: Aftermath
    writes: int


@pytest.fixture(scope="module", params=_WAYS, ids=lambda way: way.name)
def watched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Watched]:
    witness = Witness()

    def in_front(app: ASGIApp) -> ASGIApp:
        witness.app = app
        return witness

    with open_stage(request.param, in_front) as stage:
        expected = undisturbed(stage, tmp_path_factory.mktemp("peace"))
        yield Watched(stage, witness, expected, witness.writes)


@asynccontextmanager
async def opened(stage: Stage, folder: Path) -> AsyncGenerator[Services]:
    settings = Settings.load({}, **stage.settings(folder))
    async with asyncio.timeout(_LONGEST_SECONDS), open_services(settings) as services:
        yield services


async def begun(services: Services, witness: Witness, stage: Stage, folder: Path, cut_at: int = 0) -> Run:
    compared = await Perseverance(services, stage.way).compare()
    witness.watch(folder / "data", folder / "copies", cut_at)
    return await services.runs.start_sync(sync_request(stage.way, compared.id))


async def test_what_a_store_gets_is_known_on_the_disk_before(watched: Watched, tmp_path: Path) -> None:
    stage, witness = watched.stage, watched.witness
    stage.refill()
    with in_haste():
        async with opened(stage, tmp_path / "data") as services:
            run = await begun(services, witness, stage, tmp_path)
            await Perseverance(services, stage.way).finish(run)
            witness.rest()
            rows = [row async for chunk in services.runs.stream_results(run.id) for row in chunk]
            ids = [row.source_id for row in rows]
            between = (run.source_store, run.kind, run.destination_store)
            markers = {record.marker for record in services.state.ledger.records(*between, ids).values()}
    sendings = 0
    for copy, text in witness.seen:
        sent = {marker for marker in markers if f'"{marker}"' in text}
        state = State.open(copy)
        known = {step.record.marker for step in state.ledger.open_steps(*between)}
        state.close()
        assert sent <= known
        sendings += len(sent)
    assert sendings >= len(markers) > 0


@pytest.mark.parametrize("share", [0.6])
async def test_the_files_as_they_were_when_the_power_went_go_on(watched: Watched, tmp_path: Path, share: float) -> None:
    stage, witness = watched.stage, watched.witness
    cut_at = max(1, int(share * watched.writes))
    stage.refill()
    with in_haste():
        async with opened(stage, tmp_path / "data") as services:
            run = await begun(services, witness, stage, tmp_path, cut_at)
            assert await asyncio.to_thread(witness.is_cut.wait, _LONGEST_SECONDS)
        witness.rest()
        async with opened(stage, witness.seen[-1][0]) as services:
            persevering = Perseverance(services, stage.way)
            ended = await persevering.finish(run)
            await services.mutes.restore()
            verdict = judge(watched.expected, await look(services, stage, ended), codes=persevering.codes)
    assert verdict.is_clean, verdict.figures
