"""Options that several commands take, described once."""

from enum import StrEnum
from typing import Annotated

import typer


class PlatformChoice(StrEnum):
    """The platforms by the names of the HTTP contract."""

    WOOCOMMERCE = "woocommerce"
    SHOPIFY = "shopify"


SourceOfTruth = Annotated[
    PlatformChoice, typer.Option("--source-of-truth", help="The store whose records count; the other one is written.")
]
PairName = Annotated[str, typer.Option("--pair", help="The pair of stores that is meant.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the API's body on standard output.")]
RunId = Annotated[str, typer.Argument(help="The run's id, as `crossdock runs list` shows it.")]
