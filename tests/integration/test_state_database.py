"""The database: what opening it makes and refuses, and how its failures leave it."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from crossdock.domain.errors import StateError
from crossdock.state import State
from crossdock.state.database import NEWEST_REVISION
from crossdock.state.schema import metadata
from tests.support.state import Place, claimed

pytest_plugins = ("tests.support.state_fixtures",)

OPEN_AND_WAIT = """
import sys
from pathlib import Path
from crossdock.state import State
from crossdock.state.database import NEWEST_REVISION
state = State.open(Path(sys.argv[1]), database_url=sys.argv[2] or None)
print("open", flush=True)
sys.stdin.read()
state.close()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@contextmanager
def another_process(place: Place) -> Generator[subprocess.Popen[str]]:
    """Hold a state open in another process."""
    command = [sys.executable, "-c", OPEN_AND_WAIT, str(place.data_dir), place.url or ""]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process
        process.kill()


def refusal(folder: Path, url: str | None = None) -> StateError:
    with pytest.raises(StateError) as caught:
        State.open(folder, database_url=url)
    assert caught.value.message.endswith(".")
    return caught.value


def test_the_migrations_make_the_tables_that_the_modules_state(state: State) -> None:
    with state.database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_second_opening_finds_everything(place: Place) -> None:
    first = place.open()
    run_id = claimed(first).run_id
    first.close()
    first.close()
    again = place.open()
    try:
        assert again.runs.get(run_id).id == run_id
        again.database.ping()
    finally:
        again.close()


def test_only_the_owner_may_look(folder: Path) -> None:
    before = os.umask(0)
    try:
        state = State.open(folder)
        claimed(state)
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {"crossdock.db", "crossdock.db-wal", "crossdock.lock", "secret.key"} <= set(modes)
    assert set(modes.values()) == {0o600}
    state.close()


def test_every_connection_survives_a_power_cut(folder: Path) -> None:
    state = State.open(folder)
    with state.database.read() as first, state.database.write() as second:
        for connection in (first, second):
            pragmas = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
            assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10000}
    state.close()


def test_a_second_program_is_kept_out_and_told_by_whom(folder: Path) -> None:
    with another_process(Place(folder, None)) as process:
        error = refusal(folder)
        assert error.code == "data_directory_in_use"
        assert str(process.pid) in error.message
    State.open(folder).close()


def test_a_second_opening_in_the_same_program_is_kept_out_too(folder: Path) -> None:
    state = State.open(folder)
    assert refusal(folder).code == "data_directory_in_use"
    state.close()
    State.open(folder).close()


def test_several_programs_share_a_postgresql(postgres_place: Place) -> None:
    with another_process(postgres_place):
        state = postgres_place.open()
        assert state.database.is_shared
        state.database.ping()
        state.close()


def test_programs_that_upgrade_at_once_all_get_in(postgres_place: Place) -> None:
    command = [sys.executable, "-c", OPEN_AND_WAIT, str(postgres_place.data_dir), postgres_place.url or ""]
    processes = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) for _ in range(3)]
    assert [process.communicate()[0] for process in processes] == [b"open\n"] * 3


def test_a_block_that_raises_keeps_nothing(state: State) -> None:
    def fail() -> None:
        with state.database.write() as connection:
            connection.execute(text("INSERT INTO pairs (name, created_at) VALUES ('half', 0)"))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail()
    assert state.pairs.names() == ["default"]


def test_writers_wait_for_each_other_and_lose_nothing(state: State) -> None:
    barrier = threading.Barrier(4)

    def raise_it() -> None:
        barrier.wait()
        for _ in range(25):
            with state.database.write() as connection:
                state.database.serialize(connection, "counter")
                value = connection.execute(text("SELECT created_at FROM pairs")).scalar_one()
                connection.execute(text("UPDATE pairs SET created_at = :value"), {"value": value + 1})

    with state.database.write() as connection:
        connection.execute(text("UPDATE pairs SET created_at = 0"))
    threads = [threading.Thread(target=raise_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with state.database.read() as connection:
        assert connection.execute(text("SELECT created_at FROM pairs")).scalar_one() == 100


def test_a_reader_sees_one_moment_while_others_write(folder: Path) -> None:
    state = State.open(folder)
    with state.database.read() as connection:
        before = connection.execute(text("SELECT count(*) FROM pairs")).scalar_one()
        state.pairs.create("other")
        assert connection.execute(text("SELECT count(*) FROM pairs")).scalar_one() == before
    state.close()


def test_a_full_disk_is_named_and_loses_nothing(folder: Path) -> None:
    state = State.open(folder)
    run_id = claimed(state).run_id

    def fill() -> None:
        with state.database.write() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            connection.execute(text("INSERT INTO pairs VALUES (:name, 0)"), {"name": "x" * 1_000_000})

    with pytest.raises(StateError) as caught:
        fill()
    assert caught.value.code == "disk_full"
    assert caught.value.__cause__ is None
    assert state.runs.get(run_id).id == run_id
    state.close()


def test_a_database_that_may_only_be_read_is_named(folder: Path) -> None:
    state = State.open(folder)

    def write() -> None:
        with state.database.write() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")
            connection.execute(text("DELETE FROM pairs"))

    with pytest.raises(StateError) as caught:
        write()
    assert caught.value.code == "data_directory_read_only"
    state.close()


def test_a_directory_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert refusal(tmp_path / "file" / "data").code == "data_directory_read_only"


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can become somebody else who may not write.")
def test_a_directory_of_somebody_else_is_named(folder: Path) -> None:
    State.open(folder).close()
    os.seteuid(65534)
    try:
        assert refusal(folder).code == "data_directory_read_only"
    finally:
        os.seteuid(0)


def test_a_damaged_database_is_named_and_left_alone(folder: Path) -> None:
    folder.mkdir()
    (folder / "crossdock.db").write_bytes(b"no database" * 1000)
    assert refusal(folder).code == "database_damaged"
    assert (folder / "crossdock.db").read_bytes() == b"no database" * 1000


def test_a_database_that_another_program_holds_is_named(folder: Path) -> None:
    state = State.open(folder)
    holder = sqlite3.connect(folder / "crossdock.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with state.database.read() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 1")
    with pytest.raises(StateError) as caught:
        state.pairs.create("other")
    holder.close()
    assert caught.value.code == "database_locked"
    state.pairs.create("other")
    state.close()


def test_a_database_of_a_newer_program_is_refused(place: Place) -> None:
    state = place.open()
    with state.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    state.close()
    for _ in range(2):
        assert refusal(place.data_dir, place.url).code == "database_newer"


@pytest.mark.parametrize("url", ["mysql://user:secret-word@host/name", "no address: secret-word", "sqlite:///x"])
def test_another_database_is_refused_without_showing_its_address(folder: Path, url: str) -> None:
    error = refusal(folder, url)
    assert error.code == "database_url_unsupported"
    assert "secret-word" not in str(error.args)


def test_a_postgresql_that_is_not_there_is_named(folder: Path) -> None:
    url = "postgresql://user:secret-word@127.0.0.1:1/name?connect_timeout=2"
    error = refusal(folder, url)
    assert error.code == "database_unavailable"
    assert "secret-word" not in str(error.args)


def test_an_error_of_the_database_quotes_no_row(state: State) -> None:
    def write() -> None:
        with state.database.write() as connection:
            row = {"name": "guest:jane@example.com"}
            for _ in range(2):
                connection.execute(text("INSERT INTO pairs VALUES (:name, 0)"), row)

    with pytest.raises(StateError) as caught:
        write()
    assert caught.value.code == "database_failed"
    assert caught.value.__suppress_context__
    assert "jane" not in str(caught.value.args)


def test_the_clock_is_the_database_s(state: State) -> None:
    with state.database.read() as connection:
        first = state.database.now(connection)
        second = state.database.now(connection)
    assert first.utcoffset() is not None
    assert 0 <= (second - first).total_seconds() < 60


def test_the_newest_revision_is_the_last_migration(repository: Path) -> None:
    scripts = ScriptDirectory(str(repository / "src" / "crossdock" / "state" / "migrations"))
    assert scripts.get_current_head() == NEWEST_REVISION
