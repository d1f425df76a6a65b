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


async def test_an_undo_of_orders_counts_the_customers_that_came_along_apart(api: Api) -> None:
    compared = await api.compare(kind="orders")
    sync = {"sourceOfTruth": "woocommerce", "compareRunId": compared["runId"], "select": "all"}
    body = await api.sync(kind="orders", **sync, options={"createAs": "order"})
    created = body["summary"]["succeeded"] - body["summary"].get("alreadyThere", 0)
    asked = (await api.client.get(f"/runs/{body['runId']}?ask=undo")).text
    assert "customers whom it brought along" in asked
    undone = (await api.client.post(f"/runs/{body['runId']}/undo")).headers["location"]
    run = await api.services.runs.wait(undone.rsplit("/", 1)[1])
    assert run.summary["failed"] == 0
    customers = run.summary["succeeded"] - created
    assert customers > 1
    assert run.summary["customersDeleted"] == customers
    told = f"{created} orders and {customers} customers"
    assert told in (await api.client.get(undone)).text
    assert (
        f"{run.summary['succeeded']} of {run.summary['total']} deleted ({told})" in (await api.client.get("/runs")).text
    )


async def test_an_undo_of_customers_alone_has_no_other_kind_to_tell_of(api: Api) -> None:
    compared = await api.compare()
    body = await api.sync(sourceOfTruth="woocommerce", compareRunId=compared["runId"], select="all")
    undone = (await api.client.post(f"/runs/{body['runId']}/undo")).headers["location"]
    run = await api.services.runs.wait(undone.rsplit("/", 1)[1])
    assert run.summary["succeeded"] > 0
    assert "customersDeleted" not in run.summary
    assert " and " not in (await api.client.get(undone)).text.split("Deleted", 1)[1].split("Already there", 1)[0]
