"""What one comparison is asked to do, and what it leaves behind.

Owns the request (`CompareSpec`) and the summary file of a result. It must not know how records are matched.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from crossdock.compare.durable import write_whole
from crossdock.compare.kinds import CompareKind
from crossdock.compare.kinds.values import SqlValue
from crossdock.domain.difference import Counts, Group, Link
from crossdock.domain.errors import NotFoundError, StateError

SUMMARY = "summary.json"


@dataclass(frozen=True, slots=True)
class CompareSpec:
    """One comparison. All directories lie in the engine's work directory; `result_dir` belongs to this result alone.

    `links` are what the ledger says; the prefixes are those of markers that name a source or a destination record.
    `options` are parsed by the kind. `compared_fields` are the fields that both platforms can hold; `customer_role` is
    the role that a destination account has when it is a customer.
    """

    kind: CompareKind
    source_dir: Path
    destination_dir: Path
    result_dir: Path
    source_prefix: str
    destination_prefix: str
    options: Mapping[str, SqlValue]
    links: Iterable[Link] = ()
    compared_fields: frozenset[str] = field(default_factory=frozenset[str])
    customer_role: str = "customer"


class Summary(msgspec.Struct, frozen=True, rename="camel"):
    """The figures of a finished result.

    `rows` counts the rows of each group's list (a list may hold rows of both sides). `figures` are the kind's own, by
    their SQL names. `chart` has the missing records by month (`2024-01`; empty where the date is unknown), in order.
    """

    counts: Counts
    rows: dict[Group, int]
    figures: dict[str, int] = {}
    chart: tuple[tuple[str, int], ...] = ()


def save_summary(result_dir: Path, summary: Summary) -> None:
    """Declare a result finished."""
    write_whole(result_dir / SUMMARY, msgspec.json.encode(summary))


def load_summary(result_dir: Path) -> Summary:
    """Read the figures of a finished result.

    Raises:
        NotFoundError: there is no finished result.
        StateError: the file can't be read or is damaged.
    """
    path = result_dir / SUMMARY
    try:
        return msgspec.json.decode(path.read_bytes(), type=Summary)
    except FileNotFoundError as error:
        raise NotFoundError(
            "result_not_found", "This comparison has no result; it was not finished, or its files are gone."
        ) from error
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise StateError(
            "result_damaged", "The result of this comparison can't be read any more; compare again.", str(path)
        ) from error
