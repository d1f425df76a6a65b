"""Variants by SKU: all of a shop's, read once and remembered for a while.

Owns how they are read and for how long the answer is taken as true. It must not know what a variant is wanted for.

Source: Shopify Admin GraphQL API 2026-10, `ProductVariant.sku`: case-sensitive, not unique, often empty. Reading all of
them is cheaper than a search for each SKU, and no search index lags behind it.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from crossdock.connectors.shopify.bulk import BulkOperations
from crossdock.connectors.shopify.documents import load
from crossdock.connectors.shopify.gid import legacy_number
from crossdock.connectors.shopify.graphql import GraphQL
from crossdock.connectors.shopify.paging import Connection, Exports, walk

VARIANTS: Final = load("operations/variants.graphql")
VARIANTS_BULK: Final = load("operations/variants_bulk.graphql")

_GID: Final = "gid://shopify/ProductVariant/"
_MOST_SECONDS: Final = 600.0


class _Variant(msgspec.Struct):
    id: str
    sku: str | None = None


class _Page(msgspec.Struct, rename="camel"):
    product_variants: Connection


_VARIANT: Final = msgspec.json.Decoder(_Variant)


class VariantLookup:
    """Finds variants of one store. Above `bulk_threshold` variants they are read by an export.

    `clock` tells monotonic seconds; what was read serves for ten minutes.
    """

    def __init__(
        self,
        graphql: GraphQL,
        bulk: BulkOperations,
        *,
        bulk_threshold: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._graphql = graphql
        self._exports = Exports(bulk, VARIANTS_BULK, fits=_is_variant)
        self._bulk_threshold = bulk_threshold
        self._clock = clock
        self._lock = asyncio.Lock()
        # Numbers instead of ids, and no tuple where one variant has the SKU: a shop may have two million.
        self._numbers: dict[str, int | tuple[int, ...]] = {}
        self._read_at: float | None = None

    def forget(self) -> None:
        """Read again at the next question: a merchant may have added what was missing."""
        self._read_at = None

    async def by_sku(self, skus: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Give the ids of all variants with each of these SKUs; SKUs that none has are absent."""
        wanted = {sku for sku in skus if sku}
        if not wanted:
            return {}
        async with self._lock:
            if self._read_at is None or self._clock() - self._read_at > _MOST_SECONDS:
                self._numbers = await self._read()
                self._read_at = self._clock()
        found = {sku: self._numbers[sku] for sku in wanted if sku in self._numbers}
        return {sku: _ids(numbers) for sku, numbers in found.items()}

    async def _read(self) -> dict[str, int | tuple[int, ...]]:
        """Read pages; where these turn out to be many, begin again with an export if Shopify gives one."""
        numbers: dict[str, int | tuple[int, ...]] = {}
        seen, may_export = 0, True
        async for page, _ in walk(self._fetch, None, VARIANTS.name):
            _enter(numbers, page.nodes)
            seen += len(page.nodes)
            if may_export and seen >= self._bulk_threshold and page.page_info.has_next_page:
                exported = await self._exported()
                if exported is not None:
                    return exported
                may_export = False
        return numbers

    async def _exported(self) -> dict[str, int | tuple[int, ...]] | None:
        operation = await self._exports.make()
        if operation is None:
            return None
        numbers: dict[str, int | tuple[int, ...]] = {}
        async for lines, _ in self._exports.pages(operation):
            _enter(numbers, lines)
        return numbers

    async def _fetch(self, after: str | None) -> Connection:
        return (await self._graphql.query(VARIANTS, {"after": after}, _Page)).product_variants


def _enter(numbers: dict[str, int | tuple[int, ...]], raws: Iterable[msgspec.Raw]) -> None:
    for raw in raws:
        variant = _VARIANT.decode(raw)
        sku = (variant.sku or "").strip()
        if not sku:
            continue
        number, others = legacy_number(variant.id), numbers.get(sku)
        if others is None:
            numbers[sku] = number
        else:
            numbers[sku] = (*others, number) if isinstance(others, tuple) else (others, number)


def _ids(numbers: int | tuple[int, ...]) -> tuple[str, ...]:
    each = numbers if isinstance(numbers, tuple) else (numbers,)
    return tuple(f"{_GID}{number}" for number in each)


def _is_variant(line: bytes) -> bool:
    try:
        _VARIANT.decode(line)
    except msgspec.DecodeError:
        return False
    return True
