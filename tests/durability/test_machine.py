"""The machine in trouble while records move: each time a clear word, nothing lost, and on it goes once mended.

A full disk and one that may only be read are real file systems, which only a user who may mount can have.
"""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import pytest

from crossdock import bootstrap
from crossdock.bootstrap import Services, Settings, open_services
from crossdock.cli.progress import watch
from crossdock.domain.errors import InvalidRequestError, StateError
from crossdock.jobs.toolbox import Toolbox
from crossdock.state import Run, RunFilter, RunState, database, require_room
from crossdock.web.app import create_app
from tests.durability.haste import in_haste
from tests.durability.stage import CUSTOMER_WAYS, Stage, open_stage
from tests.durability.trial import Perseverance, sync_request, undisturbed
from tests.durability.verdict import Aftermath, judge, look

_TO_SHOPIFY = CUSTOMER_WAYS[0]
_DISK_BYTES = 6 * 1024 * 1024
_LONGEST_SECONDS = 60

Staged = tuple[Stage, Aftermath]


@pytest.fixture(scope="module", params=[_TO_SHOPIFY], ids=lambda way: way.name)
def staged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Staged]:
    """Serve the stores of one way: what the machine does is the same for all."""
    with open_stage(request.param) as stage:
        yield stage, undisturbed(stage, tmp_path_factory.mktemp("peace"))


class Disk:
    """A small file system of its own, mounted at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def fill(self) -> None:
        """Take every byte that is left."""
        with self._filler.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))

    def free(self) -> None:
        self._filler.unlink()

    def forbid_writing(self) -> None:
        """Let nobody write any more; no file may be open for it now."""
        _mount("remount,ro", self.path)

    def allow_writing(self) -> None:
        _mount("remount,rw", self.path)


def _mount(options: str, path: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)]
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture
def disk(tmp_path: Path) -> Generator[Disk]:
    path = tmp_path / "disk"
    path.mkdir()
    if not _mount(f"size={_DISK_BYTES}", path):
        pytest.skip("Only who may mount can have a small disk.")
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


@asynccontextmanager
async def opened(stage: Stage, folder: Path) -> AsyncGenerator[Services]:
    settings = Settings.load({}, **stage.settings(folder))
    async with asyncio.timeout(_LONGEST_SECONDS), open_services(settings) as services:
        yield services


async def sync_until(services: Services, stage: Stage, moved: int) -> Run:
    """Begin to migrate what is missing, and wait until so many records are there."""
    compared = await Perseverance(services, stage.way).compare()
    stage.set_faults([], [{"kind": "latency", "seconds": 0.05, "body": "customerCreate(", "times": 0}])
    run = await services.runs.start_sync(sync_request(stage.way, compared.id))
    while (await asyncio.to_thread(services.state.worklist.counts, run.id)).succeeded < moved:
        continue
    return run


async def stopped_within_a_sync(staged: Staged, folder: Path) -> Run:
    """Begin to migrate, and stop the program in the midst of it."""
    stage, _ = staged
    stage.refill()
    async with opened(stage, folder) as services:
        return await sync_until(services, stage, 5)


async def taken_up(staged: Staged, folder: Path, run: Run) -> None:
    """Start the program again, which goes on by itself."""
    async with opened(staged[0], folder) as services:
        assert (await services.runs.get(run.id)).state is not RunState.FAILED
        await judged(services, staged, run)


async def refusal(stage: Stage, folder: Path) -> str:
    """Give the code of the one sentence with which the program does not start."""
    with pytest.raises(StateError) as refused:
        async with opened(stage, folder):
            pass
    assert refused.value.message.endswith(".")
    return refused.value.code


async def judged(services: Services, staged: Staged, run: Run) -> None:
    """See the run through, and hold what is there against what peace leaves."""
    stage, expected = staged
    persevering = Perseverance(services, stage.way)
    ended = await persevering.finish(run)
    await asyncio.to_thread(stage.end_faults)
    verdict = judge(expected, await look(services, stage, ended), codes=persevering.codes)
    assert verdict.is_clean, verdict.figures


async def test_a_disk_that_fills_up_in_the_middle_of_a_sync_loses_nothing(staged: Staged, disk: Disk) -> None:
    stage, _ = staged
    stage.refill()
    with in_haste():
        async with opened(stage, disk.path / "data") as services:
            run = await sync_until(services, stage, 5)
            await asyncio.to_thread(disk.fill)
            with pytest.raises(StateError) as stopped:
                await services.runs.wait(run.id)
            assert stopped.value.code == "disk_full"
            assert not (await services.runs.get(run.id)).state.has_ended
            disk.free()
            await services.runs.resume(run.id)
            await judged(services, staged, run)


async def test_a_program_that_could_not_write_anything_down_says_that_it_is_not_ready(
    staged: Staged, disk: Disk
) -> None:
    async with opened(staged[0], disk.path / "data") as services:
        transport = httpx2.ASGITransport(app=create_app(services))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:

            async def said() -> tuple[int, str]:
                reply = await client.get("/readyz")
                return reply.status_code, reply.json().get("code", "")

            assert await said() == (200, "")
            disk.fill()
            assert await said() == (503, "disk_full")
            disk.free()
            assert await said() == (200, "")
    disk.forbid_writing()
    with pytest.raises(StateError) as refused:
        require_room(disk.path / "data")
    assert refused.value.code == "data_directory_read_only"


async def test_a_directory_that_may_only_be_read_at_the_next_start_is_named_and_loses_nothing(
    staged: Staged, disk: Disk
) -> None:
    folder = disk.path / "data"
    with in_haste():
        run = await stopped_within_a_sync(staged, folder)
        disk.forbid_writing()
        assert await refusal(staged[0], folder) == "data_directory_read_only"
        disk.allow_writing()
        await taken_up(staged, folder, run)


async def test_a_start_on_a_full_disk_is_named_and_loses_nothing(staged: Staged, disk: Disk) -> None:
    folder = disk.path / "data"
    with in_haste():
        run = await stopped_within_a_sync(staged, folder)
        disk.fill()
        assert await refusal(staged[0], folder) == "disk_full"
        disk.free()
        await taken_up(staged, folder, run)


@pytest.mark.parametrize("damaged_from", [0, 4096])
async def test_a_database_overwritten_with_noise_is_named_and_a_backup_goes_on(
    staged: Staged, tmp_path: Path, damaged_from: int
) -> None:
    folder, backup = tmp_path / "data", tmp_path / "backup"
    with in_haste():
        run = await stopped_within_a_sync(staged, folder)
        shutil.copytree(folder, backup)
        file = folder / "crossdock.db"
        content = file.read_bytes()
        noise = Random(damaged_from).randbytes(len(content) - damaged_from)
        file.write_bytes(content[:damaged_from] + noise)
        assert await refusal(staged[0], folder) == "database_damaged"
        shutil.rmtree(folder)
        backup.rename(folder)
        await taken_up(staged, folder, run)


async def test_a_backup_from_before_a_sync_does_not_migrate_anybody_twice(staged: Staged, tmp_path: Path) -> None:
    stage, expected = staged
    stage.refill()
    folder, backup = tmp_path / "data", tmp_path / "backup"
    with in_haste():
        async with opened(stage, folder) as services:
            await Perseverance(services, stage.way).compare()
        shutil.copytree(folder, backup)
        await stopped_within_a_sync(staged, folder)
        async with opened(stage, backup) as services:
            persevering = Perseverance(services, stage.way)
            sync = await persevering.sync(await persevering.compare())
            verdict = judge(expected, await look(services, stage, sync), codes=persevering.codes)
    assert (verdict.doubled, verdict.lost, verdict.half_done, verdict.mails) == (0, 0, 0, 0)


async def test_a_database_that_another_program_holds_stops_a_sync_until_it_lets_go(
    staged: Staged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, _ = staged
    stage.refill()
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.2)
    with in_haste():
        async with opened(stage, tmp_path) as services:
            run = await sync_until(services, stage, 5)
            with closing(sqlite3.connect(tmp_path / "crossdock.db", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                with pytest.raises(StateError) as stopped:
                    await watch(services, run)
                assert stopped.value.code == "database_locked"
            await services.runs.resume(run.id)
            await judged(services, staged, run)


async def test_a_second_program_on_the_directory_is_sent_away_and_disturbs_nobody(
    staged: Staged, tmp_path: Path
) -> None:
    stage, _ = staged
    stage.refill()
    with in_haste():
        async with opened(stage, tmp_path) as services:
            run = await sync_until(services, stage, 5)
            command = (str(Path(sys.executable).with_name("crossdock")), "runs", "list")
            second = await asyncio.create_subprocess_exec(
                *command, env={**os.environ, "CROSSDOCK_DATA_DIR": str(tmp_path)}, stderr=asyncio.subprocess.PIPE
            )
            _, said = await second.communicate()
            assert second.returncode == 2
            assert b"[data_directory_in_use]" in said
            assert str(os.getpid()).encode() in said
            await judged(services, staged, run)


@pytest.mark.parametrize("days", [400, -400])
async def test_a_clock_that_is_set_while_writes_are_lost_doubles_nobody(
    staged: Staged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    stage, _ = staged
    stage.refill()
    off = timedelta()
    with in_haste():
        hasty = bootstrap.Toolbox

        def with_a_clock_that_is_set(**parts: Any) -> Toolbox:  # noqa: ANN401 - whatever a toolbox is made of
            return replace(hasty(**parts), now=lambda: datetime.now(UTC) + off)

        monkeypatch.setattr(bootstrap, "Toolbox", with_a_clock_that_is_set)
        async with opened(stage, tmp_path) as services:
            run = await sync_until(services, stage, 5)
            rule = {"kind": "late_commit", "seconds": 0.2, "body": "customerCreate(", "times": 2}
            stage.set_faults([], [rule, {**rule, "kind": "drop_after"}])
            off = timedelta(days=days)
            await judged(services, staged, run)
            request = sync_request(stage.way, (await services.runs.list(RunFilter(type="compare")))[0][0].id)
            if days > 0:
                with pytest.raises(InvalidRequestError, match="compare_too_old"):
                    await services.runs.start_sync(request)
