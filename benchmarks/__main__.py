"""`python -m benchmarks [--full] [--customers N] [--source NAME] [--json]`: what `make bench` runs."""

import argparse
import json
import os
import platform
from typing import Any

from benchmarks.customers import DIRECTIONS, measure


def main() -> None:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--full", action="store_true", help="larger sizes, both ways of writing to Shopify")
    parser.add_argument("--customers", type=int, help="about how many customers the full store has")
    parser.add_argument("--source", choices=DIRECTIONS, help="only this direction")
    parser.add_argument("--plan", choices=("standard", "plus"), default="standard", help="Shopify plan")
    parser.add_argument("--no-bulk", action="store_true", help="write to Shopify record by record")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    customers = chosen.customers or (20_000 if chosen.full else 1_000)
    sources = (chosen.source,) if chosen.source else DIRECTIONS
    rows = measure(customers, sources=sources, plan=chosen.plan, bulk=not chosen.no_bulk)
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    if chosen.json:
        print(json.dumps({"machine": machine, "customers": customers, "plan": chosen.plan, "rows": rows}, indent=2))
        return
    print(f"about {customers} customers, plan {chosen.plan}, {machine}")
    for row in rows:
        print(_line(row))


def _line(row: dict[str, Any]) -> str:
    rest = ", ".join(f"{name} {value}" for name, value in row.items() if name != "command")
    return f"{row['command']:<22} {rest}"


if __name__ == "__main__":
    main()
