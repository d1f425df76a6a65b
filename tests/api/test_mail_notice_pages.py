"""What the pages say while a shop's mail to customers is switched off, and that they are silent otherwise."""

import pytest

from crossdock.connectors.woocommerce.mute import SETTING
from crossdock.jobs.requests import SelectAll, SyncRequest
from crossdock.sandbox.stores import SandboxPair
from crossdock.web.pages.run_words import moment
from tests.api.conftest import Api

_HELD = "is held back"
_CREATE = {"kind": "hang", "method": "POST", "path": "/customers/batch", "body": '"create"', "times": 0}
_GIVEN_BACK = {"kind": "error_before", "status": 401, "method": "PUT", "body": '"yes"', "times": 0}


async def _pages(api: Api, run_id: str) -> list[str]:
    return [(await api.client.get(path)).text for path in ("/", "/connections", f"/runs/{run_id}")]


async def _muted(api: Api, *, original_value: str) -> None:
    """Enter a mute as a run of another pair into the same shop does."""
    shop = await api.services.connections.get("default", "woocommerce")
    assert shop is not None
    api.services.state.mutes.join(
        shop.store_key, SETTING, holder="another", original_value=original_value, muted_value="no"
    )


async def test_while_customers_are_written_the_pages_say_which_mail_is_off(api: Api, pair: SandboxPair) -> None:
    compared = await api.compare("shopify")
    assert not any(_HELD in page for page in await _pages(api, compared["runId"]))
    pair.woo_faults.set_rules([_CREATE])
    request = SyncRequest("customer", "shopify", SelectAll(compared["runId"]))
    run = await api.services.runs.start_sync(request)
    while not any(call.kind == "hang" for call in pair.woo_faults.calls):
        await api.services.runs.get(run.id)
    (mute,) = await api.services.mutes.status()
    for page in await _pages(api, run.id):
        assert f"new-account mail of {mute.store_key} {_HELD}" in page
        assert f"since {moment(mute.since)} UTC" in page
        assert "given back by itself" in page
        assert "mute restore" not in page


async def test_a_mail_that_could_not_be_given_back_is_told_with_the_way_to(api: Api, pair: SandboxPair) -> None:
    compared = await api.compare("shopify")
    pair.woo_faults.set_rules([_GIVEN_BACK])
    sync = {"sourceOfTruth": "shopify", "compareRunId": compared["runId"], "select": "all"}
    body = await api.sync(**sync)
    live = (await api.client.get(f"/runs/{body['runId']}/live")).text
    for page in [*await _pages(api, body["runId"]), live]:
        assert _HELD in page
        assert "“crossdock mute restore”" in page
    pair.woo_faults.set_rules([])
    await api.services.mutes.restore()
    assert not any(_HELD in page for page in await _pages(api, body["runId"]))


@pytest.mark.parametrize(("source", "is_dry"), [("woocommerce", False), ("shopify", True)])
async def test_a_run_that_mails_nobody_there_says_nothing_of_it(api: Api, source: str, *, is_dry: bool) -> None:
    compared = await api.compare(source)
    body = await api.sync(sourceOfTruth=source, compareRunId=compared["runId"], select="all", dryRun=is_dry)
    await _muted(api, original_value="yes")
    overview, _, page = await _pages(api, body["runId"])
    assert _HELD in overview
    assert _HELD not in page


async def test_a_mail_that_the_shop_has_off_itself_is_not_told(api: Api) -> None:
    await _muted(api, original_value="no")
    assert _HELD not in (await api.client.get("/")).text
