"""Text that wants to be more than text, or is too long, in every field of a store, on every page of a tool."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Site

PATIENCE = 60_000
_RIGHT_TO_LEFT = "\u202e\u05e9\u05dc\u05d5\u05dd"
HOSTILE = (
    f"<script>window.hacked=1</script><img src=x onerror=window.hacked=1>{_RIGHT_TO_LEFT} \U0001f9f5 {{{{7*7}}}} "
    + "x" * 220
)


def _person(email: str) -> dict[str, Any]:
    address = dict.fromkeys(("first_name", "last_name", "company", "address_1", "address_2", "city", "state"), HOSTILE)
    address |= {"postcode": "<b>1</b>", "country": "DE", "email": email, "phone": "<i>+49</i>"}
    names = {"first_name": HOSTILE, "last_name": HOSTILE}
    return {"email": email, "username": "zz-hostile", **names, "role": "customer", "billing": address}


def _order(person: dict[str, Any]) -> dict[str, Any]:
    line = {"name": HOSTILE, "sku": "<u>", "quantity": 1, "subtotal": "10.00", "total": "10.00", "product_id": 0}
    return {
        "status": "processing",
        "currency": "EUR",
        "total": "10.00",
        "billing": person["billing"],
        "shipping": person["billing"],
        "customer_note": HOSTILE,
        "payment_method_title": HOSTILE,
        "date_created_gmt": "2026-01-05T10:00:00",
        "line_items": [line],
    }


def _is_harmless(page: Page) -> None:
    """Nothing was run, nothing became an element, and nothing is wider than a phone or a screen."""
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src=x]").count() == 0
    wide = page.viewport_size or {"width": 1280, "height": 720}
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        for part in ("document.documentElement", "document.querySelector('dialog:modal') ?? document.body"):
            assert page.evaluate(f"(one => one.scrollWidth - one.clientWidth)({part})") <= 0, (page.url, width, part)
    page.set_viewport_size(wide)


@pytest.mark.parametrize("tool", ["customer-sync", "order-sync"])
def test_hostile_text_stays_text(page: Page, site: Site, tool: str) -> None:
    person = _person("zz-hostile@example.com")
    site.pair.woo.load_customers([person])
    site.pair.woo.load_orders([_order(person)])
    site.pair.woo.name = HOSTILE
    page.goto(f"{site.address}/{tool}")
    expect(page.locator(".store.is-source .store__facts")).to_contain_text("<script>")
    _is_harmless(page)
    page.locator("#compare").click()
    expect(page.locator("#list")).to_be_visible(timeout=PATIENCE)
    page.goto(f"{page.url}?search=zz-hostile")
    expect(page.locator("#open-1")).to_be_visible()
    _is_harmless(page)
    page.locator("#open-1").click()
    expect(page.locator("#payload .code, #payload .alert").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#record")).to_contain_text("<script>")
    _is_harmless(page)
    page.keyboard.press("Escape")
    page.locator("#row-1").check()
    expect(page.locator("#dock")).to_contain_text("1 selected")
    page.locator("#sync").click()
    expect(page.locator("#start-sync")).to_be_visible(timeout=PATIENCE)
    _is_harmless(page)
    page.locator("#start-sync").click()
    page.wait_for_url(re.compile(r"/runs/"), timeout=PATIENCE)
    expect(page.get_by_role("link", name="Export results")).to_be_visible()
    expect(page.locator("#results tbody tr")).to_have_count(1, timeout=PATIENCE)
    _is_harmless(page)
    for path in ("/", "/runs", "/connections?check=all"):
        page.goto(f"{site.address}{path}")
        _is_harmless(page)
    page.goto(f"{site.address}/{tool}?source=%3Cscript%3E{'x' * 300}")
    _is_harmless(page)
