"""Connections: the page arguments' rules, opaque cursors, and the page itself. Must not know what is paged.

Source: reference §1.4 (missing page size) and §1.5 (250 a page).
"""

import base64
import binascii
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from crossdock.sandbox.shopify.errors import bad_request
from crossdock.sandbox.shopify.records import Wire

MAX_PAGE: Final = 250
Key = tuple[object, int]


def page_size(args: Mapping[str, Wire]) -> int:
    """Answer the page size asked for.

    Raises:
        ShopError: neither or both of `first` and `last`, or out of 0 to 250.

    """
    first, last = args.get("first"), args.get("last")
    if first is None and last is None:
        raise bad_request("you must provide one of first or last")
    if first is not None and last is not None:
        raise bad_request("providing both first and last is not supported")
    name = "last" if first is None else "first"
    size: int = args[name]
    if size < 0:
        raise bad_request(f"{name} must not be negative")
    if size > MAX_PAGE:
        raise bad_request(f"{name} must be less than or equal to {MAX_PAGE}")
    return size


def encode_cursor(key: Key) -> str:
    """Make the opaque cursor of a row."""
    return base64.b64encode(msgspec.json.encode({"last_id": key[1], "last_value": str(key[0])})).decode()


def decode_cursor(cursor: str) -> tuple[str, int]:
    """Read a cursor made before.

    Raises:
        ShopError: the text is no cursor of ours.

    """
    try:
        read = msgspec.json.decode(base64.b64decode(cursor, validate=True))
        return str(read["last_value"]), int(read["last_id"])
    except (binascii.Error, msgspec.DecodeError, KeyError, TypeError, ValueError):
        raise bad_request("Invalid cursor for current pagination sort.") from None


def _sortable(key: Key) -> tuple[str, int]:
    # Rows sorted by id compare by number; for them the text is left out.
    return ("", key[1]) if isinstance(key[0], int) else (str(key[0]), key[1])


def connect(
    order: Sequence[Key],
    load: Callable[[Key], Wire],
    args: Mapping[str, Wire],
) -> dict[str, Wire]:
    """Cut the page that the arguments ask for out of rows in ascending order; `load` answers None for a row to skip."""
    size, is_by_number = page_size(args), bool(order) and isinstance(order[0][0], int)
    is_reverse = bool(args.get("reverse"))
    low, high = 0, len(order)
    for name, is_lower in (("after", not is_reverse), ("before", is_reverse)):
        if args.get(name) is not None:
            value, number = decode_cursor(args[name])
            mark = ("", number) if is_by_number else (value, number)
            if is_lower:
                low = bisect_right(order, mark, key=_sortable)
            else:
                high = bisect_left(order, mark, key=_sortable)
    is_backward = is_reverse != (args.get("last") is not None)
    steps: Iterator[int] = iter(range(high - 1, low - 1, -1) if is_backward else range(low, high))
    rows, has_more = _collect(order, load, steps, size)
    if args.get("last") is not None:
        rows.reverse()
        has_previous, has_next = has_more, args.get("before") is not None
    else:
        has_previous, has_next = args.get("after") is not None, has_more
    return _connection(rows, has_previous=has_previous, has_next=has_next)


def connect_list(rows: Sequence[Wire], args: Mapping[str, Wire]) -> dict[str, Wire]:
    """Cut a page out of a short list, in its own order."""
    order: list[Key] = [(position, position) for position in range(len(rows))]
    return connect(order, lambda key: rows[key[1]], args)


def _collect(
    order: Sequence[Key], load: Callable[[Key], Wire], steps: Iterator[int], size: int
) -> tuple[list[tuple[Key, Wire]], bool]:
    rows: list[tuple[Key, Wire]] = []
    for step in steps:
        row = load(order[step])
        if row is None:
            continue
        if len(rows) == size:
            return rows, True
        rows.append((order[step], row))
    return rows, False


def _connection(rows: list[tuple[Key, Wire]], *, has_previous: bool, has_next: bool) -> dict[str, Wire]:
    def edge(key: Key, row: Wire) -> dict[str, Wire]:
        def cursor(_info: object) -> str:
            return encode_cursor(key)

        return {"cursor": cursor, "node": row}

    def edges(_info: object) -> list[dict[str, Wire]]:
        return [edge(key, row) for key, row in rows]

    def page_info(_info: object) -> dict[str, Wire]:
        return {
            "hasNextPage": has_next,
            "hasPreviousPage": has_previous,
            "startCursor": encode_cursor(rows[0][0]) if rows else None,
            "endCursor": encode_cursor(rows[-1][0]) if rows else None,
        }

    # Edges, cursors and page information are built only where they are selected.
    return {"nodes": [row for _, row in rows], "edges": edges, "pageInfo": page_info}
