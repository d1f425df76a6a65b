"""Links on their way into a comparison.

Owns the table `links` that a kind's SQL reads. It must not know where links are kept.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from crossdock.domain.difference import Link


def load_links(execute: Callable[[str, list[object] | None], object], links: Iterable[Link], folder: Path) -> None:
    """Fill the table `links` through a file in `folder`, one link at a time, so that memory stays flat."""
    path = folder / ".links.ndjson"
    encoder = msgspec.json.Encoder()
    try:
        with path.open("wb") as file:
            for link in links:
                row = {
                    "source_id": link.source_id,
                    "destination_id": link.destination_id,
                    "linked_at": link.linked_at,
                }
                file.write(encoder.encode(row) + b"\n")
        execute(
            "create temp table links as select * from read_json($1, format = 'newline_delimited', columns = "
            "{'source_id': 'VARCHAR', 'destination_id': 'VARCHAR', 'linked_at': 'VARCHAR'})",
            [str(path)],
        )
    finally:
        path.unlink(missing_ok=True)
