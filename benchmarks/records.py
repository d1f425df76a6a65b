"""Comparing and migrating customers or orders against sandboxes with the service times of real stores.

All records of a full store are moved into an empty one. The limit to set a rate against: Shopify's restore rate over
the ten points that a customer, or the eleven that an order costs at least (none for customers above the bulk
threshold); WooCommerce's one writer at 0.1 s an account.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.sandbox import Measured, Sandbox, crossdock, sandbox, variables

DIRECTIONS = ("woocommerce", "shopify")
_IN_EACH_STORE = {
    "customers": {"woocommerce": 0.86, "shopify": 0.76},
    "orders": {"woocommerce": 0.85, "shopify": 0.7},
}
"""The share of a sandbox's records that its one and its other store know."""
_BUYERS = 0.3
"""How many customers there are for one order."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured: a kind of record, how many of them, whether they are written too."""

    kind: str
    records: int
    plan: str = "standard"
    is_bulk: bool = True
    writes: bool = True

    def content(self, source: str) -> list[str]:
        """Give the options of a sandbox that has about as many records in its store of the platform `source`."""
        made = round(self.records / _IN_EACH_STORE[self.kind][source])
        if self.kind == "customers":
            return ["--customers", str(made), "--orders", "0"]
        return ["--customers", str(max(50, round(made * _BUYERS))), "--orders", str(made)]


def measure(subject: Subject, sources: tuple[str, ...] = DIRECTIONS) -> list[dict[str, Any]]:
    """Compare, sync and compare again, for each source; gives one row a command."""
    rows: list[dict[str, Any]] = []
    further = {} if subject.is_bulk else {"bulk_write_threshold": "1000000000", "bulk_read_threshold": "1000000000"}
    commands = ("compare", "sync", "compare") if subject.writes else ("compare",)
    for source in sources:
        with (
            sandbox(*subject.content(source), "--plan", subject.plan) as full,
            sandbox("--customers", "0", "--orders", "0", "--plan", subject.plan) as empty,
            tempfile.TemporaryDirectory() as folder,
        ):
            stores = (full, empty) if source == "woocommerce" else (empty, full)
            if not subject.writes:
                # Reading both stores of one sandbox is what a comparison of two full stores costs.
                stores = (full, full)
            known = variables(*stores, Path(folder), **further)
            if subject.kind == "orders" and subject.writes:
                # The people first, so that the figures of orders are their own.
                crossdock(["sync", "customers", "--source-of-truth", source, "--all", "--yes"], known)
            rows += [_row(subject, stores, command, source, known) for command in commands]
    return rows


def _counters(stores: tuple[Sandbox, Sandbox]) -> dict[str, float]:
    woo, shopify = stores[0].state()["woocommerce"], stores[1].state()["shopify"]
    return {
        "woo requests": woo["requests"],
        "shopify requests": shopify["requests"],
        "throttled": shopify["throttled"],
        "points": round(shopify["pointsUsed"]),
        "mails": sum(woo["mails"]["sent"].values()) + shopify["mails"],
        "stock": woo["stockChanges"] + shopify["stockChanges"],
    }


def _row(
    subject: Subject, stores: tuple[Sandbox, Sandbox], command: str, source: str, known: dict[str, str]
) -> dict[str, Any]:
    before = _counters(stores)
    extra = ["--all", "--yes"] if command == "sync" else []
    if command == "sync" and subject.kind == "orders":
        extra += ["--create-as", "order"]
    measured = crossdock([command, subject.kind, "--source-of-truth", source, *extra], known)
    after = _counters(stores)
    summary = measured.body["summary"]
    row: dict[str, Any] = {
        "command": f"{command} {subject.kind} {source}",
        "records": summary.get("total", summary.get("sourceRead", 0)),
        "seconds": round(measured.seconds, 1),
        "peak MiB": round(measured.peak_mib),
        **{name: after[name] - before[name] for name in before},
    }
    if command == "sync":
        return row | _sync_figures(source, summary, measured, row["points"])
    return row | {"only in source": summary[f"{subject.kind}OnlyInSource"], "different": summary["fieldDifferences"]}


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
