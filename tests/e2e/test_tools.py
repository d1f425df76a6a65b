"""The tool pages in a browser: the whole journey of both tools in both directions, and five tasks by keyboard alone."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Inspect, Site

PATIENCE = 60_000
JOURNEYS = [
    ("customer-sync", "woocommerce", "light"),
    ("customer-sync", "shopify", "dark"),
    ("order-sync", "woocommerce", "dark"),
    ("order-sync", "shopify", "light"),
]


@pytest.mark.parametrize("journey", JOURNEYS, ids=["-".join(one[:2]) for one in JOURNEYS])
def test_a_journey(page: Page, site: Site, inspect: Inspect, journey: tuple[str, str, str]) -> None:
    tool, source, theme = journey
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(f"{site.address}/{tool}")
    page.locator(f"#source-{source}").check()
    expect(page.locator(".store.is-source input")).to_have_value(source)
    page.locator("details.opts > summary").click()
    inspect(page, "start")
    page.locator("#compare").click()
    expect(page.locator("#list")).to_be_visible(timeout=PATIENCE)
    assert source == site.services.state.runs.get(page.url.split("?")[0].rsplit("/", 1)[1]).source_platform

    page.locator("#row-1").check()
    page.locator("#row-2").check()
    expect(page.locator("#dock")).to_contain_text("2 selected")
    page.locator("#sort-1").click()
    expect(page.locator("#dock")).to_contain_text("2 selected")
    page.locator("#select-all").click()
    expect(page.locator("#rows .box:checked").first).to_be_visible()
    inspect(page, "result")

    page.locator("#open-1").click()
    expect(page.locator("#payload .code, #payload .alert").first).to_be_visible(timeout=PATIENCE)
    inspect(page, "record")
    page.keyboard.press("Escape")
    expect(page.locator("#open-1")).to_be_focused()

    page.locator("#clear").click()
    expect(page.locator("#dock")).to_contain_text("0 selected")
    page.locator("#row-1").check()
    expect(page.locator("#dock")).to_contain_text("1 selected")
    page.locator("#sync").click()
    expect(page.locator("#start-sync")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#confirm")).to_contain_text("No customer is mailed")
    inspect(page, "confirm")
    page.locator("#start-sync").click()
    page.wait_for_url(re.compile(r"/runs/"), timeout=PATIENCE)
    expect(page.locator("main")).to_contain_text("1", timeout=PATIENCE)
    assert errors == []


@pytest.mark.parametrize("tool", ["customer-sync", "order-sync"])
def test_a_journey_without_a_script(browser: Browser, site: Site, tool: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site.address}/{tool}")
    page.locator("#compare").click()
    while not page.locator("#list").count():
        page.reload()
    page.locator("#row-1").check()
    page.get_by_role("button", name="Keep what is ticked").click()
    expect(page.locator("#dock")).to_contain_text("1 selected")
    page.locator("#open-1").click()
    expect(page.locator("#record")).to_be_visible()
    page.get_by_role("button", name="Show what a sync would send").click()
    expect(page.locator("#payload .code, #payload .alert").first).to_be_visible(timeout=PATIENCE)
    page.locator("#record [data-close]").click()
    page.locator("#sync").click()
    expect(page.locator("#confirm")).to_be_visible()
    page.locator("#start-sync").click()
    page.wait_for_url(re.compile(r"/runs/"), timeout=PATIENCE)


def test_back_and_a_second_tab_show_the_same(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/order-sync")
    page.locator("#compare").click()
    expect(page.locator("#list")).to_be_visible(timeout=PATIENCE)
    page.locator("#row-1").check()
    expect(page.locator("#dock")).to_contain_text("1 selected")
    before = page.url
    page.locator("#sort-1").click()
    page.wait_for_url(re.compile("sort="))
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#dock")).to_contain_text("1 selected")
    assert other.locator("#open-1").inner_text() == page.locator("#open-1").inner_text()
    page.go_back()
    page.wait_for_url(before)
    expect(page.locator("#dock")).to_contain_text("1 selected")


class Keys:
    """A keyboard that counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.pressed += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.pressed += len(text)

    def reach(self, target: str, key: str = "Tab", most: int = 80) -> None:
        """Tab on until the target has the focus."""
        for _ in range(most):
            if self.page.locator(target).first.evaluate("element => element === document.activeElement"):
                return
            self.press(key)
        raise AssertionError(f"{target} was not reached")


def find_one(keys: Keys) -> None:
    page = keys.page
    wanted = page.locator("#open-3").inner_text()
    keys.press("/")
    keys.type(wanted[:8])
    keys.press("Enter")
    expect(page.locator(".chip.is-on")).to_be_visible()
    expect(page.locator("#open-1")).to_contain_text(wanted[:8])


def export(keys: Keys) -> None:
    keys.reach("#export")
    with keys.page.expect_download() as download:
        keys.press("Enter")
    assert download.value.suggested_filename.endswith(".csv")


def sync_three(keys: Keys, site: Site) -> None:
    page = keys.page
    for row in ("#row-1", "#row-2", "#row-3"):
        keys.press("j")
        keys.press("x")
        expect(page.locator(row)).to_be_checked()
    expect(page.locator("#dock")).to_contain_text("3 selected")
    # One of them is deleted in the source before it can be migrated.
    for account in site.pair.woo.accounts.by_email(page.locator("#open-3").inner_text()):
        site.pair.woo.accounts.remove(account)
    keys.reach("#sync", most=200)
    keys.press("Enter")
    expect(page.locator("#start-sync")).to_be_visible(timeout=PATIENCE)
    keys.reach("#start-sync")
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/runs/"), timeout=PATIENCE)
    expect(page.locator("[data-opens=undo]")).to_be_visible(timeout=PATIENCE)


def explain_a_failure(keys: Keys) -> None:
    keys.reach("a[href*='show=failed']")
    keys.press("Enter")
    keys.page.wait_for_url(re.compile("show=failed"))
    expect(keys.page.locator("main")).to_contain_text("The source has no record with this id")


def undo(keys: Keys) -> None:
    keys.reach("[data-opens=undo]")
    keys.press("Enter")
    expect(keys.page.locator("#undo")).to_be_visible()
    keys.reach("#undo [data-confirmed]")
    keys.press("Enter")
    keys.page.wait_for_url(re.compile(r"/runs/[^?]*$"), timeout=PATIENCE)
    expect(keys.page.locator("main")).to_contain_text(re.compile("undo", re.IGNORECASE), timeout=PATIENCE)


def test_five_tasks_by_keyboard_alone(page: Page, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    keys = Keys(page)
    page.goto(f"{site.address}/customer-sync")
    keys.reach("#compare")
    keys.press("Enter")
    expect(page.locator("#list")).to_be_visible(timeout=PATIENCE)
    told: dict[str, int] = {}

    def count(task: str) -> None:
        told[task] = keys.pressed
        keys.pressed = 0

    count("compare")
    find_one(keys)
    count("find one missing record")
    export(keys)
    count("export")
    page.goto(page.url.split("?")[0])
    sync_three(keys, site)
    count("sync three")
    explain_a_failure(keys)
    count("explain a failure")
    undo(keys)
    count("undo")
    with capsys.disabled():
        print(f" keys pressed: {told}")  # noqa: T201 - the count is what this test is there to tell
    assert max(told.values()) < 60
