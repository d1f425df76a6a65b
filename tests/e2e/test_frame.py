"""The frame, and the pages of runs and connections, in a browser: themes, widths, keyboard, and without scripts."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from crossdock.state import RunState
from tests.e2e.conftest import Inspect, Site

PATIENCE = 60_000
_PAGES = ["/", "/runs", "/connections?check=all", "/styleguide", "/docs/api", "/nothing"]


def _ask(site: Site, method: str, path: str, body: dict[str, Any], page: Page) -> dict[str, Any]:
    answer = page.request.fetch(f"{site.address}{path}", method=method, data=body, timeout=PATIENCE)
    assert answer.ok, answer.text()
    return answer.json()


def _sync(site: Site, page: Page) -> str:
    """Compare customers and sync all that are missing; gives the run's id."""
    compared = _ask(site, "POST", "/api/customers/compare", {"sourceOfTruth": "woocommerce"}, page)
    selected = {"sourceOfTruth": "woocommerce", "compareRunId": compared["runId"], "select": "all"}
    return _ask(site, "POST", "/api/customers/sync", selected, page)["runId"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_stands_in_both_themes(page: Page, site: Site, inspect: Inspect, theme: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    run = _sync(site, page)
    for number, path in enumerate([*_PAGES, f"/runs/{run}", f"/runs/{run}?ask=undo"]):
        page.goto(f"{site.address}{path}")
        inspect(page, f"{number}-{theme}")
    assert errors == []


def test_everything_comes_from_here_and_htmx_is_the_stable_one(page: Page, site: Site) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.address)
    assert page.evaluate("htmx.version") == "2.0.10"
    assert [url for url in asked if not url.startswith(site.address)] == []
    assert len(page.locator("nav .i path").all()) > 4


def test_the_theme_is_switched_and_kept(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/runs")
    page.get_by_role("button", name="Dark theme").first.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page).to_have_url(f"{site.address}/runs")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 20, 22)"


def test_an_undo_is_asked_for_by_keyboard_and_focus_returns(page: Page, site: Site) -> None:
    run = _sync(site, page)
    page.goto(f"{site.address}/runs/{run}")
    opener = page.get_by_role("link", name=re.compile("^Undo"))
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("link", name=re.compile("^Undo"))).to_be_visible()
    page.goto(f"{site.address}/runs/{run}")
    page.get_by_role("link", name=re.compile("^Undo")).click()
    page.get_by_role("button", name=re.compile("^Delete")).click()
    page.wait_for_url(lambda url: run not in url)
    expect(page.get_by_text("Done", exact=True).first).to_be_visible(timeout=PATIENCE)


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(site.address)
    summary = page.locator(".topbar__menu > summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Menu")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_role("navigation", name="Menu")).to_be_hidden()
    expect(summary).to_be_focused()


def test_a_report_comes_by_itself_and_without_scripts_by_a_link(browser: Browser, page: Page, site: Site) -> None:
    page.goto(f"{site.address}/connections")
    expect(page.locator("#report-woocommerce .caps")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#report-shopify .caps")).to_be_visible(timeout=PATIENCE)
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(f"{site.address}/connections")
    plain.get_by_role("link", name="Check what this store allows").first.click()
    expect(plain.locator("#report-woocommerce .caps")).to_be_visible(timeout=PATIENCE)
    plain.context.close()


def test_a_run_is_watched_while_it_works(page: Page, site: Site) -> None:
    compared = _ask(site, "POST", "/api/customers/compare", {"sourceOfTruth": "woocommerce"}, page)
    selected = {"sourceOfTruth": "woocommerce", "compareRunId": compared["runId"], "select": "all"}
    answer = page.request.post(f"{site.address}/api/customers/sync", data=selected, headers={"Prefer": "respond-async"})
    page.goto(f"{site.address}/runs/{answer.json()['runId']}")
    # The page leads itself from what goes on to what came of it.
    expect(page.get_by_role("link", name=re.compile("^Undo"))).to_be_visible(timeout=PATIENCE)
    assert site.services.state.runs.get(answer.json()["runId"]).state is RunState.DONE
