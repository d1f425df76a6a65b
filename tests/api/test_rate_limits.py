"""While a store takes no more requests, a run says so: in its events, on its page, and on the command line."""

import json
import re
from typing import Any

import pytest

from crossdock.cli.progress import watch
from crossdock.sandbox.shopify.bucket import Rate
from crossdock.sandbox.stores import SandboxPair
from tests.api.conftest import Api


def _exhaust(pair: SandboxPair) -> None:
    """Leave so few points that a creation has to wait for a second."""
    store = pair.shopify
    store.rate = Rate("standard")
    store.lower_rate(0.3)
    for bucket in store._buckets.values():
        bucket._rate = store.rate
        bucket.take(bucket.available)


async def _waiting(api: Api, run_id: str) -> list[dict[str, Any]]:
    events = api.services.state.events.since(run_id)
    return [event.data["waiting"] for event in events if "waiting" in event.data]


async def test_a_sync_says_that_it_waits_for_the_rate_limit(
    api: Api, pair: SandboxPair, capsys: pytest.CaptureFixture[str]
) -> None:
    compared = await api.compare()
    _exhaust(pair)
    chosen = [
        {"email": row["email"], "sourceCustomerId": row["sourceCustomerId"]} for row in compared["differences"][:2]
    ]
    body = {"sourceOfTruth": "woocommerce", "customers": chosen}
    begun = await api.client.post("/api/customers/sync", json=body, headers={"Prefer": "respond-async"})
    run = await api.services.runs.get(begun.json()["runId"])
    assert (await watch(api.services, run)).state.value == "done"
    told = await _waiting(api, run.id)
    assert told[0]["platform"] == "shopify"
    assert 1 <= told[0]["seconds"] <= 10
    assert "waiting for Shopify's rate limit" in capsys.readouterr().err
    answer = await api.client.get(f"/api/runs/{run.id}/events")
    progress = [json.loads(line) for line in re.findall(r"^data: (\{.*\"waiting\".*\})$", answer.text, re.MULTILINE)]
    assert progress[0]["waiting"] == told[0]
