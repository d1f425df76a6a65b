"""Records of an answer, each read by itself, so that one that does not fit is told and spoils no other.

Owns how raw nodes become wire models and orders, or are named as unreadable. It must not know how they were asked for.
"""

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

import msgspec

from crossdock.connectors.contract import UnreadableRecord
from crossdock.connectors.shopify.orders import wire
from crossdock.domain.errors import UnmappableValueError
from crossdock.domain.order import Order

Node = TypeVar("Node", wire.Order, wire.Draft)


class _Identity(msgspec.Struct):
    id: str = ""


_IDENTITY: Final = msgspec.json.Decoder(_Identity)
_NOTHING: Final = frozenset({b"null", b"{}"})


def nodes_of(raws: Iterable[msgspec.Raw], shape: type[Node]) -> tuple[list[Node], list[UnreadableRecord]]:
    """Decode nodes; those that are null or of another type are left out."""
    decoder = msgspec.json.Decoder(shape)
    nodes: list[Node] = []
    unreadable: list[UnreadableRecord] = []
    for raw in raws:
        if bytes(raw) in _NOTHING:
            continue
        try:
            nodes.append(decoder.decode(raw))
        except (msgspec.DecodeError, ValueError) as error:
            # The decoder's words name a field and a type, never a value.
            reason = str(error) if isinstance(error, msgspec.ValidationError) else "The record is damaged."
            unreadable.append(UnreadableRecord(id_of(raw), reason))
    return nodes, unreadable


def records_of(nodes: Iterable[Node], read: Callable[[Node], Order]) -> tuple[list[Order], list[UnreadableRecord]]:
    """Put nodes into our words."""
    records: list[Order] = []
    unreadable: list[UnreadableRecord] = []
    for node in nodes:
        try:
            records.append(read(node))
        except UnmappableValueError as error:
            unreadable.append(UnreadableRecord(node.id, error.message))
    return records, unreadable


def id_of(raw: msgspec.Raw) -> str:
    """Give the id in a node; empty where it has none."""
    try:
        return _IDENTITY.decode(raw).id
    except msgspec.DecodeError:
        return ""
