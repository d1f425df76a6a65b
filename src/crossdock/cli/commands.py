"""The table of commands: each by its name, its one-line help and the place of its function.

Owns how a command is found. A command's module is loaded when the command is called, so that none waits for what only
others need; the list of commands (`--help`) loads none. It must not know what a command does.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command's function is: `crossdock.cli.<module>.<function>`. `help` is the first line of its docstring."""

    module: str
    function: str
    help: str

    def load(self) -> Callable[..., None]:
        """Import the function."""
        return getattr(import_module(f"crossdock.cli.{self.module}"), self.function)


@dataclass(frozen=True, slots=True)
class CommandGroup:
    """Commands under one word."""

    help: str
    commands: Mapping[str, Command]


COMMANDS: Mapping[str, Command | CommandGroup] = {
    "demo": Command("demo", "demo", "Try Crossdock with two invented stores; no account is needed."),
    "serve": Command("serving", "serve", "Serve the web application for your own stores."),
    "worker": Command("worker", "worker", "Work on runs that others have begun, beside other workers."),
    "sandbox": Command("serving", "sandbox", "Serve two invented stores, and print how to reach them."),
    "connect": Command("stores", "connect", "Connect a store: check it, keep its keys encrypted."),
    "check": Command("stores", "check", "Try every capability that Crossdock needs of both stores."),
    "compare": CommandGroup(
        "Find what one store has and the other lacks.",
        {
            "customers": Command(
                "customers", "compare_customers", "Find the customers that one store has and the other lacks."
            ),
            "orders": Command("orders", "compare_orders", "Find the orders that one store has and the other lacks."),
        },
    ),
    "sync": CommandGroup(
        "Create in one store what it lacks.",
        {
            "customers": Command("customers", "sync_customers", "Create the missing customers; no customer is mailed."),
            "orders": Command(
                "orders",
                "sync_orders",
                "Create the missing orders; no customer is mailed, no stock and no money moves.",
            ),
        },
    ),
    "runs": CommandGroup(
        "Runs: comparisons, syncs and undos, listed and steered.",
        {
            "list": Command("runs", "list_runs", "List runs, newest first."),
            "show": Command("runs", "show", "Show a run and what it came to."),
            "pause": Command("runs", "pause", "Stop a run after the records in hand, to be resumed."),
            "resume": Command("runs", "resume", "Let a run go on at its first unfinished step, and watch it."),
            "cancel": Command("runs", "cancel", "Stop a run after the records in hand, for good."),
            "retry-failed": Command("runs", "retry_failed", "Try the failed records of a sync again, in a new run."),
            "undo": Command("runs", "undo", "Delete what a sync created, and only that."),
        },
    ),
    "mute": CommandGroup(
        "Mails that stores hold back while Crossdock writes.",
        {
            "status": Command("mutes", "status", "Show which mails are held back, and for which runs."),
            "restore": Command("mutes", "restore", "Give back every setting that no run at work needs."),
        },
    ),
    "export": Command("export", "export", "Write the list of a comparison or of a sync as CSV."),
}


class LazyCommand(TyperCommand):
    """A command that is listed by name and help, and loaded as soon as it is called."""

    def __init__(self, name: str, command: Command, *, is_plain: bool) -> None:
        super().__init__(name, help=command.help, rich_markup_mode=None if is_plain else "rich")
        self._command = command
        self._is_plain = is_plain

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: object = None,
        **extra: Any,  # noqa: ANN401 - as in the class above
    ) -> typer.Context:
        """Load the command and let it read its arguments."""
        app = _application(is_plain=self._is_plain)
        app.command(self.name)(self._command.load())
        command = typer.main.get_command(app)
        context = command.make_context(info_name, args, cast("typer.Context | None", parent), **extra)
        return cast("typer.Context", context)


def build_commands(callback: Callable[..., None]) -> TyperGroup:
    """Build the command line; `callback` has the options that stand before any command, and the help of the whole."""
    # Boxes and colours are for people: what is piped, or read by a program, is plain text.
    is_plain = not (sys.stdout.isatty() and sys.stderr.isatty())
    app = _application(is_plain=is_plain)
    app.callback()(callback)
    root = typer.main.get_group(app)
    root.name = "crossdock"
    for name, entry in COMMANDS.items():
        if isinstance(entry, Command):
            root.add_command(LazyCommand(name, entry, is_plain=is_plain))
            continue
        group = TyperGroup(
            name=name, help=entry.help, no_args_is_help=True, rich_markup_mode=None if is_plain else "rich"
        )
        for below, command in entry.commands.items():
            group.add_command(LazyCommand(below, command, is_plain=is_plain))
        root.add_command(group)
    return root


def _application(*, is_plain: bool) -> typer.Typer:
    return typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None if is_plain else "rich",
    )
