"""`crossdock connect` and `crossdock check`: the stores of a pair.

Owns how credentials come in: by a prompt that doesn't echo, from a variable or from a file, never as an argument, which
any user of the machine could read in the list of processes.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from crossdock.bootstrap import Platform, Services
from crossdock.cli import output
from crossdock.cli.choices import AsJson, PairName, PlatformChoice, named_values
from crossdock.cli.exits import ExitCode
from crossdock.cli.session import perform
from crossdock.cli.tables import Column, print_table
from crossdock.connectors.contract import Finding, FindingLevel
from crossdock.domain.errors import InvalidRequestError
from crossdock.jobs.requests import DEFAULT_PAIR

_MAX_SECRET_BYTES = 10_000
_FOUND = (Column("Level", is_whole=True), Column("Capability"), Column("What was found"))
_SETTING_OF_SECRET = {
    "consumerKey": "woocommerce_key",
    "consumerSecret": "woocommerce_secret",
    "token": "shopify_token",
    "clientSecret": "shopify_client_secret",
}


def connect(
    platform: Annotated[PlatformChoice, typer.Argument(help="Which store is connected.")],
    pair: PairName = DEFAULT_PAIR,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE of what is no secret, such as url or domain.")
    ] = None,
    secret_files: Annotated[
        list[str] | None, typer.Option("--secret-file", help="NAME=FILE: a secret, alone in a file; - is the input.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Connect a store: check it, keep its keys encrypted."""
    given = named_values(settings or [], "--set")
    files = named_values(secret_files or [], "--secret-file")

    async def work(services: Services) -> ExitCode:
        described = services.platforms[platform.value]
        kept = _settings(described, given)
        connection = await services.connections.put(pair, described.name, kept, _secrets(services, described, files))
        if as_json:
            body = {"pair": pair, "platform": described.name, "isConnected": True, "storeKey": connection.store_key}
            output.print_json({**body, "settings": dict(connection.settings), "info": dict(connection.info)})
        else:
            output.print_line(f"{described.title} is connected: {connection.store_key}")
        return ExitCode.DONE

    perform(work)


def check(pair: PairName = DEFAULT_PAIR, as_json: AsJson = False) -> None:
    """Try every capability that Crossdock needs of both stores."""

    async def work(services: Services) -> ExitCode:
        found = {name: list(await services.connections.check(pair, name)) for name in services.platforms}
        is_ok = all(finding.level is not FindingLevel.BLOCKER for one in found.values() for finding in one)
        if as_json:
            output.print_json({name: _body(findings) for name, findings in found.items()})
        else:
            for name, findings in found.items():
                rows = [(one.level, one.capability, f"{one.message} {one.advice}".strip()) for one in findings]
                print_table(_FOUND, rows, title=services.platforms[name].title)
        return ExitCode.DONE if is_ok else ExitCode.STORE_REFUSED

    perform(work)


def _body(findings: list[Finding]) -> dict[str, object]:
    shown = [
        {"capability": one.capability, "level": one.level.value, "message": one.message}
        | ({"advice": one.advice} if one.advice else {})
        for one in findings
    ]
    return {"ok": all(one.level is not FindingLevel.BLOCKER for one in findings), "findings": shown}


def _settings(platform: Platform, given: Mapping[str, str]) -> dict[str, str]:
    found = dict(given)
    first = platform.settings_fields[0]
    if first not in found and sys.stdin.isatty():
        found[first] = typer.prompt(f"{platform.title} {first}", err=True)
    return found


def _secrets(services: Services, platform: Platform, files: Mapping[str, str]) -> dict[str, str]:
    """Take each secret from its file, else its variable, else the person at the terminal; an empty answer skips it."""
    for name in files:
        if name not in platform.secret_fields:
            allowed = ", ".join(platform.secret_fields)
            raise InvalidRequestError("field_unknown", "There is no such secret.", field="secret-file", allowed=allowed)
    found: dict[str, str] = {}
    for name in platform.secret_fields:
        value = _read_secret(files[name]) if name in files else _from_variable(services, name)
        if not value and not files and sys.stdin.isatty():
            value = typer.prompt(f"{platform.title} {name}", default="", hide_input=True, show_default=False, err=True)
        if value:
            found[name] = value
    return found


def _from_variable(services: Services, name: str) -> str:
    secret: SecretStr | None = getattr(services.settings, _SETTING_OF_SECRET[name])
    return secret.get_secret_value() if secret is not None else ""


def _read_secret(file: str) -> str:
    if file == "-":
        return sys.stdin.read(_MAX_SECRET_BYTES).strip()
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequestError(
            "file_unreadable", "The file of a secret can't be read.", field="secret-file", allowed="NAME=FILE"
        ) from error
