"""Comparing and migrating customers against sandboxes with the service times of real stores.

Everybody of a full store is moved into an empty one. The limit to set a rate against: Shopify's restore rate over the
ten points that a customer costs at least (none above the bulk threshold), WooCommerce's one writer at 0.1 s an account.
"""

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.sandbox import Measured, Sandbox, crossdock, sandbox, variables

DIRECTIONS = ("woocommerce", "shopify")
_IN_EACH_STORE = {"woocommerce": 0.86, "shopify": 0.76}
"""The share of a sandbox's people that its one and its other store know."""


def measure(
    customers: int, *, sources: tuple[str, ...] = DIRECTIONS, plan: str = "standard", bulk: bool = True
) -> list[dict[str, Any]]:
    """Compare, sync and compare again, for each source with about `customers` customers; gives one row a command."""
    rows: list[dict[str, Any]] = []
    further = {} if bulk else {"bulk_write_threshold": "1000000000", "bulk_read_threshold": "1000000000"}
    for source in sources:
        people = str(round(customers / _IN_EACH_STORE[source]))
        with (
            sandbox("--customers", people, "--plan", plan) as full,
            sandbox("--customers", "0", "--plan", plan) as empty,
            tempfile.TemporaryDirectory() as folder,
        ):
            stores = (full, empty) if source == "woocommerce" else (empty, full)
            known = variables(*stores, Path(folder), **further)
            rows += [_row(stores, command, source, known) for command in ("compare", "sync", "compare")]
    return rows


def _counters(stores: tuple[Sandbox, Sandbox]) -> dict[str, float]:
    woo, shopify = stores[0].state()["woocommerce"], stores[1].state()["shopify"]
    return {
        "woo requests": woo["requests"],
        "shopify requests": shopify["requests"],
        "throttled": shopify["throttled"],
        "points": round(shopify["pointsUsed"]),
        "mails": sum(woo["mails"]["sent"].values()) + shopify["mails"],
    }


def _row(stores: tuple[Sandbox, Sandbox], command: str, source: str, known: dict[str, str]) -> dict[str, Any]:
    before = _counters(stores)
    extra = ["--all", "--yes"] if command == "sync" else []
    measured = crossdock([command, "customers", "--source-of-truth", source, *extra], known)
    after = _counters(stores)
    summary = measured.body["summary"]
    row: dict[str, Any] = {
        "command": f"{command} {source}",
        "records": summary.get("total", summary.get("sourceRead", 0)),
        "seconds": round(measured.seconds, 1),
        "peak MiB": round(measured.peak_mib),
        **{name: after[name] - before[name] for name in before},
    }
    if command == "sync":
        return row | _sync_figures(source, summary, measured, row["points"])
    return row | {"only in source": summary["customersOnlyInSource"], "different": summary["fieldDifferences"]}


def _sync_figures(source: str, summary: dict[str, Any], measured: Measured, points: float) -> dict[str, Any]:
    """Give rates over the whole command, the comparison before the sync and all start-up included."""
    codes: dict[str, int] = {}
    for result in measured.body["results"]:
        if not result["success"]:
            codes[result["code"]] = codes.get(result["code"], 0) + 1
    per_second = summary["total"] / measured.seconds
    figures: dict[str, Any] = {"per second": round(per_second, 1), "failed": summary["failed"], "codes": codes}
    if source == "woocommerce":
        figures["points a record"] = round(points / max(1, summary["total"]), 2)
    return figures
