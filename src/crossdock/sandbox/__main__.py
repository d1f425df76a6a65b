"""Own the sandbox's own command line, `python -m crossdock.sandbox`: options in, addresses and keys out."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.server import Sandbox, describe, describe_json, serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve a sandbox until interrupted and return the exit code: 2 for options that can't be used."""
    chosen = _parser().parse_args(arguments)

    def tell(sandbox: Sandbox) -> None:
        sys.stdout.write((describe_json(sandbox) if chosen.json else describe(sandbox)) + "\n")
        sys.stdout.flush()

    try:
        serve(chosen.port, chosen.host, _options(chosen), tell=tell)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _options(chosen: argparse.Namespace) -> SandboxOptions:
    return SandboxOptions(
        seed=chosen.seed,
        customers=chosen.customers,
        orders=chosen.orders,
        pairs=chosen.pairs,
        load=chosen.load,
        timezone=chosen.timezone,
        plan=chosen.plan,
        development=chosen.development,
        hpos=chosen.hpos,
        tax=chosen.tax,
        service_times=chosen.service_times,
        index_lag=chosen.index_lag,
        deferred_mails=chosen.deferred_mails,
        faults=read_fault_script(chosen.faults) if chosen.faults else (),
    )


def read_fault_script(file: Path) -> tuple[dict[str, Any], ...]:
    """Return the rules of a fault script; raises OSError, or ValueError for what is no list of objects."""
    rules: object = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(rules, list) or any(not isinstance(rule, dict) for rule in cast("list[Any]", rules)):
        raise ValueError(f"{file} must hold a list of fault rules")
    return tuple(cast("list[dict[str, Any]]", rules))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="crossdock sandbox", description="Serve WooCommerce and Shopify stores.")
    parser.add_argument("--port", type=int, default=0, help="port to serve at; 0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to serve at")
    parser.add_argument("--load", type=Path, help="folder with records (customers.jsonl.gz and so on) for pair 1")
    parser.add_argument("--seed", type=int, default=1, help="which invented people there are")
    parser.add_argument("--customers", type=int, default=500, help="how many people, over both stores; 0 for none")
    parser.add_argument("--orders", type=int, default=300, help="how many orders, over both stores; 0 for none")
    parser.add_argument("--pairs", type=int, default=1, help="how many pairs of stores")
    parser.add_argument("--faults", type=Path, help="fault script for every store")
    parser.add_argument("--timezone", help="time zone of the WooCommerce stores")
    parser.add_argument("--plan", choices=("standard", "plus"), default="standard", help="Shopify plan")
    parser.add_argument("--development", action="store_true", help="Shopify takes five orders a minute")
    hpos = "WooCommerce keeps orders in tables of their own"
    parser.add_argument("--hpos", action=argparse.BooleanOptionalAction, default=True, help=hpos)
    parser.add_argument("--tax", action="store_true", help="WooCommerce charges taxes by rates of its own")
    parser.add_argument("--index-lag", type=float, default=0.0, help="seconds that Shopify's search index lags")
    parser.add_argument("--deferred-mails", type=float, default=0.0, help="seconds that WooCommerce defers its mails")
    parser.add_argument("--service-times", action="store_true", help="answer as slowly as measured stores")
    parser.add_argument("--json", action="store_true", help="print addresses and keys as JSON")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
