"""The pairs that a comparison has matched, which the product keeps but never lists.

Owns where they are read. It must not know what is expected of them.
"""

from crossdock.compare.differences import Differences
from crossdock.compare.listing import Listing, Row
from crossdock.compare.results import matches_file


def match_of(found: Differences, source_id: str) -> Row | None:
    """Give the pair of a matched source record: `destination_id`, `matched_by`, `warnings`."""
    return Listing(found._database, matches_file(found._result_dir)).first("*", "source_id = ?", source_id)
