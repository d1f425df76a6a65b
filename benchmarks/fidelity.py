"""`python -m benchmarks.fidelity [--load DIR] [--orders N] [--create-as draft|order]`: what survives a migration.

Migrates all orders of a WooCommerce sandbox to Shopify and, as real orders, on into an empty WooCommerce store, and
holds each order against what became of it, field by field. Without `--load` the sandbox invents its messy orders.
"""

import argparse
import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from crossdock.bootstrap import Services, Settings, open_services
from crossdock.domain.difference import Group
from crossdock.domain.identity import text_key
from crossdock.domain.order import Order
from crossdock.jobs.requests import CompareRequest, SelectAll, SyncRequest
from crossdock.sandbox import serving
from crossdock.sandbox.options import SandboxOptions
from crossdock.sandbox.server import Sandbox, build_sandbox
from crossdock.sandbox.stores import SandboxPair

_HASTE = {
    "woocommerce_settle_seconds": 1,
    "shopify_settle_seconds": 1,
    "look_gap_seconds": 0.5,
    "mail_delay_seconds": 0,
    "finish_delay_seconds": 0,
    "bulk_poll_seconds": 0.05,
}
_OTHER = {"woocommerce": "shopify", "shopify": "woocommerce"}


def _lines(order: Order) -> list[tuple[str, str, int, str]]:
    """Describe the lines; a variant's name stands behind its product's, however a platform keeps them."""
    names = [" - ".join(filter(None, (line.title, line.variant_title))) for line in order.lines]
    return sorted(
        (text_key(name) or "", line.sku, line.quantity, str(line.total))
        for name, line in zip(names, order.lines, strict=True)
        if line.quantity
    )


FIELDS: Mapping[str, Callable[[Order], object]] = {
    "number": lambda order: order.number_key(),
    "date": lambda order: order.created_at,
    "paid at": lambda order: order.paid_at,
    "e-mail": lambda order: order.email_key(),
    "currency": lambda order: order.currency,
    "total": lambda order: order.total,
    "tax": lambda order: order.figures().amounts["tax"],
    "shipping": lambda order: order.figures().amounts["shipping"],
    "discount": lambda order: order.figures().amounts["discount"],
    "refunded": lambda order: order.figures().amounts["refund"],
    "prices include tax": lambda order: order.taxes_included,
    "status": lambda order: order.status_key().value,
    "has a customer": lambda order: bool(order.customer_id),
    "lines": _lines,
    "fees": lambda order: sorted((fee.title, str(fee.amount)) for fee in order.fees),
    "coupons": lambda order: sorted(coupon.code.lower() for coupon in order.coupons),
    "refunds": lambda order: sorted(str(refund.amount) for refund in order.refunds),
    "refund dates": lambda order: sorted(str(refund.created_at) for refund in order.refunds),
    "payment": lambda order: text_key(order.payment_title),
    "billing address": lambda order: order.billing.key if order.billing else None,
    "shipping address": lambda order: order.shipping.key if order.shipping else None,
    "note": lambda order: text_key(order.note),
    "phone": lambda order: "".join(letter for letter in order.phone if letter.isdigit()),
}


def changed_fields(pairs: Iterable[tuple[Order, Order]]) -> tuple[dict[str, int], dict[str, str]]:
    """Count by field how many orders have changed, with the ids and both values of the first."""
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for one, other in pairs:
        for name, value in FIELDS.items():
            if value(one) != value(other):
                counts[name] += 1
                examples.setdefault(name, f"{one.id}: {value(one)} → {value(other)}"[:160])
    return dict(counts.most_common()), examples


@asynccontextmanager
async def _joined(woo: SandboxPair, shopify: SandboxPair) -> AsyncGenerator[Services]:
    """Open the product over a WooCommerce store of one pair and a Shopify store of another."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.load(
            {},
            data_dir=Path(folder),
            woocommerce_url=woo.keys.woo_url,
            woocommerce_key=woo.keys.consumer_key,
            woocommerce_secret=woo.keys.consumer_secret,
            shopify_domain=shopify.keys.shopify_domain,
            shopify_token=shopify.keys.shopify_token,
            shopify_base_url=shopify.keys.shopify_base_url,
            **_HASTE,
        )
        async with open_services(settings) as services:
            yield services


async def _read_all(services: Services, platform: str, ids: Iterable[str]) -> dict[str, Order]:
    store = await services.connections.open("default", platform)
    wanted = list(ids)
    found: dict[str, Order] = {}
    for start in range(0, len(wanted), 100):
        found.update(await store.source("order").get(wanted[start : start + 100]))
    return found


def _counters(*pairs: SandboxPair) -> dict[str, Any]:
    shops: list[dict[str, Any]] = [dict(pair.woo.state()) for pair in pairs]
    others: list[dict[str, Any]] = [dict(pair.shopify.state()) for pair in pairs]
    return {
        "WooCommerce mails by kind": [one["mails"]["sent"] for one in shops],
        "Shopify mails": [one["mails"] for one in others],
        "stock changes": [one["stockChanges"] for one in (*shops, *others)],
        "money": [one["money"] for one in (*shops, *others)],
        "markers twice": [one["repeatedMarkers"] for one in (*shops, *others)],
        "default addresses left changed": [one["defaultAddressChanges"] for one in others],
        "WooCommerce orders by status": [one["ordersByStatus"] for one in shops],
    }


async def _leg(services: Services, source: str, create_as: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Compare, migrate all that is missing and compare again; gives the report and what became what."""
    runs = services.runs
    before = await runs.wait((await runs.start_compare(CompareRequest("order", source))).id)
    request = SyncRequest("order", source, SelectAll(before.id), options={"createAs": create_as})
    sync = await runs.wait((await runs.start_sync(request)).id)
    after = await runs.wait((await runs.start_compare(CompareRequest("order", source))).id)
    results = [row async for rows in runs.stream_results(sync.id) for row in rows]
    failures = Counter(row.code for row in results if not row.is_success)
    failed = {row.source_id for row in results if not row.is_success}
    missing = [row async for rows in runs.stream_differences(after.id, Group.ONLY_IN_SOURCE) for row in rows]
    differing = [row async for rows in runs.stream_differences(after.id, Group.FIELD_DIFFERENCES) for row in rows]
    report = {
        "states": [before.state, sync.state, after.state, sync.error_code],
        "before": {name: value for name, value in before.summary.items() if isinstance(value, int)},
        "sync": {name: sync.summary[name] for name in ("total", "succeeded", "failed", "alreadyThere")},
        "failures": dict(failures),
        "warnings": {one["code"]: one["count"] for one in sync.summary.get("warnings", [])},
        "reconciliation": sync.summary.get("reconciliation", []),
        "after": {name: value for name, value in after.summary.items() if isinstance(value, int)},
        "still missing without a failure": sorted(
            str(row["source_id"]) for row in missing if row["source_id"] not in failed
        ),
        "different after": dict(Counter(str(field) for row in differing for field in row["fields"])),
    }
    return report, {row.source_id: row.destination_id for row in results if row.is_success}


async def _hold(
    services: Services, source: str, became: Mapping[str, str], report: dict[str, Any]
) -> tuple[dict[str, Order], dict[str, Order]]:
    originals = await _read_all(services, source, became)
    copies = await _read_all(services, _OTHER[source], became.values())
    pairs = [(originals[one], copies[other]) for one, other in became.items() if one in originals and other in copies]
    report["changed fields"], report["first changed"] = changed_fields(pairs)
    return originals, copies


async def _measure(stores: Sandbox, spare: Sandbox, create_as: str) -> dict[str, Any]:
    full, empty = stores.pairs[0], spare.pairs[0]
    report: dict[str, Any] = {}
    async with _joined(full, full) as services:
        report["woocommerce to shopify"], became = await _leg(services, "woocommerce", create_as)
        originals, _ = await _hold(services, "woocommerce", became, report["woocommerce to shopify"])
    if create_as == "order":
        async with _joined(empty, full) as services:
            report["shopify to woocommerce"], again = await _leg(services, "shopify", create_as)
            _, copies = await _hold(services, "shopify", again, report["shopify to woocommerce"])
        chain = [(originals[one], copies[again[other]]) for one, other in became.items() if again.get(other) in copies]
        changed, first = changed_fields(chain)
        report["round trip"] = {"orders": len(chain), "changed fields": changed, "first changed": first}
    report["counters"] = _counters(full, empty)
    return report


def _serve_and_measure(chosen: argparse.Namespace) -> dict[str, Any]:
    # Stores of their own addresses: a store is known by its address, and two must not be taken for one.
    options = SandboxOptions(seed=chosen.seed, customers=chosen.customers, orders=chosen.orders, load=chosen.load)
    listeners = serving.listen(), serving.listen()
    stores = build_sandbox(serving.address_of(listeners[0]), options)
    spare = build_sandbox(serving.address_of(listeners[1]), SandboxOptions(seed=99, customers=0, orders=0))
    with serving.serving(stores.app, listeners[0]), serving.serving(spare.app, listeners[1]):
        return asyncio.run(_measure(stores, spare, chosen.create_as))


def main() -> None:
    """Measure and print the report as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fidelity")
    parser.add_argument("--load", type=Path, help="folder of WooCommerce REST records, *.jsonl.gz")
    parser.add_argument("--customers", type=int, default=200, help="how many people are invented")
    parser.add_argument("--orders", type=int, default=300, help="how many orders are invented")
    parser.add_argument("--seed", type=int, default=1, help="which are invented")
    parser.add_argument("--create-as", choices=("draft", "order"), default="order", help="what is made in Shopify")
    print(json.dumps(_serve_and_measure(parser.parse_args()), indent=2, default=str))


if __name__ == "__main__":
    main()
