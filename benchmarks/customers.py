"""Comparing and migrating customers against the sandbox with the service times of real stores.

The limit to set a rate against: Shopify's restore rate over the ten points that a customer costs at least (none above
the bulk threshold), WooCommerce's one writer at 0.1 s an account.
"""

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.sandbox import Measured, Sandbox, crossdock, sandbox


def measure(people: int, *, plan: str = "standard", bulk: bool = True) -> list[dict[str, Any]]:
    """Compare, sync both ways and compare again over `people` invented people; gives one row a command."""
    rows: list[dict[str, Any]] = []
    further = {} if bulk else {"bulk_write_threshold": str(people + 1), "bulk_read_threshold": str(people + 1)}
    with (
        sandbox("--customers", str(people), "--plan", plan) as stores,
        tempfile.TemporaryDirectory() as folder,
    ):
        variables = stores.variables(Path(folder), **further)
        for source in ("woocommerce", "shopify"):
            rows += [_row(stores, command, source, variables) for command in ("compare", "sync", "compare")]
    return rows


def _row(stores: Sandbox, command: str, source: str, variables: dict[str, str]) -> dict[str, Any]:
    before = stores.state()
    extra = ["--all", "--yes"] if command == "sync" else []
    measured = crossdock([command, "customers", "--source-of-truth", source, *extra], variables)
    after = stores.state()
    summary = measured.body["summary"]
    row: dict[str, Any] = {
        "command": f"{command} {source}",
        "records": summary.get("total", summary.get("sourceRead", 0)),
        "seconds": round(measured.seconds, 1),
        "peak MiB": round(measured.peak_mib),
        "woo requests": after["woocommerce"]["requests"] - before["woocommerce"]["requests"],
        "shopify requests": after["shopify"]["requests"] - before["shopify"]["requests"],
        "throttled": after["shopify"]["throttled"] - before["shopify"]["throttled"],
        "points": round(after["shopify"]["pointsUsed"] - before["shopify"]["pointsUsed"]),
        "mails": sum(after["woocommerce"]["mails"]["sent"].values()) + after["shopify"]["mails"],
    }
    if command == "sync":
        row |= _sync_figures(source, summary, measured, row["points"])
    else:
        row |= {"only in source": summary["customersOnlyInSource"], "different": summary["fieldDifferences"]}
    return row


def _sync_figures(source: str, summary: dict[str, Any], measured: Measured, points: int) -> dict[str, Any]:
    """Give rates over the whole command, the comparison before the sync and all start-up included."""
    per_second = summary["total"] / measured.seconds
    codes: dict[str, int] = {}
    for result in measured.body["results"]:
        if not result["success"]:
            codes[result["code"]] = codes.get(result["code"], 0) + 1
    figures: dict[str, Any] = {"per second": round(per_second, 1), "failed": summary["failed"], "codes": codes}
    if source == "woocommerce":
        figures["points a record"] = round(points / max(1, summary["total"]), 2)
    return figures
