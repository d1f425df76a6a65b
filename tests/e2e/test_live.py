"""Pages of runs while they work, in trouble, and in several tabs: what they show is what is so."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from crossdock.state import RunState
from tests.e2e.conftest import Inspect, Site

PATIENCE = 60_000
SLOW: dict[str, Any] = {"kind": "latency", "body": "customerCreate", "seconds": 0.4, "times": 0}
REFUSED: dict[str, Any] = {"kind": "error_before", "status": 401, "body": "customerCreate(", "times": 0}


def _missing(site: Site, page: Page, most: int) -> list[dict[str, str]]:
    """Compare, and give some customers that only the source has."""
    body = {"sourceOfTruth": "woocommerce"}
    found = page.request.post(f"{site.address}/api/customers/compare", data=body, timeout=PATIENCE).json()
    return [{"email": row["email"], "sourceCustomerId": row["sourceCustomerId"]} for row in found["differences"][:most]]


def _begin(site: Site, page: Page, customers: list[dict[str, str]]) -> str:
    """Begin a sync; gives the address of its page."""
    body = {"sourceOfTruth": "woocommerce", "customers": customers}
    answer = page.request.post(f"{site.address}/api/customers/sync", data=body, headers={"Prefer": "respond-async"})
    assert answer.status == 202, answer.text()
    return f"{site.address}/runs/{answer.json()['runId']}"


def test_a_page_outlives_a_restart_of_the_server_and_shows_the_truth(page: Page, site: Site) -> None:
    chosen = _missing(site, page, 6)
    site.pair.shopify_faults.set_rules([SLOW | {"seconds": 3}], 1)
    page.goto(_begin(site, page, chosen))
    offline = page.locator("[data-offline]")
    expect(offline).to_be_hidden()
    site.running.stop()
    expect(offline).to_be_visible(timeout=PATIENCE)
    expect(offline).to_contain_text("No connection to Crossdock")
    assert re.search(r"\d:\d\d", offline.inner_text())
    site.running.start()
    # The run goes on by itself, and the page finds its way back to it.
    expect(page.get_by_role("link", name=re.compile("^Undo"))).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".figs")).to_contain_text("all accounted for")
    emails = [customer.email for customer in site.pair.shopify.customers]
    assert [emails.count(one["email"]) for one in chosen] == [1] * len(chosen)


def test_what_one_tab_does_the_other_shows(page: Page, site: Site, inspect: Inspect) -> None:
    chosen = _missing(site, page, 6)
    # Asked before the first record: so few are one chunk, and a run whose last chunk is sent is done.
    site.pair.shopify_faults.set_rules([SLOW | {"body": "CrossdockMarkerDefinition", "seconds": 5, "times": 1}], 1)
    page.goto(_begin(site, page, chosen))
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_role("button", name="Pause").click()
    for tab in (page, other):
        expect(tab.get_by_text(re.compile("^Paused at"))).to_be_visible(timeout=PATIENCE)
    inspect(page, "paused")
    other.reload()
    other.get_by_role("button", name="Resume").click()
    for tab in (page, other):
        expect(tab.get_by_role("link", name=re.compile("^Undo"))).to_be_visible(timeout=PATIENCE)


def test_a_run_that_fails_says_why_and_is_resumed(page: Page, site: Site, inspect: Inspect) -> None:
    chosen = _missing(site, page, 3)
    site.pair.shopify_faults.set_rules([REFUSED], 1)
    page.goto(_begin(site, page, chosen))
    expect(page.get_by_role("alert")).to_contain_text("This run stopped at 0 of 3", timeout=PATIENCE)
    expect(page.get_by_role("alert")).to_contain_text("Shopify")
    expect(page.get_by_role("alert").get_by_role("link", name="Connections")).to_be_visible()
    inspect(page, "failed")
    site.pair.shopify_faults.set_rules([], 1)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("link", name="Undo 3 customers")).to_be_visible(timeout=PATIENCE)


def test_what_failed_is_told_by_cause_and_opens_its_records(page: Page, site: Site, inspect: Inspect) -> None:
    chosen = _missing(site, page, 3)
    site.pair.woo.accounts.remove(site.pair.woo.accounts.by_email(chosen[0]["email"])[0])
    chosen[1]["email"] = "somebody-else@example.com"
    page.goto(_begin(site, page, chosen))
    expect(page.locator(".cause")).to_have_count(2, timeout=PATIENCE)
    inspect(page, "causes")
    page.locator("#show-source_not_found").click()
    expect(page.locator("#results tbody tr")).to_have_count(1)
    expect(page.locator("#results")).to_contain_text(chosen[0]["email"])
    page.go_back()
    expect(page.locator("#results tbody tr")).to_have_count(3)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export results").click()
    assert chosen[0]["email"] in download.value.path().read_text()
    page.get_by_role("button", name="Retry 2 failed").click()
    expect(page.locator(".cause")).to_have_count(2, timeout=PATIENCE)


def test_a_run_that_was_left_for_days_waits_for_a_person(page: Page, site: Site, inspect: Inspect) -> None:
    chosen = _missing(site, page, 3)
    site.pair.shopify_faults.set_rules([SLOW | {"seconds": 5}], 1)
    page.goto(_begin(site, page, chosen))
    expect(page.get_by_text("Writing").first).to_be_visible(timeout=PATIENCE)
    site.running.stop()
    site.pair.shopify_faults.set_rules([], 1)
    site.running.age_runs(days=2)
    site.running.start()
    page.reload()
    expect(page.get_by_text(re.compile("^Left for more than a day"))).to_be_visible()
    inspect(page, "left")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text(re.compile("^Cancelled at"))).to_be_visible(timeout=PATIENCE)
    assert site.services.state.runs.get(page.url.rsplit("/", 1)[1]).state is RunState.CANCELLED


def test_no_request_for_a_part_fails_in_silence(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/customer-sync")
    page.locator("#compare").click()
    expect(page.locator("#list")).to_be_visible(timeout=PATIENCE)
    toasts, sort = page.locator("#toasts .toast"), page.locator("#sort-1")
    told = {
        "offline": "can't be reached",
        "proxy": "answered 502",
        "gone": "no run of that id",
    }
    page.route("**/customer-sync/*?*sort*", lambda route: route.abort())
    sort.click()
    expect(toasts).to_contain_text(told["offline"])
    page.unroute_all()
    page.route("**/customer-sync/*?*sort*", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    sort.click()
    expect(toasts).to_have_count(2)
    expect(toasts.last).to_contain_text(told["proxy"])
    expect(page.locator("#list")).to_be_visible()
    page.unroute_all()
    page.evaluate("document.querySelector('#sort-1').setAttribute('hx-get', '/customer-sync/none')")
    page.evaluate("htmx.process(document.querySelector('#sort-1'))")
    sort.click()
    expect(toasts).to_have_count(3)
    expect(toasts.last).to_contain_text(told["gone"])
    for _ in range(3):
        toasts.last.get_by_role("button", name="Close").click()
    expect(toasts).to_have_count(0)


def test_lists_are_walked_by_keys(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/customer-sync")
    # A tab of another test may have kept the window's focus.
    page.bring_to_front()
    page.locator("#compare").click()
    expect(page.locator("#list")).to_be_visible(timeout=PATIENCE)
    for key in "jxjjxk":
        page.keyboard.press(key)
    expect(page.locator("#open-2")).to_be_focused()
    expect(page.locator("#row-1")).to_be_checked()
    expect(page.locator("#row-3")).to_be_checked()
    expect(page.locator("#dock")).to_contain_text("2 selected")
    page.keyboard.press("Enter")
    expect(page.locator("#record")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(page.locator("#open-2")).to_be_focused()
    page.keyboard.press("Shift+X")
    expect(page.locator("#row-2")).to_be_checked()
    page.keyboard.press("/")
    page.keyboard.type("jx?")
    expect(page.locator("#search")).to_have_value("jx?")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
