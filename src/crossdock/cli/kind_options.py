"""A kind's own options on the command line, made from the descriptions by which the API reads them too.

Owns the way from a described choice to an option of a command and back to the API's name. It must not know any kind.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from inspect import Parameter, signature
from typing import Annotated, Any, cast, get_type_hints

import typer

from crossdock.compare.kinds import Option
from crossdock.sync.options import SyncOption

Chosen = Mapping[str, object]
"""Choices by the API's names; what was left at its default is absent."""
Command = Callable[..., None]

_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class CommandOption:
    """One option of a command. `annotation` is Typer's, `default` what stands for “not given”."""

    name: str
    annotation: Any
    default: bool | None = None

    @property
    def parameter(self) -> Parameter:
        """The function's parameter that holds it."""
        name = _CAPITAL.sub("_", self.name).lower()
        return Parameter(name, Parameter.KEYWORD_ONLY, default=self.default, annotation=self.annotation)


def compare_options(options: Iterable[Option], *, also: Mapping[str, str]) -> list[CommandOption]:
    """Make options of what narrows a comparison; `also` gives further spellings by the API's names."""
    return [_compare_option(option, tuple(filter(None, (also.get(option.name),)))) for option in options]


def sync_options(options: Iterable[SyncOption]) -> list[CommandOption]:
    """Make options of what may be chosen for a sync."""
    return [_sync_option(option) for option in options]


def takes(function: Command, about: str, **described: Sequence[CommandOption]) -> Command:
    """Make a command of a function that takes mappings: each of these parameters becomes the options it is made of."""

    def command(**given: object) -> None:
        for name, options in described.items():
            given[name] = _chosen(options, given)
        function(**given)

    parameters: list[Parameter] = []
    for parameter in signature(function).parameters.values():
        replaced = described.get(parameter.name)
        parameters += [parameter] if replaced is None else [option.parameter for option in replaced]
    named = {parameter.name: parameter for parameter in parameters}
    vars(command)["__signature__"] = signature(function).replace(parameters=list(named.values()))
    command.__annotations__ = {name: parameter.annotation for name, parameter in named.items()}
    command.__doc__ = about
    return command


def _chosen(options: Iterable[CommandOption], given: dict[str, object]) -> dict[str, object]:
    chosen: dict[str, object] = {}
    for option in options:
        value = given.pop(option.parameter.name)
        if value not in (option.default, [], ()):
            chosen[option.name] = str(value) if isinstance(value, StrEnum) else value
    return chosen


def _compare_option(option: Option, spellings: tuple[str, ...]) -> CommandOption:
    flags = (_flag(option.name), *spellings)
    read = get_type_hints(option.parse)["return"]
    if read is bool:
        return CommandOption(option.name, Annotated[bool, typer.Option(*flags, help=option.help)], default=False)
    about = option.help if option.default is None else _with_default(option.help, option.default)
    if read == list[str]:
        described = typer.Option(*flags, help=f"{about} Repeatable.")
        return CommandOption(option.name, Annotated[list[str] | None, described])
    return CommandOption(option.name, Annotated[str | None, typer.Option(*flags, help=about)])


def _sync_option(option: SyncOption) -> CommandOption:
    flag = _flag(option.name)
    match option.form:
        case "flag" if option.default is None:
            both = typer.Option(f"{flag}/--no-{flag[2:]}", help=option.help, show_default=False)
            return CommandOption(option.name, Annotated[bool | None, both])
        case "flag":
            return CommandOption(option.name, Annotated[bool, typer.Option(flag, help=option.help)], default=False)
        case "choice":
            choices: Any = StrEnum(option.name, {word.upper(): word for word in option.choices})
            described = typer.Option(flag, help=_with_default(option.help, option.default))
            return CommandOption(option.name, Annotated[choices | None, described])
        case "text":
            return CommandOption(
                option.name, Annotated[str | None, typer.Option(flag, help=_with_default(option.help, option.default))]
            )


def _with_default(about: str, default: object) -> str:
    words: object = ", ".join(map(str, cast("list[object]", default))) if isinstance(default, list) else default
    return f"{about} Default: {words}."


def _flag(name: str) -> str:
    return f"--{_CAPITAL.sub('-', name).lower()}"
