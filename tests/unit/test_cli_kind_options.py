"""A kind's options on the command line: made of its descriptions, and given back by the API's names."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from crossdock.cli.kind_options import Chosen, compare_options, sync_options, takes
from crossdock.compare.kinds.customers import CUSTOMERS
from crossdock.compare.kinds.orders import ORDERS
from crossdock.sync.kinds import ORDERS as SYNC_ORDERS

Read = Callable[..., Mapping[str, Any]]


@pytest.fixture
def read() -> Read:
    """Give what reads arguments as the commands of orders do."""

    def read(*arguments: str) -> Mapping[str, Any]:
        seen: dict[str, Any] = {}

        def command(*, narrowed: Chosen, options: Chosen, yes: Annotated[bool, typer.Option("--yes")] = False) -> None:
            seen.update(narrowed=narrowed, options=options, yes=yes)

        app = typer.Typer()
        narrowing = compare_options(ORDERS.options, also={"statuses": "--status"})
        app.command()(takes(command, "Try.", narrowed=narrowing, options=sync_options(SYNC_ORDERS.options)))
        ended = CliRunner().invoke(app, list(arguments))
        return seen if ended.exit_code == 0 else {"exit": ended.exit_code, "said": ended.output}

    return read


def test_what_is_not_given_is_absent(read: Read) -> None:
    assert read() == {"narrowed": {}, "options": {}, "yes": False}


def test_what_is_given_has_the_apis_name(read: Read) -> None:
    seen = read("--created-after", "2024-01-01", "--status", "paid", "--statuses", "open", "--include-test", "--yes")
    assert seen["narrowed"] == {"createdAfter": "2024-01-01", "statuses": ["paid", "open"], "includeTest": True}
    assert seen["yes"] is True
    seen = read("--create-as", "order", "--number-prefix", "OLD-", "--require-products", "--match-window-hours", "48")
    assert seen["options"] == {"createAs": "order", "numberPrefix": "OLD-", "requireProducts": True}
    assert seen["narrowed"] == {"matchWindowHours": "48"}


@pytest.mark.parametrize(
    ("flag", "value"), [("--create-missing-customers", True), ("--no-create-missing-customers", False)]
)
def test_a_choice_against_the_destinations_own_way_is_kept(read: Read, flag: str, value: bool) -> None:  # noqa: FBT001
    assert read(flag)["options"] == {"createMissingCustomers": value}


def test_a_word_that_is_no_choice_is_refused(read: Read) -> None:
    seen = read("--create-as", "invoice")
    assert seen["exit"] == 2
    assert {"draft", "order"} <= set(re.findall(r"\w+", seen["said"]))


def test_every_option_of_a_kind_is_an_option_of_its_commands() -> None:
    for kind in (CUSTOMERS, ORDERS):
        assert [one.name for one in compare_options(kind.options, also={})] == [one.name for one in kind.options]
