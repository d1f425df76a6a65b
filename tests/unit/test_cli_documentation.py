"""The reference is complete: every setting and every command stands in it."""

from pathlib import Path

from typer import Typer

from crossdock.cli import app
from crossdock.settings import PREFIX, Settings


def _commands(group: Typer) -> list[str]:
    below = [name for one in group.registered_groups if one.typer_instance for name in _commands(one.typer_instance)]
    return [command.name or "" for command in group.registered_commands] + below


def test_every_setting_is_documented(repository: Path) -> None:
    text = (repository / "docs/reference/configuration.md").read_text(encoding="utf-8")
    fields = Settings.model_fields
    assert [
        name for name, field in fields.items() if f"| `{PREFIX}{name.upper()}` | {field.description} |" not in text
    ] == []


def test_every_command_is_documented(repository: Path) -> None:
    text = (repository / "docs/reference/cli.md").read_text(encoding="utf-8")
    found = _commands(app)
    assert len(found) > 10
    assert [name for name in found if name not in text] == []
