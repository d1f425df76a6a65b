"""Own the orders of one store with their refunds and notes, and the indexes over them.

Knows no rule and no HTTP. An order is kept packed and unpacked for every reader, so that fifty thousand fit in memory
and nobody changes one without `put`.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from crossdock.sandbox.woocommerce.ledger.order import Note, Order, Refund

_UNPACK_ORDER = msgspec.msgpack.Decoder(Order)
_UNPACK_REFUND = msgspec.msgpack.Decoder(Refund)
_PACK = msgspec.msgpack.Encoder()


class Entry(NamedTuple):
    """What lists are chosen and sorted by, and the whole order packed."""

    id: int
    status: str
    customer_id: int
    created_at: int
    modified_at: int
    parent_id: int
    packed: bytes


class OrderBook:
    """All orders of a store; ids are shared with refunds and products, as posts share them."""

    def __init__(self) -> None:
        self.orphans: set[int] = set()
        self._entries: dict[int, Entry] = {}
        self._refunds: dict[int, bytes] = {}
        self._refunds_of: dict[int, list[int]] = {}
        self._notes: dict[int, list[Note]] = {}
        self._listings: dict[tuple[object, ...], list[Entry]] = {}
        self._last_id = 0
        self._last_item_id = 0
        self._last_meta_id = 0
        self._note_ids = itertools.count(1)

    def __len__(self) -> int:
        return len(self._entries)

    def next_id(self) -> int:
        """Return a fresh id, which nothing else gets any more."""
        self._last_id += 1
        return self._last_id

    def next_item_id(self) -> int:
        """Return a fresh id for a line."""
        self._last_item_id += 1
        return self._last_item_id

    def next_meta_id(self) -> int:
        """Return a fresh id for a row of meta."""
        self._last_meta_id += 1
        return self._last_meta_id

    def pass_ids(self, *, post: int = 0, item: int = 0, meta: int = 0) -> None:
        """Take ids as used, so that fresh ones lie above them."""
        self._last_id = max(self._last_id, post)
        self._last_item_id = max(self._last_item_id, item)
        self._last_meta_id = max(self._last_meta_id, meta)

    def has(self, order_id: int) -> bool:
        """Tell whether there is an order of that id."""
        return order_id in self._entries

    def get(self, order_id: int) -> Order | None:
        """Return a copy of an order, or None; `put` stores what was changed in it."""
        entry = self._entries.get(order_id)
        return unpack(entry) if entry else None

    def put(self, order: Order) -> None:
        """Store an order as it stands."""
        self._entries[order.id] = Entry(
            order.id,
            order.status,
            order.customer_id,
            order.created_at,
            order.modified_at,
            order.parent_id,
            _PACK.encode(order),
        )
        self._last_id = max(self._last_id, order.id)
        self._listings.clear()

    def remove(self, order_id: int) -> None:
        """Delete an order with its refunds and notes."""
        for refund_id in self._refunds_of.pop(order_id, []):
            self._refunds.pop(refund_id, None)
        self._entries.pop(order_id, None)
        self._notes.pop(order_id, None)
        self.orphans.discard(order_id)
        self._listings.clear()

    def entries(self) -> Iterator[Entry]:
        """Yield every order's entry."""
        return iter(self._entries.values())

    def listing(self, name: tuple[object, ...], make: Callable[[], list[Entry]]) -> list[Entry]:
        """Return a list under its name, made anew only after an order has changed."""
        if name not in self._listings:
            self._listings[name] = make()
        return self._listings[name]

    def entries_of(self, ids: list[int]) -> list[Entry]:
        """Return the entries of ids in their order, leaving out unknown ones and repetitions."""
        return [self._entries[one] for one in dict.fromkeys(ids) if one in self._entries]

    def refund(self, refund_id: int) -> Refund | None:
        """Return a copy of a refund, or None."""
        packed = self._refunds.get(refund_id)
        return _UNPACK_REFUND.decode(packed) if packed else None

    def put_refund(self, refund: Refund) -> None:
        """Store a refund under its order."""
        known = self._refunds_of.setdefault(refund.order_id, [])
        if refund.id not in known:
            known.append(refund.id)
        self._refunds[refund.id] = _PACK.encode(refund)
        self._last_id = max(self._last_id, refund.id)

    def remove_refund(self, refund: Refund) -> None:
        """Delete a refund."""
        self._refunds.pop(refund.id, None)
        self._refunds_of[refund.order_id].remove(refund.id)

    def refunds_of(self, order_id: int) -> list[Refund]:
        """Return an order's refunds, the newest first, as WooCommerce lists them."""
        ids = self._refunds_of.get(order_id, ())
        return [_UNPACK_REFUND.decode(self._refunds[one]) for one in sorted(ids, reverse=True)]

    def refund_ids(self) -> list[int]:
        """Return the ids of all refunds, the newest first."""
        return sorted(self._refunds, reverse=True)

    def notes(self, order_id: int) -> list[Note]:
        """Return an order's notes, oldest first."""
        return self._notes.get(order_id, [])

    def add_note(self, order_id: int, note: Note) -> Note:
        """Keep a note and give it its id."""
        note.id = next(self._note_ids)
        self._notes.setdefault(order_id, []).append(note)
        return note

    def remove_note(self, order_id: int, note: Note) -> None:
        """Delete a note."""
        self._notes[order_id].remove(note)

    def forget_customer(self, customer_id: int) -> None:
        """Make every order of a customer a guest's (§3.4)."""
        for entry in [entry for entry in self._entries.values() if entry.customer_id == customer_id]:
            order = unpack(entry)
            order.customer_id = 0
            self.put(order)

    def count_by_status(self) -> dict[str, int]:
        """Return how many orders each status has."""
        return dict(Counter(entry.status for entry in self._entries.values()))

    def markers(self) -> Counter[str]:
        """Return how often each `key=value` of a key that ends with `_source_id` stands on orders and refunds."""
        ending = "_source_id"
        found: Counter[str] = Counter()
        for entry in self._entries.values():
            if ending.encode() in entry.packed:
                found.update(f"{row.key}={row.value}" for row in unpack(entry).meta if row.key.endswith(ending))
        for packed in self._refunds.values():
            rows = _UNPACK_REFUND.decode(packed).meta
            found.update(f"{row.key}={row.value}" for row in rows if row.key.endswith(ending))
        return found

    def clear(self) -> None:
        """Forget everything and count from the start."""
        self.__init__()

    def refund_count(self) -> int:
        """Return how many refunds there are."""
        return len(self._refunds)


def unpack(entry: Entry) -> Order:
    """Return the order of an entry, a copy of its own."""
    return _UNPACK_ORDER.decode(entry.packed)
