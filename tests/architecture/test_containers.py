"""The compose file and the image: every word in them that Crossdock must understand is one that it does."""

import importlib
import shlex
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from crossdock.cli import crossdock
from crossdock.cli.commands import build_commands
from crossdock.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    yaml: Any = importlib.import_module("yaml")
    return yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]


@pytest.fixture(scope="module")
def ours(services: dict[str, Any]) -> dict[str, Any]:
    found = {name: service for name, service in services.items() if service.get("build") == "."}
    assert set(found) == {"web", "worker"}
    return found


def test_each_command_is_one_of_the_command_line(ours: dict[str, Any]) -> None:
    for service in ours.values():
        words = shlex.split(service["command"])
        root = build_commands(crossdock)
        with root.make_context("crossdock", list(words)) as context:
            name, command, rest = root.resolve_command(context, words)
            assert command is not None
            with command.make_context(name, rest, parent=context) as parsed:
                assert parsed.params


def test_each_variable_is_a_setting_and_the_application_may_start_with_them(ours: dict[str, Any]) -> None:
    for service in ours.values():
        variables = {name: value.replace(":?}", "}") for name, value in service["environment"].items()}
        settings = Settings.load(variables)
        assert {PREFIX + name.upper() for name in settings.model_fields_set} == set(variables)
        assert isinstance(settings.password, SecretStr)


def test_all_share_one_data_directory_and_wait_for_the_database(ours: dict[str, Any]) -> None:
    folders = {service["environment"]["CROSSDOCK_DATA_DIR"] for service in ours.values()}
    assert folders == {"/data"}
    assert [service["volumes"] for service in ours.values()] == [["data:/data"]] * 2
    assert [service["depends_on"] for service in ours.values()] == [{"database": {"condition": "service_healthy"}}] * 2


def test_the_database_is_new_enough_and_keeps_its_data(services: dict[str, Any]) -> None:
    database = services["database"]
    assert int(database["image"].removeprefix("postgres:")) >= 16
    assert database["volumes"] == ["database:/var/lib/postgresql"]
    assert "pg_isready" in database["healthcheck"]["test"]


def test_the_application_is_asked_whether_it_is_ready_where_it_listens(ours: dict[str, Any]) -> None:
    port = Settings.model_fields["port"].default
    assert ours["web"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f"http://127.0.0.1:{port}/readyz" in ours["web"]["healthcheck"]["test"][-1]


def test_the_image_installs_by_hash_and_is_given_all_that_it_copies() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    installs = [line for line in lines if "pip install" in line or "pip wheel" in line]
    assert len(installs) == 4
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)
    copies = [line.split() for line in lines if line.startswith("COPY ") and "--from" not in line]
    copied = [name for words in copies for name in words[1:-1]]
    assert all((ROOT / name).exists() for name in copied)
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {f"!{Path(name).parts[0]}" for name in copied} <= set(allowed)
