"""The tool pages without a script: every step of the journey by links and forms, for both tools, and hostile text."""

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from crossdock.sandbox.stores import SandboxPair
from crossdock.settings import Settings
from crossdock.state import Control, RunSpec, RunState, RunType
from tests.api.conftest import Api, OpenApi

HOSTILE = "<script>alert(1)</script>\u202eevil" + "x" * 300
TOOLS = ("customer-sync", "order-sync")


async def compared(api: Api, tool: str, **options: str) -> str:
    """Compare by the form, wait, and give the result's address."""
    answer = await api.client.post(f"/{tool}/compare", data={"source": "woocommerce", "pair": "default", **options})
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    await api.services.runs.wait(run_of(address))
    return address


def run_of(address: str) -> str:
    return urlsplit(address).path.split("/")[2]


def hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


def links(page: str, part: str) -> list[str]:
    return [html.unescape(href) for href in re.findall(r'href="([^"]*)"', page) if part in href]


def chosen(page: str) -> int:
    found = re.search(r"([\d,]+) selected", page)
    assert found is not None
    return int(found[1].replace(",", ""))


async def post(api: Api, address: str, data: Mapping[str, Any]) -> httpx2.Response:
    return await api.client.post(address, data=data, follow_redirects=True)


@pytest.mark.parametrize("tool", TOOLS)
async def test_the_first_page_asks_for_the_source_and_shows_both_stores(api: Api, tool: str) -> None:
    page = (await api.client.get(f"/{tool}")).text
    swapped = (await api.client.get(f"/{tool}", params={"source": "woocommerce", "swap": "shopify"})).text
    assert page.index('value="woocommerce"') < page.index('value="shopify"')
    assert swapped.index('value="shopify"') < swapped.index('value="woocommerce"')
    assert page.count("Source of truth</span>") == 1
    assert "not counted yet" not in page
    assert "compare.createdAfter" in page
    assert "<style" not in page
    assert " style=" not in page


async def test_every_option_of_a_kind_has_a_field(api: Api) -> None:
    for tool in api.services.tools.values():
        page = (await api.client.get(f"/{tool.kind.name}-sync")).text
        assert [one.name for one in tool.compare.options if f'name="compare.{one.name}"' not in page] == []
        assert tool.sync is not None
        assert [one.name for one in tool.sync.options if f'name="sync.{one.name}"' not in page] == []


async def test_the_whole_journey_by_forms(api: Api) -> None:
    address = await compared(api, "customer-sync")
    page = (await api.client.get(address)).text
    total = api.services.state.runs.get(run_of(address)).summary["customersOnlyInSource"]
    assert f"Only in source <span>{total}</span>" in page
    assert page.count('name="chosen"') == total

    everything = await post(api, f"{address}/selection", {"action": "all"})
    assert chosen(everything.text) == total
    shown = re.findall(r'name="shown" value="([^"]+)"', page)
    kept = await post(api, f"{address}/selection", {"shown": shown, "chosen": shown[1:], "action": "keep"})
    assert chosen(kept.text) == total - 1

    asked = await post(api, f"{address}/confirm", {"shown": shown, "chosen": shown[1:]})
    assert f"Create {total - 1} customers in Shopify?" in asked.text
    assert "No customer is mailed" in asked.text
    assert f"Counted over all {total - 1}; nothing was written." in asked.text
    begun = await api.client.post(f"{address}/sync", data=hidden(asked.text))
    again = await api.client.post(f"{address}/sync", data=hidden(asked.text))
    assert begun.status_code == 303
    assert again.headers["location"] == begun.headers["location"]
    run = await api.services.runs.wait(begun.headers["location"].rsplit("/", 1)[1])
    assert (run.state, run.summary["total"]) == (RunState.DONE, total - 1)


async def test_what_is_lost_is_shown_while_it_is_counted(api: Api) -> None:
    address = await compared(api, "customer-sync")
    run = api.services.state.runs.get(run_of(address))
    stores = run.source_store, run.destination_store
    asked: dict[str, Any] = {"options": {}, "dryRun": True, "countsOnly": True, "selection": {"items": []}}
    spec = RunSpec(RunType.SYNC, run.kind, run.pair, run.source_platform, *stores, asked)
    count = api.services.state.runs.create(spec).run
    lease = api.services.state.runs.claim(count.id, "somebody", 60)
    assert lease is not None
    lost = {"code": "x", "level": "info", "message": "<b>Tags</b> are lost.", "count": 1200}
    figures = {"total": 12000, "succeeded": 3390, "failed": 10, "losses": [lost], "failures": []}
    api.services.state.runs.set_summary(lease, figures)
    part = {"hx-request": "true", "hx-target": "losses"}
    shown = await api.client.get(f"{address}/losses", params={"rehearsal": count.id}, headers=part)
    assert "Counted 3,400 of 12,000" in shown.text
    assert "&lt;b&gt;Tags&lt;/b&gt; are lost." in shown.text
    assert "load delay:1s" in shown.text
    api.services.state.runs.finish(lease, RunState.FAILED, error_message="The store does not answer.")
    ended = await api.client.get(f"{address}/losses", params={"rehearsal": count.id}, headers=part)
    assert "then it ended: The store does not answer." in ended.text
    assert "load delay:1s" not in ended.text
    whole = await api.client.get(f"{address}/losses", params={"rehearsal": count.id})
    assert whole.headers["location"] == f"{address}/confirm?rehearsal={count.id}"


async def test_drafts_are_warned_of_and_orders_are_the_alternative(api: Api) -> None:
    address = await compared(api, "order-sync")
    run = run_of(address)
    await post(api, f"{address}/selection", {"action": "all"})
    drafts = await post(api, f"{address}/confirm", {})
    orders = await post(api, f"{address}/confirm", {"sync.createAs": "order"})
    count = chosen((await api.client.get(address)).text)
    if count:
        assert f"Create {count} draft order" in drafts.text
        assert f"Create {count} order" in orders.text
        assert "Created as draft order - requires manual completion" in orders.text
    assert run in orders.text


async def test_what_changed_meanwhile_is_not_begun(api: Api) -> None:
    address = await compared(api, "customer-sync")
    await post(api, f"{address}/selection", {"action": "all"})
    form = hidden((await post(api, f"{address}/confirm", {})).text)
    await post(api, f"{address}/selection", {"action": "clear"})
    answer = await api.client.post(f"{address}/sync", data=form)
    assert answer.status_code == 422
    assert "has changed since this was shown" in answer.text
    nothing = await post(api, f"{address}/confirm", {})
    assert "Nothing is selected yet" in nothing.text


async def test_a_list_is_sorted_searched_filtered_and_exported_by_its_address(api: Api) -> None:
    address = await compared(api, "customer-sync")
    page = (await api.client.get(f"{address}?sort=email&direction=asc&hasEmail=true&search=example&page=7")).text
    assert 'aria-sort="ascending"' in page
    assert 'value="example"' in page
    export = links(page, "differences.csv")[0]
    assert parse_qs(urlsplit(export).query) == {
        "group": ["onlyInSource"],
        "search": ["example"],
        "hasEmail": ["true"],
        "sort": ["email"],
        "direction": ["asc"],
    }
    assert (await api.client.get(export)).status_code == 200
    for odd in ("page=0", "page=x", "sort=nothing", "group=nothing", "createdAfter=never", "page=" + "9" * 30):
        assert (await api.client.get(f"{address}?{odd}")).status_code == 200


async def test_a_record_shows_both_sides_and_what_would_be_sent(api: Api) -> None:
    address = await compared(api, "customer-sync")
    href = links((await api.client.get(address)).text, "/record?")[0]
    page = (await api.client.get(href)).text
    assert "Select for sync" in page
    answer = await post(api, f"{address}/payload", hidden(page))
    assert "&#34;email&#34;" in answer.text
    added = await post(api, f"{address}/selection", {**hidden(page), "action": "add"})
    assert chosen(added.text) == 1
    missing = await api.client.get(f"{address}/record", params={"record": "999999999"})
    assert missing.status_code == 404


async def test_htmx_gets_parts_and_history_the_whole(api: Api) -> None:
    address = await compared(api, "customer-sync")
    part = await api.client.get(address, headers={"HX-Request": "true", "HX-Target": "list"})
    whole = await api.client.get(address, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert part.text.lstrip().startswith('<div id="list"')
    assert "<html" in whole.text
    dock = {"HX-Request": "true", "HX-Target": "dock"}
    ticked = await api.client.post(f"{address}/selection", data={"action": "all"}, headers=dock)
    assert ticked.text.lstrip().startswith('<div class="load" id="dock"')


async def test_a_stream_ends_when_the_comparison_does(api: Api, server: httpx2.AsyncClient) -> None:
    address = await compared(api, "customer-sync")
    text = (await server.get(f"{address}/events", params={"after": 0})).text
    seen = re.findall(r"^id: (\d+)", text, re.MULTILINE)
    assert "event: end" in text
    assert 'class="lanes"' in text
    rest = (await server.get(f"{address}/events", headers={"Last-Event-ID": seen[-1]})).text
    assert re.findall(r"^id: ", rest, re.MULTILINE) == []
    assert "event: end" in rest


async def test_hostile_text_is_text(api: Api, pair: SandboxPair) -> None:
    pair.woo.name = HOSTILE
    address = await compared(api, "customer-sync")
    pages = [await api.client.get("/customer-sync"), await api.client.get(address)]
    pages += [
        await api.client.get(address, params={"search": HOSTILE}),
        await api.client.get(address, params={"sync.x": HOSTILE}),
    ]
    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.text


async def test_another_kinds_run_is_not_found_and_a_cancelled_one_says_so(api: Api) -> None:
    address = await compared(api, "customer-sync")
    assert (await api.client.get(f"/order-sync/{run_of(address)}")).status_code == 404
    assert (await api.client.get("/order-sync/nothing")).status_code == 404
    answer = await api.client.post("/order-sync/compare", data={"source": "shopify"})
    cancelled = await post(api, f"{answer.headers['location']}/cancel", {})
    run = await api.services.runs.wait(run_of(answer.headers["location"]))
    page = (await api.client.get(answer.headers["location"])).text
    assert cancelled.status_code == 200
    assert run.state is not RunState.CANCELLED or "was cancelled" in page


async def test_a_wrong_option_is_said_on_the_form(api: Api) -> None:
    answer = await api.client.post(
        "/order-sync/compare", data={"source": "woocommerce", "compare.matchWindowHours": "many"}
    )
    assert answer.status_code == 422
    assert "The comparison was not begun" in answer.text


async def test_a_paused_comparison_waits_for_a_person(api: Api) -> None:
    runs = api.services.state.runs
    done = runs.get(run_of(await compared(api, "customer-sync")))
    stores = done.source_store, done.destination_store
    run = runs.create(RunSpec(RunType.COMPARE, "customer", "default", "woocommerce", *stores, {"options": {}})).run
    lease = runs.claim(run.id, "a worker", 60)
    assert lease is not None
    waiting = (await api.client.get(f"/customer-sync/{run.id}")).text
    assert "<live-region" in waiting
    runs.request_control(run.id, Control.PAUSE)
    assert runs.pause(lease)
    paused = (await api.client.get(f"/customer-sync/{run.id}")).text
    # A stream of a run that rests would end at once, and load the page again and again.
    assert "<live-region" not in paused
    assert "Go on" in paused
    resumed = await api.client.post(f"/customer-sync/{run.id}/resume")
    assert resumed.status_code == 303
    assert (await api.services.runs.wait(run.id)).state is RunState.DONE


@pytest.mark.parametrize("tool", TOOLS)
async def test_stores_without_any_difference_say_so(api: Api, pair: SandboxPair, tool: str) -> None:
    pair.woo.reset()
    pair.shopify.reset()
    address = await compared(api, tool)
    for group in ("onlyInSource", "suspectMatches", "fieldDifferences", "duplicates", "unmatchable"):
        answer = await api.client.get(address, params={"group": group})
        assert answer.status_code == 200, group
    page = (await api.client.get(address)).text
    assert "Nothing here" in page
    assert '<svg class="chart' not in page
    empty = await api.client.post(f"{urlsplit(address).path}/confirm", data=hidden(page))
    assert empty.status_code < 500


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_tool_without_stores_leads_to_the_connections(open_api: OpenApi, settings: Settings, tool: str) -> None:
    names = ("woocommerce_url", "woocommerce_key", "woocommerce_secret", "shopify_domain", "shopify_base_url")
    bare = settings.model_copy(update=dict.fromkeys((*names, "shopify_token")))
    async with open_api(bare) as api:
        page = (await api.client.get(f"/{tool}")).text
        assert 'href="/connections"' in page
        assert "not connected" in page.lower()
        refused = await api.client.post(f"/{tool}/compare", data={"source": "woocommerce", "pair": "default"})
        assert 400 <= refused.status_code < 500
        assert "onnect" in refused.text
