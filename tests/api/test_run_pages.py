"""The pages of runs, connections and problems, by forms alone: nothing here needs a script."""

import re
from typing import Any

import pytest

from crossdock.sandbox.stores import SandboxPair
from crossdock.settings import Settings
from tests.api.conftest import Api, OpenApi

HTML = {"accept": "text/html"}


async def _synced(api: Api, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    compared = await api.compare()
    return await api.sync(sourceOfTruth="woocommerce", compareRunId=compared["runId"], select="all", **more)


async def test_the_history_lists_filters_and_pages(api: Api) -> None:
    body = await _synced(api)
    page = (await api.client.get("/runs")).text
    assert f"Sync {body['runId'][-8:]}" in page
    assert re.search(r"1.2 of 2 ", page)
    narrowed = (await api.client.get("/runs?type=compare&kind=customer&state=done")).text
    assert f"Sync {body['runId'][-8:]}" not in narrowed
    assert "No run is like that" in (await api.client.get("/runs?kind=order")).text
    assert "No run is like that" in (await api.client.get("/runs?page=9")).text


async def test_htmx_is_given_a_part_and_everybody_else_the_whole(api: Api) -> None:
    whole, part = await api.client.get("/runs"), await api.client.get("/runs", headers={"hx-request": "true"})
    assert "<html" in whole.text
    assert "<html" not in part.text
    assert part.text.strip() != ""
    assert whole.headers["vary"] == part.headers["vary"] == "HX-Request"


async def test_a_comparison_opens_on_its_tools_page(api: Api) -> None:
    compared = await api.compare()
    answer = await api.client.get(f"/runs/{compared['runId']}")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/customer-sync/{compared['runId']}"


async def test_a_run_is_shown_and_undone_by_forms(api: Api) -> None:
    body = await _synced(api)
    created = body["summary"]["succeeded"] - body["summary"].get("alreadyThere", 0)
    page = (await api.client.get(f"/runs/{body['runId']}")).text
    assert f"Undo {created} customers" in page
    assert f'href="/api/runs/{body["runId"]}/results.csv"' in page
    assert "data-modal" in (await api.client.get(f"/runs/{body['runId']}?ask=undo")).text
    begun = await api.client.post(f"/runs/{body['runId']}/undo")
    assert begun.status_code == 303
    undone = begun.headers["location"].rsplit("/", 1)[1]
    await api.services.runs.wait(undone)
    page = (await api.client.get(f"/runs/{undone}")).text
    assert "Deleted" in page
    assert f'href="/runs/{body["runId"]}"' in page


async def test_failures_are_grouped_and_retried(api: Api) -> None:
    body = await _synced(api)
    sources = [{"email": "nobody@example.com", "sourceCustomerId": "987654"}]
    failed = await api.sync(sourceOfTruth="woocommerce", customers=sources)
    assert failed["summary"]["failed"] == 1
    page = (await api.client.get(f"/runs/{failed['runId']}")).text
    assert "Retry 1 failed" in page
    assert "source_not_found" in page
    retried = await api.client.post(f"/runs/{failed['runId']}/retry-failed")
    assert retried.headers["location"] not in {f"/runs/{failed['runId']}", f"/runs/{body['runId']}"}
    await api.services.runs.wait(retried.headers["location"].rsplit("/", 1)[1])


async def test_a_live_run_tells_html_and_ends(api: Api) -> None:
    body = await _synced(api)
    answer = await api.client.get(f"/runs/{body['runId']}/live")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.count("event: end") == 1
    assert re.search(r"^id: \d+$", answer.text, re.MULTILINE)
    assert "Created" in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nothing", 404), ("/runs/none", 404), ("/runs?page=0", 422), ("/connections?pair=none", 404)],
)
async def test_a_browser_is_shown_a_page_about_a_problem(api: Api, path: str, status: int) -> None:
    answer = await api.client.get(path, headers=HTML)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "<h1>" in answer.text
    assert (await api.client.get(path)).headers["content-type"] == "application/problem+json"
    # As htmx asks, which says that it takes anything.
    part = await api.client.get(path, headers={"hx-request": "true"})
    assert part.headers["hx-retarget"] == "#toasts"
    assert "<html" not in part.text


async def test_the_api_answers_problems_to_browsers_too(api: Api) -> None:
    answer = await api.client.get("/api/runs/none", headers=HTML)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_theme_is_kept_and_nobody_is_led_elsewhere(api: Api) -> None:
    chosen = await api.client.post("/theme", data={"theme": "dark", "back": "/runs?kind=order"})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/runs?kind=order")
    assert 'data-theme="dark"' in (await api.client.get("/")).text
    for elsewhere in ("//evil.example.com", "https://evil.example.com", "/\\evil.example.com"):
        led = await api.client.post("/theme", data={"theme": "system", "back": elsewhere})
        assert led.headers["location"] == "/"
    assert "data-theme" not in (await api.client.get("/")).text


async def test_stores_are_connected_checked_and_removed_by_forms(open_api: OpenApi, settings: Settings) -> None:
    values = settings.model_dump()
    keys = [values["woocommerce_url"], settings.woocommerce_key, settings.woocommerce_secret]
    bare = settings.model_copy(update={"woocommerce_url": None, "woocommerce_key": None, "woocommerce_secret": None})
    async with open_api(bare) as api:
        assert "Connect WooCommerce" in (await api.client.get("/connections")).text
        form = {"url": str(keys[0]), "consumerKey": "ck_" + "0" * 40, "consumerSecret": "cs_" + "0" * 40}
        refused = await api.client.post("/connections/woocommerce", data=form)
        assert refused.status_code == 424
        assert 'role="alert"' in refused.text
        assert str(keys[0]) in refused.text
        assert form["consumerSecret"] not in refused.text
        assert keys[1] is not None
        assert keys[2] is not None
        form |= {"consumerKey": keys[1].get_secret_value(), "consumerSecret": keys[2].get_secret_value()}
        taken = await api.client.post("/connections/woocommerce", data=form)
        assert (taken.status_code, taken.headers["location"]) == (303, "/connections?check=woocommerce")
        report = (await api.client.get(taken.headers["location"])).text
        assert "passed" in report
        assert form["consumerSecret"] not in report
        assert (await api.client.post("/connections/woocommerce/forget")).status_code == 303
        assert await api.services.connections.get("default", "woocommerce") is None


async def test_pairs_are_made_switched_and_forgotten(api: Api) -> None:
    made = await api.client.post("/connections/pairs", data={"name": "second"})
    assert made.headers["location"] == "/connections?pair=second"
    page = (await api.client.get(made.headers["location"])).text
    assert 'href="/runs?pair=second"' in page
    assert "Switch pair" in page
    gone = await api.client.post("/connections/pairs/forget?pair=second")
    assert gone.headers["location"] == "/connections"
    assert "Switch pair" not in (await api.client.get("/connections")).text


async def test_what_the_environment_sets_can_not_be_changed_on_a_page(api: Api) -> None:
    page = (await api.client.get("/connections")).text
    assert "variables, and is changed there" in page
    assert (await api.client.post("/connections/shopify/forget", headers=HTML)).status_code == 422


async def test_a_hostile_name_is_text_everywhere(api: Api, pair: SandboxPair) -> None:
    pair.woo.name = '<script>alert(1)</script>" onload="x'
    for path in ("/", "/connections?check=all"):
        page = (await api.client.get(path)).text
        assert "<script>alert" not in page
        assert '" onload="x' not in page


async def test_another_sites_form_is_refused(api: Api) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    answer = await api.client.post("/connections/pairs", data={"name": "x"}, headers=headers)
    assert answer.status_code == 403


async def test_the_style_sheet_shows_every_component(api: Api) -> None:
    page = (await api.client.get("/styleguide")).text
    assert "&lt;script&gt;" in page
    assert page.count('class="sheet"') >= 9


async def test_previews_are_listed_apart_and_in_no_other_list(api: Api) -> None:
    preview = (await _synced(api, dryRun=True))["runId"]
    name = f"Preview {preview[-8:]}"
    for path in ("/runs", "/runs?type=sync", "/"):
        assert name not in (await api.client.get(path)).text, path
    listed = (await api.client.get("/runs?type=preview")).text
    assert name in listed
    assert re.search(r"Previews\W+(<[^>]+>\W*)*1\b", listed)
    assert "Preview, nothing written" in listed


async def test_what_is_not_known_is_told_with_how_to_check(api: Api, pair: SandboxPair) -> None:
    compared = await api.compare("shopify")
    synced = await api.sync(sourceOfTruth="shopify", compareRunId=compared["runId"], select="all")
    pair.woo_faults.set_rules([{"kind": "error_before", "status": 502, "method": "DELETE", "nth": 1}], 1)
    undo = (await api.client.post(f"/runs/{synced['runId']}/undo")).headers["location"]
    await api.services.runs.wait(undo.rsplit("/", 1)[1])
    page = (await api.client.get(undo)).text
    assert "Outcome not known" in page
    assert "WooCommerce" in page
    assert f"{undo}?code=outcome_unknown" in page
    only = (await api.client.get(f"{undo}?code=outcome_unknown")).text
    assert re.search(r"1.1 of 1 ", only)
    other = (await api.client.get(f"{undo}?code=source_not_found")).text
    assert "There are none." in other


async def test_a_paused_run_that_is_resumed_elsewhere_is_told_to_be_loaded_anew(api: Api) -> None:
    body = await _synced(api)
    told = (await api.client.get(f"/runs/{body['runId']}/live?shown=paused")).text
    assert (told.count("event: end"), told.count("Created")) == (1, 0)
