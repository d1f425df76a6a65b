"""`python -m benchmarks [--full | --pages [N] | --workers] [--customers N] [--orders N] …`: what `make bench` runs."""

import argparse
import json
import os
import platform
from typing import Any

from benchmarks.overhead import measure_overhead
from benchmarks.pages import measure_pages
from benchmarks.records import DIRECTIONS, Subject, measure
from benchmarks.workers import PAIRS, measure_workers


def main() -> None:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--full", action="store_true", help="larger sizes, both ways of writing to Shopify")
    parser.add_argument("--customers", type=int, help="about how many customers the full store has")
    parser.add_argument("--orders", type=int, help="about how many orders the full store has")
    parser.add_argument("--only", choices=("customers", "orders"), help="only this kind")
    parser.add_argument("--compare-only", action="store_true", help="compare two full stores, and write nothing")
    parser.add_argument("--source", choices=DIRECTIONS, help="only this direction")
    parser.add_argument("--plan", choices=("standard", "plus"), default="standard", help="Shopify plan")
    parser.add_argument("--no-bulk", action="store_true", help="write to Shopify record by record")
    parser.add_argument("--workers", action="store_true", help="only one, two and four workers on eight pairs")
    parser.add_argument("--overhead", action="store_true", help="only what a sync costs outside HTTP")
    parser.add_argument("--pages", type=int, nargs="?", const=1_000_000, help="only lists of so many differences")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    sizes = {
        "customers": chosen.customers or (20_000 if chosen.full else 1_000),
        "orders": chosen.orders or (2_000 if chosen.full else 300),
    }
    sources = (chosen.source,) if chosen.source else DIRECTIONS
    kinds = (chosen.only,) if chosen.only else tuple(sizes)
    if chosen.pages:
        kinds, sizes = (), {"differences": chosen.pages}
        rows = list(measure_pages(chosen.pages))
    elif chosen.workers:
        kinds, sizes["customers"] = ("customers",), chosen.customers or 240
        rows = measure_workers(sizes["customers"])
    else:
        measured = measure_overhead if chosen.overhead else measure
        rows = [row for kind in kinds for row in measured(_subject(chosen, kind, sizes[kind]), sources)]
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    if chosen.json:
        print(json.dumps({"machine": machine, "sizes": sizes, "plan": chosen.plan, "rows": rows}, indent=2))
        return
    told = ", ".join(f"{sizes[kind]} {kind}" for kind in kinds or sizes)
    where = f" for each of {PAIRS} pairs" if chosen.workers else ""
    width = max(len(row["command"]) for row in rows)
    print(f"about {told}{where}, plan {chosen.plan}, {machine}")
    for row in rows:
        print(_line(row, width))


def _subject(chosen: argparse.Namespace, kind: str, records: int) -> Subject:
    return Subject(kind, records, chosen.plan, is_bulk=not chosen.no_bulk, writes=not chosen.compare_only)


def _line(row: dict[str, Any], width: int) -> str:
    rest = ", ".join(f"{name} {value}" for name, value in row.items() if name != "command")
    return f"{row['command']:<{width}} {rest}"


if __name__ == "__main__":
    main()
