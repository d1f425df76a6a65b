"""`crossdock mute …`: the mails that Crossdock holds back while it writes, shown and given free."""

import typer

from crossdock.bootstrap import Services
from crossdock.cli import output
from crossdock.cli.choices import AsJson
from crossdock.cli.exits import ExitCode
from crossdock.cli.session import perform
from crossdock.cli.tables import Column, print_table
from crossdock.connectors.contract import Mute

_MUTES = (Column("Store"), Column("Setting", is_whole=True), Column("Since (UTC)"), Column("Held for runs"))


def status(as_json: AsJson = False) -> None:
    """Show which mails are held back, and for which runs."""

    async def work(services: Services) -> ExitCode:
        _print([*await services.mutes.status()], as_json=as_json)
        return ExitCode.DONE

    perform(work)


def restore(as_json: AsJson = False) -> None:
    """Give back every setting that no run at work needs."""

    async def work(services: Services) -> ExitCode:
        if await services.mutes.status():
            typer.echo("A mail that a store has put off must not go out now: this may take five minutes.", err=True)
        _print([*await services.mutes.restore()], as_json=as_json)
        return ExitCode.DONE

    perform(work)


def _print(mutes: list[Mute], *, as_json: bool) -> None:
    if as_json:
        output.print_json({"mutes": [_body(mute) for mute in mutes]})
    elif mutes:
        rows = [
            (mute.store_key, mute.setting, f"{mute.since:%Y-%m-%d %H:%M}", ", ".join(mute.holders)) for mute in mutes
        ]
        print_table(_MUTES, rows)
    else:
        output.print_line("No mail is held back.")


def _body(mute: Mute) -> dict[str, object]:
    return {
        "storeKey": mute.store_key,
        "setting": mute.setting,
        "since": mute.since.isoformat().replace("+00:00", "Z"),
        "runIds": list(mute.holders),
    }
