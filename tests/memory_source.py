"""A store's records from a list, read through the real `Source` contract, and comparisons of such lists.

The cursor is the number of records given. A source can be told to fail or to report a record as unreadable.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypedDict, TypeVar, Unpack

from crossdock.compare.differences import Differences
from crossdock.compare.engine import CompareEngine
from crossdock.compare.kinds import CompareKind, RowContext
from crossdock.compare.kinds.customers import CUSTOMERS
from crossdock.compare.kinds.orders import ORDERS
from crossdock.compare.manifest import Manifest, SnapshotMeta
from crossdock.compare.snapshot import read_snapshot
from crossdock.compare.spec import CompareSpec
from crossdock.connectors.contract import Page, UnreadableRecord
from crossdock.domain.customer import Customer
from crossdock.domain.difference import Link
from crossdock.domain.errors import StoreUnavailableError
from crossdock.domain.kinds import RecordKind
from crossdock.domain.order import Order

T = TypeVar("T")

SOURCE_PREFIX = "woocommerce:shop.example.com:customer:"
DESTINATION_PREFIX = "shopify:shop-example:customer:"


ORDER_SOURCE_PREFIX = "woocommerce:shop.example.com:order:"
ORDER_DESTINATION_PREFIX = "shopify:shop-example:order:"

ALL_FIELDS = frozenset(
    {"name", "phone", "address", "consent", "tags", "total", "currency", "status", "email", "line_count", "refunds"}
)


class HowToCompare(TypedDict, total=False):
    """What a test may say of a comparison beyond its records; all fields are compared unless it says which."""

    links: Iterable[Link]
    options: Mapping[str, object]
    compared_fields: frozenset[str]


class MemorySource(Generic[T]):
    """Gives `records` in pages; fails once when `fails_after` records have been given."""

    def __init__(
        self,
        kind: RecordKind,
        records: Sequence[T],
        *,
        page_size: int = 3,
        fails_after: int | None = None,
        unreadable: Sequence[UnreadableRecord] = (),
    ) -> None:
        self.kind = kind
        self.given = 0
        self._records = records
        self._page_size = page_size
        self._fails_after = fails_after
        self._unreadable = unreadable

    async def count(self) -> int | None:
        return len(self._records)

    async def read(self, cursor: str | None = None) -> AsyncIterator[Page[T]]:
        start = int(cursor or 0)
        for first in range(start, len(self._records), self._page_size):
            if self._fails_after is not None and first >= self._fails_after:
                raise StoreUnavailableError("store_unavailable", "The store can't be reached.")
            records = self._records[first : first + self._page_size]
            self.given += len(records)
            yield Page(records, str(first + len(records)), self._unreadable if first == 0 else ())

    async def get(self, ids: Sequence[str]) -> Mapping[str, T]:
        return {record_id: record for record in self._records if (record_id := getattr(record, "id", "")) in ids}


def _unheard(records: int) -> None:
    assert records >= 0


async def take_snapshot(
    engine: CompareEngine,
    kind: CompareKind,
    source: MemorySource[Any],
    directory: Path,
    *,
    store_key: str = "store",
    on_progress: Callable[[int], None] = _unheard,
    should_stop: Callable[[], bool] = lambda: False,
) -> Manifest:
    """Read a source into a snapshot, to its end unless it is stopped."""
    return await read_snapshot(
        source,
        directory,
        database=engine.database,
        kind=kind,
        meta=SnapshotMeta("memory", store_key, kind.record.name, datetime(2024, 1, 1, tzinfo=UTC)),
        context=RowContext("GB"),
        on_progress=on_progress,
        should_stop=should_stop,
    )


async def compare_records(
    engine: CompareEngine,
    directory: Path,
    kind: CompareKind,
    source: Sequence[Any],
    destination: Sequence[Any],
    **how: Unpack[HowToCompare],
) -> Differences:
    """Take a snapshot of both lists, compare them, and open the result."""
    for name, records in (("source", source), ("destination", destination)):
        await take_snapshot(engine, kind, MemorySource(kind.record, records), directory / name)
    engine.compare(
        CompareSpec(
            kind=kind,
            source_dir=directory / "source",
            destination_dir=directory / "destination",
            result_dir=directory / "result",
            source_prefix=ORDER_SOURCE_PREFIX if kind is ORDERS else SOURCE_PREFIX,
            destination_prefix=ORDER_DESTINATION_PREFIX if kind is ORDERS else DESTINATION_PREFIX,
            options=kind.parse_options(how.get("options", {})),
            links=how.get("links", ()),
            compared_fields=how.get("compared_fields", ALL_FIELDS),
        )
    )
    return Differences(engine.database, kind, directory / "result")


async def compare_customers(
    engine: CompareEngine,
    directory: Path,
    source: Sequence[Customer],
    destination: Sequence[Customer],
    **how: Unpack[HowToCompare],
) -> Differences:
    """Compare two lists of customers."""
    return await compare_records(engine, directory, CUSTOMERS, source, destination, **how)


async def compare_orders(
    engine: CompareEngine,
    directory: Path,
    source: Sequence[Order],
    destination: Sequence[Order],
    **how: Unpack[HowToCompare],
) -> Differences:
    """Compare two lists of orders."""
    return await compare_records(engine, directory, ORDERS, source, destination, **how)
