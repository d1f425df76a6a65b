"""The reference is complete: every setting and every command stands in it."""

from pathlib import Path

from crossdock.cli.commands import COMMANDS, CommandGroup
from crossdock.settings import PREFIX, Settings


def test_every_setting_is_documented(repository: Path) -> None:
    text = (repository / "docs/reference/configuration.md").read_text(encoding="utf-8")
    fields = Settings.model_fields
    assert [
        name for name, field in fields.items() if f"| `{PREFIX}{name.upper()}` | {field.description} |" not in text
    ] == []


def test_every_command_is_documented(repository: Path) -> None:
    text = (repository / "docs/reference/cli.md").read_text(encoding="utf-8")
    names = [name for one in COMMANDS.values() if isinstance(one, CommandGroup) for name in one.commands]
    assert [name for name in (*COMMANDS, *names) if name not in text] == []
