"""Own the records of a real shop that a sandbox is filled with: a folder of files, and what they tell of the shop.

Each file is `<kind>.jsonl.gz` with one WooCommerce REST record a line; any may be missing, not all. Knows no store.
"""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal, cast

from crossdock.sandbox.woocommerce.sites import guess_timezone

Kind = Literal["customers", "orders", "products", "variations", "refunds"]
_KINDS: tuple[Kind, ...] = ("customers", "orders", "products", "variations", "refunds")
_SAMPLE = 1_000


@dataclass(frozen=True, slots=True)
class LoadedShop:
    """A folder of records, and how the shop that they came from is set up."""

    folder: Path
    timezone: str
    currency: str
    decimals: int

    def records(self, kind: Kind) -> Iterator[dict[str, Any]]:
        """Yield the records of a kind, line by line; none where the file is missing. Raises OSError or ValueError."""
        return _read(self.folder, kind)


def open_shop(folder: Path, *, timezone: str, currency: str) -> LoadedShop:
    """Look into a folder, guessing its shop from the first records; the arguments are for what they don't tell.

    Raises:
        OSError: the folder has none of the files, or one that can't be read.
        ValueError: a line is no record.

    """
    if not any(_file(folder, kind).exists() for kind in _KINDS):
        raise FileNotFoundError(f"{folder} holds no customers, orders or products (such as customers.jsonl.gz)")
    orders = list(islice(_read(folder, "orders"), _SAMPLE))
    dated = orders or islice(_read(folder, "customers"), _SAMPLE)
    currencies = Counter(str(order["currency"]) for order in orders if order.get("currency"))
    totals = [str(order["total"]).partition(".")[2] for order in orders if order.get("total")]
    return LoadedShop(
        folder=folder,
        timezone=guess_timezone(dated, timezone),
        currency=currencies.most_common(1)[0][0] if currencies else currency,
        decimals=max((len(decimals) for decimals in totals), default=2),
    )


def _file(folder: Path, kind: Kind) -> Path:
    return folder / f"{kind}.jsonl.gz"


def _read(folder: Path, kind: Kind) -> Iterator[dict[str, Any]]:
    if not _file(folder, kind).exists():
        return
    with gzip.open(_file(folder, kind), "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                record: object = json.loads(line)
                if not isinstance(record, dict):
                    raise ValueError(f"{kind}.jsonl.gz must hold one record a line")
                yield cast("dict[str, Any]", record)
