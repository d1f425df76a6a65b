"""Options that several commands take, described once."""

from enum import StrEnum
from typing import Annotated

import typer


class PlatformChoice(StrEnum):
    """The platforms by the names of the HTTP contract."""

    WOOCOMMERCE = "woocommerce"
    SHOPIFY = "shopify"


class Order(StrEnum):
    """Which end of a sorted list comes first."""

    ASCENDING = "asc"
    DESCENDING = "desc"


SourceOfTruth = Annotated[
    PlatformChoice, typer.Option("--source-of-truth", help="The store whose records count; the other one is written.")
]
PairName = Annotated[str, typer.Option("--pair", help="The pair of stores that is meant.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the API's body on standard output.")]
RunId = Annotated[str, typer.Argument(help="The run's id, as `crossdock runs list` shows it.")]


def named_values(pairs: list[str], option: str) -> dict[str, str]:
    """Read NAME=VALUE pairs of a repeatable option; the last of a name counts.

    Raises:
        typer.BadParameter: one is not of this form.
    """
    named: dict[str, str] = {}
    for text in pairs:
        name, equals, value = text.partition("=")
        if not equals or not name:
            # The text itself is not repeated: somebody may have tried to pass a secret.
            raise typer.BadParameter("write NAME=VALUE", param_hint=option)
        named[name] = value
    return named
