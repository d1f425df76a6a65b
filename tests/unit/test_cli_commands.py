"""The table of commands says what the commands themselves say, and listing them loads none."""

import subprocess
import sys
from inspect import getdoc

import pytest

from crossdock.cli.commands import COMMANDS, Command, CommandGroup


def _commands() -> dict[str, Command]:
    found: dict[str, Command] = {}
    for name, entry in COMMANDS.items():
        below = (
            {f"{name} {word}": one for word, one in entry.commands.items()} if isinstance(entry, CommandGroup) else {}
        )
        found |= below or ({name: entry} if isinstance(entry, Command) else {})
    return found


@pytest.mark.parametrize(("name", "command"), _commands().items())
def test_a_commands_one_line_help_is_its_own(name: str, command: Command) -> None:
    assert (getdoc(command.load()) or "").splitlines()[0] == command.help, name


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["runs", "--help"]], ids=" ".join)
def test_listing_commands_loads_none(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom crossdock.cli import main\n"
        f"sys.argv = ['crossdock', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit as ended:\n    assert not ended.code\n"
        "heavy = {'sqlalchemy', 'alembic', 'duckdb', 'graphql', 'faker', 'httpx2', 'fastapi', 'rich'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "crossdock" in ended.stdout
