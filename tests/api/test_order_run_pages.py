"""The page of a sync of orders: what was created, added up on both sides by currency."""

from collections.abc import Generator

import pytest

from crossdock.sandbox import serving
from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.server import Sandbox, build_sandbox
from tests.api.conftest import Api


@pytest.fixture
def stores() -> Generator[Sandbox]:
    """Serve one pair of stores with orders on a free port."""
    listener = serving.listen()
    sandbox = build_sandbox(serving.address_of(listener), SandboxOptions(customers=16, orders=40))
    with serving.serving(sandbox.app, listener):
        yield sandbox


async def test_the_sums_of_orders_stand_by_currency(api: Api) -> None:
    compared = await api.compare(kind="orders")
    sync = {"sourceOfTruth": "woocommerce", "compareRunId": compared["runId"], "select": "all"}
    body = await api.sync(kind="orders", **sync, options={"createAs": "order"})
    created = body["summary"]["succeeded"] - body["summary"].get("alreadyThere", 0)
    page = (await api.client.get(f"/runs/{body['runId']}")).text
    assert created > 0
    assert "Reconciliation in USD" in page
    assert "Gross" in page
    assert f"Undo {created} order" in page


async def test_a_preview_says_what_is_lost_and_offers_no_undo(api: Api) -> None:
    compared = await api.compare(kind="orders")
    sync = {"sourceOfTruth": "woocommerce", "compareRunId": compared["runId"], "select": "all"}
    body = await api.sync(kind="orders", **sync, dryRun=True)
    page = (await api.client.get(f"/runs/{body['runId']}")).text
    assert "nothing was written" in page
    assert "What will not be carried over" in page
    assert "Undo this run" not in page
