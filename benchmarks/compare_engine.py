"""How long a comparison takes against one scan of both snapshots with one hash join, and how fast its lists are read.

Run it with `python benchmarks/compare_engine.py [--kind orders] [--records N] [--pairs N] [--json]`. The records are
invented by DuckDB: four in five are in both stores, a tenth of those differ in a field, one in fifty has no e-mail. A
fifth of the orders of both stores have another number there, so that e-mail, total and time must find them, a tenth of
those an hour apart; each customer has four orders, two of them on one day for one price.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crossdock.compare.differences import Differences
from crossdock.compare.engine import CompareEngine
from crossdock.compare.export import export_group
from crossdock.compare.kinds import CompareKind
from crossdock.compare.kinds.customers import CUSTOMERS
from crossdock.compare.kinds.orders import ORDERS
from crossdock.compare.manifest import Manifest, Part, SnapshotMeta, save_manifest
from crossdock.compare.snapshot import PART_RECORDS
from crossdock.compare.spec import CompareSpec
from crossdock.compare.statement import compose
from crossdock.domain.difference import Group

PEOPLE = """
    select
        i::bigint as seq,
        $3 || i as id,
        '' as marker,
        case when i % 50 = 0 then null else email end as email_key,
        name_key || '\x1f' || phone as name_phone_key,
        false as is_guest,
        i % 3 = 0 as has_past_order,
        '' as role,
        timestamp '2015-01-01' + interval (h % 300000000) second as created_at,
        name_key,
        case when i % 10 = 0 then phone || $4 else phone end as phone_key,
        concat_ws('\x1f', 'street ' || h % 1000, 'city ' || h % 5000, h % 99999, 'GB') as address_key,
        case when h % 3 = 0 then 'subscribed' else 'not_subscribed' end as consent,
        'tag ' || h % 10 as tags_key,
        case when i % 50 = 0 then '' else email end as email,
        first_name,
        last_name,
        phone,
        'Street ' || h % 1000 || ', ' || h % 99999 || ' City ' || h % 5000 || ', GB' as address,
        'Tag ' || h % 10 as tags,
        (h % 20)::bigint as order_count
    from (
        select
            i, h,
            'person' || number || '@mail' || number % 100 || '.example.com' as email,
            'First' || h % 5000 as first_name,
            'Last' || h % 50000 as last_name,
            lower('First' || h % 5000 || ' Last' || h % 50000) as name_key,
            '+44' || 7000000000 + number as phone
        from (select i, i + $5 as number, hash(i + $5) as h from range($1, $2) as t(i))
    )
"""

SALES = """
    select
        i::bigint as seq,
        $3 || i as id,
        '' as marker,
        renumbered as number_key,
        lpad(renumbered, 40, '0') as number_order,
        renumbered as number,
        case when i % 50 = 0 then null else email end as email_key,
        case when i % 50 = 0 then '' else email end as email,
        '' as customer_id,
        'EUR' as currency,
        price as total,
        'EUR ' || price as total_key,
        price::decimal(38, 4) as total_amount,
        'EUR ' || price as paid_key,
        '' as presentment_total,
        '' as presentment_currency,
        timestamp '2015-01-01' + interval (customer_hash % 300000000 + number % 4 // 2 * 864000) second
            + interval (case when $4 <> '' and number % 50 = 7 then 3600 else 0 end) second as created_at,
        'completed' as status,
        'paid' as financial_status,
        'fulfilled' as fulfillment_status,
        'completed' as status_key,
        '0.00' as refunded,
        case when $4 <> '' and number % 10 = 1 then 'EUR 1.00' else '' end as refunded_key,
        (h % 5)::bigint as line_count,
        (h % 5)::bigint as comparable_line_count,
        false as is_draft,
        '' as became_id,
        false as is_test,
        '' as unknown
    from (
        select
            *,
            'person' || number // 4 || '@mail' || number // 4 % 100 || '.example.com' as email,
            hash(number // 4) as customer_hash,
            (customer_hash % 500 + number % 4 // 2)::varchar || '.90' as price,
            (case when $4 <> '' and number % 5 = 2 then number + 500000000 else number end)::varchar as renumbered
        from (select i, i + $5 as number, hash(i + $5) as h from range($1, $2) as t(i))
    )
"""


@dataclass(frozen=True)
class Subject:
    """What is measured: a kind, how its records are invented, its main key, and searches with many and few hits."""

    kind: CompareKind
    records: str
    key: str
    many_hits: str
    few_hits: str
    compared_fields: frozenset[str]


SUBJECTS = {
    "customers": Subject(
        CUSTOMERS,
        PEOPLE,
        "email_key",
        "person1",
        "last4711",
        frozenset({"name", "phone", "address", "consent", "tags"}),
    ),
    "orders": Subject(
        ORDERS,
        SALES,
        "number_key",
        "person1",
        "person47110@",
        frozenset({"total", "currency", "status", "email", "line_count", "refunds"}),
    ),
}


def invent(engine: CompareEngine, subject: Subject, directory: Path, records: int, *, shift: int) -> None:
    """Write a snapshot of `records` records whose numbers begin at `shift`; a shifted store is the destination."""
    id_prefix = "gid://shopify/Record/" if shift else ""
    directory.mkdir(parents=True)
    parts: list[Part] = []
    with engine.database.cursor() as cursor:
        for start in range(0, records, PART_RECORDS):
            part = Part(f"part-{len(parts) + 1:06}.parquet", min(PART_RECORDS, records - start))
            cursor.execute(
                f"copy ({subject.records}) to $6 (format parquet, compression zstd)",
                [start, start + part.records, id_prefix, id_prefix[:1], shift, str(directory / part.name)],
            )
            parts.append(part)
    meta = SnapshotMeta("invented", directory.name, subject.kind.record.name, datetime(2024, 1, 1, tzinfo=UTC))
    save_manifest(directory, Manifest(meta, tuple(parts), records, is_complete=True))


def scan_and_join(engine: CompareEngine, subject: Subject, directory: Path) -> float:
    """Time the yardstick: every column of both snapshots read once, and one hash join on the main key."""
    began = time.perf_counter()
    names = [column.name for column in subject.kind.columns]
    read = ", ".join(f"count({side}.{name})" for side in ("s", "d") for name in names)
    join = compose(
        "select {read} from read_parquet($1) as s join read_parquet($2) as d using ({key})", read=read, key=subject.key
    )
    with engine.database.cursor() as cursor:
        cursor.execute(join, [f"{directory}/source/*.parquet", f"{directory}/destination/*.parquet"]).fetchall()
    return time.perf_counter() - began


def compare(engine: CompareEngine, subject: Subject, directory: Path) -> float:
    """Time one comparison, results on disk."""
    began = time.perf_counter()
    summary = engine.compare(
        CompareSpec(
            kind=subject.kind,
            source_dir=directory / "source",
            destination_dir=directory / "destination",
            result_dir=directory / "result",
            source_prefix=f"a:shop:{subject.kind.record.name}:",
            destination_prefix=f"b:shop:{subject.kind.record.name}:",
            options=subject.kind.parse_options({}),
            compared_fields=subject.compared_fields,
        )
    )
    if not summary.counts.add_up():
        sys.exit("The counts do not add up.")
    return time.perf_counter() - began


def milliseconds(call: Callable[[], object], times: int = 20) -> tuple[float, float]:
    """Give the median and the 95th percentile of a warm call."""
    call()
    taken: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(taken), 1), round(statistics.quantiles(taken, n=20)[-1], 1)


def read_lists(differences: Differences, subject: Subject) -> dict[str, tuple[float, float]]:
    """Time pages, sorts and searches of the largest list."""
    missing = Group.ONLY_IN_SOURCE
    last = max(0, min(250_000, differences.summary.rows[missing]) - 50)
    calls: dict[str, Callable[[], object]] = {}
    for sort in subject.kind.sorts:
        calls[f"page 1 by {sort}"] = lambda sort=sort: differences.page(missing, sort=sort)
        calls[f"row {last} by {sort}"] = lambda sort=sort: differences.page(missing, sort=sort, offset=last)
    calls["search, many hits"] = lambda: differences.page(missing, search=subject.many_hits)
    calls["search, few hits"] = lambda: differences.page(missing, search=subject.few_hits)
    calls["filter"] = lambda: differences.page(missing, where={"createdAfter": "2020-01-01"})
    return {name: milliseconds(call) for name, call in calls.items()}


def peak_mebibytes() -> int:
    """Give the most memory that this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1024 if sys.platform != "darwin" else 1024 * 1024)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kind", choices=SUBJECTS, default="customers")
    arguments.add_argument("--records", type=int, default=1_000_000)
    arguments.add_argument("--pairs", type=int, default=5)
    arguments.add_argument("--shared", type=float, default=0.8, help="part of the records that are in both stores")
    arguments.add_argument("--memory-limit", default="512MB")
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    subject = SUBJECTS[given.kind]
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        engine = CompareEngine(directory, memory_limit=given.memory_limit, threads=2)
        shift = max(1, int(given.records * (1 - given.shared)))
        invent(engine, subject, directory / "source", given.records, shift=0)
        invent(engine, subject, directory / "destination", given.records, shift=shift)
        pairs = [
            (scan_and_join(engine, subject, directory), compare(engine, subject, directory)) for _ in range(given.pairs)
        ]
        differences = Differences(engine.database, subject.kind, directory / "result")
        figures: dict[str, object] = {
            "records a side": given.records,
            "processors": os.cpu_count(),
            "matched by": differences.summary.counts.matched_by,
            "only in source": differences.summary.counts.only_in_source,
            "field differences": differences.summary.counts.field_differences,
            "one scan and join, s": round(statistics.median(pair[0] for pair in pairs), 2),
            "compare, s": round(statistics.median(pair[1] for pair in pairs), 2),
            "ratio (aim: at most 4)": round(statistics.median(pair[1] / pair[0] for pair in pairs), 2),
            "peak, MiB (aim: at most 1024)": peak_mebibytes(),
            "lists, ms, median and p95": read_lists(differences, subject),
        }
        began = time.perf_counter()
        size = sum(map(len, export_group(differences, Group.ONLY_IN_SOURCE)))
        figures["CSV, MB and s"] = round(size / 1e6, 1), round(time.perf_counter() - began, 1)
        figures["peak with lists, MiB"] = peak_mebibytes()
        engine.close()
    print(json.dumps(figures, indent=None if given.json else 2))


if __name__ == "__main__":
    main()
